"""A message goes from the queue to its reader and never back, whatever the order in which it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.notifications.rules.states import (
    News,
    is_address_dead,
    is_fresh,
    state_after,
    state_after_all,
    suppression_for,
)

NEWS = ("sent", "delivered", "opened", "bounced", "complained", "failed", "deferred", "replied")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@given(news=st.lists(st.sampled_from(NEWS), max_size=5), state=st.sampled_from(("queued", "dropped", "sent")))
def test_every_order_and_every_repetition_of_the_same_news_leads_to_the_same_state(
    news: list[str], state: str
) -> None:
    was_sent = state == "sent"
    ends = {state_after_all(state, order, was_sent=was_sent) for order in permutations(news)}
    assert len(ends) == 1
    assert state_after_all(state, [*news, *news], was_sent=was_sent) in ends


@given(news=st.lists(st.sampled_from(NEWS), max_size=6))
def test_no_news_takes_a_message_back(news: list[str]) -> None:
    state, been, was_sent = "queued", ["queued"], False
    for what in news:
        state = state_after(state, what, was_sent=was_sent)
        was_sent = was_sent or state != "queued"
        if state != been[-1]:
            assert state not in been
            been.append(state)


def test_control_the_latest_news_would_depend_on_the_order() -> None:
    """Negative control: taking each piece of news as the state, as told last, is not the same for every order."""
    assert len({order[-1] for order in permutations(("delivered", "bounced"))}) == 2


@pytest.mark.parametrize(
    ("state", "was_sent", "what", "expected"),
    [
        ("queued", False, "sent", "sent"),
        ("queued", False, "delivered", "delivered"),
        ("failed", False, "sent", "sent"),
        ("failed", True, "sent", "failed"),
        ("failed", True, "delivered", "delivered"),
        ("dropped", False, "delivered", "delivered"),
        ("opened", True, "delivered", "opened"),
        ("opened", True, "bounced", "bounced"),
        ("bounced", True, "complained", "complained"),
        ("complained", True, "bounced", "complained"),
        ("sent", True, "deferred", "sent"),
        ("sent", True, "queued", "sent"),
    ],
)
def test_what_is_known_last_counts_as_far_as_it_goes(
    state: str, was_sent: bool, what: str, expected: str
) -> None:
    assert state_after(state, what, was_sent=was_sent) == expected


@pytest.mark.parametrize(
    ("what", "is_final", "reason"),
    [
        ("bounced", True, "bounced"),
        ("bounced", False, ""),
        ("complained", False, "complained"),
        ("failed", True, ""),
        ("delivered", False, ""),
    ],
)
def test_only_a_final_bounce_and_a_complaint_end_writing_to_somebody(
    what: str, is_final: bool, reason: str
) -> None:
    assert suppression_for(News(uuid4(), "1", what, NOW, is_final=is_final)) == reason


@pytest.mark.parametrize(
    ("code", "said", "is_dead"),
    [
        (550, "5.1.1 dana@example.com does not live here", True),
        (550, "5.1.1: unknown", True),
        (553, "5.1.2 no such domain", True),
        (550, "5.7.1 relaying denied", False),
        (554, "5.7.1 looks like spam 5.1.1", False),
        (451, "4.1.1 later", False),
        (550, "no status at all", False),
        (None, "", False),
    ],
)
def test_only_a_refusal_of_the_address_itself_says_that_there_is_none(
    code: int | None, said: str, is_dead: bool
) -> None:
    assert is_address_dead(code, said) is is_dead


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (600, True), (601, False), (-601, False)])
def test_what_was_signed_long_ago_or_in_the_future_is_not_believed(seconds: int, fresh: bool) -> None:
    assert is_fresh(NOW - timedelta(seconds=seconds), NOW) is fresh
