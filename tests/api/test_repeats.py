"""Idempotency keys, rate limits, and a database that is busy."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection

from holdfast.bookings.models import Booking
from holdfast.catalog.models import Service
from holdfast.core.models import IdempotencyKey
from tests.api.conftest import DANA, Answer, Api, booking_body, nothing_stored
from tests.cast import Shop, make_shop

KEY = "0b9c3b5e-7c1d-4e55-9d2e-6a0f6a1f0c11"


@pytest.mark.django_db
def test_a_repeat_gets_the_first_answer(shop: Shop, guest: Api) -> None:
    body = booking_body(shop)
    first = guest.post("/bookings", body, Idempotency_Key=KEY)
    again = guest.post("/bookings", body, Idempotency_Key=KEY)
    assert (again.status, again.response.content) == (201, first.response.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Booking.objects.count() == 1
    assert b"dana@example.org" not in bytes(IdempotencyKey.objects.get().body)


@pytest.mark.django_db
def test_a_repeat_of_a_booking_from_a_hold_outlives_its_move(shop: Shop, guest: Api, staff: Api) -> None:
    time = {"service": str(shop.cut.id), "starts_at": shop.at().isoformat()}
    hold = guest.post("/holds", time).body
    body = {"hold": hold["id"], "token": hold["token"], "customer": dict(DANA)} | time
    first = guest.post("/bookings", body, Idempotency_Key=KEY)
    assert first.status == 201
    path = f"/bookings/{first.body['reference']}/reschedule"
    assert staff.post(path, {"starts_at": shop.at("15:00").isoformat()}).status == 200
    again = guest.post("/bookings", body, Idempotency_Key=KEY)
    assert (again.status, again.response.content) == (201, first.response.content)
    anew = guest.post("/bookings", body)
    assert (anew.status, anew.mistakes) == (422, {"starts_at": ["differs_from_hold"]})


@pytest.mark.django_db
def test_the_key_with_another_body_is_refused(shop: Shop, guest: Api) -> None:
    guest.post("/bookings", booking_body(shop), Idempotency_Key=KEY)
    answer = guest.post("/bookings", booking_body(shop, "12:00"), Idempotency_Key=KEY)
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")
    assert answer.mistakes == {"Idempotency-Key": ["reused"]}
    assert Booking.objects.count() == 1


@pytest.mark.django_db
def test_a_refusal_is_not_kept(shop: Shop, guest: Api, staff: Api) -> None:
    body = booking_body(shop, resource=str(shop.theo.id))
    other = guest.post("/bookings", body).body
    with nothing_stored():
        assert guest.post("/bookings", body, Idempotency_Key=KEY).code == "time_taken"
    staff.post(f"/bookings/{other['reference']}/cancel")
    assert guest.post("/bookings", body, Idempotency_Key=KEY).status == 201


@pytest.mark.django_db
def test_a_key_belongs_to_its_business_caller_and_operation(
    shop: Shop, other_shop: Shop, guest: Api, staff: Api, manager: Api
) -> None:
    assert guest.post("/bookings", booking_body(shop), Idempotency_Key=KEY).status == 201
    assert staff.post("/bookings", booking_body(shop), Idempotency_Key=KEY).status == 201
    hold = booking_body(shop, "12:00")
    del hold["customer"]
    assert guest.post("/holds", hold, Idempotency_Key=KEY).status == 201
    elsewhere = Api(other_shop.slug).post("/bookings", booking_body(other_shop), Idempotency_Key=KEY)
    assert elsewhere.status == 201
    for _ in range(2):
        answer = manager.post("/services", {"name": "Shave", "duration_minutes": 20}, Idempotency_Key=KEY)
        assert answer.status == 201
    assert Service.objects.filter(business_id=shop.business_id).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tkey", "\u00e4\u0085"])
def test_an_unusable_key_is_refused(key: str, shop: Shop, guest: Api) -> None:
    with nothing_stored():
        answer = guest.post("/bookings", booking_body(shop), Idempotency_Key=key)
        assert (answer.status, answer.code) == (422, "idempotency_key_unusable")


@pytest.mark.django_db(transaction=True)
def test_concurrent_repeats_make_one_booking_and_get_one_answer() -> None:
    shop = make_shop("fenwick")
    body = booking_body(shop)
    answers: list[Answer] = []
    start = threading.Barrier(6)

    def repeat() -> None:
        start.wait()
        try:
            answers.append(Api(shop.slug).post("/bookings", body, Idempotency_Key=KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=repeat) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [201] * 6
    assert len({answer.response.content for answer in answers}) == 1
    assert Booking.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_key_concurrent_calls_book_as_often_as_there_is_room() -> None:
    """The control of the test above: the same calls, but nothing says that they are one."""
    shop = make_shop("fenwick")
    body = booking_body(shop)
    statuses: list[int] = []
    start = threading.Barrier(6)

    def call() -> None:
        start.wait()
        try:
            statuses.append(Api(shop.slug).post("/bookings", body).status)
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 201, 409, 409, 409, 409]


@pytest.mark.django_db
def test_writes_are_limited_and_reads_are_not(shop: Shop, guest: Api, settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 2
    first, second, third = (guest.post("/bookings", booking_body(shop)) for _ in range(3))
    assert [first.headers["RateLimit-Remaining"], second.headers["RateLimit-Remaining"]] == ["1", "0"]
    assert first.headers["RateLimit-Limit"] == "2"
    assert first.headers["RateLimit-Policy"] == f"2;w={settings.RATE_LIMIT_WINDOW_SECONDS}"
    assert (third.status, third.code) == (429, "rate_limited")
    assert 0 < int(third.headers["Retry-After"]) <= settings.RATE_LIMIT_WINDOW_SECONDS
    assert (third.headers["RateLimit-Limit"], third.headers["RateLimit-Remaining"]) == ("2", "0")
    assert third.headers["RateLimit-Reset"] == third.headers["Retry-After"]
    assert Booking.objects.count() == 2
    assert guest.get().status == 200
    assert "RateLimit-Limit" not in guest.get().headers


@pytest.mark.django_db
def test_every_token_has_a_limit_of_its_own(shop: Shop, guest: Api, staff: Api, settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 1
    assert [guest.post("/bookings", booking_body(shop)).status for _ in range(2)] == [201, 429]
    assert [staff.post("/bookings", booking_body(shop)).status for _ in range(2)] == [201, 429]


@pytest.mark.django_db
def test_a_repeat_is_never_refused_by_its_own_success(shop: Shop, guest: Api, settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 1
    body = booking_body(shop)
    first, *again = (guest.post("/bookings", body, Idempotency_Key=KEY) for _ in range(3))
    assert [answer.status for answer in (first, *again)] == [201, 201, 201]
    assert {answer.response.content for answer in again} == {first.response.content}
    assert again[0].headers["RateLimit-Remaining"] == "0"
    assert Booking.objects.count() == 1


@pytest.mark.django_db
def test_a_key_of_its_own_does_not_get_a_call_past_the_limit(shop: Shop, guest: Api, settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 1
    assert guest.post("/bookings", booking_body(shop), Idempotency_Key=KEY).status == 201
    other = booking_body(shop, "12:00")
    with nothing_stored():
        for key, body in (("new", other), (KEY, other), ("new", {}), ("new", "{"), ("x" * 256, other)):
            answer = guest.post("/bookings", body, Idempotency_Key=key)
            assert (answer.status, answer.code) == (429, "rate_limited")
            assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"]
    settings.RATE_LIMIT_MAX_REQUESTS = 10
    assert guest.post("/bookings", other, Idempotency_Key="new").status == 201


@pytest.mark.django_db
def test_a_key_where_none_is_taken_gets_no_call_past_the_limit(
    shop: Shop, manager: Api, settings: Any
) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 1
    assert manager.patch("/settings", {"hold_minutes": 5}, Idempotency_Key=KEY).status == 200
    assert manager.patch("/settings", {"hold_minutes": 6}, Idempotency_Key=KEY).status == 429
    assert manager.get("/settings").body["hold_minutes"] == 5


@pytest.mark.django_db
def test_a_limit_of_zero_is_no_limit(shop: Shop, guest: Api) -> None:
    answer = guest.post("/bookings", booking_body(shop))
    assert answer.status == 201
    assert "RateLimit-Limit" not in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    "where", ["holdfast.api.routes.bookings.commands.book", "holdfast.api.auth.timetable_at"]
)
def test_a_busy_database_asks_to_come_back(
    where: str, shop: Shop, guest: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(**_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(where, locked)
    answer = guest.post("/bookings", booking_body(shop))
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "1")


@pytest.mark.django_db
def test_a_fault_is_a_problem_without_a_word_of_its_cause(
    shop: Shop, guest: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("holdfast.api.routes.bookings.commands.book", broken)
    guest.client = _forgiving()
    answer = Answer(
        guest.client.post(f"/api/v1/businesses/{shop.slug}/bookings", booking_body(shop), "application/json")
    )  # type: ignore[arg-type]
    assert (answer.status, answer.code) == (500, "internal")
    assert b"secret" not in answer.response.content


def _forgiving() -> Any:
    from django.test import Client

    return Client(raise_request_exception=False)
