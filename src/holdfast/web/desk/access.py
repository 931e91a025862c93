"""Who sits at the desk: the signed-in account, its role in the business of the address, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache

from holdfast.availability.errors import WouldStrand
from holdfast.bookings.queries.requests import waiting_count
from holdfast.businesses.queries import BusinessFacts, role_in
from holdfast.businesses.rules import Action, authorise, may
from holdfast.core import clock
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Busy, Conflict, Forbidden, Missing
from holdfast.lib.timeline import minute_before
from holdfast.lib.walltime import local_date
from holdfast.schedule.queries import Timetable, timetable_at
from holdfast.waitlist.queries import waiting_count as people_waiting
from holdfast.web.accent import accent_of
from holdfast.web.desk import words

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of a member at the desk of one business; ``now`` is read once."""

    request: HttpRequest
    timetable: Timetable
    actor: Actor
    now: datetime

    @property
    def business(self) -> BusinessFacts:
        return self.timetable.business

    @property
    def today(self) -> date:
        """The date that calendars on the business's wall show."""
        return local_date(minute_before(self.now), self.timetable.tz)

    @property
    def takes_requests(self) -> bool:
        """Whether anything here is booked on request, so that there is an inbox."""
        return any(service.mode == "request" for service in self.timetable.services.values())

    @property
    def is_fragment(self) -> bool:
        """Whether a part of the page is wanted and not the whole."""
        return bool(getattr(self.request, "htmx", False)) and not self.request.htmx.boosted  # type: ignore[attr-defined]

    def may(self, action: Action) -> bool:
        """Whether the permission table grants it."""
        return may(self.actor, action, self.business.id)

    def require(self, action: Action) -> None:
        """Refusals: :class:`Forbidden`."""
        authorise(self.actor, action, self.business.id)

    def render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """A page of the desk with what all of them show."""
        grants = {str(action): self.may(action) for action in Action}
        shared = {
            "business": self.business,
            "accent": accent_of(self.business.settings.accent),
            "may": grants,
            "by_slot": any(service.mode == "slot" for service in self.timetable.services.values()),
        }
        shared |= {
            "who": self.actor.name,
            "role": words.role(self.actor.role),
            "today": self.today,
            "desk_now": self.now,
            "takes_requests": self.takes_requests,
        }
        shared["waitlist_on"] = self.business.settings.waitlist
        if self.business.settings.waitlist and "waiting_now" not in context:
            shared["waiting_now"] = people_waiting(business_id=self.business.id)
        if self.takes_requests:
            shared["requests_waiting"] = waiting_count(business_id=self.business.id, now=self.now)
        response = render(self.request, template, shared | context, status=status)
        patch_vary_headers(response, ["HX-Request"])
        return response


def at_desk(
    view: Callable[Concatenate[Desk, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """Let members in: a guest goes to sign-in, everybody else's business is not found (SPEC A4).

    Refusals that a view did not answer itself become pages here (DESIGN §1).
    """

    @wraps(view)
    def with_desk(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        desk = _sit_down(request, slug)
        try:
            return view(desk, *args, **kwargs)
        except (Missing, Forbidden) as refusal:
            raise Http404 from refusal
        except WouldStrand as refusal:
            from holdfast.web.desk.impact import question

            return question(desk, refusal)
        except Conflict as refusal:
            return desk.render("desk/refused.html", {"sentence": words.sentence(refusal)}, status=409)
        except Busy as refusal:
            response = desk.render("desk/refused.html", {"sentence": words.sentence(refusal)}, status=503)
            response["Retry-After"] = str(refusal.facts.get("retry_after", 1))
            return response

    return cast("Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]", never_cache(with_desk))


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign-in, and back to the page that was asked for; a fragment tells the page to go there."""
    if not getattr(request, "htmx", False):
        return redirect_to_login(request.get_full_path())
    back = request.headers.get("HX-Current-URL", "").split("//", 1)[-1].partition("/")[2]
    response = HttpResponse(status=401)
    response["HX-Redirect"] = f"{resolve_url('account_login')}?{urlencode({'next': f'/{back}'})}"
    return response


def _sit_down(request: HttpRequest, slug: str) -> Desk:
    try:
        timetable = timetable_at(slug=slug)
    except Missing as refusal:
        raise Http404 from refusal
    account = request.user
    assert account.pk is not None  # a guest was sent to sign in
    role = role_in(business_id=timetable.business.id, account_id=account.pk)
    if role is None and getattr(account, "is_superuser", False):
        role = Role.OPERATOR
    if role is None or not role.includes(Role.STAFF):
        raise Http404
    actor = Actor(
        role=role,
        business_id=timetable.business.id,
        account_id=account.pk,
        via="page",
        address=request.META.get("REMOTE_ADDR", ""),
        name=getattr(account, "name", "") or str(role),
    )
    return Desk(request=request, timetable=timetable, actor=actor, now=clock.now())
