"""How fast queued messages go to a local mail server: ``python -m benchmarks.mail --messages 10000 --workers 2``.

The server is another process that takes everything; the senders are processes that call the worker's queue until it is
empty. On SQLite, or on the database of ``DATABASE_URL``.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support import servers

MAIL_SERVER = """
import asyncio, sys
from aiosmtpd.smtp import SMTP
class Takes:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Takes()), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--send", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send:
        return _send()
    home = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    port = servers.free_port()
    cluster = servers.start_postgres(durable=True) if options.engine == "postgres" else None
    os.environ |= {
        "HOLDFAST_HOME": str(home),
        "HOLDFAST_ENVIRONMENT": "development",
        "DJANGO_SETTINGS_MODULE": "holdfast.config.settings",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": cluster.url if cluster else f"sqlite:///{home}/holdfast.sqlite3",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_TLS": "none",
    }
    server = subprocess.Popen([sys.executable, "-c", MAIL_SERVER, str(port)])
    try:
        return _measure(options.messages, options.workers)
    finally:
        server.terminate()
        server.wait()
        if cluster:
            cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def _measure(messages: int, workers: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    _fill(messages)
    connection.close()
    started = time.perf_counter()
    senders = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.mail", "--send"], stdout=subprocess.PIPE, text=True
        )
        for _ in range(workers)
    ]
    said = [sender.communicate()[0].strip() for sender in senders]
    seconds = time.perf_counter() - started
    from holdfast.notifications.models import Message

    sent = Message.objects.filter(state="sent").count()
    print(
        f"{connection.vendor}: {sent} of {messages} sent in {seconds:.1f} s, {sent / seconds:.0f}/s; {said}"
    )
    return 0 if sent == messages else 1


def _fill(messages: int) -> None:
    """One shop whose bookings each have one confirmation waiting."""
    from holdfast.notifications.commands import announce_booking
    from tests.notifications.conftest import make_shop

    shop = make_shop()
    shop.settings(staff_copies=False, reminder_minutes=(), messages_per_hour=0, messages_per_person_per_day=0)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for number in range(messages):
        contact = {"name": "Dana Guest", "email": f"dana{number}@example.com", "phone": ""}
        starts_at = now + timedelta(days=2, hours=number)
        announce_booking(booking_id=shop.book(starts_at=starts_at, contact=contact).id, now=now)


def _send() -> int:
    """Empty the queue; print how much memory grew after the first batches, in MB."""
    import django

    django.setup()
    from holdfast.notifications.jobs import send_due_messages

    for _ in range(3):
        send_due_messages()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while send_due_messages():
        pass
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"grew by {grown:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
