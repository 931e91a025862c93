"""Who is calling, decided before the body is read: 401, then 404, then 403 (DESIGN §4).

One :class:`Door` stands before every operation. It reads the credentials, finds the business, asks the one permission
table, and counts the write against the caller's limit. No session is loaded unless the request carries its cookie.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja.utils import check_csrf

from holdfast.accounts.commands import use_token
from holdfast.accounts.models import Account
from holdfast.accounts.queries import KnownToken
from holdfast.api.errors import CsrfFailed, SecondFactorMissing, Unauthorized
from holdfast.api.values import known_id
from holdfast.bookings.queries import BookingFacts, booking_by_reference, holder
from holdfast.businesses.queries import lacks_second_factor, role_in
from holdfast.businesses.rules import PERMISSIONS, Action, authorise
from holdfast.core import clock, ratelimit
from holdfast.core.request import client_address, client_network
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Missing
from holdfast.schedule.queries import Timetable, timetable_at
from holdfast.waitlist.queries import EntryFacts, entry_by_id, offer_by_id, waiter

GUEST = "guest"
GUESSES = "guesses"
KEY_HEADER = "Idempotency-Key"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SLUG = re.compile(r"[a-z0-9-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Caller:
    """What an operation is given: the actor, the business and the moment of the call.

    ``token`` is the personal token of the address, checked by the door of what it opens; ``key`` names the caller where
    repeats and limits are counted; ``booking`` or ``entry`` is the one the address names, or whose offer it names;
    ``scopes`` are those of a program's token, none for "all that its role may".
    """

    actor: Actor
    timetable: Timetable
    now: datetime
    token: str
    key: str
    booking: BookingFacts | None = None
    entry: EntryFacts | None = None
    scopes: tuple[str, ...] = ()

    @property
    def business_id(self) -> UUID:
        return self.timetable.business.id

    def actor_for(self, action: Action) -> Actor:
        """The actor, or for what the scopes leave out a guest: doors ask for one action, their answers may hold more."""
        return self.actor if _in_scope(self.scopes, action) else Actor(via="api", address=self.actor.address)

    def overriding(self, reason: str | None) -> str:
        """The reason for an override, "" for none. Refusals: :class:`Forbidden` when the scopes leave that out."""
        if reason and not _in_scope(self.scopes, Action.OVERRIDE_RULES):
            raise Forbidden(action=str(Action.OVERRIDE_RULES), needs="scope")
        return reason or ""


class Door:
    """Lets in those whom the permission table grants ``action``.

    A ``personal`` door also lets in whoever brings a personal token or is signed in; the doors below ask whether the
    thing is theirs. A door for ``customers`` lets in everybody who is signed in.
    """

    def __init__(self, action: Action, *, personal: bool = False, customers: bool = False) -> None:
        self.action = action
        self.personal = personal
        self.customers = customers
        self.creates = False

    def to_create(self) -> Self:
        """The same door before an operation that takes an ``Idempotency-Key``.

        With a key it counts the call and lets it pass: whether it is a repeat, which no limit refuses, shows only
        when the key is looked up (:func:`holdfast.api.answers.create_once`).
        """
        door = copy(self)
        door.creates = True
        return door

    @property
    def is_public(self) -> bool:
        """Whether a guest without any credentials may come in."""
        return PERMISSIONS[self.action] is Role.GUEST and not self.personal

    def __call__(self, request: HttpRequest) -> Caller:
        now = clock.now()
        program = _program(request, now)
        account = None if program else _signed_in(request)
        personal_token = request.GET.get("token", "") if self.personal else ""
        if not (program or account or personal_token or self.is_public):
            raise Unauthorized
        match = request.resolver_match
        timetable = _business(match.kwargs["slug"] if match else "")
        actor = _actor(request, timetable.business.id, program, account)
        if account is not None and request.method not in SAFE and check_csrf(request):
            raise CsrfFailed
        if account is not None and lacks_second_factor(
            account_id=account.id, is_operator=account.is_operator
        ):
            raise SecondFactorMissing
        self._admit(actor, timetable.business.id, program)
        scopes = program.scopes if program else ()
        caller = Caller(actor, timetable, now, personal_token, _key(actor), scopes=scopes)
        if request.method not in SAFE:
            verdict = _count(request, caller.key)
            if not (self.creates and KEY_HEADER in request.headers):
                ratelimit.demand(verdict)
        return caller

    def _admit(self, actor: Actor, business_id: UUID, program: KnownToken | None) -> None:
        if actor.business_id not in (None, business_id):
            raise Missing(what="business")
        if program and self.action != Action.SEE_PROFILE and not _in_scope(program.scopes, self.action):
            raise Forbidden(action=str(self.action), needs="scope")
        if actor.is_staff or not (self.personal or (self.customers and actor.role is Role.CUSTOMER)):
            authorise(actor, self.action, business_id)


class BookingDoor(Door):
    """Lets in staff, and whoever holds the booking that the address names."""

    def __init__(self, action: Action) -> None:
        super().__init__(action, personal=True)

    def __call__(self, request: HttpRequest) -> Caller:
        caller = super().__call__(request)
        reference = request.resolver_match.kwargs["reference"] if request.resolver_match else ""
        return at_booking(request, caller, reference)


class EntryDoor(Door):
    """Lets in staff, and, where it is ``personal``, whoever waits with the entry that the address names or whose offer it
    names."""

    def __init__(self, action: Action, *, personal: bool = True) -> None:
        super().__init__(action, personal=personal)

    def __call__(self, request: HttpRequest) -> Caller:
        caller = super().__call__(request)
        named = request.resolver_match.kwargs if request.resolver_match else {}
        if caller.actor.is_staff or not caller.token:
            return _at_entry(caller, named)
        with one_guess(request, caller):
            return _at_entry(caller, named)


class HoldDoor(Door):
    """Lets in whoever brings the token of the hold that the address names."""

    def __init__(self) -> None:
        super().__init__(Action.BOOK, personal=True)

    def __call__(self, request: HttpRequest) -> Caller:
        caller = super().__call__(request)
        hold_id = request.resolver_match.kwargs["hold_id"] if request.resolver_match else ""
        return replace(caller, actor=hold_holder(request, caller, hold_id, caller.token))


def hold_holder(request: HttpRequest, caller: Caller, hold_id: str, token: str) -> Actor:
    """The caller as holder of this hold. Refusals: :class:`Missing`, :class:`TooMany`."""
    with one_guess(request, caller):
        try:
            return holder(
                actor=caller.actor, booking_id=known_id(hold_id, "hold"), token=token, purpose="hold"
            )
        except Missing as refusal:
            raise Missing(what="hold") from refusal


@contextmanager
def one_guess(request: HttpRequest, caller: Caller) -> Iterator[None]:
    """Limit how often a client may be wrong about personal tokens and what they open (SPEC D4).

    What is :class:`Missing` inside counts, whether the token was wrong or there is no such thing, so that nobody
    learns which exists. Refusals: :class:`TooMany` after too many of them; then for right tokens, too, or a block
    would stop nobody.
    """
    client = _client(request, caller.key)
    ratelimit.demand(ratelimit.look(GUESSES, client))
    try:
        yield
    except Missing:
        ratelimit.demand(ratelimit.hit(GUESSES, client))
        raise


def at_booking(request: HttpRequest, caller: Caller, reference: str) -> Caller:
    """The caller at a booking that is theirs or the desk's. Refusals: :class:`Missing`, :class:`TooMany`."""
    if caller.actor.is_staff or not caller.token:
        return _at_booking(caller, reference)
    with one_guess(request, caller):
        return _at_booking(caller, reference)


