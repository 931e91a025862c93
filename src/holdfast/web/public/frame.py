"""What every page for visitors shares: the business of the address, one reading of the clock, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

from holdfast.businesses.queries import BusinessFacts
from holdfast.core import clock, ratelimit
from holdfast.core.errors import TooMany
from holdfast.core.request import client_address, client_network
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Busy, Conflict, Forbidden, Invalid, Missing, Refusal
from holdfast.schedule.queries import Timetable, timetable_at
from holdfast.web import formats
from holdfast.web.accent import accent_of
from holdfast.web.once import has_key, is_done_once
from holdfast.web.public import words

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who books or has booked; ``now`` is read once."""

    request: HttpRequest
    timetable: Timetable
    now: datetime

    @property
    def business(self) -> BusinessFacts:
        return self.timetable.business

    @property
    def today(self) -> date:
        """The date that calendars on the business's wall show."""
        return self.now.astimezone(self.timetable.tz).date()

    @property
    def verdict(self) -> ratelimit.Verdict:
        """What the limit says of this request, counted at the door."""
        found: ratelimit.Verdict = getattr(self.request, "rate_limit", ratelimit.UNLIMITED)
        return found

    @property
    def actor(self) -> Actor:
        """A guest, or the signed-in person; members are customers here too."""
        request = self.request
        address = client_address(request)
        if request.user.is_authenticated:
            return Actor(role=Role.CUSTOMER, account_id=request.user.pk, via="page", address=address)
        return Actor(via="page", address=address)

    def url(self, name: str, *args: object) -> str:
        """The address of one of this business's pages."""
        return reverse(name, args=[self.business.slug, *args])

    def render(
        self, template: str, context: dict[str, Any], *, status: int = 200, private: bool = False
    ) -> HttpResponse:
        """A page in the business's colours. ``private`` pages carry a personal link and are kept by nobody."""
        shared = {"business": self.business, "accent": accent_of(self.business.settings.accent)}
        response = render(self.request, template, shared | context, status=status)
        patch_vary_headers(response, ["HX-Request"])
        return kept_private(response) if private else unkept(response)


def kept_private(response: HttpResponse) -> HttpResponse:
    """No copy, no search engine, and no other site learns the address: it is itself the key.

    Not ``no-referrer``: under it browsers send forms with ``Origin: null``, which no CSRF check can accept.
    """
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def unkept(response: HttpResponse) -> HttpResponse:
    """Asked for anew each time, yet the browser's own back button may use its copy."""
    patch_cache_control(response, no_cache=True, private=True)
    return response


def for_visitors(
    view: Callable[Concatenate[Visit, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A page at ``/b/{slug}/…``: writes are counted, refusals the view did not answer become pages (DESIGN §1)."""

    @wraps(view)
    def page(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            visit = Visit(request, timetable_at(slug=slug), clock.now())
        except Missing as refusal:
            raise Http404 from refusal
        return answered(visit, lambda: view(visit, *args, **kwargs), by_key=is_done_once(view))

    return page


def answered(visit: Visit, work: Callable[[], HttpResponse], *, by_key: bool = False) -> HttpResponse:
    """The view's answer, or its refusal as a page.

    With ``by_key`` a form with an idempotency key is counted and let in: only ``once`` can tell a repeat, which no
    limit refuses. What is refused beyond the limit for any other reason is refused for the limit.
    """
    try:
        if visit.request.method == "POST":
            visit.request.rate_limit = ratelimit.hit(  # type: ignore[attr-defined]
                ratelimit.GENERAL, client_network(visit.request)
            )
            if not (by_key and has_key(visit.request.POST)):
                ratelimit.demand(visit.verdict)
        response = work()
        if response.status_code >= 400:
            ratelimit.demand(visit.verdict)
        return response
    except Refusal as refusal:
        return refused(visit, refusal)


def refused(visit: Visit, refusal: Refusal) -> HttpResponse:
    """The page of a refusal that has no form to go back to."""
    if isinstance(refusal, Forbidden) and refusal.facts.get("needs") == "signed_in":
        return redirect_to_login(visit.request.get_full_path())
    if isinstance(refusal, Missing | Forbidden):
        raise Http404 from refusal
    if isinstance(refusal, TooMany):
        return _too_many(visit, int(refusal.facts.get("retry_after", 60)))
    if isinstance(refusal, Busy):
        notice = {"title": _("One moment"), "words": words.conflict(refusal, visit.business), "icon": "clock"}
        response = visit.render("public/closed.html", {"notice": notice}, status=503)
        response["Retry-After"] = str(refusal.facts.get("retry_after", 1))
        return response
    status = 422 if isinstance(refusal, Invalid) else 409 if isinstance(refusal, Conflict) else 400
    said = (
        [line for lines in words.mistakes(refusal).values() for line in lines]
        if isinstance(refusal, Invalid)
        else []
    )
    notice = {
        "title": _("That did not work"),
        "words": " ".join(said) or words.conflict(refusal, visit.business),
        "icon": "alert",
        "url": visit.url("choose"),
        "action": _("Start again"),
    }
    return visit.render("public/closed.html", {"notice": notice}, status=status)


def _too_many(visit: Visit, seconds: int) -> HttpResponse:
    again = formats.clock((visit.now + timedelta(seconds=seconds)).astimezone(visit.timetable.tz))
    notice = {
        "title": _("Too many tries"),
        "words": _("You can try again at %(time)s. What is booked stays booked.") % {"time": again},
        "icon": "clock",
    }
    response = visit.render("public/closed.html", {"notice": notice}, status=429)
    response["Retry-After"] = str(seconds)
    return response
