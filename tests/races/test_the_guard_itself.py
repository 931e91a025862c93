"""The database's own guard: it is there after migrating, and refuses every kind of overlap by itself (DESIGN §2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.bookings.models import Claim
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.sql import GUARD_NAME
from holdfast.core.transactions import violated
from tests.cast import Shop


def guards() -> set[str]:
    """The guard's objects in the database as it is."""
    if connection.vendor == "postgresql":
        statement = (
            "SELECT conname FROM pg_constraint WHERE conrelid = 'bookings_claim'::regclass AND contype = 'x'"
            " AND convalidated AND NOT condeferrable"
        )
    else:
        statement = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'bookings_claim'"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {row[0] for row in cursor.fetchall()}


def wanted_guards() -> set[str]:
    if connection.vendor == "postgresql":
        return {"claim_overlap"}
    return {"claim_overlap_INSERT", "claim_overlap_UPDATE"}


@pytest.mark.django_db
def test_the_migrated_schema_has_the_guard() -> None:
    assert guards() == wanted_guards()


@pytest.mark.django_db(transaction=True)
def test_migrating_back_and_forth_takes_the_guard_down_and_up() -> None:
    call_command("migrate", "bookings", "0001", verbosity=0)
    try:
        assert guards() == set()
    finally:
        call_command("migrate", verbosity=0)  # whole: going back took down what stands on bookings, too
    assert guards() == wanted_guards()


@pytest.fixture
def booking(shop: Shop) -> BookingFacts:
    return shop.book("10:00", resource=shop.theo)


def claim(booking: BookingFacts, start: int, end: int, resource_id: UUID | None = None) -> Claim:
    """A claim from ``start`` to ``end`` minutes after the booking's beginning, written past all code."""
    at: datetime = booking.starts_at
    return Claim.objects.create(
        business_id=booking.business_id,
        booking_id=booking.id,
        resource_id=resource_id or booking.resource_id,
        starts_at=at + timedelta(minutes=start),
        ends_at=at + timedelta(minutes=end),
    )


@pytest.mark.parametrize(
    ("start", "end"), [(0, 30), (-10, 1), (29, 60), (10, 20), (-60, 90), (-1, 30), (0, 31)]
)
def test_an_overlapping_claim_is_refused_by_name(booking: BookingFacts, start: int, end: int) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        claim(booking, start, end)
    assert violated(refused.value) == GUARD_NAME


def test_touching_claims_and_those_of_other_resources_are_let_in(booking: BookingFacts, shop: Shop) -> None:
    claim(booking, -30, 0)
    claim(booking, 30, 60)
    claim(booking, 0, 30, shop.amara.id)
    assert Claim.objects.count() == 4


def test_a_claim_cannot_be_stretched_or_shifted_into_another(booking: BookingFacts) -> None:
    later = claim(booking, 30, 60)
    for change in ({"starts_at": booking.starts_at}, {"starts_at": booking.ends_at - timedelta(minutes=1)}):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Claim.objects.filter(id=later.id).update(**change)
        assert violated(refused.value) == GUARD_NAME
    Claim.objects.filter(id=later.id).update(ends_at=booking.ends_at + timedelta(hours=5))


def test_a_claim_cannot_be_given_to_a_resource_that_is_taken(booking: BookingFacts, shop: Shop) -> None:
    other = claim(booking, 15, 45, shop.amara.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(id=other.id).update(resource_id=shop.theo.id)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_guard_the_database_lets_overlaps_in(
    booking: BookingFacts, no_database_guard: None
) -> None:
    assert guards() == set()
    claim(booking, 0, 30)
    assert Claim.objects.count() == 2


@pytest.mark.django_db
def test_the_guard_lets_in_exactly_what_a_naive_model_lets_in(shop: Shop) -> None:
    booking = shop.book("10:00", days=40, resource=shop.theo)

    @given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), min_size=1, max_size=25))
    @settings(max_examples=40)
    def check(wanted: list[tuple[int, int]]) -> None:
        Claim.objects.all().delete()
        taken: set[int] = set()
        for start, length in wanted:
            minutes = set(range(start, start + length))
            try:
                with transaction.atomic():
                    claim(booking, start, start + length)
                let_in = True
            except IntegrityError:
                let_in = False
            assert let_in == taken.isdisjoint(minutes)
            if let_in:
                taken |= minutes

    check()
