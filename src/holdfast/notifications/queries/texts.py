"""A message as the text it becomes: the short form of its letter, with its link (SPEC H5)."""

from __future__ import annotations

from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.bookings.queries import manage_url
from holdfast.lib.refusals import Missing
from holdfast.notifications.models import Message
from holdfast.notifications.rules import texts
from holdfast.notifications.rules.letters import Letter
from holdfast.waitlist.queries import entry_url


def text_of(*, business_id: UUID, letter: Letter) -> str:
    """The text of a message whose letter is ready, in its language. Refusals: :class:`Missing`."""
    message = Message.objects.filter(business_id=business_id, id=letter.message_id).first()
    if message is None:
        raise Missing(what="message")
    with translation.override(message.locale):
        hint = _("STOP ends texts.")
        if message.kind == Message.Kind.OFFER:
            hint = _("Reply 1 to accept, 9 to pass. STOP ends texts.")
    link = _link(message)
    # The letter's own short form, whose link goes where nothing cuts it.
    words = letter.short.replace(link, "").rstrip(": ") if link and link in letter.short else letter.short
    return texts.compose(words or letter.subject, link, hint)


def _link(message: Message) -> str:
    if message.entry_id is not None:
        return entry_url(entry_id=message.entry_id)
    return manage_url(booking_id=message.booking_id) if message.booking_id is not None else ""
