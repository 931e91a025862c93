"""Questions, price rules and promotion codes in one line each, for the lists of the settings."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.catalog.rules import PriceRuleFacts, PromotionFacts, QuestionFacts
from holdfast.web import formats
from holdfast.web.desk.access import Desk
from holdfast.web.desk.terms_forms import clock_text, weekday_names


def question_facts(question: QuestionFacts) -> str:
    """Its kind, and whether it must be answered."""
    kinds = {
        "text": _("Short text"),
        "paragraph": _("Long text"),
        "choice": _("Choice"),
        "number": _("Number"),
        "consent": _("Consent"),
    }
    must = _("must be answered") if question.is_required else _("may be left out")
    return " · ".join([kinds[question.kind], must])


def rule_facts(desk: Desk, rule: PriceRuleFacts) -> str:
    """What a rule does, and when."""
    named = desk.timetable
    names = weekday_names()
    clock = (
        f"{clock_text(rule.from_minute or 0)}–{clock_text(rule.until_minute) or '24:00'}"
        if rule.from_minute is not None or rule.until_minute is not None
        else ""
    )
    party = (
        _("%(least)s to %(most)s people") % {"least": rule.party_least or 1, "most": rule.party_most or "…"}
        if rule.party_least is not None or rule.party_most is not None
        else ""
    )
    return " · ".join(
        filter(
            None,
            [
                _effect_words(desk, rule),
                ", ".join(names[day] for day in rule.weekdays),
                clock,
                named.service(rule.service_id).name if rule.service_id else "",
                named.resource(rule.resource_id).name if rule.resource_id else "",
                party,
            ],
        )
    )


def _effect_words(desk: Desk, rule: PriceRuleFacts) -> str:
    money = formats.money(abs(rule.amount_minor), desk.business.currency, brief=True)
    if rule.effect == "fixed":
        return money
    sign = "−" if rule.amount_minor < 0 or rule.percent < 0 else "+"
    return f"{sign} {money}" if rule.effect == "amount" else f"{sign} {abs(rule.percent)} %"


def promotion_facts(desk: Desk, promotion: PromotionFacts) -> str:
    """What it takes off, how often it was used, until when it holds."""
    off = (
        f"− {promotion.percent} %"
        if promotion.effect == "percent"
        else f"− {formats.money(promotion.amount_minor, desk.business.currency, brief=True)}"
    )
    used = ngettext("used %(count)s time", "used %(count)s times", promotion.uses) % {"count": promotion.uses}
    if promotion.most_uses:
        used = _("used %(count)s of %(most)s times") % {"count": promotion.uses, "most": promotion.most_uses}
    until = _("until %(day)s") % {"day": formats.day(promotion.valid_until)} if promotion.valid_until else ""
    return " · ".join(filter(None, [off, used, until]))
