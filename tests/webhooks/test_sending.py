"""Events go out signed, once each, again when a receiver was not there, and never into a private network (SPEC H7)."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from holdfast.bookings.commands import cancel_booking, check_in
from holdfast.core import clock, outgoing
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Forbidden, Missing
from holdfast.lib.retries import MOST_ATTEMPTS
from holdfast.webhooks import commands
from holdfast.webhooks.errors import EndpointPaused
from holdfast.webhooks.jobs import problem_of, send_due_deliveries
from holdfast.webhooks.models import Delivery, Endpoint
from holdfast.webhooks.rules import EVENTS
from tests.cast import DANA, Shop
from tests.waitlist.line import work
from tests.webhooks.conftest import endpoint
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


def later(**much: int) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**much), tick=False)


def test_a_booking_is_told_signed_and_without_saying_whose_it_is(shop: Shop, receiver: Receiver) -> None:
    made = endpoint(shop, receiver.url)
    booking = shop.book(notes="allergic to peppermint")
    work()
    assert send_due_deliveries() == 1
    assert send_due_deliveries() == 0
    [(headers, body)] = receiver.calls
    said = Webhook(made.secret).verify(body, headers)
    assert (said["type"], said["business"]) == ("booking.confirmed", "fenwick")
    assert said["data"]["booking"]["reference"] == booking.shown_reference
    assert said["data"]["booking"]["price_minor"] == 2600
    for private in (DANA.name, DANA.email, "peppermint"):
        assert private.casefold() not in body.decode().casefold()
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(body.replace(b"2600", b"2601"), headers)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.log[0]["status"]) == ("sent", 1, 204)
    assert headers["webhook-id"] == str(delivery.id)


def test_only_chosen_events_of_the_own_business_are_told(
    shop: Shop, other_shop: Shop, receiver: Receiver
) -> None:
    endpoint(shop, receiver.url, ["booking.cancelled", "booking.checked_in"])
    endpoint(other_shop, receiver.url, EVENTS)
    booking = shop.book()
    work()
    assert send_due_deliveries() == 0
    staff = shop.actor(Role.STAFF)
    with time_machine.travel(booking.starts_at, tick=False):
        check_in(actor=staff, business_id=shop.business_id, booking_id=booking.id, now=clock.now())
    with time_machine.travel(booking.starts_at + timedelta(minutes=1), tick=False):
        work()
        send_due_deliveries()
    [(_, body)] = receiver.calls
    assert json.loads(body)["type"] == "booking.checked_in"


def test_a_cancellation_that_can_be_undone_is_not_told_yet(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver.url, ["booking.cancelled"])
    booking = shop.book()
    cancel_booking(
        actor=shop.actor(Role.STAFF),
        timetable=shop.timetable,
        booking_id=booking.id,
        now=clock.now(),
        undo=True,
    )
    work()
    assert send_due_deliveries() == 0
    with later(minutes=1):
        work()
        send_due_deliveries()
    [(_, body)] = receiver.calls
    assert json.loads(body)["data"]["by"] == "business"


def test_a_receiver_that_was_away_gets_the_same_delivery_later(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver.url)
    receiver.answers = [503, 500]
    shop.book()
    work()
    send_due_deliveries()
    assert send_due_deliveries() == 0, "not before its time"
    with later(minutes=2):
        send_due_deliveries()
    assert Endpoint.objects.get().failing_since is not None
    with later(minutes=10):
        send_due_deliveries()
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1
    assert len({body for _, body in receiver.calls}) == 1
    delivery = Delivery.objects.get()
    assert [entry["status"] for entry in delivery.log] == [503, 500, 204]
    assert Endpoint.objects.get().failing_since is None


def test_an_endpoint_is_paused_when_nothing_got_through_for_a_day_and_misses_nothing(
    shop: Shop, receiver: Receiver
) -> None:
    made = endpoint(shop, receiver.url).endpoint
    receiver.answers = [500] * MOST_ATTEMPTS
    shop.book("10:00")
    work()
    for _ in range(MOST_ATTEMPTS):
        due = Delivery.objects.get().next_attempt_at
        with time_machine.travel(max(due, clock.now()), tick=False):
            send_due_deliveries()
    delivery, paused = Delivery.objects.get(), Endpoint.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", MOST_ATTEMPTS)
    assert (paused.pause_reason, paused.paused_at) == ("failing", delivery.next_attempt_at)
    shop.book("11:00")
    work()
    assert send_due_deliveries() == 0, "nothing goes to what is paused"
    admin = shop.actor(Role.ADMIN)
    with pytest.raises(EndpointPaused):
        commands.resend_delivery(
            actor=admin, business_id=shop.business_id, delivery_id=delivery.id, now=clock.now()
        )
    commands.resume_endpoint(actor=admin, business_id=shop.business_id, endpoint_id=made.id, now=clock.now())
    assert send_due_deliveries() == 1, "what happened meanwhile"
    commands.resend_delivery(
        actor=admin, business_id=shop.business_id, delivery_id=delivery.id, now=clock.now()
    )
    assert send_due_deliveries() == 1
    assert {row.state for row in Delivery.objects.all()} == {"sent"}


def test_one_failure_among_many_pauses_nothing(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver.url)
    Endpoint.objects.update(failing_since=clock.now() - timedelta(hours=1))
    shop.book()
    work()
    Delivery.objects.update(attempts=MOST_ATTEMPTS - 1)
    receiver.answers = [500]
    send_due_deliveries()
    assert Delivery.objects.get().state == "failed"
    assert Endpoint.objects.get().paused_at is None


def test_an_address_that_is_gone_for_good_is_paused_at_once(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver.url)
    receiver.answers = [410]
    shop.book()
    work()
    send_due_deliveries()
    assert Endpoint.objects.get().pause_reason == "gone"


def test_a_new_secret_and_the_former_one_sign_side_by_side_for_a_day(shop: Shop, receiver: Receiver) -> None:
    former = endpoint(shop, receiver.url)
    rotated = commands.rotate_secret(
        actor=shop.actor(Role.ADMIN),
        business_id=shop.business_id,
        endpoint_id=former.endpoint.id,
        now=clock.now(),
    )
    shop.book("10:00")
    work()
    send_due_deliveries()
    for secret in (former.secret, rotated.secret):
        Webhook(secret).verify(receiver.calls[0][1], receiver.calls[0][0])
    with later(hours=25):
        shop.book("11:00")
        work()
        send_due_deliveries()
        headers, body = receiver.calls[1]
        Webhook(rotated.secret).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(former.secret).verify(body, headers)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://0.0.0.0:{port}/",
    ],
)
def test_nothing_is_sent_to_this_machine_by_whatever_name(
    receiver: Receiver, settings: Any, url: str
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ()
    target = url.format(port=receiver.url.split(":")[2].split("/")[0])
    assert problem_of(target)[0] in ("private_address", "no_such_host")
    with pytest.raises(outgoing.requests.RequestException):
        outgoing.post(target, data=b"{}", headers={})
    assert receiver.calls == []


def test_a_name_that_turns_private_after_it_was_judged_is_refused_at_sending(
    shop: Shop, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ()
    port = receiver.url.split(":")[2].split("/")[0]
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    with monkeypatch.context() as names:
        names.setattr(socket, "getaddrinfo", lambda *_, **__: public)
        assert problem_of("https://till.example.org/") == ("", False)
    endpoint(shop, f"http://till.example.org:{port}/")
    shop.book()
    work()
    private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))]
    monkeypatch.setattr(outgoing, "addresses_of", lambda *_: [entry[4][0] for entry in private])
    send_due_deliveries()
    assert receiver.calls == []
    assert Delivery.objects.get().log[0]["error"] == "private_address"
    # The control: without the guard the very same delivery would have arrived.
    monkeypatch.setattr(outgoing, "is_open", lambda *_, **__: True)
    with later(minutes=2):
        send_due_deliveries()
    assert len(receiver.calls) == 1


@contextmanager
def dawdler() -> Iterator[str]:
    """A server that answers one letter at a time, for as long as anybody listens."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def talk() -> None:
        found, _ = server.accept()
        with found:
            try:
                while not over.wait(0.05):
                    found.sendall(b"H")
            except OSError:
                return

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        over.set()
        thread.join()
        server.close()


