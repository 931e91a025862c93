"""What the repository may hold: nothing of one machine, pinned requirements, layers that stand, quiet templates."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.meta import house

# Assembled from parts, so that this file does not contain what it forbids.
MACHINE_PATHS = re.compile(
    "|".join([r"(?<![\w/.-])/" + r"work/", r"/ro" + r"ot/", r"/home" + r"/\w+/", r"file:" + r"///"])
)
REGISTRY_HOSTS = re.compile(
    "|".join(name + r"\.(org|com|dev)" for name in ("py" + "pi", "python" + "hosted", "npm" + "js"))
)
REQUIREMENT_FILES = sorted((house.ROOT / "requirements").glob("*.txt"))


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in house.texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert lines_that_match(MACHINE_PATHS) == []


def test_no_file_names_a_package_registry() -> None:
    assert lines_that_match(REGISTRY_HOSTS) == []


@pytest.mark.parametrize(
    "line", ["cd /" + "work/main", "see /ro" + "ot/x", "/home" + "/alice/holdfast", "file:" + "///srv"]
)
def test_a_machine_path_would_be_found(line: str) -> None:
    assert MACHINE_PATHS.search(line)


def test_text_files_end_with_a_newline_and_have_no_trailing_spaces() -> None:
    kept = {name: text for name, text in house.texts() if text and not spaces_matter(name)}
    assert [name for name, text in kept.items() if not text.endswith("\n")] == []
    assert [name for name, text in kept.items() if re.search(r"[ \t]+$", text, re.MULTILINE)] == []


def spaces_matter(name: str) -> bool:
    """The licence is verbatim, and the white space of a letter's plain text reaches its reader."""
    return name == "LICENSE" or ("/templates/" in name and name.endswith(".txt"))


@pytest.mark.parametrize("path", REQUIREMENT_FILES, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE))
    assert len(entries) > 20
    pinned = re.compile(
        r"[\w.\[\],-]+==[\w.+!-]+( ; [^\\]+)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n?)+\s*"
    )
    assert [entry.splitlines()[0] for entry in entries if not pinned.fullmatch(entry)] == []


def test_every_declared_dependency_has_an_upper_bound_and_is_pinned() -> None:
    project = tomllib.loads((house.ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        "base.txt": project["dependencies"],
        "test.txt": project["optional-dependencies"]["test"],
        "dev.txt": project["optional-dependencies"]["quality"],
    }
    for name, requirements in declared.items():
        pinned = (house.ROOT / "requirements" / name).read_text()
        for requirement in requirements:
            package = re.split(r"[\[><=]", requirement)[0]
            assert f"\n{package}==" in f"\n{pinned}", (
                f"{package} is not in requirements/{name}: run `make lock`"
            )
            # Time zone data is dated, not versioned: the newest is always wanted.
            assert "<" in requirement or package == "tzdata", f"{requirement} has no upper bound"


# Packages that nothing imports by their own name, with the words by which Django or the standard library takes them.
USED_AS = {
    "argon2-cffi": "Argon2PasswordHasher",
    "pillow": "PIL",
    "psycopg": "django.db.backends.postgresql",
    "redis": "django.core.cache.backends.redis",
    "tzdata": "zoneinfo",
    "django-allauth": "allauth",
    "django-anymail": "anymail",
    "django-csp": "csp",
    "django-ninja": "ninja",
    "django-template-partials": "template_partials",
}


def test_every_runtime_dependency_is_used() -> None:
    source = "\n".join(path.read_text() for path in house.python_files(tests=False))
    declared = tomllib.loads((house.ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    packages = [re.split(r"[\[><=]", requirement)[0] for requirement in declared]
    words = {package: USED_AS.get(package, package.replace("-", "_")) for package in packages}
    assert [
        package for package, word in words.items() if not re.search(rf"\b{re.escape(word)}\b", source)
    ] == []


def test_the_layers_of_the_house_stand() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    checked = subprocess.run(
        [program, "--no-cache"],
        cwd=house.ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-4000:]
    assert "0 broken" in checked.stdout


FORBIDDEN_IN_TEMPLATES = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script body": re.compile(r"<script(?![^>]*\btype=\"application/json\")[^>]*>\s*[^\s<]", re.IGNORECASE),
    "something from another host": re.compile(
        r"<(script|link|img|iframe|source)[^>]*(src|href)=\"(https?:)?//", re.IGNORECASE
    ),
}


def offences(markup: str) -> list[str]:
    without_comments = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", markup, flags=re.DOTALL)
    return [
        offence for offence, pattern in FORBIDDEN_IN_TEMPLATES.items() if pattern.search(without_comments)
    ]


def test_templates_hold_no_inline_style_or_script_and_nothing_from_other_hosts() -> None:
    found = {house.named(path): offences(path.read_text()) for path in house.templates()}
    assert {
        name: wrong
        for name, wrong in found.items()
        if wrong and "/notifications/" not in name  # mail programs ignore style sheets
    } == {}


@pytest.mark.parametrize(
    ("markup", "offence"),
    [
        ('<p class="a" style="color:red">', "a style attribute"),
        ('<button onclick="go()">', "an event attribute"),
        ("<script>go()</script>", "a script body"),
        ('<script type="module">go()</script>', "a script body"),
        ('<link rel="stylesheet" href="https://example.com/a.css">', "something from another host"),
    ],
)
def test_an_offence_in_a_template_would_be_found(markup: str, offence: str) -> None:
    assert offence in offences(markup)
    assert offences('<script type="module" src="{% static "a.js" %}"></script><p data-style="x">ok</p>') == []
