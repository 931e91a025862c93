"""Refusals of this shell, and how every refusal is answered: ``application/problem+json`` with a stable ``code``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from holdfast.api.sentences import field_sentence, title_and_detail
from holdfast.core.errors import TooMany
from holdfast.core.transactions import is_busy
from holdfast.lib.refusals import Busy, Conflict, Forbidden, Invalid, Missing, Refusal

CONTENT_TYPE = "application/problem+json"
DOCS = "/api/v1/docs"
Mistake = tuple[str, Mapping[str, Any]]
_RESERVED = frozenset({"type", "title", "status", "code", "detail", "fields"})
_IN_THE_BODY_OR_QUERY = frozenset(
    {"service", "services", "resource", "resources", "hold", "slot", "booking", "before"}
)
# What an address calls by another name than ``{what}_id``.
_IN_THE_ADDRESS = {"booking": "reference"}


class Unauthorized(Refusal):
    """Credentials are needed, or those given are worth nothing. 401."""

    code = "unauthorized"


class CsrfFailed(Forbidden):
    """A write with a session cookie came without its CSRF token. 403."""

    code = "csrf_failed"


class SecondFactorMissing(Forbidden):
    """Whoever is signed in must set up a second step first, on the pages. 403."""

    code = "second_factor_missing"


STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (Unauthorized, 401),
    (Missing, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (TooMany, 429),
    (Busy, 503),
)


def problem(
    status: int,
    code: str,
    *,
    facts: Mapping[str, Any] | None = None,
    fields: Mapping[str, Sequence[Mistake]] | None = None,
) -> HttpResponse:
    """One problem document (RFC 9457). ``facts`` become members of their own, as far as their names are free."""
    facts = facts or {}
    title, detail = title_and_detail(code, facts)
    body: dict[str, Any] = {
        "type": f"{DOCS}#{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if fields:
        body["fields"] = {
            name: [_entry(*mistake) for mistake in mistakes] for name, mistakes in fields.items()
        }
    body |= {name: value for name, value in facts.items() if name not in _RESERVED}
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str), status=status, content_type=CONTENT_TYPE
    )
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Holdfast"'
    if "retry_after" in facts:
        response.headers["Retry-After"] = str(facts["retry_after"])
    return response


def answer_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal of the house as a problem."""
    status = next((status for kind, status in STATUS if isinstance(refusal, kind)), 400)
    fields: Mapping[str, Sequence[Mistake]] = (
        refusal.fields if isinstance(refusal, Invalid) else _named(request, refusal)
    )
    response = problem(status, refusal.code, facts=refusal.facts, fields=fields)
    if isinstance(refusal, TooMany):
        response.headers["RateLimit-Remaining"] = "0"
        response.headers["RateLimit-Reset"] = str(refusal.facts["retry_after"])
    return response


def install(api: NinjaAPI) -> None:
    """Answer everything that can go wrong as a problem."""
    answers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refusal: answer_refusal,
        ValidationError: _invalid,
        HttpError: _unreadable,
        RequestDataTooBig: lambda *_: problem(413, "body_too_large"),
        SuspiciousOperation: lambda *_: problem(400, "bad_request"),
        UnreadablePostError: lambda *_: problem(400, "bad_request"),
        OperationalError: _database,
        Exception: _fault,
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def _entry(code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    free = {name: value for name, value in facts.items() if name not in ("code", "detail")}
    return {"code": code, "detail": field_sentence(code, facts), **free}


def _named(request: HttpRequest, refusal: Refusal) -> dict[str, list[Mistake]]:
    """Something missing that a body or query named, not the address, is that field's mistake."""
    what = refusal.facts.get("what") if isinstance(refusal, Missing) else None
    match = request.resolver_match
    addressed = _IN_THE_ADDRESS.get(str(what), f"{what}_id")
    if what not in _IN_THE_BODY_OR_QUERY or (match is not None and addressed in match.kwargs):
        return {}
    return {str(what): [("unknown", {})]}


def _unreadable(_: HttpRequest, error: HttpError) -> HttpResponse:
    # ninja raises this for one thing only: a body its parser could not read.
    return (
        problem(400, "malformed_json")
        if error.status_code == 400
        else problem(error.status_code, "bad_request")
    )


def _database(request: HttpRequest, error: OperationalError) -> HttpResponse:
    if is_busy(error):
        return answer_refusal(request, Busy(retry_after=1))
    return _fault(request, error)


def _fault(request: HttpRequest, _: Exception) -> HttpResponse:
    # Django's own signal: the log records the fault, a test client raises it.
    got_request_exception.send(sender=None, request=request)
    return problem(500, "internal")


# pydantic's names of mistakes → ours, with the facts that are worth telling and what they are called.
_CODES: dict[str, tuple[str, dict[str, str]]] = {
    "missing": ("required", {}),
    "extra_forbidden": ("unknown_field", {}),
    "literal_error": ("unknown_choice", {"expected": "choices"}),
    "string_too_long": ("too_long", {"max_length": "limit"}),
    "string_too_short": ("too_short", {"min_length": "limit"}),
    "string_pattern_mismatch": ("wrong_format", {}),
    "string_unicode": ("control_characters", {}),
    "too_long": ("too_many", {"max_length": "limit"}),
    "too_short": ("too_few", {"min_length": "limit"}),
    "greater_than_equal": ("out_of_bounds", {}),
    "less_than_equal": ("out_of_bounds", {}),
    "out_of_bounds": ("out_of_bounds", {"least": "least", "most": "most"}),
}
_OWN = frozenset({"offset_required", "invalid_instant", "invalid_date", "wrong_type"})


def _invalid(_: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, list[Mistake]] = {}
    for mistake in error.errors:
        fields.setdefault(_place(mistake["loc"]), []).append(_mistake(mistake))
    return problem(422, "invalid", fields=fields)


def _mistake(mistake: Mapping[str, Any]) -> Mistake:
    kind, context = str(mistake["type"]), mistake.get("ctx") or {}
    if kind in _OWN:
        return kind, {}
    if kind in _CODES:
        code, names = _CODES[kind]
        facts = {ours: context[theirs] for theirs, ours in names.items() if theirs in context}
        if kind == "greater_than_equal":
            facts["least"] = context["ge"]
        elif kind == "less_than_equal":
            facts["most"] = context["le"]
        return code, facts
    if kind.endswith(("_type", "_parsing", "_from_float", "_parsing_size")):
        return "wrong_type", {}
    return "invalid", {}


def _place(where: tuple[Any, ...]) -> str:
    """``("body", "body", "customer", "email")`` as ``customer.email``; the body itself is ``body``."""
    parts = list(where[1:])
    if where[0] == "body":
        parts = parts[1:]
    name = ""
    for part in parts:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name or "body"
