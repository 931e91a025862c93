"""What providers tell is written down once, moves messages on, and stops mail to addresses that take none."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from django.core import mail

from holdfast.core import metrics
from holdfast.core.ids import uuid7
from holdfast.core.people import knowing
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Missing
from holdfast.notifications import commands, queries
from holdfast.notifications.commands import announce_booking, lift_suppression, record_news, resend_message
from holdfast.notifications.commands.tracking import Recorded
from holdfast.notifications.errors import AddressSuppressed, StoppedByPerson
from holdfast.notifications.jobs import send_due_messages
from holdfast.notifications.models import DeliveryEvent, Message, Suppression
from holdfast.notifications.queries import MessageFilter, find_messages
from holdfast.notifications.rules.states import News
from tests.notifications.conftest import NOW, Barbershop, make_shop

DANA = "dana@example.com"


@pytest.fixture
def message(shop: Barbershop) -> Message:
    """Dana's confirmation, not sent yet."""
    shop.settings(staff_copies=False, reminder_minutes=())
    announce_booking(booking_id=shop.book().id, now=NOW)
    return Message.objects.get(audience="customer", kind="booked")


def told(message: Message, what: str, event_id: str = "", **values: Any) -> News:
    return News(message.id, event_id or f"{message.id} {what}", what, NOW, **values)


def send() -> int:
    with time_machine.travel(NOW, tick=False):
        return send_due_messages()


def staff(business_id: Any, role: Role = Role.STAFF) -> Actor:
    return Actor(role=role, business_id=business_id, via="page")


def test_news_moves_a_message_on_in_every_order_and_is_counted_once(message: Message) -> None:
    send()
    for order in permutations(("delivered", "opened", "deferred")):
        DeliveryEvent.objects.all().delete()
        Message.objects.update(state="sent")
        for what in order:
            assert record_news(provider="sendgrid", news=[told(message, what)], now=NOW) == Recorded(1, 0, 0)
        message.refresh_from_db()
        assert message.state == "opened"
        again = record_news(provider="sendgrid", news=[told(message, what) for what in order] * 2, now=NOW)
        assert (again.fresh, again.foreign) == (0, 0)
    assert len(queries.log_of(business_id=message.business_id, message_id=message.id)) == 3
    stranger = News(uuid7(), "x", "delivered", NOW)
    assert record_news(provider="sendgrid", news=[stranger], now=NOW) == Recorded(0, 0, 1)


def test_news_before_our_own_record_is_not_undone_by_it(message: Message) -> None:
    record_news(provider="sendgrid", news=[told(message, "delivered")], now=NOW)
    commands.record_sent(
        business_id=message.business_id, message_id=message.id, provider_message_id="<x@y>", now=NOW
    )
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.provider_message_id) == ("delivered", NOW, "<x@y>")
    assert send() == 0, "what was delivered is not sent again"


def test_mail_goes_no_more_to_an_address_that_gave_it_back_until_staff_say_so(
    shop: Barbershop, message: Message
) -> None:
    send()
    record_news(provider="sendgrid", news=[told(message, "bounced", detail="5.1.1", is_final=True)], now=NOW)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("bounced", "5.1.1")
    business_id = shop.business.id
    (held,) = queries.suppressions(business_id=business_id)
    assert (held.address, held.reason) == (DANA, "bounced")
    assert [one.id for one in queries.suppressions_of(business_id=business_id, email="DANA@example.com")] == [
        held.id
    ]
    announce_booking(booking_id=shop.book().id, now=NOW)
    assert send() == 1
    assert len(mail.outbox) == 1
    stopped = Message.objects.exclude(id=message.id).get()
    assert (stopped.state, stopped.last_error) == ("failed", "suppressed_bounced")
    with pytest.raises(AddressSuppressed):
        resend_message(actor=staff(business_id), business_id=business_id, message_id=stopped.id, now=NOW)
    lift_suppression(actor=staff(business_id), business_id=business_id, suppression_id=held.id, now=NOW)
    resend_message(actor=staff(business_id), business_id=business_id, message_id=stopped.id, now=NOW)
    assert send() == 1
    assert len(mail.outbox) == 2
    record_news(provider="sendgrid", news=[told(stopped, "bounced", detail="5.1.1", is_final=True)], now=NOW)
    assert [one.id for one in queries.suppressions(business_id=business_id)] == [held.id]


def test_a_bounce_of_the_moment_stops_nothing_and_a_complaint_does(
    shop: Barbershop, message: Message
) -> None:
    send()
    record_news(provider="sendgrid", news=[told(message, "bounced")], now=NOW)
    assert queries.suppressions(business_id=shop.business.id) == []
    record_news(provider="sendgrid", news=[told(message, "complained")], now=NOW)
    assert [one.reason for one in queries.suppressions(business_id=shop.business.id)] == ["complained"]
    charlies = make_shop("charlies")
    assert queries.suppressions(business_id=charlies.business.id) == []
    assert not queries.reason_against(business_id=charlies.business.id, channel="email", address=DANA)


