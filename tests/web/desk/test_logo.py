"""A logo through the pages: chosen on the settings page, shown to customers, served for ever, removed again."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from holdfast.businesses.models import Business
from tests.cast import Shop


def drawing(kind: str = "PNG", size: tuple[int, int] = (30, 20)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "purple").save(written, kind)
    return written.getvalue()


def upload(client: Client, shop: Shop, content: bytes, name: str = "logo.png") -> object:
    sent = {"do": "logo", "logo": SimpleUploadedFile(name, content, "image/png")}
    return client.post(reverse("desk:profile", args=[shop.slug]), sent)


def test_a_logo_is_shown_on_the_booking_page_and_served_for_ever(shop: Shop, manager: Client) -> None:
    answer = upload(manager, shop, drawing())
    assert answer.status_code == 302  # type: ignore[attr-defined]
    logo = Business.objects.get(id=shop.business_id).logo
    visitor = Client()
    assert f'src="/logo/{logo}.png"' in visitor.get(f"/b/{shop.slug}/").content.decode()
    served = visitor.get(f"/logo/{logo}.png")
    assert served.status_code == 200
    assert served["Content-Type"] == "image/png"
    assert served["Cache-Control"] == "public, max-age=31536000, immutable"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Security-Policy"].startswith("default-src 'none'")
    assert not served.cookies
    assert Image.open(io.BytesIO(served.content)).size == (30, 20)


def test_removing_it_brings_the_letters_back(shop: Shop, manager: Client) -> None:
    upload(manager, shop, drawing())
    page = manager.get(reverse("desk:profile", args=[shop.slug]))
    assert "Remove the logo" in page.content.decode()
    manager.post(reverse("desk:profile", args=[shop.slug]), {"do": "no-logo"})
    assert Business.objects.get(id=shop.business_id).logo == ""
    assert "monogram" in Client().get(f"/b/{shop.slug}/").content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a picture."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG or WebP"),
        (drawing() + b"<script>", "more than a picture"),
        (b"\0" * 5_000_000, "too large"),
        (drawing("JPEG", (6001, 10)), "6000"),
    ],
)
def test_what_is_no_logo_is_refused_at_its_field_and_the_profile_stays(
    shop: Shop, manager: Client, content: bytes, words: str
) -> None:
    page = upload(manager, shop, content)
    assert page.status_code == 422  # type: ignore[attr-defined]
    body = page.content.decode()  # type: ignore[attr-defined]
    assert 'id="f-logo-error"' in body
    assert words in body
    assert f'value="{Business.objects.get().name}"' in body
    assert Business.objects.get().logo == ""


def test_a_form_without_a_file_is_refused_like_an_empty_one(shop: Shop, manager: Client) -> None:
    assert manager.post(reverse("desk:profile", args=[shop.slug]), {"do": "logo"}).status_code == 422


def test_staff_see_the_logo_and_change_nothing(shop: Shop, staff: Client) -> None:
    assert "Save the logo" not in staff.get(reverse("desk:profile", args=[shop.slug])).content.decode()
    assert upload(staff, shop, drawing()).status_code == 404  # type: ignore[attr-defined]
    assert Business.objects.get().logo == ""


@pytest.mark.parametrize("name", ["0" * 64, "x", "..%2F..%2Fsecrets%2Fsecret_key"])
def test_a_logo_nobody_has_is_not_found(client: Client, db: None, name: str) -> None:
    assert client.get(f"/logo/{name}.png").status_code == 404
