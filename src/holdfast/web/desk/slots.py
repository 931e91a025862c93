"""Published slots at the desk: the list by day, one slot with the people in it, and one change to many (SPEC C3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from holdfast.availability.queries import live_slot, live_slots
from holdfast.bookings.queries import day_of_bookings
from holdfast.businesses.rules import Action
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.schedule.commands import change_slot, change_slots, delete_slot
from holdfast.schedule.queries import SlotFacts, SlotFilter, slot_by_id
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.board import face_of
from holdfast.web.desk.card import name_of, visit_of
from holdfast.web.desk.fields import (
    Errors,
    Field,
    Mistakes,
    as_errors,
    choices,
    identity,
    summary,
    typed_date,
    whole_number,
)

_PAGE = 100
_NAMES = ("service", "resource", "from", "to", "status")
_NOBODY = "none"


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def slots(desk: Desk) -> HttpResponse:
    """Slots by day from today on, filtered; posted, one change to those ticked or to all that the filter means."""
    desk.require(Action.SEE_SETTINGS)
    if not slot_services(desk):
        return desk.render("desk/slots_none.html", {"section": "slots", "title": _("Slots")})
    if desk.request.method == "POST":
        return _change_many(desk)
    return _list(desk)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def slot(desk: Desk, slot: UUID) -> HttpResponse:
    """One slot: who is in it, its capacity, whether it is open, and its end."""
    desk.require(Action.SEE_SETTINGS)
    found = slot_by_id(business_id=desk.business.id, slot_id=slot)
    if desk.request.method != "POST":
        return _slot_page(desk, found)
    desk.require(Action.CHANGE_SLOTS)
    try:
        if desk.request.POST.get("do") == "delete":
            delete_slot(actor=desk.actor, business_id=desk.business.id, slot_id=slot)
            return to_slots(desk, {"from": found.local_on.isoformat()}, said="deleted")
        return _save(desk, found)
    except Conflict as refusal:
        return _slot_page(desk, found, refused=words.sentence(refusal))


def slot_services(desk: Desk) -> list[ServiceFacts]:
    """The services booked by slot, retired ones too: they may have slots."""
    return [service for service in desk.timetable.services.values() if service.mode == "slot"]


def to_slots(desk: Desk, query: Mapping[str, str], *, said: str, **facts: int) -> HttpResponse:
    """Back to the list, which then says what was done."""
    kept = {name: value for name, value in query.items() if value}
    numbers = {name: str(value) for name, value in facts.items()}
    base = reverse("desk:slots", args=[desk.business.slug])
    return redirect(f"{base}?{urlencode(kept | {'said': said} | numbers)}")


def _list(desk: Desk, *, errors: Errors | None = None, refused: str = "") -> HttpResponse:
    sent = desk.request.POST if desk.request.method == "POST" else desk.request.GET
    values = {name: sent.get(name, "").strip() for name in _NAMES}
    values["from"] = values["from"] or desk.today.isoformat()
    mistakes: Mistakes = {}
    wanted = _filter(values, mistakes)
    found: dict[str, Sequence[str]] = {**as_errors(mistakes), **(errors or {})}
    rows: list[SlotFacts] = []
    next_cursor = None
    if not mistakes:
        try:
            page = live_slots(
                business_id=desk.business.id,
                now=desk.now,
                wanted=wanted,
                cursor=sent.get("cursor", ""),
                limit=_PAGE,
            )
            rows, next_cursor = page.items, page.next_cursor
        except Invalid as refusal:
            found |= words.mistakes(refusal)
    base = reverse("desk:slots", args=[desk.business.slug])
    kept = {name: value for name, value in values.items() if value}
    context = {
        "section": "slots",
        "title": _("Slots"),
        "fields": _filters(desk, values, found),
        "kept": kept,
        "days": _days(desk, rows),
        "mistakes": summary(found),
        "refused": refused,
        "saved": _said(desk),
        "next_url": f"{base}?{urlencode(kept | {'cursor': next_cursor})}" if next_cursor else "",
        "is_narrow": bool(kept.keys() - {"from"}),
        "read_only": not desk.may(Action.CHANGE_SLOTS),
        "capacity_field": Field("capacity", _("Places each"), sent.get("capacity", ""), "number", least="1", most="10000"),
    }  # fmt: skip
    return desk.render("desk/slots.html", context, status=422 if found else 409 if refused else 200)


def _change_many(desk: Desk) -> HttpResponse:
    desk.require(Action.CHANGE_SLOTS)
    post = desk.request.POST
    values = {name: post.get(name, "").strip() for name in _NAMES}
    mistakes: Mistakes = {}
    wanted = _filter(values, mistakes)
    action = post.get("action", "")
    capacity = whole_number(post.get("capacity", ""), "capacity", mistakes) if action == "capacity" else None
    ids = [id for id in map(identity, post.getlist("slots")) if id is not None]
    everything = post.get("which") == "all"
    if not everything and not ids:
        mistakes[""] = [("no_slots", {})]
    if mistakes:
        return _list(desk, errors=as_errors(mistakes))
    try:
        done = change_slots(
            actor=desk.actor,
            business_id=desk.business.id,
            action=action,
            slot_ids=() if everything else ids,
            wanted=wanted if everything else None,
            capacity=capacity,
            leave_out=post.get("leave_out") == "on",
        )
    except Invalid as refusal:
        return _list(desk, errors=words.mistakes(refusal))
    except Conflict as refusal:
        return _list(desk, refused=words.sentence(refusal))
    return to_slots(desk, values, said="changed", changed=done.changed, left=len(done.left_out))


def _filter(values: Mapping[str, str], mistakes: Mistakes) -> SlotFilter:
    return SlotFilter(
        service_id=identity(values["service"]) if values["service"] else None,
        resource_id=identity(values["resource"]) if values["resource"] not in ("", _NOBODY) else None,
        without_resource=values["resource"] == _NOBODY,
        from_on=typed_date(values["from"], "from", mistakes, required=False),
        to_on=typed_date(values["to"], "to", mistakes, required=False),
        is_open={"open": True, "closed": False}.get(values["status"]),
    )


def _filters(desk: Desk, values: Mapping[str, str], errors: Errors) -> list[Field]:
    services = {"": _("All")} | {str(one.id): one.name for one in slot_services(desk)}
    owners = {"": _("All")} | resource_names(desk) | {_NOBODY: _("None")}
    states = {"": _("All"), "open": _("Open"), "closed": _("Closed")}

    def make(name: str, label: str, kind: str, options: Mapping[str, str] | None = None) -> Field:
        offered = choices(options, values[name]) if options else ()
        return Field(name, label, values[name], kind, choices=offered, errors=errors.get(name, ()))

    return [
        make("service", _("Service"), "select", services),
        make("resource", _("Where"), "select", owners),
        make("from", _("From"), "date"),
        make("to", _("To"), "date"),
        make("status", _("Status"), "select", states),
    ]


def resource_names(desk: Desk) -> dict[str, str]:
    """The resources that give a service by slot, by their ids as text."""
    ids = {id for service in slot_services(desk) for id in service.resource_ids}
    return {str(r.id): r.name for r in desk.timetable.resources.values() if r.id in ids}


def _days(desk: Desk, rows: Sequence[SlotFacts]) -> list[dict[str, Any]]:
    return [
        {"title": formats.day_in_full(on), "slots": [slot_row(desk, one) for one in group]}
        for on, group in groupby(rows, key=lambda row: row.local_on)
    ]


def slot_row(desk: Desk, slot: SlotFacts) -> dict[str, Any]:
    """A slot in words."""
    zone = desk.business.timezone
    starts, ends = formats.local(slot.starts_at, zone), formats.local(slot.ends_at, zone)
    service = desk.timetable.services[slot.service_id]
    resource = desk.timetable.resources.get(slot.resource_id) if slot.resource_id else None
    clock = _("%(starts)s to %(ends)s") % {"starts": formats.clock(starts), "ends": formats.clock(ends)}
    return {
        "id": slot.id,
        "clock": clock,
        "day": formats.day_in_full(slot.local_on),
        "service": service.name,
        "resource": resource.name if resource else "",
        "taken": slot.taken,
        "capacity": slot.capacity,
        "is_open": slot.is_open,
        "is_full": not slot.remaining,
        "is_past": slot.starts_at <= desk.now,
        "url": reverse("desk:slot", args=[desk.business.slug, slot.id]),
    }


def _said(desk: Desk) -> str:
    said, given = desk.request.GET.get("said", ""), desk.request.GET

    def number(name: str) -> int:
        text = given.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0

    if said == "changed":
        count = number("changed")
        line = ngettext("%(count)s slot changed.", "%(count)s slots changed.", count) % {"count": count}
        left = number("left")
        more = ngettext("%(count)s was left out.", "%(count)s were left out.", left) % {"count": left}
        return f"{line} {more}" if left else line
    if said == "created":
        count = number("created")
        return ngettext("%(count)s slot published.", "%(count)s slots published.", count) % {"count": count}
    return {"deleted": _("The slot is deleted."), "series": _("Saved.")}.get(said, "")


def _save(desk: Desk, found: SlotFacts) -> HttpResponse:
    mistakes: Mistakes = {}
    capacity = whole_number(desk.request.POST.get("capacity", ""), "capacity", mistakes)
    if mistakes:
        return _slot_page(desk, found, errors=as_errors(mistakes))
    wanted: dict[str, Any] = {
        "capacity": capacity,
        "is_open": desk.request.POST.get("status") != "closed",
        "resource_id": identity(desk.request.POST.get("resource", "")),
    }
    if "resource" not in desk.request.POST:
        del wanted["resource_id"]
    try:
        change_slot(actor=desk.actor, timetable=desk.timetable, slot_id=found.id, wanted=wanted)
    except Invalid as refusal:
        return _slot_page(desk, found, errors=words.mistakes(refusal))
    return redirect(f"{reverse('desk:slot', args=[desk.business.slug, found.id])}?saved=1")


def _slot_page(
    desk: Desk, found: SlotFacts, *, errors: Errors | None = None, refused: str = ""
) -> HttpResponse:
    found = live_slot(business_id=desk.business.id, slot=found, now=desk.now)
    errors = errors or {}
    sent = desk.request.POST
    row = slot_row(desk, found)
    may = desk.may(Action.CHANGE_SLOTS)
    states = {"open": _("Open"), "closed": _("Closed")}
    owners = {"": _("None")} | {
        str(id): desk.timetable.resources[id].name for id in desk.timetable.givers[found.service_id]
    }
    fields = [
        Field("capacity", _("Places"), sent.get("capacity", str(found.capacity)), "number", errors=errors.get("capacity", ()),
              required=True, least="1", most="10000", is_fixed=not may),
        Field("status", _("Status"), kind="select", choices=choices(states, "open" if found.is_open else "closed"), is_fixed=not may,
              hint=_("Closed, it keeps its people and takes no more.")),
    ]  # fmt: skip
    if not found.taken and len(owners) > 1:
        chosen = str(found.resource_id or "")
        fields.append(
            Field("resource", _("Where"), kind="select", choices=choices(owners, chosen), is_fixed=not may)
        )
    start = f"{found.starts_at.isoformat()} {found.id}"
    query = urlencode({"service": found.service_id, "date": found.local_on.isoformat(), "starts_at": start})
    context = {
        "section": "slots",
        "title": f"{row['day']}, {row['clock']}",
        "slot": row,
        "people": people_in(desk, found.id, found.local_on),
        "fields": fields,
        "mistakes": summary(errors),
        "refused": refused,
        "saved": _("Saved.") if desk.request.GET.get("saved") else "",
        "read_only": not may,
        "book_url": f"{reverse('desk:new', args=[desk.business.slug])}?{query}",
        "back_url": f"{reverse('desk:slots', args=[desk.business.slug])}?from={found.local_on.isoformat()}",
    }
    return desk.render("desk/slot.html", context, status=422 if errors else 409 if refused else 200)


def people_in(desk: Desk, slot_id: UUID, on: date) -> list[dict[str, Any]]:
    """Who is in a slot, in the order of booking, live holds too."""
    late = desk.business.settings.late_after_minutes
    return [
        {
            "name": name_of(booking),
            "places": booking.party_size,
            "status": words.FACES.get(face_of(visit_of(booking), desk.now, late), ""),
            "url": reverse("desk:booking", args=[desk.business.slug, booking.reference]),
        }
        for booking in sorted(
            day_of_bookings(business_id=desk.business.id, on=on, now=desk.now), key=lambda one: one.created_at
        )
        if booking.slot_id == slot_id
    ]
