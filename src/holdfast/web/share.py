"""What an owner passes on: the address of the booking page, and its code for the counter."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from holdfast.web.qr import qr_svg


@dataclass(frozen=True, slots=True)
class Share:
    """``url`` as customers type it, ``code`` the same as a drawing."""

    url: str
    code: SafeString


def share_of(slug: str) -> Share:
    """The booking page of the business at this address."""
    url = settings.BASE_URL + reverse("choose", args=[slug])
    return Share(url, mark_safe(qr_svg(url)))  # noqa: S308 - our own drawing
