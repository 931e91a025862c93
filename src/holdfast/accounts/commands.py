"""Writes of accounts and tokens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q

from holdfast.accounts.errors import EmailTaken
from holdfast.accounts.models import Account, AccountMail, ApiToken
from holdfast.accounts.queries import KnownToken, token_by_secret
from holdfast.accounts.rules import digest_of
from holdfast.core import audit, outbox
from holdfast.core.transactions import command, violated
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing

LONGEST_NAME = 150
LONGEST_TOKEN_NAME = 100
NOTE_USE_EVERY = timedelta(minutes=1)
_PREFIX_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret, which nobody will see again."""

    token: ApiToken
    secret: str


@command
def create_account(
    *,
    email: str,
    name: str = "",
    password: str | None = None,
    is_demo: bool = False,
    is_verified: bool = True,
) -> Account:
    """Make a sign-in for a person. Alone it opens no door: businesses give roles to accounts.

    Without ``password`` the person sets one by the reset link. Refusals: ``Invalid`` (email, name, password),
    ``EmailTaken``.
    """
    return _create(email=email, name=name, password=password, is_demo=is_demo, is_verified=is_verified)


@command
def create_operator(
    *, actor: Actor, email: str, name: str = "", password: str | None = None, is_demo: bool = False
) -> Account:
    """Make a sign-in for a person who runs this installation. Only operators may. Refusals as ``create_account``."""
    if not actor.role.includes(Role.OPERATOR):
        raise Forbidden
    return _create(
        email=email, name=name, password=password, is_demo=is_demo, is_verified=True, is_operator=True
    )


@command
def create_token(
    *,
    actor: Actor,
    business_id: UUID | None,
    role: Role,
    name: str,
    now: datetime,
    account_id: UUID | None = None,
    scopes: tuple[str, ...] = (),
    expires_at: datetime | None = None,
    is_demo: bool = False,
) -> NewToken:
    """Make a token for a program; ``NewToken.secret`` (``hf_<prefix>_<random>``) is shown this once.

    Administrators of the business may, up to their own role; without ``business_id`` only operators, for operators.
    Refusals: ``Forbidden``, ``Invalid`` (name, role, expires_at).
    """
    _authorise(actor, business_id)
    if not actor.role.includes(role):
        raise Forbidden
    if not role.includes(Role.STAFF) or (role is Role.OPERATOR) != (business_id is None):
        raise Invalid.field("role", "unusable")
    if not name.strip() or len(name) > LONGEST_TOKEN_NAME or not name.isprintable():
        raise Invalid.field("name", "unusable", longest=LONGEST_TOKEN_NAME)
    if expires_at is not None and expires_at <= now:
        raise Invalid.field("expires_at", "in_past")
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(8))
    secret = f"hf_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        account_id=account_id,
        business_id=business_id,
        role=role.value,
        scopes=list(scopes),
        name=name.strip(),
        digest=digest_of(secret),
        prefix=prefix,
        is_demo=is_demo,
        expires_at=expires_at,
        created_at=now,
    )
    return NewToken(token, secret)


@command
def revoke_token(*, actor: Actor, business_id: UUID | None, token_id: UUID, now: datetime) -> None:
    """Make a token of this business useless from now on. Refusals: ``Forbidden``, ``Missing`` (also when revoked)."""
    _authorise(actor, business_id)
    revoked = ApiToken.objects.filter(id=token_id, business_id=business_id, revoked_at=None).update(
        revoked_at=now
    )
    if not revoked:
        raise Missing


@command
def revoke_tokens_of(*, account_id: UUID, business_id: UUID, beyond: Role | None, now: datetime) -> int:
    """Revoke the tokens of an account in a business, all or those that may more than the role ``beyond``; how many.

    The caller has authorised it.
    """
    theirs = ApiToken.objects.filter(account_id=account_id, business_id=business_id, revoked_at=None)
    if beyond is not None:
        theirs = theirs.exclude(role__in=[role.value for role in Role if beyond.includes(role)])
    return theirs.update(revoked_at=now)


