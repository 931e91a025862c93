"""The page of a held time: its form with the service's own questions and a code, its clock, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.bookings.commands.demanding import demand_for
from holdfast.bookings.commands.pricing import FIELD as PROMO_CODE
from holdfast.bookings.commands.pricing import discounted
from holdfast.bookings.queries import BookingFacts, hold_token
from holdfast.bookings.rules import Demand
from holdfast.catalog.rules import check_answers
from holdfast.core import ratelimit
from holdfast.core.request import client_network
from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes, refuse
from holdfast.web.once import new_key
from holdfast.web.public import money_words, words
from holdfast.web.public.agreed import agreed, steps
from holdfast.web.public.clocks import hold_clock
from holdfast.web.public.details import Form, Mistake, check, details_form, details_of, sends_texts
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import ANYONE
from holdfast.web.public.views_times import times_url

GUESSES = "promotion codes"
# How often a booking may be repeated from the page.
WEEKS = (1, 2, 3, 4, 6, 8, 12)


def form_of(visit: Visit, held: BookingFacts, values: Mapping[str, str]) -> Form:
    """The details form of a hold, filled with ``values``."""
    resource = visit.timetable.taken_by(held.resource_ids)
    about = _("Anything we should know?")
    if resource and resource.kind in words.PERSONS:
        about = _("Anything %(name)s should know?") % {"name": words.called(resource)}
    return details_form(
        values,
        about,
        proves=visit.timetable.service(held.service_id).who_may_book == "verified_email",
        questions=visit.timetable.questions.get(held.service_id, ()),
        takes_code=takes_codes(visit),
        texts=sends_texts(visit.business),
    )


def takes_codes(visit: Visit) -> bool:
    """Whether there is any code to be typed here."""
    return any(promotion.is_active for promotion in visit.timetable.promotions.values())


def check_all(visit: Visit, held: BookingFacts, values: Mapping[str, str]) -> None:
    """Every check that booking makes of what was typed. Refusals: :class:`Invalid` with all mistakes at once."""
    mistakes: Mistakes = {}
    questions = visit.timetable.questions.get(held.service_id, ())
    _, wrong = check_answers(questions, details_of(values).given)
    mistakes |= wrong
    for check_some in (lambda: check(values), lambda: check_code(visit, held, values)):
        try:
            check_some()
        except Invalid as refusal:
            mistakes |= refusal.fields
    refuse(mistakes)


def check_code(visit: Visit, held: BookingFacts, values: Mapping[str, str]) -> BookingFacts:
    """The hold at the price its code makes; the same without one. A wrong guess counts against the visitor's network.

    Refusals: :class:`Invalid` on ``promo_code``, :class:`TooMany` after too many guesses.
    """
    code = values.get(PROMO_CODE, "").strip()
    if not code:
        return held
    network = client_network(visit.request)
    ratelimit.demand(ratelimit.look(GUESSES, network))
    try:
        kept, price_minor = discounted(
            timetable=visit.timetable,
            service_id=held.service_id,
            price_minor=held.price_minor,
            code=code,
            now=visit.now,
        )
    except Invalid as refusal:
        if refusal.fields[PROMO_CODE][0][0] == "promo_unknown":
            ratelimit.demand(ratelimit.hit(GUESSES, network))
        raise
    deposit_minor = min(held.deposit_minor, price_minor) if held.price_minor else held.deposit_minor
    return replace(held, price_minor=price_minor, promo_code=kept, deposit_minor=deposit_minor)


def details_page(
    visit: Visit,
    held: BookingFacts,
    form: Form,
    *,
    lines: list[Mistake] | None = None,
    status: int = 200,
    about: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The details form with the clock of its hold; ``about`` is :func:`at_price` where a code was tried."""
    context = shared(visit, held) | {"form": form, "mistakes": lines or form.mistakes}
    if about is not None:
        context |= about
    return visit.render("public/details.html", context, status=status, private=True)


def shared(visit: Visit, held: BookingFacts) -> dict[str, Any]:
    """What every page of a hold shows."""
    back = times_url(visit, held.service_id, who_of(held), on=held.local_on, places=held.party_size)
    service = visit.timetable.service(held.service_id)
    demand = asked_of(visit, held)
    return {
        "agreed": agreed(visit.timetable, held, demand=demand),
        "book_words": money_words.button(held, demand),
        "pay_words": money_words.aside(demand),
        "steps": steps(visit.business.slug, 2, back),
        "hold": hold_clock(visit, held, hold_url(visit, "hold-extend", held)),
        "policy": words.policy_for(held.policy, held.starts_at, held.timezone, visit.now),
        "review_url": hold_url(visit, "hold-review", held),
        "confirm_url": hold_url(visit, "hold-confirm", held),
        "change_url": hold_url(visit, "hold-change", held),
        "release_url": hold_url(visit, "hold-release", held),
        "price_url": hold_url(visit, "hold-price", held),
        # A code that proves an address is for one booking: such services repeat at the desk.
        "repeat_url": hold_url(visit, "hold-repeat", held)
        if service.mode == "appointment" and service.who_may_book != "verified_email" and not demand.kind
        else "",
        "rhythms": [{"value": weeks, "words": every_weeks(weeks)} for weeks in WEEKS],
        "idempotency_key": new_key(),
    }


def asked_of(visit: Visit, held: BookingFacts) -> Demand:
    """What is paid when it is booked, as far as it can be told before the visitor has said who they are."""
    return demand_for(held, actor=visit.actor, timetable=visit.timetable, now=visit.now)


def at_price(visit: Visit, priced: BookingFacts, *, before_minor: int) -> dict[str, Any]:
    """What the pages say of a hold at the price a code makes."""
    demand = asked_of(visit, priced)
    return {
        "agreed": agreed(visit.timetable, priced, before_minor=before_minor, demand=demand),
        "book_words": money_words.button(priced, demand),
        "pay_words": money_words.aside(demand),
    }


def every_weeks(weeks: int) -> str:
    """``every 2 weeks``."""
    return ngettext("every week", "every %(count)s weeks", weeks) % {"count": weeks}


def who_of(held: BookingFacts) -> str:
    """Whom the visitor chose, as addresses say it."""
    return ANYONE if held.any_resource or held.resource_id is None else str(held.resource_id)


def hold_url(visit: Visit, name: str, held: BookingFacts) -> str:
    """The address of one of the hold's pages."""
    return visit.url(name, hold_token(booking_id=held.id))
