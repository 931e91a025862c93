"""The logos of businesses. Their address is a digest of their content, so browsers keep them for ever."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from holdfast.core.uploads import read_upload


@require_safe
def logo(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """The PNG of this name."""
    content = read_upload(name)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
