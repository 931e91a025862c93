"""A visitor without script: follows links, fills forms, reads what the pages say."""

from __future__ import annotations

import html
import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.cast import Shop

DETAILS = {"name": "Dana Guest", "email": "dana@example.org", "phone": "07700 900418", "notes": "Long on top"}


def said(response: HttpResponse | Any) -> str:
    """The words of a page, without markup, in one line."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def values(response: HttpResponse | Any, name: str) -> list[str]:
    """The values of all inputs and buttons of this name."""
    tags = re.findall(rf'<(?:input|button)\b[^>]*\bname="{name}"[^>]*>', response.content.decode())
    return [html.unescape(found.group(1)) for tag in tags if (found := re.search(r'\bvalue="([^"]*)"', tag))]


def stamp(shop: Shop, hhmm: str = "10:00", days: int = 3) -> str:
    """An instant as the time radios send it."""
    return f"{shop.at(hhmm, days):%Y-%m-%dT%H:%MZ}"


def take(client: Client, shop: Shop, hhmm: str = "10:00", days: int = 3, who: str = "any") -> str:
    """Hold a time; the address of its details form."""
    response = client.post(
        f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "who": who, "at": stamp(shop, hhmm, days)}
    )
    assert response.status_code == 303, said(response)
    return str(response["Location"])


def reserve(client: Client, shop: Shop, hhmm: str = "10:00", days: int = 3, who: str = "any") -> str:
    """Hold and book as Dana; the address of the manage page."""
    response = client.post(f"{take(client, shop, hhmm, days, who)}/confirm", DETAILS)
    assert response.status_code == 303, said(response)
    return str(response["Location"]).partition("?")[0]
