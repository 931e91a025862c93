"""The state of the day, through the API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from tests.api.conftest import Api
from tests.cast import Shop

pytestmark = pytest.mark.django_db

# A Friday; London keeps UTC in November.
ELEVEN = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def test_the_api_tells_the_state_of_the_day(shop: Shop, guest: Api) -> None:
    with time_machine.travel(ELEVEN, tick=False):
        body = guest.get("/today").body
    assert body["open"] is True
    assert [each["status"] for each in body["staff"]] == ["free", "free"]
    assert body["services"] == [{"service": str(shop.cut.id), "starts_at": "2026-11-20T12:00:00Z"}]
    assert body["expected"] == 0
