"""The public profile and the settings of a business."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import PUBLIC, read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.impact import STRANDS, Preview, Stranded, carefully
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.business import (
    BusinessOut,
    ProfileChange,
    SettingsOut,
    show_business,
    show_settings,
)
from holdfast.api.schemas.impact import ImpactOut, SettingsEdit
from holdfast.availability import commands as careful
from holdfast.availability.commands import Care
from holdfast.businesses.commands import change_profile
from holdfast.businesses.queries import facts_of
from holdfast.businesses.rules import Action

router = Router(tags=["Business"])


@operation(router, "GET", "", door=Door(Action.SEE_PROFILE), answers={200: BusinessOut})
def get_business(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """The public profile of a business."""
    return read_answer(request, write(show_business(caller_of(request).timetable.business)), cache=PUBLIC)


@operation(router, "PATCH", "", door=Door(Action.CHANGE_SETTINGS), answers={200: BusinessOut}, body=True)
def change_business(request: HttpRequest, slug: str, body: ProfileChange) -> HttpResponse:  # noqa: ARG001
    """Change the public profile: name, tagline, email, phone, address."""
    caller = caller_of(request)
    business = change_profile(
        actor=caller.actor, business_id=caller.business_id, wanted=body.model_dump(exclude_unset=True)
    )
    return write_answer(write(show_business(facts_of(business=business))))


@operation(router, "GET", "/settings", door=Door(Action.SEE_SETTINGS), answers={200: SettingsOut})
def get_settings(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """The settings of a business."""
    return read_answer(request, write(show_settings(caller_of(request).timetable.business.settings)))


@operation(
    router,
    "PATCH",
    "/settings",
    door=Door(Action.CHANGE_SETTINGS),
    answers={200: SettingsOut | ImpactOut},
    body=True,
    conflicts=STRANDS,
)
def change_settings(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    body: SettingsEdit,
    stranded: Stranded = "ask",
    preview: Preview = False,
) -> HttpResponse:
    """Change some settings; the rest stay. Public holidays close the business and may strand bookings."""
    caller = caller_of(request)
    wanted = body.model_dump(exclude_unset=True, exclude={"decisions"})

    def change(care: Care) -> HttpResponse:
        settings = careful.change_settings(
            actor=caller.actor, business_id=caller.business_id, wanted=wanted, care=care
        )
        return write_answer(write(show_settings(settings)))

    return carefully(caller, change, stranded=stranded, preview=preview, decisions=body.decisions)
