"""The floor: which tables may stand together (SPEC B3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import Action
from holdfast.catalog.commands import (
    change_combination,
    create_combination,
    delete_combination,
    replace_adjacency,
)
from holdfast.catalog.queries import CombinationFacts, most_tables_of
from holdfast.lib.refusals import Invalid, Missing
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Choice, Errors, Field, Mistakes, as_errors, identity, whole_number
from holdfast.web.desk.floor_forms import table_label, tables_by_area
from holdfast.web.desk.settings_pages import saved, settings_page


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def floor(desk: Desk, combination: UUID | None = None) -> HttpResponse:
    """Combinations and neighbours on one page; an address with a combination opens it in the form."""
    item = _combination(desk, combination) if combination else None
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        act = _ACTS.get(desk.request.POST.get("do", "save"), _save)
        errors = act(desk, item)
        if not errors:
            return saved(desk, "floor")
    most = most_tables_of(chosen=desk.business.settings)
    context = {
        "rows": [_row(desk, one) for one in desk.timetable.floor.combinations],
        "pairs": _pairs(desk),
        "fields": _fields(desk, item, errors),
        "pair_fields": _pair_fields(desk, errors),
        "item": item,
        "has_tables": bool(_tables(desk)),
        "most_words": _("At most %(count)s tables together: see the booking rules.") % {"count": most},
    }
    return settings_page(
        desk,
        "desk/floor.html",
        "floor",
        _("Tables together"),
        context,
        action=Action.CHANGE_CATALOG,
        errors=errors,
    )


def _combination(desk: Desk, id: UUID) -> CombinationFacts:
    for one in desk.timetable.floor.combinations:
        if one.id == id:
            return one
    raise Missing(what="combination")


def _save(desk: Desk, item: CombinationFacts | None) -> Errors:
    """Create a combination or change the one in the form."""
    post = desk.request.POST
    mistakes: Mistakes = {}
    wanted: dict[str, Any] = {
        "name": post.get("name", ""),
        "tables": [id for id in map(identity, post.getlist("tables")) if id],
    }
    for name in ("seats_min", "seats_max"):
        if post.get(name, "").strip():
            wanted[name] = whole_number(post[name], name, mistakes)
    if mistakes:
        return as_errors(mistakes)
    business_id = desk.business.id
    try:
        if item:
            change_combination(
                actor=desk.actor, business_id=business_id, combination_id=item.id, wanted=wanted
            )
        else:
            create_combination(actor=desk.actor, business_id=business_id, wanted=wanted)
    except Invalid as refusal:
        return words.mistakes(refusal)
    return {}


def _delete(desk: Desk, item: CombinationFacts | None) -> Errors:
    id = item.id if item else identity(desk.request.POST.get("combination", ""))
    if id is None:
        raise Missing(what="combination")
    delete_combination(actor=desk.actor, business_id=desk.business.id, combination_id=id)
    return {}


def _add_pair(desk: Desk, _item: CombinationFacts | None) -> Errors:
    first, second = (identity(desk.request.POST.get(name, "")) for name in ("first", "second"))
    if first is None or second is None:
        return {"second": [words.mistake("required", {})]}
    pairs = [*desk.timetable.floor.neighbours, (first, second)]
    try:
        replace_adjacency(actor=desk.actor, business_id=desk.business.id, pairs=pairs)
    except Invalid as refusal:
        return {"second": [sentence for found in words.mistakes(refusal).values() for sentence in found]}
    return {}


def _remove_pair(desk: Desk, _item: CombinationFacts | None) -> Errors:
    gone = desk.request.POST.get("pair", "")
    pairs = [pair for pair in desk.timetable.floor.neighbours if _key(pair) != gone]
    replace_adjacency(actor=desk.actor, business_id=desk.business.id, pairs=pairs)
    return {}


_ACTS: dict[str, Callable[[Desk, CombinationFacts | None], Errors]] = {
    "save": _save,
    "delete": _delete,
    "add_pair": _add_pair,
    "remove_pair": _remove_pair,
}


def _key(pair: tuple[UUID, UUID]) -> str:
    return f"{pair[0]} {pair[1]}"


def _tables(desk: Desk) -> list[UUID]:
    found = [id for id, one in desk.timetable.resources.items() if one.kind == "table" and one.is_active]
    return tables_by_area(desk, found)


def _row(desk: Desk, one: CombinationFacts) -> dict[str, Any]:
    names = " + ".join(desk.timetable.resource(id).name for id in one.table_ids)
    seats = _("%(least)s to %(most)s people") % {"least": one.seats_min, "most": one.seats_max}
    is_used = len(one.table_ids) <= most_tables_of(chosen=desk.business.settings)
    return {
        "id": one.id,
        "name": one.name,
        "facts": f"{names} · {seats}",
        "is_used": is_used,
        "url": reverse("desk:combination", args=[desk.business.slug, one.id]),
    }


def _pairs(desk: Desk) -> list[dict[str, str]]:
    known = desk.timetable.resources
    return [
        {"key": _key(pair), "name": _("%(first)s beside %(second)s") % {"first": known[pair[0]].name, "second": known[pair[1]].name}}
        for pair in desk.timetable.floor.neighbours
    ]  # fmt: skip


def _fields(desk: Desk, item: CombinationFacts | None, errors: Errors) -> list[Field]:
    """The form of a combination, as typed if something has to be fixed."""
    sent = desk.request.POST if errors and desk.request.POST.get("do", "save") == "save" else None
    is_fixed = not desk.may(Action.CHANGE_CATALOG)
    chosen = (
        sent.getlist("tables") if sent is not None else [str(id) for id in (item.table_ids if item else ())]
    )

    def value(name: str) -> str:
        if sent is not None:
            return str(sent.get(name, ""))
        return str(getattr(item, name)) if item else ""

    def make(name: str, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
        return Field(
            name, label, value(name), kind, hint, errors=errors.get(name, ()), is_fixed=is_fixed, **more
        )

    boxes = [Choice(str(id), table_label(desk, id), str(id) in chosen) for id in _tables(desk)]
    seats = _("Left empty: as many as its tables together.")
    return [
        make("name", _("Name"), required=True, limit=120),
        Field("tables", _("Tables"), kind="boxes", choices=boxes, errors=errors.get("tables", ()), is_fixed=is_fixed),
        make("seats_min", _("Fewest people"), "number", least="1", most="10000"),
        make("seats_max", _("Most people"), "number", seats, least="1", most="10000"),
    ]  # fmt: skip


def _pair_fields(desk: Desk, errors: Errors) -> list[Field]:
    options = [Choice("", _("Choose a table"))] + [
        Choice(str(id), table_label(desk, id)) for id in _tables(desk)
    ]
    return [
        Field("first", _("Table"), kind="select", choices=options, errors=errors.get("first", ())),
        Field("second", _("Stands beside"), kind="select", choices=options, errors=errors.get("second", ())),
    ]
