"""Proving that an address is one's own, for services that ask for it (SPEC D1)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.verifications import VerificationNew, VerificationOut
from holdfast.api.values import show_instant
from holdfast.businesses.rules import Action
from holdfast.core.request import client_network
from holdfast.customers.commands import request_code

router = Router(tags=["Bookings"])


@operation(
    router,
    "POST",
    "/verifications",
    door=Door(Action.BOOK),
    answers={202: VerificationOut},
    body=True,
)
def verify_email(request: HttpRequest, slug: str, body: VerificationNew) -> HttpResponse:  # noqa: ARG001
    """Have a six-digit code mailed to an address.

    For services whose `who_may_book` is `verified_email`: send the code as `customer.email_code` of the booking. It is
    good for 15 minutes and one booking; a new one takes the place of the last. The answer is the same for every address.
    """
    caller = caller_of(request)
    expires_at = request_code(
        business_id=caller.business_id, email=body.email, client=client_network(request), now=caller.now
    )
    return write_answer(write({"expires_at": show_instant(expires_at)}), status=202)
