"""What other services tell us: checked, stored, and answered at once; the worker deals with it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from holdfast.payments.jobs import take_in


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """An event of Stripe's: 200 once it is stored, however often it comes; 400 for what Stripe did not sign (SPEC G2)."""
    if not take_in("stripe", request.body, request.headers):
        return HttpResponse(status=400)
    return HttpResponse(status=200)
