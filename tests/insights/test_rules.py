"""Who counts as having looked."""

from __future__ import annotations

import pytest

from holdfast.insights.rules import Funnel, is_robot

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.mark.parametrize(
    ("user_agent", "robot"),
    [
        (FIREFOX, False),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
            False,
        ),
        ("Mozilla/5.0 (Linux; Android 14; CUBOT X90) Chrome/120 Mobile Safari/537.36", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", True),
        ("facebookexternalhit/1.1", True),
        ("Slackbot-LinkExpanding 1.0", True),
        ("WhatsApp-Preview", True),
        ("Baiduspider", True),
        ("AhrefsSiteCrawler", True),
        ("UptimeRobot/2.0", True),
        ("", True),
        ("   ", True),
    ],
)
def test_who_names_itself_a_robot_or_nothing_is_none_who_looks(user_agent: str, robot: bool) -> None:
    assert is_robot(user_agent) is robot


def test_a_browser_that_fetches_ahead_does_not_look() -> None:
    assert is_robot(FIREFOX, is_prefetch=True)


def test_the_conversion_is_a_share_of_those_who_looked() -> None:
    assert Funnel(10, 5, 4).conversion == 0.4
    assert Funnel(0, 5, 4).conversion is None
    assert Funnel(2, 0, 3).conversion == 1.0
    assert Funnel(1, 2, 3) + Funnel(10, 20, 30) == Funnel(11, 22, 33)
