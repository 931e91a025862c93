"""Whether a message to somebody who waits is still true when it would go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from holdfast.notifications.rules.delivery import Drop, Fate, Send, Wait
from holdfast.notifications.rules.waiting import WAITING_KINDS, fate_of_waiting
from holdfast.waitlist.models import Entry

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MORNING = NOW + timedelta(hours=3)


@pytest.mark.parametrize(
    ("kind", "entry_state", "more", "fate"),
    [
        ("joined", "waiting", {}, Send()),
        ("joined", "called", {}, Send()),
        ("joined", "left", {}, Drop("not_waiting")),
        ("joined", "booked", {}, Drop("not_waiting")),
        ("offer", "waiting", {"offer_state": "pending"}, Send()),
        ("offer", "waiting", {"offer_state": "expired"}, Drop("offer_late")),
        ("offer", "waiting", {"offer_state": "declined"}, Drop("offer_over")),
        ("offer", "waiting", {"offer_state": "withdrawn"}, Drop("offer_over")),
        ("offer", "booked", {"offer_state": "accepted"}, Drop("offer_over")),
        ("offer_over", "waiting", {"offer_state": "expired"}, Send()),
        ("offer_over", "waiting", {"offer_state": "withdrawn"}, Send()),
        ("offer_over", "waiting", {"offer_state": "expired", "has_another": True}, Drop("offered_again")),
        ("offer_over", "waiting", {"offer_state": "expired", "was_told": False}, Drop("not_told")),
        ("offer_over", "expired", {"offer_state": "expired"}, Drop("not_waiting")),
        ("offer_over", "booked", {"offer_state": "withdrawn"}, Drop("not_waiting")),
        ("called", "called", {"told_at": NOW, "called_at": NOW}, Send()),
        ("called", "called", {"told_at": NOW, "called_at": MORNING}, Drop("called_again")),
        ("called", "booked", {"told_at": NOW, "called_at": NOW}, Drop("seated")),
        ("called", "no_show", {"told_at": NOW, "called_at": NOW}, Drop("not_waiting")),
        ("called", "waiting", {"told_at": NOW}, Drop("not_called")),
        ("off", "removed", {}, Send()),
        ("off", "expired", {}, Send()),
        ("off", "waiting", {}, Drop("waits_again")),
    ],
)
def test_each_message_knows_when_it_is_true(
    kind: str, entry_state: str, more: dict[str, Any], fate: Fate
) -> None:
    assert fate_of_waiting(kind, entry_state=entry_state, **more) == fate


@pytest.mark.parametrize("kind", sorted(WAITING_KINDS))
@pytest.mark.parametrize("entry_state", Entry.State.values)
def test_of_all_messages_only_a_wait_that_ended_by_itself_waits_for_the_morning(
    kind: str, entry_state: str
) -> None:
    fate = fate_of_waiting(
        kind,
        entry_state=entry_state,
        offer_state="pending",
        told_at=NOW,
        called_at=NOW,
        quiet_until=MORNING,
    )
    waits = (kind, entry_state) == ("off", "expired")
    assert (fate == Wait(MORNING)) is waits
    assert isinstance(fate, Wait) is waits
