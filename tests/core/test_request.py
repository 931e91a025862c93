from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from holdfast.core.request import client_address, client_network, is_direct_loopback


def request(direct: str = "203.0.113.9", **headers: str) -> Any:
    return RequestFactory().get(
        "/", REMOTE_ADDR=direct, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize(
    ("proxies", "direct", "forwarded", "client"),
    [
        (0, "203.0.113.9", None, "203.0.113.9"),
        (0, "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (1, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "10.0.0.1", "198.51.100.1", "10.0.0.1"),
        (1, "10.0.0.1", None, "10.0.0.1"),
        (1, "10.0.0.1", "not an address", ""),
        (0, "::ffff:203.0.113.9", None, "203.0.113.9"),
        (0, "", None, ""),
    ],
)
def test_only_our_own_proxies_are_believed(
    proxies: int, direct: str, forwarded: str | None, client: str, settings: Any
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"x_forwarded_for": forwarded} if forwarded is not None else {}
    assert client_address(request(direct, **headers)) == client


def test_one_ipv6_network_is_one_client() -> None:
    assert client_network(request("2001:db8:1:2:aaaa::1")) == client_network(request("2001:db8:1:2:bbbb::2"))
    assert client_network(request("2001:db8:1:3::1")) != client_network(request("2001:db8:1:2::1"))
    assert client_network(request("203.0.113.9")) == "203.0.113.9"


def test_loopback_counts_only_when_direct() -> None:
    assert is_direct_loopback(request("127.0.0.1"))
    assert is_direct_loopback(request("::1"))
    assert not is_direct_loopback(request("203.0.113.9"))
    assert not is_direct_loopback(request("127.0.0.1", x_forwarded_for="127.0.0.1"))
    assert not is_direct_loopback(request("127.0.0.1", forwarded="for=127.0.0.1"))
    assert not is_direct_loopback(request(""))
