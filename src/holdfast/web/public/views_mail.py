"""The demonstration's mail: what would have been sent, read from the files it was written to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from holdfast.notifications.queries.mail_files import DeliveredMail, delivered_mail, delivered_mail_files
from holdfast.web import formats
from holdfast.web.public.frame import kept_private

P = ParamSpec("P")


def in_demo(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Nowhere but in a demonstration: other people's mail is nobody's business."""

    @wraps(view)
    def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if settings.HOLDFAST_ENVIRONMENT != "demo":
            raise Http404
        return kept_private(view(request, *args, **kwargs))

    return page


@require_safe
@in_demo
def mail(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    found = delivered_mail_files(home=settings.HOLDFAST_HOME)
    letters = [
        {
            "name": one.file_name,
            "subject": _subject(one),
            "to": one.to,
            "when": formats.day_and_clock(one.sent_at),
        }
        for one in found
    ]
    return render(request, "public/mail_list.html", {"letters": letters})


@require_safe
@csp_update({"frame-src": [SELF]})
@in_demo
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its head, its text, its HTML in a frame that can do nothing, its files by name."""
    found = _found(name)
    headers = [
        {"name": _("From"), "value": found.sender},
        {"name": _("To"), "value": found.to},
        {"name": _("Answers to"), "value": found.reply_to},
        {"name": _("Sent"), "value": formats.day_and_clock(found.sent_at)},
    ]
    shown = {
        "name": found.file_name,
        "subject": _subject(found),
        "headers": [line for line in headers if line["value"]],
        "text": found.text,
        "html": found.html,
        "files": [{"name": one.name, "type": one.content_type} for one in found.attachments],
    }
    return render(request, "public/mail_letter.html", {"letter": shown})


@require_safe
@csp_replace({"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "script-src": ["'none'"],
              "frame-ancestors": [SELF], "sandbox": ["allow-popups"]})  # fmt: skip
@in_demo
def letter_html(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """The HTML of a mail, for the frame: no script, no form, no address but its own."""
    response = HttpResponse(_found(name).html)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _found(name: str) -> DeliveredMail:
    found = delivered_mail(home=settings.HOLDFAST_HOME, file_name=name)
    if found is None:
        raise Http404
    return found


def _subject(one: DeliveredMail) -> str:
    return one.subject or _("(no subject)")
