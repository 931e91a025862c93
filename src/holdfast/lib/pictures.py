"""Uploaded pictures: judged before they are decoded, and written anew, so that only pixels remain.

Whatever else a file carries (places and names in EXIF, a script, a second file behind the first) is not in what comes
out.
"""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageOps

MOST_BYTES = 2 * 1024 * 1024
MOST_SIDE = 6000
MOST_PIXELS = 16_000_000
LOGO_SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP")


class UnusablePicture(ValueError):
    """Why a file is no logo; ``code`` is ``required``, ``too_large``, ``not_a_picture``, ``too_many_pixels`` or
    ``more_than_a_picture``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def as_logo(data: bytes) -> bytes:
    """A PNG, JPEG or WebP file as a PNG of at most 512 pixels a side, upright, without anything but its pixels.

    Raises :class:`UnusablePicture`. Of an animation the first picture is taken.
    """
    if not data:
        raise UnusablePicture("required")
    if len(data) > MOST_BYTES:
        raise UnusablePicture("too_large")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _check(picture, data)
            return _written(picture)
    except UnusablePicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusablePicture("too_many_pixels") from error
    except Exception as error:  # a decoder meets anything, and every way to fail means the same
        raise UnusablePicture("not_a_picture") from error


def _check(picture: Image.Image, data: bytes) -> None:
    """What the header says, before a pixel is decoded; and that the file ends where the picture does."""
    width, height = picture.size
    if width > MOST_SIDE or height > MOST_SIDE or width * height > MOST_PIXELS:
        raise UnusablePicture("too_many_pixels")
    ends = {"PNG": _png_ends, "WEBP": _webp_ends, "JPEG": _jpeg_ends}[str(picture.format)]
    if not ends(data):
        raise UnusablePicture("more_than_a_picture")


def _png_ends(data: bytes) -> bool:
    """Chunk by chunk to IEND, and nothing behind it."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        at += 12 + length
        if kind == b"IEND":
            return bool(at == len(data))
    return True  # cut short: decoding will say so


def _webp_ends(data: bytes) -> bool:
    length = int.from_bytes(data[4:8], "little") + 8
    return len(data) <= length + length % 2


def _jpeg_ends(data: bytes) -> bool:
    return data.rstrip(b"\0").endswith(b"\xff\xd9")


def _written(picture: Image.Image) -> bytes:
    picture.draft("RGB", (2 * LOGO_SIDE, 2 * LOGO_SIDE))  # a large JPEG is decoded at a fraction of its size
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((LOGO_SIDE, LOGO_SIDE))
    plain.info.clear()
    written = io.BytesIO()
    plain.save(written, "PNG", optimize=True)
    return written.getvalue()
