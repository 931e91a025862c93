"""For whoever proves an address: what is held about them, no more news, and being forgotten (SPEC K2, K4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.core.errors import TooMany
from holdfast.core.request import client_network
from holdfast.customers.commands import request_code, try_code, withdraw_own_news
from holdfast.lib import text
from holdfast.lib.refusals import Invalid, Missing
from holdfast.privacy.commands import erase_own, export_own
from holdfast.privacy.errors import StillBooked
from holdfast.web import formats, person_data
from holdfast.web.public import words
from holdfast.web.public.agreed import wall
from holdfast.web.public.details import Field, Form, Mistake
from holdfast.web.public.frame import Visit, for_visitors


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def data(visit: Visit) -> HttpResponse:
    """First the address, then the code that was mailed there, with what to do."""
    given = visit.request.POST
    form = _form(given)
    if visit.request.method != "POST":
        return _page(visit, form)
    mistakes: text.Mistakes = {}
    email = text.email(given.get("email", ""), field="email", mistakes=mistakes)
    if mistakes:
        form = form.with_errors(words.mistakes(Invalid(mistakes)))
        return _page(visit, form, mistakes=form.mistakes)
    do = _ACTS.get(given.get("do", ""))
    if do is None:
        return _ask_for_code(visit, form, email, again=given.get("do") == "again")
    code = given.get("email_code", "")
    try_code(business_id=visit.business.id, email=email, code=code, now=visit.now)
    try:
        return do(visit, email, code)
    except Invalid as refusal:
        said = words.mistakes(refusal)
        errors = [sentence for sentences in said.values() for sentence in sentences]
        return _ask(visit, form, email, errors=errors)
    except StillBooked as refusal:
        return _ask(visit, form, email, errors=[_still_booked(refusal)], status=409)
    except Missing:
        return _page(visit, form, said=_("We hold nothing about this address."))


def _form(given: Mapping[str, str]) -> Form:
    email = Field(
        "email", _("Email"), type="email", autocomplete="email", hint=_("The address you booked with.")
    )
    return Form({"email": replace(email, value=given.get("email", "").strip())})


def _page(visit: Visit, form: Form, *, mistakes: Any = (), said: str = "") -> HttpResponse:
    context = {"form": form, "mistakes": mistakes, "said": said}
    return visit.render("public/data.html", context, status=422 if mistakes else 200, private=True)


def _ask_for_code(visit: Visit, form: Form, email: str, *, again: bool) -> HttpResponse:
    try:
        until = request_code(
            business_id=visit.business.id,
            email=email,
            client=client_network(visit.request),
            now=visit.now,
            again=again,
        )
    except TooMany as refusal:
        time = formats.clock(wall(visit.timetable, visit.now))
        said = _("Enough codes were asked for by %(time)s. The last one that came is still good.")
        response = _ask(visit, form, email, errors=[said % {"time": time}], status=429)
        response["Retry-After"] = str(refusal.facts["retry_after"])
        return response
    return _ask(visit, form, email, until=formats.clock(wall(visit.timetable, until)))


def _ask(
    visit: Visit, form: Form, email: str, *, errors: Any = (), until: str = "", status: int = 422
) -> HttpResponse:
    hint = _("Six digits. Look among unwanted mail too.")
    field = Field(
        "email_code", _("Code"), limit=20, autocomplete="one-time-code", inputmode="numeric", hint=hint,
        errors=errors,
    )  # fmt: skip
    context = {
        "form": form,
        "email": email,
        "code_field": field,
        "until": until,
        "mistakes": [Mistake(sentence, field.id) for sentence in errors],
    }
    return visit.render("public/data_code.html", context, status=status if errors else 200, private=True)


def _json(visit: Visit, email: str, code: str) -> HttpResponse:
    return person_data.json_file(_held(visit, email, code), name=f"{visit.business.slug}-my-data")


def _html(visit: Visit, email: str, code: str) -> HttpResponse:
    held = _held(visit, email, code)
    return person_data.html_file(
        visit.request, held, name=f"{visit.business.slug}-my-data", tz=visit.timetable.tz
    )


def _held(visit: Visit, email: str, code: str) -> dict[str, Any]:
    return export_own(actor=visit.actor, business_id=visit.business.id, email=email, code=code, now=visit.now)


def _news(visit: Visit, email: str, code: str) -> HttpResponse:
    withdraw_own_news(actor=visit.actor, business_id=visit.business.id, email=email, code=code, now=visit.now)
    return _page(visit, _form({}), said=_("You get no more news and offers."))


def _erase(visit: Visit, email: str, code: str) -> HttpResponse:
    if not visit.request.POST.get("sure"):
        return _ask(
            visit, _form({"email": email}), email, errors=[_("Tick the box: this cannot be taken back.")]
        )
    found = erase_own(actor=visit.actor, business_id=visit.business.id, email=email, code=code, now=visit.now)
    context = {"fates": person_data.fates(found), "form": _form({})}
    return visit.render("public/data.html", context, private=True)


def _still_booked(refusal: StillBooked) -> str:
    return _("You still have bookings ahead: %(references)s. Cancel them first.") % {
        "references": ", ".join(refusal.facts["references"])
    }


_ACTS: Mapping[str, Callable[[Visit, str, str], HttpResponse]] = {
    "json": _json,
    "html": _html,
    "news": _news,
    "erase": _erase,
}
