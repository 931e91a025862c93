"""How allauth fits this house."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as of_this_request
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest

from holdfast.accounts.commands import queue_mail
from holdfast.core import clock
from holdfast.core.request import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by address alone; rate limits count the same client address as everything else."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leave the mail to the worker: a mail server that hangs or is dead must not hold up, or fail, a sign-up."""
        request = of_this_request.request
        facts = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        mail = self.render_mail(template_prefix, email, facts)
        pages = [str(body) for body, kind in getattr(mail, "alternatives", ()) if kind == "text/html"]
        queue_mail(
            to=email,
            subject=str(mail.subject),
            text=str(mail.body),
            html=pages[0] if pages else None,
            now=clock.now(),
        )

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""
