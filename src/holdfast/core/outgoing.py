"""HTTP to addresses that somebody else chose: never to private, loopback or link-local networks (SPEC H7).

A name is resolved once, each of its addresses is judged, and the connection goes to the one that was judged: a name that
points elsewhere a moment later gains nothing. Redirects are not followed and proxies of the environment not used.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

TIMEOUT_SECONDS = (5, 10)
# For all of it, whatever comes meanwhile: somebody who answers letter by letter would hold up everybody else.
DEADLINE_SECONDS = 20.0
# IPv6 networks whose addresses stand for IPv4 ones, and how far right those lie.
_CARRIES_IPV4 = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("64:ff9b:1::/48"), 0),
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressRefused(OSError):
    """The name leads to a network that must not be reached from here."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: its status, and the seconds it asks to wait, if it does."""

    status: int
    retry_after: str


def is_open(address: str, allowed: Sequence[Network] | None = None) -> bool:
    """Whether requests may go to a numeric address: one of the public internet, or of a network that the operator allows
    (``WEBHOOK_ALLOWED_NETWORKS``)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    networks = settings.WEBHOOK_ALLOWED_NETWORKS if allowed is None else allowed
    meant = _carried(found)
    if any(meant in network for network in networks if network.version == meant.version):
        return True
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in {found, meant})


def addresses_of(host: str, port: int) -> list[str]:
    """The numeric addresses of a name. Raises :class:`OSError` where there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is too long, or empty
        raise socket.gaierror(str(error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def post(url: str, *, data: bytes, headers: Mapping[str, str]) -> Answer:
    """POST, look at the status and close; the body of the answer is not read.

    Raises :class:`requests.RequestException`, whose cause is an :class:`AddressRefused` where a network was refused.
    """
    with _deadline(), requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _Guarded())
        session.mount("https://", _Guarded())
        with session.post(
            url,
            data=data,
            headers=dict(headers),
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            stream=True,
        ) as answer:
            return Answer(answer.status_code, answer.headers.get("Retry-After", ""))


_watched: ContextVar[list[socket.socket] | None] = ContextVar("watched", default=None)


@contextmanager
def _deadline() -> Iterator[None]:
    """Hang up when time is over, whatever the connection is doing."""
    sockets: list[socket.socket] = []
    token = _watched.set(sockets)
    timer = threading.Timer(DEADLINE_SECONDS, _hang_up, [sockets])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _watched.reset(token)
        for each in sockets:
            each.close()


def _hang_up(sockets: list[socket.socket]) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for; itself otherwise."""
    if isinstance(address, ipaddress.IPv6Address):
        for network, shift in _CARRIES_IPV4:
            if address in network and int(address) > 1:
                return ipaddress.IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
    return address


def _connect(connection: Any) -> socket.socket:
    """What urllib3 does, with the address judged before anything is sent to it."""
    host, port = connection._dns_host, connection.port
    found = addresses_of(host, port)
    if not found or not all(is_open(address) for address in found):
        raise AddressRefused(f"{host} leads to a network that is not public")
    failure: OSError | None = None
    for address in found:
        try:
            made = create_connection(
                (address, port), connection.timeout, socket_options=connection.socket_options
            )
        except OSError as error:
            failure = error
            continue
        watched = _watched.get()
        if watched is not None:
            watched.append(made.dup())  # TLS takes the socket itself over
        return made
    raise failure or OSError


class _PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Guarded(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
