"""The pages of the letters: the list, the editor, its preview, a test to oneself, and back to the default."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.accounts.models import Account
from holdfast.core.models import AuditRecord
from holdfast.notifications.models import Message, Template
from holdfast.notifications.queries import letter_of
from holdfast.notifications.rules.defaults import default_of
from tests.web.desk.conftest import Shop

MINE = {
    "subject": "See you, {{ name }}",
    "body": "<h1>Hello {{ name }}</h1>\n<p>{{ soon }}</p>\n{{ details }}\n{{ button }}",
    "sms": "See you {{ soon }}: {{ link }}",
}


@pytest.fixture
def editor(shop: Shop, alice: Account, client: Client) -> str:
    client.force_login(alice)
    return reverse("desk:letter", args=[shop.slug, "booked", "en"])


def test_every_letter_is_listed_in_every_language_and_shows_what_is_ones_own(
    shop: Shop, client: Client, editor: str
) -> None:
    client.post(editor, MINE)
    here = reverse("desk:letters", args=[shop.slug])
    page = client.get(here).content.decode()
    assert page.count("Your own") == 1
    assert "Are you coming?" in page
    assert "Asked to confirm an option" not in page  # nothing here is booked on request
    german = client.get(f"{here}?language=de").content.decode()
    assert reverse("desk:letter", args=[shop.slug, "booked", "de"]) in german
    assert "Your own" not in german


def test_the_editor_keeps_shows_and_forgets_what_one_writes(client: Client, editor: str) -> None:
    first = client.get(editor)
    assert default_of("booked", "en").body.strip() in first.context["fields"]["body"].value
    assert "Reset to default" not in first.content.decode()
    assert client.post(editor, MINE).status_code == 302
    again = client.get(editor).content.decode()
    assert "Hello {{ name }}" in again
    assert "See you, Dana" in again  # the subject of the preview
    assert {row.channel for row in Template.objects.all()} == {"email", "sms"}
    assert client.post(editor, {"do": "reset"}).status_code == 302
    assert not Template.objects.exists()


def test_what_cannot_be_sent_is_shown_with_its_line_and_nothing_is_kept(client: Client, editor: str) -> None:
    wrong = client.post(editor, MINE | {"body": "<p>Hello\n{{ nmae }}</p>\n<script>x</script>"})
    assert wrong.status_code == 422
    assert "Line 2: There is no variable “nmae” in this letter." in wrong.content.decode()
    newline = client.post(editor, MINE | {"subject": "Hello\nBcc: x@example.com"})
    assert "The subject is one line." in newline.content.decode()
    assert not Template.objects.exists()


def test_the_preview_is_a_letter_in_a_frame_that_can_do_nothing(client: Client, editor: str) -> None:
    page = client.get(editor)
    assert (
        f'<iframe class="preview" name="preview" sandbox="" src="{editor}/preview"' in page.content.decode()
    )
    shown = client.post(f"{editor}/preview", MINE)
    assert "<h1>Hello Dana</h1>" in shown.content.decode()
    policy = shown.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    broken = client.post(f"{editor}/preview", MINE | {"body": "{{ no }}"})
    assert broken.status_code == 422
    assert "Line 1: There is no variable “no”" in broken.content.decode()


def test_a_test_goes_to_oneself_as_it_stands_in_the_form(
    shop: Shop, alice: Account, client: Client, editor: str
) -> None:
    said = client.post(editor, MINE | {"do": "test"}).content.decode()
    assert f"A test is on its way to {alice.email}." in said
    assert not Template.objects.exists()
    message = Message.objects.get(kind="test")
    assert message.recipient == alice.email
    letter: Any = letter_of(business_id=shop.business_id, message_id=message.id, now=message.send_after)
    assert letter.subject == "Test: See you, Dana"
    assert "Hello Dana" in letter.text


def test_signature_discretion_and_the_times_around_a_visit_are_settings(
    shop: Shop, client: Client, editor: str
) -> None:
    here = reverse("desk:letters", args=[shop.slug])
    sent = {
        "signature": "Your barbers\r\nBriggate",
        "discreet_messages": "on",
        "confirm_minutes": "1440",
        "thanks_minutes": "120",
    }
    assert client.post(here, sent).status_code == 302
    page = client.get(editor + "/preview").content.decode()
    assert "Your barbers<br>Briggate" in page
    assert "Service" not in page
    assert client.post(here, sent | {"thanks_minutes": "x"}).status_code == 422
    assert client.post(here, sent | {"signature": "x" * 501}).status_code == 422


def test_a_change_of_a_letter_is_in_the_audit_trail_without_its_words(client: Client, editor: str) -> None:
    client.post(editor, MINE)
    line = AuditRecord.objects.filter(action="notifications.write_template").get()
    assert "Hello" not in str(line.details)
