"""The audit trail's beginning: every command of somebody leaves one line, in the transaction that did it (SPEC J7).

``core.transactions.command`` does it for all commands, so that none can forget it. What is written are ids, names of
fields, and values that are numbers, switches, dates or words of a fixed list; free text never, for it may be about people.
An app that keeps a history of its own says so with :func:`told_by`; its lines are copied by the sealing job
(``core.sealing``), which spares its commands a statement.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from holdfast.core import sql
from holdfast.core.clock import now
from holdfast.core.ids import INSTALLATION
from holdfast.core.log_setup import REQUEST_ID
from holdfast.lib.actors import Actor

TABLE = "core_auditrecord"
WHO_WAS_NOT_ASKED = "worker"
_CUSTOMER = "customer"  # what anybody is who books, with an account or without
_PLAIN = (bool, int, float, date, time, UUID, Enum)
_NOT_WHAT = frozenset({"actor", "now", "timetable", "care"})
_OF_PEOPLE = frozenset({"contact", "details", "given", "answers"})
_KEY = re.compile(r"[a-z0-9_.-]{1,40}")
_MOST_FIELDS = 60
_DEEPEST = 2  # a wish within a change

T = TypeVar("T")


class _Scope:
    """One command of somebody, with all it calls."""

    __slots__ = ("changed", "subject", "told")

    def __init__(self) -> None:
        self.told: set[str] = set()
        self.changed: dict[str, list[Any]] = {}
        self.subject: tuple[str, UUID] | None = None


_scope: ContextVar[_Scope | None] = ContextVar("audit_scope", default=None)


def told_by(app: str) -> None:
    """The app wrote a line of its own history, which the trail will copy: its commands need no other."""
    scope = _scope.get()
    if scope is not None:
        scope.told.add(app)


def note_changed(name: str, before: Any, after: Any) -> None:
    """What a value was and what it is now, for the line of the command that runs; texts are not taken."""
    scope = _scope.get()
    if scope is not None and before != after and _is_plain(before) and _is_plain(after):
        scope.changed[name] = [_written(before), _written(after)]


def note_subject(subject: str, id: UUID) -> None:
    """What the command that runs was about, where its arguments do not say."""
    scope = _scope.get()
    if scope is not None:
        scope.subject = (subject, id)


def carried_out(function: Callable[..., T], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> T:
    """Call a command and, if it is somebody's and no part of another, leave its line."""
    actor = kwargs.get("actor")
    if not isinstance(actor, Actor) or actor.via == WHO_WAS_NOT_ASKED or _scope.get() is not None:
        return function(*args, **kwargs)
    scope = _Scope()
    token = _scope.set(scope)
    try:
        result = function(*args, **kwargs)
    finally:
        _scope.reset(token)
    app, action = _named(function)
    if app not in scope.told:
        subject, subject_id = scope.subject or _subject(action, kwargs, result)
        details = _details(kwargs, but=subject_id)
        if scope.changed:
            details["changed"] = scope.changed
        add(
            actor=actor,
            action=action,
            business_id=_business(actor, kwargs, result),
            subject=subject,
            subject_id=subject_id,
            details=details,
        )
    return result


@contextmanager
def untold() -> Iterator[None]:
    """Whatever runs inside leaves no line of its own: the caller leaves one for the whole."""
    token = _scope.set(_Scope())
    try:
        yield
    finally:
        _scope.reset(token)


def add(
    *,
    actor: Actor,
    action: str,
    business_id: UUID | None = None,
    subject: str = "",
    subject_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the trail, in the transaction of what it tells. ``details`` name nobody."""
    is_sign_in = action.startswith("accounts.")
    row = {
        "business_id": business_id or INSTALLATION,
        "at": now(),
        "action": action[:80],
        "actor": "" if actor.account_id and actor.label != _CUSTOMER else actor.label[:120],
        "role": str(actor.role),
        "account_id": actor.account_id,
        "token_id": actor.token_id,
        "via": actor.via,
        # Of those who book, only what they did matters; of who works here or tries to sign in, also from where.
        "origin": network_of(actor.address) if actor.is_staff or actor.account_id or is_sign_in else "",
        "subject": subject[:40],
        "subject_id": subject_id,
        "details": dict(details or {}),
        "request_id": REQUEST_ID.get()[:64],
        "source": "",
        "seal": "",
    }
    sql.insert_all([(TABLE, [row])])


@functools.lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """Where somebody came from without saying who it was: the /24 of an IPv4 address, the /48 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


def _named(function: Callable[..., Any]) -> tuple[str, str]:
    app = function.__module__.removeprefix("holdfast.").split(".")[0]
    return app, f"{app}.{function.__name__}"


def _business(actor: Actor, kwargs: Mapping[str, Any], result: Any) -> UUID | None:
    named = kwargs.get("business_id")
    if named is None and (timetable := kwargs.get("timetable")) is not None:
        named = timetable.business.id
    if named is None:
        named = getattr(result, "business_id", None) or actor.business_id
    if named is None and type(result).__name__.startswith("Business"):
        named = getattr(result, "id", None)
    return named if isinstance(named, UUID) else None


def _subject(action: str, kwargs: Mapping[str, Any], result: Any) -> tuple[str, UUID | None]:
    """What it was done to: the last id given, or what was made."""
    ids = [(name, value) for name, value in kwargs.items() if name.endswith("_id") and name != "business_id"]
    for name, value in reversed(ids):
        if isinstance(value, UUID):
            return name.removesuffix("_id"), value
    made = getattr(result, "id", None)
    if made is None and (token := getattr(result, "token", None)) is not None:
        made = getattr(token, "id", None)
    noun = action.split(".")[1].partition("_")[2]
    return noun, made if isinstance(made, UUID) else None


def _details(kwargs: Mapping[str, Any], *, but: UUID | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    fields: list[str] = []
    for name, value in kwargs.items():
        if name in _NOT_WHAT or name == "business_id" or (but is not None and value == but):
            continue
        _take(name, value, values, fields, depth=1)
    found: dict[str, Any] = {"values": values, "fields": fields[:_MOST_FIELDS]}
    return {name: part for name, part in found.items() if part}


def _take(name: str, value: Any, values: dict[str, Any], fields: list[str], *, depth: int) -> None:
    if value is None or value == "" or len(values) >= _MOST_FIELDS:
        return
    if _is_plain(value):
        values[name] = _written(value)
        return
    parts: Mapping[str, Any] | None = None
    if isinstance(value, Mapping):
        parts = {key: part for key, part in value.items() if isinstance(key, str)}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if parts is None or depth > _DEEPEST or name in _OF_PEOPLE:
        fields.append(name)
        return
    for key, part in parts.items():
        if not _KEY.fullmatch(key):
            continue
        _take(
            key if depth == 1 and name == "wanted" else f"{name}.{key}"[:80],
            part,
            values,
            fields,
            depth=depth + 1,
        )


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, _PLAIN)


def _written(value: Any) -> Any:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
