"""Finding a booking again by its reference and the email address it was made with (SPEC D4).

The answer is the same whether or not they belong together; the link goes to the address, to nobody else.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.bookings.queries import find_booking
from holdfast.core import ratelimit
from holdfast.core.request import client_network
from holdfast.lib import text
from holdfast.lib.actors import WORKER
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.notifications.commands import resend_message
from holdfast.notifications.models import Message
from holdfast.notifications.queries.messages import messages_of_booking
from holdfast.web.public import words
from holdfast.web.public.details import Field, Form
from holdfast.web.public.frame import Visit, for_visitors

LOOKUPS = "lookups"
LETTERS = "letters to one booking"
LETTERS_AN_HOUR = 3
_REFERENCE_LIMIT = 40
_TELL_THE_STATE = frozenset({Message.Kind.BOOKED, Message.Kind.CHANGED, Message.Kind.CANCELLED})


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def find(visit: Visit) -> HttpResponse:
    """The form, and the answer that tells nothing."""
    form = _form(visit)
    if visit.request.method != "POST":
        return visit.render("public/find.html", {"form": form})
    ratelimit.demand(ratelimit.hit(LOOKUPS, client_network(visit.request)))
    try:
        reference, email = _checked(form)
    except Invalid as refusal:
        form = form.with_errors(words.mistakes(refusal))
        return visit.render("public/find.html", {"form": form, "mistakes": form.mistakes}, status=422)
    _send_link(visit, reference, email)
    return visit.render("public/find.html", {"form": form, "answered": True})


def _form(visit: Visit) -> Form:
    given = visit.request.POST
    fields = (
        Field(
            "reference",
            _("Reference"),
            limit=_REFERENCE_LIMIT,
            hint=_("Ten letters and digits, like K7QM3-XWPHT."),
        ),
        Field(
            "email", _("Email"), type="email", autocomplete="email", hint=_("The address you booked with.")
        ),
    )
    return Form({one.name: replace(one, value=given.get(one.name, "")) for one in fields})


def _checked(form: Form) -> tuple[str, str]:
    mistakes: text.Mistakes = {}
    reference = text.line(
        form["reference"].value, field="reference", mistakes=mistakes, limit=_REFERENCE_LIMIT
    )
    email = text.email(form["email"].value, field="email", mistakes=mistakes)
    text.refuse(mistakes)
    return reference, email


def _send_link(visit: Visit, reference: str, email: str) -> None:
    """Send the confirmation once more, if there is one to send."""
    business_id = visit.business.id
    try:
        booking = find_booking(business_id=business_id, reference=reference, email=email)
    except Missing:
        return
    if not ratelimit.hit(LETTERS, str(booking.id), LETTERS_AN_HOUR, 3600).allowed:
        return
    sent = messages_of_booking(business_id=business_id, booking_id=booking.id)
    # The newest that tells how the booking stands: a reminder would wait for its own hour.
    ours = [one for one in sent if one.audience == Message.Audience.CUSTOMER and one.kind in _TELL_THE_STATE]
    ours = [one for one in ours if one.state != Message.State.DROPPED]
    if not ours:
        return
    try:
        resend_message(actor=WORKER, business_id=business_id, message_id=ours[-1].id, now=visit.now)
    except Conflict:
        return
