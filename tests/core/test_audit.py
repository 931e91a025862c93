"""The audit trail: every command leaves a line, the lines are chained, and the chain notices everything (SPEC J7)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.models import Booking, BookingChange
from holdfast.businesses.commands import change_business_settings
from holdfast.core import audit, audit_check, clock, sealing
from holdfast.core.audit_guard import GUARD
from holdfast.core.models import AuditChain, AuditRecord
from holdfast.core.transactions import command, violated
from holdfast.customers.commands import block_customer, change_tier, note_on_customer
from holdfast.lib.actors import WORKER, Actor, Role
from holdfast.lib.refusals import Invalid, Refusal
from tests.cast import Shop


@pytest.fixture(autouse=True)
def no_anchors(holdfast_home: Path) -> Iterator[None]:
    sealing.anchors_file().unlink(missing_ok=True)
    yield
    sealing.anchors_file().unlink(missing_ok=True)


def last_line(shop: Shop) -> AuditRecord:
    return AuditRecord.objects.filter(business_id=shop.business_id).latest("id")


def test_what_somebody_had_done_leaves_a_line_with_values_but_without_words(
    shop: Shop, alice: object
) -> None:
    customer_id = shop.book().customer_id
    assert customer_id is not None
    staff = shop.actor(Role.ADMIN)
    staff = Actor(
        **{name: getattr(staff, name) for name in ("role", "business_id", "account_id", "via")},
        address="203.0.113.77",
    )
    change_tier(actor=staff, business_id=shop.business_id, customer_id=customer_id, tier=2)
    line = last_line(shop)
    assert (line.action, line.subject, line.subject_id) == ("customers.change_tier", "customer", customer_id)
    assert (line.account_id, line.role, line.via, line.origin) == (
        staff.account_id,
        "admin",
        "page",
        "203.0.113.0/24",
    )
    assert line.details == {"values": {"tier": 2}, "changed": {"tier": [0, 2]}}
    note_on_customer(
        actor=staff, business_id=shop.business_id, customer_id=customer_id, notes="Dana likes tea"
    )
    line = last_line(shop)
    assert line.details == {"fields": ["notes"]}
    change_business_settings(actor=staff, business_id=shop.business_id, wanted={"hold_minutes": 7})
    assert last_line(shop).details["changed"] == {"hold_minutes": [10, 7]}


def test_a_refused_command_and_the_workers_own_work_leave_no_line(shop: Shop) -> None:
    @command
    def act(*, actor: Actor, is_fine: bool) -> None:
        if not is_fine:
            raise Invalid

    before = AuditRecord.objects.count()
    act(actor=WORKER, is_fine=True)
    with pytest.raises(Refusal):
        act(actor=shop.actor(), is_fine=False)
    assert AuditRecord.objects.count() == before
    act(actor=shop.actor(), is_fine=True)
    assert AuditRecord.objects.count() == before + 1


def test_a_command_within_a_command_leaves_one_line_and_one_without_a_person_leaves_its_inner_ones(
    shop: Shop,
) -> None:
    @command
    def inner(*, actor: Actor, count: int) -> None: ...

    @command
    def outer(*, actor: Actor) -> None:
        inner(actor=actor, count=1)
        inner(actor=actor, count=2)

    @command
    def nobody() -> None:
        inner(actor=shop.actor(), count=3)

    before = AuditRecord.objects.count()
    outer(actor=shop.actor())
    nobody()
    actions = list(AuditRecord.objects.order_by("id").values_list("action", flat=True)[before:])
    assert [action.split(".")[-1] for action in actions] == ["outer", "inner"]


def test_bookings_are_told_by_their_history_which_is_copied_without_holds_and_without_reasons(
    shop: Shop,
) -> None:
    before = AuditRecord.objects.count()
    booking = shop.book()
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=booking.id, now=clock.now())
    assert AuditRecord.objects.count() == before, "no statement of its own"
    first = BookingChange.objects.filter(booking_id=booking.id).earliest("id")
    BookingChange.objects.filter(id=first.id).update(details={"reason": "c2VhbGVk", "overridden": ["notice"]})
    BookingChange.objects.filter(id=first.id).update(action="book")
    sealing.seal()
    copied = list(AuditRecord.objects.filter(source="bookings", subject_id=booking.id).order_by("source_id"))
    assert [line.action for line in copied] == ["bookings.book", "bookings.cancel"]
    assert copied[0].details["values"] == {"overridden": ["notice"]}
    assert sealing.seal() == 0
    late = BookingChange.objects.get(id=first.id)
    late.id = None
    late.save()
    assert sealing.seal() == 1


def sealed_shop(shop: Shop) -> list[AuditRecord]:
    shop.book()
    sealing.seal()
    assert audit_check.verify().faults == ()
    return list(AuditRecord.objects.filter(business_id=shop.business_id).order_by("position"))


def without_guard() -> None:
    for statement in GUARD[connection.vendor][1]:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def change(lines: list[AuditRecord]) -> None:
    AuditRecord.objects.filter(id=lines[2].id).update(action="harmless")


def delete(lines: list[AuditRecord]) -> None:
    lines[2].delete()


def insert(lines: list[AuditRecord]) -> None:
    forged = AuditRecord.objects.get(id=lines[-1].id)
    forged.id, forged.source_id, forged.position = None, None, lines[-1].position + 1  # type: ignore[assignment, operator]
    forged.save()


def cut(lines: list[AuditRecord]) -> None:
    """The tail and the chain's end with it, so that only the anchors outside the database know."""
    for line in lines[-2:]:
        line.delete()
    end = lines[-3]
    AuditChain.objects.filter(business_id=end.business_id).update(position=end.position, seal=end.seal)


