"""Parties that wait for a table: seated at one that fits them, or offered one, on an evening past midnight."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.waitlist.models import Entry, Offer
from tests.cast import join
from tests.club import Club
from tests.waitlist.line import person, wait
from tests.web.desk.test_waitlist import places, text_of


@pytest.fixture
def host(club: Club) -> Client:
    """Bob at the door."""
    client = Client()
    client.force_login(join(club, "bob@example.org", "Bob Door", Role.STAFF))
    return client


def test_a_party_is_seated_at_a_table_or_at_two_that_go_together(
    club: Club, host: Client, friday: time_machine.Traveller
) -> None:
    evening: datetime = club.night("22:40", 0)
    friday.move_to(evening)
    for size, least in ((2, 1), (10, 2)):
        entry = wait(
            club,
            person(f"P{size}"),
            days=0,
            actor=club.actor(),
            walk_in=True,
            party_size=size,
            now=clock.now(),
        )
        page = text_of(host.get(f"/desk/{club.slug}/waitlist/{entry.id}"))
        value = places(page.split('id="offer"')[0])[0]
        answer = host.post(f"/desk/{club.slug}/waitlist/{entry.id}/seat", {"place": value})
        assert answer.status_code == 302
        booking = Booking.objects.get(id=Entry.objects.get(id=entry.id).booking_id)
        assert (booking.state, booking.party_size) == ("checked_in", size)
        assert 1 + len(booking.also or ()) >= least
        assert timedelta(0) <= clock.now() - booking.starts_at < timedelta(minutes=15)


def test_a_party_is_offered_a_table_after_midnight(club: Club, host: Client) -> None:
    entry = wait(club, person("Ada"), days=3, actor=club.actor(), party_size=4, from_time="22:00")
    values = places(text_of(host.get(f"/desk/{club.slug}/waitlist/{entry.id}")))
    assert any(club.night("01:00").isoformat() in value for value in values)
    chosen = next(value for value in values if club.night("01:00").isoformat() in value)
    assert host.post(f"/desk/{club.slug}/waitlist/{entry.id}/offer", {"place": chosen}).status_code == 302
    assert Offer.objects.get().starts_at == club.night("01:00")
