"""What people type is shown as they typed it, everywhere, and does nothing: pages, mail, calendar files, exports, logs.

One shop is filled with hostile text in every field that takes free text. Then every page that links lead to is read, the
public's and the desk's, and with it every mail and file.
"""

from __future__ import annotations

import csv
import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import Resolver404, resolve

from holdfast.accounts.models import Account
from holdfast.bookings.queries import BookingFacts, manage_token
from holdfast.businesses.commands import change_privacy_text, change_profile
from holdfast.catalog.commands import add_question, change_resource, change_service
from holdfast.customers.rules import Contact
from holdfast.notifications.jobs import send_due_messages
from holdfast.waitlist.queries import entry_token
from tests.cast import OPERATOR, Shop
from tests.waitlist.line import cancel_one, wait, work

pytestmark = pytest.mark.django_db

# A formula to a spreadsheet, a way out of an attribute and of an element, a template's expressions, a format's braces.
HOSTILE = "=1+1|<script>hf(1)</script>\"'><img src=x onerror=hf(2)>{{ 7|add:42 }}{% now 'Y' %}%(a)s{0}"
LINES = f"{HOSTILE}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nX-EVIL:1\r\nBcc: eve@example.org"
SHOWN = "&lt;script&gt;hf(1)"
PER_ROUTE = 3
_LEFT_OUT = re.compile("logout|export|csv|xlsx")  # files have a test of their own
_RUNS = re.compile(r"hf\(\d\)")


class Page(HTMLParser):
    """The links of a page, and what on it would run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.running: list[str] = []
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_script = tag == "script"
        self.running += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        for name in ("href", "src", "action", "formaction", "hx-get"):
            value = given.get(name) or ""
            if value.strip().lower().startswith(("javascript:", "data:text")):
                self.running.append(f"<{tag} {name}={value}>")
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and _RUNS.search(data):
            self.running.append(data)


@pytest.fixture
def hostile(shop: Shop) -> BookingFacts:
    """Alice's shop with hostile text in every field, and Dana's booking there."""
    profile = {"name": HOSTILE[:120], "tagline": HOSTILE, "phone": "+44 20 7946 0018", "address": HOSTILE}
    change_profile(actor=OPERATOR, business_id=shop.business_id, wanted=profile)
    change_privacy_text(actor=OPERATOR, business_id=shop.business_id, wanted=LINES)
    of_shop = {"actor": OPERATOR, "business_id": shop.business_id}
    change_resource(**of_shop, resource_id=shop.theo.id, wanted={"name": HOSTILE})
    service = {"name": HOSTILE, "description": LINES}
    change_service(**of_shop, service_id=shop.cut.id, wanted=service)
    asked = {"label": HOSTILE, "kind": "text"}
    add_question(**of_shop, service_id=shop.cut.id, wanted=asked)
    dana = Contact(HOSTILE, "dana@example.org", "+44 20 7946 0000")
    booking = shop.book("12:00", contact=dana, resource=shop.theo, notes=LINES)
    gone = shop.book("15:00", contact=dana, resource=shop.theo)
    cancel_one(shop, gone)
    wait(shop, dana)
    return booking


def pages_from(client: Client, start: list[str]) -> Iterator[tuple[str, str]]:
    """The address and text of every page that links lead to, a few of each kind."""
    waiting, seen, of_route = list(start), set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        if parts.netloc or address in seen or _LEFT_OUT.search(address):
            continue
        seen.add(address)
        try:
            route = resolve(parts.path).route
        except Resolver404:
            continue
        of_route[route] += 1
        if of_route[route] > PER_ROUTE:
            continue
        answer = client.get(address)
        assert answer.status_code < 500, address
        for header, value in answer.headers.items():
            assert "hf(" not in value, (address, header)
        if answer.status_code in (301, 302):
            waiting.append(answer.headers["Location"])
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        html = answer.content.decode()
        waiting += [urljoin(address, link.split("#")[0]) for link in Page(html).links]
        yield address, html


def assert_harmless(place: str, html: str) -> None:
    assert not Page(html).running, place
    if SHOWN in html:
        assert "{{ 7|add:42 }}" in html, place


def test_no_page_runs_what_somebody_typed(
    shop: Shop,
    hostile: BookingFacts,
    mona: Account,
    caplog: pytest.LogCaptureFixture,
    sign_in: Callable[[Account], Client],
) -> None:
    entry = wait(shop, Contact(HOSTILE, "wanda@example.org"), days=4)
    public = [
        f"/b/{shop.slug}/",
        f"/b/{shop.slug}/times?service={shop.cut.id}&who=any",
        f"/b/{shop.slug}/privacy",
        f"/m/{manage_token(booking_id=hostile.id)}",
        f"/w/{entry_token(entry_id=entry.id)}",
    ]
    shown = set()
    with caplog.at_level(logging.DEBUG):
        for client, start in ((Client(), public), (sign_in(mona), [f"/desk/{shop.slug}/"])):
            for address, html in pages_from(client, start):
                assert_harmless(address, html)
                if SHOWN in html:
                    shown.add(resolve(urlsplit(address).path).route)
    assert len(shown) > 25, "the text is shown, and shown as text"
    assert "hf(" not in caplog.text
    assert "dana@" not in caplog.text


def test_no_mail_runs_it_or_gets_a_header_from_it(shop: Shop, hostile: BookingFacts) -> None:
    work()
    send_due_messages()
    letters = mail.outbox
    assert {letter.to[0] for letter in letters} >= {"dana@example.org"}
    for letter in letters:
        for name, value in letter.message().items():
            assert name.lower() != "bcc"
            assert not {"\r\nBcc", "\nBcc"} & set(re.findall(r"\r?\nBcc", value))
        for body, kind in letter.alternatives:  # type: ignore[attr-defined]
            assert kind == "text/html"
            assert_harmless(letter.subject, body)
        for part in letter.message().walk():
            if part.get_content_type() == "text/calendar":
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                assert_one_event(content.decode())


def assert_one_event(text: str) -> None:
    lines = re.sub(r"\r\n[ \t]", "", text).split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert not [line for line in lines if line.startswith(("X-EVIL", "Bcc"))]


def test_a_calendar_file_holds_one_event(hostile: BookingFacts) -> None:
    answer = Client().get(f"/m/{manage_token(booking_id=hostile.id)}.ics")
    assert_one_event(answer.content.decode())


def test_no_cell_of_an_export_is_a_formula(
    shop: Shop, hostile: BookingFacts, mona: Account, sign_in: Callable[[Account], Client]
) -> None:
    day = f"from={hostile.local_on}&to={hostile.local_on}"
    answer = sign_in(mona).get(f"/api/v1/businesses/{shop.slug}/bookings/export?{day}")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    cells = [cell for row in rows for cell in row]
    assert any("hf(1)" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick='hf(1)'>",
        "<script>hf(1)</script>",
        "<a href=' JavaScript:hf(1)'>",
        "<img src=x onerror=hf(2)>",
        f"<p>{HOSTILE}</p>",
    ],
)
def test_what_would_run_is_noticed(html: str) -> None:
    assert Page(html).running
