"""The least that would have to change for a time to become bookable (SPEC C5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from holdfast.availability.rules import smallest_change
from holdfast.schedule.rules import Check

STARTS = datetime(2026, 11, 27, 10, 7, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=30)

GRID = Check("grid", False, {"before_at": "2026-11-27T10:00:00Z", "after_at": "2026-11-27T10:15:00Z"})
CLAIMED = Check("unclaimed", False, {"bookings": [{"reference": "AB-1"}]})
LATE = Check("fits_hours", False, {"ends_at": "2026-11-27T10:37:00Z", "closes_at": "2026-11-27T10:30:00Z"})
CLOSED = Check("open", False, {"on": "2026-11-27", "level": "business"})
PAST = Check("in_future", False)
FINE = Check("grid", True)


def changes(*explained: tuple[str, list[Check]]) -> Any:
    found = smallest_change(explained, starts_at=STARTS, ends_at=ENDS)
    return found and (found[0], [each.change for each in found[1]])


@pytest.mark.parametrize(
    ("explained", "least"),
    [
        ([("theo", [FINE])], None),
        ([("theo", [GRID]), ("amara", [FINE])], None),
        ([("theo", [CLAIMED]), ("amara", [LATE])], ("amara", ["close_later"])),
        ([("theo", [CLAIMED, GRID]), ("amara", [CLAIMED])], ("amara", ["move_bookings"])),
        ([("theo", [CLOSED]), ("amara", [CLAIMED])], ("amara", ["move_bookings"])),
        ([("theo", [GRID]), ("amara", [GRID])], ("theo", ["other_start"])),
        ([("theo", [PAST, GRID])], None),
        ([("theo", [PAST]), ("amara", [CLOSED, CLAIMED])], ("amara", ["open", "move_bookings"])),
        ([], None),
    ],
)
def test_the_least_change_wins_and_the_past_cannot_be_changed(explained: Any, least: Any) -> None:
    assert changes(*explained) == least


def facts(check: Check) -> dict[str, Any]:
    found = smallest_change([("theo", [check])], starts_at=STARTS, ends_at=ENDS)
    assert found is not None
    return found[1][0].facts


def test_each_change_says_to_what() -> None:
    assert facts(GRID) == {"starts_at": "2026-11-27T10:00:00Z"}
    assert facts(LATE) == {"closes_at": "2026-11-27T10:37:00Z"}
    assert facts(CLAIMED) == {"references": ["AB-1"]}
    assert facts(CLOSED)["opens_at"] == "2026-11-27T10:07:00Z"
    notice = Check("notice", False, {"earliest_notice_minutes": 60, "earliest_at": "2026-11-27T10:27:00Z"})
    assert facts(notice) == {"earliest_notice_minutes": 40}
    horizon = Check("horizon", False, {"furthest_ahead_days": 7, "latest_on": "2026-11-25"})
    assert facts(horizon) == {"furthest_ahead_days": 9}
