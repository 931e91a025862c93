"""QR codes as inline SVG: dark squares on whatever is behind them, which the style sheet keeps white."""

from __future__ import annotations

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString


def qr_svg(text: str, label: str) -> SafeString:
    """The code of ``text``, with its quiet zone; ``label`` is what it is called to those who do not see it."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    squares = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark
    )
    return format_html(
        '<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{label}" shape-rendering="crispEdges">'
        '<path fill="currentColor" d="{squares}"/></svg>',
        size=len(matrix),
        label=label,
        squares=squares,
    )
