"""A person sees everything that is held about them, and is forgotten everywhere (SPEC K2)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client

from holdfast.accounts.models import Account
from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.models import Booking
from holdfast.core import clock, erasures, worker
from holdfast.core.fields import EncryptedJSONField, EncryptedTextField
from holdfast.core.models import AuditRecord, OutboxEvent
from holdfast.core.people import knowing
from holdfast.customers.commands import note_on_customer
from holdfast.customers.models import Customer, EmailCode
from holdfast.customers.queries import matching
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Role
from holdfast.notifications.models import Message
from holdfast.privacy.commands import erase_person, export_person, replay_erasures
from holdfast.privacy.errors import AlreadyErased, StillBooked
from tests.cast import Shop

CANARY = Contact(name="Zyxwella Canarybird", email="zyxwella.canary@example.net", phone="07700 900911")
SAID = "my secret is quetzalcoatl-77"
CANARIES = ("zyxwella", "canarybird", "900911", "quetzalcoatl")
# What belongs to accounts, staff and programs and not to customers.
NOT_OF_CUSTOMERS = {
    "accounts.AccountMail.content",
    "schedule.DatedException.note",
    "webhooks.Endpoint.secret",
    "webhooks.Endpoint.former_secret",
}


@pytest.fixture(autouse=True)
def nobody_forgotten(holdfast_home: Path) -> Iterator[None]:
    erasures.erasures_file().unlink(missing_ok=True)
    yield
    erasures.erasures_file().unlink(missing_ok=True)


def past_booking(shop: Shop) -> UUID:
    """A booking of the canary's that is over, with notes, messages and a consent; the customer's id."""
    made = shop.book(contact=CANARY, notes=SAID)
    Booking.objects.filter(id=made.id).update(
        state="completed", starts_at=clock.now() - timedelta(days=3), ends_at=clock.now() - timedelta(days=2)
    )
    assert made.customer_id is not None
    note_on_customer(
        actor=shop.actor(), business_id=shop.business_id, customer_id=made.customer_id, notes=SAID
    )
    worker.drain()
    return made.customer_id


def everything_stored() -> str:
    """Every readable value of every table."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found).casefold()


def everything_on_disk() -> str:
    """The bytes of the home: mail, logs, and on SQLite the database with its write-ahead log, pages it has let go included."""
    files = (path for path in settings.HOLDFAST_HOME.rglob("*") if path.is_file())
    return "".join(path.read_bytes().decode("latin-1") for path in files).casefold()


def mail_files() -> str:
    directory = Path(settings.MAIL_DIRECTORY)
    return (
        "\n".join(path.read_text() for path in directory.glob("*.eml")).casefold()
        if directory.is_dir()
        else ""
    )


def test_every_encrypted_column_is_somebodys_to_export_and_forget() -> None:
    there = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField | EncryptedJSONField)
    }
    declared = {column for one in knowing() for column in one.columns}
    assert there - NOT_OF_CUSTOMERS - declared == set(), "who forgets these? Declare it in config/wiring.py"
    assert declared - there == set()
    assert not declared & NOT_OF_CUSTOMERS


def test_nothing_of_a_person_lies_readable_anywhere_while_they_are_known(shop: Shop) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        past_booking(shop)
    finally:
        logging.getLogger().removeHandler(handler)
    stored = everything_stored()
    events = "\n".join(OutboxEvent.objects.values_list("payload", flat=True)).casefold()
    for canary in CANARIES:
        assert canary not in stored
        assert canary not in events
        assert canary not in log.getvalue().casefold()


def test_an_export_holds_everything_the_person_gave(shop: Shop, alice: Account) -> None:
    customer_id = past_booking(shop)
    held = export_person(actor=shop.actor(Role.ADMIN), business_id=shop.business_id, customer_id=customer_id)
    assert held["person"][0]["name"] == CANARY.name
    assert held["person"][0]["notes"] == SAID
    assert held["bookings"][0]["notes"] == SAID
    assert held["bookings"][0]["phone"] == CANARY.phone
    assert [one["kind"] for one in held["consents"]] == ["privacy"]
    assert [one["action"] for one in held["history"]] == ["book"]
    assert {one["to"] for one in held["messages"]} == {CANARY.email}


