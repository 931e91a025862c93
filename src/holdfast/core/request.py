"""What a request says about where it comes from."""

from __future__ import annotations

import functools
import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's IP address; "" if there is none (a Unix socket).

    ``X-Forwarded-For`` is believed only as far as ``TRUSTED_PROXY_COUNT`` says: with n proxies the n-th entry from the
    right is what the outermost of ours saw; everything left of it may be invented.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXY_COUNT
    if not proxies:
        return _normal(direct)
    entries = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    return _normal(entries[-proxies] if len(entries) >= proxies else direct)


def client_network(request: HttpRequest) -> str:
    """The client as rate limits count it: an IPv4 address, or the /64 that one IPv6 household or server gets."""
    address = client_address(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def is_direct_loopback(request: HttpRequest) -> bool:
    """Whether the request was made on this machine, and not handed on by a proxy that runs here."""
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via")):
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


@functools.lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
