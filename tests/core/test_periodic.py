from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from holdfast.core import periodic
from holdfast.core.clock import now
from holdfast.core.models import PeriodicJob
from tests.core.threads import at_once

ran: list[str] = []
NAME = "count sheep"


def count_sheep() -> None:
    ran.append("sheep")


def fall_over() -> None:
    ran.append("fell")
    raise ValueError("dana@example.com fell over")


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(periodic, "_jobs", {})
    ran.clear()
    return


def due(cron: str = "*/5 * * * *", job: periodic.Job = count_sheep) -> PeriodicJob:
    periodic.periodic(NAME, cron)(job)
    periodic.prepare()
    PeriodicJob.objects.filter(name=NAME).update(next_run_at=now() - timedelta(minutes=1))
    return PeriodicJob.objects.get(name=NAME)


def test_a_wrong_expression_is_refused_at_the_start() -> None:
    with pytest.raises(Exception, match="Bad"):
        periodic.periodic("x", "61 * * * *")


def test_two_jobs_of_one_name_are_refused() -> None:
    periodic.periodic(NAME, "* * * * *")(count_sheep)
    periodic.periodic(NAME, "* * * * *")(count_sheep)
    with pytest.raises(ValueError, match="two periodic jobs"):
        periodic.periodic(NAME, "* * * * *")(fall_over)


@pytest.mark.django_db
def test_a_new_job_waits_for_its_first_time() -> None:
    with time_machine.travel(datetime(2026, 11, 20, 10, 2, tzinfo=UTC), tick=False):
        periodic.periodic(NAME, "*/5 * * * *")(count_sheep)
        periodic.prepare()
        periodic.prepare()
        assert PeriodicJob.objects.get().next_run_at == datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
        assert periodic.run_due() == 0
    with time_machine.travel(datetime(2026, 11, 20, 10, 5, 1, tzinfo=UTC), tick=False):
        assert periodic.run_due() == 1
        assert periodic.run_due() == 0
    assert ran == ["sheep"]
    assert PeriodicJob.objects.get().next_run_at == datetime(2026, 11, 20, 10, 10, tzinfo=UTC)


@pytest.mark.django_db
def test_a_changed_expression_takes_effect_at_the_next_start() -> None:
    due()
    periodic.forget(NAME)
    periodic.periodic(NAME, "0 0 1 1 *")(count_sheep)
    periodic.prepare()
    row = PeriodicJob.objects.get()
    assert (row.cron, row.next_run_at.month, row.next_run_at.day) == ("0 0 1 1 *", 1, 1)


@pytest.mark.django_db
def test_missed_times_are_made_up_for_once() -> None:
    due()
    PeriodicJob.objects.update(next_run_at=now() - timedelta(days=3))
    assert [periodic.run_due(), periodic.run_due()] == [1, 0]


@pytest.mark.django_db
def test_a_failure_is_recorded_without_its_message_and_the_job_runs_again() -> None:
    due(job=fall_over)
    assert periodic.run_due() == 1
    row = PeriodicJob.objects.get()
    assert (row.last_error, row.failures_in_a_row) == ("ValueError", 1)
    assert row.leased_until is None
    with time_machine.travel(row.next_run_at + timedelta(seconds=1)):
        periodic.run_due()
        assert PeriodicJob.objects.get().failures_in_a_row == 2
        periodic.forget(NAME)
        due(job=count_sheep)
        periodic.run_due()
    row.refresh_from_db()
    assert (row.last_error, row.failures_in_a_row) == ("", 0)


@pytest.mark.django_db
def test_the_job_of_a_killed_worker_is_free_again_when_its_lease_ends() -> None:
    due()
    PeriodicJob.objects.update(leased_until=now() + periodic.LEASE)
    assert periodic.run_due() == 0
    with time_machine.travel(now() + periodic.LEASE + timedelta(seconds=1)):
        assert periodic.run_due() == 1


@pytest.mark.django_db
def test_a_row_of_a_job_this_release_does_not_have_is_left_alone() -> None:
    due()
    periodic.forget(NAME)
    assert periodic.run_due() == 0
    assert ran == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_run_a_job_once() -> None:
    def slowly() -> None:
        ran.append("slow")
        time.sleep(0.1)

    due(job=slowly)
    assert sum(at_once(5, lambda _: periodic.run_due())) == 1
    assert ran == ["slow"]
