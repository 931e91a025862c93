"""The rules of ARCHITECTURE.md that a machine can read off the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.meta import house

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
KINDS = {
    "models",
    "rules",
    "queries",
    "commands",
    "events",
    "errors",
    "handlers",
    "jobs",
    "sql",
    "apps",
    "migrations",
    "providers",
}
DOMAIN_APPS = {
    "privacy",
    "blueprints",
    "insights",
    "notifications",
    "calendars",
    "availability",
    "bookings",
    "schedule",
    "catalog",
    "customers",
    "payments",
    "businesses",
    "accounts",
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "misc"}
UNSEEN_BY_COMMANDS = ("django.http", "django.shortcuts", "django.template", "django.core.mail", "django.urls")
CLOCKS = {"now", "utcnow", "today", "localtime", "localdate"}
CLOCK_OWNERS = {"datetime", "date", "timezone", "clock", "time"}


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in house.python_files():
        for node in ast.walk(house.syntax(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{house.named(path)}:{node.lineno} {node.name}", node


def test_no_python_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {house.named(path): len(path.read_text().splitlines()) for path in house.python_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_fifty_lines() -> None:
    lengths = {name: (node.end_lineno or node.lineno) - node.lineno + 1 for name, node in functions()}
    assert lengths, "no function was found at all"
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("kind", ["commands", "queries"])
def test_commands_and_queries_take_keyword_only_arguments_and_say_what_they_do(kind: str) -> None:
    found, wrong = 0, []
    for path in house.domain_files(kind):
        for function in house.public_functions(path):
            found += 1
            place = f"{house.named(path)}:{function.lineno} {function.name}"
            if function.args.posonlyargs or function.args.args or function.args.vararg:
                wrong.append(f"{place}: positional arguments")
            if not ast.get_docstring(function):
                wrong.append(f"{place}: no docstring")
    assert found, f"no public function in any {kind}.py"
    assert wrong == []


def test_commands_see_no_request_no_html_and_no_mail() -> None:
    seen = [
        f"{house.named(path)}: {module}"
        for path in house.domain_files("commands")
        for module in imported(house.syntax(path))
        if module.startswith(UNSEEN_BY_COMMANDS)
    ]
    assert seen == []


@pytest.mark.parametrize("kind", ["commands", "rules"])
def test_the_time_is_an_argument_of_commands_and_rules(kind: str) -> None:
    read = [
        f"{house.named(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in house.domain_files(kind)
        for node in ast.walk(house.syntax(path))
        if isinstance(node, ast.Call) and reads_the_clock(node.func)
    ]
    assert read == []


def test_domain_apps_hold_only_the_known_kinds_of_files() -> None:
    strangers = []
    for app in DOMAIN_APPS:
        for path in (house.SOURCE / app).iterdir():
            if path.name not in {
                "__init__.py",
                "__pycache__",
                "py.typed",
            } and path.stem not in KINDS | assets(app):
                strangers.append(house.named(path))
    assert strangers == []


def assets(app: str) -> set[str]:
    """What an app carries besides: texts and translations, what Django and allauth plug in, and what speaks to
    providers (docs/decisions/0010-messages-out.md)."""
    own = {
        "accounts": {"adapter", "backends", "passwords"},
        "blueprints": {"configurations"},
        "notifications": {"providers"},
    }
    return {"templates", "locale", "static"} | own.get(app, set())


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        house.named(path)
        for path in house.python_files(tests=False)
        if VAGUE & set(path.with_suffix("").parts)
    ]
    assert vague == []


def imported(tree: ast.Module) -> Iterator[str]:
    """The dotted names a module imports, `from a import b` as `a` and as `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reads_the_clock(called: ast.expr) -> bool:
    """Whether the called expression is `datetime.now`, `timezone.now`, `clock.now`, `date.today` and the like."""
    if not isinstance(called, ast.Attribute) or called.attr not in CLOCKS:
        return False
    owner = called.value
    return (owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")) in CLOCK_OWNERS
