"""Changes that may strand bookings: previewed, refused with the list, or made with what was decided (SPEC C7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query

from holdfast.api.answers import write, write_answer
from holdfast.api.auth import Caller
from holdfast.api.schemas.impact import DecisionIn, show_impact
from holdfast.api.values import known_id
from holdfast.availability.commands import Care, Decision, impact_of
from holdfast.availability.errors import WouldStrand
from holdfast.lib.refusals import Invalid, Missing

# A decision to move takes a place like any other move: of a party at its tables, of a visitor in a slot.
STRANDS = (
    "would_strand",
    "no_other_time",
    "time_taken",
    "pacing_reached",
    "slot_full",
    "slot_closed",
    "illegal_step",
)

Stranded = Annotated[
    Literal["ask", "keep", "move", "propose", "cancel"],
    Query(
        description="What becomes of bookings that the change would strand and about which `decisions` says nothing:"
        " `ask` refuses with the list, `keep` leaves them where they are, `move` takes the nearest free time,"
        " `propose` lets the customer choose, `cancel` cancels."
    ),
]
Preview = Annotated[bool, Query(description="Change nothing, answer which bookings the change would strand.")]


def carefully(
    caller: Caller,
    change: Callable[[Care], HttpResponse],
    *,
    stranded: str,
    preview: bool,
    decisions: Mapping[str, DecisionIn] | None = None,
) -> HttpResponse:
    """The answer of a change made with care, or of asking what it would strand.

    Refusals: those of the change; :class:`WouldStrand` carries the list as the API shows it.
    """
    if preview:
        return write_answer(write({"bookings": show_impact(impact_of(change=change, now=caller.now))}))
    others = None if stranded == "ask" else Decision(stranded)  # type: ignore[arg-type]  # one of the choices
    decided = {reference: _decision(reference, body) for reference, body in (decisions or {}).items()}
    try:
        return change(Care(caller.now, decided, others))
    except WouldStrand as refusal:
        refusal.facts["bookings"] = show_impact(refusal.consequences)
        raise


def _decision(reference: str, body: DecisionIn) -> Decision:
    if body.action != "move" and (body.starts_at or body.resource):
        raise Invalid.field(f"decisions.{reference}.starts_at", "not_allowed")
    if body.resource is not None and body.starts_at is None:
        raise Invalid.field(f"decisions.{reference}.starts_at", "required")
    try:
        resource_id = known_id(body.resource, "resource") if body.resource is not None else None
    except Missing as refusal:
        raise Invalid.field(f"decisions.{reference}.resource", "unknown") from refusal
    return Decision(body.action, body.starts_at, resource_id)
