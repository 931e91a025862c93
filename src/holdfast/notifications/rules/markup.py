"""The HTML a business may write in its letters, and the text that is made of it. Pure.

Few tags, no attribute but a link's address, and that is either a plain address or one variable that is a link. So what a
customer types as a name can never become a tag, an attribute or an address.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import NoReturn

from holdfast.lib.refusals import Invalid
from holdfast.notifications.rules.substitution import Name, Node, Problem, Section, Text

TAGS = frozenset(
    {"h1", "h2", "p", "br", "hr", "b", "strong", "i", "em", "u", "ul", "ol", "li", "a", "blockquote"}
)
_EMPTY = frozenset({"br", "hr"})
# A value that is HTML of ours stands between paragraphs, not in one.
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s\"'<>{}\x00-\x1f\ue000]+", re.IGNORECASE)
_MARK = "\ue000"
_MARKED = re.compile(f"{_MARK}([a-z0-9_]+){_MARK}")
BUTTON_STYLE = "display:inline-block;padding:12px 20px;border-radius:10px;background:#1f5c44;color:#ffffff;text-decoration:none"


class _Stop(Exception):
    def __init__(self, code: str, line: int, **facts: object) -> None:
        super().__init__(code)
        self.problem: Problem = (code, {"line": line, **facts})


class _Checker(HTMLParser):
    def __init__(self, links: frozenset[str]) -> None:
        super().__init__(convert_charrefs=False)
        self.links = links
        self.open: list[str] = []

    def stop(self, code: str, **facts: object) -> NoReturn:
        raise _Stop(code, self.getpos()[0], **facts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.stop("unknown_markup", name=tag[:40])
        for name, value in attrs:
            if tag != "a" or name != "href":
                self.stop("unknown_attribute", name=name[:40])
            marked = _MARKED.fullmatch(value or "")
            if (marked is None or marked[1] not in self.links) and not _ADDRESS.fullmatch(value or ""):
                self.stop("wrong_address")
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _EMPTY:
            self.stop("unknown_markup", name=f"{tag}/"[:40])
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.stop("wrong_end", name=tag[:40])
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "<" in data:
            self.stop("stray_angle")

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.stop("unknown_markup", name="!--")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.stop("unknown_markup", name="!")

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self.stop("unknown_markup", name="?")

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002
        self.stop("unknown_markup", name="![")


def check(nodes: tuple[Node, ...], *, field: str, links: frozenset[str]) -> None:
    """See that the HTML of a template is what a letter may hold, whatever stands in its places.

    ``links`` are the variables that are addresses. Refusals: :class:`Invalid` on ``field``, with the ``line``:
    ``unknown_markup`` and ``unknown_attribute`` (with ``name``), ``wrong_address``, ``wrong_end``, ``stray_angle``,
    ``unclosed_markup``, ``half_markup`` (a section that begins or ends inside a tag or leaves one open).
    """
    checker = _Checker(links)
    try:
        _feed(checker, nodes)
        if checker.rawdata.startswith("<"):
            checker.stop("stray_angle")
        if checker.open:
            checker.stop("unclosed_markup", name=checker.open[-1])
    except _Stop as stop:
        raise Invalid({field: [stop.problem]}) from None


def _feed(checker: _Checker, nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        if isinstance(node, Text):
            if _MARK in node.text:
                checker.stop("stray_angle")
            checker.feed(node.text)
        elif isinstance(node, Name):
            checker.feed(f"{_MARK}{node.name}{_MARK}")
        else:
            _feed_section(checker, node)


def _feed_section(checker: _Checker, section: Section) -> None:
    before = list(checker.open)
    for branch in (section.then, section.otherwise):
        if checker.rawdata.startswith("<"):
            raise _Stop("half_markup", section.line)
        _feed(checker, branch)
        if checker.open != before or checker.rawdata.startswith("<"):
            raise _Stop("half_markup", section.line)
        # Newlines of both branches stand in the source, so the count of lines stays right.


def details_html(rows: list[tuple[str, str]]) -> str:
    """The facts of a letter as a list: label, value."""
    lines = "".join(f"\n    <dt>{escape(label)}</dt>\n    <dd>{escape(value)}</dd>" for label, value in rows)
    return f"<dl>{lines}\n  </dl>" if rows else ""


def button_html(label: str, link: str, others: list[tuple[str, str]]) -> str:
    """The one thing to do next as a button, and what else may be done as links."""
    button = f'<p><a class="next" href="{escape(link)}" style="{BUTTON_STYLE}">{escape(label)}</a></p>'
    return button + "".join(f'\n  <p><a href="{escape(url)}">{escape(text)}</a></p>' for text, url in others)


class _Reader(HTMLParser):
    """Turns a letter's HTML into lines: paragraphs apart, facts as ``label: value``, links with their address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.now: list[str] = []
        self.href = ""
        self.begun = 0
        self.facts: list[str] | None = None
        self.in_value = False
        self.lists: list[int | None] = []
        self.items: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("h1", "h2", "p", "hr", "blockquote", "dl", "ul", "ol"):
            self.end_block()
        if tag == "dl":
            self.facts = []
        elif tag == "dd":
            self.in_value = True
        elif tag in ("ul", "ol"):
            self.lists.append(0 if tag == "ol" else None)
        elif tag == "br":
            self.now.append("\n")
        elif tag == "hr":
            self.blocks.append("----")
        elif tag == "a":
            self.href, self.begun = dict(attrs).get("href") or "", len(self.now)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.end_link()
        elif tag == "dt":
            self.now.append(": ")
        elif tag == "dd" and self.facts is not None:
            self.facts.append(_lines("".join(self.now), keep=True))
            self.now, self.in_value = [], False
        elif tag == "dl" and self.facts is not None:
            self.blocks.append("\n".join(self.facts))
            self.facts, self.now = None, []
        elif tag == "li":
            count = self.lists[-1] if self.lists else None
            if count is not None:
                self.lists[-1] = count + 1
            mark = "- " if count is None else f"{count + 1}. "
            self.items.append(mark + _lines("".join(self.now)))
            self.now = []
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            if not self.lists:
                self.blocks.append("\n".join(self.items))
                self.items, self.now = [], []
        elif tag in ("h1", "h2", "p", "blockquote"):
            self.end_block()

    def handle_data(self, data: str) -> None:
        if self.in_value:
            self.now.append(data)
        elif self.facts is None or data.strip():
            self.now.append(re.sub(r"\s+", " ", data))

    def end_link(self) -> None:
        label = "".join(self.now[self.begun :]).strip()
        alone = not "".join(self.now[: self.begun]).strip()
        if self.href and label != self.href:
            self.now[self.begun :] = [f"{label}:\n{self.href}" if alone else f"{label} ({self.href})"]
        self.href = ""

    def end_block(self) -> None:
        text = _lines("".join(self.now))
        if text and not self.lists:
            self.blocks.append(text)
            self.now = []


def _lines(text: str, *, keep: bool = False) -> str:
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line or keep).strip()


def text_of(html: str) -> str:
    """The plain text of a letter's HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_block()
    return "\n\n".join(reader.blocks)
