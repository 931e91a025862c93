"""Writes to the catalog, split by what is offered. Every change raises the business's version."""

from holdfast.catalog.commands.offers import (
    change_resource,
    change_service,
    create_resource,
    create_service,
    delete_resource,
    delete_service,
)

__all__ = [
    "change_resource",
    "change_service",
    "create_resource",
    "create_service",
    "delete_resource",
    "delete_service",
]
