"""A business with one of everything that has an id, and everybody who might come to its doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client

from holdfast.accounts.commands import create_account, create_operator
from holdfast.accounts.models import Account
from holdfast.bookings.commands import hold_time
from holdfast.bookings.models import RiderLine
from holdfast.bookings.queries import booking_by_reference
from holdfast.businesses.commands import add_member, invite_member, issue_token
from holdfast.businesses.models import Member
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Forbidden
from holdfast.notifications.models import Message
from holdfast.payments.commands import record_at_counter
from holdfast.payments.models import Refund
from holdfast.webhooks.commands import add_endpoint, send_test
from tests.api.conftest import Api
from tests.bookings.artist import make_studio
from tests.cast import OPERATOR, Shop, make_shop
from tests.waitlist.line import day_of, wait, work


class World:
    """``ids`` has by parameter of an address what exists in ``shop``; ``other`` is the business next door."""

    def __init__(self) -> None:
        self.shop, self.other = make_shop("fenwick"), make_shop("next-door")
        self.ids: dict[str, str] = {}
        self.people: dict[str, Account | None] = {"anonymous": None}
        for role in (Role.STAFF, Role.MANAGER, Role.ADMIN):
            self.people[str(role)] = self._member(self.shop, f"{role}@example.org", role)
        self.people["stranger"] = self._member(self.other, "charlie@example.org", Role.ADMIN)
        self.people["customer"] = create_account(email="dana@example.org")
        self.people["operator"] = create_operator(actor=OPERATOR, email="olive@example.org")
        self._fill()

    @property
    def grown(self) -> list[str]:
        return ["staff", "manager", "admin", "operator"]

    def client(self, who: str) -> Client:
        """A browser of theirs."""
        client = Client(raise_request_exception=True)
        account = self.people[who]
        if account is not None:
            client.force_login(account, backend="holdfast.accounts.backends.SignInBackend")
        return client

    def role(self, who: str) -> Role:
        return {"anonymous": Role.GUEST, "stranger": Role.CUSTOMER}.get(who) or Role(who)

    def _member(self, shop: Shop, email: str, role: Role) -> Account:
        account = create_account(email=email, name=email.split("@")[0].title())
        add_member(actor=OPERATOR, business_id=shop.business_id, account_id=account.id, role=role)
        shop.accounts[role] = account
        return account

    def _fill(self) -> None:
        shop, ids, now = self.shop, self.ids, clock.now()
        admin = Api(shop.slug, shop.token(Role.ADMIN))

        def made(path: str, **body: Any) -> str:
            answer = admin.post(path, body)
            assert answer.status == 201, answer.body
            return str(answer.body["id"])

        booked = shop.book("10:00", resource=shop.theo)
        hold = hold_time(actor=shop.actor(), timetable=shop.timetable, wish=shop.wish("14:00"), now=now)
        entry = wait(shop, actor=shop.actor())
        tables = [made("/resources", name=f"T{n}", kind="table", seats_min=1, seats_max=4) for n in (1, 2)]
        counter = made("/resources", name="Window", kind="counter")
        slotted = made(
            "/services",
            name="Portrait",
            mode="slot",
            duration_minutes=30,
            interval_minutes=30,
            resources=[counter],
        )
        starts_at = shop.at("10:00", 5).isoformat()
        tomorrow = (day_of(shop, 40)).isoformat()
        ids |= {
            "reference": booked.shown_reference,
            "hold_id": str(hold.id),
            "entry_id": str(entry.id),
            "member_id": str(Member.objects.get(account=self.people["staff"]).id),
            "service_id": str(shop.cut.id),
            "resource_id": str(shop.theo.id),
            "combination_id": made("/combinations", name="Both", tables=tables),
            "rider_id": made(
                "/riders", name="Live", lines=[{"section": "technical", "text": "Two monitors"}]
            ),
            "question_id": made(f"/services/{shop.cut.id}/questions", label="Allergies?", kind="text"),
            "rule_id": made("/price-rules", name="Saturdays", weekdays=[5], effect="percent", percent=10),
            "promotion_id": made("/promotions", code="SAVE10", effect="percent", percent=10),
            "exception_id": made("/exceptions", kind="closed", starts_on=tomorrow, ends_on=tomorrow),
            "slot_id": made("/slots", service=slotted, starts_at=starts_at, capacity=2),
            "series_id": made("/slot-series", service=slotted, slot_minutes=30, capacity=2, days_ahead=1),
            "offer_id": self._offer(admin, str(entry.id)),
            "slotted": slotted,
            "table": tables[0],
        }
        ids["person"] = ids["customer_id"] = str(booked.customer_id)
        self._fill_with_people()

    def _fill_with_money(self) -> None:
        """A payment of the booking, and a refund that its provider refused."""
        shop, now = self.shop, clock.now()
        booking = booking_by_reference(business_id=shop.business_id, reference=self.ids["reference"])
        paid = record_at_counter(
            actor=OPERATOR, business_id=shop.business_id, booking_id=booking.id, kind="balance",
            amount_minor=900, currency="GBP", method="cash", now=now,
        )  # fmt: skip
        refund = Refund.objects.create(
            business_id=shop.business_id, booking_id=booking.id, payment_id=paid.id, amount_minor=100,
            reason="asked_for", state="failed", due_at=now,
        )  # fmt: skip
        self.ids["refund_id"] = str(refund.id)

    def _fill_with_people(self) -> None:
        """What lets people and programs in, what the worker wrote, and what belongs to a customer or an artist."""
        shop, ids, now = self.shop, self.ids, clock.now()
        work()
        ids |= {"kind": "json", "event": "booked", "language": "en", "paper": "html", "sheet": "csv"}
        self._fill_with_money()
        ids["message"] = ids["message_id"] = str(Message.objects.filter(business_id=shop.business_id)[0].pk)
        admin_of = shop.actor(Role.ADMIN)
        ids["token_id"] = str(
            issue_token(
                actor=admin_of, business_id=shop.business_id, role="staff", name="till", now=now
            ).token.id
        )
        asked = {"actor": admin_of, "business_id": shop.business_id, "role": "staff"}
        ids["invitation_id"] = str(
            invite_member(**asked, email="dora@example.org", now=now - timedelta(hours=1)).id
        )
        hook = add_endpoint(
            actor=admin_of,
            business_id=shop.business_id,
            url="https://till.example.org/hooks",
            events=["booking.confirmed"],
            now=now,
        ).endpoint
        ids["webhook_id"] = str(hook.id)
        ids["delivery_id"] = str(
            send_test(actor=admin_of, business_id=shop.business_id, endpoint_id=hook.id, now=now)
        )
        dana = Api(shop.slug, client=self.client("customer"))
        ids["template_id"] = str(dana.post("/templates", {"name": "Club night"}).body["id"])
        studio = make_studio()
        ids["request"] = studio.ask().shown_reference
        ids["line_id"] = str(getattr(RiderLine.objects.first(), "id", ids["rider_id"]))

    def _offer(self, admin: Api, entry_id: str) -> str:
        """A place offered by hand to the person who waits."""
        shop = self.shop
        body = {"service": str(shop.cut.id), "starts_at": shop.at("16:00").isoformat()}
        answer = admin.post(f"/waitlist/{entry_id}/offer", body)
        assert answer.status == 201, answer.body
        return str(answer.body["id"])


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back; commands see it as a transaction of the tests."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def why_not(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The not-found page for tests: says whether the thing is missing or the role too weak."""
    refused = isinstance(exception.__cause__, Forbidden)
    return HttpResponse("forbidden" if refused else "missing", status=404)


NOT_COMPARED = {
    "core_ratewindow", "django_session", "core_idempotencykey", "usersessions_usersession", "core_workerheartbeat",
    "core_periodicjob",
}  # fmt: skip


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, but for what counts calls."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table in NOT_COMPARED:
                continue
            columns = [f.column for f in model._meta.concrete_fields if f.column != "last_used_at"]
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f'SELECT {names} FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found
