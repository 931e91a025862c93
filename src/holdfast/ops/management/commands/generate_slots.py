"""``holdfast generate-slots``: publish what the series lack, of one business or of all (SPEC C3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from holdfast.core import clock
from holdfast.lib.refusals import Invalid
from holdfast.ops.command import OPERATOR, HoldfastCommand
from holdfast.schedule.commands import publish_series
from holdfast.schedule.queries import Timetable, businesses_with_series, series_of, timetable_at, timetable_of


class Command(HoldfastCommand):
    help = "Publish the slots that the series of a business, or of all, still lack"
    group = "Look after"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("business", nargs="?", default="", help="its address; without it, every business")
        parser.add_argument("--business", dest="slug", default="", help="the same, as an option")
        parser.add_argument("--from", dest="first", help="the first date to publish, such as 2026-12-01")
        parser.add_argument(
            "--to", dest="last", help="the last date; without it, as far ahead as each series goes"
        )

    def run_command(self, **options: Any) -> dict[str, Any]:
        first, last = _date("from", options["first"]), _date("to", options["last"])
        rows: list[dict[str, Any]] = []
        for timetable in _timetables(options["business"] or options["slug"]):
            for series in series_of(business_id=timetable.business.id, only_active=True):
                made = publish_series(
                    actor=OPERATOR,
                    timetable=timetable,
                    series_id=series.id,
                    now=clock.now(),
                    first=first,
                    last=last,
                )
                rows.append(
                    {
                        "business": timetable.business.slug,
                        "service": timetable.service(series.service_id).name,
                        "series": str(series.id),
                        "created": made.created,
                        "existing": made.existing,
                        "left_out": made.left_out,
                        "until": made.until_on.isoformat() if made.until_on else None,
                    }
                )
        return {"created": sum(row["created"] for row in rows), "series": rows}

    def show(self, result: Any) -> None:
        self.show_table(result["series"])
        self.stdout.write(f"{result['created']} slots created")


def _timetables(slug: str) -> list[Timetable]:
    if slug:
        return [timetable_at(slug=slug)]
    return [timetable_of(business_id=business_id) for business_id in businesses_with_series()]


def _date(name: str, given: str | None) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Invalid.field(name, "invalid_date") from error
