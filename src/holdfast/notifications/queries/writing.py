"""Words become a letter: the business's own template where it has written one, the default of the language elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from holdfast.lib.refusals import Invalid
from holdfast.notifications.models import Template
from holdfast.notifications.queries.words import Words
from holdfast.notifications.rules import letters
from holdfast.notifications.rules.defaults import default_of, known_language
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.letters import Letter
from holdfast.notifications.rules.markup import button_html, details_html
from holdfast.notifications.rules.writing import Written, write

log = structlog.get_logger("holdfast.messages")


def source_of(*, business_id: UUID, event: str, language: str) -> Source:
    """What the letter of an event says in a language: as the business wrote it, else the default."""
    source = default_of(event, language)
    own = Template.objects.filter(business_id=business_id, event=event, language=known_language(language))
    for row in own:
        source = with_row(source=source, row=row)
    return source


def with_row(*, source: Source, row: Template) -> Source:
    """The source with what one row of a business says instead."""
    if row.channel == Template.Channel.SMS:
        return Source(source.subject, source.body, row.body)
    return Source(row.subject, row.body, source.sms)


def values_of(*, words: Words, facts: Any) -> dict[str, str]:
    """Everything the letter's variables stand for; ``facts`` knows the business."""
    return {
        "business": facts.business_name,
        "business_phone": facts.business_phone,
        "business_address": facts.business_address,
        "link": words.link,
        "details": details_html(words.rows),
        "button": button_html(words.link_label, words.link, words.others),
    } | words.values


def written(*, event: str, source: Source, values: dict[str, str], language: str) -> Written:
    """The letter's sentences. A template that cannot be read any more gives way to the default: the letter still goes."""
    try:
        return write(event, source, values)
    except Invalid as refusal:
        log.error("template_unreadable", template=event, fields=sorted(refusal.fields))
        return write(event, default_of(event, language), values)


def framed(*, parts: Written, facts: Any, language: str, without_file: bool) -> tuple[str, str]:
    """Text and HTML of a letter with what stands around its sentences: logo, code, file and signature. In the active
    language."""
    shown = {
        "facts": facts,
        "subject": parts.subject,
        "text": parts.text,
        # Made of a checked template and escaped values.
        "body": mark_safe(parts.html),  # noqa: S308
        "language": language,
        "without_file": without_file,
    }
    text = render_to_string("notifications/letter.txt", shown).strip() + "\n"
    return text, render_to_string("notifications/letter.html", shown)


def plain_letter(
    *,
    message_id: UUID,
    to: str,
    reply_to: str,
    language: str,
    event: str,
    source: Source,
    words: Words,
    facts: Any,
) -> Letter:
    """A letter without a calendar file. In the active language."""
    parts = written(event=event, source=source, values=values_of(words=words, facts=facts), language=language)
    text, html = framed(parts=parts, facts=facts, language=language, without_file=True)
    return Letter(
        message_id=message_id,
        to=to,
        from_name=facts.business_name,
        reply_to=reply_to,
        subject=letters.header(parts.subject),
        text=text,
        html=html,
        calendar=b"",
        calendar_method="REQUEST",
        short=parts.sms,
    )
