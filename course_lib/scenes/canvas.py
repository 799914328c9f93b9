"""Images put together from tiles."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from course_lib.scenes.packing import PlaneTable
from course_lib.scenes.shading import BACKGROUND
from course_lib.scenes.tiles import Seen, Tiling
from course_lib.shapes import Float, Int, Resolution, Tensor

CENTER = (0.5, 0.5)


@dataclass(frozen=True)
class Pattern:
    """A tiling whose samples come pixel by pixel, first those that colours are averaged over.

    Samples are ordered by their place within the pixel: `colors` times all pixels of the tile, and somewhere,
    if depth, normals and labels are wanted, all pixels at their centres.
    """

    tiling: Tiling
    colors: int
    center: int | None  # which of these runs lies at the pixels' centres

    @property
    def pixels(self) -> int:
        """Pixels in a tile."""
        return self.tiling.size**2


def sampling_pattern(
    resolution: Resolution, supersample: int, geometry: bool, device: torch.device
) -> Pattern:
    """Tiles with `supersample`² colour samples per pixel on a regular grid, and one at its centre for geometry."""
    size = 8 if supersample == 1 else 4  # about as many samples per tile either way
    steps = [(step + 0.5) / supersample for step in range(supersample)]
    places = [(down, right) for down in steps for right in steps]
    if geometry and CENTER not in places:
        places.append(CENTER)
    pixel = torch.cartesian_prod(torch.arange(size), torch.arange(size))  # row, column
    row, column = torch.cat([pixel + torch.tensor(place) for place in places]).unbind(1)
    samples = torch.stack([column, row, torch.ones_like(row)]).to(device)
    center = places.index(CENTER) if geometry else None
    return Pattern(Tiling(resolution, size, samples), supersample**2, center)


class Canvas:
    """Pictures of `views` cameras, at first all background."""

    images: Float[Tensor, "tiles pixels 3"]
    depth: Float[Tensor, "tiles pixels"]
    normals: Float[Tensor, "tiles pixels 3"]
    labels: Int[Tensor, "tiles pixels"]

    def __init__(self, views: int, pattern: Pattern) -> None:
        self.views, self.pattern = views, pattern
        tiling, device = pattern.tiling, pattern.tiling.samples.device
        shape = (views * tiling.rows * tiling.columns, pattern.pixels)
        self.images = torch.full((*shape, 3), BACKGROUND, device=device)
        if pattern.center is not None:
            self.depth = torch.full(shape, torch.inf, device=device)
            self.normals = torch.zeros((*shape, 3), device=device)
            self.labels = torch.zeros(shape, dtype=torch.uint8, device=device)

    def draw(
        self, table: PlaneTable, surface: Int[Tensor, " rows"], seen: Seen, first_view: int
    ) -> None:
        """Fill in tiles of the views from `first_view` on; `surface` says which plane a row in `seen` is."""
        tiling, pixels = self.pattern.tiling, self.pattern.pixels
        tile = seen.tile + first_view * tiling.rows * tiling.columns
        row = torch.where(seen.row < 0, len(surface), seen.row)  # the last entry is background
        palette = _with_last(table.plane_color[surface], BACKGROUND) / self.pattern.colors
        color = _look_up(palette, row[:, :pixels])
        for start in range(pixels, self.pattern.colors * pixels, pixels):
            color += _look_up(palette, row[:, start : start + pixels])
        self.images[tile] = color.clamp_max_(1)  # the sum's rounding may exceed it
        if self.pattern.center is None:
            return
        centers = slice(self.pattern.center * pixels, (self.pattern.center + 1) * pixels)
        row = row[:, centers]
        self.depth[tile] = 1 / seen.inverse_depth[:, centers]
        self.normals[tile] = _look_up(_with_last(table.normals[surface].float(), 0), row)
        label = table.part_label[table.plane_part[surface]].to(torch.uint8)
        self.labels[tile] = _look_up(_with_last(label, 0), row)

    def taken(self, field: str) -> Tensor:
        """One of the fields as images (views, height, width, …); its tiles are gone then, to save memory."""
        tiles: Tensor = self.__dict__.pop(field)
        tiling = self.pattern.tiling
        height, width = tiling.resolution
        rest = tiles.shape[2:]
        grid = (tiling.rows, tiling.columns, tiling.size, tiling.size)
        images = tiles.reshape(self.views, *grid, *rest).transpose(2, 3)
        size = (tiling.rows * tiling.size, tiling.columns * tiling.size)
        return images.reshape(self.views, *size, *rest)[:, :height, :width].contiguous()


def _with_last(table: Tensor, value: float) -> Tensor:
    return torch.cat([table, table.new_full((1, *table.shape[1:]), value)])


def _look_up(table: Tensor, index: Tensor) -> Tensor:
    return table.index_select(0, index.flatten()).reshape(*index.shape, *table.shape[1:])
