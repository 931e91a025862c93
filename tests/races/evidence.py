"""What the database says after a race, by statements that share nothing with the code under test."""

from __future__ import annotations

from django.db import connection

OCCUPYING = "('held', 'awaiting_payment', 'confirmed', 'checked_in', 'completed', 'no_show')"


def overlapping_claims() -> int:
    """Pairs of claims of one resource that share time, buffers included."""
    return _count(
        "SELECT count(*) FROM bookings_claim a JOIN bookings_claim b ON a.resource_id = b.resource_id AND a.id < b.id"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )


def overlapping_bookings() -> int:
    """Pairs of bookings that both count and share a resource and time: what two customers at one chair would be."""
    return _count(
        "SELECT count(*) FROM bookings_booking a JOIN bookings_booking b ON a.resource_id = b.resource_id"
        " AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
        f" WHERE a.state IN {OCCUPYING} AND b.state IN {OCCUPYING}"
    )


def double_bookings() -> int:
    """All that must never be."""
    return overlapping_claims() + overlapping_bookings()


def loose_ends() -> dict[str, int]:
    """Claims whose booking no longer counts, and bookings that count without exactly one claim of their resource."""
    nobodys = _count(
        "SELECT count(*) FROM bookings_claim c JOIN bookings_booking b ON b.id = c.booking_id"
        f" WHERE b.state NOT IN {OCCUPYING} AND NOT (b.state = 'cancelled' AND b.releases_at IS NOT NULL)"
    )
    unclaimed = _count(
        f"SELECT count(*) FROM bookings_booking b WHERE b.state IN {OCCUPYING} AND 1 <> (SELECT count(*) FROM"
        " bookings_claim c WHERE c.booking_id = b.id AND c.resource_id = b.resource_id"
        " AND c.starts_at <= b.starts_at AND c.ends_at >= b.ends_at)"
    )
    return {"claims of nobody": nobodys, "bookings without their claim": unclaimed}


NO_LOOSE_ENDS = {"claims of nobody": 0, "bookings without their claim": 0}


def assert_sound() -> None:
    """Nothing is double booked, every claim has its booking and every booking its claim."""
    assert (overlapping_claims(), overlapping_bookings()) == (0, 0)
    assert loose_ends() == NO_LOOSE_ENDS


def deadlocks() -> int:
    """How many deadlocks the database has broken so far; SQLite, which has one lock, knows none."""
    if connection.vendor == "sqlite":
        return 0
    return _count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def _count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
