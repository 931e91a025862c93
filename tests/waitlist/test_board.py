"""What staff does with the line: who is called and seated, in which order, and what was said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from holdfast.core import clock
from holdfast.lib.refusals import Invalid
from holdfast.waitlist.commands import reorder_entry
from holdfast.waitlist.models import EntryChange
from holdfast.waitlist.queries import history_of_entry, ranked_entries, reason_given, waiting_count
from tests.cast import Shop
from tests.waitlist.line import person, wait

pytestmark = pytest.mark.django_db


def test_the_wait_somebody_was_quoted_is_kept(shop: Shop) -> None:
    entry = wait(shop, person("Ada"), days=0, actor=shop.actor(), walk_in=True, quoted=(15, 25))
    assert (entry.quoted_low, entry.quoted_high) == (15, 25)
    for wrong in ((20, 10), (-1, 5), (0, 24 * 60 + 1)):
        with pytest.raises(Invalid) as refusal:
            wait(shop, person("Ben"), days=0, actor=shop.actor(), quoted=wrong)
        assert set(refusal.value.fields) == {"quoted"}


def test_a_reason_is_sealed_in_the_history_and_read_by_colleagues_alone(shop: Shop) -> None:
    now = clock.now()
    first = wait(shop, person("Ada"), now=now - timedelta(days=2))
    last = wait(shop, person("Ben"), now=now - timedelta(hours=1))
    reorder_entry(
        actor=shop.actor(), timetable=shop.timetable, entry_id=last.id, reason="Ben's knee", now=now
    )
    assert [one.entry.id for one in ranked_entries(timetable=shop.timetable, now=now)] == [last.id, first.id]
    assert "knee" not in str(EntryChange.objects.get(action="reorder").details)
    changes = history_of_entry(business_id=shop.business_id, entry_id=last.id)
    assert [reason_given(entry_id=last.id, change=one) for one in changes] == ["", "Ben's knee"]
    assert reason_given(entry_id=first.id, change=replace(changes[1])) == ""
    assert waiting_count(business_id=shop.business_id) == 2
