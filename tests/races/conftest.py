"""The stage of the races: a shop with four barbers, and the guard taken down where a test asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from holdfast.catalog.commands import change_service, create_resource, create_service
from holdfast.core import clock, transactions
from tests.cast import OPERATOR, Shop
from tests.races import evidence, weakening
from tests.races.plays import Stage

TURNS_A_DAY = 6


@pytest.fixture
def stage(transactional_db: None, shop: Shop) -> Stage:
    """Four barbers; services of 30 minutes, of 60, and of 30 with 10 minutes before and 15 after; turns on the hour."""
    barbers = [shop.theo.id, shop.amara.id]
    for name in ("Luca Ferri", "Dev Patel"):
        barbers.append(
            create_resource(actor=OPERATOR, business_id=shop.business_id, wanted={"name": name}).id
        )
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"resources": barbers}
    )
    common = {"interval_minutes": 15, "resources": barbers}
    hour = {"name": "Restyle", "duration_minutes": 60, **common}
    shave = {
        "name": "Shave",
        "duration_minutes": 30,
        "buffer_before_minutes": 10,
        "buffer_after_minutes": 15,
        **common,
    }
    services = [
        shop.cut.id,
        *(
            create_service(actor=OPERATOR, business_id=shop.business_id, wanted=wanted).id
            for wanted in (hour, shave)
        ),
    ]
    turns = [shop.at(f"{10 + turn % TURNS_A_DAY}:00", 3 + turn // TURNS_A_DAY) for turn in range(30)]
    return Stage(shop.slug, clock.now(), tuple(turns), tuple(services), tuple(barbers))


@pytest.fixture
def no_database_guard(transactional_db: None) -> Iterator[None]:
    """The exclusion constraint or the triggers are gone for this test."""
    weakening.remove_database_guard()
    yield
    weakening.restore_database_guard()


@pytest.fixture
def no_code_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands neither lock nor look; the database alone refuses."""
    weakening.remove_code_checks(monkeypatch.setattr)


@pytest.fixture
def repetitions(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often a command had to begin anew: after a deadlock or serialization failure in this process, and by the
    database's own count of deadlocks, which sees every process."""
    seen: list[str] = []
    judge = transactions.should_retry
    before = evidence.deadlocks()

    def judge_and_note(error: Exception) -> bool:
        again = judge(error)  # type: ignore[arg-type]
        if again:
            seen.append(str(error))
        return again

    monkeypatch.setattr(transactions, "should_retry", judge_and_note)
    return lambda: max(len(seen), evidence.deadlocks() - before)
