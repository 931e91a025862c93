"""How visits were, in their customers' words (SPEC M1)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import read_answer, write
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.schemas.letters import RatingList, show_rating
from holdfast.bookings.queries.ratings import rating_figures, ratings_of
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT

router = Router(tags=["Ratings"])


@operation(router, "GET", "/ratings", door=Door(Action.SEE_BOOKINGS), answers={200: RatingList})
def list_ratings(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """The latest ratings, with the figures of all of them."""
    caller = caller_of(request)
    figures = rating_figures(business_id=caller.business_id)
    found = ratings_of(business_id=caller.business_id, limit=MAX_LIMIT)
    body = {
        "count": figures.count,
        "average": None if figures.average is None else round(figures.average, 2),
        "by_stars": list(figures.by_stars),
        "items": [show_rating(one) for one in found],
    }
    return read_answer(request, write(body))
