"""Settings of the business: profile, rules, hours, exceptions (SPEC A3, C1, C2, L3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.rules import BOUNDS, SETTING_NAMES
from holdfast.schedule.models import DatedException
from holdfast.schedule.queries import weekly_hours
from holdfast.schedule.rules import HOUR_TEMPLATES
from holdfast.web.desk.settings_hours import template_names
from holdfast.web.desk.settings_letters import NUMBERS as LETTERS_NUMBERS
from holdfast.web.desk.settings_payments import PAYMENT_SETTINGS
from holdfast.web.desk.settings_waitlist import WAITLIST_NUMBERS
from tests.cast import Shop


def url(shop: Shop, name: str, *ids: object) -> str:
    return reverse(f"desk:{name}", args=[shop.slug, *ids])


def rules_form(client: Client, shop: Shop, page: str = "rules", **changed: str) -> dict[str, str]:
    """The form of the rules as it stands, with some fields changed."""
    groups = client.get(url(shop, page)).context["groups"]
    fields = [field for group in groups for field in group.fields]
    values = {f.name: ("on" if f.is_checked else "") if f.kind == "checkbox" else f.value for f in fields}
    return values | changed


# ---- Profile --------------------------------------------------------------------------------------------------------


def test_the_profile_is_kept_with_its_colour(shop: Shop, manager: Client) -> None:
    sent = {
        "name": "Fenwick & Rowe", "tagline": "Barbers", "email": "hello@example.org", "phone": "0113 496 0182",
        "address": "14 Briggate", "accent": "#7A1FA2",
    }  # fmt: skip
    answer = manager.post(url(shop, "profile"), sent)
    page = manager.get(answer["Location"]).content.decode()
    assert "Saved." in page
    assert "Fenwick &amp; Rowe" in page
    facts = shop.timetable.business
    assert (facts.phone, facts.settings.accent) == ("0113 496 0182", "#7a1fa2")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Fill this in."),
        ({"email": "nobody"}, "Write an address like name@example.com."),
        ({"phone": "x"}, "Write a phone number with 5 to 15 digits."),
        ({"accent": "red"}, "This is not written as it should be."),
        ({"address": "x" * 301}, "Use at most 300 characters."),
    ],
)
def test_a_wrong_profile_is_refused_by_its_field(
    wrong: dict[str, str], words: str, shop: Shop, manager: Client
) -> None:
    answer = manager.post(url(shop, "profile"), {"name": "Fenwick", "accent": "#2c6e49"} | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert shop.timetable.business.phone == ""


# ---- Rules ----------------------------------------------------------------------------------------------------------


PAGES = ("rules", "settings_waitlist", "settings_messages", "letters", "settings_payments")


def test_every_setting_has_a_field_with_help(shop: Shop, manager: Client) -> None:
    pages = [manager.get(url(shop, name)).context["groups"] for name in PAGES]
    fields = {field.name: field for groups in pages for group in groups for field in group.fields}
    shown = set(fields) - {"quiet_from", "quiet_to"} | {"quiet_hours", "accent"}
    assert shown == set(SETTING_NAMES)
    assert all(field.hint for name, field in fields.items() if name != "quiet_to")


def test_rules_are_kept(shop: Shop, manager: Client) -> None:
    sent = rules_form(
        manager, shop, hold_minutes="15", online_booking="", reminder_minutes="48, 2, 0.5", quiet_from="22:00",
        quiet_to="07:00", public_holidays="gb-eng",
    )  # fmt: skip
    assert manager.post(url(shop, "rules"), sent).status_code == 302
    settings = shop.timetable.business.settings
    assert settings.hold_minutes == 15
    assert settings.online_booking is False
    assert settings.reminder_minutes == (2880, 120, 30)
    assert settings.quiet_hours == ("22:00", "07:00")
    assert settings.public_holidays == "GB-ENG"


def test_sender_limits_and_texts_are_kept(shop: Shop, manager: Client) -> None:
    sent = rules_form(
        manager, shop, "settings_messages", sender_name=" Theo’s chair ", reply_to="chair@example.org", sms="on",
        sms_prefix="00 44", messages_per_hour="0",
    )  # fmt: skip
    assert manager.post(url(shop, "settings_messages"), sent).status_code == 302
    settings = shop.timetable.business.settings
    assert (settings.sender_name, settings.reply_to) == ("Theo’s chair", "chair@example.org")
    assert (settings.sms, settings.sms_prefix, settings.messages_per_hour) == (True, "+44", 0)
    for wrong in ({"reply_to": "nobody"}, {"sender_name": "a <b@c.example>"}, {"sms_prefix": "44"}):
        assert manager.post(url(shop, "settings_messages"), sent | wrong).status_code == 422, wrong
    assert shop.timetable.business.settings == settings


def test_saving_the_rules_unchanged_changes_nothing(shop: Shop, manager: Client) -> None:
    before = shop.timetable.business.settings
    assert manager.post(url(shop, "rules"), rules_form(manager, shop)).status_code == 302
    assert shop.timetable.business.settings == before


@pytest.mark.parametrize("name", sorted(set(BOUNDS) - {"tax_basis_points"}))
@pytest.mark.parametrize("side", ["below", "above"])
def test_every_number_keeps_its_bounds(name: str, side: str, shop: Shop, manager: Client) -> None:
    least, most = BOUNDS[name]
    page = (
        "settings_waitlist"
        if name in WAITLIST_NUMBERS
        else "letters"
        if name in LETTERS_NUMBERS
        else "settings_messages"
        if name.startswith("messages_")
        else "settings_payments"
        if name in PAYMENT_SETTINGS
        else "rules"
    )
    sent = rules_form(manager, shop, page, **{name: str(least - 1 if side == "below" else most + 1)})
    answer = manager.post(url(shop, page), sent)
    assert answer.status_code == 422
    assert f"Write a number from {least} to {most}." in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"hold_minutes": "ten"}, "Write a whole number."),
        ({"hold_minutes": ""}, "Fill this in."),
        ({"hold_minutes": "1e3"}, "Write a whole number."),
        ({"reminder_minutes": "soon"}, "Write a whole number."),
        ({"reminder_minutes": "nan"}, "Write a whole number."),
        ({"reminder_minutes": "1,2,3,4,5,6"}, "Write a whole number."),
        ({"quiet_from": "22:00"}, "Fill this in."),
        ({"public_holidays": "XX"}, "No holidays are known for this code."),
    ],
)
def test_a_wrong_rule_is_refused_and_all_others_stay_typed(
    wrong: dict[str, str], words: str, shop: Shop, manager: Client
) -> None:
    answer = manager.post(url(shop, "rules"), rules_form(manager, shop, furthest_ahead_days="77", **wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'value="77"' in page
    assert shop.timetable.business.settings.furthest_ahead_days == 90


# ---- Hours ----------------------------------------------------------------------------------------------------------


def hours_form(*windows: tuple[int, str, str]) -> dict[str, list[str]]:
    weekdays, opens, closes = (list(column) for column in zip(*windows, strict=True))
    return {"do": ["windows"], "weekday": [str(day) for day in weekdays], "opens": opens, "closes": closes}


def test_hours_may_have_a_break_and_cross_midnight(shop: Shop, manager: Client) -> None:
    sent = hours_form((0, "09:00", "12:00"), (0, "13:00", "17:00"), (1, "", ""), (4, "22:00", "04:00"))
    assert manager.post(url(shop, "hours"), sent).status_code == 302
    week = [(w.weekday, w.opens, w.closes) for w in weekly_hours(business_id=shop.business_id)]
    assert week == [(0, 540, 720), (0, 780, 1020), (4, 1320, 240)]


def test_what_the_form_shows_is_what_it_keeps(shop: Shop, manager: Client) -> None:
    manager.post(url(shop, "hours"), {"do": "template", "template": "24_7"})
    before = weekly_hours(business_id=shop.business_id)
    week = manager.get(url(shop, "hours")).context["week"]
    lines = [(day["number"], line.opens, line.closes) for day in week for line in day["windows"]]
    manager.post(url(shop, "hours"), hours_form(*lines))
    after = weekly_hours(business_id=shop.business_id)
    assert [(w.weekday, w.opens, w.ends) for w in after] == [(w.weekday, w.opens, w.ends) for w in before]


def test_one_persons_hours_are_their_own(shop: Shop, manager: Client) -> None:
    answer = manager.post(url(shop, "resource_hours", shop.theo.id), hours_form((0, "10:00", "14:00")))
    assert str(shop.theo.id) in answer["Location"]
    own = weekly_hours(business_id=shop.business_id, resource_id=shop.theo.id)
    assert [(w.weekday, w.opens) for w in own] == [(0, 600)]
    assert len(weekly_hours(business_id=shop.business_id)) == 7


@pytest.mark.parametrize("template", sorted(HOUR_TEMPLATES))
def test_every_template_can_be_chosen(template: str, shop: Shop, manager: Client) -> None:
    assert template_names()[template] != template
    assert manager.post(url(shop, "hours"), {"do": "template", "template": template}).status_code == 302
    assert len(weekly_hours(business_id=shop.business_id)) == len(HOUR_TEMPLATES[template])


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "template", "template": "always"},
        hours_form((0, "09:00", "12:00"), (0, "11:00", "17:00")),
        hours_form((0, "09:00", "")),
        hours_form((0, "9", "12")),
        hours_form((9, "09:00", "12:00")),
        {"do": ["windows"], "weekday": ["x"], "opens": ["09:00"], "closes": ["12:00"]},
    ],
)
def test_wrong_hours_are_refused_and_the_old_ones_stay(
    sent: dict[str, Any], shop: Shop, manager: Client
) -> None:
    before = weekly_hours(business_id=shop.business_id)
    answer = manager.post(url(shop, "hours"), sent)
    assert answer.status_code == 422
    assert "to fix" in answer.content.decode()
    assert weekly_hours(business_id=shop.business_id) == before


def test_without_hours_the_page_says_where_to_start(shop: Shop, manager: Client) -> None:
    manager.post(url(shop, "hours"), {"do": "windows"})
    assert weekly_hours(business_id=shop.business_id) == ()
    assert "No opening hours yet" in manager.get(url(shop, "hours")).content.decode()


# ---- Exceptions -----------------------------------------------------------------------------------------------------


def exception(**more: str) -> dict[str, str]:
    return {"do": "save", "kind": "closed", "starts_on": "2026-12-24"} | more


def test_a_day_off_a_short_day_and_a_lunch_break(shop: Shop, manager: Client) -> None:
    page = url(shop, "exceptions")
    manager.post(page, exception(ends_on="2026-12-26", note="Christmas"))
    manager.post(page, exception(kind="hours", starts_on="2026-12-31", from_time="09:00", to_time="13:00"))
    lunch = exception(
        kind="absence", starts_on="2026-11-23", from_time="12:00", to_time="12:30", note="Lunch"
    )
    manager.post(page, lunch | {"resource": str(shop.theo.id)})
    shown = manager.get(page).content.decode()
    assert "Thu 24 Dec to Sat 26 Dec" in shown
    assert "Thu 31 Dec, 09:00 to 13:00" in shown
    assert "Mon 23 Nov, 12:00 to 12:30" in shown
    assert "Absence · Theo Marsh · Lunch" in shown
    absence = DatedException.objects.get(kind="absence")
    assert absence.starts_at == shop.at("12:00", 3)
    assert DatedException.objects.get(kind="hours").windows == [[540, 780]]


def test_an_exception_is_changed_and_removed(shop: Shop, manager: Client) -> None:
    manager.post(url(shop, "exceptions"), exception(note="Typo"))
    row = DatedException.objects.get()
    page = manager.get(url(shop, "exception", row.id)).content.decode()
    assert 'value="Typo"' in page
    manager.post(url(shop, "exception", row.id), exception(note="Holiday", starts_on="2026-12-25"))
    row.refresh_from_db()
    assert (row.note, row.starts_on.isoformat()) == ("Holiday", "2026-12-25")
    manager.post(url(shop, "exceptions"), {"do": "remove", "exception": str(row.id)})
    assert not DatedException.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"starts_on": ""}, "Fill this in."),
        ({"starts_on": "2026-02-30"}, "Choose a date that exists."),
        ({"ends_on": "2026-12-01"}, "The end has to be after the start."),
        ({"kind": "party"}, "This does not go with the kind chosen."),
        ({"kind": "hours"}, "Fill this in."),
        ({"from_time": "09:00", "to_time": "10:00"}, "This does not go with the kind chosen."),
        ({"kind": "absence", "from_time": "10:00", "to_time": "09:00"}, "The end has to be after the start."),
        ({"kind": "absence", "from_time": "10:00"}, "Fill this in."),
        ({"resource": "x"}, "Choose one of the list."),
        ({"note": "x" * 121}, "Use at most 120 characters."),
        ({"ends_on": "2036-12-01"}, "At most"),
    ],
)
def test_a_wrong_exception_is_refused_by_its_field(
    wrong: dict[str, str], words: str, shop: Shop, manager: Client
) -> None:
    answer = manager.post(url(shop, "exceptions"), exception(**wrong))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not DatedException.objects.exists()


def test_removing_what_is_not_there_is_not_found(shop: Shop, manager: Client) -> None:
    assert manager.post(url(shop, "exceptions"), {"do": "remove", "exception": "x"}).status_code == 404


def test_another_businesss_person_is_not_found(shop: Shop, other_shop: Shop, manager: Client) -> None:
    sent = exception(resource=str(other_shop.theo.id))
    assert manager.post(url(shop, "exceptions"), sent).status_code == 404
    assert not DatedException.objects.exists()


@pytest.mark.parametrize("kind", ["closed", "hours", "extra", "absence"])
@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("timed", [True, False])
def test_an_exception_at_the_end_of_time_is_refused_or_harmless(
    kind: str, date: str, timed: bool, shop: Shop, manager: Client, dana_at_noon: BookingFacts
) -> None:
    times = {"from_time": "10:00", "to_time": "11:00"} if timed else {}
    answer = manager.post(url(shop, "exceptions"), exception(kind=kind, starts_on=date, **times))
    assert answer.status_code in (302, 422)
    for name in ("day", "week", "new", "exceptions"):
        assert manager.get(url(shop, name)).status_code == 200