@pytest.mark.django_db(transaction=True)
def test_whoever_is_forgotten_is_found_nowhere_and_what_is_kept_is_said(shop: Shop, alice: Account) -> None:
    customer_id = past_booking(shop)
    directory = Path(settings.MAIL_DIRECTORY)
    directory.mkdir(parents=True, exist_ok=True)
    letters = [(directory / f"{number}.eml") for number in ("canary", "other")]
    letters[0].write_bytes(
        b"To: x@example.org\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n"
        b"enl4d2VsbGEuY2FuYXJ5QGV4YW1wbGUubmV0\r\n"
    )
    letters[1].write_bytes(b"To: dana@example.org\r\n\r\nHello\r\n")
    before = Booking.objects.get(customer_id=customer_id)
    fates = erase_person(
        actor=shop.actor(Role.ADMIN), business_id=shop.business_id, customer_id=customer_id, now=clock.now()
    )
    told = {fate.what: (fate.is_kept, fate.why) for fate in fates}
    assert told["person"] == (False, "")
    assert told["bookings"] == (True, "accounts")
    assert told["consents"] == (True, "proof")
    row = Customer.objects.get(id=customer_id)
    assert (row.name, row.email, row.phone, row.notes, row.email_index, row.phone_index) == (
        "", None, None, None, None, "",
    )  # fmt: skip
    after = Booking.objects.get(customer_id=customer_id)
    assert (after.contact, after.notes, after.answers) == (None, None, None)
    assert (after.price_minor, after.starts_at) == (before.price_minor, before.starts_at)
    assert not Message.objects.filter(booking=after).exists()
    for text in (CANARY.email, CANARY.phone, "Zyxwella"):
        assert not matching(business_id=shop.business_id, text=text).exists()
    assert not letters[0].exists()
    assert letters[1].exists()
    letters[1].unlink()
    written = erasures.erasures_file().read_text()
    for canary in CANARIES:
        assert canary not in everything_stored() + mail_files() + written.casefold() + everything_on_disk()
    assert str(customer_id) not in written
    if connection.vendor == "sqlite":
        assert shop.slug in everything_on_disk(), "the search sees what is there"
    line = AuditRecord.objects.get(action="privacy.erase_person")
    assert (line.subject_id, line.details) == (customer_id, {})
    with pytest.raises(AlreadyErased):
        erase_person(
            actor=shop.actor(Role.ADMIN),
            business_id=shop.business_id,
            customer_id=customer_id,
            now=clock.now(),
        )


def test_whoever_has_a_booking_ahead_is_not_forgotten_until_it_is_cancelled(
    shop: Shop, alice: Account
) -> None:
    made = shop.book(contact=CANARY)
    chosen = {
        "actor": shop.actor(Role.ADMIN),
        "business_id": shop.business_id,
        "customer_id": made.customer_id,
        "now": clock.now(),
    }
    with pytest.raises(StillBooked) as refused:
        erase_person(**chosen)  # type: ignore[arg-type]
    assert refused.value.facts["references"] == [made.shown_reference]
    assert not erasures.erasures_file().exists()
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=made.id, now=clock.now())
    assert erase_person(**chosen)  # type: ignore[arg-type]


def test_a_restored_backup_forgets_again_and_nobody_else(shop: Shop, alice: Account) -> None:
    customer_id = past_booking(shop)
    dana = shop.book("15:00").customer_id
    table = {
        model: list(model.objects.values())  # type: ignore[attr-defined]
        for model in (Customer, Message, Booking)
    }
    erase_person(
        actor=shop.actor(Role.ADMIN), business_id=shop.business_id, customer_id=customer_id, now=clock.now()
    )
    assert replay_erasures(now=clock.now()) == 0
    Message.objects.all().delete()
    for model in (Customer, Booking):
        for row in table[model]:
            model.objects.filter(pk=row["id"]).update(**{k: v for k, v in row.items() if k != "id"})  # type: ignore[attr-defined]
    assert Customer.objects.get(id=customer_id).name == CANARY.name, "the backup is back"
    assert replay_erasures(now=clock.now()) == 1
    assert Customer.objects.get(id=customer_id).name == ""
    assert Booking.objects.get(customer_id=customer_id).contact is None
    assert Customer.objects.get(id=dana).name == "Dana Guest"


