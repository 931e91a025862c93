"""The timetable: everything a business offers, read once and kept while its version stands.

Every request's first statement reads the business's id and version; as long as the version is the one in the process,
settings, catalog, hours and exceptions come from memory (DESIGN §3 "Speed").
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast.businesses.queries import BusinessFacts, business_facts, version_of
from holdfast.catalog.queries import (
    Floor,
    ResourceFacts,
    ServiceFacts,
    floor_of,
    price_rules_of,
    promotions_of,
    questions_of,
    resources_of,
    services_of,
)
from holdfast.catalog.rules import PriceRuleFacts, PromotionFacts, QuestionFacts, rules_for
from holdfast.core import clock
from holdfast.lib.refusals import Missing
from holdfast.lib.timeline import instant_of, minute_of
from holdfast.lib.walltime import minute_at, zone
from holdfast.schedule.models import DatedException as ExceptionRow
from holdfast.schedule.models import WeeklyHours
from holdfast.schedule.rules import DatedException, Hours, WeeklyWindow

_KEPT = 512
# Holidays are worked out for these years around the current one: the horizon is two years at most.
_HOLIDAY_YEARS = range(-1, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """What a business offers, frozen: its facts and settings, services, resources, hours.

    Compared by identity: what is worked out from a timetable is kept under it, and forgotten with it.
    ``services`` and ``resources`` hold retired ones too, in the business's order; bookings still name them.
    """

    business: BusinessFacts
    services: Mapping[UUID, ServiceFacts]
    resources: Mapping[UUID, ResourceFacts]
    hours: Hours
    tz: ZoneInfo
    # By service: the active resources that can give it, in the business's order. Derived once, asked on every booking.
    givers: Mapping[UUID, Mapping[UUID, ResourceFacts]]
    # By service: its active questions in order, and the active price rules that can touch it; services without have none.
    questions: Mapping[UUID, tuple[QuestionFacts, ...]] = field(default_factory=dict)
    price_rules: Mapping[UUID, tuple[PriceRuleFacts, ...]] = field(default_factory=dict)
    # By code. How often each was used is for the table to say.
    promotions: Mapping[str, PromotionFacts] = field(default_factory=dict)
    # How tables go together; empty where there are none.
    floor: Floor = field(default_factory=Floor)

    def service(self, service_id: UUID) -> ServiceFacts:
        """Refusals: :class:`Missing`."""
        found = self.services.get(service_id)
        if found is None:
            raise Missing(what="service")
        return found

    def resource(self, resource_id: UUID) -> ResourceFacts:
        """Refusals: :class:`Missing`."""
        found = self.resources.get(resource_id)
        if found is None:
            raise Missing(what="resource")
        return found

    def taken_by(self, resource_ids: Sequence[UUID]) -> ResourceFacts | None:
        """What a booking takes as one resource to be shown: several tables go under their joined names."""
        if not resource_ids:
            return None
        first = self.resource(resource_ids[0])
        names = " + ".join(self.resource(id).name for id in resource_ids)
        return first if len(resource_ids) == 1 else replace(first, name=names)

    def giving(self, service: ServiceFacts) -> tuple[UUID, ...]:
        """The active resources that can give the service, in the business's order."""
        return tuple(self.givers[service.id])


_cache: OrderedDict[UUID, Timetable] = OrderedDict()
_cache_lock = threading.Lock()


def timetable_at(*, slug: str) -> Timetable:
    """The timetable of the business at this address: one statement when it is in memory. Refusals: :class:`Missing`."""
    business_id, version = version_of(slug=slug)
    with _cache_lock:
        kept = _cache.get(business_id)
        if kept is not None and kept.business.version == version:
            _cache.move_to_end(business_id)
            return kept
    return _keep(load_timetable(business_id=business_id))


def timetable_of(*, business_id: UUID) -> Timetable:
    """The timetable of a business by id, for work without a request. Refusals: :class:`Missing`."""
    return timetable_at(slug=business_facts(business_id=business_id).slug)


def load_timetable(*, business_id: UUID) -> Timetable:
    """Read everything afresh: nine statements, three more where there are tables. Refusals: :class:`Missing`."""
    # The business first: if something changes between these statements, the version kept is the older one, and the
    # next request reads again.
    business = business_facts(business_id=business_id)
    tz = zone(business.timezone)
    services = {service.id: service for service in services_of(business_id=business_id)}
    resources = {resource.id: resource for resource in resources_of(business_id=business_id)}
    return Timetable(
        business=business,
        services=services,
        resources=resources,
        hours=_hours(business, clock.now().astimezone(tz).year),
        tz=tz,
        givers={
            service.id: {id: resources[id] for id in service.resource_ids if resources[id].is_active}
            for service in services.values()
        },
        questions=_active_questions(business_id),
        price_rules=_rules_by_service(business_id, services),
        promotions=promotions_of(business_id=business_id),
        floor=_floor(business_id, resources),
    )


