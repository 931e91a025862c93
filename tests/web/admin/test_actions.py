"""Bulk actions obey the rules of the desk: what is refused is said, and nothing of it is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from holdfast.accounts.models import ApiToken
from holdfast.bookings.commands import check_in
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, history_of
from holdfast.catalog.models import Resource, Service
from holdfast.core import clock, worker
from holdfast.core.models import OutboxEvent
from holdfast.customers.models import Customer
from holdfast.notifications.models import Message
from holdfast.schedule.models import Slot, SlotSeries, WeeklyHours
from tests.cast import OPERATOR, Shop

Act = Callable[..., str]


def states() -> list[str]:
    return list(Booking.objects.order_by("starts_at").values_list("state", flat=True))


def test_cancelling_frees_the_time_and_leaves_its_line_in_the_history(
    shop: Shop, act: Act, dana_at_noon: BookingFacts
) -> None:
    page = act("bookings/booking", "cancel", [dana_at_noon.id])
    assert "Done for 1." in page
    assert states() == ["cancelled"]
    assert not Claim.objects.exists()
    last = history_of(business_id=shop.business_id, booking_id=dana_at_noon.id)[-1]
    assert (last.action, last.actor, last.via) == ("cancel", "Olga Operator", "admin")
    assert OutboxEvent.objects.filter(kind__endswith="BookingCancelled").exists()


def test_one_refusal_stops_no_other_and_is_said(shop: Shop, act: Act, dana_at_noon: BookingFacts) -> None:
    tomorrow = shop.book("10:00", days=1)
    page = act("bookings/booking", "check_in", [dana_at_noon.id, tomorrow.id])
    assert "Done for 1." in page
    assert f"{tomorrow.reference}: " in page
    assert states() == ["checked_in", "confirmed"]


@pytest.mark.parametrize("action", ["complete", "no_show"])
def test_what_the_rules_refuse_changes_nothing(action: str, act: Act, dana_at_noon: BookingFacts) -> None:
    page = act("bookings/booking", action, [dana_at_noon.id])
    assert "Done for" not in page
    assert f"{dana_at_noon.reference}: " in page
    assert states() == ["confirmed"]


def test_completing_and_missing_follow_the_table_of_steps(
    shop: Shop, act: Act, dana_at_noon: BookingFacts, friday: time_machine.Traveller
) -> None:
    missed = shop.book("13:00", days=0)
    check_in(actor=OPERATOR, business_id=shop.business_id, booking_id=dana_at_noon.id, now=clock.now())
    friday.move_to(missed.ends_at)
    act("bookings/booking", "complete", [dana_at_noon.id])
    act("bookings/booking", "no_show", [missed.id])
    assert states() == ["completed", "no_show"]


def test_nothing_deletes_whatever_is_selected(act: Act, operator: Client, dana_at_noon: BookingFacts) -> None:
    act("bookings/booking", "delete_selected", [dana_at_noon.id], post="yes")
    assert (
        operator.post(f"/admin/bookings/booking/{dana_at_noon.id}/delete/", {"post": "yes"}).status_code
        == 403
    )
    assert states() == ["confirmed"]


def test_slots_are_closed_opened_and_resized_by_the_rules(shop: Shop, act: Act, slots: list[Slot]) -> None:
    taken, empty = slots[:2]
    Slot.objects.filter(pk=taken.pk).update(taken=3)
    keys = [taken.pk, empty.pk]
    assert "2 time slots changed; 0 were so already." in act("schedule/slot", "close_slots", keys)
    assert "1 time slot changed" in act("schedule/slot", "open_slots", [empty.pk])
    page = act("schedule/slot", "set_capacity", keys, capacity="2")
    assert "1 time slot changed" in page
    assert "More places are taken than it would have." in page
    found = {slot.pk: (slot.capacity, slot.is_open) for slot in Slot.objects.filter(pk__in=keys)}
    assert found == {taken.pk: (4, False), empty.pk: (2, True)}
    page = act("schedule/slot", "delete_slots", keys)
    assert "Somebody is in it." in page
    assert list(Slot.objects.filter(pk__in=keys)) == [taken]


@pytest.mark.parametrize("written", ["", "0", "-1", "many", "99999999999"])
def test_a_capacity_that_is_none_changes_nothing(written: str, act: Act, slots: list[Slot]) -> None:
    page = act("schedule/slot", "set_capacity", [slots[0].pk], capacity=written)
    assert 'class="error"' in page or "errornote" in page
    assert set(Slot.objects.values_list("capacity", flat=True)) == {4}


def test_a_series_publishes_what_is_due(full_house: Shop, act: Act) -> None:
    series = SlotSeries.objects.get()
    SlotSeries.objects.update(published_on=None, days_ahead=4)
    before = Slot.objects.count()
    assert "Done for 1." in act("schedule/slotseries", "publish", [series.pk])
    assert Slot.objects.count() > before


def test_hours_come_from_a_template_unless_they_strand_somebody(
    shop: Shop, act: Act, dana_at_noon: BookingFacts
) -> None:
    before = list(WeeklyHours.objects.values_list("weekday", "opens"))
    page = act("businesses/business", "give_hours", [shop.business_id], template="weekend")
    assert dana_at_noon.shown_reference in page
    assert list(WeeklyHours.objects.values_list("weekday", "opens")) == before
    act("businesses/business", "give_hours", [shop.business_id], template="weekend", stranded="cancel")
    assert list(WeeklyHours.objects.values_list("weekday", "opens")) == [(5, 600), (6, 600)]
    assert states() == ["cancelled"]


def test_a_template_that_is_none_is_refused(shop: Shop, act: Act) -> None:
    before = WeeklyHours.objects.count()
    assert "Done for" not in act("businesses/business", "give_hours", [shop.business_id], template="")
    assert WeeklyHours.objects.count() == before


@pytest.mark.parametrize(("model", "row"), [("resource", "theo"), ("service", "cut")])
def test_retiring_asks_about_bookings_first(
    model: str, row: str, shop: Shop, act: Act, dana_at_noon: BookingFacts
) -> None:
    table = {"resource": Resource, "service": Service}[model]
    key = getattr(shop, row).id
    page = act(f"catalog/{model}", "retire", [key])
    assert dana_at_noon.shown_reference in page
    assert table.objects.get(pk=key).is_active
    act("bookings/booking", "cancel", [dana_at_noon.id])
    assert "Done for 1." in act(f"catalog/{model}", "retire", [key])
    assert not table.objects.get(pk=key).is_active
    act(f"catalog/{model}", "bring_back", [key])
    assert table.objects.get(pk=key).is_active


def test_customers_are_blocked_and_unblocked(act: Act, dana_at_noon: BookingFacts) -> None:
    [dana] = Customer.objects.all()
    act("customers/customer", "block", [dana.pk])
    assert Customer.objects.get().blocked_at == clock.now()
    act("customers/customer", "unblock", [dana.pk])
    assert Customer.objects.get().blocked_at is None


def test_a_token_is_revoked_once(shop: Shop, act: Act) -> None:
    shop.token()
    [token] = ApiToken.objects.all()
    assert "Done for 1." in act("accounts/apitoken", "revoke", [token.pk])
    assert ApiToken.objects.get().revoked_at == clock.now()
    assert "It is not there (any more)." in act("accounts/apitoken", "revoke", [token.pk])


@pytest.mark.django_db(transaction=True)
def test_a_message_goes_out_again_unless_it_is_not_true_any_more(
    shop: Shop, act: Act, dana_at_noon: BookingFacts
) -> None:
    worker.drain()
    sent = Message.objects.get(kind="booked", audience="customer")
    assert sent.state == "sent"
    assert "Done for 1." in act("notifications/message", "send_again", [sent.pk])
    assert Message.objects.filter(kind="booked", audience="customer").count() == 2
    act("bookings/booking", "cancel", [dana_at_noon.id])
    assert "Not sent" in act("notifications/message", "send_again", [sent.pk])
    assert Message.objects.filter(kind="booked", audience="customer").count() == 2


def test_dead_events_are_tried_again_and_living_ones_left_alone(act: Act, dana_at_noon: BookingFacts) -> None:
    living = OutboxEvent.objects.get(kind__endswith="BookingConfirmed")
    assert "0 events will be tried again" in act("core/outboxevent", "try_again", [living.pk])
    OutboxEvent.objects.filter(pk=living.pk).update(dead_at=clock.now(), attempts=9)
    assert "1 events will be tried again" in act("core/outboxevent", "try_again", [living.pk])
    living.refresh_from_db()
    assert (living.dead_at, living.attempts) == (None, 0)
