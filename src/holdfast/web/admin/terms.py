"""What services ask and cost beyond the plain: questions, price rules, promotion codes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy

from holdfast.catalog.commands import (
    add_question,
    change_price_rule,
    change_promotion,
    change_question,
    create_price_rule,
    create_promotion,
    delete_price_rule,
    delete_promotion,
    delete_question,
)
from holdfast.catalog.models import PriceRule, Promotion, Question, Resource, Service
from holdfast.lib.actors import Actor
from holdfast.web.admin.carrying import CommandAdmin, CommandForm
from holdfast.web.admin.catalog import GivenBy, Offered
from holdfast.web.admin.schedule import weekdays_field

_QUESTION = ("label", "hint", "kind", "least", "most", "is_required", "position", "is_active")
_RULE = (
    "name", "from_minute", "until_minute", "party_least", "party_most", "effect", "amount_minor", "percent", "position",
    "is_active",
)  # fmt: skip
_PROMOTION = (
    "effect", "amount_minor", "percent", "valid_from", "valid_until", "most_uses", "most_uses_per_customer", "is_active",
)  # fmt: skip
_SMALLEST = gettext_lazy("In the smallest unit of the currency.")


def _changed(row: Any, values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if values[name] != getattr(row, name)}


def _services() -> Any:
    return Service.objects.select_related("business").order_by("business__name", "position", "id")


class QuestionForm(CommandForm):
    choices_text = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line, for questions with choices."),
    )

    class Meta:
        model = Question
        fields = _QUESTION
        help_texts = {
            "least": gettext_lazy("For numbers: the smallest that is taken."),
            "most": gettext_lazy("For numbers: the largest that is taken."),
            "is_active": gettext_lazy("Off: asked no more. Answers stay with their bookings."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("choices_text", "\n".join(self.instance.choices or []))


class NewQuestionForm(QuestionForm):
    service = Offered(_services(), label=gettext_lazy("Service"))


@admin.register(Question)
class QuestionAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = QuestionForm, NewQuestionForm
    add_fields = ("service", "label", "hint", "kind", "choices_text", "least", "most", "is_required")
    fields = ("business", "service", "label", "hint", "kind", "choices_text", *_QUESTION[3:], "created_at")
    readonly_fields = ("business", "service", "created_at")
    list_display = ("label", "service", "kind", "is_required", "is_active", "business")
    list_filter = ("kind", "is_required", "is_active", "business")
    list_select_related = ("service", "business")
    search_fields = ("label", "service__name")
    search_help_text = gettext_lazy("Words of the question, or the service")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        names = ("label", "hint", "kind", "least", "most", "is_required")
        wanted = {name: values[name] for name in names} | {"choices": _lines(values["choices_text"])}
        service = values["service"]
        return add_question(
            actor=actor, business_id=service.business_id, service_id=service.pk, wanted=wanted
        ).id

    def change(self, actor: Actor, row: Question, values: dict[str, Any], now: datetime) -> None:
        wanted = _changed(row, values, _QUESTION) | {"choices": _lines(values["choices_text"])}
        change_question(actor=actor, business_id=row.business_id, question_id=row.pk, wanted=wanted)

    def remove(self, actor: Actor, row: Question, now: datetime) -> None:
        delete_question(actor=actor, business_id=row.business_id, question_id=row.pk)


class PriceRuleForm(CommandForm):
    weekdays = weekdays_field()
    service = Offered(
        _services(), required=False, label=gettext_lazy("Service"), help_text=gettext_lazy("Empty: all.")
    )
    resource = Offered(
        Resource.objects.select_related("business").order_by("business__name", "position", "id"),
        required=False,
        label=gettext_lazy("Resource"),
        help_text=gettext_lazy("Empty: all."),
    )

    class Meta:
        model = PriceRule
        fields = _RULE
        help_texts = {
            "from_minute": gettext_lazy("Minute of the day from which it holds: 1020 is 17:00."),
            "until_minute": gettext_lazy("Minute of the day until which it holds."),
            "amount_minor": _SMALLEST,
            "position": gettext_lazy("Rules are asked in this order."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("weekdays", "service", "resource"):
            self.initial.setdefault(
                name, getattr(self.instance, "weekdays" if name == "weekdays" else f"{name}_id")
            )


class NewPriceRuleForm(PriceRuleForm):
    class Meta(PriceRuleForm.Meta):
        fields = ("business", *_RULE)  # type: ignore[assignment]


@admin.register(PriceRule)
class PriceRuleAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = PriceRuleForm, NewPriceRuleForm
    add_fields = ("business", "name", "service", "resource", "weekdays", *_RULE[1:])
    fields = ("business", "name", "service", "resource", "weekdays", *_RULE[1:], "created_at")
    readonly_fields = ("business", "created_at")
    list_display = ("name", "business", "service", "effect", "amount_minor", "percent", "is_active")
    list_filter = ("effect", "is_active", "business")
    list_select_related = ("business", "service")
    search_fields = ("name",)

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        wanted = {name: values[name] for name in _RULE} | _for(values)
        wanted.pop("position")
        return create_price_rule(actor=actor, business_id=values["business"].pk, wanted=wanted).id

    def change(self, actor: Actor, row: PriceRule, values: dict[str, Any], now: datetime) -> None:
        wanted = _changed(row, values, _RULE) | _for(values)
        change_price_rule(actor=actor, business_id=row.business_id, rule_id=row.pk, wanted=wanted)

    def remove(self, actor: Actor, row: PriceRule, now: datetime) -> None:
        delete_price_rule(actor=actor, business_id=row.business_id, rule_id=row.pk)


class PromotionForm(CommandForm):
    services = GivenBy(
        _services(),
        required=False,
        label=gettext_lazy("Services"),
        help_text=gettext_lazy("None: all of the business."),
    )

    class Meta:
        model = Promotion
        fields = _PROMOTION
        help_texts = {
            "amount_minor": _SMALLEST,
            "most_uses": gettext_lazy("0: as often as anybody likes."),
            "most_uses_per_customer": gettext_lazy("0: as often as they like."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("services", self.instance.service_ids or [])


class NewPromotionForm(PromotionForm):
    class Meta(PromotionForm.Meta):
        fields = ("business", "code", *_PROMOTION)  # type: ignore[assignment]


@admin.register(Promotion)
class PromotionAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = PromotionForm, NewPromotionForm
    add_fields = ("business", "code", *_PROMOTION, "services")
    fields = ("business", "code", *_PROMOTION, "services", "uses", "created_at")
    readonly_fields = ("business", "code", "uses", "created_at")
    list_display = (
        "code",
        "business",
        "effect",
        "amount_minor",
        "percent",
        "valid_until",
        "uses",
        "is_active",
    )
    list_filter = ("effect", "is_active", "business")
    list_select_related = ("business",)
    search_fields = ("code",)

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        wanted = {name: values[name] for name in ("code", *_PROMOTION)} | _of(values)
        return create_promotion(actor=actor, business_id=values["business"].pk, wanted=wanted).id

    def change(self, actor: Actor, row: Promotion, values: dict[str, Any], now: datetime) -> None:
        wanted = _changed(row, values, _PROMOTION) | _of(values)
        change_promotion(actor=actor, business_id=row.business_id, promotion_id=row.pk, wanted=wanted)

    def remove(self, actor: Actor, row: Promotion, now: datetime) -> None:
        delete_promotion(actor=actor, business_id=row.business_id, promotion_id=row.pk)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _for(values: dict[str, Any]) -> dict[str, Any]:
    wanted: dict[str, Any] = {"weekdays": values["weekdays"]}
    for name in ("service", "resource"):
        wanted[f"{name}_id"] = values[name].pk if values[name] else None
    return wanted


def _of(values: dict[str, Any]) -> dict[str, Any]:
    return {"service_ids": [service.pk for service in values["services"]]}
