"""What became of mail, told by its provider (SPEC H4)."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from holdfast.core import clock
from holdfast.lib.refusals import Busy
from holdfast.notifications.commands import record_news
from holdfast.notifications.providers.mail_news import NotTheirs, mail_news
from holdfast.web.incoming.counting import count


@csrf_exempt
@require_POST
def news(request: HttpRequest, provider: str) -> HttpResponse:
    """Record it: 204; 400 for what is not theirs, with nothing changed; 503 has them try again."""
    now = clock.now()
    try:
        told = mail_news(provider=provider, request=request, now=now)
    except (NotTheirs, RequestDataTooBig):
        count(provider, "refused")
        return HttpResponse(status=400)
    try:
        done = record_news(provider=provider, news=told, now=now)
    except Busy:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    count(provider, "recorded", done.fresh)
    count(provider, "repeated", done.known)
    count(provider, "unknown", done.foreign)
    return HttpResponse(status=204)
