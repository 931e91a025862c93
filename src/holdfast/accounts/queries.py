"""Reads of accounts and tokens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.db.models import Q, QuerySet

from holdfast.accounts.models import Account, AccountMail, ApiToken
from holdfast.accounts.rules import digest_of
from holdfast.core import sql
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Missing


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token that is valid now. ``business_id`` None: an operator's, good for every business."""

    id: UUID
    account_id: UUID | None
    business_id: UUID | None
    role: Role
    scopes: tuple[str, ...]
    name: str
    last_used_at: datetime | None

    def actor(self, *, address: str = "") -> Actor:
        """The program behind the token, as commands want it."""
        return Actor(
            role=self.role,
            business_id=self.business_id,
            account_id=self.account_id,
            token_id=self.id,
            via="api",
            address=address,
            name=self.name,
        )


def token_by_secret(*, secret: str, now: datetime) -> KnownToken | None:
    """The token behind a secret, in one statement; None if it is unknown, expired, revoked, or its account inactive.

    Demo tokens are unknown to a production installation.
    """
    row = sql.one(
        "SELECT t.id, t.account_id, t.business_id, t.role, t.scopes, t.name, t.last_used_at, t.is_demo,"
        " t.expires_at, a.is_active, a.is_demo"
        " FROM accounts_apitoken t LEFT JOIN accounts_account a ON a.id = t.account_id"
        " WHERE t.digest = %s AND t.revoked_at IS NULL",
        (digest_of(secret),),
    )
    if row is None or (row[8] is not None and sql.as_instant(row[8]) <= now):
        return None
    if row[1] is not None and not row[9]:
        return None
    if (row[7] or row[10]) and settings.HOLDFAST_ENVIRONMENT == "production":
        return None
    return KnownToken(
        id=sql.as_uuid(row[0]),
        account_id=sql.as_uuid(row[1]) if row[1] else None,
        business_id=sql.as_uuid(row[2]) if row[2] else None,
        role=Role(row[3]),
        scopes=tuple(sql.as_json(row[4])),
        name=row[5],
        last_used_at=sql.as_instant(row[6]) if row[6] else None,
    )


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A token as its administrators see it: everything but the secret. ``maker`` made it, or "" if nobody is known."""

    id: UUID
    name: str
    prefix: str
    role: Role
    scopes: tuple[str, ...]
    account_id: UUID | None
    maker: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def tokens_of(*, business_id: UUID, now: datetime) -> list[TokenFacts]:
    """The tokens of a business that work now, in the order in which they were made."""
    return [_token(row) for row in _standing(business_id, now).order_by("created_at", "id")]


def token_of(*, business_id: UUID, token_id: UUID, now: datetime) -> TokenFacts:
    """One of them. Refusals: ``Missing`` (also when it is revoked or has run out)."""
    row = _standing(business_id, now).filter(id=token_id).first()
    if row is None:
        raise Missing(what="token")
    return _token(row)


def token_stands(*, token_id: UUID) -> bool:
    """Whether nobody has revoked it."""
    return ApiToken.objects.filter(id=token_id, revoked_at=None).exists()


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What an access review wants to know of a sign-in. ``connections``: the other services by which they sign in."""

    last_seen_at: datetime | None
    has_second_factor: bool
    connections: tuple[str, ...]


def accounts_by_id(*, account_ids: Collection[UUID]) -> dict[UUID, AccountFacts]:
    """When each was last seen, and how they sign in."""
    ids = list(account_ids)
    secured = set(_second_factors(ids).values_list("user_id", flat=True))
    seen = dict(Account.objects.filter(id__in=ids).values_list("id", "last_login"))
    sessions = UserSession.objects.filter(user_id__in=ids).values_list("user_id", "last_seen_at")
    for account_id, at in sessions:
        seen[account_id] = max(filter(None, (seen.get(account_id), at)))
    services: dict[UUID, set[str]] = {}
    if apps.is_installed("allauth.socialaccount"):
        linked = (
            apps.get_app_config("socialaccount")
            .get_model("SocialAccount")
            ._default_manager.filter(user_id__in=ids)
        )
        for account_id, provider in linked.values_list("user_id", "provider"):
            services.setdefault(account_id, set()).add(provider)
    return {
        account_id: AccountFacts(at, account_id in secured, tuple(sorted(services.get(account_id, ()))))
        for account_id, at in seen.items()
    }


def account_by_email(*, email: str) -> Account | None:
    """The account with this address, in any case."""
    return Account.objects.filter(email=email.strip().lower()).first()


def names_of_accounts(*, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these accounts are called; those that are gone are left out."""
    return {account.id: account.get_full_name() for account in Account.objects.filter(id__in=set(ids))}


def has_proven(*, account_id: UUID, email: str) -> bool:
    """Whether this account has shown that the address is its own."""
    proven: bool = EmailAddress.objects.filter(
        user_id=account_id, email__iexact=email, verified=True
    ).exists()
    return proven


def mail_is_due(*, now: datetime) -> bool:
    """Whether a mail about an account waits to be sent."""
    return AccountMail.objects.filter(due_at__lte=now).exists()


def has_second_factor(*, account_id: UUID) -> bool:
    """Whether signing in takes more than a password: an authenticator app or a passkey."""
    return bool(_second_factors([account_id]).exists())


def _second_factors(account_ids: Collection[UUID]) -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user_id__in=account_ids)
    return rows.exclude(type=Authenticator.Type.RECOVERY_CODES)


def _standing(business_id: UUID, now: datetime) -> QuerySet[ApiToken]:
    rows = ApiToken.objects.filter(business_id=business_id, revoked_at=None)
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=now)).select_related("account")


def _token(row: ApiToken) -> TokenFacts:
    return TokenFacts(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        role=Role(row.role),
        scopes=tuple(row.scopes),
        account_id=row.account_id,
        maker=str(row.account) if row.account else "",
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
