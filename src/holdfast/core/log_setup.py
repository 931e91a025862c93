"""Logs: one JSON object per line, to the console and to a rotating file, with the request's id and no personal data.

Bodies, queries and addresses are never logged; what slips into a message or a traceback (an address in a database
error, a personal link in a path) is blanked when the line is rendered. Tracebacks show no local variables.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import logging.handlers
import os
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

REQUEST_ID: ContextVar[str] = ContextVar("holdfast_request_id", default="")
MAX_BYTES = 20_000_000
BACKUPS = 5

_PERSONAL_LINK = re.compile(r"(/(?:m|w|r)/)[^/\s\"'?\\]+")
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
            # Every answer has its access line; only failures are worth a second one.
            "django.request": {"level": "ERROR"},
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
    if "/m/" in line or "/w/" in line or "/r/" in line:
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


class SharedRotatingFile(logging.handlers.RotatingFileHandler):
    """A rotating file that several processes write to: who rotates holds a lock, the others notice and reopen."""

    def __init__(self, path: str, max_bytes: int = MAX_BYTES, backups: int = BACKUPS) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=backups, encoding="utf-8", delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None and self._was_rotated():
            self.stream.close()
            self.stream = None  # type: ignore[assignment]
        super().emit(record)

    def doRollover(self) -> None:  # noqa: N802 - the standard library's name
        with Path(self.baseFilename + ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._was_rotated():
                super().doRollover()
                return
        if self.stream is not None:
            self.stream.close()
        self.stream = self._open()

    def _was_rotated(self) -> bool:
        if self.stream is None:
            return False
        with contextlib.suppress(FileNotFoundError):
            mine = os.fstat(self.stream.fileno())
            current = Path(self.baseFilename).stat()
            return (mine.st_dev, mine.st_ino) != (current.st_dev, current.st_ino)
        return True
