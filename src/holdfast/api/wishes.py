"""What a body wishes to book, as the commands read it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from holdfast.api.auth import Caller
from holdfast.api.values import known_id
from holdfast.bookings.commands import Wish
from holdfast.lib.refusals import Invalid
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
        return Wish(known_id(body.service, "service"), body.starts_at, resource_id, party_size)
    slot = slot_by_id(business_id=caller.business_id, slot_id=known_id(body.slot, "slot"))
    told = {
        "service": (body.service, str(slot.service_id)),
        "starts_at": (body.starts_at, slot.starts_at),
        "resource": (resource_id, slot.resource_id),
    }
    wrong = [name for name, (said, kept) in told.items() if said is not None and said != kept]
    if wrong:
        raise Invalid({name: [("differs_from_slot", {})] for name in wrong})
    return Wish(slot.service_id, slot.starts_at, resource_id, party_size, slot.id)
