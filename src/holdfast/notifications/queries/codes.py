"""The letter with the code that proves an address (SPEC D1): about no booking, so with no calendar file."""

from __future__ import annotations

from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.businesses.queries import BusinessFacts
from holdfast.notifications.models import Message
from holdfast.notifications.rules import formats, letters
from holdfast.notifications.rules.delivery import Drop
from holdfast.notifications.rules.letters import Letter


def code_letter(*, message: Message, business: BusinessFacts, now: datetime) -> Letter | Drop:
    """The letter, or a drop once the code has run out: then it would only mislead."""
    context = message.context or {}
    code, expires_at = str(context["code"]), datetime.fromisoformat(context["expires_at"])
    if now >= expires_at:
        return Drop("expired")
    with translation.override(message.locale):
        until = formats.clock(formats.wall(expires_at, business.timezone), message.locale)
        shown = {
            "language": message.locale,
            "business": business,
            "subject": _("%(code)s is your code for %(business)s")
            % {"code": code, "business": business.name},
            "code": code,
            "until": until,
        }
        return Letter(
            message_id=message.id,
            to=message.recipient,
            from_name=business.name,
            reply_to=business.email,
            subject=letters.header(str(shown["subject"])),
            text=render_to_string("notifications/code.txt", shown).strip() + "\n",
            html=render_to_string("notifications/code.html", shown),
            calendar=b"",
            calendar_method="REQUEST",
        )