def test_who_may_lift_what(shop: Barbershop) -> None:
    business_id = shop.business.id
    commands.suppress(
        business_id=business_id, channel="sms", address="+441134960000", reason="stopped", now=NOW
    )
    held = Suppression.objects.get()
    lift = {"business_id": business_id, "suppression_id": held.id, "now": NOW}
    with pytest.raises(StoppedByPerson):
        lift_suppression(actor=staff(business_id, Role.ADMIN), **lift)
    with pytest.raises(Forbidden):
        lift_suppression(actor=staff(business_id, Role.CUSTOMER), **lift)
    with pytest.raises(Missing):
        lift_suppression(actor=staff(make_shop("charlies").business.id), **lift)


def test_forgetting_a_person_forgets_what_is_held_against_their_address(
    shop: Barbershop, message: Message
) -> None:
    from holdfast.customers.models import Customer
    from holdfast.customers.queries import email_index

    index = email_index(business_id=shop.business.id, email=DANA)
    dana = Customer.objects.create(business=shop.business, name="Dana", email=DANA, email_index=index)
    commands.suppress(business_id=shop.business.id, channel="email", address=DANA, reason="bounced", now=NOW)
    ours = next(one for one in knowing() if one.app == "notifications")
    chosen = {"business_id": shop.business.id, "customer_id": dana.id}
    assert [one["to"] for one in ours.about(**chosen)["suppressions"]] == [DANA]
    fates = ours.forget(**chosen, now=NOW)
    assert [(fate.what, fate.count) for fate in fates][-1] == ("suppressions", 1)
    assert not Suppression.objects.exists()


def test_messages_are_found_by_state_kind_channel_reference_and_exact_address(
    shop: Barbershop, message: Message
) -> None:
    send()
    other = shop.book(contact={"name": "Eve", "email": "eve@example.com", "phone": ""})
    announce_booking(booking_id=other.id, now=NOW)

    def found(**wanted: str) -> list[str]:
        page = find_messages(business_id=shop.business.id, wanted=MessageFilter(**wanted))
        return [one.recipient for one in page.items]

    eve = "eve@example.com"
    assert found() == [eve, DANA]
    assert found(state="sent") == [DANA]
    assert found(state="unreached") == []
    assert found(kind="reminder") == []
    assert found(channel="sms") == []
    assert found(text=" DANA@Example.com ") == [DANA]
    assert found(text="dana") == []
    message.refresh_from_db()
    assert message.booking is not None
    Message.objects.filter(id=message.id).update(state="bounced")
    assert found(state="unreached") == [DANA]
    first = find_messages(business_id=shop.business.id, wanted=MessageFilter(), limit=1)
    assert first.next_cursor
    rest = find_messages(
        business_id=shop.business.id, wanted=MessageFilter(), limit=1, cursor=first.next_cursor
    )
    assert [one.recipient for one in rest.items] == [DANA]
    assert find_messages(business_id=make_shop("charlies").business.id, wanted=MessageFilter()).items == []


def test_too_many_to_one_person_wait_a_day_and_codes_and_what_staff_send_do_not(shop: Barbershop) -> None:
    shop.settings(staff_copies=False, reminder_minutes=(), messages_per_person_per_day=2)
    for _ in range(3):
        announce_booking(booking_id=shop.book().id, now=NOW)
    assert send() == 3
    assert len(mail.outbox) == 2
    waiting = Message.objects.get(state="queued")
    assert (waiting.next_attempt_at, waiting.attempts) == (NOW + timedelta(days=1), 0)
    with time_machine.travel(NOW, tick=False):
        resend_message(
            actor=staff(shop.business.id),
            business_id=shop.business.id,
            message_id=waiting.id,
            now=NOW,
        )
    assert send() == 1
    assert len(mail.outbox) == 3


def test_too_many_of_a_business_wait_for_the_hour(shop: Barbershop) -> None:
    shop.settings(staff_copies=False, reminder_minutes=(), messages_per_hour=2)
    for name in ("a", "b", "c"):
        contact = {"name": name, "email": f"{name}@example.com", "phone": ""}
        announce_booking(booking_id=shop.book(contact=contact).id, now=NOW)
    send()
    assert len(mail.outbox) == 2
    assert Message.objects.get(state="queued").next_attempt_at == NOW + timedelta(hours=1)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert send_due_messages() == 1
    assert len(mail.outbox) == 3


def test_a_business_chooses_its_sender_and_where_answers_go(shop: Barbershop) -> None:
    shop.settings(reminder_minutes=(), sender_name="Fenwick’s desk", reply_to="answers@fenwick.example")
    announce_booking(booking_id=shop.book().id, now=NOW)
    send()
    to_customer, to_staff, _ = mail.outbox
    assert to_customer.from_email.startswith('"Fenwick’s desk" <')
    assert to_customer.reply_to == ["answers@fenwick.example"]
    assert to_staff.reply_to == [DANA], "staff answer the customer"


def test_the_delivery_rate_is_a_figure(message: Message, shop: Barbershop) -> None:
    with time_machine.travel(NOW, tick=False):
        assert "holdfast_message_delivery_rate 1" not in metrics.page().decode()
    send()
    announce_booking(booking_id=shop.book().id, now=NOW)
    send()
    Message.objects.filter(id=message.id).update(state="bounced")
    with time_machine.travel(NOW, tick=False):
        assert "holdfast_message_delivery_rate 0.5" in metrics.page().decode()
