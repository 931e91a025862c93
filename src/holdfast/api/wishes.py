"""What a body wishes to book, as the commands read it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from holdfast.api.auth import Caller
from holdfast.api.values import known_id
from holdfast.bookings.commands import Wish
from holdfast.lib.refusals import Invalid, Missing
from holdfast.schedule.queries import slot_by_id


class WishBody(Protocol):
    """The fields that holds and bookings share."""

    @property
    def service(self) -> str | None: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def resource(self) -> str | None: ...
    @property
    def slot(self) -> str | None: ...
    @property
    def tables(self) -> list[str] | None: ...
    @property
    def party_size(self) -> int | None: ...


def wish_of(caller: Caller, body: WishBody) -> Wish:
    """The wish of a body that names a service and a start or a slot.

    Refusals: :class:`Missing` (``what`` is slot), :class:`Invalid` naming what is missing or contradicts the slot.
    """
    party_size = 1 if body.party_size is None else body.party_size
    resource_id = known_id(body.resource, "resource") if body.resource is not None else None
    if body.slot is None:
        missing = [name for name in ("service", "starts_at") if getattr(body, name) is None]
        if missing or body.service is None or body.starts_at is None:
            raise Invalid({name: [("required", {})] for name in missing})
        service_id = known_id(body.service, "service")
        chosen = tables_of(caller, body.tables, service_id, resource_id)
        return Wish(service_id, body.starts_at, resource_id, party_size, chosen=chosen)
    slot = slot_by_id(business_id=caller.business_id, slot_id=known_id(body.slot, "slot"))
    told = {
        "service": (body.service, str(slot.service_id)),
        "starts_at": (body.starts_at, slot.starts_at),
        "resource": (resource_id, slot.resource_id),
    }
    wrong = [name for name, (said, kept) in told.items() if said is not None and said != kept]
    if body.tables is not None:
        raise Invalid.field("tables", "not_allowed")
    if wrong:
        raise Invalid({name: [("differs_from_slot", {})] for name in wrong})
    return Wish(slot.service_id, slot.starts_at, resource_id, party_size, slot.id)


def tables_of(
    caller: Caller, tables: list[str] | None, service_id: UUID, resource_id: UUID | None = None
) -> tuple[UUID, ...]:
    """The tables a body names, for a service booked by table and beside no ``resource``.

    Refusals: :class:`Missing` (service), :class:`Invalid` on ``tables``.
    """
    if tables is None:
        return ()
    if resource_id is not None or caller.timetable.service(service_id).mode != "table":
        raise Invalid.field("tables", "not_allowed")
    if not tables:
        raise Invalid.field("tables", "too_few", limit=1)
    try:
        return tuple(known_id(text, "resource") for text in tables)
    except Missing as refusal:
        raise Invalid.field("tables", "unknown") from refusal
