"""The privacy notice, its versions, and what people agree to by booking."""

from __future__ import annotations

import pytest
from django.test import Client

from holdfast.businesses.commands import change_privacy_text, change_profile
from holdfast.customers.models import Consent
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.cast import Shop
from tests.web.public.visitor import DETAILS, reserve, said, take


def write(shop: Shop, text: str, role: Role = Role.MANAGER) -> int:
    return change_privacy_text(actor=shop.actor(role), business_id=shop.business_id, wanted=text)


def test_a_business_begins_with_a_text_made_of_its_name(client: Client, shop: Shop) -> None:
    page = client.get("/b/fenwick/privacy")
    assert page.status_code == 200
    assert "Fenwick is responsible for the details you give" in said(page)
    assert "Version 1 of" in said(page)


def test_every_save_is_a_version_and_the_old_ones_stay_readable(client: Client, shop: Shop) -> None:
    assert write(shop, "# Short\n\nWe keep your <b>name</b>.") == 2
    assert write(shop, "# Short\n\nWe keep your <b>name</b>.") == 2
    page = client.get("/b/fenwick/privacy")
    assert "We keep your <b>name</b>." in said(page)
    assert b"<h2>Short</h2>" in page.content
    old = client.get("/b/fenwick/privacy?version=1")
    assert "Fenwick is responsible" in said(old)
    assert "This is an earlier version." in said(old)


@pytest.mark.parametrize("version", ["0", "7", "x", "-1", "9" * 30, "1.0"])
def test_a_version_that_never_was_is_not_found(client: Client, shop: Shop, version: str) -> None:
    assert client.get("/b/fenwick/privacy", {"version": version}).status_code == 404


def test_a_text_nobody_touched_follows_the_contact_and_one_of_ones_own_does_not(shop: Shop) -> None:
    def move_house(email: str) -> int:
        change_profile(actor=shop.actor(Role.MANAGER), business_id=shop.business_id, wanted={"email": email})
        return shop.timetable.business.privacy_version

    assert move_house("desk@example.org") == 2
    assert move_house("desk@example.org") == 2
    write(shop, "Our own words.")
    assert move_house("front@example.org") == 3


def test_only_managers_of_the_business_write_it(shop: Shop, other_shop: Shop) -> None:
    with pytest.raises(Forbidden):
        write(shop, "x", Role.STAFF)
    with pytest.raises(Missing):
        change_privacy_text(actor=other_shop.actor(Role.ADMIN), business_id=shop.business_id, wanted="x")
    for wrong in ("", "  \n ", "x" * 20_001, "bell\x07"):
        with pytest.raises(Invalid):
            write(shop, wrong)


def test_the_notice_is_linked_from_every_page_and_beside_the_button(client: Client, shop: Shop) -> None:
    assert b'href="/b/fenwick/privacy"' in client.get("/b/fenwick/").content
    form = client.get(take(client, shop))
    assert "By booking you agree to how Fenwick uses your details: privacy notice" in said(form)
    assert b'name="news" value="on">' in form.content


def test_the_version_in_force_is_recorded_and_news_only_if_ticked(client: Client, shop: Shop) -> None:
    reserve(client, shop)
    write(shop, "Another text.")
    client.post(f"{take(client, shop, '12:00')}/confirm", DETAILS | {"news": "on"})
    kept = Consent.objects.order_by("id").values_list("kind", "version", "via")
    assert list(kept) == [("privacy", 1, "page"), ("privacy", 2, "page"), ("news", 2, "page")]


def test_news_are_stopped_on_the_page_of_the_booking(client: Client, shop: Shop) -> None:
    booked = client.post(f"{take(client, shop)}/confirm", DETAILS | {"news": "on"})
    url = booked["Location"].partition("?")[0]
    assert "You asked for news and offers on" in said(client.get(url))
    stopped = client.post(f"{url}/news", follow=True)
    assert "No more news and offers will come." in said(stopped)
    assert "You asked for news and offers on" not in said(stopped)
    news = Consent.objects.get(kind="news")
    assert news.withdrawn_at is not None
    client.post(f"{url}/news")
    assert Consent.objects.get(kind="news").withdrawn_at == news.withdrawn_at
    assert Consent.objects.get(kind="privacy").withdrawn_at is None


def test_a_wrong_link_stops_nobodys_news(client: Client, shop: Shop) -> None:
    booked = client.post(f"{take(client, shop)}/confirm", DETAILS | {"news": "on"})
    url = booked["Location"].partition("?")[0]
    assert client.post(f"{url}x/news").status_code == 404
    assert Consent.objects.get(kind="news").withdrawn_at is None
