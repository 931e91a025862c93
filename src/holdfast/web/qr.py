"""Codes to scan: a text as a QR code in SVG, and the link with which staff check a booking in (SPEC D5)."""

from __future__ import annotations

from uuid import UUID

import qrcode
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from qrcode.constants import ERROR_CORRECT_M

from holdfast.bookings.queries import reference_key
from holdfast.lib.references import read_link, sign_link

QUIET_MODULES = 4  # what ISO/IEC 18004 wants left white around a code
_PURPOSE = "check-in"


def check_in_url(*, slug: str, booking_id: UUID) -> str:
    """Where the desk lands when it scans a booking's code. It opens nothing for anybody else: the link is signed for
    this purpose alone, and names nobody."""
    code = sign_link(_PURPOSE, booking_id, reference_key())
    return f"{settings.BASE_URL}{reverse('desk:scan', args=[slug, code])}"


def scanned_booking_id(code: str) -> UUID | None:
    """Which booking a code is for; None for anything else, a manage link among it."""
    return read_link(_PURPOSE, code, reference_key())


def qr_svg(text: str) -> str:
    """A QR code, black on white whatever the page's colours are, one unit to a module."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(_row_path(y, row) for y, row in enumerate(rows))
    side, edge = len(rows) + 2 * QUIET_MODULES, -QUIET_MODULES
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{edge} {edge} {side} {side}" shape-rendering="crispEdges">'
        f'<rect x="{edge}" y="{edge}" width="{side}" height="{side}" fill="#fff"/><path fill="#111" d="{path}"/></svg>'
    )


def svg_answer(drawing: str) -> HttpResponse:
    """The drawing as an image."""
    return HttpResponse(drawing, content_type="image/svg+xml")


def _row_path(y: int, row: list[bool]) -> str:
    """Runs of dark modules as rectangles of one module's height."""
    parts, start = [], None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            parts.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return "".join(parts)
