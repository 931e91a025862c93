"""Logs: one JSON object per line, to the console and to a rotating file, with the request's id and no personal data.

Bodies, queries and addresses are never logged; what slips into a message or a traceback (an address in a database
error, a personal link in a path) is blanked when the line is rendered. Tracebacks show no local variables.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import structlog

REQUEST_ID: ContextVar[str] = ContextVar("holdfast_request_id", default="")
MAX_BYTES = 20_000_000
BACKUPS = 5
LOOK_EVERY_SECONDS = 1.0

# Whoever has one of these links may act as the person it was sent to.
_PERSONAL_LINK = re.compile(
    r"(?<![\w.-])([mwr]/|b/[\w-]+/h/|password/reset/key/|confirm-email/|invitation/)[^/\s\"'?\\]+"
)
_BEFORE_TOKENS = ("m/", "w/", "r/", "/h/", "password/reset/key/", "confirm-email/", "invitation/")
_ADDRESS = re.compile(r"[^\s@\"'<>()=,;:\\/]+@[^\s@\"'<>()=,;:\\/]+")
_SECRET = re.compile(r"\b(hf_[a-z0-9]+_)[\w-]+|((?:token|key|password|secret)=)[^\s&\"'\\]+", re.IGNORECASE)
_ROW_DETAIL = re.compile(r"DETAIL:.*?(?=\\n|\"|$)")


def logging_config(level: str, file: Path | None) -> dict[str, Any]:
    """Django's ``LOGGING``; sets structlog up as well. Without ``file`` only the console is written to."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handlers: dict[str, Any] = {
        "console": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    }
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers["file"] = {"()": SharedRotatingFile, "path": str(file), "formatter": "json"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": handlers,
        "root": {"level": level, "handlers": list(handlers)},
        "loggers": {
            "django": {"level": level, "propagate": True, "handlers": []},
            # Every answer has its access line, every failure its line with the traceback (core/apps.py).
            "django.request": {"level": "CRITICAL"},
            "django.server": {"level": "ERROR"},
            "django.db.backends": {"level": "WARNING"},  # its DEBUG lines quote parameters
        },
    }


class JsonLines(logging.Formatter):
    """Renders a record of structlog or of the standard library as one line, once for all handlers."""

    def format(self, record: logging.LogRecord) -> str:
        line: str | None = getattr(record, "holdfast_line", None)
        if line is None:
            line = record.holdfast_line = without_personal_data(self._render(record))
        return line

    def _render(self, record: logging.LogRecord) -> str:
        fields = dict(record.msg) if isinstance(record.msg, dict) else {"event": record.getMessage()}
        exc_info = fields.pop("exc_info", None) or record.exc_info
        out: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": fields.pop("event", ""),
        }
        if request_id := REQUEST_ID.get():
            out["request_id"] = request_id
        out.update(fields)
        if exc_info:
            out["exception"] = _traceback(exc_info)
        return json.dumps(out, ensure_ascii=False, default=str)


def without_personal_data(line: str) -> str:
    """A rendered line without mail addresses, personal links, secrets and PostgreSQL's quoted rows."""
    if "@" in line:
        line = _ADDRESS.sub("[address]", line)
    if "DETAIL:" in line:
        line = _ROW_DETAIL.sub("DETAIL: [row]", line)
    if any(ending in line for ending in _BEFORE_TOKENS):
        line = _PERSONAL_LINK.sub(r"\1[token]", line)
    if "hf_" in line or "=" in line:
        line = _SECRET.sub(lambda found: f"{found[1] or found[2]}[secret]", line)
    return line


def _traceback(exc_info: Any) -> str:
    if isinstance(exc_info, BaseException):
        return "".join(traceback.format_exception(exc_info))
    if isinstance(exc_info, tuple):
        return "".join(traceback.format_exception(*exc_info))
    return traceback.format_exc()


def write_access_line(method: str, path: str, status: int, milliseconds: float) -> None:
    """The line of one answered request. Written on every request, so it takes the short way through ``logging``."""
    if not _access.isEnabledFor(logging.INFO):
        return
    record = logging.LogRecord(_access.name, logging.INFO, "", 0, "request", None, None)
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields = {
        "at": at,
        "level": "info",
        "logger": _access.name,
        "event": "request",
        "request_id": REQUEST_ID.get(),
        "method": method,
        "path": path,
        "status": status,
        "ms": round(milliseconds, 1),
    }
    record.holdfast_line = without_personal_data(_ENCODE(fields))
    _access.handle(record)


_access = logging.getLogger("holdfast.access")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


class SharedRotatingFile(logging.StreamHandler[TextIO]):
    """A rotating file that several processes write to.

    Once a second a process looks whether the file was rotated by another, or is due; who rotates holds a lock. A file
    may thus grow beyond its size by one second of lines.
    """

    def __init__(self, path: str, max_bytes: int = MAX_BYTES, backups: int = BACKUPS) -> None:
        self.path = Path(path)
        self.max_bytes = max_bytes
        self.backups = backups
        self._looked_at = time.monotonic()
        super().__init__(self._opened())

    def emit(self, record: logging.LogRecord) -> None:
        moment = time.monotonic()
        if moment - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = moment
            self._rotate_or_reopen()
        super().emit(record)

    def close(self) -> None:
        self.acquire()
        try:
            self.stream.close()
        finally:
            self.release()
        super().close()

    def _opened(self) -> TextIO:
        return self.path.open("a", encoding="utf-8")

    def _rotate_or_reopen(self) -> None:
        mine = os.fstat(self.stream.fileno())
        if self._is_current(mine) and mine.st_size < self.max_bytes:
            return
        with self.path.with_name(self.path.name + ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._is_current(mine):
                self._shift()
            self.stream.close()
            self.stream = self._opened()

    def _is_current(self, mine: os.stat_result) -> bool:
        try:
            return os.path.samestat(mine, self.path.stat())
        except FileNotFoundError:
            return False

    def _shift(self) -> None:
        """``holdfast.log`` becomes ``.1``, ``.1`` becomes ``.2`` …; the oldest goes."""
        names = [
            self.path,
            *(self.path.with_name(f"{self.path.name}.{n}") for n in range(1, self.backups + 1)),
        ]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)
