"""Photographs every category of scenes for one sheet: assets/pictures/scenes.png.

    python assets/make/contact_sheet.py

For each category: twelve objects, one object in six of its views, and what a view holds besides colours.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.font_manager import findfont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from course_lib.data import PosedViews
from course_lib.scenes import CATEGORIES, posed_views
from course_lib.viewers.maps import normals_as_colors, shown_map

SHEET: Final = Path(__file__).parents[1] / "pictures" / "scenes.png"
TILE: Final = 128  # pixels, height and width
ACROSS: Final = 6  # tiles in a row
OBJECTS: Final = 12
BLOCKS_ACROSS: Final = 2
MARGIN, HEADING, CAPTION = 24, 40, 22
INK, GREY, PAPER = "#1b1b1b", "#5a5a5a", "white"
SEED: Final = 26  # all kinds of cars and chairs are among the first twelve
# Which object is seen from all sides, and which of its views as maps.
SHOWN: Final = {"cars": (11, 3), "chairs": (4, 3), "rooms": (3, 5), "faces": (6, 0)}
# The published palette of Tol 2021 ("light" and "muted"): neighbours differ for colour-blind readers.
LABEL_COLORS: Final = (
    "#ffffff", "#77aadd", "#ee8866", "#44bb99", "#eedd88",
    "#ffaabb", "#99ddff", "#aaaa00", "#882255", "#332288",
    "#117733", "#bbcc33", "#999933", "#aa4499",
)  # fmt: skip

Pixels = NDArray[np.uint8]


def as_pixels(image: object) -> Pixels:
    """An image in [0, 1] as bytes."""
    return (np.asarray(image) * 255).round().clip(0, 255).astype(np.uint8)


def in_rows(images: Pixels) -> Pixels:
    """Tiles `n h w 3` set in rows of ACROSS."""
    rows = [np.concatenate(list(images[i : i + ACROSS]), 1) for i in range(0, len(images), ACROSS)]
    return np.concatenate(rows, 0)


def palette() -> Pixels:
    """Colours of labels, `n 3`."""
    return np.array(
        [[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in LABEL_COLORS], np.uint8
    )


def maps_of(view: PosedViews) -> list[tuple[str, Pixels]]:
    """Colours, labels, normals and depth of one view, with captions."""
    assert view.labels is not None
    assert view.normals is not None
    assert view.depth is not None
    return [
        ("rgb", as_pixels(view.images[0])),
        ("labels", palette()[view.labels[0].numpy()]),
        ("normals", as_pixels(normals_as_colors(view.normals[0].double().numpy()))),
        ("depth", as_pixels(shown_map("depth", view.depth[0].double().numpy()).image)),
    ]


def font(points: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The typeface that matplotlib carries."""
    return ImageFont.truetype(
        findfont("DejaVu Sans:bold" if bold else "DejaVu Sans", fallback_to_default=True), points
    )


def block(name: str) -> Image.Image:
    """All that is shown of one category."""
    views = posed_views(name, OBJECTS, ACROSS, (TILE, TILE), SEED, supersample=3)
    width, height = ACROSS * TILE, HEADING + 4 * TILE + 2 * CAPTION
    picture = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((2, 4), name.replace("_", " "), INK, font(22, bold=True))
    firsts = np.stack([as_pixels(views[i].images[0]) for i in range(OBJECTS)])
    picture.paste(Image.fromarray(in_rows(firsts)), (0, HEADING))
    y = HEADING + 2 * TILE
    draw.text((2, y + 2), "one of them, from six of its cameras", GREY, font(13))
    shown, angle = SHOWN.get(name, (1, 2))
    picture.paste(Image.fromarray(in_rows(as_pixels(views[shown].images))), (0, y + CAPTION))
    y += CAPTION + TILE
    view = views[shown][angle : angle + 1]
    for i, (caption, tile) in enumerate(maps_of(view)):
        draw.text((i * TILE + 2, y + 2), caption, GREY, font(13))
        picture.paste(Image.fromarray(tile), (i * TILE, y + CAPTION))
    legend(draw, view.label_names[1:], (4 * TILE + 16, y + CAPTION))
    return picture


def legend(draw: ImageDraw.ImageDraw, names: tuple[str, ...], corner: tuple[int, int]) -> None:
    """Names of labels beside their colours, in two columns."""
    for i, label in enumerate(names):
        x, y = corner[0] + 118 * (i // 6), corner[1] + 21 * (i % 6)
        draw.rectangle((x, y + 2, x + 13, y + 15), fill=LABEL_COLORS[i + 1], outline=GREY)
        draw.text((x + 20, y), label, INK, font(13))


def main(path: Path) -> None:
    """Writes the sheet and says how large it is."""
    blocks = [block(name) for name in CATEGORIES]
    width, height = blocks[0].width + MARGIN, blocks[0].height + MARGIN
    rows = -(-len(blocks) // BLOCKS_ACROSS)
    sheet = Image.new("RGB", (BLOCKS_ACROSS * width + MARGIN, rows * height + MARGIN), PAPER)
    for i, one in enumerate(blocks):
        sheet.paste(
            one,
            (MARGIN + i % BLOCKS_ACROSS * width, MARGIN + i // BLOCKS_ACROSS * height),
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp.png")
    sheet.save(temporary, optimize=True)
    temporary.replace(path)
    print(f"{path}: {sheet.width}×{sheet.height}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHEET, help="where to write the sheet")
    main(parser.parse_args().out)
