"""What may be offered: resources and services, questions, price rules, promotion codes. Pure."""

from holdfast.catalog.rules.offers import (
    RESOURCE_KINDS,
    SERVICE_MODES,
    WHO_MAY_BOOK,
    clean_resource,
    clean_service,
    contradictions,
)

__all__ = [
    "RESOURCE_KINDS",
    "SERVICE_MODES",
    "WHO_MAY_BOOK",
    "clean_resource",
    "clean_service",
    "contradictions",
]
