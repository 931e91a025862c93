"""A business's accent colour as the two numbers the style sheets take: hue and chroma of OKLCH.

Lightness is dropped: the style sheets fix it per theme, so any colour keeps its contrast in light and dark.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
MAX_CHROMA = 0.22


@dataclass(frozen=True, slots=True)
class Accent:
    """``hue`` in degrees and ``chroma`` as texts ready for CSS, in no locale's number format."""

    hue: str
    chroma: str


DEFAULT = Accent("165", "0.085")


@lru_cache(maxsize=512)
def accent_of(colour: str) -> Accent:
    """The accent of a colour such as ``#2c6e49``; Holdfast's own for anything that is not one."""
    match = _HEX.fullmatch(colour.strip())
    if match is None:
        return DEFAULT
    digits = match.group(1)
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    a, b = _opponents(red, green, blue)
    chroma = min(math.hypot(a, b), MAX_CHROMA)
    hue = math.degrees(math.atan2(b, a)) % 360
    return Accent(f"{hue:.1f}", f"{chroma:.4f}")


def _linear(channel: float) -> float:
    """Undo the gamma of sRGB."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _opponents(red: float, green: float, blue: float) -> tuple[float, float]:
    """The a and b axes of OKLab (Ottosson 2020) of a linear sRGB colour."""
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
