"""Without a mail server mail lands in files, and the demo's mail page reads them back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import time_machine

from holdfast.notifications.commands import announce_booking
from holdfast.notifications.jobs import send_due_messages
from holdfast.notifications.queries import delivered_mail, delivered_mail_files
from tests.notifications.conftest import NOW, Barbershop


@pytest.fixture
def home(tmp_path: Path, settings: object) -> Path:
    settings.EMAIL_BACKEND = "holdfast.core.mail_files.EmailBackend"
    settings.MAIL_DIRECTORY = tmp_path / "mail"
    return tmp_path


def test_every_mail_is_read_back_whole_newest_first(shop: Barbershop, home: Path) -> None:
    announce_booking(booking_id=shop.book().id, now=NOW)
    with time_machine.travel(NOW, tick=False):
        assert send_due_messages() == 3
    mails = delivered_mail_files(home=home)
    assert [mail.to for mail in mails] == ["bob@fenwick.example", "hello@fenwick.example", "dana@example.com"]
    mail = mails[2]
    assert mail.subject == "Booked: Sat 28 Nov, 10:30 at Fenwick & Rowe"
    assert mail.text.startswith("You're booked, Dana")
    assert "<h1>" in mail.html
    assert mail.reply_to == "hello@fenwick.example"
    assert mail.sent_at == NOW
    assert [(file.name, file.content_type) for file in mail.attachments] == [("booking.ics", "text/calendar")]
    assert mail.attachments[0].content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert delivered_mail(home=home, file_name=mail.file_name) == mail
    assert len(delivered_mail_files(home=home, limit=2)) == 2


def test_an_installation_that_has_sent_nothing_shows_nothing(tmp_path: Path) -> None:
    assert delivered_mail_files(home=tmp_path) == []


@pytest.mark.parametrize(
    "name", ["../secret.eml", "..", "", "a/b.eml", "x.txt", ".hidden.eml", "/etc/passwd", "missing.eml"]
)
def test_only_mail_files_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "mail").mkdir()
    for place in ("secret.eml", "mail/x.txt", "mail/.hidden.eml"):
        (tmp_path / place).write_bytes(b"Subject: secret\r\n\r\n")
    assert delivered_mail(home=tmp_path, file_name=name) is None
    assert delivered_mail_files(home=tmp_path) == []


def test_a_mail_without_date_or_body_is_still_shown(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    path = tmp_path / "mail" / "a1.eml"
    path.write_bytes(b"Subject: bare\r\n\r\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (mail,) = delivered_mail_files(home=tmp_path)
    assert (mail.subject, mail.html, mail.attachments) == ("bare", "", ())
    assert mail.sent_at.timestamp() == 1_700_000_000
