"""Reads of what can be booked and on which terms."""

from holdfast.catalog.queries.offers import (
    ResourceFacts,
    ServiceFacts,
    resource_facts,
    resources_of,
    service_facts,
    services_of,
)

__all__ = [
    "ResourceFacts",
    "ServiceFacts",
    "resource_facts",
    "resources_of",
    "service_facts",
    "services_of",
]