def _floor(business_id: UUID, resources: Mapping[UUID, ResourceFacts]) -> Floor:
    has_tables = any(resource.kind == "table" for resource in resources.values())
    return floor_of(business_id=business_id) if has_tables else Floor()


def _active_questions(business_id: UUID) -> dict[UUID, tuple[QuestionFacts, ...]]:
    found = questions_of(business_id=business_id)
    active = {id: tuple(one for one in asked if one.is_active) for id, asked in found.items()}
    return {id: asked for id, asked in active.items() if asked}


def _rules_by_service(
    business_id: UUID, services: Mapping[UUID, ServiceFacts]
) -> dict[UUID, tuple[PriceRuleFacts, ...]]:
    rules = price_rules_of(business_id=business_id)
    by_service = {id: rules_for(rules, id) for id in services} if rules else {}
    return {id: found for id, found in by_service.items() if found}


def weekly_hours(*, business_id: UUID, resource_id: UUID | None = None) -> tuple[WeeklyWindow, ...]:
    """The weekly windows of the business (no resource) or a resource's own, in order."""
    rows = WeeklyHours.objects.filter(business_id=business_id, resource=resource_id)
    return tuple(sorted(WeeklyWindow(row.weekday, row.opens, row.closes) for row in rows))


def exceptions_of(*, business_id: UUID, since: date | None = None) -> list[ExceptionRow]:
    """Dated exceptions in order of time, those that ended before ``since`` (a local date) left out."""
    rows = ExceptionRow.objects.filter(business_id=business_id).order_by("starts_on", "starts_at", "id")
    if since is None:
        return list(rows)
    begins = instant_of(minute_at(since, 0, zone(business_facts(business_id=business_id).timezone)))
    return [row for row in rows if (row.ends_on >= since if row.ends_on else row.ends_at > begins)]  # type: ignore[operator]


def exception_by_id(*, business_id: UUID, exception_id: UUID) -> ExceptionRow:
    """One exception. Refusals: :class:`Missing`."""
    row = ExceptionRow.objects.filter(business_id=business_id, id=exception_id).first()
    if row is None:
        raise Missing(what="exception")
    return row


@lru_cache(maxsize=256)
def holidays_in(*, place: str, year: int) -> Mapping[date, str]:
    """Public holidays of a country (``GB``) or a part of it (``GB-ENG``), by date; empty for an unknown place."""
    import holidays  # a large package: read only where a business closes on holidays

    country, _, part = place.partition("-")
    try:
        return dict(holidays.country_holidays(country, subdiv=part or None, years=year).items())
    except NotImplementedError:
        return {}


def _keep(timetable: Timetable) -> Timetable:
    with _cache_lock:
        _cache[timetable.business.id] = timetable
        _cache.move_to_end(timetable.business.id)
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
    return timetable


def _hours(business: BusinessFacts, year: int) -> Hours:
    weekly: dict[UUID | None, list[WeeklyWindow]] = {}
    rows = WeeklyHours.objects.filter(business_id=business.id)
    for resource_id, weekday, opens, closes in rows.values_list("resource_id", "weekday", "opens", "closes"):
        weekly.setdefault(resource_id, []).append(WeeklyWindow(weekday, opens, closes))
    place = business.settings.public_holidays
    holidays: dict[date, str] = {}
    for ahead in _HOLIDAY_YEARS if place else ():
        holidays.update(holidays_in(place=place or "", year=year + ahead))
    return Hours(
        tz=business.timezone,
        weekly=tuple(sorted(weekly.pop(None, []))),
        resource_weekly={id: tuple(sorted(windows)) for id, windows in weekly.items() if id is not None},
        exceptions=tuple(exception_value(row=row) for row in exceptions_of(business_id=business.id)),
        holidays=holidays,
    )


def exception_value(*, row: ExceptionRow) -> DatedException:
    """A stored exception as the rules read it."""
    return DatedException(
        kind=row.kind,  # type: ignore[arg-type]
        resource_id=row.resource_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        windows=tuple((opens, closes) for opens, closes in row.windows),
        starts_minute=_minute(row.starts_at),
        ends_minute=_minute(row.ends_at),
        note=row.note,
    )


def _minute(instant: datetime | None) -> int | None:
    return None if instant is None else minute_of(instant)
