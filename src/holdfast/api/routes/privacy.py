"""People's own data: handed over, and forgotten (SPEC K2)."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.privacy import ErasedOut, OwnProof, PersonOut, show_fates
from holdfast.api.values import known_id
from holdfast.businesses.rules import Action
from holdfast.customers.commands import try_code
from holdfast.privacy import commands

router = Router(tags=["Privacy"])
ADMIN = Door(Action.HANDLE_PRIVACY)


@operation(router, "GET", "/customers/{customer_id}/data", door=ADMIN, answers={200: PersonOut})
def get_person_data(request: HttpRequest, slug: str, customer_id: str) -> HttpResponse:  # noqa: ARG001
    """Everything that is held about a customer, to be handed over to them."""
    caller = caller_of(request)
    held = commands.export_person(
        actor=caller.actor, business_id=caller.business_id, customer_id=known_id(customer_id, "customer")
    )
    return read_answer(request, json.dumps(held, cls=DjangoJSONEncoder, ensure_ascii=False))


@operation(
    router,
    "POST",
    "/customers/{customer_id}/erase",
    door=ADMIN,
    answers={200: ErasedOut},
    conflicts=("still_booked", "already_erased"),
)
def erase_person(request: HttpRequest, slug: str, customer_id: str) -> HttpResponse:  # noqa: ARG001
    """Forget a customer everywhere; the answer says what was deleted, and what is kept and why."""
    caller = caller_of(request)
    fates = commands.erase_person(
        actor=caller.actor,
        business_id=caller.business_id,
        customer_id=known_id(customer_id, "customer"),
        now=caller.now,
    )
    return write_answer(write(show_fates(fates)))


@operation(router, "POST", "/privacy/data", door=Door(Action.BOOK), answers={200: PersonOut}, body=True)
def get_own_data(request: HttpRequest, slug: str, body: OwnProof) -> HttpResponse:  # noqa: ARG001
    """Everything that is held about whoever proves an address with the code that was mailed there."""
    caller = caller_of(request)
    proof: dict[str, Any] = {"business_id": caller.business_id, "email": body.email, "code": body.email_code}
    try_code(**proof, now=caller.now)
    held = commands.export_own(actor=caller.actor, **proof, now=caller.now)
    return write_answer(json.dumps(held, cls=DjangoJSONEncoder, ensure_ascii=False))


@operation(
    router,
    "POST",
    "/privacy/erase",
    door=Door(Action.BOOK),
    answers={200: ErasedOut},
    body=True,
    conflicts=("still_booked", "already_erased"),
)
def erase_own(request: HttpRequest, slug: str, body: OwnProof) -> HttpResponse:  # noqa: ARG001
    """Forget whoever proves an address with the code that was mailed there."""
    caller = caller_of(request)
    proof: dict[str, Any] = {"business_id": caller.business_id, "email": body.email, "code": body.email_code}
    try_code(**proof, now=caller.now)
    fates = commands.erase_own(actor=caller.actor, **proof, now=caller.now)
    return write_answer(write(show_fates(fates)))
