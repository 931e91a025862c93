"""Around the visit: reminders of a service's own, whether they come, thanks, and what is told of money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from holdfast.bookings.models import Booking
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from holdfast.notifications.commands import announce_booking, announce_cancellation, announce_move
from holdfast.notifications.commands.visits import announce_money, announce_visit, set_service_reminders
from holdfast.notifications.models import Message, Template
from holdfast.notifications.queries import letter_of
from holdfast.notifications.rules.coming import clean_reminders, fate_of_visit
from holdfast.notifications.rules.delivery import Drop, Send, Wait
from tests.notifications.conftest import NOW, STARTS_AT, Barbershop

HOUR = timedelta(hours=1)


def planned(booking: Booking, *kinds: str) -> list[tuple[str, Any, str]]:
    """``(kind, how long before the start, state)`` of what goes to the customer, the first to go first."""
    rows = Message.objects.filter(booking=booking, audience="customer", kind__in=kinds).order_by(
        "send_after", "id"
    )
    booking.refresh_from_db()
    return [(row.kind, booking.starts_at - row.send_after, row.state) for row in rows]


def boss(shop: Barbershop, role: Role = Role.MANAGER) -> Actor:
    return Actor(role=role, business_id=shop.business.id)


def test_a_service_has_reminders_of_its_own_and_the_business_those_of_the_others(shop: Barbershop) -> None:
    chosen = {"actor": boss(shop), "business_id": shop.business.id, "service_id": shop.service.id}
    assert set_service_reminders(**chosen, minutes=[120, 2880, 120]) == (2880, 120)  # type: ignore[arg-type]
    first = shop.book()
    announce_booking(booking_id=first.id, now=NOW)
    assert planned(first, "reminder") == [("reminder", 48 * HOUR, "queued"), ("reminder", 2 * HOUR, "queued")]
    set_service_reminders(**chosen, minutes=[])  # type: ignore[arg-type]
    second = shop.book(starts_at=STARTS_AT + HOUR)
    announce_booking(booking_id=second.id, now=NOW)
    assert planned(second, "reminder") == []
    set_service_reminders(**chosen, minutes=None)  # type: ignore[arg-type]
    third = shop.book(starts_at=STARTS_AT + 2 * HOUR)
    announce_booking(booking_id=third.id, now=NOW)
    assert planned(third, "reminder") == [("reminder", 24 * HOUR, "queued")]


def test_reminders_of_a_service_are_the_managers_to_set_and_of_ones_own_business(shop: Barbershop) -> None:
    chosen: dict[str, Any] = {"business_id": shop.business.id, "service_id": shop.service.id}
    with pytest.raises(Forbidden):
        set_service_reminders(actor=boss(shop, Role.STAFF), **chosen, minutes=[60])
    with pytest.raises(Missing):
        set_service_reminders(actor=boss(shop), **chosen | {"service_id": shop.bob.id}, minutes=[60])
    with pytest.raises(Invalid):
        set_service_reminders(actor=boss(shop), **chosen, minutes=[5])


def test_reminders_and_the_question_move_with_the_booking_and_end_with_it(shop: Barbershop) -> None:
    shop.settings(confirm_minutes=180, reminder_minutes=(1440,))
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    assert planned(booking, "reminder", "come") == [
        ("reminder", 24 * HOUR, "queued"),
        ("come", 3 * HOUR, "queued"),
    ]
    Booking.objects.filter(id=booking.id).update(
        starts_at=STARTS_AT + HOUR, ends_at=STARTS_AT + 2 * HOUR, sequence=2
    )
    announce_move(
        booking_id=booking.id, sequence=2, old_starts_at=STARTS_AT, old_resource_id=shop.bob.id, now=NOW
    )
    going = [row for row in planned(booking, "reminder", "come") if row[2] == "queued"]
    assert going == [("reminder", 24 * HOUR, "queued"), ("come", 3 * HOUR, "queued")]
    Booking.objects.filter(id=booking.id).update(state="cancelled", sequence=3)
    announce_cancellation(booking_id=booking.id, sequence=3, by_staff=False, now=NOW)
    assert {state for _, _, state in planned(booking, "reminder", "come")} == {"dropped"}


def test_who_said_that_they_come_is_not_asked_and_who_moves_is_asked_again(shop: Barbershop) -> None:
    shop.settings(confirm_minutes=180, reminder_minutes=())
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    message = Message.objects.get(booking=booking, kind="come")
    asked = {"business_id": shop.business.id, "message_id": message.id, "now": message.send_after}
    letter: Any = letter_of(**asked)  # type: ignore[arg-type]
    assert letter.subject == "Are you coming today at 10:30?"
    assert "/coming" in letter.text
    assert letter.calendar == b""
    Booking.objects.filter(id=booking.id).update(coming_at=NOW, coming_for=STARTS_AT)
    assert letter_of(**asked) == Drop("coming")  # type: ignore[arg-type]
    Booking.objects.filter(id=booking.id).update(coming_for=STARTS_AT - HOUR)
    assert not isinstance(letter_of(**asked), Drop)  # type: ignore[arg-type]


def test_thanks_go_after_the_visit_once_and_only_where_wished(shop: Barbershop) -> None:
    booking = shop.book(state="completed")
    assert announce_visit(booking_id=booking.id, now=NOW) == 0
    shop.settings(thanks_minutes=120)
    assert [announce_visit(booking_id=booking.id, now=NOW) for _ in range(2)] == [1, 0]
    message = Message.objects.get(booking=booking)
    assert message.send_after == NOW + 2 * HOUR
    asked = {"business_id": shop.business.id, "message_id": message.id, "now": STARTS_AT + 3 * HOUR}
    letter: Any = letter_of(**asked)  # type: ignore[arg-type]
    assert letter.subject == "Thank you for coming to Fenwick & Rowe"
    assert "Rate your visit:" in letter.text
    assert f"/b/fenwick/times?service={shop.service.id}" in letter.text
    Booking.objects.filter(id=booking.id).update(state="confirmed")
    assert letter_of(**asked) == Drop("not_completed")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "state", "subject"),
    [
        ("payment_due", "awaiting_payment", "To pay: £12.50 for Sat 28 Nov, 10:30 at Fenwick & Rowe"),
        ("paid", "confirmed", "Paid: £12.50, Fenwick & Rowe"),
        ("refunded", "cancelled", "Refunded: £12.50, Fenwick & Rowe"),
        ("fee", "no_show", "For a missed visit: £12.50, Fenwick & Rowe"),
    ],
)
def test_money_is_told_once_for_each_payment(shop: Barbershop, kind: str, state: str, subject: str) -> None:
    booking = shop.book(state=state)
    told: dict[str, Any] = {
        "booking_id": booking.id,
        "kind": kind,
        "amount_minor": 1250,
        "now": NOW,
    }
    count = [announce_money(**told, key=key) for key in ("a", "a", "b")]
    assert count == [1, 0, 1]
    message = Message.objects.filter(booking=booking)[0]
    letter: Any = letter_of(business_id=shop.business.id, message_id=message.id, now=NOW)
    assert letter.subject == subject
    assert "Amount: £12.50" in letter.text


def test_a_letter_is_what_the_business_wrote_and_the_default_where_that_cannot_be_read(
    shop: Barbershop,
) -> None:
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    message = Message.objects.get(booking=booking, kind="booked", audience="customer")
    asked = {"business_id": shop.business.id, "message_id": message.id, "now": NOW}
    own = Template.objects.create(
        business=shop.business, event="booked", channel="email", language="en", changed_at=NOW,
        subject="Hi {{ name }}", body="<p>Till {{ when }}, {{ name }}.</p>",
    )  # fmt: skip
    Template.objects.create(
        business=shop.business, event="booked", channel="sms", language="de", changed_at=NOW, body="Nein"
    )
    letter: Any = letter_of(**asked)  # type: ignore[arg-type]
    assert letter.subject == "Hi Dana"
    assert letter.text.startswith("Till Sat 28 Nov, 10:30, Dana.\n")
    assert letter.short.startswith("Fenwick & Rowe: you're booked")
    own.body = "{{ gone }}"
    own.save()
    fallback: Any = letter_of(**asked)  # type: ignore[arg-type]
    assert fallback.text.startswith("You're booked, Dana\n")


def test_when_each_message_around_a_visit_is_still_true() -> None:
    now, later = STARTS_AT - HOUR, STARTS_AT + HOUR
    facts: dict[str, Any] = {"state": "confirmed", "starts_at": STARTS_AT, "told_at": STARTS_AT, "is_coming": False, "now": now}  # fmt: skip
    table: list[tuple[str, dict[str, Any], Any]] = [
        ("come", {}, Send()),
        ("come", {"told_at": now}, Drop("moved")),
        ("come", {"is_coming": True}, Drop("coming")),
        ("come", {"state": "checked_in"}, Drop("arrived")),
        ("come", {"state": "cancelled"}, Drop("cancelled")),
        ("come", {"now": STARTS_AT}, Drop("started")),
        ("come", {"quiet_until": now + HOUR / 2}, Wait(now + HOUR / 2)),
        ("come", {"quiet_until": STARTS_AT}, Drop("quiet_hours")),
        ("thanks", {}, Drop("not_completed")),
        ("thanks", {"state": "completed", "now": later}, Send()),
        ("thanks", {"state": "completed", "now": later + timedelta(days=31)}, Drop("too_late")),
        ("payment_due", {"state": "awaiting_payment"}, Send()),
        ("payment_due", {}, Drop("not_needed")),
        ("payment_due", {"state": "expired"}, Drop("not_needed")),
        ("fee", {"state": "no_show"}, Send()),
        ("fee", {}, Drop("not_needed")),
        ("refunded", {"state": "cancelled"}, Send()),
    ]
    for kind, changes, fate in table:
        assert fate_of_visit(kind, **facts | changes) == fate, (kind, changes)


def test_reminders_are_up_to_five_within_a_month() -> None:
    assert clean_reminders([60, 1440, 60]) == (1440, 60)
    assert [clean_reminders(one) for one in ([14], [43201], [True], ["60"], [60, 61, 62, 63, 64, 65])] == [
        None
    ] * 5
