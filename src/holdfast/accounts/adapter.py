"""How allauth fits this house."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context as of_this_request
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils.translation import gettext

from holdfast.accounts.commands import LONGEST_NAME, queue_mail
from holdfast.core import clock
from holdfast.core.encryption import decrypt, encrypt
from holdfast.core.request import client_address

SIGNED_IN_AT = "signed_in_at"
# allauth seals a secret before it knows the row, so they all share one place.
_SEALED_AS: dict[str, str] = {"table": "mfa_authenticator", "column": "data", "row_id": "secret"}


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

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in is not asked again at once, which allauth alone would do."""
        request = of_this_request.request
        return not proved_recently(request) and bool(super().is_reauthentication_required(app=app, **kwargs))

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second steps whose secrets are sealed at rest."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(encrypt(text, **_SEALED_AS)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return str(decrypt(base64.b64decode(encrypted_text), **_SEALED_AS))

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's name for it
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def _get_site_name(self) -> str:
        return "Holdfast"


class ConnectedAccountAdapter(DefaultSocialAccountAdapter):
    """Accounts elsewhere that sign in here. An address they claim opens no account that exists (SPEC J1).

    Only who is signed in connects one; without that an address makes a new account, or is told by mail that there is one.
    """

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        user.email = user.email.lower()
        name = str(data.get("name") or "").strip()
        user.name = name[:LONGEST_NAME] if name.isprintable() else ""
        for address in sociallogin.email_addresses:
            address.email = address.email.lower()
        return user


def keep_no_profile(instance: Any, **_: Any) -> None:
    """Of a connected account the provider's number for it is enough (a receiver of ``pre_save``)."""
    instance.extra_data = {}


def note_sign_in(request: HttpRequest, **_: Any) -> None:
    """Keep in the session when it began (a receiver of Django's ``user_logged_in``)."""
    request.session[SIGNED_IN_AT] = clock.now().timestamp()


def proved_recently(request: HttpRequest) -> bool:
    """Whether whoever sits there has shown within ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` who they are.

    Signing in counts, as does the password, code or passkey that a sensitive action asked for since.
    """
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    moments = [record["at"] for record in records if record.get("reauthenticated")]
    latest = max([*moments, request.session.get(SIGNED_IN_AT, 0)])
    return bool(clock.now().timestamp() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
