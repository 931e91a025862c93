"""The audit trail at the desk and by the API (SPEC J7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from holdfast.accounts.models import Account
from holdfast.bookings.commands import cancel_booking
from holdfast.core import clock, sealing
from holdfast.core.models import AuditRecord
from holdfast.customers.commands import change_tier, note_on_customer
from holdfast.lib.actors import Role
from tests.cast import PASSWORD, Shop

pytestmark = pytest.mark.django_db


def page(client: Client, account: Account, url: str) -> str:
    client.force_login(account)
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_an_admin_reads_narrows_and_takes_away_who_did_what(
    shop: Shop, alice: Account, bob: Account, client: Client
) -> None:
    booking = shop.book()
    cancel_booking(
        actor=shop.actor(Role.STAFF), timetable=shop.timetable, booking_id=booking.id, now=clock.now()
    )
    chosen = {"business_id": shop.business_id, "customer_id": booking.customer_id}
    change_tier(actor=shop.actor(Role.ADMIN), **chosen, tier=2)  # type: ignore[arg-type]
    note_on_customer(actor=shop.actor(Role.STAFF), **chosen, notes="allergic to nuts")  # type: ignore[arg-type]
    sealing.seal()
    here = f"/desk/{shop.slug}/settings/audit"
    shown = page(client, alice, here)
    assert "Tier changed" in shown
    assert "tier: 0 → 2" in shown
    assert "Booking cancelled" in shown
    assert alice.name in shown
    assert "a customer" in shown
    assert "nuts" not in shown
    assert "dana@example.org" not in shown
    only_bob = page(client, alice, f"{here}?who={bob.id}&what=customers")
    assert "Notes about a customer changed" in only_bob
    assert "tier: 0" not in only_bob
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    assert "Nothing fits" in page(client, alice, f"{here}?from={tomorrow}")
    assert client.get(f"{here}?from=yesterday&what=cheese").status_code == 422
    taken = client.get(f"{here}.csv?what=customers")
    lines = b"".join(taken).decode().splitlines()  # type: ignore[call-overload]
    assert len(lines) == 3
    assert "customers.change_tier" in lines[1]
    exported = AuditRecord.objects.filter(action="insights.note_export").latest("id")
    assert exported.details == {"values": {"what": "audit"}}
    assert exported.account_id == alice.id
    client.force_login(bob)
    assert client.get(here).status_code == 404
    assert client.get(f"{here}.csv").status_code == 404
    assert "settings/audit" not in client.get(f"/desk/{shop.slug}/settings/").content.decode()


def test_the_pages_of_the_trail_follow_each_other(shop: Shop, alice: Account, client: Client) -> None:
    row = AuditRecord.objects.filter(business_id=shop.business_id).latest("id")
    for _ in range(60):
        row.pk = None
        row.save(force_insert=True)
    client.force_login(alice)
    first = client.get(f"/desk/{shop.slug}/settings/audit")
    second = client.get(first.context["next_url"])
    total = AuditRecord.objects.filter(business_id=shop.business_id).count()
    assert len(first.context["rows"]) == 50
    assert len(second.context["rows"]) == total - 50


def test_the_api_reads_the_trail_page_by_page_and_admins_alone(
    shop: Shop, alice: Account, client: Client
) -> None:
    url = f"/api/v1/businesses/{shop.slug}/audit"
    admin = {"Authorization": f"Bearer {shop.token(Role.ADMIN)}"}
    first = client.get(f"{url}?limit=2", headers=admin).json()
    assert next(line["action"] for line in first["items"]) == "accounts.create_token"
    rest = client.get(f"{url}?limit=100&cursor={first['next_cursor']}", headers=admin).json()
    ids = [line["id"] for line in first["items"] + rest["items"]]
    assert len(ids) == len(set(ids)) == AuditRecord.objects.filter(business_id=shop.business_id).count()
    narrowed = client.get(f"{url}?action=catalog", headers=admin).json()["items"]
    assert {line["action"].split(".")[0] for line in narrowed} == {"catalog"}
    manager = {"Authorization": f"Bearer {shop.token(Role.MANAGER)}"}
    assert client.get(url, headers=manager).status_code == 403
    assert client.get(url).status_code == 401


def test_signing_in_and_failing_to_is_told_without_the_address(alice: Account, client: Client) -> None:
    for email, password in (
        (alice.email, PASSWORD),
        (alice.email, "wrong one"),
        ("Nobody@example.org", "x" * 12),
    ):
        client.logout()
        client.post("/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR="203.0.113.9")
    told = list(AuditRecord.objects.filter(action__startswith="accounts.sign_in").order_by("id"))
    assert [line.action.split(".")[1] for line in told] == ["sign_in", "sign_in_failed", "sign_in_failed"]
    assert told[0].account_id == alice.id
    assert told[0].origin == "203.0.113.0/24"
    assert told[1].account_id is None
    assert told[1].subject_id == alice.id
    assert told[2].subject_id is None
    assert len(told[2].details["tried"]) == 32
    assert "nobody" not in str(vars(told[2])).lower()
