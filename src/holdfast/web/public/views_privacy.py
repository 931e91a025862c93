"""What a business does with people's details: the text in force, and every earlier one (SPEC K4)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from holdfast.businesses.queries import privacy_text, privacy_versions
from holdfast.customers.commands import withdraw_news
from holdfast.lib.refusals import Missing
from holdfast.web import formats
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit, for_visitors
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import Holding, by_link


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph of the text."""

    words: str
    is_heading: bool


@require_safe
@for_visitors
def privacy(visit: Visit) -> HttpResponse:
    """The notice: ``?version=`` names an earlier one, which people may have agreed to."""
    asked = visit.request.GET.get("version", "")
    version = visit.business.privacy_version
    if asked:
        if not (asked.isascii() and asked.isdigit() and len(asked) < 9):
            raise Missing(what="privacy_text")
        version = int(asked)
    found = privacy_text(business_id=visit.business.id, version=version)
    others = [
        {"version": other.version, "words": _version_words(visit, other.version, other.created_at)}
        for other in privacy_versions(business_id=visit.business.id)
        if other.version != version
    ]
    context = {
        "blocks": blocks(found.text),
        "version_words": _version_words(visit, found.version, found.created_at),
        "is_current": version == visit.business.privacy_version,
        "others": others,
    }
    return visit.render("public/privacy.html", context)


@by_link
def stop_news(holding: Holding) -> HttpResponse:
    """No more news and offers; the consent stays on record with its end."""
    if holding.visit.request.method != "POST":
        return redirect(holding.url("manage"))
    booking = holding.booking
    if booking.customer_id is not None:
        withdraw_news(
            actor=holding.actor,
            business_id=booking.business_id,
            customer_id=booking.customer_id,
            now=holding.visit.now,
        )
    return see(holding.url("manage", "?said=no-news"))


def blocks(text: str) -> list[Block]:
    """Paragraphs as blank lines part them; one that begins with ``# `` is a heading."""
    parts = (part.strip() for part in text.split("\n\n"))
    return [Block(part.removeprefix("# "), part.startswith("# ")) for part in parts if part]


def _version_words(visit: Visit, version: int, created_at: object) -> str:
    day = formats.full_date(wall(visit.timetable, created_at).date())  # type: ignore[arg-type]
    return _("Version %(number)s of %(day)s") % {"number": version, "day": day}
