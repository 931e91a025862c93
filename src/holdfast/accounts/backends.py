"""Who may sign in."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings


class SignInBackend(AuthenticationBackend):
    """Sign-in by address and password. Demo accounts are strangers to a production installation, sessions included."""

    def user_can_authenticate(self, user: Any) -> bool:
        if getattr(user, "is_demo", False) and settings.HOLDFAST_ENVIRONMENT == "production":
            return False
        return bool(super().user_can_authenticate(user))
