"""Model fields for personal data: sealed in the database, opened when read, impossible to filter or sort by.

A model with such a field has ``id = UUIDField(primary_key=True, default=uuid7)``: the id is part of what the value is
sealed with, so it must exist before the insert. ``values()`` and hand-written SQL see the sealed bytes: open them with
``decrypt`` (and seal with ``encrypt``), search by a column filled with ``blind_index``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from holdfast.core.encryption import CannotDecrypt, blind_index, decrypt, encrypt

__all__ = ["CannotDecrypt", "EncryptedJSONField", "EncryptedTextField", "blind_index", "decrypt", "encrypt"]

_SEALED = (bytes, memoryview)


if TYPE_CHECKING:
    _BinaryField = models.BinaryField[Any, Any]
else:
    _BinaryField = models.BinaryField


class _Opening(DeferredAttribute):
    """Opens the sealed value the first time it is read; a list that never shows a column never decrypts it."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        data = instance.__dict__
        name = self.field.attname
        if name not in data:
            super().__get__(instance, cls)  # a deferred column: loads it into __dict__
        value = data[name]
        if isinstance(value, _SEALED):
            value = data[name] = self.field.open(value, instance)  # type: ignore[attr-defined]
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        # Without it Python would prefer the instance's own entry, and __get__ would never see a sealed value.
        instance.__dict__[self.field.attname] = value


class _EncryptedField(_BinaryField):
    """What both encrypted fields share. Plain values are never ``bytes``, so ``bytes`` are always sealed ones."""

    descriptor_class = _Opening
    empty_values = [None]

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("editable", True)
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        options.pop("editable", None)
        return name, path, args, options

    def open(self, sealed: bytes | memoryview, instance: models.Model) -> Any:
        return decrypt(sealed, table=self.model._meta.db_table, column=self.column or "", row_id=instance.pk)

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None:
            return None
        if isinstance(value, _SEALED):
            if add:
                # A row saved under another id would never open again: better refused here than found out later.
                self.open(value, model_instance)
            return bytes(value)
        if model_instance.pk is None:
            raise ValueError(f"{self.model.__name__} needs its id before {self.name} can be encrypted")
        self.check_plain(value)
        return encrypt(
            value, table=self.model._meta.db_table, column=self.column or "", row_id=model_instance.pk
        )

    def check_plain(self, value: Any) -> None:
        """Raise TypeError for values this field does not hold."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or isinstance(value, _SEALED):
            return super().get_db_prep_value(value, connection, prepared)
        if hasattr(value, "resolve_expression"):
            return value
        raise TypeError(
            f"{self.model.__name__}.{self.name} is encrypted for one row: write it with save() or bulk_create(), "
            "or pass what encrypt() returned"
        )

    def _check_str_default_value(self) -> list[Any]:
        return []  # plain values are not bytes here, so BinaryField's warning about text defaults does not apply

    def get_default(self) -> Any:
        return models.Field.get_default(self)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise TypeError(
            f"{self.model.__name__}.{self.name} is encrypted and cannot be compared ({lookup_name}); "
            "search by its blind index"
        )

    def get_transform(self, lookup_name: str) -> Any:  # noqa: ARG002
        return None

    def value_to_string(self, obj: models.Model) -> str:  # noqa: ARG002
        raise TypeError(f"{self.model.__name__}.{self.name} is encrypted and is not serialised")


class EncryptedTextField(_EncryptedField):
    """Text, sealed at rest. ``None`` stays NULL."""

    description = "Encrypted text"

    def check_plain(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{self.model.__name__}.{self.name} holds text, not {type(value).__name__}")

    def to_python(self, value: Any) -> Any:
        return value

    def formfield(self, **options: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": forms.CharField, **options})


class EncryptedJSONField(_EncryptedField):
    """A JSON value, sealed at rest. ``None`` stays NULL; changes in place are stored by ``save()``."""

    description = "Encrypted JSON"

    def check_plain(self, value: Any) -> None:
        if isinstance(value, str):
            raise TypeError(
                f"{self.model.__name__}.{self.name} holds JSON: a bare text belongs into EncryptedTextField"
            )

    def to_python(self, value: Any) -> Any:
        return value

    def formfield(self, **options: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": forms.JSONField, **options})
