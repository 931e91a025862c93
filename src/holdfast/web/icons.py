"""Icons by what they mean on our pages; the drawings come from the heroicons package."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons import _render_icon

# Our word → the package's name. A page asks for "move", so a change of drawing is one line here.
NAMES = {
    "accessible": "user-circle", "add": "plus", "minus": "minus", "afternoon": "sun", "alert": "exclamation-triangle",
    "arrow": "arrow-right", "back": "arrow-left", "bell": "bell", "bolt": "bolt", "booking": "ticket",
    "business": "building-storefront", "card": "credit-card", "money": "banknotes", "receipt": "receipt-percent", "calendar": "calendar", "calendar-add": "calendar-days", "cancel": "x-mark",
    "check": "check", "clock": "clock", "code": "code-bracket", "copy": "square-2-stack", "down": "chevron-down",
    "evening": "moon", "export": "arrow-down-tray", "find": "magnifying-glass", "globe": "globe-alt",
    "history": "queue-list", "hours": "clock", "info": "information-circle", "key": "key", "left": "chevron-left",
    "link": "link", "lock": "lock-closed", "mail": "envelope", "menu": "bars-3", "more": "ellipsis-horizontal",
    "move": "arrows-right-left", "no-show": "user-minus", "note": "chat-bubble-left",
    "people": "users", "person": "user", "phone": "phone", "plus": "plus", "pin": "map-pin", "policy": "shield-check",
    "print": "printer", "right": "chevron-right", "service": "scissors", "settings": "cog-6-tooth",
    "sign-in": "arrow-left-end-on-rectangle", "sign-out": "arrow-right-start-on-rectangle", "sun": "sun",
    "theme": "moon", "today": "calendar-days", "trash": "trash", "undo": "arrow-uturn-left", "edit": "pencil-square",
    "eye": "eye", "walk-in": "user-plus", "warning": "exclamation-triangle", "done": "check-circle",
    "resource": "view-columns", "blocked": "no-symbol", "list": "list-bullet",
}  # fmt: skip

# What the package lacks, drawn on the same 24-unit grid with the same stroke.
DRAWN = {
    "morning": "M3 18.75h18M7.5 18.75a4.5 4.5 0 0 1 9 0M12 5.25v4.5M9.75 7.5 12 5.25l2.25 2.25M5.3 12.05l1.3 1.3"
    "M18.7 12.05l-1.3 1.3",
    "venue": "M5.25 4.5h13.5L12 12.75 5.25 4.5ZM12 12.75v6.75M8.25 19.5h7.5",
}

# Arrows that point along the line: mirrored where lines run from right to left.
FLIPS = frozenset({"left", "right", "arrow", "back", "sign-in", "sign-out", "undo"})


@lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """An inline SVG that assistive technology skips: the word beside it, or a label, names the thing.

    ``name`` is one of :data:`NAMES` or a name of the package's own; ``classes`` are added to ``icon``.
    """
    dress = escape(" ".join(["icon", *(["icon-flips"] if name in FLIPS else []), *classes.split()]))
    if name in DRAWN:
        return format_html(
            '<svg fill="none" viewBox="0 0 24 24" stroke-width="1.5" stroke="currentColor" aria-hidden="true" class="{}"'
            ' focusable="false"><path stroke-linecap="round" stroke-linejoin="round" d="{}"/></svg>',
            dress,
            DRAWN[name],
        )
    drawing = NAMES.get(str(name), str(name)) + ""
    attrs: dict[str, object] = {"class": dress + "", "focusable": "false"}
    # Trusted: the package's drawing and an escaped class list.
    return mark_safe(_render_icon("outline", drawing, None, attrs))  # noqa: S308
