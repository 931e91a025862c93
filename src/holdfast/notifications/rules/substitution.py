"""Templates that businesses write: names in double braces and sections that stand if a name has a value. Pure.

There is nothing else: no expression, no filter, no attribute, no loop. What a name stands for is escaped by whoever
renders, once, and is never read as a template again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes

MOST_CHARACTERS = 20_000
DEEPEST = 8
_TOKEN = re.compile(r"{{(?P<name>[^\n]*?)}}|{%(?P<tag>[^\n]*?)%}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STRAY = re.compile(r"{{|}}|{%|%}")


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they stand."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Name:
    """A place for a value."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """What stands if the name has a value, and what stands if it has none."""

    name: str
    line: int
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


Node = Text | Name | Section
Problem = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str
    line: int


class _Wrong(Exception):
    def __init__(self, code: str, line: int, **facts: object) -> None:
        super().__init__(code)
        self.problem: Problem = (code, {"line": line, **facts})


def parse(source: str, *, field: str, known: AbstractSet[str]) -> tuple[Node, ...]:
    """The template's nodes.

    Refusals: :class:`Invalid` on ``field``, each with its ``line``: ``too_long``, ``unknown_variable`` (all of them, with
    ``name``), ``unknown_tag``, ``unclosed``, ``not_open``, ``stray_braces``, ``too_deep``.
    """
    if len(source) > MOST_CHARACTERS:
        raise Invalid.field(field, "too_long", limit=MOST_CHARACTERS)
    try:
        tokens = list(_tokens(source))
        nodes, end = _read(tokens, 0, (), 0)
    except _Wrong as wrong:
        raise Invalid({field: [wrong.problem]}) from None
    assert end == len(tokens)
    mistakes: Mistakes = {}
    for name, line in _names(nodes):
        if name not in known:
            mistakes.setdefault(field, []).append(("unknown_variable", {"name": name, "line": line}))
    if mistakes:
        raise Invalid(mistakes)
    return nodes


def render(nodes: tuple[Node, ...], values: Mapping[str, str], escape: Callable[[str, str], str]) -> str:
    """The text with values in their places; ``escape`` gets name and value and makes it fit where it lands."""
    parts = []
    for node in nodes:
        if isinstance(node, Text):
            parts.append(node.text)
        elif isinstance(node, Name):
            parts.append(escape(node.name, values.get(node.name, "")))
        else:
            parts.append(render(node.then if values.get(node.name) else node.otherwise, values, escape))
    return "".join(parts)


def names_in(nodes: tuple[Node, ...]) -> frozenset[str]:
    """The variables a template speaks of."""
    return frozenset(name for name, _ in _names(nodes))


def _names(nodes: tuple[Node, ...]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for node in nodes:
        if not isinstance(node, Text):
            found.append((node.name, node.line))
        if isinstance(node, Section):
            found += [*_names(node.then), *_names(node.otherwise)]
    return found


def _tokens(source: str) -> list[_Token]:
    tokens, at, line = [], 0, 1
    for match in _TOKEN.finditer(source):
        before = source[at : match.start()]
        if before:
            tokens.append(_text(before, line))
        line += before.count("\n")
        at = match.end()
        if match["name"] is not None:
            name = match["name"].strip()
            if not _NAME.fullmatch(name):
                raise _Wrong("unknown_variable", line, name=name[:60])
            tokens.append(_Token("name", name, line))
        else:
            tokens.append(_tag(match["tag"].split(), line))
    if source[at:]:
        tokens.append(_text(source[at:], line))
    return tokens


def _text(text: str, line: int) -> _Token:
    stray = _STRAY.search(text)
    if stray is not None:
        raise _Wrong("stray_braces", line + text[: stray.start()].count("\n"))
    return _Token("text", text, line)


def _tag(words: list[str], line: int) -> _Token:
    match words:
        case ["if" | "elif" as kind, name] if _NAME.fullmatch(name):
            return _Token(kind, name, line)
        case ["else" | "endif" as kind]:
            return _Token(kind, "", line)
    raise _Wrong("unknown_tag", line, name=" ".join(words)[:60])


def _read(tokens: list[_Token], at: int, ends: tuple[str, ...], depth: int) -> tuple[tuple[Node, ...], int]:
    """Nodes up to one of the ``ends``, and where that stands."""
    if depth > DEEPEST:
        raise _Wrong("too_deep", tokens[at - 1].line)
    nodes: list[Node] = []
    while at < len(tokens):
        token = tokens[at]
        if token.kind in ends:
            return tuple(nodes), at
        if token.kind == "text":
            nodes.append(Text(token.value, token.line))
        elif token.kind == "name":
            nodes.append(Name(token.value, token.line))
        elif token.kind == "if":
            section, at = _section(tokens, at, depth)
            nodes.append(section)
        else:
            raise _Wrong("not_open", token.line, name=token.kind)
        at += 1
    if ends:
        raise _Wrong("unclosed", tokens[-1].line)
    return tuple(nodes), at


def _section(tokens: list[_Token], at: int, depth: int) -> tuple[Section, int]:
    """A section that begins at an ``if`` or ``elif``, and where its ``endif`` stands."""
    opening = tokens[at]
    try:
        then, at = _read(tokens, at + 1, ("elif", "else", "endif"), depth + 1)
        otherwise: tuple[Node, ...] = ()
        if tokens[at].kind == "elif":
            inner, at = _section(tokens, at, depth + 1)
            otherwise = (inner,)
        elif tokens[at].kind == "else":
            otherwise, at = _read(tokens, at + 1, ("endif",), depth + 1)
    except _Wrong as wrong:
        if wrong.problem[0] == "unclosed":
            raise _Wrong("unclosed", opening.line, name=opening.value) from None
        raise
    return Section(opening.value, opening.line, then, otherwise), at
