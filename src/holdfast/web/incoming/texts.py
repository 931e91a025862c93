"""Calls of Twilio: what became of a text, and what somebody answered (SPEC H5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Busy, Refusal
from holdfast.notifications.commands import note_answer, record_news, start_texts, stop_texts
from holdfast.notifications.providers.sms import is_twilios, twilio_news
from holdfast.notifications.queries.answers import AskedFor, offer_asked_of, was_answered
from holdfast.notifications.rules.texts import meaning_of
from holdfast.schedule.queries import timetable_of
from holdfast.waitlist.commands import accept_offer, decline_offer
from holdfast.web import formats
from holdfast.web.incoming.counting import count


@csrf_exempt
@require_POST
def call(request: HttpRequest, provider: str) -> HttpResponse:
    """News of a text of ours, or an answer; 400 for what Twilio did not sign, with nothing changed."""
    now = clock.now()
    if provider != "twilio" or not _is_signed(request):
        count(provider, "refused")
        return HttpResponse(status=400)
    fields = {name: str(value) for name, value in request.POST.items()}
    try:
        return _status(request, fields, now) if fields.get("MessageStatus") else _answer(fields, now)
    except Busy:
        return HttpResponse(status=503, headers={"Retry-After": "5"})


def _is_signed(request: HttpRequest) -> bool:
    """Whether Twilio signed the public address and the form as they came."""
    try:
        fields = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    except RequestDataTooBig:
        return False
    url = f"{settings.BASE_URL}{request.get_full_path()}"
    return is_twilios(url=url, fields=fields, signature=request.headers.get("X-Twilio-Signature", ""))


def _status(request: HttpRequest, fields: Mapping[str, str], now: datetime) -> HttpResponse:
    try:
        message_id = UUID(request.GET.get("message", ""))
    except ValueError:
        count("twilio", "unknown")
        return HttpResponse(status=204)
    news = twilio_news(message_id=message_id, fields=fields, now=now)
    done = record_news(provider="twilio", news=[news] if news else [], now=now)
    count("twilio", "recorded", done.fresh)
    count("twilio", "repeated", done.known)
    count("twilio", "unknown", done.foreign)
    return HttpResponse(status=204)


def _answer(fields: Mapping[str, str], now: datetime) -> HttpResponse:
    """Do what somebody answered; the reply is a text back. Twilio itself confirms STOP and START."""
    phone, sid = fields.get("From", ""), fields.get("MessageSid", "")[:60]
    meaning = {"STOP": "stop", "START": "start"}.get(fields.get("OptOutType", "")) or meaning_of(
        fields.get("Body", "")
    )
    if meaning in ("stop", "start"):
        act = stop_texts if meaning == "stop" else start_texts
        act(phone=phone, now=now)
        count("twilio", "recorded")
        return _reply("")
    if not sid or was_answered(provider="twilio", event_id=sid):
        count("twilio", "repeated")
        return _reply("")
    asked = offer_asked_of(phone=phone, now=now)
    if asked is None or not meaning:
        count("twilio", "unknown")
        return _reply(_not_understood(asked))
    with translation.override(asked.locale):
        said = _do(asked, meaning, now)
    note_answer(message_id=asked.message_id, event_id=sid, answer=meaning, provider="twilio", now=now)
    count("twilio", "recorded")
    return _reply(said)


def _do(asked: AskedFor, meaning: str, now: datetime) -> str:
    """Accept or pass the offer as whoever waits, through the text's own door; the sentence for the text back."""
    actor = GUEST.waiting_as(asked.entry_id)
    try:
        if meaning == "pass":
            decline_offer(actor=actor, business_id=asked.business_id, offer_id=asked.offer_id, now=now)
            return _("Passed. You keep your place in line.")
        timetable = timetable_of(business_id=asked.business_id)
        booking = accept_offer(actor=actor, timetable=timetable, offer_id=asked.offer_id, now=now)
    except Busy:
        raise
    except Refusal:
        return _("That is not possible any more. See %(link)s") % {"link": asked.link}
    when = formats.day_and_clock(formats.local(booking.starts_at, booking.timezone))
    return _("Booked: %(when)s, %(business)s. %(link)s") % {
        "when": when,
        "business": timetable.business.name,
        "link": asked.link,
    }


def _not_understood(asked: AskedFor | None) -> str:
    """What to answer to anything else: how to, while an offer is out; nothing where nothing was asked."""
    if asked is None:
        return ""
    with translation.override(asked.locale):
        return _("Reply 1 to accept, 9 to pass.")


def _reply(text: str) -> HttpResponse:
    """TwiML with a text back, or with none."""
    inner = f"<Message>{escape(text)}</Message>" if text else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>'
    return HttpResponse(body, content_type="text/xml; charset=utf-8")
