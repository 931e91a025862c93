"""The double's door: HTTP as Stripe speaks it, with idempotency keys, and with every fault a test asks for."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.stripe_double.ledger import Books, Refusal

Answer = tuple[int, dict[str, Any]]


class Double:
    """A running double. ``faults`` are played to the next requests, one each, and then all is well:

    ``drop`` does what is asked and closes the line without a word; ``fail`` does it and says 500, and says so again under
    the same key; ``refuse`` says 500 and did nothing; ``slow`` does it and answers too late. ``is_down``: nobody answers.
    ``seen`` are the requests that came, as ``METHOD path``.
    """

    def __init__(self) -> None:
        self.books = Books()
        self.faults: list[str] = []
        self.is_down = False
        self.slow_seconds = 0.0
        self.seen: list[str] = []
        self.versions: set[str] = set()
        self._kept: dict[str, tuple[str, Answer]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, asked: dict[str, Any], key: str, raw: bytes) -> Answer | None:
        """What to answer; None to close the line without a word."""
        with self._lock:
            self.seen.append(f"{method} {path}")
            if self.is_down:
                return None
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "refuse":
                return 500, _FAULT
            said = self._once(method, path, asked, key, raw, fault)
        if fault == "slow":
            time.sleep(self.slow_seconds)
        return None if fault == "drop" else said

    def _once(
        self, method: str, path: str, asked: dict[str, Any], key: str, raw: bytes, fault: str
    ) -> Answer:
        """Whatever is asked twice under one key is done once and answered alike, faults included."""
        print_of = hashlib.sha256(path.encode() + raw).hexdigest()
        if method == "POST" and key and key in self._kept:
            known, said = self._kept[key]
            if known != print_of:
                return 400, {"error": {"type": "idempotency_error", "message": "other parameters"}}
            return said
        try:
            said = 200, self._do(method, path.strip("/").split("/")[1:], asked)
        except Refusal as refusal:
            said = refusal.status, refusal.body
        if fault == "fail":
            said = 500, _FAULT
        if method == "POST" and key:
            self._kept[key] = (print_of, said)
        return said

    def _do(self, method: str, parts: list[str], asked: dict[str, Any]) -> dict[str, Any]:
        books = self.books
        match method, parts:
            case "POST", ["checkout", "sessions"]:
                return books.open_session(asked)
            case "GET", ["checkout", "sessions", ref]:
                return books.session(ref)
            case "POST", ["checkout", "sessions", ref, "expire"]:
                return books.expire_session(ref)
            case "POST", ["payment_intents"]:
                return books.charge(asked)
            case "GET", ["payment_intents"]:
                return books.page("intents", asked)
            case "GET", ["payment_intents", ref]:
                return books.intent(ref)
            case "POST", ["refunds"]:
                return books.give_back(asked)
            case "GET", ["refunds"]:
                return books.page("refunds", asked)
            case "GET", ["refunds", ref]:
                return books.refund(ref)
        raise Refusal("unknown_url", status=404)


_FAULT = {"error": {"type": "api_error", "message": "An unknown error occurred"}}


def _door(double: Double) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._serve("GET", parts.path, parts.query.encode())

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._serve("POST", self.path, self.rfile.read(length))

        def _serve(self, method: str, path: str, raw: bytes) -> None:
            double.versions.add(self.headers.get("Stripe-Version", ""))
            key = self.headers.get("Idempotency-Key", "")
            said = double.answer(method, path, nested(raw.decode()), key, raw)
            if said is None:
                self.close_connection = True
                self.connection.close()
                return
            body = json.dumps(said[1]).encode()
            try:
                self.send_response(said[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        def log_message(self, *_: object) -> None:
            """Silent."""

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return

    return Door


def nested(form: str) -> dict[str, Any]:
    """``a[b][0][c]=1`` as dicts within dicts."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        head, *rest = name.replace("]", "").split("[")
        place, key = found, head
        for part in rest:
            place, key = place.setdefault(key, {}), part
        place[key] = value
    return found


@contextmanager
def running() -> Iterator[Double]:
    """A double for as long as it is needed."""
    double = Double()
    double.start()
    try:
        yield double
    finally:
        double.stop()
