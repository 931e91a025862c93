"""No page of the operator's admin writes by itself (DESIGN §1: it reads models and writes only by commands)."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from holdfast.accounts.models import Account
from holdfast.web.admin.carrying import CommandAdmin, CommandForm, ReadOnlyAdmin
from tests.meta import house

PAGES = list(admin.site._registry.values())
FOLDER = house.SOURCE / "web" / "admin"
WRITES = {
    "save", "delete", "update", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "add",
    "remove", "clear", "set", "save_m2m", "execute", "raw", "aupdate", "acreate", "asave", "adelete",
}  # fmt: skip
# Ours, of the same names, which call commands.
NOT_OF_A_ROW = {"self.remove", "kwargs.update"}
WRITERS = ("save_model", "save_related", "delete_model", "delete_queryset", "save_form", "save_formset")
# Pages that call their command in save_model: one gives the operator a secret, one makes many rows.
OWN_SAVE = {"ApiTokenAdmin", "SlotAdmin"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: type(page).__name__)
def test_every_page_is_read_only_or_writes_through_the_one_place_that_calls_commands(
    page: admin.ModelAdmin[Any],
) -> None:
    assert isinstance(page, ReadOnlyAdmin)
    assert tuple(page.inlines) == ()
    assert tuple(page.list_editable) == ()
    own = {name for name in WRITERS if name in vars(type(page))}
    assert own <= ({"save_model"} if type(page).__name__ in OWN_SAVE else set())
    request = RequestFactory().get("/")
    request.user = Account(is_operator=True)
    writes = page.has_add_permission(request) or page.has_change_permission(request)
    if writes or page.has_delete_permission(request):
        assert isinstance(page, CommandAdmin)
        for does, method in (("makes", "make"), ("changes", "change"), ("removes", "remove")):
            if getattr(page, does) and type(page).__name__ not in OWN_SAVE:
                assert method in vars(type(page)), f"{does} without {method}"
        for form in (page.form, page.add_form):
            assert form is None or issubclass(form, CommandForm)
    assert "delete_selected" not in page.get_actions(request)


def test_deleting_whatever_is_selected_is_no_action_anywhere() -> None:
    assert "delete_selected" not in {name for name, _ in admin.site.actions}


def written_in(path: Path) -> list[str]:
    found = []
    for node in ast.walk(house.syntax(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            called = ast.unparse(node.func)
            if called not in NOT_OF_A_ROW and not called.startswith("super()."):
                found.append(f"{path.name}:{node.lineno}: {called}")
    return found


def test_no_line_of_the_admin_writes_a_row() -> None:
    files = sorted(FOLDER.glob("*.py"))
    assert files
    assert [line for path in files for line in written_in(path)] == []


def test_what_django_itself_would_write_goes_through_our_methods_alone() -> None:
    """``super()`` leads on to Django's own writing only where we have looked: never in what saves or deletes a row."""
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(house.syntax(path)):
            if isinstance(node, ast.FunctionDef) and node.name in WRITERS and path.name == "carrying.py":
                assert "super()" not in ast.unparse(node), f"{path.name}: {node.name}"


def test_the_reader_of_this_test_finds_a_writer(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def act(rows):\n    rows.update(state='cancelled')\n    row.save()\n")
    tree = ast.parse(wrong.read_text())
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") in WRITES]
    assert len(found) == 2
