"""Text and lines stand out from the page in both themes (WCAG 2, level AA)."""

import re
import tomllib
from pathlib import Path

import pytest

from pages.review.strokes import stroke_of

ROOT = Path(__file__).resolve().parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
STYLE = (ROOT / "pages" / "shared" / "style.css").read_text(encoding="utf-8")
TONES = re.findall(r"(--dt-[a-z]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", STYLE)
TEXT, LINE = 4.5, 3.0
TINT = 0.09
"""How much of its tone is mixed into the background of a band or a badge; style.css says so too."""

Rgb = tuple[float, float, float]


def rgb(colour: str) -> Rgb:
    """Red, green and blue, 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Rgb) -> float:
    """The relative luminance of WCAG 2."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def page(theme: str) -> Rgb:
    """The background of the page."""
    return rgb(CONFIG["theme"][theme]["backgroundColor"])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name, _, _ in TONES if name != "--dt-line"])
def test_words_in_a_tone_can_be_read_on_a_band_of_that_tone(name: str, theme: str) -> None:
    """Every tone is used for text, on the page and on its own tint."""
    (pair,) = [(light, dark) for tone, light, dark in TONES if tone == name]
    tone = rgb(pair[theme == "dark"])
    red, green, blue = (
        part * TINT + ground * (1 - TINT) for part, ground in zip(tone, page(theme), strict=True)
    )
    assert contrast(tone, page(theme)) >= TEXT
    assert contrast(tone, (red, green, blue)) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_links_and_buttons_can_be_read(theme: str) -> None:
    """The main colour carries white in the light theme, and near-black in the dark one."""
    colours = CONFIG["theme"][theme]
    on_button = rgb({"light": "#ffffff", "dark": "#0b1a26"}[theme])
    assert contrast(rgb(colours["primaryColor"]), on_button) >= TEXT
    assert contrast(rgb(colours["linkColor"]), page(theme)) >= TEXT
    assert contrast(rgb(colours["textColor"]), page(theme)) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_of_the_chart_can_be_seen(theme: str) -> None:
    """What is not text needs 3 to 1."""
    for rank in range(8):
        assert contrast(rgb(stroke_of(rank).colour(theme)), page(theme)) >= LINE


def test_the_report_to_read_can_be_read() -> None:
    """Its words stand out from white paper in every tone."""
    style = (ROOT / "deeptrace_core" / "formats" / "report.css").read_text(encoding="utf-8")
    colours = re.findall(r"--(?:ink|quiet|tone): (#[0-9a-f]{6})", style)
    assert len(colours) == 7
    assert all(contrast(rgb(colour), rgb("#ffffff")) >= TEXT for colour in colours)
