"""What came free, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from holdfast.core import clock
from holdfast.waitlist.models import Gap
from holdfast.waitlist.queries import gap_reports
from tests.cast import Shop

pytestmark = pytest.mark.django_db


def test_reports_of_gaps_go_on_after_the_last_one_seen(shop: Shop) -> None:
    now = clock.now()
    for hours in (1, 2, 3):
        Gap.objects.create(
            business_id=shop.business_id,
            starts_at=now,
            ends_at=now + timedelta(hours=1),
            cause="sweep",
            opened_at=now - timedelta(hours=hours),
        )
    question = {
        "actor": shop.actor(),
        "business_id": shop.business_id,
        "since": now - timedelta(days=1),
        "limit": 2,
    }
    first = gap_reports(**question)
    rest = gap_reports(**question, before=(first[-1].opened_at, first[-1].id))
    assert [now - one.opened_at for one in (*first, *rest)] == [timedelta(hours=n) for n in (1, 2, 3)]
