"""What an admin does when a customer asks for their data, or to be forgotten (SPEC K2)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.businesses.rules import Action
from holdfast.customers.queries import customer_by_id
from holdfast.lib.refusals import Conflict
from holdfast.privacy.commands import erase_person, export_person
from holdfast.web import person_data
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.recency import recently_signed_in


@recently_signed_in(reading=True)
@require_safe
@at_desk
def data(desk: Desk, person: UUID, kind: str) -> HttpResponse:
    """Everything about a customer, to be handed over: ``json`` for programs, ``html`` for people."""
    desk.require(Action.HANDLE_PRIVACY)
    held = export_person(actor=desk.actor, business_id=desk.business.id, customer_id=person)
    name = f"{desk.business.slug}-person-{desk.today.isoformat()}"
    if kind == "json":
        return person_data.json_file(held, name=name)
    return person_data.html_file(desk.request, held, name=name, tz=desk.timetable.tz)


@recently_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def erase(desk: Desk, person: UUID) -> HttpResponse:
    """What would be forgotten, the button, and afterwards what became of what."""
    desk.require(Action.HANDLE_PRIVACY)
    customer = customer_by_id(business_id=desk.business.id, customer_id=person)
    context = {
        "section": "bookings",
        "title": _("Forget this customer"),
        "customer": customer,
        "person_url": reverse("desk:person", args=[desk.business.slug, person]),
        "mistakes": [],
    }
    if desk.request.method != "POST":
        return desk.render("desk/person_erase.html", context)
    if not desk.request.POST.get("sure"):
        context["mistakes"] = [{"words": _("Tick the box: this cannot be taken back."), "anchor": "f-sure"}]
        return desk.render("desk/person_erase.html", context, status=422)
    try:
        found = erase_person(actor=desk.actor, business_id=desk.business.id, customer_id=person, now=desk.now)
    except Conflict as refusal:
        context["refused"] = words.sentence(refusal)
        return desk.render("desk/person_erase.html", context, status=409)
    context |= {"title": _("Forgotten"), "fates": person_data.fates(found), "customer": None}
    return desk.render("desk/person_erase.html", context)