def test_a_person_proves_the_address_reads_everything_and_is_forgotten(
    shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = past_booking(shop)
    monkeypatch.setattr("secrets.randbelow", lambda _: 123456)
    here = f"/b/{shop.slug}/data"
    assert client.get(here).status_code == 200
    assert client.post(here, {"email": "nonsense"}).status_code == 422
    asked = client.post(here, {"email": CANARY.email})
    assert asked.status_code == 200
    wrong = client.post(here, {"email": CANARY.email, "email_code": "999999", "do": "json"})
    assert wrong.status_code == 422
    assert "quetzalcoatl" not in wrong.content.decode()
    proof = {"email": CANARY.email, "email_code": "123456"}
    taken = client.post(here, {**proof, "do": "json"})
    assert json.loads(taken.content)["person"][0]["email"] == CANARY.email
    assert "no-store" in taken["Cache-Control"]
    page = client.post(here, {**proof, "do": "html"}).content.decode()
    assert "quetzalcoatl" in page
    assert "<script" not in page
    assert "no more news" in client.post(here, {**proof, "do": "news"}).content.decode()
    unsure = client.post(here, {**proof, "do": "erase"})
    assert unsure.status_code == 422
    done = client.post(here, {**proof, "do": "erase", "sure": "1"})
    assert "You are forgotten here" in done.content.decode()
    assert Customer.objects.get(id=customer_id).erased_at is not None
    assert not EmailCode.objects.exists()
    again = client.post(here, {**proof, "do": "json"})
    assert again.status_code == 422, "the code is used up"


def test_an_admin_hands_over_and_forgets_at_the_desk_and_others_may_not(
    shop: Shop, alice: Account, bob: Account, client: Client
) -> None:
    customer_id = past_booking(shop)
    here = f"/desk/{shop.slug}/people/{customer_id}"
    client.force_login(bob)
    assert "Their data" not in client.get(here).content.decode()
    assert client.get(f"{here}/data.json").status_code == 404
    assert client.post(f"{here}/erase", {"sure": "1"}).status_code == 404
    client.force_login(alice)
    assert "Their data" in client.get(here).content.decode()
    assert client.get(f"{here}/data.json").json()["bookings"][0]["notes"] == SAID
    assert "quetzalcoatl" in client.get(f"{here}/data.html").content.decode()
    assert client.post(f"{here}/erase").status_code == 422
    done = client.post(f"{here}/erase", {"sure": "1"}).content.decode()
    assert "accounts must be kept" in done
    assert "Forgotten person" in client.get(here).content.decode()
    assert client.post(f"{here}/erase", {"sure": "1"}).status_code == 409
    actions = list(AuditRecord.objects.filter(action__startswith="privacy.").values_list("action", flat=True))
    assert actions.count("privacy.export_person") == 2
    assert actions.count("privacy.erase_person") == 1


def test_the_api_hands_over_and_forgets(shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    customer_id = past_booking(shop)
    base = f"/api/v1/businesses/{shop.slug}"
    manager, admin = ({"Authorization": f"Bearer {shop.token(role)}"} for role in (Role.MANAGER, Role.ADMIN))
    assert client.get(f"{base}/customers/{customer_id}/data", headers=manager).status_code == 403
    assert (
        client.get(f"{base}/customers/{customer_id}/data", headers=admin).json()["person"][0]["notes"] == SAID
    )
    monkeypatch.setattr("secrets.randbelow", lambda _: 123456)
    client.post(f"{base}/verifications", {"email": CANARY.email}, content_type="application/json")
    proof = {"email": CANARY.email, "email_code": "123456"}
    own = client.post(f"{base}/privacy/data", proof, content_type="application/json")
    assert own.json()["person"][0]["name"] == CANARY.name
    wrong = client.post(
        f"{base}/privacy/data", {**proof, "email_code": "000000"}, content_type="application/json"
    )
    assert wrong.status_code == 422
    gone = client.post(f"{base}/privacy/erase", proof, content_type="application/json")
    assert {"what": "bookings", "count": 1, "kept": True, "why": "accounts"} in gone.json()["fates"]
    again = client.post(f"{base}/customers/{customer_id}/erase", headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "already_erased")
