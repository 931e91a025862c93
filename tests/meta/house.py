"""The repository as the house rules see it: its files, its Python, its templates."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "holdfast"
PACKAGED = {"commands", "queries"}
SHELLS = {"config", "web", "api", "ops"}
UNTRACKED = {".git", ".venv", "var", "build", "dist", "__pycache__", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """What belongs to the repository: tracked files and new ones that git does not ignore."""
    listing = "git -c safe.directory=* ls-files -z --cached --others --exclude-standard".split()
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode == 0:
        paths = [ROOT / name for name in found.stdout.split("\0") if name]
    else:  # a source archive without git
        paths = [path for path in ROOT.rglob("*") if not UNTRACKED & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in paths if path.is_file()))


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def texts() -> Iterator[tuple[str, str]]:
    """Name and content of every text file."""
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield named(path), content.decode()


def python_files(*, tests: bool = True) -> list[Path]:
    """The project's Python, without migrations, which Django writes."""
    roots = ("src/", "tests/", "benchmarks/") if tests else ("src/",)
    return [
        path
        for path in files()
        if path.suffix == ".py" and named(path).startswith(roots) and "migrations" not in path.parts
    ]


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=named(path))


def domain_files(kind: str) -> list[Path]:
    """All files of a kind inside domain apps: `commands.py` as well as `commands/booking.py`."""
    return [
        path
        for path in python_files(tests=False)
        if kind in (parts := path.relative_to(SOURCE).with_suffix("").parts)[1:] and parts[0] not in SHELLS
    ]


def public_functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module that others may call: of a package's module, those the package offers."""
    package = next((folder for folder in path.parents if folder.name in PACKAGED), None)
    offered = offered_by(package) if package else None
    functions = [
        node for node in syntax(path).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for function in functions:
        if not function.name.startswith("_") and (offered is None or function.name in offered):
            yield function


def offered_by(package: Path) -> set[str] | None:
    """The names a package's ``__init__`` takes from its modules; None when it takes none, so that all are public."""
    initial = package / "__init__.py"
    if not initial.exists():
        return None
    imports = [node for node in syntax(initial).body if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names}
    return names or None


def templates() -> list[Path]:
    return [path for path in files() if path.suffix == ".html" and "templates" in path.parts]
