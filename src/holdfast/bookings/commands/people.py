"""The customer behind a booking: found by email address or made, checked against blocks and limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.errors import CustomerBlocked
from holdfast.bookings.queries import counts_of_customer
from holdfast.bookings.rules import check_limits
from holdfast.core import sql
from holdfast.core.fields import encrypt
from holdfast.core.ids import uuid7
from holdfast.customers.models import Customer
from holdfast.customers.queries import email_index, name_tokens, phone_index
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor
from holdfast.schedule.queries import Timetable

Rows = list[tuple[str, list[dict[str, Any]]]]

TABLE = "customers_customer"


def known_customer(
    *, actor: Actor, timetable: Timetable, contact: Contact, on: date, now: datetime
) -> tuple[UUID | None, Rows]:
    """The customer's id, and rows to insert beside the booking when it is somebody new.

    Somebody booked by staff without an email address is nobody the business could know again: None.
    Refusals, for those who book themselves: :class:`CustomerBlocked`, :class:`LimitReached`.
    """
    if not contact.email:
        return None, []
    business_id = timetable.business.id
    index = email_index(business_id=business_id, email=contact.email)
    found = hot.customer_with_email(business_id=business_id, email_index=index)
    customer_id, rows, blocked = (
        (found[0], [], found[1]) if found else _make(business_id, index, contact, now)
    )
    if not actor.is_staff and not rows:
        if blocked:
            raise CustomerBlocked
        _check_limits(timetable, customer_id, on, now)
    return customer_id, rows


def _check_limits(timetable: Timetable, customer_id: UUID, on: date, now: datetime) -> None:
    settings = timetable.business.settings
    if not (settings.bookings_per_customer_per_day or settings.upcoming_bookings_per_customer):
        return
    business_id = timetable.business.id
    # Two bookings of one person at once must not both see room for one more.
    list(Customer.objects.select_for_update(no_key=True).filter(id=customer_id).values_list("id"))
    on_this_day, upcoming = counts_of_customer(
        business_id=business_id, customer_id=customer_id, on=on, now=now
    )
    check_limits(settings, on_this_day=on_this_day, upcoming=upcoming)


def _make(business_id: UUID, index: str, contact: Contact, now: datetime) -> tuple[UUID, Rows, bool]:
    """A new customer. Two first bookings at once meet in the unique index: the later takes the earlier's row."""
    id = uuid7()
    row = {
        "id": id,
        "business_id": business_id,
        "name": encrypt(contact.name, table=TABLE, column="name", row_id=id),
        "email": encrypt(contact.email, table=TABLE, column="email", row_id=id),
        "phone": encrypt(contact.phone, table=TABLE, column="phone", row_id=id) if contact.phone else None,
        "notes": None,
        "email_index": index,
        "phone_index": phone_index(business_id=business_id, phone=contact.phone),
        "blocked_at": None,
        "created_at": now,
    }
    kept = sql.one(
        f"INSERT INTO {TABLE} ({', '.join(row)}) VALUES ({sql.places(len(row))})"  # noqa: S608
        " ON CONFLICT (business_id, email_index) DO UPDATE SET email_index = EXCLUDED.email_index RETURNING id",
        list(row.values()),
    )
    assert kept is not None  # an upsert always returns its row
    customer_id = sql.as_uuid(kept[0])
    if customer_id != id:
        return customer_id, [], False
    tokens = name_tokens(business_id=business_id, name=contact.name)
    rows = [{"business_id": business_id, "customer_id": id, "token": token} for token in tokens]
    return id, [("customers_nametoken", rows)], False
