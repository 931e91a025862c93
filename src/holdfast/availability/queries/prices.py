"""What each free time costs (SPEC B7, C4): one number where no rule can touch the service, else worked out once a time."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from holdfast.bookings.commands.pricing import price_at
from holdfast.lib.timeline import instant_of
from holdfast.schedule.queries import Timetable

_KEPT = 20_000


class PriceList:
    """The prices of one service for one size of party. ``flat`` is the price at any time; None where rules decide.

    Compared by identity, so that what is written from it can be kept under it.
    """

    def __init__(self, timetable: Timetable, service_id: UUID, party_size: int) -> None:
        self._timetable = timetable
        self._service = service = timetable.service(service_id)
        self._party_size = party_size
        rules = timetable.price_rules.get(service_id, ())
        self._by_resource = any(rule.resource_id is not None for rule in rules)
        price = service.price_minor * party_size if service.price_per_person else service.price_minor
        self.flat: int | None = None if rules else price
        self._known: dict[tuple[int, date, tuple[UUID, ...]], int] = {}

    def at(self, minute: int, on: date, resource_ids: tuple[UUID, ...]) -> int:
        """The price of a start listed under ``on``: the least among those who are free then, for nobody is chosen yet."""
        if self.flat is not None:
            return self.flat
        key = (minute, on, resource_ids if self._by_resource else ())
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[key] = self._worked_out(instant_of(minute), on, key[2])
        return known

    def _worked_out(self, starts_at: datetime, on: date, resource_ids: tuple[UUID, ...]) -> int:
        each: list[tuple[UUID, ...]] = [(id,) for id in resource_ids] or [()]
        return min(
            price_at(
                timetable=self._timetable,
                service=self._service,
                on=on,
                starts_at=starts_at,
                resource_ids=who,
                party_size=self._party_size,
            )
            for who in each
        )


@lru_cache(maxsize=256)
def price_list(timetable: Timetable, service_id: UUID, party_size: int) -> PriceList:
    """The prices of a service under this very timetable. Refusals: :class:`Missing`."""
    return PriceList(timetable, service_id, party_size)
