"""Letters: what a business's messages say, by event and language (SPEC H2)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import no_content, read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.letters import (
    LetterList,
    LetterOut,
    LetterPreview,
    LetterWords,
    Reminders,
    show_letter,
)
from holdfast.api.values import known_id
from holdfast.businesses.rules import Action
from holdfast.core import clock
from holdfast.notifications.commands.templates import reset_template, write_template
from holdfast.notifications.commands.visits import set_service_reminders
from holdfast.notifications.queries.templates import preview, reminders_of, template_of, templates_of
from holdfast.notifications.rules.defaults.parts import Source

router = Router(tags=["Letters"])
SEE, CHANGE = Door(Action.SEE_SETTINGS), Door(Action.CHANGE_SETTINGS)


@operation(router, "GET", "/letters", door=SEE, answers={200: LetterList})
def list_letters(request: HttpRequest, slug: str, language: str = "en") -> HttpResponse:  # noqa: ARG001
    """Every letter in one language: `en`, `de`, `fr` or `es`."""
    caller = caller_of(request)
    found = templates_of(business_id=caller.business_id, language=language)
    return read_answer(request, write({"items": [show_letter(letter) for letter in found]}))


@operation(router, "GET", "/letters/{event}/{language}", door=SEE, answers={200: LetterOut})
def get_letter(request: HttpRequest, slug: str, event: str, language: str) -> HttpResponse:  # noqa: ARG001
    """One letter, and what it may speak of."""
    caller = caller_of(request)
    found = template_of(business_id=caller.business_id, event=event, language=language)
    return read_answer(request, write(show_letter(found)))


@operation(router, "PUT", "/letters/{event}/{language}", door=CHANGE, answers={200: LetterOut}, body=True)
def put_letter(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    event: str,
    language: str,
    body: LetterWords,
) -> HttpResponse:
    """Say it in your own words. What cannot be sent is refused with the line it stands in."""
    caller = caller_of(request)
    write_template(
        actor=caller.actor,
        business_id=caller.business_id,
        event=event,
        language=language,
        source=_source(body),
        now=clock.now(),
    )
    found = template_of(business_id=caller.business_id, event=event, language=language)
    return write_answer(write(show_letter(found)))


@operation(router, "DELETE", "/letters/{event}/{language}", door=CHANGE, answers={204: None})
def reset_letter(request: HttpRequest, slug: str, event: str, language: str) -> HttpResponse:  # noqa: ARG001
    """Give the letter its default back."""
    caller = caller_of(request)
    reset_template(actor=caller.actor, business_id=caller.business_id, event=event, language=language)
    return no_content()


@operation(
    router, "POST", "/letters/{event}/{language}/preview", door=SEE, answers={200: LetterPreview}, body=True
)
def preview_letter(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    event: str,
    language: str,
    body: LetterWords,
) -> HttpResponse:
    """How the letter would look, about a made-up booking. Nothing is kept or sent."""
    caller = caller_of(request)
    parts, html = preview(
        business_id=caller.business_id,
        event=event,
        language=language,
        source=_source(body),
        now=clock.now(),
    )
    return write_answer(write({"subject": parts.subject, "text": parts.text, "html": html, "sms": parts.sms}))


@operation(router, "GET", "/services/{service_id}/reminders", door=SEE, answers={200: Reminders})
def get_reminders(request: HttpRequest, slug: str, service_id: str) -> HttpResponse:  # noqa: ARG001
    """When customers of a service are reminded; null while it is as the business says."""
    caller = caller_of(request)
    kept = reminders_of(business_id=caller.business_id, service_id=known_id(service_id, "service"))
    return read_answer(request, write({"minutes": None if kept is None else list(kept)}))


@operation(
    router, "PUT", "/services/{service_id}/reminders", door=CHANGE, answers={200: Reminders}, body=True
)
def put_reminders(request: HttpRequest, slug: str, service_id: str, body: Reminders) -> HttpResponse:  # noqa: ARG001
    """Remind customers of a service at other times than the business's. For bookings made or moved from now on."""
    caller = caller_of(request)
    kept = set_service_reminders(
        actor=caller.actor,
        business_id=caller.business_id,
        service_id=known_id(service_id, "service"),
        minutes=body.minutes,
    )
    return write_answer(write({"minutes": None if kept is None else list(kept)}))


def _source(body: LetterWords) -> Source:
    return Source(body.subject, body.body, body.sms)
