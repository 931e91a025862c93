"""A business's logo: kept once whatever its name, gone when nobody shows it any more."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from holdfast.businesses.commands import change_logo, remove_logo
from holdfast.businesses.models import Business
from holdfast.businesses.queries import business_facts, version_of
from holdfast.core.uploads import keep_upload, read_upload
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.cast import Shop, make_shop

pytestmark = pytest.mark.django_db


def drawing(colour: str = "green") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(written, "JPEG")
    return written.getvalue()


def uploads(home: Path) -> set[str]:
    return {path.name for path in (home / "uploads").rglob("*") if path.is_file()}


def test_a_manager_gives_the_business_a_logo_and_its_version_rises(shop: Shop) -> None:
    before = version_of(slug=shop.slug)[1]
    made = change_logo(actor=shop.actor(Role.MANAGER), business_id=shop.business_id, picture=drawing())
    assert version_of(slug=shop.slug)[1] == before + 1
    assert business_facts(business_id=shop.business_id).logo == made.logo
    content = read_upload(made.logo)
    assert content is not None
    assert content.startswith(b"\x89PNG")


def test_what_cannot_be_a_logo_is_refused_and_the_former_one_stays(shop: Shop) -> None:
    alice = shop.actor(Role.ADMIN)
    former = change_logo(actor=alice, business_id=shop.business_id, picture=drawing()).logo
    with pytest.raises(Invalid) as refused:
        change_logo(actor=alice, business_id=shop.business_id, picture=b"<svg/>")
    assert refused.value.fields == {"logo": [("not_a_picture", {})]}
    assert Business.objects.get(id=shop.business_id).logo == former


def test_staff_and_strangers_change_no_logo(shop: Shop) -> None:
    other = make_shop("other")
    for actor, refusal in ((shop.actor(Role.STAFF), Forbidden), (other.actor(Role.ADMIN), Missing)):
        with pytest.raises(refusal):
            change_logo(actor=actor, business_id=shop.business_id, picture=drawing())
        with pytest.raises(refusal):
            remove_logo(actor=actor, business_id=shop.business_id)


@pytest.mark.django_db(transaction=True)
def test_a_file_goes_when_the_last_business_that_shows_it_does_without(
    shop: Shop, holdfast_home: Path
) -> None:
    other = make_shop("other")
    before = uploads(holdfast_home)
    alice, charlie = shop.actor(Role.ADMIN), other.actor(Role.ADMIN)
    first = change_logo(actor=alice, business_id=shop.business_id, picture=drawing("red")).logo
    assert change_logo(actor=charlie, business_id=other.business_id, picture=drawing("red")).logo == first
    assert uploads(holdfast_home) - before == {first}
    second = change_logo(actor=alice, business_id=shop.business_id, picture=drawing("blue")).logo
    assert uploads(holdfast_home) - before == {first, second}
    remove_logo(actor=charlie, business_id=other.business_id)
    remove_logo(actor=alice, business_id=shop.business_id)
    remove_logo(actor=alice, business_id=shop.business_id)
    assert uploads(holdfast_home) - before == set()


@pytest.mark.parametrize("name", ["", "..", "../secrets/secret_key", "A" * 64, "0" * 63, "g" * 64, "0" * 64])
def test_only_what_was_kept_can_be_read(name: str) -> None:
    assert read_upload(name) is None


def test_a_file_is_kept_under_its_digest_once() -> None:
    name = keep_upload(b"a file")
    assert keep_upload(b"a file") == name
    assert read_upload(name) == b"a file"
