"""A coloured triangle mesh, and the chair that is shipped as one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from safetensors.torch import load_file

from course_lib.data.manifest import asset_path
from course_lib.shapes import Float, Int, Tensor


@dataclass(frozen=True)
class Mesh:
    """Triangles with a colour at each vertex. Faces run counter-clockwise seen from outside.

    Raises ValueError if shapes do not agree, a face names a vertex that is not there, or colours
    are not in [0, 1]; the message names the field and the first bad entry.
    """

    vertices: Float[Tensor, "n 3"]  # world coordinates, z up
    faces: Int[Tensor, "f 3"]  # indices of vertices
    colors: Float[Tensor, "n 3"]  # albedo, rgb in [0, 1]: no light is baked in

    def __post_init__(self) -> None:
        count = len(self.vertices)
        for name, expected in (("vertices", count), ("colors", count), ("faces", len(self.faces))):
            if (found := tuple(getattr(self, name).shape)) != (expected, 3):
                raise ValueError(f"a mesh's {name} have shape ({expected}, 3), got {found}")
        if self.faces.dtype not in (torch.int32, torch.int64):
            raise ValueError(f"a mesh's faces are whole numbers, got {self.faces.dtype}")
        for name, bad in (
            ("vertices", ~self.vertices.isfinite()),
            ("faces", (self.faces < 0) | (self.faces >= count)),
            ("colors", ~((self.colors >= 0) & (self.colors <= 1))),
        ):
            if bad.any():
                row = int(bad.any(dim=1).nonzero()[0])
                allowed = {
                    "vertices": "finite",
                    "faces": f"in 0…{count - 1}",
                    "colors": "in [0, 1]",
                }
                values = getattr(self, name)[row].tolist()
                raise ValueError(f"a mesh's {name} must be {allowed[name]}; row {row} is {values}")


def load_chair_mesh() -> Mesh:
    """A chair of 1,912 triangles: red seat and back on a metal frame; float32, on the CPU.

    Its front looks along +x, its bounding box is centred and has a diagonal of 1. Each of its five
    pieces is closed, and their vertices are shared.
    """
    stored = load_file(asset_path("chair_mesh"))
    return Mesh(stored["vertices"], stored["faces"].long(), stored["colors"].float() / 255)
