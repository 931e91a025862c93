"""Whether a message to somebody on the waitlist is still true when it goes (SPEC F3, H1). Pure."""

from __future__ import annotations

from datetime import datetime

from holdfast.notifications.rules.delivery import Drop, Fate, Send, Wait

# Every kind of message about an entry; what comes of an offer that was accepted goes on like any booking.
WAITING_KINDS = frozenset({"joined", "offer", "offer_over", "called", "off"})
_WAITS = frozenset({"waiting", "called"})
# How an entry ends without the person having done it: they are told.
TOLD_WHEN_OFF = frozenset({"removed", "expired"})


def fate_of_waiting(
    kind: str,
    *,
    entry_state: str,
    offer_state: str = "",
    was_told: bool = True,
    has_another: bool = False,
    told_at: datetime | None = None,
    called_at: datetime | None = None,
    quiet_until: datetime | None = None,
) -> Fate:
    """Whether a message about an entry in this state should go now.

    ``offer_state`` is that of the offer the message speaks of, by the clock; ``was_told`` whether the letter of that
    offer went; ``has_another`` whether there is another one out. ``told_at`` is the call that the message speaks of,
    ``called_at`` the latest. ``quiet_until`` is the end of the quiet hours that now lies in: only a wait that ended by
    itself, at night, waits for it. All else answers an action, or is about an offer, and none is made in quiet hours.
    """
    if kind == "off":
        if entry_state not in TOLD_WHEN_OFF:
            return Drop("waits_again")
        return Wait(quiet_until) if quiet_until is not None and entry_state == "expired" else Send()
    if kind == "offer":
        return _fate_of_offer(offer_state)
    if kind == "called" and entry_state == "booked":
        return Drop("seated")
    if entry_state not in _WAITS:
        return Drop("not_waiting")
    if kind == "called":
        if entry_state != "called":
            return Drop("not_called")
        return Send() if told_at == called_at else Drop("called_again")
    if kind == "offer_over":
        if not was_told:
            return Drop("not_told")
        return Drop("offered_again") if has_another else Send()
    return Send()


def _fate_of_offer(state: str) -> Fate:
    if state == "pending":
        return Send()
    return Drop("offer_late" if state == "expired" else "offer_over")
