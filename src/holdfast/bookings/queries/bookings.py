"""Reads of bookings. Business first, always; hot columns by hand, personal data opened only for what is returned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.rules import OCCUPYING, UPCOMING, Policy
from holdfast.bookings.rules.money import Demand, awaited, due_now
from holdfast.catalog.rules import Answer
from holdfast.core import sql
from holdfast.core.fields import decrypt
from holdfast.customers.queries import matching
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor
from holdfast.lib.references import read_link, read_reference, show_reference, sign_link
from holdfast.lib.refusals import Invalid, Missing

TABLE = "bookings_booking"
COLUMNS = (
    "id", "business_id", "reference", "state", "service_id", "resource_id", "customer_id", "account_id", "starts_at", "ends_at",
    "timezone", "local_start", "local_on", "party_size", "contact", "notes", "price_minor", "deposit_minor",
    "currency", "policy", "any_resource", "releases_at", "undo_until", "undo_state", "sequence", "via", "created_at",
    "also", "slot_id", "series_id", "group_id", "answers", "promo_code", "proposed", "paid_minor",
    "coming_at", "coming_for",
)  # fmt: skip
_INSTANTS = (
    "starts_at", "ends_at", "created_at", "releases_at", "undo_until", "coming_at", "coming_for"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """A booking as plain values, personal data opened. ``sequence`` rises with every change (ETag, .ics SEQUENCE).

    ``proposed`` are other times to choose from, each with its resource, while the business asks the customer to choose;
    None while it does not. ``coming_at`` is when the customer said that they are coming, ``coming_for`` the start they
    said it of.
    ``resource_id`` is the first of ``resource_ids``; a slot may have none. ``also`` are the others.
    """

    id: UUID
    business_id: UUID
    reference: str
    state: str
    service_id: UUID
    resource_id: UUID | None
    customer_id: UUID | None
    account_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    local_start: str
    local_on: date
    party_size: int
    contact: Contact
    notes: str
    price_minor: int
    deposit_minor: int
    currency: str
    policy: Policy
    any_resource: bool
    releases_at: datetime | None
    undo_until: datetime | None
    undo_state: str
    sequence: int
    via: str
    created_at: datetime
    also: tuple[UUID, ...] = ()
    slot_id: UUID | None = None
    series_id: UUID | None = None
    group_id: UUID | None = None
    answers: tuple[Answer, ...] = ()
    promo_code: str = ""
    proposed: tuple[tuple[datetime, UUID | None], ...] | None = None
    paid_minor: int = 0
    coming_at: datetime | None = None
    coming_for: datetime | None = None

    @property
    def is_coming(self) -> bool:
        """Whether the customer said that they come at this time: said of another time it counts no more."""
        return self.coming_for is not None and self.coming_for == self.starts_at

    @property
    def resource_ids(self) -> tuple[UUID, ...]:
        """Everything the booking takes: one resource, the tables of a combination, or nothing."""
        return () if self.resource_id is None else (self.resource_id, *self.also)

    @property
    def balance_minor(self) -> int:
        """What is still to be paid."""
        return max(self.price_minor - self.paid_minor, 0)

    @property
    def awaited(self) -> Demand:
        """What a booking that awaits payment waits for."""
        return awaited(self.policy.money, price_minor=self.price_minor, deposit_minor=self.deposit_minor)

    @property
    def due_now(self) -> Demand:
        """What can be paid online now, if the business takes that."""
        return due_now(
            self.policy.money,
            price_minor=self.price_minor,
            deposit_minor=self.deposit_minor,
            paid_minor=self.paid_minor,
        )

    @property
    def shown_reference(self) -> str:
        return show_reference(self.reference)

    def state_at(self, now: datetime) -> str:
        """The state by the clock: what ran out (a hold, an unanswered request) is expired, tidied away or not."""
        if (
            self.state in ("held", "awaiting_payment", "requested")
            and self.releases_at is not None
            and self.releases_at <= now
        ):
            return "expired"
        return self.state


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """What a list of bookings is narrowed to. ``when`` is ``upcoming``, ``past`` or empty for all."""

    when: str = ""
    states: Sequence[str] = ()
    from_on: date | None = None
    to_on: date | None = None
    resource_id: UUID | None = None
    customer_id: UUID | None = None
    account_id: UUID | None = None
    text: str = ""


def booking_by_id(*, business_id: UUID, booking_id: UUID) -> BookingFacts:
    """One booking or hold. Refusals: :class:`Missing`."""
    return _only("business_id = %s AND id = %s", [business_id, booking_id])


def booking_by_reference(*, business_id: UUID, reference: str) -> BookingFacts:
    """One booking by what people type, dashes and case aside. Refusals: :class:`Missing`."""
    plain = read_reference(reference, reference_key())
    if plain is None:
        raise Missing(what="booking")
    return _only("business_id = %s AND reference = %s", [business_id, plain])


def booking_by_link(*, token: str) -> BookingFacts:
    """The booking of a manage link, in whichever business. Refusals: :class:`Missing`."""
    booking_id = read_link("manage", token, reference_key())
    if booking_id is None:
        raise Missing(what="booking")
    return _only("id = %s", [booking_id])


def find_booking(*, business_id: UUID, reference: str, email: str) -> BookingFacts:
    """A booking by its reference and the address it was made with (SPEC D4). Refusals: :class:`Missing` for either."""
    found = booking_by_reference(business_id=business_id, reference=reference)
    if found.contact.email.casefold() != email.strip().casefold() or not email.strip():
        raise Missing(what="booking")
    return found


def bookings_by_ids(*, business_id: UUID, booking_ids: Sequence[UUID]) -> list[BookingFacts]:
    """These bookings of the business, by start; unknown ids are left out."""
    rows = Booking.objects.filter(business_id=business_id, id__in=booking_ids).order_by("starts_at", "id")
    return [facts_from(row=row) for row in rows.values_list(*COLUMNS)] if booking_ids else []


def filtered(*, business_id: UUID, wanted: BookingFilter, now: datetime) -> QuerySet[Booking]:
    """The rows a filter means, without order."""
    rows = Booking.objects.filter(business_id=business_id)
    if wanted.states:
        rows = rows.filter(_in_states(wanted.states, now))
    elif wanted.when == "upcoming":
        rows = rows.filter(state__in=UPCOMING - {"held"})
    else:
        rows = rows.exclude(state__in=("held", "expired"))
    if wanted.when == "upcoming":
        # The second condition says nothing new (no service is longer than a day), but the index can use it.
        rows = rows.filter(ends_at__gt=now, starts_at__gt=now - timedelta(days=1))
    elif wanted.when == "past":
        rows = rows.filter(starts_at__lte=now, ends_at__lte=now)
    elif wanted.when:
        raise Invalid.field("when", "unknown_choice", choices=["upcoming", "past"])
    if wanted.from_on:
        rows = rows.filter(local_on__gte=wanted.from_on)
    if wanted.to_on:
        rows = rows.filter(local_on__lte=wanted.to_on)
    if wanted.resource_id:
        at_another = Claim.objects.filter(booking_id=OuterRef("id"), resource_id=wanted.resource_id)
        rows = rows.filter(Q(Exists(at_another)) | Q(resource_id=wanted.resource_id))
    if wanted.customer_id:
        rows = rows.filter(customer_id=wanted.customer_id)
    if wanted.account_id:
        rows = rows.filter(account_id=wanted.account_id)
    if wanted.text.strip():
        rows = rows.filter(_means(business_id, wanted.text.strip()))
    return rows


def _in_states(states: Sequence[str], now: datetime) -> Q:
    """Those in one of the states by the clock: what ran out is expired, tidied away or not."""
    if not {"held", "awaiting_payment", "requested", "expired"} & set(states):
        return Q(state__in=states)
    ran_out = Q(state__in=("held", "awaiting_payment", "requested"), releases_at__lte=now)
    return Q(state__in=states) | ran_out if "expired" in states else Q(state__in=states) & ~ran_out


def every_booking(
    *, business_id: UUID, now: datetime, wanted: BookingFilter | None = None
) -> Iterator[BookingFacts]:
    """All bookings a filter means, by start, for an export: read in pieces, however many there are."""
    rows = filtered(business_id=business_id, wanted=wanted or BookingFilter(), now=now)
    for row in rows.order_by("starts_at", "id").values_list(*COLUMNS).iterator(chunk_size=500):
        yield facts_from(row=row)


def day_of_bookings(*, business_id: UUID, on: date, now: datetime) -> list[BookingFacts]:
    """Everything that is or was on that day's plan, by start: live holds too, cancelled and expired ones not."""
    rows = Booking.objects.filter(business_id=business_id, local_on=on).exclude(
        state__in=("cancelled", "declined", "expired")
    )
    alive = rows.filter(Q(releases_at__isnull=True) | Q(releases_at__gt=now))
    return [facts_from(row=row) for row in alive.order_by("starts_at", "id").values_list(*COLUMNS)]


