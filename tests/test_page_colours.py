"""The colours of report pages: legible on screens of both themes and on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.sketches.colours import EXPECTED, YOURS

STYLE = Path(__file__).parent.parent / "autograder" / "report" / "templates" / "style.css"


def themes() -> Mapping[str, dict[str, str]]:
    """The colour variables of the light page, the dark one and of paper."""
    css = STYLE.read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.S)
    light, dark, paper = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in blocks
    )
    return {"light": light, "dark": light | dark, "paper": light | paper}


def contrast(first: str, second: str) -> float:
    """WCAG 2's ratio, written down here a second time."""
    shades = []
    for colour in (first, second):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        shades.append(0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)
    return max(shades) / min(shades)


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_text_is_legible_in_every_theme(theme: str) -> None:
    colours = themes()[theme]
    pairs = [(ink, paper) for ink in ("ink", "soft", "passed", "failed", "could-not-run", "accent")
             for paper in ("page", "card", "code")]  # fmt: skip
    pairs += [(status, f"{status}-tint") for status in ("passed", "failed", "could-not-run")]
    pairs += [("ink", "failed-tint")]  # notices
    for ink, paper in pairs:
        assert contrast(colours[ink], colours[paper]) >= 4.5, f"{ink} on {paper}"


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_sketches_stand_out_in_every_theme(theme: str) -> None:
    for colour in (EXPECTED, YOURS):  # shapes, not text: WCAG 1.4.11 asks for 3 to 1
        assert contrast(colour, themes()[theme]["card"]) >= 3
