"""Due messages go out once each; what became of every attempt is recorded; staff may send again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.db import connection

from holdfast.bookings.models import Booking
from holdfast.core import metrics
from holdfast.core.ids import uuid7
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Busy, Forbidden, Missing
from holdfast.notifications import commands, queries
from holdfast.notifications.commands import announce_booking, announce_move, resend_message, take_due_messages
from holdfast.notifications.errors import MessageNotNeeded
from holdfast.notifications.jobs import BATCH, send_due_messages
from holdfast.notifications.models import Message
from tests.notifications.conftest import NOW, STARTS_AT, Barbershop, make_shop, written


@pytest.fixture
def booking(shop: Barbershop) -> Booking:
    """A booking whose messages are written and not yet sent."""
    booking = shop.book()
    announce_booking(booking_id=booking.id, now=NOW)
    return booking


def staff(business_id: UUID, role: Role = Role.STAFF) -> Actor:
    return Actor(role=role, business_id=business_id, via="page")


def at(moment: object) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def the_customers(kind: str = "booked") -> Message:
    return Message.objects.get(kind=kind, audience="customer")


def test_due_messages_go_to_their_readers_and_are_recorded_as_sent(booking: Booking) -> None:
    with at(NOW):
        assert send_due_messages() == 3
        assert send_due_messages() == 0
    assert [sent.to for sent in mail.outbox] == [
        ["dana@example.com"],
        ["hello@fenwick.example"],
        ["bob@fenwick.example"],
    ]
    message = the_customers()
    assert (message.state, message.sent_at, message.attempts) == ("sent", NOW, 1)
    assert message.provider_message_id == mail.outbox[0].extra_headers["Message-ID"]
    assert str(message.id) in message.provider_message_id
    assert the_customers("reminder").state == "queued"


def test_the_reminder_goes_when_its_time_has_come(booking: Booking) -> None:
    with at(NOW):
        send_due_messages()
    with at(STARTS_AT - timedelta(days=1)):
        assert send_due_messages() == 1
    assert mail.outbox[-1].subject == "Tomorrow, 10:30 at Fenwick & Rowe"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "checked_in"}, "arrived"),
        ({"starts_at": STARTS_AT + timedelta(minutes=5)}, "moved"),
    ],
)
def test_a_reminder_that_is_not_true_any_more_is_dropped_when_its_time_comes(
    booking: Booking, changes: dict, reason: str
) -> None:
    with at(NOW):
        send_due_messages()
    Booking.objects.update(**changes)  # whatever happened, and even if its event were lost
    with at(STARTS_AT - timedelta(days=1)):
        send_due_messages()
    reminder = the_customers("reminder")
    assert (reminder.state, reminder.last_error) == ("dropped", reason)
    assert len(mail.outbox) == 3


def test_while_a_cancellation_can_be_undone_messages_wait_without_using_up_attempts(booking: Booking) -> None:
    undo_until = NOW + timedelta(minutes=2)
    Booking.objects.update(state="cancelled", undo_until=undo_until, undo_state="confirmed")
    with at(NOW):
        assert send_due_messages() == 3
        assert send_due_messages() == 0
    message = the_customers()
    assert (message.state, message.attempts, message.next_attempt_at, message.locked_until) == (
        "queued",
        0,
        undo_until,
        None,
    )
    Booking.objects.update(state="confirmed", undo_until=None)
    with at(undo_until):
        send_due_messages()
    assert the_customers().state == "sent"


def test_a_message_tells_the_booking_as_it_is_when_it_goes(booking: Booking, shop: Barbershop) -> None:
    later = STARTS_AT + timedelta(hours=1)
    Booking.objects.update(starts_at=later, ends_at=later + timedelta(minutes=45), sequence=2)
    announce_move(
        booking_id=booking.id, sequence=2, old_starts_at=STARTS_AT, old_resource_id=shop.bob.id, now=NOW
    )
    with at(NOW):
        send_due_messages()
    to_customer = [sent.subject for sent in mail.outbox if sent.to == ["dana@example.com"]]
    assert to_customer == [
        "Booked: Sat 28 Nov, 11:30 at Fenwick & Rowe",
        "Moved: Sat 28 Nov, 11:30 at Fenwick & Rowe",
    ]


def test_one_batch_takes_no_more_than_its_limit(shop: Barbershop) -> None:
    shop.settings(staff_copies=False, reminder_minutes=())
    for _ in range(3):
        announce_booking(booking_id=shop.book().id, now=NOW)
    with at(NOW):
        assert [send_due_messages(limit=2) for _ in range(3)] == [2, 1, 0]
    assert len(mail.outbox) == 3
    assert BATCH >= 2


def test_a_message_that_cannot_be_written_holds_up_no_other(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    from holdfast.notifications import jobs

    real, broken = jobs.letter_of, the_customers().id

    def letter_of(*, message_id: UUID, **values: object) -> object:
        if message_id == broken:
            raise KeyError("a mistake in a template")
        return real(message_id=message_id, **values)

    monkeypatch.setattr(jobs, "letter_of", letter_of)
    with at(NOW):
        send_due_messages()
    assert [row[3] for row in written(booking)] == ["queued", "sent", "sent", "queued"]
    message = the_customers()
    assert (message.attempts, message.last_error, message.locked_until) == (1, "KeyError", None)
    assert NOW < message.next_attempt_at <= NOW + timedelta(minutes=2)


def test_a_busy_database_does_not_make_a_mail_go_twice(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = commands.record_sent, []

    def record_sent(**values: object) -> None:
        calls.append(values["message_id"])
        if len(calls) < 3:
            raise Busy(retry_after=1)
        real(**values)

    monkeypatch.setattr(commands, "record_sent", record_sent)
    with at(NOW):
        send_due_messages()
    assert calls == [the_customers().id] * 3 + calls[3:]
    assert [sent.to for sent in mail.outbox].count(["dana@example.com"]) == 1
    assert the_customers().state == "sent"


def test_an_address_that_is_none_fails_at_once_and_is_seen(shop: Barbershop) -> None:
    booking = shop.book(contact={"name": "Dana", "email": "dana@example.com, eve@evil.example", "phone": ""})
    announce_booking(booking_id=booking.id, now=NOW)
    with at(NOW):
        send_due_messages()
    message = the_customers()
    assert (message.state, message.last_error) == ("failed", "UnusableAddress")
    assert [sent.to for sent in mail.outbox] == [["hello@fenwick.example"], ["bob@fenwick.example"]]
    seen = queries.failed_messages(business_id=shop.business.id)
    assert [(facts.id, facts.problem) for facts in seen] == [(message.id, "UnusableAddress")]


def test_staff_see_every_message_of_a_booking_and_nothing_of_another_business(booking: Booking) -> None:
    with at(NOW):
        send_due_messages()
    seen = queries.messages_of_booking(business_id=booking.business_id, booking_id=booking.id)
    assert (seen[0].kind, seen[0].recipient, seen[0].state) == (
        "booked",
        "dana@example.com",
        "sent",
    )
    assert len(seen) == 4
    assert seen[3].next_attempt_at == STARTS_AT - timedelta(days=1)
    charlies = make_shop("charlies")
    assert queries.messages_of_booking(business_id=charlies.business.id, booking_id=booking.id) == []
    assert queries.failed_messages(business_id=charlies.business.id) == []


def test_the_queue_is_what_should_be_gone_and_is_not(booking: Booking) -> None:
    assert queries.queue_size(now=NOW - timedelta(seconds=1)) == 0
    assert queries.queue_size(now=NOW) == 3
    with at(NOW):
        assert 'holdfast_message_queue{state="overdue"} 3.0' in metrics.page().decode()
        send_due_messages()
    assert queries.queue_size(now=NOW) == 0
    Message.objects.filter(audience="staff").update(state="failed")
    assert 'holdfast_message_queue{state="failed"} 2.0' in metrics.page().decode()


def test_a_sent_message_is_sent_again_as_a_copy(booking: Booking) -> None:
    with at(NOW):
        send_due_messages()
        first = the_customers()
        copy = resend_message(
            actor=staff(booking.business_id), business_id=booking.business_id, message_id=first.id, now=NOW
        )
        assert copy != first.id
        send_due_messages()
    assert mail.outbox[-1].to == ["dana@example.com"]
    assert mail.outbox[-1].extra_headers["Message-ID"] != first.provider_message_id
    assert Message.objects.get(id=copy).state == "sent"


def test_a_reminder_sent_by_hand_still_comes_when_it_should(booking: Booking) -> None:
    planned = the_customers("reminder")
    with at(NOW):
        copy = resend_message(
            actor=staff(booking.business_id), business_id=booking.business_id, message_id=planned.id, now=NOW
        )
        send_due_messages()
    assert Message.objects.get(id=copy).state == "sent"
    planned.refresh_from_db()
    assert (planned.state, planned.next_attempt_at) == ("queued", STARTS_AT - timedelta(days=1))


def test_a_failed_message_goes_again_with_all_its_attempts(booking: Booking) -> None:
    Message.objects.filter(kind="booked").update(
        state="failed", attempts=8, last_error="ConnectionRefusedError"
    )
    failed = the_customers()
    with at(NOW):
        assert (
            resend_message(
                actor=staff(booking.business_id),
                business_id=booking.business_id,
                message_id=failed.id,
                now=NOW,
            )
            == failed.id
        )
        send_due_messages()
    message = the_customers()
    assert (message.state, message.attempts, message.last_error) == ("sent", 1, "")


def test_a_message_that_is_being_sent_is_not_started_twice(booking: Booking) -> None:
    take_due_messages(now=NOW, limit=10, lease_minutes=10)
    message = the_customers()
    resend_message(
        actor=staff(booking.business_id), business_id=booking.business_id, message_id=message.id, now=NOW
    )
    assert the_customers().next_attempt_at == NOW + timedelta(minutes=10)


def test_what_is_not_true_any_more_is_not_sent_again(booking: Booking) -> None:
    Message.objects.filter(kind="booked").update(state="dropped", last_error="cancelled")
    with pytest.raises(MessageNotNeeded) as refused:
        resend_message(
            actor=staff(booking.business_id),
            business_id=booking.business_id,
            message_id=the_customers().id,
            now=NOW,
        )
    assert refused.value.facts == {"reason": "cancelled"}


def test_only_staff_of_the_business_may_send_again(booking: Booking) -> None:
    charlies = make_shop("charlies").business.id
    ours, message = booking.business_id, the_customers().id
    for actor, business_id, message_id, refusal in [
        (staff(ours, Role.CUSTOMER), ours, message, Forbidden),
        (Actor(), ours, message, Missing),
        (staff(charlies), ours, message, Missing),
        (staff(charlies), charlies, message, Missing),
        (staff(ours), ours, uuid7(), Missing),
    ]:
        with pytest.raises(refusal):
            resend_message(actor=actor, business_id=business_id, message_id=message_id, now=NOW)
    assert Message.objects.count() == 4


def taken_by_many(take: Callable[[], list[UUID]], workers: int = 6) -> list[UUID]:
    """The ids that workers racing with each other took until nothing was due."""
    taken: list[UUID] = []
    start = threading.Barrier(workers)

    def work() -> None:
        start.wait()
        while batch := take():
            taken.extend(batch)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


@pytest.fixture
def thirty_due(transactional_db: None) -> None:
    shop = make_shop()
    shop.settings(staff_copies=False, reminder_minutes=())
    for _ in range(30):
        announce_booking(booking_id=shop.book().id, now=NOW)


def test_many_workers_never_take_the_same_message(thirty_due: None) -> None:
    taken = taken_by_many(lambda: [one.id for one in take_due_messages(now=NOW, limit=4, lease_minutes=10)])
    assert len(taken) == len(set(taken)) == 30


def test_the_race_would_show_a_message_taken_twice(thirty_due: None) -> None:
    """Negative control: without the lease's transaction and lock the same race finds messages taken twice."""
    both_have_read = threading.Barrier(2)

    def take() -> list[UUID]:
        due = Message.objects.filter(state="queued", next_attempt_at__lte=NOW).order_by("id")
        ids = list(due.values_list("id", flat=True)[:30])
        both_have_read.wait()
        Message.objects.filter(id__in=ids).update(next_attempt_at=NOW + timedelta(minutes=10))
        return ids

    assert len(taken_by_many(take, workers=2)) == 60