def _at_booking(caller: Caller, reference: str) -> Caller:
    booking = booking_by_reference(business_id=caller.business_id, reference=reference)
    return replace(caller, booking=booking, actor=_own_booking(caller, booking))


def _own_booking(caller: Caller, booking: BookingFacts) -> Actor:
    actor = caller.actor
    if actor.is_staff:
        return actor
    if caller.token:
        return holder(actor=actor, booking_id=booking.id, token=caller.token)
    if actor.account_id is not None and actor.account_id == booking.account_id:
        return actor.holding(booking.id)
    raise Missing(what="booking")


def _at_entry(caller: Caller, named: Mapping[str, str]) -> Caller:
    if "offer_id" in named:
        offer_id = known_id(named["offer_id"], "offer")
        entry_id = offer_by_id(business_id=caller.business_id, offer_id=offer_id).entry_id
    else:
        entry_id = known_id(named.get("entry_id", ""), "entry")
    entry = entry_by_id(business_id=caller.business_id, entry_id=entry_id)
    return replace(caller, entry=entry, actor=_own_entry(caller, entry))


def _own_entry(caller: Caller, entry: EntryFacts) -> Actor:
    actor = caller.actor
    if actor.is_staff:
        return actor
    if caller.token:
        return waiter(actor=actor, entry_id=entry.id, token=caller.token)
    if actor.account_id is not None and actor.account_id == entry.account_id:
        return actor.waiting_as(entry.id)
    raise Missing(what="entry")


def _in_scope(scopes: tuple[str, ...], action: Action) -> bool:
    return not scopes or str(action) in scopes


def _program(request: HttpRequest, now: datetime) -> KnownToken | None:
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    found = use_token(secret=secret.strip(), now=now) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthorized
    return found


def _signed_in(request: HttpRequest) -> Account | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = request.user
    return user if isinstance(user, Account) or user.is_authenticated else None


def _business(slug: str) -> Timetable:
    if not _SLUG.fullmatch(slug):
        raise Missing(what="business")
    return timetable_at(slug=slug)


def _actor(
    request: HttpRequest, business_id: UUID, program: KnownToken | None, account: Account | None
) -> Actor:
    address = client_address(request)
    if program is not None:
        return program.actor(address=address)
    if account is None:
        return Actor(via="api", address=address)
    name = account.name or account.email
    if account.is_operator:
        return Actor(Role.OPERATOR, account_id=account.id, via="api", address=address, name=name)
    role = role_in(business_id=business_id, account_id=account.id)
    if role is None:
        # Signed in, but nobody here: a customer, whose name is not for the history.
        return Actor(Role.CUSTOMER, account_id=account.id, via="api", address=address)
    return Actor(role, business_id, account.id, via="api", address=address, name=name)


def _key(actor: Actor) -> str:
    if actor.token_id:
        return f"token {actor.token_id}"
    return f"account {actor.account_id}" if actor.account_id else GUEST


def _client(request: HttpRequest, key: str) -> str:
    """Who shares one limit: a token, an account, or a network (the pages count guests in the same way)."""
    return client_network(request) if key == GUEST else key


def counted(request: HttpRequest) -> ratelimit.Verdict:
    """What the door found when it counted this write."""
    verdict: ratelimit.Verdict = getattr(request, "rate_limit", ratelimit.UNLIMITED)
    return verdict


def _count(request: HttpRequest, key: str) -> ratelimit.Verdict:
    verdict = ratelimit.hit(ratelimit.GENERAL, _client(request, key))
    if verdict != ratelimit.UNLIMITED:
        request.rate_limit = verdict  # type: ignore[attr-defined]
    return verdict
