"""Reads of what can be booked and on which terms."""

from holdfast.catalog.queries.offers import (
    ResourceFacts,
    ServiceFacts,
    resource_facts,
    resources_of,
    service_facts,
    services_of,
)
from holdfast.catalog.queries.tables import (
    CombinationFacts,
    Floor,
    combination_by_id,
    floor_of,
    most_tables_anywhere,
    most_tables_of,
)
from holdfast.catalog.queries.terms import price_rules_of, promotion_by_id, promotions_of, questions_of

__all__ = [
    "CombinationFacts",
    "Floor",
    "ResourceFacts",
    "ServiceFacts",
    "combination_by_id",
    "floor_of",
    "most_tables_anywhere",
    "most_tables_of",
    "price_rules_of",
    "promotion_by_id",
    "promotions_of",
    "questions_of",
    "resource_facts",
    "resources_of",
    "service_facts",
    "services_of",
]
