"""What customers say of their visit: that they are coming, and how it was (SPEC M1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.bookings.commands.changing import authorise_holder
from holdfast.bookings.commands.writing import locked, note_change, update
from holdfast.bookings.errors import IllegalStep
from holdfast.bookings.models import Rating
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import check_stars
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor

COMMENT_LIMIT = 1000


@command
def confirm_coming(*, actor: Actor, business_id: UUID, booking_id: UUID, now: datetime) -> BookingFacts:
    """The customer says that they are coming at the time as it is; said twice it is said once. Moved, it counts no more.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep` for what is not booked any more or has begun.
    """
    authorise_holder(actor, business_id, booking_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    if booking.is_coming:
        return booking
    if booking.state != "confirmed" or now >= booking.starts_at:
        raise IllegalStep(state=booking.state, step="confirm_coming", possible=[])
    said = update(booking, {"coming_at": now, "coming_for": booking.starts_at})
    note_change(said, actor=actor, action="coming", now=now, details={})
    return said


@command
def rate_visit(
    *, actor: Actor, business_id: UUID, booking_id: UUID, stars: int, comment: str, now: datetime
) -> None:
    """The customer says how it was: one to five stars and, if they like, a line. Said again, it takes the place of what
    they said before.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`IllegalStep` for a visit that is not done, :class:`Invalid` on
    ``stars`` and ``comment``.
    """
    authorise_holder(actor, business_id, booking_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    if booking.state != "completed":
        raise IllegalStep(state=booking.state, step="rate", possible=[])
    mistakes: text.Mistakes = check_stars(stars)
    said = text.paragraphs(comment, field="comment", mistakes=mistakes, limit=COMMENT_LIMIT)
    text.refuse(mistakes)
    row = Rating.objects.filter(business_id=business_id, booking_id=booking_id).first()
    row = row or Rating(business_id=business_id, booking_id=booking_id)
    row.stars, row.comment, row.rated_at = stars, said or None, now
    row.save()
    note_change(booking, actor=actor, action="rated", now=now, details={"stars": stars})
