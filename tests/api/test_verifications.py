"""Services for proven addresses, and consents, through the API."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.customers.models import Consent, EmailCode
from tests.api.conftest import DANA, Api, booking_body
from tests.cast import Shop


@pytest.fixture
def proven(shop: Shop, manager: Api) -> Shop:
    """A shop whose cut is for people with a proven address."""
    changed = manager.patch(f"/services/{shop.cut.id}", {"who_may_book": "verified_email"})
    assert changed.body["who_may_book"] == "verified_email"
    return shop


def mailed_code() -> str:
    """The code in the newest mail."""
    drain()
    found = re.match(r"\d{6}", str(mail.outbox[-1].subject))
    assert found
    return found.group()


def with_code(shop: Shop, code: str | None, **more: Any) -> dict[str, Any]:
    customer = DANA | ({"email_code": code} if code is not None else {})
    return booking_body(shop) | {"customer": customer} | more


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_without_a_code_the_booking_is_refused_and_nothing_stored(proven: Shop, guest: Api) -> None:
    refused = guest.post("/bookings", booking_body(proven))
    assert (refused.status, refused.code) == (403, "email_not_verified")
    assert not Booking.objects.exists()


def test_the_mailed_code_books_once(proven: Shop, guest: Api) -> None:
    asked = guest.post("/verifications", {"email": "Dana@Example.org"})
    assert asked.status == 202
    assert set(asked.body) == {"expires_at"}
    code = mailed_code()
    assert mail.outbox[-1].to == ["Dana@example.org"]
    assert guest.post("/bookings", with_code(proven, f"{code[:3]} {code[3:]}")).status == 201
    again = guest.post("/bookings", with_code(proven, code, starts_at=proven.at("12:00").isoformat()))
    assert (again.status, again.mistakes) == (422, {"customer.email_code": ["code_ended"]})


def test_a_repeat_with_its_key_is_not_refused_by_the_code_it_spent(proven: Shop, guest: Api) -> None:
    guest.post("/verifications", {"email": DANA["email"]})
    body = with_code(proven, mailed_code())
    first = guest.post("/bookings", body, Idempotency_Key="one")
    again = guest.post("/bookings", body, Idempotency_Key="one")
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body


def test_a_held_time_is_booked_with_a_code_too(proven: Shop, guest: Api) -> None:
    hold = guest.post("/holds", {"service": str(proven.cut.id), "starts_at": proven.at().isoformat()}).body
    body = {"hold": hold["id"], "token": hold["token"], "customer": dict(DANA)}
    assert guest.post("/bookings", body).code == "email_not_verified"
    guest.post("/verifications", {"email": DANA["email"]})
    body["customer"] = DANA | {"email_code": mailed_code()}
    assert guest.post("/bookings", body).status == 201


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(proven: Shop, guest: Api) -> None:
    guest.post("/verifications", {"email": DANA["email"]})
    code = mailed_code()
    said = [
        guest.post("/bookings", with_code(proven, wrong(code))).mistakes["customer.email_code"]
        for _ in range(5)
    ]
    assert said == [["wrong_code"]] * 4 + [["code_ended"]]
    assert guest.post("/bookings", with_code(proven, code)).status == 422
    guest.post("/verifications", {"email": DANA["email"]})
    assert guest.post("/bookings", with_code(proven, mailed_code())).status == 201


def test_a_code_ends_after_a_quarter_of_an_hour(proven: Shop, guest: Api) -> None:
    guest.post("/verifications", {"email": DANA["email"]})
    code = mailed_code()
    with time_machine.travel(clock.now() + timedelta(minutes=15), tick=False):
        late = guest.post("/bookings", with_code(proven, code))
    assert late.mistakes == {"customer.email_code": ["code_ended"]}


def test_a_code_proves_its_own_address_in_its_own_business_alone(
    proven: Shop, other_shop: Shop, guest: Api
) -> None:
    guest.post("/verifications", {"email": "eve@example.org"})
    Api(other_shop.slug).post("/verifications", {"email": DANA["email"]})
    drain()
    codes = [sent.subject[:6] for sent in mail.outbox]
    for code in codes:
        assert guest.post("/bookings", with_code(proven, code)).status == 422


def test_a_refusal_for_another_reason_leaves_the_code_good(proven: Shop, guest: Api) -> None:
    guest.post("/verifications", {"email": DANA["email"]})
    code = mailed_code()
    off_grid = with_code(proven, code, starts_at=proven.at("10:07").isoformat())
    assert guest.post("/bookings", off_grid).mistakes == {"starts_at": ["off_grid"]}
    assert guest.post("/bookings", with_code(proven, code)).status == 201


def test_the_newest_code_counts(proven: Shop, guest: Api) -> None:
    guest.post("/verifications", {"email": DANA["email"]})
    first = mailed_code()
    guest.post("/verifications", {"email": DANA["email"]})
    second = mailed_code()
    if first != second:
        assert guest.post("/bookings", with_code(proven, first)).status == 422
    assert guest.post("/bookings", with_code(proven, second)).status == 201


def test_no_inbox_is_filled_by_asking_again_and_again(proven: Shop, guest: Api) -> None:
    answers = [guest.post("/verifications", {"email": DANA["email"]}).status for _ in range(6)]
    assert answers == [202] * 5 + [429]
    others = [guest.post("/verifications", {"email": f"x{i}@example.org"}).status for i in range(16)]
    assert others.count(202) == 14
    assert others[-1] == 429


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 250 + "@example.org"])
def test_what_is_no_address_gets_no_code(guest: Api, email: str) -> None:
    refused = guest.post("/verifications", {"email": email})
    assert refused.status == 422
    assert "email" in refused.mistakes
    assert not EmailCode.objects.exists()


def test_staff_need_no_code(proven: Shop, staff: Api) -> None:
    assert staff.post("/bookings", booking_body(proven)).status == 201


def test_the_code_is_nowhere_in_the_clear(proven: Shop, guest: Api) -> None:
    guest.post("/verifications", {"email": DANA["email"]})
    before = EmailCode.objects.values().get()
    code = mailed_code()
    after = EmailCode.objects.values().get()
    for row in (before, after):
        assert not any(
            code in repr(value)
            for name, value in row.items()
            if name not in ("id", "created_at", "expires_at")
        )
        assert not any(DANA["email"] in repr(value) for value in row.values())
    assert before["letter"] is not None
    assert after["letter"] is None


def test_every_booking_records_the_privacy_text_and_news_only_if_asked(
    shop: Shop, guest: Api, staff: Api
) -> None:
    guest.post("/bookings", booking_body(shop))
    guest.post("/bookings", booking_body(shop, "12:00", consents={"news": True}))
    staff.post("/bookings", booking_body(shop, "14:00"))
    kept = list(Consent.objects.order_by("id").values_list("kind", "version", "via"))
    assert kept == [
        ("privacy", 1, "api"),
        ("privacy", 1, "api"),
        ("news", 1, "api"),
        ("privacy", 1, "desk"),
    ]
    assert set(Consent.objects.values_list("booking_id", flat=True)) == set(
        Booking.objects.values_list("id", flat=True)
    )


@pytest.mark.parametrize("consents", [{"news": "yes"}, {"sms": True}, True])
def test_consents_are_read_strictly(shop: Shop, guest: Api, consents: Any) -> None:
    assert guest.post("/bookings", booking_body(shop, consents=consents)).status == 422
    assert not Consent.objects.exists()
