"""What a letter is made of, and what it is: plain values between the database and the mail server. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.calendars.rules import Method, one_line
from holdfast.lib.money import Money

SUBJECT_LIMIT = 180
_QUOTABLE = re.compile(r'[\\"]')
_ADDRESS = re.compile(r"[^\s@,:;<>()\[\]\\\"\x00-\x1f\x7f]+@[^\s@,:;<>()\[\]\\\"\x00-\x1f\x7f]+")


class UnusableAddress(ValueError):
    """The stored address is not one plain address; no mail server should see it."""


@dataclass(frozen=True, slots=True)
class OneOfSeveral:
    """One of the bookings that one letter tells of; ``person`` is whom it is for."""

    booking_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    service_name: str
    resource_name: str
    person: str
    manage_url: str


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Everything a letter may speak of. Instants are UTC; texts are as people typed them.

    ``venue`` and ``event`` are where and what it is if it was asked for, ``event`` as lines in the reader's language.
    ``old_starts_at`` and ``old_resource_name`` are what a move left behind. ``move_until`` and ``cancel_until`` end
    the customer's own changes. ``answers`` are those to the service's questions, ``several`` all bookings of a series or group that the
    letter tells of. ``to`` is the one reader's address, ``audience`` who that is.
    ``amount`` is the money that a letter about a payment tells of; ``signature`` what stands below instead of name and
    address. A discreet letter has no ``service_name``.
    """

    message_id: UUID
    kind: str
    audience: str
    language: str
    to: str
    now: datetime
    business_name: str
    business_email: str
    business_phone: str
    business_address: str
    timezone: str
    booking_id: UUID
    reference: str
    sequence: int
    service_name: str
    resource_name: str
    resource_is_person: bool
    starts_at: datetime
    ends_at: datetime
    party_size: int
    price: Money
    customer_name: str
    customer_email: str
    customer_phone: str
    notes: str
    move_until: datetime
    cancel_until: datetime
    manage_url: str
    desk_url: str
    book_url: str
    venue: str = ""
    event: tuple[tuple[str, str], ...] = ()
    old_starts_at: datetime | None = None
    old_resource_name: str = ""
    by_staff: bool = False
    answers: tuple[tuple[str, str], ...] = ()
    promo_code: str = ""
    several: tuple[OneOfSeveral, ...] = ()
    logo_url: str = ""
    amount: Money | None = None
    signature: str = ""

    @property
    def has_code(self) -> bool:
        """Whether the customer gets the code that the desk scans (SPEC D5): for what is booked, not for what is off."""
        return not self.for_staff and self.kind in ("booked", "changed", "reminder", "come")

    @property
    def has_file(self) -> bool:
        """Whether a calendar file goes with it: not with what is about money or about a visit that is over."""
        return self.kind not in ("come", "thanks", "payment_due", "paid", "refunded", "fee")

    @property
    def for_staff(self) -> bool:
        return self.audience == "staff"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, ready to be put into an envelope. Header values are single lines; without a calendar file it is empty.

    ``short`` is the same in the length of a text message.
    """

    message_id: UUID
    to: str
    from_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    calendar: bytes
    calendar_method: Method
    short: str = ""


def header(text: str, limit: int = SUBJECT_LIMIT) -> str:
    """The text as one line that cannot begin another header."""
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def mailbox(name: str, address: str) -> str:
    """``"Fenwick & Rowe" <bookings@example.com>``: a name cannot smuggle in a second address."""
    shown = _QUOTABLE.sub("", header(name, 80))
    return f'"{shown}" <{header(address, 320)}>' if shown else header(address, 320)


def is_one_address(text: str) -> bool:
    """Whether the text is one plain mail address and nothing else."""
    return len(text) <= 320 and _ADDRESS.fullmatch(text) is not None


def one_address(text: str) -> str:
    """The text, if it is one plain mail address. Raises :class:`UnusableAddress`."""
    if not is_one_address(text):
        raise UnusableAddress
    return text


def message_id_header(message_id: UUID, sender_address: str) -> str:
    """The same Message-ID at every attempt, so that a mail that arrives twice is known as one."""
    domain = sender_address.rpartition("@")[2] or "localhost"
    return f"<{message_id}@{domain}>"


def changes_until(starts_at: datetime, notice_minutes: int) -> datetime:
    """Until when a change is the customer's own to make."""
    return starts_at - timedelta(minutes=notice_minutes)


def discreet(facts: LetterFacts) -> LetterFacts:
    """The same letter naming no service and nothing that would tell it: no questions, notes, prices or codes."""
    return replace(
        facts,
        service_name="",
        event=(),
        notes="",
        answers=(),
        promo_code="",
        price=replace(facts.price, minor=0),
        several=tuple(replace(one, service_name="") for one in facts.several),
    )


def first_name(name: str) -> str:
    """How a letter addresses somebody; empty when nothing is known."""
    words = one_line(name).split()
    return words[0] if words else ""
