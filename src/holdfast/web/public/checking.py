"""How long the page of a booking asks whether its payment has come."""

from __future__ import annotations

from typing import Any

from holdfast.web.public.frame import Visit

# So long the page looks for a payment every two seconds; then it stops politely.
LOOKS_SECONDS = 30


def checking(visit: Visit) -> dict[str, Any]:
    """Since when the page waits to hear of a payment, and whether it still asks."""
    since = visit.request.GET.get("since", "")
    now = int(visit.now.timestamp())
    began = int(since) if since.isascii() and since.isdigit() and len(since) < 12 else now
    return {"since": began, "still_asks": now - began < LOOKS_SECONDS}
