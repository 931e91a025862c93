"""What customers say of their visit by their link, without an account: that they are coming, and how it was (SPEC M1).

A page that is opened changes nothing, so a mail program that looks at links beforehand says nothing for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.bookings.commands.visits import COMMENT_LIMIT, confirm_coming, rate_visit
from holdfast.bookings.queries.ratings import rating_of
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.web import formats
from holdfast.web.public.agreed import agreed, wall
from holdfast.web.public.details import Mistake
from holdfast.web.public.free import ANYONE
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import Holding, by_link, refused_on_page


@dataclass(frozen=True, slots=True)
class Star:
    """One answer to how it was."""

    value: int
    words: str
    is_chosen: bool


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def coming(holding: Holding) -> HttpResponse:
    """Ask whether they come; pressing the button says yes."""
    booking = holding.booking
    if holding.visit.request.method == "POST":
        try:
            confirm_coming(
                actor=holding.actor,
                business_id=booking.business_id,
                booking_id=booking.id,
                now=holding.visit.now,
            )
        except Conflict as refusal:
            return refused_on_page(holding, refusal)
        return see(holding.url("coming", "?said=yes"))
    is_ahead = booking.state == "confirmed" and holding.visit.now < booking.starts_at
    if not is_ahead:
        return redirect(holding.url("manage"))
    context = _about(holding) | {"is_coming": booking.is_coming}
    return holding.visit.render("public/coming.html", context, private=True)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def rating(holding: Holding) -> HttpResponse:
    """Ask how it was: one to five stars, and a line if they like. It can be changed with the same link."""
    booking, sent = holding.booking, holding.visit.request.POST
    if booking.state != "completed":
        return redirect(holding.url("manage"))
    if holding.visit.request.method != "POST":
        before = rating_of(business_id=booking.business_id, booking_id=booking.id)
        said = (before.stars, before.comment) if before is not None else (0, "")
        return _rating_page(holding, *said, [])
    typed = sent.get("stars", "")
    stars = int(typed) if typed in ("1", "2", "3", "4", "5") else 0
    comment = sent.get("comment", "")
    try:
        rate_visit(
            actor=holding.actor,
            business_id=booking.business_id,
            booking_id=booking.id,
            stars=stars,
            comment=comment,
            now=holding.visit.now,
        )
    except Invalid as refusal:
        return _rating_page(holding, stars, comment, _mistakes(refusal))
    return see(holding.url("rating", "?said=thanks"))


def _rating_page(holding: Holding, stars: int, comment: str, mistakes: list[Mistake]) -> HttpResponse:
    words = [_("Not good"), _("Could be better"), _("All right"), _("Good"), _("Very good")]
    context = _about(holding) | {
        "stars": [Star(n, said, n == stars) for n, said in enumerate(words, 1)],
        "comment": comment,
        "limit": COMMENT_LIMIT,
        "mistakes": mistakes,
        "is_thanked": holding.visit.request.GET.get("said") == "thanks" and not mistakes,
    }
    return holding.visit.render("public/rating.html", context, status=422 if mistakes else 200, private=True)


def _mistakes(refusal: Invalid) -> list[Mistake]:
    found = []
    if "stars" in refusal.fields:
        found.append(Mistake(_("Choose one to five stars."), "star-1"))
    if "comment" in refusal.fields:
        found.append(
            Mistake(_("Write at most %(count)s ordinary characters.") % {"count": COMMENT_LIMIT}, "comment")
        )
    return found


def _about(holding: Holding) -> dict[str, Any]:
    visit, booking = holding.visit, holding.booking
    who = ANYONE if booking.any_resource else str(booking.resource_id)
    return {
        "token": holding.token,
        "when": formats.day_and_clock(wall(visit.timetable, booking.starts_at)),
        "agreed": agreed(visit.timetable, booking),
        "book_again_url": f"{visit.url('times')}?service={booking.service_id}&who={who}",
        "said": visit.request.GET.get("said", ""),
    }
