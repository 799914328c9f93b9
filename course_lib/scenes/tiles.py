"""The nearest part at every sample of every tile that a part may touch: the inner loop of `photograph`.

A tile is a square of pixels; all tiles share one pattern of samples, so that one matrix product evaluates all planes
of all parts that reach into them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from course_lib.scenes.silhouettes import Sightings
from course_lib.shapes import Float, Int, Resolution, Tensor

SAMPLES_AT_ONCE = 2**20  # samples of tiles under parts that are in memory at a time
PRODUCT_AT_ONCE = 2**19  # numbers in one matrix product: it stays in the processor's cache


@dataclass(frozen=True)
class Tiling:
    """Square tiles of `size` pixels over images of one resolution, with the same samples in each."""

    resolution: Resolution
    size: int
    samples: Float[Tensor, "3 samples"]  # column, row within the tile in pixels; 1

    @property
    def rows(self) -> int:
        """Tiles from top to bottom, the last perhaps not full."""
        return -(-self.resolution[0] // self.size)

    @property
    def columns(self) -> int:
        """Tiles from left to right."""
        return -(-self.resolution[1] // self.size)


@dataclass(frozen=True, eq=False)
class Touches:
    """Tiles under parts: part i of the sightings reaches into tile t; sorted by tile."""

    sighting: Int[Tensor, " n"]
    tile: Int[Tensor, " n"]  # (view · rows + row) · columns + column
    corner: Float[Tensor, "n 2"]  # of the tile, column and row in pixels

    def __getitem__(self, chosen: Tensor | slice) -> Touches:
        return Touches(self.sighting[chosen], self.tile[chosen], self.corner[chosen])


@dataclass(frozen=True, eq=False)
class Seen:
    """What the samples of some tiles see."""

    tile: Int[Tensor, " tiles"]
    inverse_depth: Float[Tensor, "tiles samples"]  # 0 where nothing is seen
    row: Int[Tensor, "tiles samples"]  # of the sightings' coefficients, −1 where nothing is seen


def nearest_parts(seen: Sightings, tiling: Tiling) -> Iterator[Seen]:
    """What is seen in the tiles that parts reach into, a few tiles at a time; every tile comes once at most."""
    in_pixels = _in_pixels(seen, tiling)
    touches = _not_hidden(in_pixels, _touches(seen, tiling), tiling)
    touches = touches[touches.tile.argsort(stable=True)]
    for some in _portions(touches, SAMPLES_AT_ONCE // tiling.samples.shape[1]):
        yield _nearest(in_pixels, some, tiling)


def plane_tests(seen: Sightings, tiling: Tiling) -> int:
    """How many planes are evaluated at how many samples: the work that `nearest_parts` does."""
    touches = _not_hidden(_in_pixels(seen, tiling), _touches(seen, tiling), tiling)
    return int(seen.planes[touches.sighting].sum()) * tiling.samples.shape[1]


def _in_pixels(seen: Sightings, tiling: Tiling) -> Sightings:
    """Coefficients for (column, row, 1) in pixels, float32."""
    height, width = tiling.resolution
    scale = seen.coefficients.new_tensor([1 / width, 1 / height, 1])
    return replace(seen, coefficients=(seen.coefficients * scale).float())


def _touches(seen: Sightings, tiling: Tiling) -> Touches:
    height, width = tiling.resolution
    device = seen.view.device
    scale = seen.rectangle.new_tensor([width, height, width, height]) / tiling.size
    margin = seen.rectangle.new_tensor([-1e-4, -1e-4, 1e-4, 1e-4])
    last = seen.rectangle.new_tensor([tiling.columns - 1, tiling.rows - 1]).repeat(2)
    bounds = (seen.rectangle * scale + margin).floor().clamp_min(0).minimum(last).long()
    left, top, right, bottom = bounds.unbind(1)
    across = right - left + 1
    counts = across * (bottom - top + 1)
    sighting = torch.arange(len(counts), device=device).repeat_interleave(counts)
    before = counts.cumsum(0) - counts
    within = torch.arange(len(sighting), device=device) - before[sighting]
    down = within.div(across[sighting], rounding_mode="floor")
    row, column = top[sighting] + down, left[sighting] + within - down * across[sighting]
    tile = (seen.view[sighting] * tiling.rows + row) * tiling.columns + column
    return Touches(sighting, tile, torch.stack([column, row], 1).float() * tiling.size)


def _groups(seen: Sightings, touches: Touches) -> Iterator[tuple[slice, int, int]]:
    """Runs of touches (sorted by sighting) whose parts have equally many planes and fronts."""
    key = seen.planes[touches.sighting] * 2**16 + seen.fronts[touches.sighting]
    kinds, counts = torch.unique_consecutive(key, return_counts=True)
    start = 0
    for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True):
        yield slice(start, start + count), kind >> 16, kind & 0xFFFF
        start += count


def _evaluate(seen: Sightings, some: Touches, planes: int, samples: Tensor) -> Tensor:
    """1 / t of all planes (touches, planes, samples) at samples of the tiles."""
    rows = seen.first_row[some.sighting, None] + torch.arange(planes, device=some.tile.device)
    linear = seen.coefficients[rows]
    linear[..., 2] += (linear[..., :2] * some.corner[:, None]).sum(-1)
    return (linear.reshape(-1, 3) @ samples).view(len(rows), planes, -1)


def _not_hidden(seen: Sightings, touches: Touches, tiling: Tiling) -> Touches:
    """Without the tiles that a part misses, or in which another part covers it all.

    Everything is linear over a tile, so its four corners say between what values everything lies.
    """
    size = float(tiling.size)
    corners = tiling.samples.new_tensor([[0, size, 0, size], [0, 0, size, size], [1, 1, 1, 1]])
    most, least = [], []
    for run, planes, fronts in _groups(seen, touches):
        values = _evaluate(seen, touches[run], planes, corners)
        low, high = values.amin(-1), values.amax(-1)
        enters = high[:, :fronts].amin(1)
        leaves = low[:, fronts:].amax(1)
        most.append(torch.where(enters > leaves, enters, 0))
        surely = low[:, :fronts].amin(1)
        covers = surely > high[:, fronts:].amax(1)
        least.append(torch.where(covers, surely, 0))
    if not most:
        return touches
    nearest, cover = torch.cat(most), torch.cat(least)
    tiles, index = torch.unique(touches.tile, return_inverse=True)
    covered = cover.new_zeros(len(tiles)).scatter_reduce(0, index, cover, "amax")
    return touches[((nearest > 0) & (nearest >= covered[index])).nonzero()[:, 0]]


def _portions(touches: Touches, most: int) -> Iterator[Touches]:
    """Touches in portions of about `most`, all of one tile in one portion."""
    if not len(touches.tile):
        return
    _, counts = torch.unique_consecutive(touches.tile, return_counts=True)
    ends = counts.cumsum(0)
    portion = (ends - 1).div(max(1, most), rounding_mode="floor")
    _, tiles = torch.unique_consecutive(portion, return_counts=True)
    start = 0
    for end in ends[tiles.cumsum(0) - 1].tolist():
        yield touches[start:end]
        start = end


def _nearest(seen: Sightings, some: Touches, tiling: Tiling) -> Seen:
    tiles, tile_of, counts = torch.unique_consecutive(
        some.tile, return_inverse=True, return_counts=True
    )
    first = counts.cumsum(0) - counts
    layer = torch.arange(len(tile_of), device=tile_of.device) - first[tile_of]
    by_kind = some.sighting.argsort()
    inverse_depth, row = _entering(seen, some[by_kind], tiling)
    # In each layer a tile occurs once, so that layers can be laid over one another without collisions.
    position = torch.empty_like(by_kind)
    position[by_kind] = torch.arange(len(by_kind), device=by_kind.device)
    by_layer = layer.argsort(stable=True)
    sizes = torch.bincount(layer).tolist()
    best_depth = best_row = None
    for touch in torch.split(by_layer, sizes):
        depth_here, row_here = inverse_depth[position[touch]], row[position[touch]]
        if best_depth is None or best_row is None:
            best_depth, best_row = depth_here, row_here
            continue
        where = tile_of[touch]
        old = best_depth[where]
        best_row[where] = torch.where(depth_here > old, row_here, best_row[where])
        best_depth[where] = torch.maximum(depth_here, old)
    assert best_depth is not None
    assert best_row is not None
    return Seen(tiles, best_depth, best_row)


def _entering(seen: Sightings, some: Touches, tiling: Tiling) -> tuple[Tensor, Tensor]:
    """1 / depth at which samples enter parts (0: they miss), and the plane's row of coefficients (−1)."""
    samples = tiling.samples
    inverse_depth = samples.new_empty(len(some.tile), samples.shape[1])
    row = torch.empty(inverse_depth.shape, dtype=torch.int32, device=samples.device)
    for run, planes, fronts in _groups(seen, some):
        at_once = max(1, PRODUCT_AT_ONCE // (planes * samples.shape[1]))
        for start in range(run.start, run.stop, at_once):
            piece = slice(start, min(start + at_once, run.stop))
            values = _evaluate(seen, some[piece], planes, samples)
            enters, face = values[:, :fronts].min(1)
            leaves = values[:, fronts:].amax(1)
            hit = enters > leaves
            face += seen.first_row[some.sighting[piece], None]
            inverse_depth[piece] = torch.where(hit, enters, 0)
            row[piece] = torch.where(hit, face, -1)
    return inverse_depth, row
