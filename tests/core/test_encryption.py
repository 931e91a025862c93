from __future__ import annotations

import base64
import secrets
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from holdfast.businesses.models import Business
from holdfast.core import fields
from holdfast.core.encryption import (
    CannotDecrypt,
    blind_index,
    decrypt,
    encrypt,
    parse_keys,
)
from holdfast.core.ids import uuid7
from holdfast.customers.models import Customer
from holdfast.notifications.models import Message

ROW = UUID("018f0000-0000-7000-8000-000000000001")
PLACE: dict[str, Any] = {"table": "customers_customer", "column": "name", "row_id": ROW}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@given(value=st.text() | st.dictionaries(st.text(), JSON_VALUES) | st.lists(JSON_VALUES))
def test_what_is_sealed_opens_again_at_its_place(value: Any) -> None:
    assert decrypt(encrypt(value, **PLACE), **PLACE) == value


def test_equal_values_look_different_and_show_nothing() -> None:
    first, second = encrypt("Dana Guest", **PLACE), encrypt("Dana Guest", **PLACE)
    assert first != second
    assert b"Dana" not in first


@pytest.mark.parametrize(
    "elsewhere",
    [{"row_id": uuid7()}, {"column": "notes"}, {"table": "bookings_booking"}],
    ids=["another row", "another column", "another table"],
)
def test_a_value_copied_to_another_place_does_not_open(elsewhere: dict[str, Any]) -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt("Dana Guest", **PLACE), **{**PLACE, **elsewhere})


@pytest.mark.parametrize("position", [0, 3, 8, 20, -1])
def test_a_changed_value_does_not_open(position: int) -> None:
    sealed = bytearray(encrypt("Dana Guest", **PLACE))
    sealed[position] ^= 1
    with pytest.raises(CannotDecrypt):
        decrypt(bytes(sealed), **PLACE)


def test_a_cut_value_does_not_open() -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt("", **PLACE)[:-1], **PLACE)


def test_a_new_first_key_seals_and_the_old_one_still_opens(settings: Any) -> None:
    old, new = new_key(), new_key()
    settings.ENCRYPTION_KEY = old
    sealed = encrypt("Dana Guest", **PLACE)
    index = blind_index("dana@example.com", purpose="email", business_id=ROW)
    settings.ENCRYPTION_KEY = f"{new}, {old}"
    assert decrypt(sealed, **PLACE) == "Dana Guest"
    fresh = encrypt("Dana Guest", **PLACE)
    assert blind_index("dana@example.com", purpose="email", business_id=ROW) == index
    settings.ENCRYPTION_KEY = new
    assert decrypt(fresh, **PLACE) == "Dana Guest"
    with pytest.raises(CannotDecrypt):
        decrypt(sealed, **PLACE)


@pytest.mark.parametrize("text", ["", " , ", "short", base64.b64encode(b"x" * 16).decode(), "é" * 44])
def test_an_unusable_key_ring_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is empty|32 bytes|base64"):
        parse_keys(text)


def test_a_blind_index_differs_by_value_purpose_and_business() -> None:
    variants = [
        blind_index(value, purpose=purpose, business_id=business)
        for value in ("dana@example.com", "charlie@example.com")
        for purpose in ("email", "phone")
        for business in (ROW, None)
    ]
    assert len(set(variants)) == 8
    assert all(len(index) == 32 for index in variants)
    assert variants[0] == blind_index("dana@example.com", purpose="email", business_id=ROW)


# --- the fields -------------------------------------------------------------------------------------------------------


@pytest.fixture
def customer(db: None) -> Customer:
    business = Business.objects.create(
        slug="northside", name="Northside", blueprint="barbershop", timezone="Europe/London", currency="GBP"
    )
    return Customer.objects.create(
        business=business, name="Dana Guest", email="dana@example.com", email_index="e", notes=None
    )


def raw(customer: Customer, column: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM customers_customer WHERE email_index = %s", (customer.email_index,)
        )
        row = cursor.fetchone()
        return row[0]


def test_a_field_is_sealed_in_the_database_and_open_in_python(customer: Customer) -> None:
    assert b"Dana" not in bytes(raw(customer, "name"))
    assert raw(customer, "notes") is None
    found = Customer.objects.get(id=customer.id)
    assert (found.name, found.email, found.notes) == ("Dana Guest", "dana@example.com", None)


