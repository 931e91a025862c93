"""The quickstart works as it is written: its blocks run in a shell against a server with the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from holdfast.blueprints.commands import load_demo
from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.waitlist.models import Entry
from tests.cast import OPERATOR
from tests.meta import house

QUICKSTART = house.ROOT / "docs" / "api" / "quickstart.md"


def blocks() -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```$", QUICKSTART.read_text(), re.DOTALL | re.MULTILINE)


def test_the_quickstart_books_reschedules_and_cancels(live_holdfast: Any, tmp_path: Path) -> None:
    load_demo(actor=OPERATOR, password="correct horse battery", now=clock.now(), tell=lambda _: None)
    before = set(Booking.objects.values_list("id", flat=True))
    waiting = set(Entry.objects.values_list("id", flat=True))
    # The last block asks the demo for a token; a stand-in prints one of the same shape.
    program = tmp_path / ".venv" / "bin" / "holdfast"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{demo_json()}'\n")
    program.chmod(0o755)
    port = live_holdfast.url.rpartition(":")[2]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks())],
        cwd=tmp_path,
        env={"PORT": port, "PATH": path, "NO_PROXY": "localhost"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    made = Booking.objects.exclude(id__in=before).order_by("created_at")
    assert [booking.state for booking in made] == ["cancelled", "confirmed"], done.stdout
    assert [entry.state for entry in Entry.objects.exclude(id__in=waiting)] == ["left"]
    assert '"next_cursor"' in done.stdout
    assert "unauthorized" not in done.stdout


def demo_json() -> str:
    import json

    from holdfast.accounts.commands import create_token
    from holdfast.businesses.models import Business
    from holdfast.lib.actors import Role

    shop = Business.objects.get(slug="fenwick-and-rowe")
    made = create_token(actor=OPERATOR, business_id=shop.id, role=Role.STAFF, name="demo", now=clock.now())
    return json.dumps({"businesses": [{"slug": shop.slug, "tokens": {"staff": made.secret}}]})


@pytest.mark.parametrize("word", ["reschedule", "cancel", "Idempotency-Key", "/holds", "/waitlist"])
def test_the_quickstart_shows_what_it_promises(word: str) -> None:
    assert any(word in block for block in blocks())
