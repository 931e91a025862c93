"""How facts travel: frozen dataclasses of simple values, written as JSON, rebuilt by their class name."""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

E = TypeVar("E")
Handler = Callable[[Any], None]

_classes: dict[str, type] = {}
_handlers: dict[str, dict[str, Handler]] = {}
_SIMPLE = {str, int, bool, float, type(None)}
_FROM_TEXT: dict[type, Callable[[str], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def declare(event_class: type) -> None:
    """Make an event known by its class name, which is unique in the installation."""
    if not dataclasses.is_dataclass(event_class) or not event_class.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise TypeError(f"{event_class.__name__} must be a frozen dataclass")
    known = _classes.setdefault(event_class.__name__, event_class)
    if known is not event_class:
        raise TypeError(
            f"two events are called {event_class.__name__}: {known.__module__}, {event_class.__module__}"
        )
    _decoders(event_class)


def subscribe(event_class: type[E], handler: Callable[[E], None]) -> None:
    """Have ``handler`` called with every event of this class, at least once, in a transaction of its own."""
    declare(event_class)
    name = f"{handler.__module__}.{handler.__qualname__}"
    _handlers.setdefault(event_class.__name__, {})[name] = handler


def unsubscribe(event_class: type[E], handler: Callable[[E], None]) -> None:
    """Undo ``subscribe``."""
    _handlers.get(event_class.__name__, {}).pop(f"{handler.__module__}.{handler.__qualname__}", None)


def handlers_of(kind: str) -> dict[str, Handler]:
    """The handlers of an event's class name, by their own names; KeyError for an unknown event."""
    if kind not in _classes:
        raise KeyError(kind)
    return _handlers.get(kind, {})


def declared() -> dict[str, type]:
    """Every known event by its name."""
    return dict(_classes)


def to_json(event: Any) -> str:
    """The event's fields as one JSON object."""
    values = {name: getattr(event, name) for name in _field_names(event.__class__)}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_plain)


def from_json(kind: str, payload: str) -> Any:
    """The event again. Fields it did not have when it was written take their defaults; dropped ones are ignored."""
    event_class = _classes[kind]
    decoders = _decoders(event_class)
    values = json.loads(payload)
    return event_class(**{name: decoders[name](values[name]) for name in decoders if name in values})


@functools.cache
def _field_names(event_class: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(event_class))


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("an event's instants are aware")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"an event cannot carry {type(value).__name__}")


@functools.cache
def _decoders(event_class: type) -> dict[str, Callable[[Any], Any]]:
    hints = typing.get_type_hints(event_class)
    return {name: _decoder(hints[name]) for name in _field_names(event_class)}


def _decoder(hint: Any) -> Callable[[Any], Any]:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [part for part in typing.get_args(hint) if part is not type(None)]
        if len(inner) == 1:
            decode = _decoder(inner[0])
            return lambda value: None if value is None else decode(value)
    if origin in (list, tuple):
        arguments = [part for part in typing.get_args(hint) if part is not Ellipsis]
        if len(arguments) == 1:
            decode, container = _decoder(arguments[0]), origin
            return lambda value: container(decode(item) for item in value)
    if hint in _FROM_TEXT:
        return _FROM_TEXT[hint]
    if hint in _SIMPLE:
        return lambda value: value
    if isinstance(hint, type) and issubclass(hint, str):  # a StrEnum
        return hint
    raise TypeError(f"an event cannot carry {hint}")
