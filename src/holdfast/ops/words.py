"""Refusals as sentences for the command line, and their exit codes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from holdfast.lib.refusals import Busy, Conflict, Forbidden, Invalid, Missing, Refusal

EXIT_INVALID, EXIT_FORBIDDEN, EXIT_MISSING, EXIT_CONFLICT, EXIT_BUSY = 2, 3, 4, 5, 6
_EXIT_CODES: list[tuple[type[Refusal], int]] = [
    (Invalid, EXIT_INVALID),
    (Forbidden, EXIT_FORBIDDEN),
    (Missing, EXIT_MISSING),
    (Conflict, EXIT_CONFLICT),
    (Busy, EXIT_BUSY),
]


def exit_code(refusal: Refusal) -> int:
    """What the process ends with."""
    return next((code for kind, code in _EXIT_CODES if isinstance(refusal, kind)), EXIT_CONFLICT)


def sentences(refusal: Refusal) -> list[str]:
    """What is said on stderr: one sentence, then one line per wrong field."""
    lines = [_known().get(refusal.code) or _by_kind(refusal)]
    if isinstance(refusal, Invalid):
        for name, mistakes in refusal.fields.items():
            lines += [f"  {name}: {_mistake(code, facts)}" for code, facts in mistakes]
    elif refusal.facts:
        lines.append("  " + _facts(refusal.facts))
    return lines


def _known() -> dict[str, str]:
    return {
        "email_taken": _("There already is an account with this email address."),
        "slug_taken": _("There already is a business with this address."),
        "busy": _("The database is busy. Try again in a moment."),
    }


def _by_kind(refusal: Refusal) -> str:
    what = refusal.code.replace("_", " ")
    if isinstance(refusal, Missing):
        return _("There is no such thing.")
    if isinstance(refusal, Forbidden):
        return _("That is not allowed.")
    if isinstance(refusal, Invalid):
        return _("Something in this command is wrong.")
    return _("That is not possible: %(reason)s.") % {"reason": what}


def _mistake(code: str, facts: dict[str, Any]) -> str:
    said = code.replace("_", " ")
    return f"{said} ({_facts(facts)})" if facts else said


def _facts(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in facts.items())
