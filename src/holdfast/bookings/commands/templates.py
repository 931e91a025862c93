"""A customer's saved event details, which fill the request form (SPEC B5). Their own, whatever their role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.errors import TooManyTemplates
from holdfast.bookings.models import RequestTemplate
from holdfast.bookings.queries.requests import TemplateFacts, template_facts
from holdfast.bookings.rules.requests import (
    ADDRESS_LIMIT,
    DETAILS_LIMIT,
    MOST_TEMPLATES,
    TEMPLATE_NAME_LIMIT,
    VENUE_LIMIT,
    clean_fee,
)
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Forbidden, Missing

_CLOCK = re.compile(r"(?:([01]\d|2[0-3]):[0-5]\d)?", re.ASCII)


@command
def save_template(
    *, actor: Actor, business_id: UUID, wanted: Mapping[str, Any], now: datetime
) -> TemplateFacts:
    """Keep event details under a name: ``name``, and any of ``venue_name``, ``venue_address``, ``details``, ``fee_minor``,
    ``from_time``, ``to_time`` (``HH:MM``).

    Refusals: :class:`Forbidden` for guests, :class:`Invalid`, :class:`TooManyTemplates`.
    """
    account_id = _account(actor)
    kept = RequestTemplate.objects.filter(business_id=business_id, account_id=account_id).count()
    if kept >= MOST_TEMPLATES:
        raise TooManyTemplates(most=MOST_TEMPLATES)
    row = RequestTemplate(business_id=business_id, account_id=account_id, created_at=now)
    for name in ("name", "venue_name", "venue_address", "details"):
        setattr(row, name, "")
    _write(row, {"name": "", **wanted})
    row.save(force_insert=True)
    return template_facts(row=row)


@command
def change_template(
    *, actor: Actor, business_id: UUID, template_id: UUID, wanted: Mapping[str, Any]
) -> TemplateFacts:
    """Change parts of a template. Refusals: :class:`Missing`, :class:`Forbidden` for guests, :class:`Invalid`."""
    row = _own(actor, business_id, template_id)
    _write(row, wanted)
    row.save()
    return template_facts(row=row)


@command
def delete_template(*, actor: Actor, business_id: UUID, template_id: UUID) -> None:
    """Forget a template. Refusals: :class:`Missing`, :class:`Forbidden` for guests."""
    _own(actor, business_id, template_id).delete()


def _account(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise Forbidden(action="keep_templates", needs="signed_in")
    return actor.account_id


def _own(actor: Actor, business_id: UUID, template_id: UUID) -> RequestTemplate:
    rows = RequestTemplate.objects.select_for_update().filter(
        business_id=business_id, account_id=_account(actor), id=template_id
    )
    row = rows.first()
    if row is None:
        raise Missing(what="template")
    return row


def _write(row: RequestTemplate, wanted: Mapping[str, Any]) -> None:
    mistakes: text.Mistakes = {}
    cleaned: dict[str, Any] = dict(wanted)
    lines = {"name": (TEMPLATE_NAME_LIMIT, True), "venue_name": (VENUE_LIMIT, False)}
    for name, (limit, required) in lines.items():
        if name in wanted:
            cleaned[name] = text.line(
                wanted[name], field=name, mistakes=mistakes, limit=limit, required=required
            )
    for name, limit in (("venue_address", ADDRESS_LIMIT), ("details", DETAILS_LIMIT)):
        if name in wanted:
            cleaned[name] = text.paragraphs(wanted[name], field=name, mistakes=mistakes, limit=limit)
    clean_fee(wanted.get("fee_minor"), "fee_minor", mistakes, required=False)
    for name in ("from_time", "to_time"):
        if not _CLOCK.fullmatch(wanted.get(name, "")):
            mistakes[name] = [("wrong_format", {})]
    text.refuse(mistakes)
    for name, value in cleaned.items():
        setattr(row, name, value)
