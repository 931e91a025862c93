"""The guide's permission table is the code's (SPEC J3)."""

from __future__ import annotations

import os
import re

from holdfast.businesses.rules import PERMISSIONS, Action
from holdfast.web.desk.roles_words import ACTIONS, permission_table
from tests.meta import house

GUIDE = house.ROOT / "docs" / "guides" / "roles.md"
BETWEEN = re.compile(r"(<!-- permissions: [^>]+ -->\n)(.*)(\n<!-- /permissions -->)", re.DOTALL)


def test_the_guide_shows_the_table_that_decides() -> None:
    """After a change of the table: ``HOLDFAST_RENDER=1 pytest tests/meta/test_roles_guide.py``."""
    text = GUIDE.read_text(encoding="utf-8")
    rendered = BETWEEN.sub(lambda found: found[1] + permission_table() + found[3], text)
    if os.environ.get("HOLDFAST_RENDER"):
        GUIDE.write_text(rendered, encoding="utf-8")
        return
    assert text == rendered


def test_every_action_has_words_and_a_row() -> None:
    assert set(ACTIONS) == set(Action) == set(PERMISSIONS)
    assert all(f"| `{action}` |" in permission_table() for action in Action)
