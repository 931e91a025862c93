"""The permission table cell by cell (SPEC J3), and every setting with its bounds (A3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from holdfast.businesses.rules import (
    BOUNDS,
    PERMISSIONS,
    SETTING_NAMES,
    Action,
    Settings,
    authorise,
    change_settings,
    may,
    read_settings,
    write_settings,
)
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
# Who may do what, written a second time: everything a role may do beyond the one before it.
GRANTED: dict[Role, set[str]] = {
    Role.GUEST: {"see_profile", "book"},
    Role.CUSTOMER: set(),
    Role.STAFF: {
        "see_bookings", "book_for_others", "change_bookings", "override_rules", "see_customers", "change_customers",
        "see_settings", "see_messages", "see_payments", "see_waitlist", "change_waitlist",
    },
    Role.MANAGER: {"change_settings", "change_catalog", "change_hours", "change_slots", "export_bookings", "see_insights", "see_members", "refund"},
    Role.ADMIN: {"change_members", "change_tokens", "change_webhooks", "see_audit", "handle_privacy"},
    Role.OPERATOR: set(),
}  # fmt: skip


def allowed(role: Role) -> set[str]:
    return set().union(*(actions for lesser, actions in GRANTED.items() if role.includes(lesser)))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(Action))
def test_a_role_may_do_exactly_what_the_table_grants(role: Role, action: Action) -> None:
    actor = Actor(role=role, business_id=HERE)
    granted = str(action) in allowed(role)
    assert may(actor, action, HERE) == granted
    if granted:
        authorise(actor, action, HERE)
        return
    with pytest.raises(Forbidden) as refused:
        authorise(actor, action, HERE)
    assert refused.value.facts == {"action": str(action), "needs": str(PERMISSIONS[action])}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
@pytest.mark.parametrize("action", list(Action))
def test_a_role_in_one_business_is_none_in_another(role: Role, action: Action) -> None:
    with pytest.raises(Missing):
        authorise(Actor(role=role, business_id=ELSEWHERE), action, HERE)


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.ADMIN])
@pytest.mark.parametrize("action", list(Action))
def test_a_member_of_no_business_may_nothing(role: Role, action: Action) -> None:
    with pytest.raises(Missing):
        authorise(Actor(role=role), action, HERE)


@pytest.mark.parametrize("action", list(Action))
def test_the_operator_may_everything_everywhere(action: Action) -> None:
    authorise(Actor(role=Role.OPERATOR), action, HERE)


def test_every_action_has_its_least_role_and_every_grant_is_an_action() -> None:
    assert set(PERMISSIONS) == set(Action)
    assert set().union(*GRANTED.values()) == {str(action) for action in Action}


def refused_code(wanted: dict[str, Any]) -> str:
    with pytest.raises(Invalid) as refused:
        change_settings(Settings(), wanted)
    [[(code, facts)]] = refused.value.fields.values()
    if code == "out_of_bounds" and (name := next(iter(wanted))) in BOUNDS:
        assert facts == {"least": BOUNDS[name][0], "most": BOUNDS[name][1]}
    return code


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_a_number_is_taken_within_its_bounds_alone(name: str) -> None:
    low, high = BOUNDS[name]
    for value in (low, high):
        assert getattr(change_settings(Settings(), {name: value}), name) == value
    for value in (low - 1, high + 1, -(10**9), 10**18):
        assert refused_code({name: value}) == "out_of_bounds"
    for wrong in (str(low), float(low), True, None, [low]):
        assert refused_code({name: wrong}) == "wrong_type"


def test_the_bounds_of_the_specification_hold() -> None:
    assert BOUNDS["hold_minutes"] == (1, 60)
    assert BOUNDS["furthest_ahead_days"] == (1, 730)
    assert Settings().hold_minutes == 10
    assert Settings().furthest_ahead_days == 90
    assert Settings().maximum_tables == 2


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("online_booking", False, False),
        ("staff_copies", False, False),
        ("reminder_minutes", [60, 1440, 60], (1440, 60)),
        ("reminder_minutes", [], ()),
        ("quiet_hours", ["22:00", "07:30"], ("22:00", "07:30")),
        ("quiet_hours", None, None),
        ("public_holidays", "GB-ENG", "GB-ENG"),
        ("public_holidays", "DE", "DE"),
        ("public_holidays", None, None),
        ("accent", "#00ff7f", "#00ff7f"),
    ],
)
def test_a_good_value_is_kept_in_its_stored_form(name: str, value: Any, kept: Any) -> None:
    changed = change_settings(Settings(), {name: value})
    assert getattr(changed, name) == kept
    assert read_settings(write_settings(changed)) == changed


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("online_booking", 1, "wrong_type"),
        ("staff_copies", "yes", "wrong_type"),
        ("reminder_minutes", 60, "wrong_type"),
        ("reminder_minutes", [60] * 6, "wrong_type"),
        ("reminder_minutes", ["60"], "wrong_type"),
        ("reminder_minutes", [14], "out_of_bounds"),
        ("quiet_hours", ["22:00"], "wrong_format"),
        ("quiet_hours", ["24:00", "07:00"], "wrong_format"),
        ("quiet_hours", "22:00-07:00", "wrong_format"),
        ("quiet_hours", [22, 7], "wrong_format"),
        ("public_holidays", "gb", "wrong_format"),
        ("public_holidays", 7, "wrong_type"),
        ("accent", "red", "wrong_format"),
        ("accent", "#FFF", "wrong_format"),
        ("accent", "#2c6e49;}", "wrong_format"),
        ("accent", None, "wrong_type"),
        ("hold_hours", 1, "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: Any, code: str) -> None:
    assert refused_code({name: value}) == code


def test_all_mistakes_are_named_at_once_and_nothing_is_changed() -> None:
    settings = Settings()
    with pytest.raises(Invalid) as refused:
        change_settings(settings, {"hold_minutes": 0, "accent": "red", "nonsense": 1, "staff_copies": True})
    assert set(refused.value.fields) == {"hold_minutes", "accent", "nonsense"}
    assert settings == Settings()


def test_the_installation_bounds_the_tables_of_a_business() -> None:
    assert change_settings(Settings(), {"maximum_tables": 3}, most_tables=3).maximum_tables == 3
    with pytest.raises(Invalid) as refused:
        change_settings(Settings(), {"maximum_tables": 4}, most_tables=3)
    assert refused.value.fields == {"maximum_tables": [("out_of_bounds", {"least": 1, "most": 3})]}


def test_settings_of_another_version_are_read_with_defaults_and_without_what_is_unknown() -> None:
    assert read_settings({"hold_minutes": 7, "of_the_future": 1}) == Settings(hold_minutes=7)
    assert set(write_settings(Settings())) == set(SETTING_NAMES)
