"""The steps of the set-up: what people book, name and hours, people and services, and the page that says: open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.blueprints.commands import set_up_business
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.businesses.errors import SlugTaken
from holdfast.businesses.models import Business
from holdfast.businesses.queries import memberships_of, role_in
from holdfast.core import clock
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.queries import timetable_at
from holdfast.web.desk.fields import summary
from holdfast.web.setup import pages
from holdfast.web.setup.access import actor_of, for_founders, is_open_to_all
from holdfast.web.setup.draft import Draft, drop_draft, keep_draft, read_draft
from holdfast.web.setup.reading import (
    blueprint_of,
    change_rows,
    check_about,
    read_about,
    read_services,
)
from holdfast.web.setup.sentences import mistakes, sentences
from holdfast.web.setup.words import KINDS, STEPS

_POSTS = require_http_methods(["GET", "HEAD", "POST"])


@_POSTS
@for_founders
def kind(request: HttpRequest) -> HttpResponse:
    """What people book here. It brings the defaults of the kind."""
    draft = read_draft(request)
    if request.method == "POST":
        chosen = request.POST.get("kind", "")
        if chosen in BLUEPRINTS:
            draft.become(chosen)
            keep_draft(request, draft)
            return redirect("setup:about")
        errors = sentences({"kind": [("unknown", {})]})
        return _step(request, "kind", pages.kind_context(draft), errors)
    return _step(request, "kind", pages.kind_context(draft))


@_POSTS
@for_founders
def about(request: HttpRequest) -> HttpResponse:
    """Name, address, zone, currency and hours."""
    draft = read_draft(request)
    if not draft.kind:
        return redirect("setup:kind")
    if request.method == "POST":
        read_about(request.POST, draft)
        if request.POST.get("do") == "back":
            keep_draft(request, draft)
            return redirect("setup:kind")
        found = check_about(draft, _today())
        keep_draft(request, draft)
        if not found:
            return redirect("setup:services")
        errors = sentences(found)
        return _step(request, "about", pages.about_context(draft, _today(), errors), errors)
    return _step(request, "about", pages.about_context(draft, _today(), {}))


@_POSTS
@for_founders
def services(request: HttpRequest) -> HttpResponse:
    """Who gives what, for how long, at what price; then the business is made."""
    draft = read_draft(request)
    if not draft.kind:
        return redirect("setup:kind")
    if not draft.is_described or check_about(draft, _today()):
        return _about_again(request, draft)
    errors: dict[str, list[str]] = {}
    added = ""
    if request.method == "POST":
        read_services(request.POST, draft)
        do = request.POST.get("do", "")
        is_about_rows = change_rows(do, draft)
        keep_draft(request, draft)
        if do == "back":
            return redirect("setup:about")
        if is_about_rows:
            added = do.removeprefix("add-") if do.startswith("add-") else ""
        else:
            try:
                made = _make(request, draft)
            except Invalid as refusal:
                errors = mistakes(refusal)
            except SlugTaken:
                return _about_again(request, draft)
            else:
                drop_draft(request)
                return redirect("setup:opened", made.slug)
    return _step(request, "services", pages.services_context(draft, errors, added), errors)


@require_safe
@never_cache
def opened(request: HttpRequest, slug: str) -> HttpResponse:
    """The business stands: its link, its code, its first free time, and what to do next. For those who work there."""
    try:
        timetable = timetable_at(slug=slug)
    except Missing as refusal:
        raise Http404 from refusal
    account = request.user
    if not account.is_authenticated:
        return redirect_to_login(request.get_full_path())
    role = role_in(business_id=timetable.business.id, account_id=account.pk)
    if role is None and not getattr(account, "is_superuser", False):
        raise Http404
    return _step(request, "opened", pages.opened_context(timetable, clock.now()))


def _make(request: HttpRequest, draft: Draft) -> Business:
    return set_up_business(
        actor=actor_of(request),
        blueprint=blueprint_of(draft),
        slug=draft.slug,
        name=draft.name,
        timezone=draft.timezone,
        currency=draft.currency,
        language=settings.LANGUAGE_CODE,
        is_open_to_all=is_open_to_all(),
    )


def _about_again(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Back to name and hours: something there is missing, or somebody has taken the address meanwhile.

    A form that was sent twice is not told off: its business stands.
    """
    if request.method == "POST" and _is_own(request, draft):
        drop_draft(request)
        return redirect("setup:opened", draft.slug)
    if not draft.is_described:
        return redirect("setup:about")
    errors = sentences(check_about(draft, _today()))
    keep_draft(request, draft)
    return _step(request, "about", pages.about_context(draft, _today(), errors), errors)


def _is_own(request: HttpRequest, draft: Draft) -> bool:
    """Whether the business at this address is the one this draft has just become."""
    account_id = request.user.pk
    assert account_id is not None  # a guest was sent to sign in
    return any(
        one.slug == draft.slug and one.name == draft.name for one in memberships_of(account_id=account_id)
    )


def _step(
    request: HttpRequest, name: str, context: dict[str, Any], errors: dict[str, list[str]] | None = None
) -> HttpResponse:
    names = [step for step, _ in STEPS]
    reached = names.index(name)
    shared = {
        "steps": [
            {
                "label": label,
                "is_current": index == reached,
                # One may go back to what was answered, not forward, and not once the business stands.
                "url": reverse(f"setup:{step}") if index < reached and name != "opened" else "",
            }
            for index, (step, label) in enumerate(STEPS)
        ],
        "step_number": reached + 1,
        "kinds": KINDS,
        "mistakes": summary(errors or {}),
    }
    return render(request, f"setup/{name}.html", shared | context, status=422 if errors else 200)


def _today() -> date:
    return clock.now().date()
