"""The business next door sees and touches nothing (SPEC A4), and nobody reads personal data in the database (K1)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from holdfast.availability.queries import explain, open_times
from holdfast.bookings import commands
from holdfast.bookings.commands import Details, Wish
from holdfast.bookings.models import BookingChange
from holdfast.bookings.queries import (
    BookingFacts,
    BookingFilter,
    booking_by_id,
    booking_by_reference,
    day_of_bookings,
    every_booking,
    find_booking,
    history_of,
    list_bookings,
)
from holdfast.core import clock
from holdfast.customers.models import Customer
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Missing
from tests.bookings.evidence import history, rows
from tests.cast import DANA, Shop

SECRET = Contact("Xanthippe Quillfeather", "xanthippe.q@example.org", "07700 900777")
NOTES = "Wears a marvellous wig"


@pytest.fixture
def booking(shop: Shop) -> BookingFacts:
    return shop.book(resource=shop.theo)


Stranger = Callable[..., object]
TIMED: dict[str, Stranger] = {
    "move": lambda **call: commands.move_booking(starts_at=call["now"], **call),
    "cancel": commands.cancel_booking,
    "undo": commands.undo_change,
}
AT_THE_DESK: dict[str, Stranger] = {
    "check_in": commands.check_in,
    "complete": commands.complete,
    "no_show": commands.mark_no_show,
    "notes": lambda **call: commands.change_notes(notes="mine now", **call),
}


@pytest.mark.parametrize("name", [*TIMED, *AT_THE_DESK])
@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_another_business_changes_nothing_in_its_own_name_or_in_ours(
    shop: Shop, other_shop: Shop, booking: BookingFacts, name: str, role: Role
) -> None:
    stranger = other_shop.actor(role)
    call: dict[str, Any] = {"actor": stranger, "booking_id": booking.id, "now": booking.starts_at}
    for place in (shop, other_shop):
        where: dict[str, Any] = (
            {"timetable": place.timetable} if name in TIMED else {"business_id": place.business_id}
        )
        with pytest.raises(Missing):
            (TIMED | AT_THE_DESK)[name](**call, **where)
    assert history(booking.id) == ["book"]
    assert booking_by_id(business_id=shop.business_id, booking_id=booking.id) == booking


def test_even_the_holder_reaches_a_booking_only_through_its_business(
    other_shop: Shop, booking: BookingFacts
) -> None:
    with pytest.raises(Missing):
        commands.cancel_booking(
            actor=GUEST.holding(booking.id),
            timetable=other_shop.timetable,
            booking_id=booking.id,
            now=clock.now(),
        )


def test_another_business_finds_nothing(shop: Shop, other_shop: Shop, booking: BookingFacts) -> None:
    there = other_shop.business_id
    with pytest.raises(Missing):
        booking_by_id(business_id=there, booking_id=booking.id)
    with pytest.raises(Missing):
        booking_by_reference(business_id=there, reference=booking.reference)
    with pytest.raises(Missing):
        find_booking(business_id=there, reference=booking.reference, email=DANA.email)
    assert history_of(business_id=there, booking_id=booking.id) == []
    assert day_of_bookings(business_id=there, on=booking.local_on, now=clock.now()) == []
    assert list(every_booking(business_id=there, now=clock.now())) == []
    for text in ("", DANA.email, DANA.phone, "dana", booking.reference):
        wanted = BookingFilter(text=text, customer_id=booking.customer_id if text == "" else None)
        assert list_bookings(business_id=there, now=clock.now(), wanted=wanted).items == []


def test_nothing_is_booked_across_businesses(shop: Shop, other_shop: Shop) -> None:
    before = rows()
    wishes = {
        "service": Wish(other_shop.cut.id, shop.at()),
        "resource": Wish(shop.cut.id, shop.at(), other_shop.theo.id),
    }
    for what, wish in wishes.items():
        call: dict[str, Any] = {"timetable": shop.timetable, "wish": wish, "now": clock.now()}
        for ask in (
            lambda call: commands.book(actor=GUEST, details=Details(DANA), **call),
            lambda call: commands.hold_time(actor=GUEST, **call),
            lambda call: explain(actor=GUEST, **call),
        ):
            with pytest.raises(Missing) as refused:
                ask(call)
            assert refused.value.facts == {"what": what}
    with pytest.raises(Missing):
        open_times(
            timetable=shop.timetable,
            service_id=shop.cut.id,
            resource_id=other_shop.theo.id,
            first=shop.at().date(),
            last=shop.at().date(),
            now=clock.now(),
        )
    assert rows() == before


def test_staff_of_another_business_does_not_book_here_as_staff(shop: Shop, other_shop: Shop) -> None:
    with pytest.raises(Missing):
        shop.book(actor=other_shop.actor())


def test_a_booking_of_another_business_cannot_be_left_out_of_account(shop: Shop, other_shop: Shop) -> None:
    """``moving_booking_id`` of a stranger's booking opens nothing."""
    taken = shop.book("10:00", resource=shop.theo)
    foreign = other_shop.book("10:00", resource=other_shop.theo)
    call: dict[str, Any] = {
        "timetable": shop.timetable,
        "service_id": shop.cut.id,
        "resource_id": shop.theo.id,
        "first": taken.local_on,
        "last": taken.local_on,
        "now": clock.now(),
    }
    assert open_times(**call)
    for stranger in (foreign.id, uuid4()):
        with pytest.raises(Missing):
            open_times(moving_booking_id=stranger, **call)


