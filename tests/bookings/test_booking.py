"""Booking a time at once: as a guest, signed in, by staff (SPEC D1, D7, D8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from holdfast.accounts.models import Account
from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.errors import CustomerBlocked, LimitReached, OnlineBookingOff, TimeTaken
from holdfast.bookings.models import Claim
from holdfast.bookings.queries import booking_by_id, history_of
from holdfast.bookings.rules import Policy
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import change_resource, change_service
from holdfast.core import clock
from holdfast.customers.commands import block_customer, unblock_customer
from holdfast.customers.models import Customer
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.lib.references import ALPHABET, LENGTH
from holdfast.lib.refusals import Forbidden, Invalid, Missing, Refusal
from holdfast.schedule.commands import ExceptionWish, add_exception
from tests.bookings.evidence import NOTHING, events, history, rows
from tests.cast import DANA, OPERATOR, Shop


def refusal(shop: Shop, wish: Wish, **changes: Any) -> Refusal:
    """How booking this is refused; nothing may be left behind."""
    before = rows()
    arguments: dict[str, Any] = {"actor": GUEST, "details": Details(DANA), "now": clock.now()} | changes
    with pytest.raises(Refusal) as refused:
        book(timetable=shop.timetable, wish=wish, **arguments)
    assert rows() == before
    return refused.value


def code_of(refused: Refusal, field: str = "starts_at") -> str:
    assert isinstance(refused, Invalid), refused
    assert list(refused.fields) == [field]
    return refused.fields[field][0][0]


def settings(shop: Shop, **wanted: Any) -> None:
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)


def test_a_guest_books_and_everything_that_follows_is_written(shop: Shop) -> None:
    now = clock.now()
    made = shop.book("10:00", resource=shop.amara, now=now, notes="A bit shorter")
    assert (made.state, made.resource_id, made.service_id) == ("confirmed", shop.amara.id, shop.cut.id)
    assert (made.starts_at, made.ends_at) == (shop.at("10:00"), shop.at("10:30"))
    assert (made.price_minor, made.currency, made.balance_minor) == (2600, "GBP", 2600)
    assert made.local_start.endswith("T10:00")
    assert made.timezone == "Europe/London"
    assert (made.sequence, made.via, made.any_resource) == (0, "api", False)
    assert len(made.reference) == LENGTH
    assert set(made.reference) <= set(ALPHABET)
    assert made.shown_reference == f"{made.reference[:5]}-{made.reference[5:]}"
    assert booking_by_id(business_id=shop.business_id, booking_id=made.id) == made
    claim = Claim.objects.get(booking_id=made.id)
    assert (claim.starts_at, claim.ends_at, claim.resource_id) == (
        made.starts_at,
        made.ends_at,
        shop.amara.id,
    )
    assert history(made.id) == ["book"]
    assert set(events(made.id)) == {"BookingConfirmed"}
    assert rows() == {"bookings": 1, "claims": 1, "changes": 1, "customers": 1, "events": 1}


def test_the_claim_holds_the_buffers_and_the_booking_does_not(shop: Shop) -> None:
    wanted = {"buffer_before_minutes": 10, "buffer_after_minutes": 5}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    made = shop.book("10:00", resource=shop.theo)
    claim = Claim.objects.get(booking_id=made.id)
    assert (claim.starts_at, claim.ends_at) == (shop.at("09:50"), shop.at("10:35"))
    assert (made.starts_at, made.ends_at) == (shop.at("10:00"), shop.at("10:30"))
    assert isinstance(refusal(shop, shop.wish("10:30", resource=shop.theo)), TimeTaken)
    assert shop.book("10:45", resource=shop.theo).state == "confirmed"


def test_a_taken_time_is_refused_and_the_next_one_is_not(shop: Shop) -> None:
    shop.book("10:00", resource=shop.theo)
    for start in ("09:45", "10:00", "10:15"):
        assert isinstance(refusal(shop, shop.wish(start, resource=shop.theo)), TimeTaken)
    shop.book("09:30", resource=shop.theo)
    shop.book("10:30", resource=shop.theo)


def test_anybody_means_who_has_fewest_bookings_that_day_then_the_business_order(shop: Shop) -> None:
    asked = [shop.book(at).resource_id for at in ("09:00", "09:30", "10:00", "10:30")]
    assert asked == [shop.theo.id, shop.amara.id, shop.theo.id, shop.amara.id]
    shop.book("11:00", resource=shop.theo)
    assert shop.book("12:00").resource_id == shop.amara.id
    assert shop.book("11:00").resource_id == shop.amara.id  # the only one who is free
    assert isinstance(refusal(shop, shop.wish("11:00")), TimeTaken)


def test_yesterdays_bookings_do_not_count_for_today(shop: Shop) -> None:
    for at in ("10:00", "11:00"):
        shop.book(at, days=3, resource=shop.theo)
    assert shop.book("10:00", days=4).resource_id == shop.theo.id


@pytest.mark.parametrize(
    ("start", "days", "code"),
    [
        ("10:00", -1, "in_past"),
        ("10:00", 91, "too_far_ahead"),
        ("10:05", 3, "off_grid"),
        ("08:00", 3, "closed"),
        ("17:00", 3, "closed"),
        ("16:45", 3, "outside_hours"),
    ],
)
@pytest.mark.parametrize("anybody", [True, False])
def test_a_start_that_is_not_on_offer_is_refused_by_the_rule_it_breaks(
    shop: Shop, start: str, days: int, code: str, anybody: bool
) -> None:
    wish = shop.wish(start, days, None if anybody else shop.theo)
    assert code_of(refusal(shop, wish)) == code


def test_the_notice_is_counted_from_the_minute_of_asking(shop: Shop) -> None:
    start = shop.at("10:00")
    wish = shop.wish("10:00", resource=shop.theo)
    assert code_of(refusal(shop, wish, now=start - timedelta(minutes=59, seconds=59))) == "too_soon"
    assert shop.book("10:00", resource=shop.theo, now=start - timedelta(minutes=60)).state == "confirmed"


def test_a_closed_day_and_a_start_with_seconds_are_refused(shop: Shop) -> None:
    day = shop.at("10:00").date()
    wish = ExceptionWish(kind="closed", starts_on=day)
    add_exception(actor=OPERATOR, business_id=shop.business_id, wish=wish)
    assert code_of(refusal(shop, shop.wish("10:00"))) == "closed"
    seconds = replace(shop.wish("11:00", 4), starts_at=shop.at("11:00", 4) + timedelta(seconds=1))
    assert code_of(refusal(shop, seconds)) == "whole_minutes"


def test_an_absence_is_a_time_taken_and_says_nothing_more(shop: Shop) -> None:
    wish = ExceptionWish(
        kind="absence",
        resource_id=shop.theo.id,
        starts_at=shop.at("10:00"),
        ends_at=shop.at("11:00"),
        note="Dentist",
    )
    add_exception(actor=OPERATOR, business_id=shop.business_id, wish=wish)
    refused = refusal(shop, shop.wish("10:30", resource=shop.theo))
    assert isinstance(refused, TimeTaken)
    assert "Dentist" not in str(refused.facts)
    assert shop.book("10:30").resource_id == shop.amara.id


@pytest.mark.parametrize("party", [0, -1, 2, 10**9])
def test_a_party_that_does_not_fit_is_refused(shop: Shop, party: int) -> None:
    refused = refusal(shop, replace(shop.wish(), party_size=party))
    assert code_of(refused, "party_size") == "out_of_bounds"


def test_a_larger_party_gets_a_resource_with_enough_seats(shop: Shop) -> None:
    change_resource(
        actor=OPERATOR, business_id=shop.business_id, resource_id=shop.amara.id, wanted={"seats_max": 4}
    )
    made = book(
        actor=GUEST,
        timetable=shop.timetable,
        wish=replace(shop.wish(), party_size=3),
        details=Details(DANA),
        now=clock.now(),
    )
    assert (made.resource_id, made.party_size) == (shop.amara.id, 3)


@pytest.mark.parametrize(
    "instant",
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, second=0, microsecond=0)],
)
@pytest.mark.parametrize("staff", [True, False])
def test_the_ends_of_time_are_refused_like_any_other_wrong_time(
    shop: Shop, instant: datetime, staff: bool
) -> None:
    actor = shop.actor() if staff else GUEST
    refused = refusal(shop, Wish(shop.cut.id, instant), actor=actor)
    assert code_of(refused) == ("in_past" if instant.year == 1 else "too_far_ahead")


def test_what_is_not_on_offer_any_more_is_missing(shop: Shop) -> None:
    assert isinstance(refusal(shop, Wish(uuid4(), shop.at())), Missing)
    assert isinstance(refusal(shop, Wish(shop.cut.id, shop.at(), uuid4())), Missing)
    change_resource(
        actor=OPERATOR, business_id=shop.business_id, resource_id=shop.theo.id, wanted={"is_active": False}
    )
    assert isinstance(refusal(shop, shop.wish(resource=shop.theo)), Missing)
    wanted: dict[str, Any] = {"is_active": False}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    assert refusal(shop, shop.wish()).facts == {"what": "service"}


def test_a_service_that_nobody_gives_cannot_be_booked(shop: Shop) -> None:
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"resources": []}
    )
    assert refusal(shop, shop.wish()).facts == {"what": "resource"}
    assert refusal(shop, shop.wish(), actor=shop.actor(), override_reason="please").facts == {
        "what": "resource"
    }


def test_online_booking_switched_off_stops_guests_and_not_the_desk(shop: Shop) -> None:
    settings(shop, online_booking=False)
    assert isinstance(refusal(shop, shop.wish()), OnlineBookingOff)
    assert shop.book(actor=shop.actor()).via == "page"


def test_a_service_for_people_who_are_signed_in_refuses_guests(shop: Shop, charlie: Account) -> None:
    wanted = {"who_may_book": "signed_in"}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    refused = refusal(shop, shop.wish())
    assert isinstance(refused, Forbidden)
    assert refused.facts == {"action": "book", "needs": "signed_in"}
    customer = Actor(role=Role.CUSTOMER, account_id=charlie.id, via="page")
    assert shop.book(actor=customer).account_id == charlie.id


@pytest.mark.parametrize(
    ("contact", "field", "code"),
    [
        (Contact("", "dana@example.org"), "customer.name", "required"),
        (Contact("x" * 121, "dana@example.org"), "customer.name", "too_long"),
        (Contact("x" * 10_240, "dana@example.org"), "customer.name", "too_long"),
        (Contact("Da\x00na", "dana@example.org"), "customer.name", "control_characters"),
        (Contact("Dana", ""), "customer.email", "required"),
        (Contact("Dana", "dana@"), "customer.email", "invalid_email"),
        (Contact("Dana", "dana@example.org", "call me"), "customer.phone", "invalid_phone"),
    ],
)
def test_a_wrong_contact_is_refused_by_field(shop: Shop, contact: Contact, field: str, code: str) -> None:
    assert code_of(refusal(shop, shop.wish(), details=Details(contact)), field) == code
    assert rows() == NOTHING


def test_notes_that_are_too_long_are_refused(shop: Shop) -> None:
    assert code_of(refusal(shop, shop.wish(), details=Details(DANA, "n" * 1001)), "notes") == "too_long"


def test_staff_books_for_somebody_without_an_email_at_the_last_minute_and_far_ahead(shop: Shop) -> None:
    walk_in = Contact("Walk-in")
    made = shop.book(contact=walk_in, actor=shop.actor(), now=shop.at("09:59"))
    assert made.contact == walk_in
    assert shop.book("10:00", 200, contact=walk_in, actor=shop.actor()).state == "confirmed"
    # Nothing but a name tells two walk-ins apart, so each is a customer of their own.
    assert rows()["customers"] == 2


def test_staff_overrides_a_rule_with_a_reason_that_is_kept(shop: Shop) -> None:
    wish = shop.wish("08:05", resource=shop.theo)
    assert code_of(refusal(shop, wish, actor=shop.actor())) == "closed"
    made = book(
        actor=shop.actor(),
        timetable=shop.timetable,
        wish=wish,
        details=Details(DANA),
        now=clock.now(),
        override_reason="Early train",
    )
    [line] = history_of(business_id=shop.business_id, booking_id=made.id)
    assert line.details["reason"] == "Early train"
    assert "open" in line.details["overridden"]
    assert made.local_on == shop.at("08:05").astimezone(shop.timetable.tz).date()
    # Nobody overrides that a time is taken.
    again = refusal(shop, wish, actor=shop.actor(), override_reason="Squeeze in")
    assert isinstance(again, TimeTaken)


def test_guests_override_nothing_and_an_endless_reason_is_refused(shop: Shop) -> None:
    # A stranger is not told that there is such a thing as overriding.
    assert isinstance(refusal(shop, shop.wish("08:05"), override_reason="please"), Missing)
    customer = Actor(role=Role.CUSTOMER, business_id=shop.business_id)
    assert isinstance(refusal(shop, shop.wish("08:05"), actor=customer, override_reason="please"), Forbidden)
    refused = refusal(shop, shop.wish("08:05"), actor=shop.actor(), override_reason="x" * 201)
    assert code_of(refused, "override_reason") == "too_long"


def test_a_rule_that_was_not_broken_is_not_recorded_as_overridden(shop: Shop) -> None:
    made = book(
        actor=shop.actor(),
        timetable=shop.timetable,
        wish=shop.wish(),
        details=Details(DANA),
        now=clock.now(),
        override_reason="just in case",
    )
    [line] = history_of(business_id=shop.business_id, booking_id=made.id)
    assert line.details == {}


def test_one_person_is_one_customer_however_the_address_is_written(shop: Shop, other_shop: Shop) -> None:
    first = shop.book("09:00")
    second = shop.book("10:00", contact=Contact("D. Guest", " DANA@Example.ORG "))
    elsewhere = other_shop.book("09:00")
    assert first.customer_id == second.customer_id != elsewhere.customer_id
    assert Customer.objects.count() == 2
    assert first.customer_id is not None
    assert Customer.objects.get(id=first.customer_id).name == "Dana Guest"
    assert second.contact.name == "D. Guest"


def test_a_blocked_customer_books_only_through_staff(shop: Shop) -> None:
    known = shop.book("09:00").customer_id
    assert known is not None
    block_customer(actor=shop.actor(), business_id=shop.business_id, customer_id=known, now=clock.now())
    assert isinstance(refusal(shop, shop.wish("10:00")), CustomerBlocked)
    shop.book("10:00", actor=shop.actor())
    unblock_customer(actor=shop.actor(), business_id=shop.business_id, customer_id=known)
    shop.book("11:00")


def test_limits_per_day_and_for_what_is_upcoming_hold_for_customers_and_not_for_staff(shop: Shop) -> None:
    settings(shop, bookings_per_customer_per_day=1, upcoming_bookings_per_customer=2)
    shop.book("09:00", 3)
    refused = refusal(shop, shop.wish("12:00", 3))
    assert isinstance(refused, LimitReached)
    assert refused.facts == {"limit": 1, "per": "day"}
    shop.book("09:00", 4)
    assert refusal(shop, shop.wish("09:00", 5)).facts == {"limit": 2, "per": "upcoming"}
    shop.book("09:00", 5, actor=shop.actor())
    shop.book("09:00", 5, contact=Contact("Erin", "erin@example.org"))


def test_the_policy_of_the_day_of_booking_stays_when_settings_change(shop: Shop) -> None:
    settings(shop, cancellation_notice_minutes=120, reschedule_notice_minutes=60)
    made = shop.book()
    settings(shop, cancellation_notice_minutes=9999, reschedule_notice_minutes=9999)
    kept = booking_by_id(business_id=shop.business_id, booking_id=made.id)
    assert kept.policy == Policy(120, 60)
    assert shop.book("12:00").policy == Policy(9999, 9999)
