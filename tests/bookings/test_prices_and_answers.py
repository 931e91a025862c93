"""What a booking costs by rules and codes, and the answers kept with it (SPEC B6, B7, D11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from holdfast.bookings.commands import (
    Details,
    Wish,
    book,
    cancel_booking,
    confirm_hold,
    hold_time,
    move_booking,
    tidy_dead_bookings,
    undo_change,
)
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.catalog.commands import (
    add_question,
    change_promotion,
    change_question,
    change_service,
    create_price_rule,
    create_promotion,
    delete_promotion,
    delete_question,
)
from holdfast.catalog.errors import InUse
from holdfast.catalog.models import Promotion
from holdfast.catalog.rules import QuestionFacts
from holdfast.core import clock
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.cast import DANA, OPERATOR, Shop

pytestmark = pytest.mark.django_db


def ask(shop: Shop, **wanted: Any) -> QuestionFacts:
    return add_question(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"label": "Any allergies?"} | wanted,
    )


def rule(shop: Shop, **wanted: Any) -> None:
    create_price_rule(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"name": "A rule", "effect": "amount", "amount_minor": 500} | wanted,
    )


def promote(shop: Shop, **wanted: Any) -> Promotion:
    made = create_promotion(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"code": "TEN", "effect": "percent", "percent": 10} | wanted,
    )
    return Promotion.objects.get(id=made.id)


def booked(shop: Shop, hhmm: str = "10:00", contact: Contact = DANA, **details: Any) -> BookingFacts:
    return book(
        actor=GUEST,
        timetable=shop.timetable,
        wish=shop.wish(hhmm, resource=shop.theo),
        details=Details(contact, **details),
        now=clock.now(),
    )


def refused(shop: Shop, **details: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        booked(shop, **details)
    assert not Booking.objects.exists()
    return {name: found[0][0] for name, found in refusal.value.fields.items()}


def test_answers_are_kept_with_the_words_they_were_given_to(shop: Shop) -> None:
    asked, ticked = ask(shop), ask(shop, label="I come alone", kind="consent")
    made = booked(shop, given={str(ticked.id): True, str(asked.id): " Nuts "})
    change_question(
        actor=OPERATOR,
        business_id=shop.business_id,
        question_id=asked.id,
        wanted={"label": "What can you not eat?"},
    )
    delete_question(actor=OPERATOR, business_id=shop.business_id, question_id=ticked.id)
    kept = booking_by_id(business_id=shop.business_id, booking_id=made.id).answers
    assert [(one.label, one.answer) for one in kept] == [("Any allergies?", "Nuts"), ("I come alone", "yes")]
    sealed = Booking.objects.filter(id=made.id).values_list("answers", flat=True)
    assert b"Nuts" not in bytes(sealed[0])


@pytest.mark.parametrize(
    ("question", "answer", "code"),
    [
        ({"is_required": True}, None, "required"),
        ({"is_required": True}, "  ", "required"),
        ({}, 5, "wrong_type"),
        ({}, "x" * 201, "too_long"),
        ({}, "a\x00b", "control_characters"),
        ({"kind": "paragraph"}, "x" * 1001, "too_long"),
        ({"kind": "number"}, "many", "wrong_type"),
        ({"kind": "number"}, 1.5, "wrong_type"),
        ({"kind": "number", "least": 1, "most": 5}, 6, "out_of_bounds"),
        ({"kind": "choice", "choices": ["Red", "Blue"]}, "Green", "unknown_choice"),
        ({"kind": "choice", "choices": ["Red", "Blue"]}, 3, "wrong_type"),
        ({"kind": "consent", "is_required": True}, False, "required"),
        ({"kind": "consent"}, "perhaps", "wrong_type"),
    ],
)
def test_wrong_answers_are_named_by_their_question(
    shop: Shop, question: dict[str, Any], answer: object, code: str
) -> None:
    asked = ask(shop, **question)
    given = {} if answer is None else {str(asked.id): answer}
    assert refused(shop, given=given) == {f"answers.{asked.id}": code}


def test_an_answer_to_no_question_is_refused_with_all_other_mistakes(shop: Shop) -> None:
    stranger = str(uuid4())
    assert refused(shop, contact=Contact(""), given={stranger: "x"}) == {
        "customer.name": "required",
        "customer.email": "required",
        f"answers.{stranger}": "unknown",
    }


def test_what_is_not_asked_any_more_is_not_required(shop: Shop) -> None:
    ask(shop, is_required=True, is_active=False)
    assert booked(shop).answers == ()


def test_a_held_time_takes_its_answers_when_it_is_booked(shop: Shop) -> None:
    asked = ask(shop, is_required=True)
    hold = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish(), now=clock.now())
    holder: dict[str, Any] = {
        "actor": GUEST.holding(hold.id),
        "timetable": shop.timetable,
        "hold_id": hold.id,
        "now": clock.now(),
    }
    with pytest.raises(Invalid):
        confirm_hold(**holder, details=Details(DANA))
    made = confirm_hold(**holder, details=Details(DANA, given={str(asked.id): "Nuts"}))
    assert made.answers[0].answer == "Nuts"


def test_staff_may_leave_a_required_answer_out_only_with_a_reason(shop: Shop) -> None:
    ask(shop, is_required=True)
    wanted: dict[str, Any] = {
        "actor": shop.actor(Role.STAFF),
        "timetable": shop.timetable,
        "wish": shop.wish(),
        "details": Details(Contact("Walk In")),
        "now": clock.now(),
    }
    with pytest.raises(Invalid):
        book(**wanted)
    assert book(**wanted, override_reason="On the phone").state == "confirmed"


def test_a_price_follows_the_rules_when_held_and_when_booked(shop: Shop) -> None:
    rule(shop, until_minute=720)
    hold = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("10:00"), now=clock.now())
    assert hold.price_minor == 3100
    assert booked(shop, "14:00").price_minor == 2600


def test_a_rule_for_one_barber_counts_for_that_barber_alone(shop: Shop) -> None:
    rule(shop, resource_id=shop.amara.id)
    assert booked(shop).price_minor == 2600
    other = book(
        actor=GUEST,
        timetable=shop.timetable,
        wish=shop.wish(resource=shop.amara),
        details=Details(DANA),
        now=clock.now(),
    )
    assert other.price_minor == 3100


def test_a_price_for_each_person_is_changed_for_each_person(shop: Shop) -> None:
    rule(shop, party_least=1)
    from holdfast.catalog.commands import change_resource

    change_resource(
        actor=OPERATOR, business_id=shop.business_id, resource_id=shop.theo.id, wanted={"seats_max": 4}
    )
    change_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"price_per_person": True},
    )
    made = book(
        actor=GUEST,
        timetable=shop.timetable,
        wish=Wish(shop.cut.id, shop.at(), shop.theo.id, 3),
        details=Details(DANA),
        now=clock.now(),
    )
    assert made.price_minor == 3 * 3100


def test_a_deposit_is_never_more_than_the_price(shop: Shop) -> None:
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"deposit_minor": 2000}
    )
    rule(shop, effect="fixed", amount_minor=1500)
    assert booked(shop).deposit_minor == 1500


def test_a_moved_booking_keeps_its_price(shop: Shop) -> None:
    rule(shop, until_minute=720)
    made = booked(shop, "14:00")
    moved = move_booking(
        actor=GUEST.holding(made.id),
        timetable=shop.timetable,
        booking_id=made.id,
        starts_at=shop.at("10:00"),
        now=clock.now(),
    )
    assert moved.price_minor == 2600


def test_a_code_lowers_the_price_and_is_counted(shop: Shop) -> None:
    code = promote(shop)
    made = booked(shop, promo_code=" ten ")
    assert (made.price_minor, made.promo_code) == (2340, "TEN")
    code.refresh_from_db()
    assert code.uses == 1


@pytest.mark.parametrize(
    ("wanted", "typed", "reason"),
    [
        ({}, "NINE", "promo_unknown"),
        ({"is_active": False}, "TEN", "promo_unknown"),
        ({"valid_until": clock.now().date() - timedelta(days=2)}, "TEN", "promo_expired"),
        ({"valid_from": clock.now().date() + timedelta(days=2)}, "TEN", "promo_not_yet"),
    ],
)
def test_a_code_that_does_not_hold_books_nothing(
    shop: Shop, wanted: dict[str, Any], typed: str, reason: str
) -> None:
    promote(shop, **wanted)
    assert refused(shop, promo_code=typed) == {"promo_code": reason}


def test_a_code_of_next_door_is_unknown_here(shop: Shop, other_shop: Shop) -> None:
    promote(other_shop)
    assert refused(shop, promo_code="TEN") == {"promo_code": "promo_unknown"}


def test_a_customer_uses_a_code_as_often_as_allowed(shop: Shop) -> None:
    promote(shop, most_uses_per_customer=1)
    booked(shop, promo_code="TEN")
    with pytest.raises(Invalid) as refusal:
        booked(shop, "11:00", promo_code="TEN")
    assert refusal.value.fields["promo_code"][0][0] == "promo_used_up"
    booked(shop, "11:00", Contact("Erin", "erin@example.org"), promo_code="TEN")
    assert Promotion.objects.get().uses == 2


def test_a_cancelled_booking_gives_its_use_back(shop: Shop) -> None:
    code = promote(shop, most_uses=1, most_uses_per_customer=1)
    made = booked(shop, promo_code="TEN")
    cancel_booking(
        actor=GUEST.holding(made.id), timetable=shop.timetable, booking_id=made.id, now=clock.now()
    )
    code.refresh_from_db()
    assert code.uses == 0
    assert booked(shop, "11:00", promo_code="TEN").promo_code == "TEN"


def test_a_use_is_given_back_only_when_the_undo_has_ended(shop: Shop) -> None:
    code, now = promote(shop), clock.now()
    made = booked(shop, promo_code="TEN")
    holder: dict[str, Any] = {
        "actor": GUEST.holding(made.id),
        "timetable": shop.timetable,
        "booking_id": made.id,
    }
    cancel_booking(**holder, now=now, undo=True)
    undo_change(**holder, now=now + timedelta(seconds=5))
    code.refresh_from_db()
    assert code.uses == 1
    cancel_booking(**holder, now=now, undo=True)
    tidy_dead_bookings(now=now + timedelta(hours=1))
    code.refresh_from_db()
    assert code.uses == 0


def test_a_refused_booking_uses_nothing(shop: Shop) -> None:
    code = promote(shop, most_uses_per_customer=1)
    booked(shop, promo_code="TEN")
    with pytest.raises(Invalid):
        booked(shop, "11:00", promo_code="TEN")
    code.refresh_from_db()
    assert code.uses == 1


def test_a_code_in_use_is_not_deleted_and_its_limit_not_lowered_below(shop: Shop) -> None:
    code = promote(shop)
    booked(shop, promo_code="TEN")
    booked(shop, "11:00", promo_code="TEN")
    who: dict[str, Any] = {"actor": OPERATOR, "business_id": shop.business_id, "promotion_id": code.id}
    with pytest.raises(InUse):
        delete_promotion(**who)
    with pytest.raises(Invalid) as refusal:
        change_promotion(**who, wanted={"most_uses": 1})
    assert refusal.value.fields["most_uses"][0] == ("out_of_bounds", {"least": 2, "most": 1_000_000})
    with pytest.raises(Invalid):
        change_promotion(**who, wanted={"code": "OTHER"})


@pytest.mark.parametrize("write", [add_question, create_price_rule, create_promotion])
def test_the_terms_are_the_managers_alone(shop: Shop, other_shop: Shop, write: Any) -> None:
    wanted: dict[str, Any] = {"business_id": shop.business_id, "wanted": {}}
    if write is add_question:
        wanted["service_id"] = shop.cut.id
    with pytest.raises(Forbidden):
        write(actor=shop.actor(Role.STAFF), **wanted)
    with pytest.raises(Missing):
        write(actor=other_shop.actor(Role.ADMIN), **wanted)


def test_booking_reads_nothing_more_for_questions_and_rules(
    shop: Shop, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(hhmm: str, **details: Any) -> int:
        timetable, wish = shop.timetable, shop.wish(hhmm, resource=shop.theo)

        @command
        def work() -> None:
            book(
                actor=GUEST, timetable=timetable, wish=wish, details=Details(DANA, **details), now=clock.now()
            )

        with CaptureQueriesContext(
            connection,
        ) as captured:
            work()
        return len(captured)

    statements("09:00")
    plain = statements("10:00")
    asked = ask(shop, is_required=True)
    rule(shop)
    assert statements("11:00", given={str(asked.id): "Nuts"}) == plain