def test_who_answers_letter_by_letter_is_left_after_the_deadline(
    shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "DEADLINE_SECONDS", 0.5)
    with dawdler() as slow:
        endpoint(shop, slow)
        endpoint(shop, receiver.url)
        shop.book()
        work()
        began = time.monotonic()
        assert send_due_deliveries() == 2
        assert time.monotonic() - began < 8
    assert len(receiver.calls) == 1, "and nobody waits for them"
    assert Delivery.objects.filter(state="queued", attempts=1).count() == 1


def test_a_redirect_is_not_followed(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver.url)
    receiver.answers, receiver.headers = [302], {"Location": "http://169.254.169.254/"}
    shop.book()
    work()
    send_due_deliveries()
    assert Delivery.objects.get().log[0]["status"] == 302
    assert Delivery.objects.get().state == "queued"


def test_a_worker_that_lost_its_lease_changes_nothing(shop: Shop, receiver: Receiver) -> None:
    endpoint(shop, receiver.url)
    shop.book()
    work()
    now = clock.now()
    [first] = commands.take_due_deliveries(now=now, limit=5, lease_minutes=5)
    assert commands.take_due_deliveries(now=now, limit=5, lease_minutes=5) == []
    [second] = commands.take_due_deliveries(now=now + timedelta(minutes=6), limit=5, lease_minutes=5)
    assert (first.id, first.attempt, second.attempt) == (second.id, 1, 2)
    commands.record_try(taken=first, tried=commands.Tried(status=500), now=now, chance=0.5)
    assert Delivery.objects.get().log == []
    commands.record_try(taken=second, tried=commands.Tried(status=204), now=now, chance=0.5)
    assert Delivery.objects.get().state == "sent"