def counts_of_customer(
    *, business_id: UUID, customer_id: UUID, on: date, now: datetime, but: UUID | None = None
) -> tuple[int, int]:
    """``(on that day, upcoming)`` bookings that count against a customer's limits (SPEC D8), one left out."""
    rows = Booking.objects.filter(
        business_id=business_id, customer_id=customer_id, state__in=OCCUPYING - {"held"}
    )
    if but is not None:
        rows = rows.exclude(id=but)
    return rows.filter(local_on=on).count(), rows.filter(starts_at__gt=now).count()


def bookings_together(*, booking: BookingFacts) -> list[BookingFacts]:
    """The bookings of the same series or group, itself among them, by start; nothing for one that stands alone."""
    rows = Booking.objects.filter(business_id=booking.business_id)
    if booking.series_id is not None:
        rows = rows.filter(series_id=booking.series_id)
    elif booking.group_id is not None:
        rows = rows.filter(group_id=booking.group_id)
    else:
        return []
    return [facts_from(row=row) for row in rows.order_by("starts_at", "id").values_list(*COLUMNS)]


def uses_by_customer(*, business_id: UUID, customer_id: UUID, code: str) -> int:
    """How many of a customer's bookings use a promotion's code: what is off for good gives its use back."""
    rows = Booking.objects.filter(business_id=business_id, customer_id=customer_id, promo_code=code)
    off = Q(state__in=("declined", "expired")) | Q(state="cancelled", releases_at__isnull=True)
    return rows.exclude(off).count()


