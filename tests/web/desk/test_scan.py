"""The code on the customer's page, and what opens when the desk scans it (SPEC D5)."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from holdfast.accounts.commands import create_account
from holdfast.bookings.commands import cancel_booking, mark_no_show
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, manage_token
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.web.qr import QUIET_MODULES, check_in_url, qr_svg, scanned_booking_id
from tests.cast import Shop


def scan_path(shop: Shop, booking: BookingFacts) -> str:
    return check_in_url(slug=shop.slug, booking_id=booking.id).partition("/desk/")[2].join(["/desk/", ""])


def modules(svg: str) -> tuple[set[tuple[int, int]], int]:
    """The dark modules of a drawing, and how many stand in a row."""
    root = ET.fromstring(svg)
    edge, _, side, _ = map(int, root.attrib["viewBox"].split())
    assert edge == -QUIET_MODULES
    [path] = [part for part in root if part.tag.endswith("path")]
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path.attrib["d"])
    assert "".join(f"M{x} {y}h{w}v1h-{v}z" for x, y, w, v in runs) == path.attrib["d"]
    return {(int(x) + n, int(y)) for x, y, w, _ in runs for n in range(int(w))}, side - 2 * QUIET_MODULES


def test_the_drawing_is_the_code_with_a_white_margin() -> None:
    import qrcode

    text = "https://book.example.org/desk/fenwick/scan/abc"
    dark, side = modules(qr_svg(text))
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    matrix = code.get_matrix()
    assert side == len(matrix)
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark}
    root = ET.fromstring(qr_svg(text))
    assert root[0].attrib["fill"] == "#fff"


def test_the_manage_page_shows_a_code_that_names_nobody(
    shop: Shop, client: Client, dana_at_noon: BookingFacts
) -> None:
    token = manage_token(booking_id=dana_at_noon.id)
    page = client.get(reverse("manage", args=[token])).content.decode()
    assert f'src="/m/{token}/qr.svg"' in page
    answer = client.get(f"/m/{token}/qr.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert "no-store" in answer["Cache-Control"]
    url = check_in_url(slug=shop.slug, booking_id=dana_at_noon.id)
    assert answer.content.decode() == qr_svg(url)
    assert token not in url
    assert "Dana" not in url
    assert dana_at_noon.reference not in url


def test_the_code_opens_no_manage_page_and_the_manage_link_no_scan(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    code = scan_path(shop, dana_at_noon).rsplit("/", 1)[1]
    assert scanned_booking_id(code) == dana_at_noon.id
    assert Client().get(f"/m/{code}").status_code == 404
    token = manage_token(booking_id=dana_at_noon.id)
    assert staff.get(reverse("desk:scan", args=[shop.slug, token])).status_code == 404


def test_a_cancelled_booking_has_no_code(shop: Shop, client: Client, dana_at_noon: BookingFacts) -> None:
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=dana_at_noon.id, now=clock.now())
    token = manage_token(booking_id=dana_at_noon.id)
    assert client.get(f"/m/{token}/qr.svg").status_code == 404
    assert "qr.svg" not in client.get(f"/m/{token}").content.decode()


def test_a_wrong_personal_link_has_no_code(client: Client, shop: Shop) -> None:
    assert client.get(f"/m/{'A' * 43}/qr.svg").status_code == 404


def test_staff_scans_and_checks_in_with_one_button(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    page = staff.get(scan_path(shop, dana_at_noon))
    text = page.content.decode()
    assert page.context["may_check_in"]
    assert "Dana Guest" in text
    action = reverse("desk:step", args=[shop.slug, dana_at_noon.reference, "check-in"])
    assert f'action="{action}"' in text
    done = staff.post(action, {"sequence": dana_at_noon.sequence, "from": "page"}, follow=True)
    assert "Dana Guest is checked in." in done.content.decode()
    assert Booking.objects.get().state == "checked_in"
    again = staff.get(scan_path(shop, dana_at_noon)).content.decode()
    assert "Already checked in." in again
    assert f'action="{action}"' not in again


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (2, "This booking is for Sun 22 Nov, 12:00. It can be checked in from Sun 22 Nov, 00:00."),
        (-2, "This booking was for Wed 18 Nov, 12:00."),
    ],
)
def test_on_the_wrong_day_it_says_which_day(days: int, said: str, shop: Shop, staff: Client) -> None:
    booking = shop.book("12:00", days=days, now=shop.at("07:00", days - 1))
    page = staff.get(scan_path(shop, booking))
    assert said in page.content.decode()
    assert not page.context["may_check_in"]
    assert 'action="/desk/fenwick/b/' not in page.content.decode()


def test_what_is_off_says_so(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller
) -> None:
    missed = shop.book("13:00", days=0)
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=dana_at_noon.id, now=clock.now())
    assert "This booking is cancelled." in staff.get(scan_path(shop, dana_at_noon)).content.decode()
    friday.move_to(missed.ends_at)
    mark_no_show(actor=shop.actor(), business_id=shop.business_id, booking_id=missed.id, now=clock.now())
    assert "Marked as a no-show." in staff.get(scan_path(shop, missed)).content.decode()


def test_a_hold_is_not_checked_in(shop: Shop, staff: Client) -> None:
    from holdfast.bookings.commands import hold_time
    from holdfast.lib.actors import GUEST

    held = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("12:00", 0), now=clock.now())
    assert not staff.get(scan_path(shop, held)).context["may_check_in"]


def test_whoever_is_not_signed_in_learns_only_where_the_code_belongs(
    shop: Shop, client: Client, dana_at_noon: BookingFacts
) -> None:
    right = client.get(scan_path(shop, dana_at_noon))
    wrong = client.get(reverse("desk:scan", args=[shop.slug, "x"]))
    assert right.status_code == wrong.status_code == 200
    assert "Show this code at the desk" in right.content.decode()
    assert "Dana" not in right.content.decode()
    path = scan_path(shop, dana_at_noon)
    assert f"/accounts/login/?next={path.replace('/', '%2F')}" in right.content.decode()
    assert "no-store" in right["Cache-Control"]
    assert client.get(reverse("desk:scan", args=["nobody", "x"])).status_code == 404


def test_a_customer_who_is_signed_in_sees_the_same(
    shop: Shop, client: Client, dana_at_noon: BookingFacts
) -> None:
    client.force_login(create_account(email="dana@example.org", name="Dana"))
    page = client.get(scan_path(shop, dana_at_noon)).content.decode()
    assert "Show this code at the desk" in page
    assert "Staff sign-in" not in page


def test_another_business_finds_nothing(
    shop: Shop, other_shop: Shop, stranger: Client, staff: Client, dana_at_noon: BookingFacts
) -> None:
    assert stranger.get(scan_path(shop, dana_at_noon)).status_code == 404
    theirs = other_shop.book("12:00", days=0, actor=other_shop.actor(Role.STAFF))
    code = scan_path(other_shop, theirs).rsplit("/", 1)[1]
    assert staff.get(reverse("desk:scan", args=[shop.slug, code])).status_code == 404
    assert staff.get(reverse("desk:scan", args=[shop.slug, "x" * 43])).status_code == 404
