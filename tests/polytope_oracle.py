"""What holds for any scene of convex parts, found without the course's own geometry."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray

from course_lib.scenes import Part, Scene, cast, photograph, shaded
from course_lib.scenes.cameras import intrinsics, orbit_poses

Array = NDArray[np.float64]


def corners(normals: Array, offsets: Array, slack: float = 0.0) -> Array:
    """Corners (n, 3) of {x : normals @ x <= offsets + slack}: all triples of planes are solved."""
    offsets = offsets + slack
    triples = np.array(list(combinations(range(len(offsets)), 3)))
    systems, values = normals[triples], offsets[triples]
    regular = np.abs(np.linalg.det(systems)) > 1e-7
    points: Array = np.linalg.solve(systems[regular], values[regular][..., None])[..., 0]
    return points[(points @ normals.T <= offsets + 1e-7).all(1)]


def part_corners(part: Part) -> Array:
    """Corners of one part; the assertion fails for a part that is empty."""
    found = corners(part.normals, part.offsets)
    assert len(found) >= 4, f"a part with label {part.label} is empty"
    return found


def box_of(scene: Scene) -> tuple[Array, Array]:
    """Lowest and highest x, y, z of all corners."""
    points = np.concatenate([part_corners(part) for part in scene.parts])
    return points.min(0), points.max(0)


def inner_depths(scene: Scene) -> Array:
    """For each part, how far the mean of its corners lies inside all of its planes."""
    middles = [part_corners(part).mean(0) for part in scene.parts]
    return np.array(
        [(p.offsets - p.normals @ x).min() for p, x in zip(scene.parts, middles, strict=True)]
    )


def separate_groups(scene: Scene, slack: float = 1e-4) -> list[set[int]]:
    """Groups of parts that touch each other, up to `slack`: one group if nothing floats."""
    groups = [{index} for index in range(len(scene.parts))]
    for i, j in combinations(range(len(scene.parts)), 2):
        mine = next(group for group in groups if i in group)
        if j in mine:
            continue
        one, other = scene.parts[i], scene.parts[j]
        normals = np.concatenate([one.normals, other.normals])
        offsets = np.concatenate([one.offsets, other.offsets])
        if len(corners(normals, offsets, slack)):
            theirs = next(group for group in groups if j in group)
            groups.remove(theirs)
            mine |= theirs
    return groups


def planes_of(part: Part) -> frozenset[tuple[float, ...]]:
    """A part as a set of numbers, rounded more coarsely than the grid of a scene's planes."""
    rows = np.concatenate([part.normals, part.offsets[:, None]], axis=1)
    return frozenset(tuple(row) for row in (np.round(rows, 5) + 0.0).tolist())


def without_twin(scene: Scene) -> list[int]:
    """Parts whose mirror image in y (same colour, same label) is not in the scene."""
    present = {(planes_of(part), part.color, part.label) for part in scene.parts}
    lonely = []
    for index, part in enumerate(scene.parts):
        twin = Part(part.normals * (1, -1, 1), part.offsets, part.color, part.label)
        if (planes_of(twin), twin.color, twin.label) not in present:
            lonely.append(index)
    return lonely


def border_views(scene: Scene, elevations: tuple[float, float]) -> torch.Tensor:
    """Labels (views, 48, 48) from 24 azimuths, at the lowest and at the highest elevation."""
    poses = orbit_poses(np.arange(0.0, 360.0, 15.0)[:, None], np.array(elevations)).flatten(0, 1)
    K = intrinsics(131.25 / 128, (48, 48))
    views = photograph(scene, K, poses, (48, 48), supersample=1)
    assert views.labels is not None
    return views.labels


def reprojection_agreement(scene: Scene) -> float:
    """Share of pixels whose colour a second camera also sees, of those that it sees at all.

    The pixel's point comes from the first picture's depth; the second ray is cast exactly through it.
    """
    size = 64
    K = intrinsics(131.25 / 128, (size, size))
    first, second = orbit_poses(np.array([30.0, 55.0]), np.array([20.0, 32.0])).double()
    picture = photograph(scene, K, first[None], (size, size), supersample=1)
    assert picture.depth is not None
    depth = picture.depth[0].double()
    rows, columns = depth.isfinite().nonzero(as_tuple=True)
    uv1 = torch.stack([(columns + 0.5) / size, (rows + 0.5) / size, torch.ones(len(rows))], -1)
    rays = uv1.double() @ torch.linalg.inv(K.double()).T
    points = (rays * depth[rows, columns, None]) @ first[:3, :3].T + first[:3, 3]
    towards = points - second[:3, 3]
    hits = cast(scene, second[:3, 3], towards)
    seen = (hits.distance - towards.norm(dim=-1)).abs() < 1e-4
    assert seen.sum() > 100
    colors = shaded(hits.albedo, hits.normals)
    same = (colors - picture.images[0, rows, columns]).abs().amax(-1) < 0.01
    return float(same[seen].double().mean())
