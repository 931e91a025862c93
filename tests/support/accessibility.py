"""axe-core on a page in the browser, as one readable assertion."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Every page in both themes and at both widths, but not in each theme at each width: what a theme changes is colours, what a
# width changes is the layout, and a page takes axe seconds.
LOOKS = pytest.mark.parametrize(
    ("size", "scheme"),
    [({"width": 390, "height": 844}, "light"), ({"width": 1280, "height": 900}, "dark")],
    ids=["light phone", "dark desk"],
)


def violations(page: Page) -> list[str]:
    """What axe finds wrong (WCAG 2.2 AA and best practice), one line per element."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {' '.join(map(str, node['target']))}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail with the list of what axe found on the page."""
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)
