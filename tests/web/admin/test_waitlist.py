"""The waitlist in the operator's admin: read, found by the person, ended by commands."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from holdfast.catalog.models import Service
from holdfast.core import clock
from holdfast.customers.models import Customer
from holdfast.waitlist.commands import offer_by_hand
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries import history_of_entry
from tests.cast import Shop
from tests.waitlist.line import person, wait
from tests.web.admin.test_forms import send

Act = Callable[..., str]


def test_somebody_is_found_by_their_address_and_taken_off_once(
    shop: Shop, operator: Client, act: Act
) -> None:
    entry = wait(shop, person("Ada"))
    wait(shop, person("Ben"))
    found = operator.get("/admin/waitlist/entry/", {"q": "ada@example.org"}).content.decode()
    assert ("Ada Waiting" in found, "Ben Waiting" in found) == (True, False)
    assert "Done for 1." in act("waitlist/entry", "take_off", [entry.id])
    assert Entry.objects.get(id=entry.id).state == "removed"
    last = history_of_entry(business_id=shop.business_id, entry_id=entry.id)[-1]
    assert (last.action, last.actor, last.via) == ("remove", "Olga Operator", "admin")
    assert "they are not on the list" in act("waitlist/entry", "take_off", [entry.id])


def test_an_offer_is_withdrawn_once(shop: Shop, act: Act) -> None:
    entry = wait(shop, person("Ada"))
    offer = offer_by_hand(
        actor=shop.actor(), timetable=shop.timetable, entry_id=entry.id, service_id=shop.cut.id,
        starts_at=shop.at("15:00"), now=clock.now(),
    )  # fmt: skip
    assert "Done for 1." in act("waitlist/offer", "withdraw", [offer.id])
    assert Offer.objects.get().state == "withdrawn"
    assert "This offer is over." in act("waitlist/offer", "withdraw", [offer.id])


def test_a_customers_tier_is_changed_with_their_notes(shop: Shop, operator: Client) -> None:
    entry = wait(shop, person("Ada"))
    path = f"customers/customer/{entry.customer_id}/change"
    assert send(operator, path, tier="3", notes="Since 2019")[0] == 302
    row = Customer.objects.get()
    assert (row.tier, row.notes) == (3, "Since 2019")
    status, page = send(operator, path, tier="4", notes="")
    assert status == 200
    assert 'id="id_tier_error"' in page
    assert Customer.objects.get().tier == 3


def test_a_service_is_closed_to_waiting_and_capped(shop: Shop, operator: Client) -> None:
    page = operator.get(f"/admin/catalog/service/{shop.cut.id}/change/")
    form = page.context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in shown.items() if value is not None and value is not False}
    sent |= {"waitlist_limit": "7", "given_by": [str(shop.theo.id), str(shop.amara.id)]}
    del sent["waitlist_open"]
    assert send(operator, f"catalog/service/{shop.cut.id}/change", **sent)[0] == 302
    row = Service.objects.get()
    assert (row.waitlist_open, row.waitlist_limit) == (False, 7)
