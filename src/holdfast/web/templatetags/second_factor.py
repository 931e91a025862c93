"""Whether the account that looks at the page needs a second step, and lacks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template

from holdfast.accounts.models import Account
from holdfast.accounts.queries import has_second_factor
from holdfast.businesses.queries import needs_second_factor

register = template.Library()


@dataclass(frozen=True, slots=True)
class State:
    """``is_missing`` implies ``is_required``."""

    is_required: bool
    is_missing: bool


@register.simple_tag(takes_context=True)
def second_factor_state(context: dict[str, Any]) -> State:
    """Of the signed-in account."""
    account = context["request"].user
    if not isinstance(account, Account) and not account.is_authenticated:
        return State(False, False)
    required = needs_second_factor(account_id=account.pk, is_operator=account.is_operator)
    return State(required, required and not has_second_factor(account_id=account.pk))