def reference_key() -> bytes:
    """The key of references and personal links, ``BOOKING_REFERENCE_SECRET``."""
    return str(settings.BOOKING_REFERENCE_SECRET).encode()


def manage_token(*, booking_id: UUID) -> str:
    """The personal link's token: the last part of the manage URL."""
    return sign_link("manage", booking_id, reference_key())


def manage_url(*, booking_id: UUID) -> str:
    """The address at which a customer sees and changes a booking without an account (SPEC D5)."""
    return f"{settings.BASE_URL}/m/{manage_token(booking_id=booking_id)}"


def pay_url(*, booking_id: UUID) -> str:
    """The address at which a customer pays what the booking waits for."""
    return f"{manage_url(booking_id=booking_id)}/pay"


def hold_token(*, booking_id: UUID) -> str:
    """What proves that a hold is the bearer's."""
    return sign_link("hold", booking_id, reference_key())


def holder(*, actor: Actor, booking_id: UUID, token: str, purpose: str = "manage") -> Actor:
    """The actor as holder of this booking, if the token proves it. Refusals: :class:`Missing` for a wrong token."""
    if read_link(purpose, token, reference_key()) != booking_id:
        raise Missing(what="booking")
    return actor.holding(booking_id)


def facts_from(*, row: Sequence[Any]) -> BookingFacts:
    """A row of :data:`COLUMNS`, from the ORM or from a hand-written statement."""
    if row[0].__class__ is not UUID:
        row = _as_python(row)
    contact, notes, policy, also = row[14], row[15], row[19], row[27]
    proposed, answers = row[33], row[31]
    booking_id = row[0]
    values = (
        *row[:14],
        _open_contact(contact, booking_id),
        decrypt(notes, table=TABLE, column="notes", row_id=booking_id) if notes else "",
        *row[16:19],
        _policy_of_text(policy) if policy.__class__ is str else Policy.read(policy),
        *row[20:27],
        () if not also or also == "[]" else tuple(UUID(id) for id in sql.as_json(also)),
        *row[28:31],
        _open_answers(answers, booking_id) if answers else (),
        row[32],
        None if proposed is None else _read_proposed(proposed),
        *row[34:],
    )
    return BookingFacts(*values)


@lru_cache(maxsize=1024)
def _policy_of_text(text: str) -> Policy:
    return Policy.read(json.loads(text))


def _as_python(row: Sequence[Any]) -> tuple[Any, ...]:
    """A row as SQLite hands it out, with the values that PostgreSQL gives."""
    values = dict(zip(COLUMNS, row, strict=True))
    for name in ("id", "business_id", "service_id", "resource_id", "customer_id"):
        values[name] = values[name] and sql.as_uuid(values[name])
    for name in ("account_id", "slot_id", "series_id", "group_id"):
        values[name] = values[name] and sql.as_uuid(values[name])
    for name in _INSTANTS:
        values[name] = values[name] and sql.as_instant(values[name])
    if not isinstance(
        values["local_on"], date
    ):  # the driver reads dates of a table, not those RETURNING gives
        values["local_on"] = date.fromisoformat(values["local_on"])
    values["any_resource"] = bool(values["any_resource"])
    return tuple(values.values())


def _open_contact(sealed: bytes | None, booking_id: UUID) -> Contact:
    if not sealed:
        return Contact(name="")
    return Contact(**decrypt(sealed, table=TABLE, column="contact", row_id=booking_id))


def _read_proposed(stored: Any) -> tuple[tuple[datetime, UUID | None], ...]:
    return tuple(
        (datetime.fromisoformat(at), UUID(resource) if resource else None)
        for at, resource in sql.as_json(stored)
    )


def _open_answers(sealed: bytes, booking_id: UUID) -> tuple[Answer, ...]:
    opened = decrypt(sealed, table=TABLE, column="answers", row_id=booking_id)
    return tuple(Answer(**answer) for answer in opened)


def _only(which: str, values: Sequence[object]) -> BookingFacts:
    """By hand: the ORM takes longer to word a statement of so many columns than the database to answer it."""
    row = sql.one(f"SELECT {', '.join(COLUMNS)} FROM {TABLE} WHERE {which}", values)  # noqa: S608
    if row is None:
        raise Missing(what="booking")
    return facts_from(row=row)


def _means(business_id: UUID, text: str) -> Q:
    plain = read_reference(text, reference_key())
    if plain is not None:
        return Q(reference=plain)
    people = matching(business_id=business_id, text=text)
    return Q(customer_id__in=people.values("id"))
