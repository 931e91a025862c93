"""Tables without a page of their own: shown as they are, so that an operator can see everything there is."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models

from holdfast.core.fields import EncryptedJSONField, EncryptedTextField
from holdfast.web.admin.carrying import ReadOnlyAdmin

_SECRET = ("digest", "secret", "token", "password", "index")
_MOST_COLUMNS = 8


def page_for(model: type[models.Model]) -> type[ReadOnlyAdmin]:
    """A page that shows every column that is no secret, and narrows the list by what has few values."""
    columns = [field for field in model._meta.concrete_fields if not _is_secret(field)]
    plain = [field for field in columns if not isinstance(field, _LONG)]
    owners = [field for field in plain if isinstance(field, models.ForeignKey)]
    few = [
        field.name
        for field in plain
        if field.choices or isinstance(field, models.BooleanField) or field.name == "business"
    ]
    facts: dict[str, Any] = {
        "list_display": tuple(field.name for field in plain[:_MOST_COLUMNS]),
        "list_filter": tuple(few),
        "list_select_related": tuple(field.name for field in owners),
        "fields": tuple(field.name for field in columns),
        "ordering": ("-pk",),
        "__module__": __name__,
    }
    return type(f"{model.__name__}Admin", (ReadOnlyAdmin,), facts)


_LONG = (models.JSONField, models.TextField, models.BinaryField, EncryptedTextField, EncryptedJSONField)


def _is_secret(field: models.Field[Any, Any]) -> bool:
    is_bytes = isinstance(field, models.BinaryField) and not isinstance(
        field, EncryptedTextField | EncryptedJSONField
    )
    return is_bytes or any(word in field.name for word in _SECRET)


for _model in apps.get_models():
    if _model.__module__.startswith("holdfast.") and _model not in admin.site._registry:
        admin.site.register(_model, page_for(_model))