def stored_text() -> bytes:
    """Everything the tables that know of people hold, as bytes."""
    found = b""
    tables = (
        "bookings_booking", "bookings_bookingchange", "bookings_claim", "core_outboxevent", "customers_customer",
        "customers_nametoken", "core_idempotencykey",
    )  # fmt: skip
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                for value in row:
                    found += bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                    found += b"\n"
    return found


def test_no_row_shows_who_booked_or_what_was_noted(shop: Shop) -> None:
    made = shop.book(contact=SECRET, notes=NOTES)
    commands.cancel_booking(
        actor=GUEST.holding(made.id), timetable=shop.timetable, booking_id=made.id, now=clock.now()
    )
    stored = stored_text().lower()
    assert made.reference.lower().encode() in stored  # the search itself works
    for part in ("xanthippe", "quillfeather", "example.org", "900777", "7700900777", "wig"):
        assert part.encode() not in stored, part
    customer = Customer.objects.get(id=made.customer_id)  # type: ignore[misc]
    assert (customer.name, customer.email, customer.phone) == (SECRET.name, SECRET.email, SECRET.phone)


@pytest.mark.django_db(transaction=True)
def test_the_raw_file_of_a_sqlite_database_shows_nobody(shop: Shop, engine: str) -> None:
    made = shop.book(contact=SECRET, notes=NOTES)
    if engine == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw = Path(connection.settings_dict["NAME"]).read_bytes()
        assert made.reference.encode() in raw
    else:
        raw = stored_text()
    assert b"Quillfeather" not in raw
    assert b"xanthippe.q" not in raw
    assert b"marvellous" not in raw


def test_equal_people_of_two_businesses_look_different_in_the_indexes(shop: Shop, other_shop: Shop) -> None:
    ids = [place.book(contact=SECRET).customer_id for place in (shop, other_shop)]
    ours, theirs = (Customer.objects.get(id=UUID(str(id))) for id in ids)
    assert ours.email_index != theirs.email_index
    assert ours.phone_index != theirs.phone_index
    assert not set(ours.name_tokens.values_list("token")) & set(theirs.name_tokens.values_list("token"))


def test_the_history_names_staff_and_never_a_customer(shop: Shop, bob: object) -> None:
    made = shop.book(contact=SECRET)
    commands.cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=made.id, now=clock.now())
    named = list(BookingChange.objects.order_by("id").values_list("actor", "via"))
    assert named == [("customer", "api"), ("Bob Barber", "page")]
