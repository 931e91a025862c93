"""What each letter says, word for word where it matters, and that nobody's text can break out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from django.test import override_settings
from icalendar import Calendar

from holdfast.lib.money import Money
from holdfast.notifications.jobs import build_mail
from holdfast.notifications.queries.letters import compose
from holdfast.notifications.rules.letters import LetterFacts, UnusableAddress, first_name, header, mailbox

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 11, 28, 10, 30, tzinfo=UTC)
FACTS = LetterFacts(
    message_id=UUID("01932f9e-0000-7000-8000-00000000000a"),
    kind="booked",
    audience="customer",
    language="en",
    to="dana@example.com",
    now=NOW,
    business_name="Fenwick & Rowe",
    business_email="hello@fenwick.example",
    business_phone="0113 496 0182",
    business_address="14 Briggate, Leeds LS1 6HD",
    timezone="Europe/London",
    booking_id=UUID("01932f9e-0000-7000-8000-000000000001"),
    reference="FR7K2-M94AB",
    sequence=1,
    service_name="Skin fade",
    resource_name="Bob Marsh",
    resource_is_person=True,
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(minutes=45),
    party_size=1,
    price=Money(3200, "GBP"),
    customer_name="Dana Guest",
    customer_email="dana@example.com",
    customer_phone="0113 496 0000",
    notes="Keep the length on top",
    move_until=STARTS_AT - timedelta(days=1),
    cancel_until=STARTS_AT - timedelta(days=1),
    manage_url="https://book.example/m/secret",
    desk_url="https://book.example/desk/fenwick/b/FR7K2-M94AB",
    book_url="https://book.example/b/fenwick/",
)
MOVED = {"kind": "changed", "old_starts_at": STARTS_AT - timedelta(hours=1), "old_resource_name": "Bob Marsh"}
SWAPPED = {"kind": "changed", "old_starts_at": STARTS_AT, "old_resource_name": "Alice Rowe"}
STAFF = {"audience": "staff", "to": "bob@fenwick.example"}


@pytest.mark.parametrize(
    ("changes", "subject", "heading", "opening"),
    [
        (
            {},
            "Booked: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "You're booked, Dana",
            "We look forward to seeing you on Saturday 28 November 2026 at 10:30.",
        ),
        (
            {"customer_name": ""},
            "Booked: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "You're booked",
            "We look forward to seeing you on Saturday 28 November 2026 at 10:30.",
        ),
        (
            MOVED,
            "Moved: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "Your booking has moved",
            "It was Sat 28 Nov, 09:30, it is now Sat 28 Nov, 10:30.",
        ),
        (
            MOVED | {"old_resource_name": "Alice Rowe"},
            "Moved: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "Your booking has moved",
            "It was Sat 28 Nov, 09:30, it is now Sat 28 Nov, 10:30. It is now with Bob Marsh instead of Alice Rowe.",
        ),
        (
            SWAPPED,
            "Changed: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "A small change to your booking",
            "Your time stays the same. It was with Alice Rowe, it is now with Bob Marsh.",
        ),
        (
            {"kind": "cancelled"},
            "Cancelled: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "Your booking is cancelled",
            "Skin fade with Bob Marsh on Saturday 28 November 2026 at 10:30 is off, as you asked. There is nothing more to do.",
        ),
        (
            {"kind": "cancelled", "by_staff": True},
            "Cancelled: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "We had to cancel your booking",
            "We are sorry: Skin fade with Bob Marsh on Saturday 28 November 2026 at 10:30 cannot take place.",
        ),
        (
            {"kind": "reminder", "now": STARTS_AT - timedelta(hours=24)},
            "Tomorrow, 10:30 at Fenwick & Rowe",
            "See you tomorrow",
            "A short reminder of Skin fade with Bob Marsh, tomorrow at 10:30.",
        ),
        (
            {"kind": "reminder", "now": STARTS_AT - timedelta(hours=2)},
            "Today, 10:30 at Fenwick & Rowe",
            "See you today",
            "A short reminder of Skin fade with Bob Marsh, today at 10:30.",
        ),
        (
            {"kind": "reminder", "now": STARTS_AT - timedelta(days=7)},
            "Soon: Sat 28 Nov, 10:30 at Fenwick & Rowe",
            "See you on Sat 28 Nov",
            "A short reminder of Skin fade with Bob Marsh, on Sat 28 Nov at 10:30.",
        ),
        (
            STAFF,
            "New booking: Dana Guest, Sat 28 Nov, 10:30",
            "New booking",
            "Dana Guest booked Skin fade with Bob Marsh.",
        ),
        (
            STAFF | MOVED,
            "Moved: Dana Guest, Sat 28 Nov, 10:30",
            "A booking has moved",
            "It was Sat 28 Nov, 09:30, it is now Sat 28 Nov, 10:30.",
        ),
        (
            STAFF | SWAPPED,
            "Changed: Dana Guest, Sat 28 Nov, 10:30",
            "A booking changed hands",
            "It was with Alice Rowe, it is now with Bob Marsh. The time stays the same.",
        ),
        (
            STAFF | {"kind": "cancelled"},
            "Cancelled: Dana Guest, Sat 28 Nov, 10:30",
            "A booking is cancelled",
            "Dana Guest cancelled.",
        ),
        (
            STAFF | {"kind": "cancelled", "by_staff": True},
            "Cancelled: Dana Guest, Sat 28 Nov, 10:30",
            "A booking is cancelled",
            "The booking of Dana Guest was cancelled.",
        ),
    ],
)
def test_each_letter_says_what_happened(changes: dict, subject: str, heading: str, opening: str) -> None:
    letter = compose(replace(FACTS, **changes))
    assert letter.subject == subject
    assert letter.text.startswith(f"{heading}\n\n{opening}\n\n")
    html = letter.html.replace("&#x27;", "'")
    assert f"<h1>{heading}</h1>" in html
    assert f"<p>{opening}</p>" in html


def test_a_confirmation_holds_everything_one_needs() -> None:
    assert compose(FACTS).text == (
        "You're booked, Dana\n"
        "\n"
        "We look forward to seeing you on Saturday 28 November 2026 at 10:30.\n"
        "\n"
        "When: Saturday 28 November 2026, 10:30 to 11:15, London time (GMT)\n"
        "Service: Skin fade\n"
        "With: Bob Marsh\n"
        "Where: 14 Briggate, Leeds LS1 6HD\n"
        "Price: £32.00\n"
        "Your note: Keep the length on top\n"
        "Reference: FR7K2-M94AB\n"
        "\n"
        "Move or cancel free until Fri 27 Nov, 10:30. After that, call 0113 496 0182.\n"
        "\n"
        "See or change your booking:\n"
        "https://book.example/m/secret\n"
        "\n"
        "Your code for checking in:\n"
        "https://book.example/m/secret/qr.svg\n"
        "\n"
        "The attached file puts this into your calendar.\n"
        "\n"
        "-- \n"
        "Fenwick & Rowe\n"
        "14 Briggate, Leeds LS1 6HD\n"
        "0113 496 0182\n"
    )


def test_a_copy_for_staff_says_who_comes_and_leads_to_the_desk() -> None:
    letter = compose(replace(FACTS, **STAFF))
    for line in (
        "Customer: Dana Guest",
        "Email: dana@example.com",
        "Phone: 0113 496 0000",
        "Note: Keep the length on top",
    ):
        assert line in letter.text
    assert "https://book.example/desk/fenwick/b/FR7K2-M94AB" in letter.text
    assert "/m/" not in letter.text + letter.html + letter.calendar.decode()
    assert letter.reply_to == "dana@example.com"


def test_a_cancellation_leads_to_another_time_and_names_no_price() -> None:
    letter = compose(replace(FACTS, kind="cancelled"))
    assert "Find another time:\nhttps://book.example/b/fenwick/" in letter.text
    assert "£32" not in letter.text
    assert "The attached file takes the event out of your calendar." in letter.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Move or cancel free until Fri 27 Nov, 10:30. After that, call 0113 496 0182."),
        ({"business_phone": ""}, "Move or cancel free until Fri 27 Nov, 10:30."),
        (
            {"move_until": STARTS_AT - timedelta(hours=2)},
            "Move free until Sat 28 Nov, 08:30, cancel free until Fri 27 Nov, 10:30. After that, call 0113 496 0182.",
        ),
        ({"move_until": NOW}, "Cancel free until Fri 27 Nov, 10:30. After that, call 0113 496 0182."),
        ({"cancel_until": NOW}, "Move free until Fri 27 Nov, 10:30. After that, call 0113 496 0182."),
        (
            {"move_until": NOW, "cancel_until": NOW},
            "It is too late to move or cancel online. If plans change, call 0113 496 0182.",
        ),
        (
            {"move_until": NOW, "cancel_until": NOW, "business_phone": ""},
            "It is too late to move or cancel online. If plans change, answer this mail.",
        ),
    ],
)
def test_the_policy_is_one_sentence_about_this_booking(changes: dict, sentence: str) -> None:
    letter = compose(replace(FACTS, **changes))
    assert f"\n{sentence}\n" in letter.text
    assert f"<p>{sentence}</p>" in letter.html


@pytest.mark.parametrize(
    ("timezone", "starts_at", "minutes", "when"),
    [
        ("Europe/London", datetime(2026, 7, 4, 9, 0, tzinfo=UTC), 45, "Saturday 4 July 2026, 10:00 to 10:45, London time (BST)"),
        # The hour that clocks in Leeds show twice on 25 October 2026: the name of the offset tells which.
        ("Europe/London", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 30, "Sunday 25 October 2026, 01:30 to 01:00, London time (BST)"),
        ("Europe/London", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 30, "Sunday 25 October 2026, 01:30 to 02:00, London time (GMT)"),
        ("Asia/Tokyo", datetime(2026, 11, 28, 1, 0, tzinfo=UTC), 60, "Saturday 28 November 2026, 10:00 to 11:00, Tokyo time (+0900)"),
        ("Europe/Berlin", datetime(2026, 11, 28, 21, 0, tzinfo=UTC), 360, "Saturday 28 November 2026, 22:00 to 04:00 on Sunday, Berlin time (CET)"),
    ],
)  # fmt: skip
def test_times_are_those_of_the_business_and_say_so(
    timezone: str, starts_at: datetime, minutes: int, when: str
) -> None:
    letter = compose(
        replace(FACTS, timezone=timezone, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))
    )
    assert f"When: {when}\n" in letter.text


def test_a_table_is_a_place_and_a_party_is_counted() -> None:
    letter = compose(replace(FACTS, resource_is_person=False, resource_name="Booth 3", party_size=4))
    assert "Place: Booth 3\nParty: 4 people\n" in letter.text


def test_nothing_is_said_about_what_is_not_there() -> None:
    letter = compose(replace(FACTS, notes="", price=Money(0, "GBP"), business_address=""))
    assert "note" not in letter.text
    assert "Price" not in letter.text
    assert "Where" not in letter.text


def test_markup_in_a_name_stays_text() -> None:
    letter = compose(replace(FACTS, customer_name="<script>x</script>", notes="<b>bold</b> & more"))
    assert "<script>" not in letter.html
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in letter.html
    assert "Your note: <b>bold</b> & more" in letter.text


@override_settings(DEFAULT_FROM_EMAIL="Holdfast <bookings@book.example>")
def test_the_mail_carries_text_html_and_the_calendar_file() -> None:
    mail = message_from_bytes(build_mail(compose(FACTS)).message().as_bytes(), policy=policy.default)
    sender = mail["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("Fenwick & Rowe", "bookings@book.example")
    assert mail["To"] == "dana@example.com"
    assert mail["Reply-To"] == "hello@fenwick.example"
    assert mail["Message-ID"] == "<01932f9e-0000-7000-8000-00000000000a@book.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content().startswith("You're booked, Dana")
    assert "<h1>" in mail.get_body(("html",)).get_content()
    (part,) = mail.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "REQUEST"
    assert part.get_filename() == "booking.ics"
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert calendar["METHOD"] == "REQUEST"
    assert calendar.events[0]["UID"] == f"{FACTS.booking_id}@holdfast"
    assert calendar.events[0]["SUMMARY"] == "Skin fade with Bob Marsh"
    assert calendar.events[0]["URL"] == FACTS.manage_url


def test_a_cancellation_takes_the_event_out_of_the_calendar() -> None:
    letter = compose(replace(FACTS, kind="cancelled", sequence=3))
    calendar = Calendar.from_ical(letter.calendar)
    assert calendar["METHOD"] == letter.calendar_method == "CANCEL"
    assert calendar.events[0]["STATUS"] == "CANCELLED"
    assert calendar.events[0]["SEQUENCE"] == 3


def test_a_business_without_an_address_still_sends_a_valid_invitation() -> None:
    letter = compose(replace(FACTS, business_email=""))
    assert letter.reply_to == ""
    assert Calendar.from_ical(letter.calendar).events[0]["ORGANIZER"].startswith("mailto:")
    assert "Reply-To" not in build_mail(letter).message()


@pytest.mark.parametrize(
    "field",
    [
        "business_name",
        "business_email",
        "customer_name",
        "customer_email",
        "service_name",
        "resource_name",
        "to",
    ],
)
@pytest.mark.parametrize("audience", ["customer", "staff"])
@pytest.mark.parametrize("kind", ["booked", "cancelled"])
def test_no_text_can_add_a_header_or_a_reader(field: str, audience: str, kind: str) -> None:
    evil = 'x"\r\nBcc: eve@evil.example\r\n\r\n<eve@evil.example>, '
    plain_facts = replace(FACTS, audience=audience, kind=kind)
    facts = replace(plain_facts, **{field: evil + getattr(FACTS, field)})
    letter = compose(facts)
    if letter.to != FACTS.to:
        with pytest.raises(UnusableAddress):  # refused before any server sees it
            build_mail(letter)
        return
    mail = build_mail(letter)
    content = mail.message()
    assert content["Bcc"] is None
    assert mail.recipients() == [FACTS.to]
    assert set(content.keys()) <= set(build_mail(compose(plain_facts)).message().keys())
    assert content["Reply-To"] in (None, FACTS.business_email, FACTS.customer_email)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Fenwick & Rowe", '"Fenwick & Rowe" <a@b.example>'),
        ('Fen"wick\\', '"Fenwick" <a@b.example>'),
        ("a\r\nBcc: x", '"a Bcc: x" <a@b.example>'),
        ("", "a@b.example"),
    ],
)
def test_a_sender_name_is_one_quoted_word(name: str, shown: str) -> None:
    assert mailbox(name, "a@b.example") == shown


def test_a_name_in_another_script_arrives_as_typed() -> None:
    mail = build_mail(compose(replace(FACTS, business_name="Frisör Ōsaka 大阪", customer_name="Дана")))
    read = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    assert read["From"].addresses[0].display_name == "Frisör Ōsaka 大阪"
    assert "Frisör Ōsaka 大阪" in read["Subject"]
    assert "You're booked, Дана" in read.get_body(("plain",)).get_content()


def test_headers_are_single_lines_of_bounded_length() -> None:
    assert header("a\n b\x00c\u2028d") == "a b c d"
    assert len(header("x" * 1000)) == 180
    assert first_name("  Dana  Guest ") == "Dana"
    assert first_name("\n") == ""


@pytest.mark.parametrize(
    ("kind", "audience", "has_code"),
    [
        ("booked", "customer", True),
        ("reminder", "customer", True),
        ("cancelled", "customer", False),
        ("booked", "staff", False),
    ],
)
def test_customers_find_their_code_for_checking_in(kind: str, audience: str, has_code: bool) -> None:
    facts = replace(FACTS, kind=kind, audience=audience)
    letter = compose(facts)
    for body in (letter.text, letter.html):
        assert (f"{facts.manage_url}/qr.svg" in body) == has_code
