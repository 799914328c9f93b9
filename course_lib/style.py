"""The look of all figures: colours that colour-blind readers can tell apart, readable type."""

from __future__ import annotations

from typing import Final

# Okabe & Ito 2008, "Color Universal Design"; yellow is left out because it vanishes on white.
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
VERMILION: Final = "#D55E00"
SKY: Final = "#56B4E9"
PURPLE: Final = "#CC79A7"
BLACK: Final = "#000000"
GREY: Final = "#6E6E6E"
CYCLE: Final = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, BLACK)

AXIS_COLORS: Final = {
    "x": VERMILION,
    "y": GREEN,
    "z": BLUE,
}  # also labelled wherever they are drawn
EXPECTED: Final = BLUE  # what should come out
YOURS: Final = VERMILION  # what the student's function returned

SEQUENTIAL: Final = "viridis"  # depth, distance, error
DIVERGING: Final = "RdBu"  # signed differences
WIDTH: Final = 9.0  # inches; every figure is this wide, so that a notebook has one measure
DPI: Final = 100
PANEL: Final = 512  # pixels; pictures beside sliders are at most this wide, in whole multiples of what was rendered
SMALLEST_TYPE: Final = 8.0  # points, at the size at which a figure is shown


def use_course_style() -> None:
    """Sets matplotlib's defaults for the session; called by `setup()`."""
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(
        {
            "figure.figsize": (WIDTH, 4.5),
            "figure.dpi": DPI,
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "font.size": 11,
            "axes.titlesize": 12,
            "axes.labelsize": 11,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "legend.fontsize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": cycler(color=list(CYCLE)),
            "image.cmap": SEQUENTIAL,
            "image.interpolation": "nearest",
            "lines.linewidth": 1.8,
        }
    )
