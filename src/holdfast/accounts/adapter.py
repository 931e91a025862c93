"""How allauth fits this house."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from holdfast.core.request import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by address alone; rate limits count the same client address as everything else."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""
