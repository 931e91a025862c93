"""The others of a series or a group on the page of one of them (SPEC D9, D10)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from holdfast.bookings.commands import cancel_together
from holdfast.lib.refusals import Invalid
from holdfast.web.once import done_once, once
from holdfast.web.public.views_hold import see
from holdfast.web.public.views_manage import REFUSED, Holding, by_link, refused_on_page


@by_link
@done_once
def cancel(holding: Holding) -> HttpResponse:
    """Cancel several in one step; it can be taken back for two minutes, all of it."""
    given = holding.visit.request.POST
    if holding.visit.request.method != "POST":
        return redirect(holding.url("manage"))

    def work() -> str:
        cancel_together(**holding.commanded, which=given.get("which", ""), undo=True)
        return holding.url("manage", "?said=cancelled")

    try:
        return see(
            once(
                business_id=holding.booking.business_id,
                route=f"cancel together {holding.booking.id}",
                fields=given.dict(),
                work=work,
                verdict=holding.visit.verdict,
            )
        )
    except Invalid:
        return redirect(holding.url("manage"))
    except REFUSED as refusal:
        return refused_on_page(holding, refusal)