def rewrite(lines: list[AuditRecord]) -> None:
    """Change a line and seal all that follow anew, as who knows the code could."""
    AuditRecord.objects.filter(id=lines[0].id).update(action="harmless")
    seal = ""
    for line in AuditRecord.objects.filter(business_id=lines[0].business_id).order_by("position"):
        line.seal = seal = sealing.seal_of(line, seal)
        line.save()
    AuditChain.objects.filter(business_id=lines[0].business_id).update(seal=seal)


def change_history(lines: list[AuditRecord]) -> None:
    BookingChange.objects.filter(id=lines[-1].source_id).update(actor="somebody else")


def delete_history(lines: list[AuditRecord]) -> None:
    BookingChange.objects.filter(id=lines[-1].source_id).delete()


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (change, "changed"),
        (delete, "missing"),
        (insert, "put_in"),
        (cut, "cut_off"),
        (rewrite, "rewritten"),
        (change_history, "history_changed"),
        (delete_history, "history_missing"),
    ],
    ids=["change", "delete", "insert", "cut", "rewrite", "change history", "delete history"],
)
def test_the_chain_notices(shop: Shop, tamper: Callable[[list[AuditRecord]], None], found: str) -> None:
    lines = sealed_shop(shop)
    without_guard()
    tamper(lines)
    assert {fault.what for fault in audit_check.verify(business_id=shop.business_id).faults} >= {found}


def test_the_database_refuses_to_change_or_delete_a_line(shop: Shop) -> None:
    line = sealed_shop(shop)[0]
    note = AuditRecord.objects.create(
        business_id=shop.business_id, at=clock.now(), action="new", actor="", via="page", details={}
    )
    acts: list[Callable[[], object]] = [
        lambda: AuditRecord.objects.filter(id=line.id).update(action="x"),
        lambda: AuditRecord.objects.filter(id=line.id).update(seal="x"),
        lambda: AuditRecord.objects.filter(id=note.id).update(account_id=uuid4()),
        line.delete,
        note.delete,
    ]
    for act in acts:
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            act()
        assert violated(refused.value) == "audit_append_only"


def test_what_a_deleted_booking_told_stays_in_the_trail(shop: Shop) -> None:
    sealed_shop(shop)
    Booking.objects.all().delete()
    assert audit_check.verify().is_whole


def test_old_lines_are_cut_off_at_the_beginning_and_the_rest_stays_provable(shop: Shop) -> None:
    lines = sealed_shop(shop)
    until = lines[-1].at
    assert sealing.cut_before(business_id=shop.business_id, before=until, dry_run=True) == len(lines) - 1
    assert sealing.cut_before(business_id=shop.business_id, before=until) == len(lines) - 1
    assert AuditRecord.objects.filter(business_id=shop.business_id).count() == 1
    assert audit_check.verify().is_whole
    change_tier(
        actor=shop.actor(),
        business_id=shop.business_id,
        customer_id=Booking.objects.get().customer_id,
        tier=1,
    )  # type: ignore[arg-type]
    sealing.seal()
    assert audit_check.verify().is_whole


def test_anchors_are_kept_outside_the_database_and_a_broken_line_of_theirs_is_passed_over(shop: Shop) -> None:
    sealed_shop(shop)
    with sealing.anchors_file().open("a") as file:
        file.write('{"business": "')
    written = [anchor for anchor in sealing.anchors() if anchor.business_id == shop.business_id]
    chain = AuditChain.objects.get(business_id=shop.business_id)
    assert [(one.position, one.seal) for one in written] == [(chain.position, chain.seal)]
    assert json.loads(sealing.anchors_file().read_text().splitlines()[0]).keys() == {
        "business",
        "position",
        "seal",
        "at",
    }


def test_where_somebody_came_from_is_a_network() -> None:
    assert audit.network_of("203.0.113.77") == "203.0.113.0/24"
    assert audit.network_of("2001:db8:1:2:3::4") == "2001:db8:1::/48"
    assert audit.network_of("") == ""


def test_blocking_is_told_once_whatever_it_calls(shop: Shop) -> None:
    customer_id = shop.book().customer_id
    assert customer_id is not None
    before = AuditRecord.objects.count()
    block_customer(actor=shop.actor(), business_id=shop.business_id, customer_id=customer_id, now=clock.now())
    assert AuditRecord.objects.count() == before + 1
