"""Lists to take away as files."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from holdfast.api.answers import PRIVATE
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.routes import caller_of
from holdfast.api.routes.bookings import StatusQuery
from holdfast.api.values import Day, known_id
from holdfast.bookings.queries import BookingFilter
from holdfast.businesses.rules import Action
from holdfast.insights.commands import Exported, note_export
from holdfast.insights.queries import BOOKING_COLUMNS, booking_sheet
from holdfast.lib.spreadsheets import CSV_TYPE, XLSX_TYPE, csv_lines, xlsx_file

router = Router(tags=["Bookings"])


@operation(
    router,
    "GET",
    "/bookings/export",
    door=Door(Action.EXPORT_BOOKINGS),
    answers={200: None},
    files=(CSV_TYPE, XLSX_TYPE),
)
def export_bookings(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    format: Annotated[Literal["csv", "xlsx"], Query()] = "csv",  # noqa: A002
    when: Annotated[Literal["upcoming", "past"] | None, Query()] = None,
    status: StatusQuery | None = None,
    from_: Annotated[Day | None, Query(alias="from", description="The first local date.")] = None,
    to: Annotated[Day | None, Query(description="The last local date.")] = None,
    resource: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    q: Annotated[str, Query(max_length=200, description="As for the list of bookings.")] = "",
) -> HttpResponseBase:
    """All bookings that fit, as one file.

    Dates and times are the business's own; text never acts as a formula. Columns: `reference`, `status`, `date`,
    `start`, `end`, `service`, `with`, `name`, `email`, `phone`, `people`, `price`, `currency`, `notes`,
    `answers`, `code`.
    """
    caller = caller_of(request)
    wanted = BookingFilter(
        when=when or "",
        states=tuple(status.split(",")) if status else (),
        from_on=from_,
        to_on=to,
        resource_id=known_id(resource, "resource") if resource is not None else None,
        text=q,
    )
    note_export(actor=caller.actor, business_id=caller.business_id, what=Exported.BOOKINGS)
    rows = booking_sheet(timetable=caller.timetable, now=caller.now, wanted=wanted)
    response: HttpResponseBase
    if format == "csv":
        response = StreamingHttpResponse(csv_lines(BOOKING_COLUMNS, rows), content_type=CSV_TYPE)
    else:
        response = FileResponse(xlsx_file(BOOKING_COLUMNS, rows, title="bookings"), content_type=XLSX_TYPE)
    today = caller.now.astimezone(caller.timetable.tz).date()
    name = f"{caller.timetable.business.slug}-bookings-{today.isoformat()}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = PRIVATE
    return response
