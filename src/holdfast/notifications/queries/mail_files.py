"""The mail that an installation without SMTP wrote to files, read back for the demo's mail page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,120}\.eml")


@dataclass(frozen=True, slots=True)
class DeliveredAttachment:
    """A file that came with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DeliveredMail:
    """One mail file. ``html`` comes from a mail and belongs into a sandboxed frame or nowhere."""

    file_name: str
    sent_at: datetime
    sender: str
    to: str
    reply_to: str
    subject: str
    text: str
    html: str
    attachments: tuple[DeliveredAttachment, ...]


def delivered_mail_files(*, home: Path, limit: int = 50) -> list[DeliveredMail]:
    """The newest mails of this installation, newest first."""
    files = ((path.stat().st_mtime_ns, path.name, path) for path in _files(home))
    return [_read(path) for _, _, path in sorted(files, reverse=True)[:limit]]


def delivered_mail(*, home: Path, file_name: str) -> DeliveredMail | None:
    """One mail by its file's name, or None: also for a name that tries to leave the folder."""
    if not _NAME.fullmatch(file_name):
        return None
    path = home / "mail" / file_name
    return _read(path) if path.is_file() else None


def _files(home: Path) -> Iterator[Path]:
    return (path for path in (home / "mail").glob("*.eml") if _NAME.fullmatch(path.name))


def _read(path: Path) -> DeliveredMail:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)  # the policy decides the class
    return DeliveredMail(
        file_name=path.name,
        sent_at=_sent_at(mail, path),
        sender=str(mail["From"] or ""),
        to=str(mail["To"] or ""),
        reply_to=str(mail["Reply-To"] or ""),
        subject=str(mail["Subject"] or ""),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        attachments=tuple(_attachments(mail)),
    )


def _sent_at(mail: EmailMessage, path: Path) -> datetime:
    try:
        stated = parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _attachments(mail: EmailMessage) -> Iterator[DeliveredAttachment]:
    for part in mail.iter_attachments():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield DeliveredAttachment(part.get_filename() or "", part.get_content_type(), content)
