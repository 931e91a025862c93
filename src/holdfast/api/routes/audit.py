"""The audit trail, read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import read_answer, write
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit
from holdfast.api.routes import caller_of
from holdfast.api.schemas.audit import AuditPage, show_line
from holdfast.api.values import QueryInstant, known_id
from holdfast.businesses.rules import Action
from holdfast.core.trail import TrailFilter, TrailLine, trail
from holdfast.lib.pages import page_of

router = Router(tags=["Audit"])


@operation(router, "GET", "/audit", door=Door(Action.SEE_AUDIT), answers={200: AuditPage})
def list_audit(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    account: Annotated[str | None, Query(max_length=64, description="Only what this account did.")] = None,
    action: Annotated[
        str, Query(max_length=80, description="An area (`bookings`) or one action (`bookings.cancel`).")
    ] = "",
    subject: Annotated[
        str | None, Query(max_length=64, description="Only what was done to this object.")
    ] = None,
    since: Annotated[QueryInstant | None, Query(description="From this instant on.")] = None,
    until: Annotated[QueryInstant | None, Query(description="Before this instant.")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Who did what to which object, when and from where, the latest first."""
    caller = caller_of(request)
    wanted = TrailFilter(
        account_id=known_id(account, "account") if account is not None else None,
        action=action,
        subject_id=known_id(subject, "object") if subject is not None else None,
        since=since,
        until=until,
    )

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[TrailLine]:
        before = (instant, id.int & _BIGGEST) if instant is not None and id is not None else None
        return trail(business_id=caller.business_id, wanted=wanted, before=before, limit=count)

    page = page_of(cursor=cursor, limit=limit, after=after, key=lambda line: (line.at, UUID(int=line.id)))
    return read_answer(
        request, write({"items": [show_line(line) for line in page.items], "next_cursor": page.next_cursor})
    )


_BIGGEST = 2**63 - 1
