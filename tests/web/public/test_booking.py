"""From a chosen time to a booking, without script: hold, details, question, booked. And every way it can fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client, override_settings
from time_machine import Traveller

from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import booking_by_id
from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.customers.models import Customer
from holdfast.lib.refusals import Busy
from tests.cast import OPERATOR, Shop
from tests.web.public.visitor import DETAILS, reserve, said, stamp, take, values


@pytest.fixture
def later(shop: Shop) -> Iterator[Traveller]:
    """A clock that the test can move; it starts now."""
    with time_machine.travel(clock.now(), tick=False) as clock_of_the_test:
        yield clock_of_the_test


def test_a_stranger_books_from_the_first_page_to_the_last_without_script(client: Client, shop: Shop) -> None:
    first = client.get(f"/b/{shop.slug}/")
    asked = {"service": values(first, "service")[0], "who": "any", "date": shop.at().date().isoformat()}
    choice = client.get(f"/b/{shop.slug}/times", asked)
    at = values(choice, "at")[4]
    held = client.post(f"/b/{shop.slug}/holds", {"service": asked["service"], "who": "any", "at": at})
    assert held.status_code == 303
    form = client.get(held["Location"])
    assert "is yours for" in said(form)
    assert "until " in said(form)
    question = client.post(f"{held['Location']}/review", DETAILS)
    assert question.status_code == 200
    assert "Book Classic cut with " in said(question)
    kept = {name: values(question, name)[0] for name in DETAILS}
    done = client.post(f"{held['Location']}/confirm", kept)
    assert done.status_code == 303
    page = client.get(done["Location"])
    assert "You're booked, Dana" in said(page)
    assert "dana@example.org" in said(page)
    booking = Booking.objects.get()
    assert booking.state == "confirmed"
    assert f"{booking.starts_at:%Y-%m-%dT%H:%MZ}" == at
    assert Claim.objects.filter(booking=booking).count() == 1
    assert OutboxEvent.objects.filter(kind="BookingConfirmed").count() == 1


def test_a_hold_without_a_time_says_so_on_the_same_page(client: Client, shop: Shop) -> None:
    page = client.post(f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "who": "any"})
    assert page.status_code == 422
    assert "Choose a time first." in said(page)
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "at", ["tomorrow", "2026-02-30T10:00Z", "2027-01-01T10:00", "2027-01-01T99:99Z", "9" * 500, "\x00" * 17]
)
def test_an_instant_that_is_none_is_refused_and_nothing_is_stored(
    client: Client, shop: Shop, at: str
) -> None:
    page = client.post(f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "who": "any", "at": at})
    assert page.status_code == 422
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("hhmm", "days", "words"),
    [
        ("10:00", -3, "This time has passed"),
        ("10:00", 300, "cannot be booked yet"),
        ("20:00", 3, "closed then"),
        ("10:07", 3, "do not start at this minute"),
        ("16:45", 3, "past closing"),
    ],
)
def test_a_time_that_may_not_be_booked_says_why(
    client: Client, shop: Shop, hhmm: str, days: int, words: str
) -> None:
    fields = {"service": str(shop.cut.id), "who": "any", "at": stamp(shop, hhmm, days)}
    page = client.post(f"/b/{shop.slug}/holds", fields)
    assert page.status_code == 422
    assert words in said(page)
    assert not Booking.objects.exists()


def test_a_time_that_has_gone_comes_with_others_one_tap_away(client: Client, shop: Shop) -> None:
    shop.book("10:00", resource=shop.theo)
    page = client.post(
        f"/b/{shop.slug}/holds",
        {"service": str(shop.cut.id), "who": str(shop.theo.id), "at": stamp(shop, "10:00")},
    )
    assert page.status_code == 409
    assert "Someone booked 10:00 a moment ago." in said(page)
    others = values(page, "choice")
    assert 1 < len(others) <= 4
    assert f"{stamp(shop, '10:00')}/{shop.amara.id}" in others
    assert "Same time, someone else" in said(page)
    taken = client.post(f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "choice": others[0]})
    assert taken.status_code == 303
    assert client.get(taken["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Add your name."),
        ("name", "D" * 10_000, "Use at most 120 characters."),
        ("name", "Da\x00na", "characters that cannot be shown"),
        ("email", "", "Add your email address"),
        ("email", "dana at example", "Write the whole email address"),
        ("phone", "07", "Add the rest of the number"),
        ("notes", "n" * 1001, "Use at most 1000 characters."),
    ],
)
@pytest.mark.parametrize("step", ["review", "confirm"])
def test_wrong_details_are_named_and_nothing_typed_is_lost(
    client: Client, shop: Shop, step: str, field: str, value: str, words: str
) -> None:
    url = take(client, shop)
    page = client.post(f"{url}/{step}", DETAILS | {field: value})
    assert page.status_code == 422
    assert "One thing to fix" in said(page)
    assert words in said(page)
    others = [name for name in ("name", "email", "phone") if name != field]
    assert {name: values(page, name) for name in others} == {name: [DETAILS[name]] for name in others}
    assert Booking.objects.get().state == "held"
    assert not Customer.objects.exists()


def test_the_same_form_sent_twice_books_once(client: Client, shop: Shop) -> None:
    url = take(client, shop)
    fields = DETAILS | {"idempotency_key": "a1b2"}
    first, second = (client.post(f"{url}/confirm", fields) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert Booking.objects.count() == 1


def test_the_same_choice_sent_twice_holds_once(client: Client, shop: Shop) -> None:
    fields = {"service": str(shop.cut.id), "who": "any", "at": stamp(shop), "idempotency_key": "k1"}
    first, second = (client.post(f"/b/{shop.slug}/holds", fields) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_a_hold_that_has_ended_still_books_while_the_time_is_free(
    client: Client, shop: Shop, later: Traveller
) -> None:
    url = take(client, shop)
    later.shift(timedelta(minutes=11))
    assert "Your hold has ended." in said(client.get(url))
    done = client.post(f"{url}/confirm", DETAILS)
    assert done.status_code == 303
    assert Booking.objects.filter(state="confirmed").count() == 1


def test_a_hold_that_has_ended_and_gone_keeps_the_details_for_the_next_time(
    client: Client, shop: Shop, later: Traveller
) -> None:
    url = take(client, shop, who=str(shop.theo.id))
    later.shift(timedelta(minutes=11))
    shop.book("10:00", resource=shop.theo)
    page = client.post(f"{url}/confirm", DETAILS)
    assert page.status_code == 409
    assert "your details are saved" in said(page)
    other = client.post(
        f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "choice": values(page, "choice")[0]}
    )
    form = client.get(other["Location"])
    assert {name: values(form, name) for name in ("name", "email", "phone")} == {
        name: [DETAILS[name]] for name in ("name", "email", "phone")
    }
    assert "Long on top" in said(form)


def test_a_hold_that_has_ended_too_near_its_time_leads_to_later_ones(
    client: Client, shop: Shop, later: Traveller
) -> None:
    later.move_to(shop.at("08:50"))
    url = take(client, shop, "10:00", days=0)
    later.shift(timedelta(minutes=15))
    page = client.post(f"{url}/confirm", DETAILS)
    assert page.status_code == 409
    assert "too near to be booked online" in said(page)
    assert values(page, "choice")
    assert not Booking.objects.filter(state="confirmed").exists()


def test_a_hold_let_go_in_another_tab_while_the_form_was_on_its_way_still_books(
    client: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = take(client, shop)
    stale = booking_by_id(business_id=shop.business_id, booking_id=Booking.objects.get().id)
    Client().post(f"{url}/release")
    monkeypatch.setattr("holdfast.web.public.views_hold.booking_by_id", lambda **_: stale)
    assert client.post(f"{url}/confirm", DETAILS | {"idempotency_key": "k"}).status_code == 303
    assert Booking.objects.filter(state="confirmed").count() == 1


def test_more_time_moves_the_deadline_and_keeps_what_was_typed(
    client: Client, shop: Shop, later: Traveller
) -> None:
    url = take(client, shop)
    before = Booking.objects.get().releases_at
    later.shift(timedelta(minutes=8))
    answer = client.post(f"{url}/extend", DETAILS)
    assert (answer.status_code, answer["Location"]) == (303, url)
    after = Booking.objects.get().releases_at
    assert before is not None
    assert after is not None
    assert after - before == timedelta(minutes=8)
    assert values(client.get(url), "name") == ["Dana Guest"]


def test_more_time_ends_after_half_an_hour_with_the_form_still_there(
    client: Client, shop: Shop, later: Traveller
) -> None:
    url = take(client, shop)
    for _ in range(3):
        later.shift(timedelta(minutes=9))
        client.post(f"{url}/extend", DETAILS)
    page = client.post(f"{url}/extend", DETAILS)
    assert page.status_code == 409
    assert "cannot be held any longer" in said(page)
    assert values(page, "name") == ["Dana Guest"]
    assert "More time" not in said(page)


def test_choosing_another_time_lets_the_held_one_go_and_keeps_what_was_typed(
    client: Client, shop: Shop
) -> None:
    url = take(client, shop)
    answer = client.post(f"{url}/change", DETAILS)
    assert answer.status_code == 303
    assert not Claim.objects.exists()
    assert stamp(shop) in values(client.get(answer["Location"]), "at")
    assert values(client.get(take(client, shop, "11:00")), "email") == ["dana@example.org"]


def test_leaving_the_page_lets_the_time_go(client: Client, shop: Shop) -> None:
    url = take(client, shop)
    assert client.post(f"{url}/release").status_code == 204
    assert client.post(f"{url}/release").status_code == 204
    assert not Claim.objects.exists()


def test_the_address_of_a_step_alone_leads_back_to_the_form_and_changes_nothing(
    client: Client, shop: Shop
) -> None:
    url = take(client, shop)
    for step in ("review", "edit", "extend", "change", "release", "confirm"):
        answer = client.get(f"{url}/{step}")
        assert (answer.status_code, answer["Location"]) == (302, url)
    assert client.get(f"/b/{shop.slug}/holds")["Location"] == f"/b/{shop.slug}/"
    assert Booking.objects.get().state == "held"


def test_what_was_typed_is_forgotten_once_it_is_booked(client: Client, shop: Shop) -> None:
    url = take(client, shop)
    client.post(f"{url}/review", DETAILS)
    assert client.cookies["holdfast_details"].value
    client.post(f"{url}/confirm", DETAILS)
    assert not client.cookies["holdfast_details"].value


def test_a_long_note_survives_in_the_visitors_own_browser(client: Client, shop: Shop) -> None:
    note = "".join(chr(0x4E00 + n * 7) for n in range(1000))
    url = take(client, shop)
    client.post(f"{url}/edit", DETAILS | {"notes": note})
    assert note in client.get(url).content.decode()


def test_a_draft_that_was_tampered_with_is_no_draft(client: Client, shop: Shop) -> None:
    url = take(client, shop)
    client.cookies["holdfast_details"] = "eyJuYW1lIjoiTWFsbG9yeSJ9:x:y"
    page = client.get(url)
    assert page.status_code == 200
    assert values(page, "name") == [""]


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000])
def test_a_wrong_token_of_a_hold_is_not_found(client: Client, shop: Shop, token: str) -> None:
    assert client.get(f"/b/{shop.slug}/h/{token}").status_code == 404
    assert client.post(f"/b/{shop.slug}/h/{token}/confirm", DETAILS).status_code == 404


def test_a_hold_is_not_found_at_another_business(client: Client, shop: Shop, other_shop: Shop) -> None:
    url = take(client, shop)
    assert client.get(url.replace(f"/{shop.slug}/", f"/{other_shop.slug}/")).status_code == 404


def test_the_hold_of_a_finished_booking_leads_to_the_booking(client: Client, shop: Shop) -> None:
    url = take(client, shop)
    done = client.post(f"{url}/confirm", DETAILS)
    again = client.get(url)
    assert again.status_code == 303
    assert again["Location"] == done["Location"].partition("?")[0]


def test_a_limit_is_said_above_the_form_that_is_kept(client: Client, shop: Shop) -> None:
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"upcoming_bookings_per_customer": 1}
    )
    reserve(client, shop, "10:00")
    page = client.post(f"{take(client, shop, '12:00')}/confirm", DETAILS)
    assert page.status_code == 409
    assert "as many upcoming bookings as the business allows" in said(page)
    assert values(page, "name") == ["Dana Guest"]


def test_a_blocked_customer_is_told_no_more_than_necessary(client: Client, shop: Shop) -> None:
    reserve(client, shop, "10:00")
    Customer.objects.update(blocked_at=clock.now())
    page = client.post(f"{take(client, shop, '12:00')}/confirm", DETAILS)
    assert page.status_code == 409
    assert "cannot be made online" in said(page)


@override_settings(RATE_LIMIT_MAX_REQUESTS=2)
def test_too_many_writes_are_told_when_to_come_back(client: Client, shop: Shop) -> None:
    fields = {"service": str(shop.cut.id), "who": "any"}
    answers = [client.post(f"/b/{shop.slug}/holds", fields) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 900
    assert "You can try again at " in said(answers[-1])


@override_settings(RATE_LIMIT_MAX_REQUESTS=1)
def test_a_form_sent_again_is_answered_although_its_own_success_used_up_the_limit(
    client: Client, shop: Shop
) -> None:
    fields = {"service": str(shop.cut.id), "who": "any", "at": stamp(shop), "idempotency_key": "a1b2c3"}
    first, again = (client.post(f"/b/{shop.slug}/holds", fields) for _ in range(2))
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    assert Booking.objects.count() == 1


@override_settings(RATE_LIMIT_MAX_REQUESTS=1)
@pytest.mark.parametrize("changed", [{"at": "12:00"}, {"at": "10:00", "key": "d4e5f6"}, {"at": ""}])
def test_a_key_alone_opens_no_door_beyond_the_limit(
    changed: dict[str, str], client: Client, shop: Shop
) -> None:
    fields = {"service": str(shop.cut.id), "who": "any", "at": stamp(shop), "idempotency_key": "a1b2c3"}
    assert client.post(f"/b/{shop.slug}/holds", fields).status_code == 303
    at = changed["at"] and stamp(shop, changed["at"])
    other = fields | {"at": at, "idempotency_key": changed.get("key", "a1b2c3")}
    refused = client.post(f"/b/{shop.slug}/holds", other)
    assert refused.status_code == 429
    assert Booking.objects.count() == 1


def test_a_key_does_not_open_forms_that_look_at_none(client: Client, shop: Shop) -> None:
    url = take(client, shop)
    with override_settings(RATE_LIMIT_MAX_REQUESTS=1):
        client.post(f"{url}/edit", DETAILS)
        refused = client.post(f"{url}/release", {"idempotency_key": "a1b2c3"})
    assert refused.status_code == 429
    assert Booking.objects.get().state == "held"


def test_a_busy_database_is_a_page_that_says_try_again(
    client: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_: object) -> None:
        raise Busy(retry_after=1)

    monkeypatch.setattr("holdfast.web.public.views_hold.hold_time", busy)
    page = client.post(
        f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "who": "any", "at": stamp(shop)}
    )
    assert (page.status_code, page["Retry-After"]) == (503, "1")


def test_pages_with_a_token_are_kept_by_nobody(client: Client, shop: Shop) -> None:
    for page in (client.get(take(client, shop)), client.get(reserve(client, shop, "12:00"))):
        assert "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "same-origin"
        assert "noindex" in page["X-Robots-Tag"]
