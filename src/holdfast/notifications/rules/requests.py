"""Whether a message about a request is still true when it goes. Pure."""

from __future__ import annotations

from holdfast.notifications.rules.delivery import STANDING, Drop, Fate, Send

# Every kind of message about a request; what is accepted goes on like any booking.
REQUEST_KINDS = frozenset(
    {
        "requested",
        "unanswered",
        "countered",
        "accepted",
        "declined",
        "withdrawn",
        "expired",
        "option",
        "challenged",
    }
)
_STATES = {"declined": "declined", "withdrawn": "cancelled", "expired": "expired"}
_OFF = frozenset({"declined", "cancelled", "expired"})


def fate_of_request(
    kind: str,
    *,
    state: str,
    counter_is_open: bool,
    is_challenged: bool,
    rank: int,
    told_rank: int | None,
) -> Fate:
    """Whether a message about a request in this state should go.

    ``state`` is the booking's by the clock, ``rank`` that of its option now (0: none), ``told_rank`` the one the message
    speaks of.
    """
    if kind in _STATES:
        return Send() if state == _STATES[kind] else Drop("not_so_any_more")
    if kind == "accepted":
        return Send() if state in STANDING else Drop("not_booked")
    if kind == "requested":
        return Drop("answered") if state in _OFF else Send()
    if state != "requested":
        return Drop("answered")
    if kind == "unanswered" and (counter_is_open or rank):
        return Drop("answered")
    if kind == "countered" and not counter_is_open:
        return Drop("answered")
    if kind == "challenged" and not is_challenged:
        return Drop("not_so_any_more")
    if kind == "option" and rank != told_rank:
        return Drop("not_so_any_more")
    return Send()
