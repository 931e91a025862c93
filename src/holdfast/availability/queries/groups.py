"""The starts at which everybody of a group finds a resource of their own (SPEC D10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from holdfast.availability.queries.answers import OpenTime
from holdfast.availability.queries.times import open_times
from holdfast.bookings.commands import GroupMember
from holdfast.bookings.rules.together import match_distinct
from holdfast.lib.refusals import Missing
from holdfast.schedule.queries import Timetable


@dataclass(frozen=True, slots=True)
class GroupTime:
    """A start that is free for the whole group. ``price_minor`` is what all of them pay together."""

    starts_at: datetime
    local_time: str
    second_pass: bool
    price_minor: int


def open_group_times(
    *, timetable: Timetable, members: Sequence[GroupMember], on: date, now: datetime
) -> list[GroupTime]:
    """The starts of a local date at which all members can be served at once, each by somebody else; in order.

    One question about free times for every different wish. Refusals: :class:`Missing` (service, resource).
    """
    asked: dict[tuple[UUID, UUID | None], dict[datetime, OpenTime]] = {}
    for member in members:
        wish = (member.service_id, member.resource_id)
        if timetable.service(member.service_id).mode != "appointment":
            raise Missing(what="service")
        if wish not in asked:
            day = open_times(
                timetable=timetable,
                service_id=member.service_id,
                first=on,
                last=on,
                now=now,
                resource_id=member.resource_id,
            )[0]
            asked[wish] = {time.starts_at: time for time in day.times}
    wishes = [asked[member.service_id, member.resource_id] for member in members]
    if not wishes:
        return []
    common = set(wishes[0]).intersection(*wishes[1:])
    found = []
    for starts_at in sorted(common):
        each = [free[starts_at] for free in wishes]
        if match_distinct([time.resource_ids for time in each]) is not None:
            first = each[0]
            price = sum(time.price_minor for time in each)
            found.append(GroupTime(starts_at, first.local_time, first.second_pass, price))
    return found
