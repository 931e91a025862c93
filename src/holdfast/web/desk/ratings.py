"""How visits were: the average, how many of each, and what people wrote (SPEC M1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from holdfast.bookings.queries.ratings import RatingFacts, rating_figures, ratings_of
from holdfast.businesses.rules import Action
from holdfast.web import formats
from holdfast.web.desk.access import Desk, at_desk

PAGE = 50


@require_safe
@at_desk
def ratings(desk: Desk) -> HttpResponse:
    """Every rating, the latest first, with the figures above."""
    desk.require(Action.SEE_BOOKINGS)
    figures = rating_figures(business_id=desk.business.id)
    found = ratings_of(business_id=desk.business.id, limit=PAGE + 1, before=_before(desk))
    context = {
        "section": "bookings",
        "title": _("Ratings"),
        "figures": figures,
        "average": _("%(average)s of 5") % {"average": f"{figures.average:.1f}"} if figures.average else "",
        "each": [
            {"words": stars_words(stars), "count": count}
            for stars, count in reversed(list(enumerate(figures.by_stars, 1)))
        ],
        "rows": [_row(desk, one) for one in found[:PAGE]],
        "next_url": _next(desk, found),
        "letters_url": reverse("desk:letters", args=[desk.business.slug]),
    }
    return desk.render("desk/ratings.html", context)


def stars_words(stars: int) -> str:
    """How many stars, in words."""
    return ngettext("%(count)s star", "%(count)s stars", stars) % {"count": stars}


def _row(desk: Desk, one: RatingFacts) -> dict[str, Any]:
    return {
        "stars": stars_words(one.stars),
        "name": one.name or _("A guest"),
        "about": " · ".join(filter(None, [one.service_name, one.resource_name])),
        "comment": one.comment,
        "when": formats.day_and_clock(formats.local(one.rated_at, desk.business.timezone)),
        "url": reverse("desk:booking", args=[desk.business.slug, one.reference]),
    }


def _before(desk: Desk) -> tuple[datetime, UUID] | None:
    at, _comma, id = desk.request.GET.get("before", "").partition(",")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(id)) if moment.tzinfo is not None else None
    except ValueError:
        return None


def _next(desk: Desk, found: list[RatingFacts]) -> str:
    if len(found) <= PAGE:
        return ""
    last = found[PAGE - 1]
    at = last.rated_at.isoformat().replace("+", "%2B")
    return f"{reverse('desk:ratings', args=[desk.business.slug])}?before={at},{last.id}"
