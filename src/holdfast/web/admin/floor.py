"""How tables stand: which may be put together, and which stand side by side (SPEC B3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from holdfast.catalog.commands import (
    change_combination,
    create_combination,
    delete_combination,
    replace_adjacency,
)
from holdfast.catalog.models import Adjacency, Combination, Resource
from holdfast.catalog.queries.tables import floor_of
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid
from holdfast.web.admin.carrying import CommandAdmin, CommandForm
from holdfast.web.admin.catalog import GivenBy, Offered

_COMBINATION = ("name", "seats_min", "seats_max", "position")
_SUMMED = gettext_lazy("Empty: what its tables have together.")
Pair = tuple[UUID, UUID]


def _tables() -> QuerySet[Resource]:
    rows = Resource.objects.filter(kind=Resource.Kind.TABLE).select_related("business")
    return rows.order_by("business__name", "position", "id")


class CombinationForm(CommandForm):
    joined = GivenBy(
        _tables(),
        label=gettext_lazy("Tables"),
        help_text=gettext_lazy("At least two of the same business; others are refused."),
    )

    class Meta:
        model = Combination
        fields = _COMBINATION
        help_texts = {
            "seats_min": gettext_lazy("The smallest party it is given to."),
            "seats_max": gettext_lazy("The largest party it is given to."),
            "position": gettext_lazy("Lower numbers come first."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial.setdefault("joined", list(self.instance.tables.values_list("pk", flat=True)))


class NewCombinationForm(CombinationForm):
    class Meta(CombinationForm.Meta):
        fields = ("business", "name", "seats_min", "seats_max")
        help_texts = {"seats_min": _SUMMED, "seats_max": _SUMMED}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("seats_min", "seats_max"):
            self.fields[name].required = False


@admin.register(Combination)
class CombinationAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = CombinationForm, NewCombinationForm
    add_fields = ("business", "name", "joined", "seats_min", "seats_max")
    fields = ("business", "name", "joined", "seats_min", "seats_max", "position", "created_at")
    readonly_fields = ("business", "created_at")
    list_display = ("name", "business", "seats_min", "seats_max", "position")
    list_filter = ("business",)
    list_select_related = ("business",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    ordering = ("business__name", "position", "id")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        given = {name: values[name] for name in ("name", "seats_min", "seats_max")}
        wanted = {name: value for name, value in given.items() if value is not None}
        wanted["tables"] = _joined(values)
        return create_combination(actor=actor, business_id=values["business"].pk, wanted=wanted).id

    def change(self, actor: Actor, row: Combination, values: dict[str, Any], now: datetime) -> None:
        wanted: dict[str, Any] = {
            name: values[name] for name in _COMBINATION if values[name] != getattr(row, name)
        }
        # Tables that stayed the same are not asked about again: the limit may have become lower since.
        if set(_joined(values)) != set(row.tables.values_list("pk", flat=True)):
            wanted["tables"] = _joined(values)
        change_combination(actor=actor, business_id=row.business_id, combination_id=row.pk, wanted=wanted)

    def remove(self, actor: Actor, row: Combination, now: datetime) -> None:
        delete_combination(actor=actor, business_id=row.business_id, combination_id=row.pk)


class AdjacencyForm(CommandForm):
    first = Offered(_tables(), label=gettext_lazy("Table"))
    second = Offered(
        _tables(),
        label=gettext_lazy("Stands beside"),
        help_text=gettext_lazy("Another table of the same business; others are refused."),
    )

    class Meta:
        model = Adjacency
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second"):
            self.initial.setdefault(name, getattr(self.instance, f"{name}_id"))


@admin.register(Adjacency)
class AdjacencyAdmin(CommandAdmin):
    """One pair of those a business has. The command takes all of them, so a changed list gives each a new key."""

    makes = changes = removes = True
    form = AdjacencyForm
    add_fields = ("first", "second")
    fields = ("business", "first", "second")
    readonly_fields = ("business",)
    list_display = ("first", "second", "business")
    list_filter = ("business",)
    list_select_related = ("business", "first", "second")
    search_fields = ("first__name", "second__name")
    search_help_text = gettext_lazy("Name of a table")
    ordering = ("business__name", "first__position", "second__position", "pk")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        business_id = values["first"].business_id
        return _beside(actor, business_id, _pairs(business_id), _pair_of(values))

    def change(self, actor: Actor, row: Adjacency, values: dict[str, Any], now: datetime) -> Any:
        if _pair_of(values) == (row.first_id, row.second_id):
            return row.pk
        return _beside(actor, row.business_id, _pairs(row.business_id, but=row), _pair_of(values))

    def remove(self, actor: Actor, row: Adjacency, now: datetime) -> None:
        replace_adjacency(actor=actor, business_id=row.business_id, pairs=_pairs(row.business_id, but=row))


def _joined(values: dict[str, Any]) -> list[UUID]:
    return [table.pk for table in values["joined"]]


def _pair_of(values: dict[str, Any]) -> Pair:
    first, second = values["first"].pk, values["second"].pk
    return min(first, second), max(first, second)


def _pairs(business_id: UUID, *, but: Adjacency | None = None) -> list[Pair]:
    left_out = (but.first_id, but.second_id) if but else None
    return [pair for pair in floor_of(business_id=business_id).neighbours if pair != left_out]


def _beside(actor: Actor, business_id: UUID, others: list[Pair], pair: Pair) -> Any:
    """Say the others and this pair; the key of its row. What is wrong with it stands at its second table."""
    if pair in others:
        raise Invalid.field("second", "twice")
    try:
        replace_adjacency(actor=actor, business_id=business_id, pairs=[*others, pair])
    except Invalid as refusal:
        mine = refusal.fields.get(f"pairs[{len(others)}]")
        raise Invalid({"second": mine}) if mine else refusal from refusal
    return Adjacency.objects.get(business_id=business_id, first_id=pair[0], second_id=pair[1]).pk
