"""Many HTTP clients that cost next to nothing: raw sockets, requests prepared beforehand, a process of their own."""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes over the wire."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    token: str = ""

    def bytes(self, host: str) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", "Connection: keep-alive"]
        if self.token:
            head.append(f"Authorization: Bearer {self.token}")
        if self.body is not None or self.method == "POST":
            head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*head, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back: seconds from first to last, each request's milliseconds, status codes, bodies in order."""

    seconds: float
    milliseconds: list[float]
    statuses: dict[int, int]
    bodies: list[bytes]


def send_all(host: str, port: int, requests: Sequence[Request], clients: int) -> Answers:
    """Send the requests with so many clients at once, each on one connection, one request after the other."""
    wire = [request.bytes(f"{host}:{port}") for request in requests]
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(host, port, wire, clients, sending))
    process.start()
    seconds, results = receiving.recv()
    process.join()
    statuses: dict[int, int] = {}
    for _, _, status, _ in results:
        statuses[status] = statuses.get(status, 0) + 1
    return Answers(seconds, [ms for _, ms, _, _ in results], statuses, [body for _, _, _, body in results])


def _run(host: str, port: int, wire: list[bytes], clients: int, sending: Any) -> None:
    results: list[tuple[int, float, int, bytes]] = []
    threads = [
        Thread(target=_client, args=(host, port, wire, range(first, len(wire), clients), results))
        for first in range(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sending.send((time.perf_counter() - began, sorted(results)))


def _client(
    host: str, port: int, wire: list[bytes], mine: range, results: list[tuple[int, float, int, bytes]]
) -> None:
    with socket.create_connection((host, port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in mine:
            began = time.perf_counter()
            connection.sendall(wire[index])
            status, body = _answer(connection)
            results.append((index, (time.perf_counter() - began) * 1000, status, body))


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    while len(body) < length:
        body += _received(connection)
    return int(head.split(b" ", 2)[1]), body


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed the connection in the middle of an answer")
    return part
