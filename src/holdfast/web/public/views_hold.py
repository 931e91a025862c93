"""From a chosen time to a booking: hold it, take the details, check, book. Every step works as a plain form.

The address of a hold carries its token, so a second tab and a lost cookie see the same hold. What was typed travels in
a signed cookie, so no refusal and no change of mind loses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from holdfast.bookings.commands import Wish, book, confirm_hold, extend_hold, hold_time, release_hold
from holdfast.bookings.errors import (
    CustomerBlocked,
    HoldAtLimit,
    HoldEnded,
    LimitReached,
    SlotClosed,
    SlotFull,
    TimeTaken,
)
from holdfast.bookings.queries import BookingFacts, booking_by_id, hold_token, manage_token, reference_key
from holdfast.customers.errors import EmailNotVerified
from holdfast.insights.rules import Step
from holdfast.lib.references import read_link
from holdfast.lib.refusals import Invalid, Missing
from holdfast.web.counting import count_done
from holdfast.web.once import done_once, once
from holdfast.web.public import words
from holdfast.web.public.agreed import wall
from holdfast.web.public.conflict import (
    Gone,
    conflict_page,
    gone_to_somebody,
    read_choice,
    ways_from_slot,
    ways_from_tables,
)
from holdfast.web.public.details import (
    Mistake,
    check,
    details_of,
    draft,
    forget_draft,
    keep_draft,
    posted,
)
from holdfast.web.public.frame import Visit, for_visitors, kept_private
from holdfast.web.public.free import ANYONE, Choice, read_instant
from holdfast.web.public.holding import (
    at_price,
    check_all,
    check_code,
    details_page,
    form_of,
    hold_url,
    shared,
    who_of,
)
from holdfast.web.public.proving import CODE, proof_page, tried
from holdfast.web.public.views_times import asked_service, choose_page, read_id, times_page, times_url

P = ParamSpec("P")
# Refusals of a booking that leave the form where it is, with a sentence above it.
_SAID_ABOVE = (CustomerBlocked, LimitReached, HoldAtLimit)


@for_visitors
@done_once
def holds(visit: Visit) -> HttpResponse:
    """Hold a chosen time, or one of the alternatives to a time that has gone, and go on to the details."""
    if visit.request.method != "POST":
        return redirect(visit.url("choose"))
    given = visit.request.POST
    service = asked_service(visit, given.get("service", ""))
    if service is None:
        return choose_page(visit, "", ANYONE, mistakes=[Mistake(_("Choose a service first."))], status=422)
    at, who = (
        read_choice(given["choice"]) if given.get("choice") else (given.get("at", ""), given.get("who", ""))
    )
    starts_at, resource_id = read_instant(at), read_id(who)
    choice = Choice(service, resource_id)
    if starts_at is None:
        said = words.mistake("starts_at", "no_time", {})
        return times_page(visit, choice, mistakes=[Mistake(said, "times")], status=422)
    wish = Wish(service_id=service.id, starts_at=starts_at, resource_id=resource_id)

    def hold() -> str:
        held = hold_time(actor=visit.actor, timetable=visit.timetable, wish=wish, now=visit.now)
        count_done(visit.timetable, service.id, Step.HOLD, visit.now)
        return visit.url("hold", hold_token(booking_id=held.id))

    try:
        url = once(
            business_id=visit.business.id,
            route="holds",
            fields=given.dict(),
            work=hold,
            verdict=visit.verdict,
        )
    except TimeTaken:
        gone = gone_to_somebody(visit, starts_at, kept=bool(draft(visit.request)))
        return conflict_page(visit, wish, gone=gone, context=ways_out(visit, wish))
    except Invalid as refusal:
        on = Choice(service, resource_id, on=starts_at.astimezone(visit.timetable.tz).date())
        lines = [Mistake(line, "times") for said_of in words.mistakes(refusal).values() for line in said_of]
        return times_page(visit, on, mistakes=lines, status=422)
    return see(url)


def see(url: str) -> HttpResponseRedirect:
    """Go there with GET (303), whatever brought you here."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def with_hold(
    view: Callable[Concatenate[Visit, BookingFacts, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A page of one hold, proved by the token in the address; one that was booked leads on to the booking."""

    @wraps(view)
    def held(visit: Visit, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        hold_id = read_link("hold", token, reference_key())
        if hold_id is None:
            raise Missing(what="hold")
        hold = booking_by_id(business_id=visit.business.id, booking_id=hold_id)
        if hold.state not in ("held", "expired"):
            return see(reverse("manage", args=[manage_token(booking_id=hold_id)]))
        return kept_private(view(visit, hold, *args, **kwargs))

    return for_visitors(held)  # type: ignore[arg-type]  # `wraps` hides that a token takes the hold's place


def step(
    view: Callable[[Visit, BookingFacts], HttpResponse],
) -> Callable[[Visit, BookingFacts], HttpResponse]:
    """A form of the hold's page. Its address alone, typed or reloaded, leads back to that page."""

    @wraps(view)
    def posted_to(visit: Visit, held: BookingFacts) -> HttpResponse:
        if visit.request.method != "POST":
            return redirect(hold_url(visit, "hold", held))
        return view(visit, held)

    return posted_to


@require_safe
@with_hold
def hold(visit: Visit, held: BookingFacts) -> HttpResponse:
    """The form for the details, with the clock of the hold."""
    return details_page(visit, held, form_of(visit, held, draft(visit.request)))


@with_hold
@step
def review(visit: Visit, held: BookingFacts) -> HttpResponse:
    """The question before booking, as a page; script asks it in a dialog instead."""
    values = posted(visit.request)
    form = form_of(visit, held, values)
    try:
        check_all(visit, held, values)
        priced = check_code(visit, held, values)
    except Invalid as refusal:
        return keep(
            visit, details_page(visit, held, form.with_errors(words.mistakes(refusal)), status=422), values
        )
    context = shared(visit, held) | {"form": form, "edit_url": hold_url(visit, "hold-edit", held)}
    context |= at_price(visit, priced, before_minor=held.price_minor)
    return keep(visit, visit.render("public/review.html", context, private=True), values)


@with_hold
@step
def price(visit: Visit, held: BookingFacts) -> HttpResponse:
    """What it costs with the code that was typed, before anything is booked."""
    values = posted(visit.request)
    form = form_of(visit, held, values)
    try:
        priced = check_code(visit, held, values)
    except Invalid as refusal:
        errors = form.with_errors(words.mistakes(refusal))
        return keep(visit, details_page(visit, held, errors, status=422), values)
    about = at_price(visit, priced, before_minor=held.price_minor)
    return keep(visit, details_page(visit, held, form, about=about), values)


@with_hold
@step
def edit(visit: Visit, held: BookingFacts) -> HttpResponse:
    """Back from the question to the form."""
    return keep(visit, see(hold_url(visit, "hold", held)), posted(visit.request))


@with_hold
@step
def extend(visit: Visit, held: BookingFacts) -> HttpResponse:
    """More time."""
    values = posted(visit.request)
    actor = visit.actor.holding(held.id)
    try:
        extend_hold(actor=actor, timetable=visit.timetable, hold_id=held.id, now=visit.now)
    except HoldAtLimit as refusal:
        lines = [Mistake(words.conflict(refusal, visit.business))]
        return keep(
            visit, details_page(visit, held, form_of(visit, held, values), lines=lines, status=409), values
        )
    except HoldEnded:
        pass  # the page says so, and that the form can be sent all the same
    if visit.request.POST.get("step") == "code":
        held = booking_by_id(business_id=visit.business.id, booking_id=held.id)
        return keep(visit, _prove(visit, held, values), values)
    return keep(visit, see(hold_url(visit, "hold", held)), values)


@with_hold
@step
def another_code(visit: Visit, held: BookingFacts) -> HttpResponse:
    """Mail another code; the details stay."""
    values = posted(visit.request)
    try:
        check(values)
    except Invalid as refusal:
        return keep(visit, not_booked(visit, held, values, refusal), values)
    return keep(visit, _prove(visit, held, values, again=True), values)


@with_hold
@step
def change(visit: Visit, held: BookingFacts) -> HttpResponse:
    """Let the time go and choose another; the details stay."""
    release_hold(
        actor=visit.actor.holding(held.id), timetable=visit.timetable, hold_id=held.id, now=visit.now
    )
    back = times_url(visit, held.service_id, who_of(held), on=held.local_on, places=held.party_size)
    return keep(visit, see(back), posted(visit.request))


@with_hold
@step
def release(visit: Visit, held: BookingFacts) -> HttpResponse:
    """Let the time go: the page was left."""
    release_hold(
        actor=visit.actor.holding(held.id), timetable=visit.timetable, hold_id=held.id, now=visit.now
    )
    return HttpResponse(status=204)


@with_hold
@step
@done_once
def confirm(visit: Visit, held: BookingFacts) -> HttpResponse:
    """Book. A hold that has ended is no reason to refuse while its time is still free."""
    values = posted(visit.request)
    code = tried(visit, values, visit.request.POST.get(CODE, ""))
    try:
        check_code(visit, held, values)  # outside the booking's transaction, so that a guess is counted
    except Invalid as refusal:
        return keep(visit, not_booked(visit, held, values, refusal), values)
    if visit.request.POST.get("step") == "code" and not code:
        return keep(visit, _prove(visit, held, values, errors=[words.mistake(CODE, "required", {})]), values)
    try:
        url = _booked_once(visit, held, values)
    except (TimeTaken, SlotFull, SlotClosed) as refusal:
        wish = same_wish(held)
        gone = gone_to_somebody(visit, held.starts_at, kept=True, refusal=refusal)
        return keep(visit, conflict_page(visit, wish, gone=gone, context=ways_out(visit, wish)), values)
    except Invalid as refusal:
        return keep(visit, not_booked(visit, held, values, refusal), values)
    except EmailNotVerified:
        return keep(visit, _prove(visit, held, values), values)
    except _SAID_ABOVE as refusal:
        lines = [Mistake(words.conflict(refusal, visit.business))]
        return keep(
            visit, details_page(visit, held, form_of(visit, held, values), lines=lines, status=409), values
        )
    return forget_draft(see(url), draft_path(visit))


def _booked_once(visit: Visit, held: BookingFacts, values: Mapping[str, str]) -> str:
    """The booking's address, however often the form is sent."""
    route, fields = f"confirm {held.id}", visit.request.POST.dict()
    business_id = visit.business.id
    try:
        return once(
            business_id=business_id,
            route=route,
            fields=fields,
            work=lambda: _book(visit, held, values),
            verdict=visit.verdict,
        )
    except HoldEnded:  # while the form was on its way
        late = replace(held, state="expired")
        return once(
            business_id=business_id,
            route=route,
            fields=fields,
            work=lambda: _book(visit, late, values),
            verdict=visit.verdict,
        )


def _book(visit: Visit, held: BookingFacts, values: Mapping[str, str]) -> str:
    """The booking's own address, with the greeting of a new one."""
    actor = visit.actor.holding(held.id)
    details = details_of(values, visit.request.POST.get(CODE, ""))
    if held.state_at(visit.now) == "held":
        booking = confirm_hold(
            actor=actor, timetable=visit.timetable, hold_id=held.id, details=details, now=visit.now
        )
    else:
        wish = same_wish(held)
        booking = book(
            actor=visit.actor, timetable=visit.timetable, wish=wish, details=details, now=visit.now
        )
    count_done(visit.timetable, booking.service_id, Step.BOOKED, visit.now)
    token = manage_token(booking_id=booking.id)
    if booking.state == "awaiting_payment":
        return reverse("pay", args=[token])
    return f"{reverse('manage', args=[token])}?new=1"


def not_booked(visit: Visit, held: BookingFacts, values: Mapping[str, str], refusal: Invalid) -> HttpResponse:
    """Wrong details: the form again. A time that may not be booked any more: others to choose from."""
    found = words.mistakes(refusal)
    if CODE in found:
        return _prove(visit, held, values, errors=found[CODE])
    if "starts_at" in found:
        wish = same_wish(held)
        gone = Gone(_("Your hold has ended."), " ".join(found["starts_at"]))
        return conflict_page(visit, wish, gone=gone, context=ways_out(visit, wish))
    return details_page(visit, held, form_of(visit, held, values).with_errors(found), status=422)


def _prove(
    visit: Visit,
    held: BookingFacts,
    values: Mapping[str, str],
    *,
    errors: Sequence[str] = (),
    again: bool = False,
) -> HttpResponse:
    """The page that asks for the code, with the clock of the hold."""
    urls = {"edit_url": hold_url(visit, "hold-edit", held), "code_url": hold_url(visit, "hold-code", held)}
    form = form_of(visit, held, values)
    return proof_page(visit, shared(visit, held) | urls, form, errors=errors, again=again)


def ways_out(visit: Visit, wish: Wish) -> dict[str, Any]:
    """Where the alternatives are sent, what was wanted, and the way to all times."""
    who = str(wish.resource_id) if wish.resource_id else ANYONE
    on = wall(visit.timetable, wish.starts_at).date()
    if wish.slot_id is not None:
        return ways_from_slot(visit, wish)
    if visit.timetable.service(wish.service_id).mode == "table":
        return ways_from_tables(visit, wish)
    return {"action": visit.url("holds"), "every_time_url": times_url(visit, wish.service_id, who, on=on)}


def same_wish(held: BookingFacts) -> Wish:
    """What the hold kept, to be wished for again."""
    if held.also:
        return Wish(held.service_id, held.starts_at, None, held.party_size, chosen=held.resource_ids)
    return Wish(held.service_id, held.starts_at, held.resource_id, held.party_size, held.slot_id)


def draft_path(visit: Visit) -> str:
    return visit.url("choose")


def keep(visit: Visit, response: HttpResponse, values: Mapping[str, str]) -> HttpResponse:
    return keep_draft(response, values, draft_path(visit))
