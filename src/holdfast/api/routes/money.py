"""Money of bookings at the desk: seen, taken at the counter, given back, and the fee for a missed visit (SPEC G1–G3)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import create_once, read_answer, write, write_answer
from holdfast.api.auth import Caller, Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit
from holdfast.api.routes import caller_of
from holdfast.api.schemas.money import (
    MoneyOut,
    PaymentList,
    PaymentNew,
    PaymentOut,
    RefundNew,
    RefundOut,
    show_payment,
    show_refund,
)
from holdfast.api.values import known_id
from holdfast.bookings import commands
from holdfast.bookings.queries import BookingFacts, booking_by_reference
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT
from holdfast.payments.commands import retry_refund as ask_again
from holdfast.payments.queries import PaymentFilter, money_of, payment_page, payments_of, refunds_of

router = Router(tags=["Payments"])
SEE, TAKE, GIVE = Door(Action.SEE_PAYMENTS), Door(Action.CHANGE_BOOKINGS), Door(Action.REFUND)
Status = Annotated[
    Literal["", "opening", "open", "paid", "failed", "expired"], Query(description="All if left out.")
]


@operation(router, "GET", "/payments", door=SEE, answers={200: PaymentList})
def list_payments(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    status: Status = "",
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Every attempt to collect money, the latest first."""
    caller = caller_of(request)
    filters = PaymentFilter(states=(status,) if status else ())
    page = payment_page(business_id=caller.business_id, filters=filters, cursor=cursor, limit=limit)
    items = [show_payment(one) for one in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(router, "GET", "/bookings/{reference}/payments", door=SEE, answers={200: MoneyOut})
def get_money(request: HttpRequest, slug: str, reference: str) -> HttpResponse:  # noqa: ARG001
    """What a booking paid, and what of it was given back."""
    caller = caller_of(request)
    return read_answer(request, write(_money(caller, _booking(caller, reference))))


@operation(
    router,
    "POST",
    "/bookings/{reference}/payments",
    door=TAKE,
    answers={201: MoneyOut},
    creates=True,
    conflicts=("illegal_step",),
)
def take_payment(request: HttpRequest, slug: str, reference: str, body: PaymentNew) -> HttpResponse:  # noqa: ARG001
    """Write down money that was taken at the counter. A booking that waited for it is confirmed."""
    caller = caller_of(request)

    def create() -> str:
        booking = commands.take_at_counter(
            actor=caller.actor,
            timetable=caller.timetable,
            booking_id=_booking(caller, reference).id,
            amount_minor=body.amount_minor,
            method=body.method,
            now=caller.now,
        )
        return write(_money(caller, booking))

    return create_once(request, caller, create)


@operation(router, "POST", "/bookings/{reference}/refunds", door=GIVE, answers={201: MoneyOut}, creates=True)
def give_refund(request: HttpRequest, slug: str, reference: str, body: RefundNew) -> HttpResponse:  # noqa: ARG001
    """Give back some or all of what was paid. What was paid online goes back the way it came; the booking stays as it is."""
    caller = caller_of(request)

    def create() -> str:
        booking = _booking(caller, reference)
        commands.refund_booking(
            actor=caller.actor,
            business_id=caller.business_id,
            booking_id=booking.id,
            amount_minor=body.amount_minor,
            note=body.note,
            now=caller.now,
        )
        return write(_money(caller, booking))

    return create_once(request, caller, create)


@operation(
    router,
    "POST",
    "/refunds/{refund_id}/retry",
    door=GIVE,
    answers={200: RefundOut},
    conflicts=("charge_under_way",),
)
def retry_refund(request: HttpRequest, slug: str, refund_id: str) -> HttpResponse:  # noqa: ARG001
    """Ask the provider once more for a refund that failed."""
    caller = caller_of(request)
    again = ask_again(
        actor=caller.actor,
        business_id=caller.business_id,
        refund_id=known_id(refund_id, "refund"),
        now=caller.now,
    )
    return write_answer(write(show_refund(again)))


@operation(
    router,
    "POST",
    "/bookings/{reference}/no-show-fee",
    door=TAKE,
    answers={201: PaymentOut},
    conflicts=("illegal_step", "nothing_due", "no_saved_card"),
)
def charge_no_show_fee(request: HttpRequest, slug: str, reference: str) -> HttpResponse:  # noqa: ARG001
    """Charge the fee for a missed visit to the card on file, a day from now; the customer is told at once."""
    caller = caller_of(request)
    charge = commands.charge_no_show(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=_booking(caller, reference).id,
        now=caller.now,
    )
    return write_answer(write(show_payment(charge)), status=201)


@operation(
    router,
    "DELETE",
    "/bookings/{reference}/no-show-fee",
    door=TAKE,
    answers={200: MoneyOut},
    conflicts=("nothing_due", "charge_under_way"),
)
def drop_no_show_fee(request: HttpRequest, slug: str, reference: str) -> HttpResponse:  # noqa: ARG001
    """Stop a fee before it is charged."""
    caller = caller_of(request)
    booking = commands.stop_no_show(
        actor=caller.actor,
        timetable=caller.timetable,
        booking_id=_booking(caller, reference).id,
        now=caller.now,
    )
    return write_answer(write(_money(caller, booking)))


def _booking(caller: Caller, reference: str) -> BookingFacts:
    return booking_by_reference(business_id=caller.business_id, reference=reference)


def _money(caller: Caller, booking: BookingFacts) -> dict[str, Any]:
    whose = {"business_id": caller.business_id, "booking_id": booking.id}
    balance = money_of(business_id=caller.business_id, booking_ids=[booking.id])[booking.id]
    return {
        "paid_minor": balance.paid_minor,
        "refunded_minor": balance.refunded_minor,
        "refund_due_minor": balance.refund_due_minor,
        "currency": booking.currency,
        "payments": [show_payment(one) for one in payments_of(**whose)],
        "refunds": [show_refund(one) for one in refunds_of(**whose)],
    }
