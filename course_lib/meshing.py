"""A triangle mesh from a signed distance function sampled on a grid: marching tetrahedra."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import torch

from course_lib.shapes import Bool, Float, Int, Tensor

# Vertices keep this share of an edge away from its ends, so that a value of exactly 0 at a node
# gives thin triangles there instead of triangles without area and vertices that coincide.
MARGIN = 1e-3

Edge = tuple[int, int]  # two corners of a tetrahedron, 0…3


def mesh_from_sdf(
    values: Float[Tensor, "x y z"],
    low: Sequence[float] | Float[Tensor, " 3"],
    high: Sequence[float] | Float[Tensor, " 3"],
) -> tuple[Float[Tensor, "n 3"], Int[Tensor, "f 3"]]:
    """Vertices and faces of the surface where `values` change sign; zero or less is inside.

    The first and last nodes of the grid lie exactly at `low` and `high`, in the units of the
    vertices. The mesh is closed (each edge belongs to two faces), its vertices are shared, and
    faces run counter-clockwise seen from outside. Where the inside reaches the border of the grid
    the mesh is closed there with a flat cap. Values that never change sign have no surface: the
    mesh is empty. Vertices are differentiable with respect to the values.

    Each cell is cut into six tetrahedra around its diagonal, which fit those of its neighbours; a
    tetrahedron has no ambiguous case, hence no table of 256.
    Doi & Koide 1991, An Efficient Method of Triangulating Equi-Valued Surfaces by Using
    Tetrahedral Cells.

    Raises:
        ValueError: no grid, a value that is not finite (the message names the first), or no box.
    """
    corner, step = _checked_box(values, low, high)
    empty = torch.empty(0, 3, dtype=torch.int64, device=values.device)
    if not ((values <= 0).any() and (values > 0).any()):
        return values.new_empty(0, 3), empty
    values = _capped(values)
    tetrahedra = _tetrahedra(values <= 0)
    inside = (values <= 0).reshape(-1)
    pattern = (inside[tetrahedra] * torch.tensor([1, 2, 4, 8], device=values.device)).sum(-1)
    faces = []
    for case, triangles in TRIANGLES.items():
        cut = tetrahedra[pattern == case]
        for triangle in triangles:
            faces.append(cut[:, torch.tensor(triangle, device=cut.device)])
    ends = torch.cat(faces).sort(dim=-1).values  # f 3 2: both nodes of each vertex's edge
    key, vertex = torch.unique(ends[..., 0] * values.numel() + ends[..., 1], return_inverse=True)
    return _crossings(values, key, corner, step), vertex


def _checked_box(
    values: Tensor, low: Sequence[float] | Tensor, high: Sequence[float] | Tensor
) -> tuple[Float[Tensor, " 3"], Float[Tensor, " 3"]]:
    if not isinstance(values, Tensor):
        raise ValueError(
            f"values must be a torch.Tensor, the distances at the nodes of a grid, not {type(values).__name__}"
        )
    if values.dim() != 3 or min(values.shape) < 2 or not values.is_floating_point():
        raise ValueError(
            "values must be a floating-point grid with at least 2 nodes along x, y and z; got "
            f"{tuple(values.shape)} {values.dtype}. A batch is meshed one grid at a time."
        )
    if bad := int((~values.isfinite()).sum()):
        first = tuple((~values.isfinite()).nonzero()[0].tolist())
        raise ValueError(f"values must be finite; {bad} are not, the first at node {first}")
    corners = [
        torch.as_tensor(end, dtype=values.dtype, device=values.device) for end in (low, high)
    ]
    if any(end.shape != (3,) for end in corners) or not bool((corners[0] < corners[1]).all()):
        raise ValueError(f"low and high must be 3 numbers each, low < high; got {low} and {high}")
    nodes = torch.tensor(values.shape, dtype=values.dtype, device=values.device)
    return corners[0], (corners[1] - corners[0]) / (nodes - 1)


def _capped(values: Float[Tensor, "x y z"]) -> Float[Tensor, "x y z"]:
    """The grid with all nodes of its border outside, so that no surface leaves it open."""
    border = torch.ones_like(values, dtype=torch.bool)
    border[1:-1, 1:-1, 1:-1] = False
    return torch.where(border, values.clamp(min=torch.finfo(values.dtype).tiny), values)


def _tetrahedra(inside: Bool[Tensor, "x y z"]) -> Int[Tensor, "t 4"]:
    """Nodes of the tetrahedra in all cells that the surface crosses, positively oriented."""
    _, ny, nz = inside.shape
    ends = (slice(None, -1), slice(1, None))
    corners = torch.stack([inside[x, y, z] for x in ends for y in ends for z in ends])
    cut = corners.any(dim=0) & ~corners.all(dim=0)
    x, y, z = cut.nonzero().unbind(dim=1)
    strides = (ny * nz, nz, 1)
    cells = x * strides[0] + y * strides[1] + z
    paths = []
    for order in permutations(range(3)):  # from the lowest corner to the highest, axis by axis
        a, b, c = (strides[axis] for axis in order)
        path = [0, a, a + b, a + b + c]
        if not _is_even(order):
            path[1], path[2] = path[2], path[1]
        paths.append(cells[:, None] + torch.tensor(path, device=cells.device))
    return torch.cat(paths)


def _crossings(values: Tensor, key: Tensor, corner: Tensor, step: Tensor) -> Float[Tensor, "n 3"]:
    """Where the value, linear along each edge, is zero."""
    ends = torch.stack([key // values.numel(), key % values.numel()])
    value = values.reshape(-1)[ends]
    share = (value[0] / (value[0] - value[1])).clamp(MARGIN, 1 - MARGIN)[:, None]
    position = torch.stack(torch.unravel_index(ends, values.shape), dim=-1).to(values.dtype)
    return corner + (position[0] + share * (position[1] - position[0])) * step


def _is_even(order: Sequence[int]) -> bool:
    return sum(a > b for a, b in combinations(order, 2)) % 2 == 0


def _triangles(case: int) -> tuple[tuple[Edge, Edge, Edge], ...]:
    """Faces of a positively oriented tetrahedron whose corner k is inside if bit k is set."""
    inside = [k for k in range(4) if case >> k & 1]
    outside = [k for k in range(4) if not case >> k & 1]
    a, b, c, d = order = inside + outside
    if len(inside) == 2:
        if not _is_even(order):
            c, d = d, c
        return ((a, c), (a, d), (b, d)), ((a, c), (b, d), (b, c))
    if len(inside) == 3:  # like one inside, seen from the other side
        d, a = a, d
    even = _is_even((a, b, c, d)) == (len(inside) == 1)
    return (((a, b), (a, c), (a, d)),) if even else (((a, b), (a, d), (a, c)),)


TRIANGLES = {case: _triangles(case) for case in range(1, 15)}
