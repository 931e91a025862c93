"""The customer behind a booking: found by email address or made, checked against blocks and limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from holdfast.accounts.queries import has_proven
from holdfast.bookings import sql as hot
from holdfast.bookings.errors import CustomerBlocked, LimitReached
from holdfast.bookings.queries import counts_of_customer
from holdfast.bookings.rules import check_limits
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import sql
from holdfast.core.fields import encrypt
from holdfast.core.ids import uuid7
from holdfast.customers.errors import EmailNotVerified
from holdfast.customers.models import Customer
from holdfast.customers.queries import consent_rows, email_index, name_tokens, phone_index
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor
from holdfast.schedule.queries import Timetable

Rows = list[tuple[str, list[dict[str, Any]]]]

TABLE = "customers_customer"
NAME_TOKENS = "customers_nametoken"
CONSENTS = "customers_consent"


def known_customer(
    *,
    actor: Actor,
    timetable: Timetable,
    contact: Contact,
    on: date | None,
    now: datetime,
    met: tuple[UUID, bool] | None = None,
) -> tuple[UUID, Rows]:
    """The customer's id, and rows to insert beside the booking.

    A person is known by their email address; somebody staff books without one by their phone, and without either is a
    new customer every time. ``met`` is ``(id, blocked)`` of a visitor found already; ``on`` the day of the booking, None
    where nothing is booked yet. The words of the name given are added, so that each name finds its bookings.
    Refusals, for those who book themselves: :class:`CustomerBlocked`, :class:`LimitReached`.
    """
    business_id = timetable.business.id
    customer_id, blocked = met or _found_or_made(business_id, contact, now)
    if not actor.is_staff:
        if blocked:
            raise CustomerBlocked
        if on is not None:
            check_customer_limits(timetable=timetable, customer_id=customer_id, on=on, now=now)
    tokens = name_tokens(business_id=business_id, name=contact.name)
    rows = [{"business_id": business_id, "customer_id": customer_id, "token": token} for token in tokens]
    return customer_id, [(NAME_TOKENS, rows)]


def customer_with_room(
    *,
    actor: Actor,
    timetable: Timetable,
    contact: Contact,
    on: date,
    service_id: UUID,
    slot_id: UUID | None,
    now: datetime,
    met: tuple[UUID, bool] | None = None,
) -> tuple[UUID, Rows]:
    """:func:`known_customer`, who may also have one more booking in the slot; refusals of :func:`check_slot_limit` too."""
    customer_id, people = known_customer(
        actor=actor, timetable=timetable, contact=contact, on=on, now=now, met=met
    )
    check_slot_limit(
        actor=actor,
        timetable=timetable,
        service_id=service_id,
        slot_id=slot_id,
        customer_id=customer_id,
        now=now,
    )
    return customer_id, people


def visitor_of(*, timetable: Timetable, contact: Contact) -> hot.Visitor | None:
    """Who is about to book, to be looked for where the time is taken; None where that spares nothing."""
    if not contact.email:
        return None
    return _new_customer(timetable.business.id, contact)


def must_prove_email(*, actor: Actor, service: ServiceFacts, email: str, code: str) -> bool:
    """Whether a code has to prove the address before this booking is made (SPEC D1).

    Not for staff, nor for an account that has proven this very address. Refusals: :class:`EmailNotVerified` when no
    code was given.
    """
    if service.who_may_book != "verified_email" or actor.is_staff:
        return False
    if actor.account_id is not None and has_proven(account_id=actor.account_id, email=email):
        return False
    if not code.strip():
        raise EmailNotVerified(needs="email_code")
    return True


def agreed_with(
    *,
    actor: Actor,
    timetable: Timetable,
    customer_id: UUID,
    booking_id: UUID | None,
    news: bool,
    now: datetime,
) -> Rows:
    """The consents that a booking records, as rows to insert beside it: to the privacy text in force, and to news.

    Whoever joins the waitlist agrees without a booking.
    """
    rows = consent_rows(
        actor=actor,
        business_id=timetable.business.id,
        customer_id=customer_id,
        booking_id=booking_id,
        version=timetable.business.privacy_version,
        kinds=("privacy", "news") if news else ("privacy",),
        now=now,
    )
    return [(CONSENTS, rows)]


def check_customer_limits(
    *, timetable: Timetable, customer_id: UUID, on: date, now: datetime, but: UUID | None = None
) -> None:
    """Whether this person may have one more booking on that day (SPEC D8), ``but`` left out of account.

    Refusals: :class:`LimitReached`.
    """
    settings = timetable.business.settings
    if not (settings.bookings_per_customer_per_day or settings.upcoming_bookings_per_customer):
        return
    business_id = timetable.business.id
    # Two bookings of one person at once must not both see room for one more.
    list(Customer.objects.select_for_update(no_key=True).filter(id=customer_id).values_list("id"))
    on_this_day, upcoming = counts_of_customer(
        business_id=business_id, customer_id=customer_id, on=on, now=now, but=but
    )
    check_limits(settings, on_this_day=on_this_day, upcoming=upcoming)


def check_slot_limit(
    *,
    actor: Actor,
    timetable: Timetable,
    service_id: UUID,
    slot_id: UUID | None,
    customer_id: UUID,
    now: datetime,
    but: UUID | None = None,
) -> None:
    """Whether this person may have one more booking in that slot (SPEC D8), ``but`` left out of account; staff may.

    By customer and, for those who are signed in, by account: another address makes nobody another person.
    Refusals: :class:`LimitReached` with ``per`` slot.
    """
    if slot_id is None or actor.is_staff:
        return
    most = timetable.service(service_id).places_per_customer
    if not most:
        return
    # Two holds of one person confirmed at once must not both see room for one more.
    list(Customer.objects.select_for_update(no_key=True).filter(id=customer_id).values_list("id"))
    have = hot.bookings_in_slot(
        business_id=timetable.business.id,
        slot_id=slot_id,
        customer_id=customer_id,
        account_id=actor.account_id,
        now=now,
        but=but,
    )
    if have >= most:
        raise LimitReached(limit=most, per="slot")


def _found_or_made(business_id: UUID, contact: Contact, now: datetime) -> tuple[UUID, bool]:
    found = hot.customer_known_by(
        business_id=business_id,
        email_index=email_index(business_id=business_id, email=contact.email) if contact.email else "",
        phone_index=phone_index(business_id=business_id, phone=contact.phone),
    )
    return found or (_make(business_id, contact, now), False)


def _new_customer(business_id: UUID, contact: Contact) -> hot.Visitor:
    id = uuid7()
    email, phone = contact.email, contact.phone
    return hot.Visitor(
        id=id,
        name=encrypt(contact.name, table=TABLE, column="name", row_id=id),
        email=encrypt(email, table=TABLE, column="email", row_id=id) if email else None,
        phone=encrypt(phone, table=TABLE, column="phone", row_id=id) if phone else None,
        email_index=email_index(business_id=business_id, email=email) if email else None,
        phone_index=phone_index(business_id=business_id, phone=phone),
    )


def _make(business_id: UUID, contact: Contact, now: datetime) -> UUID:
    """A new customer. Two first bookings at once meet in the unique index: the later takes the earlier's row."""
    row = {**_new_customer(business_id, contact)._asdict(), "business_id": business_id, "created_at": now}
    kept = sql.one(
        f"INSERT INTO {TABLE} ({', '.join(row)}) VALUES ({sql.places(len(row))})"  # noqa: S608
        " ON CONFLICT (business_id, email_index) DO UPDATE SET email_index = EXCLUDED.email_index RETURNING id",
        list(row.values()),
    )
    assert kept is not None  # an upsert always returns its row
    return sql.as_uuid(kept[0])