def test_hand_written_sql_reads_and_writes_what_the_field_reads_and_writes(customer: Customer) -> None:
    sealed = fields.encrypt("Dana G.", table="customers_customer", column="name", row_id=customer.id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET name = %s WHERE email_index = %s", (sealed, customer.email_index)
        )
    found = Customer.objects.get(id=customer.id)
    assert found.name == "Dana G."
    assert (
        decrypt(raw(customer, "email"), table="customers_customer", column="email", row_id=customer.id)
        == "dana@example.com"
    )


def test_a_list_decrypts_only_what_is_looked_at(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def counting(sealed: bytes, *, table: str, column: str, row_id: Any) -> Any:
        opened.append(column)
        return decrypt(sealed, table=table, column=column, row_id=row_id)

    monkeypatch.setattr(fields, "decrypt", counting)
    found = list(Customer.objects.all())
    assert opened == []
    assert [one.name for one in found] == ["Dana Guest"]
    assert [one.name for one in found] == ["Dana Guest"]
    assert opened == ["name"]


def test_a_deferred_field_is_loaded_when_read(customer: Customer) -> None:
    assert Customer.objects.defer("name").get(id=customer.id).name == "Dana Guest"


def test_saving_an_untouched_row_keeps_it_readable(customer: Customer) -> None:
    found = Customer.objects.get(id=customer.id)
    found.phone = "+44 20 7946 0000"
    found.save()
    found.refresh_from_db()
    assert (found.name, found.phone) == ("Dana Guest", "+44 20 7946 0000")


def test_bulk_create_seals_each_row_for_itself(customer: Customer) -> None:
    people = [
        Customer(business=customer.business, name=f"Guest {n}", email=f"g{n}@example.com", email_index=str(n))
        for n in range(3)
    ]
    Customer.objects.bulk_create(people)
    assert sorted(one.name for one in Customer.objects.exclude(id=customer.id)) == [
        "Guest 0",
        "Guest 1",
        "Guest 2",
    ]


def test_a_copy_of_a_row_whose_values_were_never_opened_is_refused(customer: Customer) -> None:
    copy = Customer.objects.get(id=customer.id)
    copy.id, copy.email_index = uuid7(), "other"
    copy._state.adding = True
    with pytest.raises(CannotDecrypt):
        copy.save()


@pytest.mark.parametrize("lookup", ["name", "name__contains", "name__in", "name__startswith"])
def test_comparing_an_encrypted_field_is_refused_with_the_way_out(lookup: str) -> None:
    with pytest.raises(TypeError, match="blind index"):
        Customer.objects.filter(**{lookup: "Dana"})


def test_isnull_is_the_one_comparison_that_works(customer: Customer) -> None:
    assert Customer.objects.filter(notes__isnull=True).count() == 1


def test_update_without_the_rows_id_is_refused(customer: Customer) -> None:
    with pytest.raises(TypeError, match=r"save\(\)"):
        Customer.objects.filter(id=customer.id).update(name="Someone else")


def test_a_text_field_refuses_what_is_not_text(customer: Customer) -> None:
    customer.name = 7  # type: ignore[assignment]
    with pytest.raises(TypeError, match="holds text"):
        customer.save()


def test_a_json_field_is_sealed_for_its_row_and_keeps_changes_made_in_place() -> None:
    message = Message(context={"name": "Dana Guest", "times": [1, 2]})
    column = Message._meta.get_field("context")
    sealed = column.pre_save(message, add=True)
    assert isinstance(sealed, bytes)
    loaded = Message(id=message.id, context=sealed)
    assert loaded.context == {"name": "Dana Guest", "times": [1, 2]}
    loaded.context["times"].append(3)
    again = Message(id=message.id, context=column.pre_save(loaded, add=False))
    assert again.context["times"] == [1, 2, 3]


def test_a_json_field_refuses_a_bare_text() -> None:
    with pytest.raises(TypeError, match="holds JSON"):
        Message._meta.get_field("context").pre_save(Message(context="Dana"), add=True)
