"""Shells change what a business offers through availability's commands alone, which ask whom it would strand (SPEC C7)."""

from __future__ import annotations

import ast

from tests.meta import house

STRANDING = {
    "holdfast.schedule.commands": {
        "replace_hours",
        "apply_hour_template",
        "add_exception",
        "change_exception",
        "remove_exception",
    },
    "holdfast.catalog.commands": {"change_resource", "change_service"},
    "holdfast.businesses.commands": {"change_business_settings"},
}
# A colour strands nobody: the page of the profile changes it with the rest of the profile.
ALLOWED = {("web/desk/settings_business.py", "change_business_settings")}


def test_no_shell_changes_the_offer_without_asking() -> None:
    found = []
    for path in house.python_files(tests=False):
        place = path.relative_to(house.SOURCE).as_posix()
        if place.split("/")[0] not in ("web", "api", "ops"):
            continue
        tree = house.syntax(path)
        modules = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for home, names in STRANDING.items():
                    if node.module == home or node.module.startswith(f"{home}."):
                        found += [(place, alias.name) for alias in node.names if alias.name in names]
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                names = STRANDING.get(modules.get(node.value.id, ""), set())
                found += [(place, node.attr)] if node.attr in names else []
    assert set(found) - ALLOWED == set()
    assert found, "the search finds nothing at all: it looks in the wrong place"
