"""The four ways Holdfast says no, and nothing else.

A refusal is a fact with a stable ``code``; it carries no sentence, because the shell that shows it owns the words and
their language (DESIGN §1). Subclasses live in each app's ``errors.py``, named as facts: ``TimeTaken``, ``SlotFull``.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """The request was understood and is refused; nothing was changed.

    ``facts`` are JSON-ready values the shell may need for its sentence (a state, a limit, an instant as ISO 8601).
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.code, facts)

    def __str__(self) -> str:
        return self.code


class Missing(Refusal):
    """There is no such thing, or the actor may not know that there is. 404, exit 4."""

    code = "not_found"


class Forbidden(Refusal):
    """The thing is known to the actor, the action is not allowed. 403, exit 3."""

    code = "forbidden"


class Conflict(Refusal):
    """The world is not (or no longer) as the request assumed. 409, exit 5."""

    code = "conflict"


class Invalid(Refusal):
    """The request itself is wrong. 422, exit 2.

    ``fields`` maps a field's name to a list of ``(code, facts)``; the code alone names the mistake (``required``,
    ``too_long``, ``in_past`` …).
    """

    code = "invalid"

    def __init__(
        self, fields: dict[str, list[tuple[str, dict[str, Any]]]] | None = None, **facts: Any
    ) -> None:
        self.fields = fields or {}
        super().__init__(**facts)

    @classmethod
    def field(cls, name: str, code: str, **facts: Any) -> Invalid:
        """One field, one mistake: ``Invalid.field("starts_at", "in_past")``."""
        return cls({name: [(code, facts)]})


class Busy(Refusal):
    """The database could not give the lock in time; the same call may succeed shortly. 503 with ``Retry-After``."""

    code = "busy"
