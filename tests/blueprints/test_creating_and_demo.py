"""A business from its blueprint takes a booking at once; the demo is lively, sound and the same again (SPEC A1)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from holdfast.accounts.models import Account
from holdfast.availability.queries import next_open_day, open_times
from holdfast.blueprints.commands import create_from_blueprint, demo, load_demo
from holdfast.blueprints.commands.demo import barbershop
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.blueprints.rules.diary import visits_on
from holdfast.blueprints.rules.kinds.barbershop import DEMO_BARBERSHOP
from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.models import Booking, BookingChange
from holdfast.businesses.errors import SlugTaken
from holdfast.businesses.models import Business, Member
from holdfast.businesses.rules import Settings, change_settings
from holdfast.catalog.models import Resource, Service
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Forbidden, Invalid
from holdfast.schedule.queries import load_timetable
from holdfast.schedule.rules import HOUR_TEMPLATES
from tests.cast import DANA, OPERATOR
from tests.races.evidence import assert_sound

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {"slug": "new-one", "name": "New One", "timezone": "Europe/Berlin", "currency": "EUR"}


@pytest.fixture(autouse=True)
def only_the_barbershop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's other businesses have tests of their own."""
    monkeypatch.setattr(demo, "DEMOS", (barbershop.DEMO,))


@pytest.mark.parametrize("kind", sorted(BLUEPRINTS))
def test_a_business_from_a_blueprint_has_all_that_its_blueprint_promises(kind: str) -> None:
    made = create_from_blueprint(actor=OPERATOR, blueprint=kind, **GOOD)
    timetable, promised = load_timetable(business_id=made.id), BLUEPRINTS[kind]
    assert made.blueprint == kind
    assert [(s.name, s.mode, s.duration_minutes) for s in timetable.services.values()] == [
        (offered.name, offered.mode, offered.minutes) for offered in promised.services
    ]
    assert [(r.name, r.kind, r.seats_max) for r in timetable.resources.values()] == [
        (giver.name, giver.kind, giver.seats_max) for giver in promised.givers
    ]
    assert {tuple(sorted(s.resource_ids)) for s in timetable.services.values()} == {
        tuple(sorted(timetable.resources))
    }
    assert tuple(sorted(timetable.hours.weekly)) == tuple(sorted(HOUR_TEMPLATES[promised.hours]))
    assert {name: getattr(timetable.business.settings, name) for name in promised.settings} == dict(
        promised.settings
    )


@pytest.mark.parametrize("kind", ["barbershop", "waitlist"])
@pytest.mark.parametrize(("currency", "unit"), [("EUR", 100), ("JPY", 1)])
def test_a_business_from_a_blueprint_takes_its_first_booking_at_once(
    kind: str, currency: str, unit: int
) -> None:
    made = create_from_blueprint(actor=OPERATOR, blueprint=kind, **(GOOD | {"currency": currency}))
    timetable, now = load_timetable(business_id=made.id), clock.now()
    service = next(iter(timetable.services.values()))
    assert service.price_minor == BLUEPRINTS[kind].services[0].price * unit
    day = next_open_day(timetable=timetable, service_id=service.id, after=date.min, now=now)
    assert day is not None
    [found] = open_times(timetable=timetable, service_id=service.id, first=day, last=day, now=now)
    wish = Wish(service.id, found.times[0].starts_at)
    assert (
        book(actor=GUEST, timetable=timetable, wish=wish, details=Details(DANA), now=now).state == "confirmed"
    )


def test_another_hour_template_can_be_chosen() -> None:
    made = create_from_blueprint(actor=OPERATOR, blueprint="barbershop", **GOOD, hours="weekday_9to5")
    weekly = load_timetable(business_id=made.id).hours.weekly
    assert [(window.weekday, window.opens, window.closes) for window in weekly] == [
        (d, 540, 1020) for d in range(5)
    ]