def test_a_receiver_with_much_to_hear_leaves_places_to_others(shop: Shop, receiver: Receiver) -> None:
    busy = endpoint(shop, receiver.url).endpoint
    quiet = endpoint(shop, receiver.url, ["booking.cancelled"]).endpoint
    admin = shop.actor(Role.ADMIN)
    for each in [busy.id] * 10 + [quiet.id]:
        commands.send_test(actor=admin, business_id=shop.business_id, endpoint_id=each, now=clock.now())
    taken = commands.take_due_deliveries(now=clock.now(), limit=8, lease_minutes=5)
    assert [one.endpoint_id for one in taken].count(busy.id) == 4
    assert quiet.id in {one.endpoint_id for one in taken}


def test_deliveries_are_forgotten_after_a_month(shop: Shop, receiver: Receiver) -> None:
    made = endpoint(shop, receiver.url).endpoint
    commands.send_test(
        actor=shop.actor(Role.ADMIN), business_id=shop.business_id, endpoint_id=made.id, now=clock.now()
    )
    assert commands.forget_deliveries(now=clock.now()) == 0
    assert commands.forget_deliveries(now=clock.now() + timedelta(days=31)) == 1


def test_webhooks_are_the_admins_of_that_business_alone(
    shop: Shop, other_shop: Shop, receiver: Receiver
) -> None:
    made = endpoint(shop, receiver.url).endpoint
    with pytest.raises(Forbidden):
        commands.remove_endpoint(
            actor=shop.actor(Role.MANAGER), business_id=shop.business_id, endpoint_id=made.id
        )
    with pytest.raises(Missing):
        commands.remove_endpoint(
            actor=other_shop.actor(Role.ADMIN), business_id=other_shop.business_id, endpoint_id=made.id
        )
    assert Endpoint.objects.count() == 1
