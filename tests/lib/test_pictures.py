"""What becomes of an uploaded picture: pixels and nothing else, and a plain no to everything that is none."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from holdfast.lib.pictures import LOGO_SIDE, MOST_BYTES, UnusablePicture, as_logo


def file_of(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 128 if mode in ("L", "P", "I;16") else None).save(written, kind, **options)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of_size(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG whose header says one thing and whose data may say another."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_each_format_becomes_a_png_of_the_same_shape(kind: str) -> None:
    made = opened(as_logo(file_of(kind)))
    assert (made.format, made.size) == ("PNG", (40, 30))


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "I;16", "CMYK"])
def test_every_way_to_store_colours_can_be_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(as_logo(file_of(kind, mode=mode))).mode in ("RGB", "RGBA")


def test_transparency_stays() -> None:
    assert opened(as_logo(file_of("PNG", mode="RGBA"))).mode == "RGBA"


def test_a_large_picture_is_made_smaller_and_a_small_one_is_left() -> None:
    assert opened(as_logo(file_of("JPEG", (3000, 1500)))).size == (LOGO_SIDE, LOGO_SIDE // 2)
    assert opened(as_logo(file_of("PNG", (1, 1)))).size == (1, 1)


def test_nothing_but_pixels_is_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where Alice lives"
    exif[0x0112] = 6  # lying on its side
    for kind in ("JPEG", "PNG", "WEBP"):
        made = as_logo(file_of(kind, exif=exif.tobytes()))
        assert b"Alice" not in made
        picture = opened(made)
        assert picture.size == (30, 40), "upright, as it was meant"
        assert not picture.getexif()
        assert picture.info == {}


def test_of_an_animation_the_first_picture_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert opened(as_logo(written.getvalue())).getpixel((0, 0))[:3] == (255, 0, 0)  # type: ignore[index]


def zipped() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return written.getvalue()


PNG = file_of("PNG")
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "required"),
    "too many bytes": (PNG + b"\0" * MOST_BYTES, "too_large"),
    "text": (b"not a picture at all", "not_a_picture"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not_a_picture"),
    "SVG with a head": (b'<?xml version="1.0"?><!DOCTYPE svg><svg/>', "not_a_picture"),
    "GIF": (file_of("GIF"), "not_a_picture"),
    "BMP": (file_of("BMP"), "not_a_picture"),
    "TIFF": (file_of("TIFF"), "not_a_picture"),
    "PDF": (b"%PDF-1.7\n1 0 obj", "not_a_picture"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not_a_picture"),
    "PNG cut short": (file_of("PNG", (300, 300))[:60], "not_a_picture"),
    "JPEG cut short": (file_of("JPEG", (300, 300))[:200] + b"\xff\xd9", "not_a_picture"),
    "WebP cut short": (file_of("WEBP", (300, 300))[:40], "not_a_picture"),
    "PNG with a page behind it": (PNG + b"<script>alert(1)</script>", "more_than_a_picture"),
    "PNG with an archive behind it": (PNG + zipped(), "more_than_a_picture"),
    "JPEG with an archive behind it": (file_of("JPEG") + zipped(), "more_than_a_picture"),
    "WebP with a page behind it": (file_of("WEBP") + b"<html>", "more_than_a_picture"),
    "bomb by its header": (png_of_size(50_000, 50_000), "too_many_pixels"),
    "bomb beyond what the reader warns of": (png_of_size(12_000, 9_000), "too_many_pixels"),
    "too long": (png_of_size(6001, 1, b"\0" * 18_004), "too_many_pixels"),
    "too many pixels": (png_of_size(5000, 3201), "too_many_pixels"),
    "header without pixels": (png_of_size(4000, 4000), "not_a_picture"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_no_plain_picture_is_refused(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(UnusablePicture) as refused:
        as_logo(data)
    assert refused.value.code == code


@given(st.data())
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))
    damaged = bytearray(file_of(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = as_logo(bytes(damaged))
    except UnusablePicture:
        return
    assert opened(made).format == "PNG"
