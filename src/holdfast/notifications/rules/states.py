"""What becomes of a message: from the queue to its reader, and never back (SPEC H4). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# How far a message has come. News arrives late, twice and in any order: the furthest counts.
# A mail that somebody opened can still come back (the mailbox behind a forward), and only read mail is reported as spam.
_ORDER = ("queued", "dropped", "sent", "failed", "delivered", "opened", "bounced", "complained")
_FAR = {state: far for far, state in enumerate(_ORDER)}
# Given up by our own queue: nobody has it yet, so "sent" is news.
_GIVEN_UP = 1.5

# States in which somebody at the desk should look.
UNREACHED = frozenset({"failed", "bounced", "complained"})
ARRIVED = frozenset({"delivered", "opened", "complained"})
GONE = frozenset({"sent", "delivered", "opened", "bounced", "complained"})
# What only a provider can know: "sent" says nothing new then.
BEYOND = frozenset({"failed", "delivered", "opened", "bounced", "complained"})

# News that a provider signed longer ago than this, or later than now, is refused: it may be a recording.
OLDEST_NEWS_SECONDS = 600


@dataclass(frozen=True, slots=True)
class News:
    """What a provider says about one message. ``is_final``: writing to that address again is in vain.

    ``detail`` is a code such as ``5.1.1``; ``event_id`` the provider's name for this piece of news.
    """

    message_id: UUID
    event_id: str
    what: str
    happened_at: datetime
    detail: str = ""
    is_final: bool = False


def state_after(state: str, what: str, *, was_sent: bool) -> str:
    """The state of a message once this is known of it; its own if that says nothing new.

    ``was_sent`` tells a failure that a provider reported from one of our own queue.
    """
    if what not in _FAR or what in ("queued", "dropped"):
        return state
    return what if _FAR[what] > _far(state, was_sent=was_sent) else state


def state_after_all(state: str, news: Iterable[str], *, was_sent: bool) -> str:
    """The state once all of this is known, whatever its order."""
    for what in news:
        fresh = state_after(state, what, was_sent=was_sent)
        was_sent = was_sent or fresh != state
        state = fresh
    return state


def suppression_for(news: News) -> str:
    """Why nothing more goes to the address after this; empty if that is not so."""
    if news.what == "complained":
        return "complained"
    return "bounced" if news.what == "bounced" and news.is_final else ""


def is_address_dead(code: int | None, said: str) -> bool:
    """Whether a mail server's refusal means that the address itself takes no mail (RFC 3463 5.1.1, 5.1.2, 5.1.3, 5.1.6,
    5.1.10, 5.2.1), and not that it does not like us, the content or the moment.
    """
    if code is None or not 500 <= code < 600:
        return False
    status = next((word for word in said[:40].split() if word.startswith("5.")), "")
    return status.strip(":;,") in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")


def is_fresh(signed_at: datetime, now: datetime) -> bool:
    """Whether something was signed lately enough to be believed."""
    return abs((now - signed_at).total_seconds()) <= OLDEST_NEWS_SECONDS


def _far(state: str, *, was_sent: bool) -> float:
    if state == "failed" and not was_sent:
        return _GIVEN_UP
    return _FAR.get(state, 0)
