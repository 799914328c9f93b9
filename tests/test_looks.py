"""The looks that all pictures share: one measure, legible type, colours that everybody can tell apart."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from numpy.typing import NDArray

from course_lib.style import (
    CYCLE,
    DIVERGING,
    DPI,
    EXPECTED,
    SEQUENTIAL,
    SMALLEST_TYPE,
    WIDTH,
    YOURS,
)
from course_lib.viewers import Picture, show_frusta, show_rays
from course_lib.viewers.class_marks import COLORS
from tests import (
    test_viewers,
    test_viewers_distribution,
    test_viewers_grids,
    test_viewers_latent,
    test_viewers_light_fields,
    test_viewers_marching,
    test_viewers_rendering,
)

ROOT = Path(__file__).parent.parent
MODULES = (
    test_viewers, test_viewers_distribution, test_viewers_grids, test_viewers_latent, test_viewers_light_fields,
    test_viewers_marching, test_viewers_rendering,
)  # fmt: skip
PICTURES: dict[str, Callable[[], Picture]] = {
    f"{module.__name__.partition('.')[2]}: {name}": make
    for module in MODULES
    for name, make in module.PICTURES.items()
}
# Lightness rises steadily, or falls away from a light middle on both sides of red and blue.
SAFE_MAPS = {"viridis", "cividis", "magma", "inferno", "plasma", "gray", "Greys", "RdBu", "PuOr"}
Rgb = NDArray[np.float64]


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_have_one_measure_and_legible_type(name: str) -> None:
    picture = PICTURES[name]()
    assert (picture.get_figwidth(), picture.dpi) == (WIDTH, DPI)
    assert picture.get_figheight() <= 10  # no taller than a screen
    picture.draw_without_rendering()
    for text in picture.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            assert text.get_fontsize() >= SMALLEST_TYPE, text.get_text()


@pytest.mark.parametrize("view", [(-60.0, 22.0), (-75.0, 15.0), (20.0, 5.0), (-90.0, 70.0)])
@pytest.mark.parametrize("up", ["z", "-y"])
def test_the_names_of_axes_stand_inside_the_picture(view: tuple[float, float], up: str) -> None:
    ways = torch.tensor(
        [
            (x * z, y * z, z)
            for x, y, z in itertools.product((-1, 0, 1), (-0.7, 0, 0.7), (1.0, 2, 3))
        ]
    )
    for picture in (
        show_rays(torch.zeros_like(ways), 0.6 * ways, up=up, view=view),  # type: ignore[arg-type]
        show_frusta(torch.eye(4), points=ways, up=up, view=view),  # type: ignore[arg-type]
    ):
        picture.png()
        (axes,) = picture.axes
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):  # type: ignore[attr-defined]
            box = axis.label.get_window_extent()
            assert box.y0 >= 0, axis.label.get_text()
            assert box.y1 <= picture.bbox.height, axis.label.get_text()


def test_words_tell_where_things_are() -> None:
    ways = torch.tensor([[1.0, 0, 0], [0, 2, 0]])
    alt = show_rays(torch.zeros(2, 3), ways, title="two axes").alt
    assert (
        alt
        == "2 rays in space: two axes. What is drawn spans x from 0 to 1, y from 0 to 2, z from 0 to 0."
    )


def named_maps(root: Path) -> Iterator[tuple[Path, str]]:
    """Every text in our code that is the name of one of matplotlib's colour maps."""
    names = set(mpl.colormaps)
    for folder in ("course_lib", "autograder", "solutions", "benchmarks", "assets/make"):
        for path in sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.keyword)
                    and node.arg == "cmap"
                    and isinstance(node.value, ast.Constant)
                ):
                    yield path, str(node.value.value)
                elif isinstance(node, ast.Subscript) and "colormaps" in ast.unparse(node.value):
                    if isinstance(node.slice, ast.Constant):
                        yield path, str(node.slice.value)
                elif isinstance(node, ast.Constant) and node.value in names:
                    yield path, str(node.value)


def test_only_colour_maps_that_everybody_can_read() -> None:
    words = {
        "spring",
        "summer",
        "autumn",
        "winter",
        "hot",
        "cool",
        "pink",
        "copper",
        "bone",
        "flag",
        "gray",
    }
    found = {(p.relative_to(ROOT), name) for p, name in named_maps(ROOT) if name not in words}
    assert {name for _, name in found} & {SEQUENTIAL}  # the search finds what is there
    for path, name in found:
        assert name.removesuffix("_r") in SAFE_MAPS, f"{path}: colour map {name!r}"
    assert {SEQUENTIAL, DIVERGING} <= SAFE_MAPS


def test_the_search_for_colour_maps_can_fail(tmp_path: Path) -> None:
    (tmp_path / "course_lib").mkdir()
    (tmp_path / "course_lib" / "x.py").write_text(
        "axes.imshow(x, cmap='jet')\ny = colormaps['RdYlGn']\n"
    )
    assert {name for _, name in named_maps(tmp_path)} == {"jet", "RdYlGn"}


# Machado, Oliveira & Fernandes 2009, Table 1, severity 1.0: what who lacks a kind of cone sees, in linear RGB.
BLINDNESS = {
    "everybody else": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(color: str, blindness: Rgb) -> Rgb:
    """CIE L*a*b* (D65) of a colour as it is seen."""
    srgb = np.array(to_rgb(color))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(blindness @ linear, 0, 1)
    share = XYZ @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def closest(colors: tuple[str, ...], blindness: Rgb) -> float:
    """The smallest distance between two of the colours, in CIE Lab."""
    points = [lab(color, blindness) for color in colors]
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(points, 2))


@pytest.mark.parametrize("who", BLINDNESS)
def test_colours_of_curves_and_classes_can_be_told_apart(who: str) -> None:
    """About 2 can just be seen side by side; 10 is told apart at a glance."""
    tritan = who == "tritanopia"  # one in ten thousand; there shapes and dashes help
    assert closest(CYCLE, BLINDNESS[who]) > (8 if tritan else 15)
    assert closest(COLORS, BLINDNESS[who]) > (8 if tritan else 15)
    assert closest((EXPECTED, YOURS), BLINDNESS[who]) > 40


def test_red_and_green_would_not_pass() -> None:
    pair = ("#d62728", "#2ca02c")
    assert closest(pair, BLINDNESS["everybody else"]) > 100
    assert closest(pair, BLINDNESS["deuteranopia"]) < 40


MARKDOWN_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\(|<img\b(?P<tag>[^>]*)>")


def undescribed(text: str) -> list[str]:
    """Pictures in Markdown without alt text, or with a word that says nothing."""
    found = []
    for match in MARKDOWN_IMAGE.finditer(text):
        alt = match["alt"]
        if alt is None:
            quoted = re.search(r"""\balt=["']([^"']*)""", match["tag"])
            alt = quoted[1] if quoted else ""
        if len(alt.split()) < 3:
            found.append(match[0])
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").glob("0*.py")), ids=lambda p: p.stem)
def test_pictures_in_the_text_of_notebooks_are_described(path: Path) -> None:
    cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.M)
    prose = [cell for cell in cells if cell.startswith(" [markdown]")]
    assert prose
    badges = [
        cell.replace("![Open in Colab](", "[Open in Colab](") for cell in prose
    ]  # its words are enough
    assert [image for cell in badges for image in undescribed(cell)] == []


def test_an_undescribed_picture_is_found() -> None:
    assert undescribed("![](a.png) <img src='b.png'> ![picture](c.png) ![a chair from above](d.png)") == [
        "![](", "<img src='b.png'>", "![picture](",
    ]  # fmt: skip