@pytest.mark.parametrize(
    ("field", "value"), [("blueprint", "bank"), ("hours", "never"), ("timezone", "Nowhere")]
)
def test_a_wrong_choice_is_refused_and_nothing_is_left(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_from_blueprint(actor=OPERATOR, **({"blueprint": "barbershop"} | GOOD | {field: value}))
    assert list(refused.value.fields) == [field]
    assert Business.objects.count() == 0


def test_only_the_operator_creates() -> None:
    with pytest.raises(Forbidden):
        create_from_blueprint(actor=GUEST, blueprint="barbershop", **GOOD)


def test_every_blueprints_settings_are_valid() -> None:
    for blueprint in (*BLUEPRINTS.values(), DEMO_BARBERSHOP):
        change_settings(Settings(), dict(blueprint.settings))


def test_a_date_always_has_the_same_visits_and_dates_differ() -> None:
    first, second = date(2027, 6, 1), date(2027, 6, 2)
    call: dict[str, Any] = {"services": 8, "givers": 4, "busy": 14}
    assert visits_on(first, **call) == visits_on(first, **call) != visits_on(second, **call)
    for visit in visits_on(first, **call):
        assert 0 <= visit.at < 1
        assert visit.service in range(8)
        assert visit.giver in (None, *range(4))
        assert visit.email.endswith("@example.com")


@pytest.mark.timeout(300)
def test_the_demo_is_lively_sound_and_loaded_once() -> None:
    now = clock.now()
    told: list[str] = []
    call: dict[str, Any] = {
        "actor": OPERATOR,
        "password": "a demo pass phrase",
        "now": now,
        "tell": told.append,
    }
    loaded = load_demo(**call)
    business = next(each for each in loaded if each.slug == "fenwick-and-rowe")
    states = Counter(Booking.objects.filter(business=business).values_list("state", flat=True))
    assert 200 <= states.total() <= 450
    assert states["confirmed"] >= 40
    assert states["completed"] >= 80
    assert states["no_show"] >= 1
    assert states["cancelled"] >= 1
    assert_sound()
    assert not Booking.objects.filter(state="confirmed", ends_at__lt=now - timedelta(minutes=10)).exists()
    assert BookingChange.objects.filter(at__gt=now).count() == 0
    about_bookings = OutboxEvent.objects.filter(kind__startswith="Booking")
    assert about_bookings.count() == 0  # nobody is told about a story
    assert Member.objects.filter(business=business).count() == 4
    before = set(Booking.objects.values_list("id", flat=True))
    assert load_demo(**call) == loaded
    assert set(Booking.objects.values_list("id", flat=True)) == before
    assert told


def load(**values: Any) -> list[Business]:
    call: dict[str, Any] = {"actor": OPERATOR, "password": "a demo pass phrase", "now": clock.now()}
    return load_demo(**call | {"tell": lambda _: None} | values)


def test_the_demo_leaves_a_real_business_of_its_address_alone() -> None:
    create_from_blueprint(actor=OPERATOR, blueprint="barbershop", **(GOOD | {"slug": "fenwick-and-rowe"}))
    with pytest.raises(SlugTaken):
        load()
    assert Member.objects.count() == 0
    assert Account.objects.count() == 0


@pytest.mark.timeout(300)
def test_what_the_demos_people_retired_is_left_out_when_the_diary_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(barbershop, "PAST_DAYS", 2)
    monkeypatch.setattr(barbershop, "FUTURE_DAYS", 3)
    [business] = load()
    service = Service.objects.filter(business=business).order_by("position").first()
    resource = Resource.objects.filter(business=business).order_by("position").first()
    assert service is not None
    assert resource is not None
    for retired in (service, resource):
        retired.is_active = False
        retired.save()
    before = set(Booking.objects.values_list("id", flat=True))
    load(now=clock.now() + timedelta(days=5))
    added = Booking.objects.exclude(id__in=before)
    assert added.count() >= 15
    assert not added.filter(resource=resource).exists()
    assert not added.filter(service=service).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_running_server_can_write_between_two_days_of_the_diary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(barbershop, "PAST_DAYS", 1)
    monkeypatch.setattr(barbershop, "FUTURE_DAYS", 1)
    outside: list[bool] = []
    hashes = Account.check_password

    def watched(account: Account, password: str) -> bool:
        outside.append(connection.in_atomic_block)
        return hashes(account, password)

    monkeypatch.setattr(Account, "check_password", watched)
    begun: list[bool] = []
    write_day = barbershop._write_day

    def noted(*args: Any) -> int:
        begun.append(connection.in_atomic_block)
        return write_day(*args)

    monkeypatch.setattr(barbershop, "_write_day", noted)
    load()
    load()
    assert outside
    assert not any(outside)
    assert begun == [False] * 6
