"""The page that stands in for a payment provider's where money is only played with (SPEC G3)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.payments.jobs import PLAYS, can_be_paid, play
from holdfast.payments.providers.demo import DemoCheckout, read_token
from holdfast.payments.queries import ways
from holdfast.payments.queries.facts import PaymentFacts
from holdfast.payments.queries.work import demo_payment as payment_of
from holdfast.web.public.frame import kept_private


@require_http_methods(["GET", "HEAD", "POST"])
def demo_payment(request: HttpRequest, token: str) -> HttpResponse:
    """Success, refusal, slowness or going away, as chosen; what is over says so and leads back."""
    checkout = read_token(token)
    payment = payment_of(payment_id=checkout.payment_id) if checkout and "demo" in ways() else None
    if checkout is None or payment is None:
        raise Http404
    what = request.POST.get("play", "")
    if request.method == "POST" and what in PLAYS and play(checkout=checkout, what=what):
        if what != "failure":
            return redirect(checkout.cancel_url if what == "leave" else checkout.return_url)
        return _page(request, checkout, payment, refused=_("The card was declined. Try another, or go back."))
    return _page(request, checkout, payment)


def _page(
    request: HttpRequest, checkout: DemoCheckout, payment: PaymentFacts, *, refused: str = ""
) -> HttpResponse:
    context = {
        "checkout": checkout,
        "payment": payment,
        "is_open": can_be_paid(payment),
        "refused": refused,
        "saves_card": payment.kind == "card",
    }
    status = 422 if refused else 200
    return kept_private(render(request, "public/demo_payment.html", context, status=status))
