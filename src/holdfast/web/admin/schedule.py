"""Time on offer: business hours, exceptions, published time slots."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy

from holdfast.availability.commands import add_exception, change_exception, remove_exception, replace_hours
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid
from holdfast.schedule.commands import ExceptionWish
from holdfast.schedule.models import DatedException, WeeklyHours
from holdfast.schedule.queries import weekly_hours
from holdfast.schedule.rules import WeeklyWindow, format_hhmm
from holdfast.web import formats
from holdfast.web.admin.carrying import CommandAdmin, CommandForm, StrandedField, care_of

# What the stock pages call a table; the model's own words are the code's.
WeeklyHours._meta.verbose_name = gettext_lazy("opening window")
WeeklyHours._meta.verbose_name_plural = gettext_lazy("business hours")
DatedException._meta.verbose_name = gettext_lazy("exception")
DatedException._meta.verbose_name_plural = gettext_lazy("exceptions")

_CLOCK = gettext_lazy("As 09:00. An end at or before the beginning is on the next day; 24:00 is midnight.")


class WindowForm(CommandForm):
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekday"),
        coerce=int,
        choices=lambda: [(day, weekday_name(day)) for day in range(7)],
    )
    opens_at = forms.CharField(label=gettext_lazy("Opens"), max_length=5, help_text=_CLOCK)
    closes_at = forms.CharField(label=gettext_lazy("Closes"), max_length=5)
    stranded = StrandedField()

    class Meta:
        model = WeeklyHours
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.pk is not None:
            self.initial.setdefault("weekday", row.weekday)
            self.initial.setdefault("opens_at", format_hhmm(row.opens))
            self.initial.setdefault("closes_at", format_hhmm(row.closes))


class NewWindowForm(WindowForm):
    class Meta:
        model = WeeklyHours
        fields = ("business", "resource")
        help_texts = {
            "resource": gettext_lazy(
                "Empty: the business's own hours. A resource's hours are cut to the business's."
            ),
        }


@admin.register(WeeklyHours)
class WeeklyHoursAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = WindowForm, NewWindowForm
    add_fields = ("business", "resource", "weekday", "opens_at", "closes_at", "stranded")
    fields = ("business", "resource", "weekday", "opens_at", "closes_at", "stranded")
    readonly_fields = ("business", "resource")
    list_display = ("business", "resource", "day", "opens_at", "closes_at")
    list_filter = ("business", "weekday", ("resource", admin.EmptyFieldListFilter))
    list_select_related = ("business", "resource")
    ordering = ("business__name", "resource", "weekday", "opens")
    search_fields = ("business__name", "resource__name")
    search_help_text = gettext_lazy("Name of a business or resource")

    @admin.display(description=gettext_lazy("Weekday"), ordering="weekday")
    def day(self, row: WeeklyHours) -> str:
        return weekday_name(row.weekday)

    @admin.display(description=gettext_lazy("Opens"), ordering="opens")
    def opens_at(self, row: WeeklyHours) -> str:
        return format_hhmm(row.opens)

    @admin.display(description=gettext_lazy("Closes"))
    def closes_at(self, row: WeeklyHours) -> str:
        return format_hhmm(row.closes)

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        business, resource = values["business"], values["resource"]
        return self._replace(actor, business.pk, resource.pk if resource else None, None, values, now)

    def change(self, actor: Actor, row: WeeklyHours, values: dict[str, Any], now: datetime) -> Any:
        return self._replace(actor, row.business_id, row.resource_id, _window(row), values, now)

    def remove(self, actor: Actor, row: WeeklyHours, now: datetime) -> None:
        self._replace(actor, row.business_id, row.resource_id, _window(row), None, now)

    def _replace(
        self,
        actor: Actor,
        business_id: Any,
        resource_id: Any,
        old: WeeklyWindow | None,
        values: dict[str, Any] | None,
        now: datetime,
    ) -> Any:
        """The whole week again with one window more, other or fewer: that is what the command takes."""
        windows = [
            {"weekday": w.weekday, "opens": format_hhmm(w.opens), "closes": format_hhmm(w.closes)}
            for w in weekly_hours(business_id=business_id, resource_id=resource_id)
            if w != old
        ]
        new: dict[str, Any] = {}
        if values is not None:
            new = {
                "weekday": values["weekday"],
                "opens": values["opens_at"].strip(),
                "closes": values["closes_at"].strip(),
            }
            windows.append(new)
        week = self._carry_out(actor, business_id, resource_id, windows, values, now)
        rows = WeeklyHours.objects.filter(business_id=business_id, resource_id=resource_id)
        if values is None:
            return None
        fresh = next(
            window
            for window in week
            if (window.weekday, format_hhmm(window.opens)) == (new["weekday"], new["opens"])
        )
        return rows.get(weekday=fresh.weekday, opens=fresh.opens).pk

    def _carry_out(
        self, actor: Actor, business_id: Any, resource_id: Any, windows: Any, values: Any, now: datetime
    ) -> tuple[WeeklyWindow, ...]:
        try:
            return replace_hours(
                actor=actor,
                business_id=business_id,
                resource_id=resource_id,
                windows=windows,
                care=care_of(values or {}, now),
            )
        except Invalid as refusal:
            raise _at_the_fields(refusal, len(windows) - 1) from refusal


class ExceptionForm(CommandForm):
    windows_text = forms.CharField(
        label=gettext_lazy("Windows"),
        required=False,
        help_text=gettext_lazy("For different hours and extra openings, such as 09:00-13:00, 14:00-17:00."),
    )
    stranded = StrandedField()

    class Meta:
        model = DatedException
        fields = ("kind", "starts_on", "ends_on", "starts_at", "ends_at", "note")
        help_texts = {
            "kind": gettext_lazy(
                "Closed, different or extra hours hold for whole dates; an absence is of a resource."
            ),
            "starts_on": gettext_lazy("The first date, in the business's zone."),
            "ends_on": gettext_lazy("The last date. Empty: the same day."),
            "starts_at": gettext_lazy("For an absence of hours instead of dates. In UTC."),
            "ends_at": gettext_lazy("In UTC."),
            "note": gettext_lazy("For staff alone."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        windows = self.instance.windows or []
        self.initial.setdefault(
            "windows_text", ", ".join(f"{format_hhmm(a)}-{format_hhmm(b)}" for a, b in windows)
        )
        for name in ("starts_on", "ends_on", "starts_at", "ends_at", "note"):
            self.fields[name].required = False


class NewExceptionForm(ExceptionForm):
    class Meta(ExceptionForm.Meta):
        fields = ("business", "resource", *ExceptionForm.Meta.fields)  # type: ignore[assignment]
        help_texts = ExceptionForm.Meta.help_texts | {
            "resource": gettext_lazy("Whom it concerns. Empty: the whole business.")
        }


_EXCEPTION = ("kind", "starts_on", "ends_on", "starts_at", "ends_at", "windows_text", "note", "stranded")


@admin.register(DatedException)
class DatedExceptionAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = ExceptionForm, NewExceptionForm
    add_fields = ("business", "resource", *_EXCEPTION)
    fields = ("business", "resource", *_EXCEPTION)
    readonly_fields = ("business", "resource")
    list_display = ("business", "resource", "kind", "starts_on", "ends_on", "starts_at", "ends_at")
    list_filter = ("kind", "business")
    list_select_related = ("business", "resource")
    date_hierarchy = "starts_on"
    ordering = ("-starts_on", "-starts_at")
    search_fields = ("business__name", "resource__name")
    search_help_text = gettext_lazy("Name of a business or resource")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        resource = values["resource"]
        wish = _wish(values, resource.pk if resource else None)
        return add_exception(
            actor=actor, business_id=values["business"].pk, wish=wish, care=care_of(values, now)
        ).pk

    def change(self, actor: Actor, row: DatedException, values: dict[str, Any], now: datetime) -> None:
        change_exception(
            actor=actor,
            business_id=row.business_id,
            exception_id=row.pk,
            wish=_wish(values, row.resource_id),
            care=care_of(values, now),
        )

    def remove(self, actor: Actor, row: DatedException, now: datetime) -> None:
        remove_exception(actor=actor, business_id=row.business_id, exception_id=row.pk, care=care_of({}, now))


def weekday_name(weekday: int) -> str:
    """``Monday`` for 0."""
    return formats.weekday(date(2024, 1, 1 + weekday))  # a Monday


def weekdays_field() -> forms.TypedMultipleChoiceField:
    """Days of the week to tick, 0 for Monday."""
    return forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        coerce=int,
        required=False,
        choices=lambda: [(day, weekday_name(day)) for day in range(7)],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: every day."),
    )


def _window(row: WeeklyHours) -> WeeklyWindow:
    return WeeklyWindow(row.weekday, row.opens, row.closes)


def _at_the_fields(refusal: Invalid, index: int) -> Invalid:
    """What is wrong with the window of the form, at its fields; what is wrong with the others as it is."""
    names = {f"windows[{index}].{name}": f"{name}_at" for name in ("opens", "closes")}
    names |= {f"windows[{index}].weekday": "weekday", f"windows[{index}]": "opens_at"}
    return Invalid({names.get(name, name): found for name, found in refusal.fields.items()})


def _wish(values: dict[str, Any], resource_id: Any) -> ExceptionWish:
    windows = []
    for part in filter(None, (part.strip() for part in values["windows_text"].split(","))):
        opens, dash, closes = part.replace("–", "-").partition("-")
        if not dash:
            raise Invalid.field("windows_text", "wrong_time")
        windows.append({"opens": opens.strip(), "closes": closes.strip()})
    return ExceptionWish(
        kind=values["kind"],
        resource_id=resource_id,
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        starts_at=values["starts_at"],
        ends_at=values["ends_at"],
        windows=windows,
        note=values["note"] or "",
    )
