"""Who may sit at the desk: members of this business, each within their role (SPEC A4, J3)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from holdfast.accounts.commands import create_account
from holdfast.accounts.models import Account
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.models import Business
from holdfast.catalog.models import Resource, Service
from holdfast.schedule.models import DatedException, WeeklyHours
from holdfast.web.desk.urls import urlpatterns
from tests.cast import Shop

OF_ONE_BOOKING = ("booking", "request", "move", "move_back", "tables", "undo", "notes", "cancel_together")
POST_ONLY = {
    "money",
    "retry_refund",
    "waitlist_act",
    "cancel_together",
    "request_act",
    "step",
    "undo",
    "notes",
    "move_back",
    "resend",
}
NAMES = sorted(pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern) and pattern.name)


def address(name: str, shop: Shop, reference: str = "ABCDE") -> str:
    """The address of a page of the desk, with ids of this shop where it takes one."""
    ids = {
        "resource_hours": shop.theo.id,
        "resource": shop.theo.id,
        "service": shop.cut.id,
        "exception": uuid4(),
        "resend": uuid4(),
        "message": uuid4(),
        "person": uuid4(),
        "person_erase": uuid4(),
        "scan": "x" * 43,
        "questions": shop.cut.id,
        "new_question": shop.cut.id,
        "price_rule": uuid4(),
        "code": uuid4(),
        "slot": uuid4(),
        "rider": uuid4(),
        "combination": uuid4(),
        "waitlist_entry": uuid4(),
        "member": uuid4(),
        "token": uuid4(),
        "webhook": uuid4(),
        "webhook_delivery": uuid4(),
        "retry_refund": uuid4(),
    }
    if name == "home":
        return reverse("desk:home")
    if name == "step":
        return reverse("desk:step", args=[shop.slug, reference, "check-in"])
    if name == "request_act":
        return reverse("desk:request_act", args=[shop.slug, reference, "accept"])
    if name == "money":
        return reverse("desk:money", args=[shop.slug, reference, "take"])
    if name == "receipt":
        return reverse("desk:receipt", args=[shop.slug, reference, "html"])
    if name == "revenue":
        return reverse("desk:revenue", args=[shop.slug, "csv"])
    if name == "waitlist_act":
        return reverse("desk:waitlist_act", args=[shop.slug, uuid4(), "call"])
    if name in ("letter", "letter_preview"):
        return reverse(f"desk:{name}", args=[shop.slug, "booked", "en"])
    if name == "person_data":
        return reverse("desk:person_data", args=[shop.slug, uuid4(), "json"])
    if name == "question":
        return reverse("desk:question", args=[shop.slug, shop.cut.id, uuid4()])
    if name in OF_ONE_BOOKING:
        return reverse(f"desk:{name}", args=[shop.slug, reference])
    return reverse(f"desk:{name}", args=[shop.slug, *([ids[name]] if name in ids else [])])


def knock(client: Client, name: str, url: str, **headers: str):  # type: ignore[no-untyped-def]
    return client.post(url, headers=headers) if name in POST_ONLY else client.get(url, headers=headers)


# Whoever scans a code without a desk is told where it belongs (test_scan.py).
@pytest.mark.parametrize("name", [name for name in NAMES if name != "scan"])
def test_a_guest_is_sent_to_sign_in_from_every_page(name: str, shop: Shop, client: Client) -> None:
    url = address(name, shop)
    answer = knock(client, name, url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/desk/")


def test_a_fragment_asked_for_by_a_guest_sends_the_page_to_sign_in(shop: Shop, client: Client) -> None:
    page = f"http://testserver/desk/{shop.slug}/?date=2026-11-21"
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = client.get(reverse("desk:board", args=[shop.slug]), headers=headers)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"/accounts/login/?next=%2Fdesk%2F{shop.slug}%2F%3Fdate%3D2026-11-21"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "home"])
def test_every_page_of_another_business_is_not_found(
    name: str, shop: Shop, stranger: Client, dana_at_noon: BookingFacts
) -> None:
    answer = knock(stranger, name, address(name, shop, dana_at_noon.reference))
    assert answer.status_code == 404
    assert "Dana" not in answer.content.decode()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("home", "scan")])
def test_an_account_without_any_business_finds_nothing(
    name: str, shop: Shop, sign_in: Callable[[Account], Client]
) -> None:
    nobody = sign_in(
        create_account(email="nobody@example.org", name="Nobody", password="correct horse battery")
    )
    assert knock(nobody, name, address(name, shop)).status_code == 404


def test_a_booking_of_another_business_is_not_found_under_ones_own(
    stranger: Client, other_shop: Shop, dana_at_noon: BookingFacts
) -> None:
    for name in ("booking", "move", "undo", "notes", "step"):
        assert knock(stranger, name, address(name, other_shop, dana_at_noon.reference)).status_code == 404
    assert Booking.objects.get(id=dana_at_noon.id).state == "confirmed"


def test_a_resource_service_or_exception_of_another_business_is_not_found(
    stranger: Client, other_shop: Shop, shop: Shop
) -> None:
    for name in ("resource_hours", "resource", "service"):
        ids = {"resource_hours": shop.theo.id, "resource": shop.theo.id, "service": shop.cut.id}
        url = reverse(f"desk:{name}", args=[other_shop.slug, ids[name]])
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"name": "Mine now"}).status_code == 404
    assert Resource.objects.get(id=shop.theo.id).name == "Theo Marsh"
    assert Service.objects.get(id=shop.cut.id).name == "Classic cut"


def test_an_unknown_business_is_not_found(staff: Client) -> None:
    assert staff.get(reverse("desk:day", args=["no-such-place"])).status_code == 404


READABLE = [
    "profile",
    "rules",
    "hours",
    "resource_hours",
    "exceptions",
    "services",
    "service",
    "resources",
    "resource",
    "settings_waitlist",
    "settings_payments",
]


@pytest.mark.parametrize("name", READABLE)
def test_staff_may_read_the_settings(name: str, shop: Shop, staff: Client) -> None:
    page = staff.get(address(name, shop))
    assert page.status_code == 200
    assert "A manager can change it" in page.content.decode()


@pytest.mark.parametrize("name", [*READABLE, "new_service", "new_resource"])
def test_staff_may_not_change_the_settings(name: str, shop: Shop, staff: Client) -> None:
    before = (
        Business.objects.get(id=shop.business_id).version,
        list(WeeklyHours.objects.values_list("weekday", "opens", "closes")),
    )
    posted = {
        "name": "Taken over",
        "do": "template",
        "template": "24_7",
        "kind": "closed",
        "starts_on": "2026-11-21",
    }
    assert staff.post(address(name, shop), posted).status_code == 404
    assert not DatedException.objects.exists()
    assert before == (
        Business.objects.get(id=shop.business_id).version,
        list(WeeklyHours.objects.values_list("weekday", "opens", "closes")),
    )


def test_the_export_is_for_managers(
    shop: Shop, staff: Client, manager: Client, dana_at_noon: BookingFacts
) -> None:
    for name in ("export", "export_xlsx"):
        url = reverse(f"desk:{name}", args=[shop.slug])
        assert staff.get(url).status_code == 404
        answer = manager.get(url)
        assert answer.status_code == 200
        assert b"".join(answer)
        listed = reverse("desk:bookings", args=[shop.slug])
        assert url not in staff.get(listed).content.decode()
        assert url in manager.get(listed).content.decode()


def test_home_leads_to_the_only_business(shop: Shop, staff: Client) -> None:
    answer = staff.get(reverse("desk:home"))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("desk:day", args=[shop.slug])


def test_home_lists_several_businesses(shop: Shop, other_shop: Shop, bob: Account, staff: Client) -> None:
    from holdfast.businesses.commands import add_member
    from holdfast.lib.actors import Role
    from tests.cast import OPERATOR

    add_member(actor=OPERATOR, business_id=other_shop.business_id, account_id=bob.id, role=Role.MANAGER)
    page = staff.get(reverse("desk:home")).content.decode()
    assert "Fenwick" in page
    assert "Next Door" in page
    assert "Manager" in page


def test_home_says_what_to_do_without_a_business(db: None, sign_in: Callable[[Account], Client]) -> None:
    nobody = sign_in(
        create_account(email="nobody@example.org", name="Nobody", password="correct horse battery")
    )
    assert "No business yet" in nobody.get(reverse("desk:home")).content.decode()


def test_the_operator_sits_at_every_desk(shop: Shop, sign_in: Callable[[Account], Client]) -> None:
    operator = Account.objects.create_superuser("operator@example.org", "correct horse battery", name="Olive")
    page = sign_in(operator).get(reverse("desk:day", args=[shop.slug]))
    assert page.status_code == 200
    assert "Olive" in page.content.decode()


def test_access_ends_at_once_with_the_membership(shop: Shop, bob: Account, staff: Client) -> None:
    url = reverse("desk:day", args=[shop.slug])
    assert staff.get(url).status_code == 200
    bob.memberships.all().delete()
    assert staff.get(url).status_code == 404


@pytest.mark.parametrize("name", ["day", "board", "week", "new", "move", "bookings", "exceptions"])
@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31", "2026-02-30", "x" * 5000])
def test_no_date_breaks_a_page(
    name: str, date: str, shop: Shop, manager: Client, dana_at_noon: BookingFacts
) -> None:
    query = {"date": date, "from": date, "to": date, "starts_on": date}
    answer = manager.get(address(name, shop, dana_at_noon.reference), query)
    assert answer.status_code in (200, 422)
    sent = {
        "kind": "closed",
        "do": "save",
        "starts_on": date,
        "other_date": date,
        "other_time": "10:00",
        "date": date,
    }
    sent |= {"name": "Erin", "override_reason": "Time travel"}
    if name in ("new", "move", "exceptions"):
        assert manager.post(address(name, shop, dana_at_noon.reference), sent).status_code in (302, 422)


def test_pages_of_the_desk_are_never_kept(shop: Shop, staff: Client) -> None:
    assert "no-store" in staff.get(reverse("desk:day", args=[shop.slug]))["Cache-Control"]
