"""What can be sent, where to, and when again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core.outgoing import is_open
from holdfast.lib.refusals import Invalid
from holdfast.lib.retries import MOST_ATTEMPTS, next_attempt
from holdfast.webhooks.rules import (
    EVENTS,
    LONGEST_RETRY_AFTER,
    MOST_LOGGED,
    cleaned_endpoint,
    place_of,
    wait_asked,
    with_try,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "not an address",
        "",
    ],
)
def test_nothing_goes_to_an_address_that_is_not_of_the_public_internet(address: str) -> None:
    assert not is_open(address, allowed=())


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_open(address: str) -> None:
    assert is_open(address, allowed=())


def test_the_operator_can_open_a_private_network_and_no_other() -> None:
    networks = [ip_network("10.0.0.0/8")]
    assert is_open("10.1.2.3", allowed=networks)
    assert is_open("::ffff:10.1.2.3", allowed=networks)
    assert not is_open("192.168.1.1", allowed=networks)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "required"),
        ("till.example.org/hooks", "invalid_url"),
        ("ftp://till.example.org/", "invalid_url"),
        ("https://", "invalid_url"),
        ("https://user:secret@till.example.org/", "invalid_url"),
        ("https://till.example.org/#there", "invalid_url"),
        ("https://till.example.org:99999/", "invalid_url"),
        ("https://till.example.org:0/", "invalid_url"),
        ("https://till .example.org/", "invalid_url"),
        ("https://[::1/", "invalid_url"),
        ("javascript:alert(1)", "invalid_url"),
        ("http://till.example.org/hooks", "needs_https"),
        (f"https://till.example.org/{'x' * 500}", "too_long"),
    ],
)
def test_an_address_that_cannot_be_sent_to_is_refused_by_name(url: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cleaned_endpoint(url=url, description="", events=[EVENTS[0]], plain_allowed=False)
    assert [found for found, _ in refusal.value.fields["url"]] == [code]


def test_a_trusted_network_may_do_without_tls() -> None:
    made = cleaned_endpoint(
        url="http://till.internal:8080/x", description="", events=EVENTS, plain_allowed=True
    )
    assert made["url"] == "http://till.internal:8080/x"
    assert place_of(made["url"]) == ("till.internal", 8080)


@pytest.mark.parametrize(("events", "code"), [([], "required"), (["booking.exploded"], "unknown_choice")])
def test_an_endpoint_wants_at_least_one_event_that_there_is(events: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cleaned_endpoint(url="https://till.example.org/", description="", events=events, plain_allowed=False)
    assert [found for found, _ in refusal.value.fields["events"]] == [code]


def test_events_are_kept_once_and_in_their_order() -> None:
    typed = [EVENTS[3], EVENTS[0], EVENTS[3]]
    made = cleaned_endpoint(
        url="https://till.example.org/", description="", events=typed, plain_allowed=False
    )
    assert made["events"] == [EVENTS[0], EVENTS[3]]


@given(chance=st.floats(0, 1, exclude_max=True))
def test_tries_get_rarer_and_are_given_up_after_about_a_day(chance: float) -> None:
    at, last = NOW, timedelta()
    for attempt in range(1, MOST_ATTEMPTS):
        again = next_attempt(attempt, at, chance)
        assert again is not None
        assert again - at > last * 0.8
        last, at = again - at, again
    assert timedelta(hours=19) < at - NOW < timedelta(hours=29)
    assert next_attempt(MOST_ATTEMPTS, at, chance) is None


@given(st.text(max_size=20))
def test_a_receiver_may_ask_for_time_but_not_for_ever(retry_after: str) -> None:
    again = next_attempt(1, NOW, 0.5, wait_asked(retry_after))
    assert again is not None
    assert timedelta(minutes=1) <= again - NOW <= LONGEST_RETRY_AFTER


def test_the_log_keeps_the_latest_tries() -> None:
    log: list = []
    for number in range(MOST_LOGGED + 5):
        log = with_try(log, {"number": number})
    assert [entry["number"] for entry in log] == list(range(5, MOST_LOGGED + 5))
