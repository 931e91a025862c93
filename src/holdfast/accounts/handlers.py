"""What the audit trail hears of signing in (SPEC J7): who by account, a failed try by a keyed digest of what was typed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from holdfast.accounts.commands import note_in_trail
from holdfast.accounts.queries import account_by_email
from holdfast.core.fields import blind_index
from holdfast.core.request import client_address
from holdfast.lib.actors import Actor, Role


def note_signed_in(*, request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """Somebody signed in."""
    _note("accounts.sign_in", request, user)


def note_signed_out(*, request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """Somebody signed out."""
    if user is not None:
        _note("accounts.sign_out", request, user)


def note_refused(
    *, credentials: dict[str, Any] | None = None, request: HttpRequest | None = None, **_: Any
) -> None:
    """A sign-in failed: the account that was meant, where there is one, and a digest that the same address has again."""
    given = credentials or {}
    typed = str(given.get("email") or given.get("username") or given.get("login") or "").strip().casefold()
    digest = blind_index(typed, purpose="audit.sign_in", business_id=None) if typed else ""
    account = account_by_email(email=typed) if typed else None
    _note("accounts.sign_in_failed", request, None, meant=account.id if account else None, tried=digest)


def note_password_changed(*, request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """A password was set, changed or reset."""
    _note("accounts.change_password", request, user)


def note_email_changed(*, request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """An account's address was changed."""
    _note("accounts.change_email", request, user)


def note_second_factor(
    *, request: HttpRequest | None = None, user: Any = None, authenticator: Any = None, **_: Any
) -> None:
    """A second factor was set up, or taken away."""
    _note("accounts.change_second_factor", request, user, factor=str(getattr(authenticator, "type", "")))


def _note(
    action: str, request: HttpRequest | None, user: Any, *, meant: UUID | None = None, **details: str
) -> None:
    account_id = user.pk if user is not None else None
    is_operator = bool(getattr(user, "is_operator", False))
    actor = Actor(
        role=Role.OPERATOR if is_operator else Role.GUEST,
        account_id=account_id,
        via="page" if request is not None else "command",
        address=client_address(request) if request is not None else "",
    )
    note_in_trail(
        actor=actor,
        action=action,
        account_id=account_id or meant,
        details={k: v for k, v in details.items() if v},
    )
