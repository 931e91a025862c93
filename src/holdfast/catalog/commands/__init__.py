"""Writes to the catalog, split by what is offered. Every change raises the business's version."""

from holdfast.catalog.commands.offers import (
    change_resource,
    change_service,
    create_resource,
    create_service,
    delete_resource,
    delete_service,
)
from holdfast.catalog.commands.prices import change_price_rule, create_price_rule, delete_price_rule
from holdfast.catalog.commands.promotions import change_promotion, create_promotion, delete_promotion
from holdfast.catalog.commands.questions import add_question, change_question, delete_question
from holdfast.catalog.commands.tables import (
    change_combination,
    create_combination,
    delete_combination,
    replace_adjacency,
)

__all__ = [
    "add_question",
    "change_combination",
    "change_price_rule",
    "change_promotion",
    "change_question",
    "change_resource",
    "change_service",
    "create_combination",
    "create_price_rule",
    "create_promotion",
    "create_resource",
    "create_service",
    "delete_combination",
    "delete_price_rule",
    "delete_promotion",
    "delete_question",
    "delete_resource",
    "delete_service",
    "replace_adjacency",
]
