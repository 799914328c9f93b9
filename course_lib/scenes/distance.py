"""The same scenes as signed distance functions: what sphere tracing can walk through."""

from __future__ import annotations

import torch

from course_lib.scenes.packing import pack
from course_lib.scenes.polytopes import Scene
from course_lib.shapes import Float, Tensor

POINTS_TIMES_PLANES = 2**22  # at once, so that memory stays bounded


def scene_distance(scene: Scene, x: Float[Tensor, "*b 3"]) -> Float[Tensor, " *b"]:
    """Signed distance to a scene, never too large outside: min over parts of max over planes of n·x − d.

    Negative inside, zero exactly on the surface. Outside it is exact before a face, and less than the
    distance before an edge or a corner, so steps of this length never pass through a surface.
    Differentiable in x; dtype and device are those of x.

    Raises:
        SceneError: a part is empty or unbounded; the message names it.
    """
    table = pack([scene], x.device)
    points = x.reshape(-1, 3)
    counts = table.plane_count
    at_once = max(1, POINTS_TIMES_PLANES // int(counts.sum()))
    found = []
    for some in torch.split(points, at_once):
        nearest = some.new_full((len(some),), torch.inf)
        for count in torch.unique(counts).tolist():
            chosen = table.first_plane[counts == count][:, None]
            planes = (chosen + torch.arange(count, device=x.device)).flatten()
            beyond = some @ table.normals[planes].to(x).T - table.offsets[planes].to(x)
            inside = beyond.reshape(len(some), len(chosen), count).amax(-1)
            nearest = torch.minimum(nearest, inside.amin(-1))
        found.append(nearest)
    return torch.cat(found).reshape(x.shape[:-1]) if found else x.new_zeros(x.shape[:-1])
