"""Mail without a mail server: every message is a file that any mail program opens."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from holdfast.core.ids import uuid7

_SHORTEST_SAID = 5


class EmailBackend(BaseEmailBackend):
    """Writes each message as ``<time-ordered id>.eml`` (RFC 5322) into ``MAIL_DIRECTORY``, whole or not at all."""

    def __init__(self, directory: Path | None = None, fail_silently: bool = False, **_: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.directory = Path(directory or settings.MAIL_DIRECTORY)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            content: Any = message.message()
            self._write(content.as_bytes(linesep="\r\n"))
        return len(email_messages)

    def _write(self, content: bytes) -> None:
        name = str(uuid7())
        draft = self.directory / f".{name}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.rename(self.directory / f"{name}.eml")


def forget_mail_files(said: Collection[str]) -> int:
    """Delete the files of mail that say one of these (an address, a number, a reference), in whatever encoding; how many."""
    wanted = [one.casefold() for one in said if len(one) >= _SHORTEST_SAID]
    directory = Path(settings.MAIL_DIRECTORY)
    if not wanted or not directory.is_dir():
        return 0
    forgotten = 0
    for path in directory.glob("*.eml"):
        try:
            content = _everything_said(path.read_bytes())
        except OSError:
            continue  # deleted meanwhile
        if any(one in content for one in wanted):
            path.unlink(missing_ok=True)
            forgotten += 1
    return forgotten


def _everything_said(raw: bytes) -> str:
    mail = message_from_bytes(raw, policy=policy.default)
    parts = [str(value) for value in mail.values()]
    for part in mail.walk():
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(content, bytes):
            parts.append(content.decode("utf-8", "replace"))
    return "\n".join(parts).casefold()
