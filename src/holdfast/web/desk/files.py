"""Lists of the desk as files to keep, named by business, list and day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from holdfast.lib.spreadsheets import CSV_TYPE, csv_lines
from holdfast.web.desk.access import Desk


def csv_file(desk: Desk, what: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """A list as CSV, written while it is read."""
    return kept(desk, what, "csv", StreamingHttpResponse(csv_lines(head, rows), content_type=CSV_TYPE))


def kept(desk: Desk, what: str, kind: str, response: HttpResponseBase) -> HttpResponseBase:
    """The same answer, for the browser to keep under a name."""
    name = f"{desk.business.slug}-{what}-{desk.today.isoformat()}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
