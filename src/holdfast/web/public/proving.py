"""The step between details and booking where a service is for proven addresses: the code that was mailed (SPEC D1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from holdfast.core.errors import TooMany
from holdfast.core.request import client_network
from holdfast.customers.commands import request_code, try_code
from holdfast.web import formats
from holdfast.web.public.agreed import wall
from holdfast.web.public.details import Field, Form, Mistake
from holdfast.web.public.frame import Visit

CODE = "email_code"


def tried(visit: Visit, values: Mapping[str, str], code: str) -> str:
    """The code that came with the form, tried: a wrong one counts, whatever becomes of the booking."""
    email = values.get("email", "").strip()
    if code and email:
        try_code(business_id=visit.business.id, email=email, code=code, now=visit.now)
    return code


def proof_page(
    visit: Visit,
    shared: Mapping[str, Any],
    form: Form,
    *,
    errors: Sequence[str] = (),
    again: bool = False,
    template: str = "public/prove.html",
) -> HttpResponse:
    """Ask for the code, with all that was typed in hidden fields; mail one, unless one that is alive will do.

    After ``errors`` none is mailed by itself: the person may have mistyped, or asks for another by the button.
    """
    email = form["email"].value.strip()
    refused: TooMany | None = None
    until: datetime | None = None
    if not errors:
        try:
            until = request_code(
                business_id=visit.business.id,
                email=email,
                client=client_network(visit.request),
                now=visit.now,
                again=again,
            )
        except TooMany as refusal:
            refused = refusal
    field = _code_field(errors)
    mistakes = [Mistake(words, field.id) for words in errors]
    if refused is not None:
        mistakes.append(Mistake(_enough(visit, int(refused.facts["retry_after"]))))
    context = dict(shared) | {
        "form": form,
        "email": email,
        "code_field": field,
        "mistakes": mistakes,
        "until": formats.clock(wall(visit.timetable, until)) if until is not None else "",
        "is_again": again and until is not None,
    }
    status = 429 if refused is not None else 422 if errors else 200
    response = visit.render(template, context, status=status, private=True)
    if refused is not None:
        response["Retry-After"] = str(refused.facts["retry_after"])
    return response


def _code_field(errors: Sequence[str]) -> Field:
    hint = _("Six digits. Look among unwanted mail too.")
    return Field(
        CODE, _("Code"), limit=20, autocomplete="one-time-code", inputmode="numeric", hint=hint, errors=errors
    )


def _enough(visit: Visit, seconds: int) -> str:
    again = formats.clock(wall(visit.timetable, visit.now + timedelta(seconds=seconds)))
    return _(
        "Enough codes were asked for. The last one that came is still good; ask for another at %(time)s."
    ) % {"time": again}
