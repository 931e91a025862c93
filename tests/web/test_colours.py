"""Any accent a business may choose keeps its words readable, in light and dark (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import holdfast.web
from holdfast.web.accent import DEFAULT, MAX_CHROMA, accent_of

CSS = Path(holdfast.web.__file__).parent / "static" / "holdfast" / "base.css"
Colour = tuple[float, float, float]  # lightness, chroma, hue


def ladder(theme: str) -> dict[str, float]:
    """The lightness of each token in a theme, read from the style sheet."""
    source = CSS.read_text()
    start = source.index(":root {") if theme == "light" else source.index(":root[data-theme=dark] {")
    block = source[start : source.index("}", start)]
    return {name: float(value) for name, value in re.findall(r"--l-(\w+): ([\d.]+)", block)}


def luminance(colour: Colour) -> float:
    """Relative luminance of an OKLCH colour, clipped to what a screen can show."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("chroma", [0.0, 0.05, 0.1, 0.15, MAX_CHROMA])
def test_words_stay_readable_on_every_accent(theme: str, chroma: float) -> None:
    steps = ladder(theme)
    for hue in range(0, 360, 4):
        on = (1.0, 0.0, 0.0) if theme == "light" else (0.17, 0.03, hue)
        solid, tink = (steps["solid"], chroma, hue), (steps["tink"], chroma, hue)
        soft, surface = (steps["soft"], chroma * 0.2, hue), (steps["surface"], 0.005, hue)
        ground, sunken = (steps["bg"], 0.004, hue), (steps["sunken"], 0.006, hue)
        assert contrast(on, solid) >= 4.5, f"words on the accent at {hue}"
        for back in (soft, surface, ground):
            assert contrast(tink, back) >= 4.5, f"coloured words at {hue}"
        for grey in ("ink", "ink2", "ink3"):
            for back in (surface, ground, sunken, soft):
                assert contrast((steps[grey], 0.012, hue), back) >= 4.5, f"{grey} at {hue}"
        assert contrast((steps["field"], 0.012, hue), surface) >= 3, f"edges of fields at {hue}"


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_becomes_a_hue_and_a_bounded_chroma(colour: int) -> None:
    accent = accent_of(f"#{colour:06x}")
    assert 0 <= float(accent.hue) <= 360
    assert 0 <= float(accent.chroma) <= MAX_CHROMA
    assert re.fullmatch(r"[\d.]+", accent.hue + accent.chroma), "ready for CSS in any language"


@pytest.mark.parametrize("text", ["", "green", "#12345", "#1234567", "red;}body{display:none", "#gggggg"])
def test_anything_else_is_our_own_green(text: str) -> None:
    assert accent_of(text) == DEFAULT


def test_hues_are_where_people_expect_them() -> None:
    assert 20 < float(accent_of("#ff0000").hue) < 40
    assert 135 < float(accent_of("#00aa00").hue) < 150
    assert 255 < float(accent_of("#0000ff").hue) < 270
    assert float(accent_of("#808080").chroma) < 0.001
