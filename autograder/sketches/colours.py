"""Colours of sketches: ramps that colour-blind eyes read as light to dark, and ink that is legible on them."""

from __future__ import annotations

from functools import cache
from typing import Final

# Nine colours each of matplotlib's viridis and magma; both rise steadily in lightness.
VIRIDIS: Final = (
    "440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725",
)  # fmt: skip
MAGMA: Final = (
    "000004", "1d1147", "51127c", "832681", "b73779", "e75263", "fc8961", "fec488", "fcfdbf",
)  # fmt: skip
LOST_COLOUR: Final = (150, 150, 150)  # not finite
EXPECTED: Final = "#0b7fc4"  # both stand out on white and on near-black pages,
YOURS: Final = "#d55e00"  # and differ in shape wherever they are drawn

Colour = tuple[int, int, int]


@cache
def ramp(anchors: tuple[str, ...], share: float) -> Colour:
    """The colour at `share`, 0 to 1, of the way from the first anchor to the last."""
    place = min(max(share, 0.0), 1.0) * (len(anchors) - 1)
    index = min(int(place), len(anchors) - 2)
    low, high = bytes.fromhex(anchors[index]), bytes.fromhex(anchors[index + 1])
    red, green, blue = (
        round(a + (b - a) * (place - index)) for a, b in zip(low, high, strict=True)
    )
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2 defines it, 0 to 1."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: Colour, second: Colour) -> float:
    """WCAG 2's contrast ratio, 1 to 21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: Colour) -> str:
    """Black or white, whichever is easier to read; never below 4.5 to 1."""
    black = contrast(colour, (0, 0, 0)) >= contrast(colour, (255, 255, 255))
    return "#000" if black else "#fff"
