"""A letter's source and its values become subject, HTML, text and text message. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from holdfast.calendars.rules import one_line
from holdfast.notifications.rules import substitution
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.letters import header
from holdfast.notifications.rules.markup import text_of
from holdfast.notifications.rules.vocabulary import BLOCKS, EVENTS, SMS_LIMIT


@dataclass(frozen=True, slots=True)
class Written:
    """What is sent: one line, the HTML of the letter without its frame, its text, and the text message."""

    subject: str
    html: str
    text: str
    sms: str


def write(event: str, source: Source, values: Mapping[str, str]) -> Written:
    """The letter. Refusals: :class:`Invalid` for a source that :func:`vocabulary.check_source` would refuse to read."""
    html = substitution.render(_parsed(event, "body", source.body), values, _into_html).strip()
    return Written(
        subject=header(substitution.render(_parsed(event, "subject", source.subject), values, _into_line)),
        html=html,
        text=text_of(html),
        sms=header(substitution.render(_parsed(event, "sms", source.sms), values, _into_line), SMS_LIMIT),
    )


@lru_cache(maxsize=512)
def _parsed(event: str, field: str, source: str) -> tuple[substitution.Node, ...]:
    return substitution.parse(source, field=field, known=EVENTS[event].variables)


def _into_html(name: str, value: str) -> str:
    return value if name in BLOCKS else escape(value)


def _into_line(name: str, value: str) -> str:
    return "" if name in BLOCKS else one_line(value)
