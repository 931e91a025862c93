from __future__ import annotations

import email
import email.policy
import stat
from pathlib import Path
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection


def test_without_a_mail_server_every_message_is_a_file_that_mail_programs_open(
    tmp_path: Path, settings: Any
) -> None:
    settings.MAIL_DIRECTORY = tmp_path / "mail"
    connection = get_connection("holdfast.core.mail_files.EmailBackend")
    for number in range(2):
        message = EmailMultiAlternatives(
            f"Bestätigt {number}",
            "Grüße",
            "Northside <b@example.com>",
            ["dana@example.com"],
            connection=connection,
        )
        message.attach_alternative("<p>Grüße</p>", "text/html")
        assert message.send() == 1
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    content = files[0].read_bytes()
    assert b"\r\n" in content
    assert b"\n" not in content.replace(b"\r\n", b"")
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert parsed["Subject"] == "Bestätigt 0"
    assert parsed["To"] == "dana@example.com"
    text = parsed.get_body(("plain",))
    assert text is not None
    assert text.get_content().strip() == "Grüße"