@command
def shorten_token(*, actor: Actor, business_id: UUID | None, token_id: UUID, until: datetime) -> None:
    """Have a token end then, if it would not before. Refusals: ``Forbidden``, ``Missing`` (also when revoked)."""
    _authorise(actor, business_id)
    standing = ApiToken.objects.filter(id=token_id, business_id=business_id, revoked_at=None)
    if not standing.exists():
        raise Missing
    standing.filter(Q(expires_at=None) | Q(expires_at__gt=until)).update(expires_at=until)


@command
def queue_mail(*, to: str, subject: str, text: str, html: str | None, now: datetime) -> None:
    """Have the worker send a mail about an account."""
    content = {"to": to, "subject": subject, "text": text, "html": html}
    AccountMail.objects.create(content=content, due_at=now, created_at=now)
    outbox.wake()


@command
def take_due_mail(*, now: datetime, lease_minutes: int) -> AccountMail | None:
    """The mail that has been due longest, not due again for ``lease_minutes``; None if none is due."""
    due = AccountMail.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
    mail = due.order_by("due_at").first()
    if mail is not None:
        mail.attempts += 1
        mail.due_at = now + timedelta(minutes=lease_minutes)
        mail.save(update_fields=["attempts", "due_at"])
    return mail


@command
def forget_mail(*, mail_id: UUID, attempt: int) -> None:
    """The mail is gone, or never will be. Of no effect if another attempt has begun."""
    AccountMail.objects.filter(id=mail_id, attempts=attempt).delete()


@command
def postpone_mail(*, mail_id: UUID, attempt: int, until: datetime) -> None:
    """Try the mail again then. Of no effect if another attempt has begun."""
    AccountMail.objects.filter(id=mail_id, attempts=attempt).update(due_at=until)


@command
def end_session(*, account_id: UUID, session_id: int) -> None:
    """Sign this account out on one of its devices, at once. Refusals: ``Missing``."""
    session = UserSession.objects.filter(user_id=account_id, pk=session_id).first()
    if session is None:
        raise Missing
    session.end()


@command
def note_in_trail(
    *, actor: Actor, action: str, account_id: UUID | None, details: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Tell the audit trail what happened at the sign-in; ``details`` name nobody (SPEC J7)."""
    audit.told_by("accounts")
    audit.add(actor=actor, action=action, subject="account", subject_id=account_id, details=details)


def use_token(*, secret: str, now: datetime) -> KnownToken | None:
    """The token behind a secret (as ``queries.token_by_secret``), noting its use at most once a minute."""
    token = token_by_secret(secret=secret, now=now)
    if token is not None and (token.last_used_at is None or token.last_used_at <= now - NOTE_USE_EVERY):
        ApiToken.objects.filter(id=token.id).update(last_used_at=now)
    return token


def _authorise(actor: Actor, business_id: UUID | None) -> None:
    if actor.role.includes(Role.OPERATOR):
        return
    if business_id is None or actor.business_id != business_id:
        raise Missing
    if not actor.role.includes(Role.ADMIN):
        raise Forbidden


def _create(
    *,
    email: str,
    name: str,
    password: str | None,
    is_demo: bool,
    is_verified: bool,
    is_operator: bool = False,
) -> Account:
    account = Account(
        email=email.strip().lower(), name=name.strip(), is_operator=is_operator, is_demo=is_demo
    )
    if mistakes := _mistakes(account, password):
        raise Invalid(mistakes)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=is_verified)
    except IntegrityError as error:
        if violated(error) is None:
            raise
        raise EmailTaken from None
    return account


def _mistakes(account: Account, password: str | None) -> dict[str, list[tuple[str, dict[str, object]]]]:
    mistakes: dict[str, list[tuple[str, dict[str, object]]]] = {}
    try:
        validate_email(account.email)
    except ValidationError:
        mistakes["email"] = [("invalid_email", {})]
    if len(account.email) > 254:
        mistakes["email"] = [("too_long", {"longest": 254})]
    if len(account.name) > LONGEST_NAME or (account.name and not account.name.isprintable()):
        mistakes["name"] = [("unusable", {"longest": LONGEST_NAME})]
    if password is not None:
        try:
            validate_password(password, account)
        except ValidationError as error:
            mistakes["password"] = [(str(part.code or "unusable"), {}) for part in error.error_list]
    return mistakes
