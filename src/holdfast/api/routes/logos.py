"""The logo of a business: the one body that is no JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import no_content, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.business import BusinessOut, show_business
from holdfast.businesses.commands import change_logo, remove_logo
from holdfast.businesses.queries import facts_of
from holdfast.businesses.rules import Action
from holdfast.lib.pictures import MOST_BYTES

router = Router(tags=["Business"])
PICTURES = ("image/png", "image/jpeg", "image/webp")


@operation(
    router, "PUT", "/logo", door=Door(Action.CHANGE_SETTINGS), answers={200: BusinessOut}, pictures=PICTURES
)
def put_logo(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """Make a picture the logo.

    The body is the file itself: a PNG, JPEG or WebP of at most 2 MB. It is written anew as a PNG of at most 512
    pixels a side, without anything but its pixels; `logo_url` of the answer is where it is.
    """
    caller = caller_of(request)
    picture = request.read(MOST_BYTES + 1)
    business = change_logo(actor=caller.actor, business_id=caller.business_id, picture=picture)
    return write_answer(write(show_business(facts_of(business=business))))


@operation(router, "DELETE", "/logo", door=Door(Action.CHANGE_SETTINGS), answers={204: None})
def delete_logo(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """Go back to the letters of the name."""
    caller = caller_of(request)
    remove_logo(actor=caller.actor, business_id=caller.business_id)
    return no_content()
