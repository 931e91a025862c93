"""Creating and changing businesses and their members (SPEC A1–A3)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.accounts.models import Account
from holdfast.businesses.commands import add_member, change_business_settings, change_profile, create_business
from holdfast.businesses.errors import AlreadyMember, SlugTaken
from holdfast.businesses.models import Business, Member
from holdfast.businesses.queries import all_businesses, business_facts, memberships_of, role_in
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.cast import OPERATOR, Shop

GOOD: dict[str, Any] = {
    "slug": "corner-shop",
    "name": "Corner Shop",
    "blueprint": "barbershop",
    "timezone": "Europe/London",
    "currency": "GBP",
}
pytestmark = pytest.mark.django_db


def test_a_business_is_created_with_the_settings_asked_for() -> None:
    profile = {"tagline": " On the corner ", "email": "hello@Corner.example"}
    made = create_business(actor=OPERATOR, **GOOD, profile=profile, settings={"hold_minutes": 5})
    facts = business_facts(business_id=made.id)
    assert (facts.slug, facts.name, facts.settings.hold_minutes) == ("corner-shop", "Corner Shop", 5)
    assert (facts.tagline, facts.email) == ("On the corner", "hello@corner.example")
    assert OutboxEvent.objects.filter(kind="BusinessCreated", subject_id=made.id).count() == 1
    assert [business.slug for business in all_businesses()] == ["corner-shop"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"slug": "Corner Shop"}, {"slug": "invalid_slug"}),
        ({"slug": "-x"}, {"slug": "invalid_slug"}),
        ({"slug": "x" * 64}, {"slug": "invalid_slug"}),
        ({"slug": "admin"}, {"slug": "invalid_slug"}),
        ({"slug": ""}, {"slug": "invalid_slug"}),
        ({"slug": "x\n"}, {"slug": "invalid_slug"}),
        ({"name": ""}, {"name": "required"}),
        ({"name": "x" * 121}, {"name": "too_long"}),
        ({"blueprint": "bank"}, {"blueprint": "unknown_choice"}),
        ({"timezone": "Mars/Phobos"}, {"timezone": "unknown_timezone"}),
        ({"timezone": "../etc/passwd"}, {"timezone": "unknown_timezone"}),
        ({"timezone": ""}, {"timezone": "unknown_timezone"}),
        ({"currency": "gbp"}, {"currency": "wrong_format"}),
        ({"language": "English"}, {"language": "wrong_format"}),
        ({"profile": {"email": "nobody"}}, {"email": "invalid_email"}),
        ({"settings": {"hold_minutes": 0}}, {"hold_minutes": "out_of_bounds"}),
        ({"slug": "!", "currency": "x", "timezone": "y"},
         {"slug": "invalid_slug", "currency": "wrong_format", "timezone": "unknown_timezone"}),
    ],
)  # fmt: skip
def test_a_wrong_business_is_refused_by_field(wrong: dict[str, Any], code: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        create_business(actor=OPERATOR, **(GOOD | wrong))
    assert {name: mistakes[0][0] for name, mistakes in refused.value.fields.items()} == code
    assert Business.objects.count() == 0


def test_an_address_is_taken_once_and_only_the_operator_creates(shop: Shop) -> None:
    with pytest.raises(SlugTaken) as refused:
        create_business(actor=OPERATOR, **(GOOD | {"slug": shop.slug}))
    assert refused.value.facts == {"slug": shop.slug}
    for actor in (GUEST, shop.actor(Role.ADMIN)):
        with pytest.raises(Forbidden):
            create_business(actor=actor, **GOOD)
    assert Business.objects.count() == 1


def test_settings_and_profile_change_in_part_and_belong_to_managers(shop: Shop, other_shop: Shop) -> None:
    manager = shop.actor(Role.MANAGER)
    before = business_facts(business_id=shop.business_id)
    change_business_settings(actor=manager, business_id=shop.business_id, wanted={"late_after_minutes": 20})
    change_profile(actor=manager, business_id=shop.business_id, wanted={"phone": "0113 496 0182"})
    after = business_facts(business_id=shop.business_id)
    assert (after.settings.late_after_minutes, after.phone) == (20, "0113 496 0182")
    assert (after.settings.earliest_notice_minutes, after.name) == (60, before.name)
    for actor, refusal in ((shop.actor(Role.STAFF), Forbidden), (other_shop.actor(Role.ADMIN), Missing)):
        with pytest.raises(refusal):
            change_business_settings(actor=actor, business_id=shop.business_id, wanted={})
        with pytest.raises(refusal):
            change_profile(actor=actor, business_id=shop.business_id, wanted={})
    with pytest.raises(Invalid) as refused:
        change_profile(actor=manager, business_id=shop.business_id, wanted={"slug": "mine"})
    assert refused.value.fields == {"slug": [("unknown_field", {})]}
    assert business_facts(business_id=shop.business_id) == after


def test_members_have_one_role_in_one_business(
    shop: Shop, other_shop: Shop, bob: Account, charlie: Account
) -> None:
    assert role_in(business_id=shop.business_id, account_id=bob.id) is Role.STAFF
    assert role_in(business_id=other_shop.business_id, account_id=bob.id) is None
    assert [membership.slug for membership in memberships_of(account_id=charlie.id)] == [other_shop.slug]
    call: dict[str, Any] = {"business_id": shop.business_id, "account_id": charlie.id, "role": Role.STAFF}
    for actor, refusal in ((shop.actor(Role.MANAGER), Forbidden), (other_shop.actor(Role.ADMIN), Missing)):
        with pytest.raises(refusal):
            add_member(actor=actor, **call)
    add_member(actor=shop.actor(Role.ADMIN), **call)
    with pytest.raises(AlreadyMember):
        add_member(actor=shop.actor(Role.ADMIN), **call)
    assert Member.objects.filter(account=charlie).count() == 2
