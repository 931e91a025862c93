"""A process that is killed between taking tables and telling leaves all tables of a party taken, or none (SPEC B3)."""

from __future__ import annotations

import multiprocessing
import os
import signal
from typing import Any

import pytest
from django.db import connections

from holdfast.bookings.models import Booking, Claim
from tests.club import make_club

pytestmark = pytest.mark.django_db(transaction=True)

_forks = multiprocessing.get_context("fork")


def _seat_and_die(slug: str) -> None:
    """Book two tables in a transaction of which the end never comes."""
    from django.db import transaction

    from holdfast.bookings.commands import Details, Wish, book
    from holdfast.core import clock
    from holdfast.lib.actors import GUEST
    from holdfast.schedule.queries import timetable_at
    from tests.cast import DANA

    connections.close_all()
    timetable = timetable_at(slug=slug)
    service = next(iter(timetable.services))
    starts_at = clock.now().replace(hour=23, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        wish = Wish(service, starts_at.replace(day=1, month=1, year=starts_at.year + 1), party_size=10)
        book(actor=GUEST, timetable=timetable, wish=wish, details=Details(DANA), now=clock.now())
        assert Claim.objects.count() == 2
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_party_whose_booking_was_killed_half_way_has_no_table(transactional_db: Any) -> None:
    club = make_club()
    club.settle(furthest_ahead_days=730)
    connections.close_all()
    killed = _forks.Process(target=_seat_and_die, args=(club.slug,))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert (Booking.objects.count(), Claim.objects.count()) == (0, 0)
    assert club.named(club.party(10).resource_ids) == ["B2", "B3"]
