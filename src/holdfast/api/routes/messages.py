"""Messages: found, and sent again."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit
from holdfast.api.routes import caller_of
from holdfast.api.schemas.messages import (
    MessageOut,
    MessagePage,
    MessageWithLogOut,
    show_message,
    show_with_log,
)
from holdfast.api.values import known_id
from holdfast.businesses.rules import Action
from holdfast.notifications import commands
from holdfast.notifications.queries import MessageFilter, find_messages, log_of, message_by_id

router = Router(tags=["Messages"])
State = Literal[
    "", "unreached", "queued", "sent", "delivered", "opened", "bounced", "complained", "failed", "dropped"
]


@operation(router, "GET", "/messages", door=Door(Action.SEE_MESSAGES), answers={200: MessagePage})
def list_messages(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    state: Annotated[
        State, Query(description="Only these; `unreached` is failed, bounced and complained together.")
    ] = "",
    kind: Annotated[str, Query(max_length=20, description="Only of this kind, such as `reminder`.")] = "",
    channel: Annotated[Literal["", "email", "sms"], Query(description="Only by this channel.")] = "",
    q: Annotated[
        str, Query(max_length=200, description="A booking’s reference, or an address or number in full.")
    ] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Messages of the business and what became of each, the latest written first."""
    caller = caller_of(request)
    page = find_messages(
        business_id=caller.business_id,
        wanted=MessageFilter(state=state, kind=kind, channel=channel, text=q),
        cursor=cursor,
        limit=limit,
    )
    items = [show_message(message) for message in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(
    router, "GET", "/messages/{message_id}", door=Door(Action.SEE_MESSAGES), answers={200: MessageWithLogOut}
)
def get_message(request: HttpRequest, slug: str, message_id: str) -> HttpResponse:  # noqa: ARG001
    """One message, with everything that was heard of it after it went."""
    chosen = {"business_id": caller_of(request).business_id, "message_id": known_id(message_id, "message")}
    return read_answer(request, write(show_with_log(message_by_id(**chosen), log_of(**chosen))))


@operation(
    router,
    "POST",
    "/messages/{message_id}/resend",
    door=Door(Action.CHANGE_BOOKINGS),
    answers={200: MessageOut},
    conflicts=("message_not_needed", "address_suppressed"),
)
def resend_message(request: HttpRequest, slug: str, message_id: str) -> HttpResponse:  # noqa: ARG001
    """Send a message again at once: the answer is the message that will go, itself or a copy of it."""
    caller = caller_of(request)
    id = commands.resend_message(
        actor=caller.actor,
        business_id=caller.business_id,
        message_id=known_id(message_id, "message"),
        now=caller.now,
    )
    return write_answer(write(show_message(message_by_id(business_id=caller.business_id, message_id=id))))
