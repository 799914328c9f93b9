"""Triangles with colours from their corners or from textures, from memory or from a file such as OBJ.

Reading files and casting rays need trimesh and embreex: pip install 'inverse-graphics-course[assets]'.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_lib.data.chair_mesh import Mesh
from course_lib.scenes.polytopes import Array, SceneError

MOST_PARTS = 255  # labels of pictures are bytes, and 0 is the background
# Most files have y up and the front towards +z; here z is up and the front looks along +x.
Z_UP_FROM_Y_UP = ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


class MeshToolsMissingError(ImportError):
    """Meshes need two libraries that the course does not install by itself."""


@dataclass(frozen=True, eq=False)
class PaintedMesh:
    """Triangles, z up. The colour at a point of one is its corners' or, if it has a picture, the texture's."""

    vertices: Array  # (n, 3)
    faces: NDArray[np.int64]  # (f, 3)
    corner_colors: Array  # (f, 3, 3): albedo, rgb in [0, 1]
    corner_uv: Array  # (f, 3, 2): v upwards from the lower edge, as OBJ has it
    picture: NDArray[np.int64]  # (f,): index into `pictures`, −1 if the corners' colours count
    pictures: tuple[Array, ...]  # (h, w, 3) in [0, 1]
    labels: NDArray[np.int64]  # (f,): which part, from 1
    names: tuple[str, ...]  # of the parts: labels 1, 2, …

    @classmethod
    def of(cls, mesh: Mesh) -> PaintedMesh:
        """A mesh with a colour per vertex, as one part."""
        faces = mesh.faces.detach().cpu().long().numpy()
        return cls(
            vertices=mesh.vertices.detach().cpu().double().numpy(),
            faces=faces,
            corner_colors=mesh.colors.detach().cpu().double().numpy()[faces],
            corner_uv=np.zeros((len(faces), 3, 2)),
            picture=np.full(len(faces), -1),
            pictures=(),
            labels=np.ones(len(faces), dtype=np.int64),
            names=("mesh",),
        )

    def albedo(self, face: NDArray[np.int64], barycentric: Array) -> Array:
        """Colours (m, 3) at points of faces, given by barycentric coordinates (m, 3)."""
        colors: Array = (self.corner_colors[face] * barycentric[..., None]).sum(axis=1)
        uv = (self.corner_uv[face] * barycentric[..., None]).sum(axis=1)
        for index, texture in enumerate(self.pictures):
            here = self.picture[face] == index
            colors[here] = _texture_colors(texture, uv[here])
        return colors


def load_painted_mesh(
    path: str | PathLike[str], world_from_model: ArrayLike = Z_UP_FROM_Y_UP
) -> PaintedMesh:
    """The triangles of a file that trimesh reads (OBJ with textures, PLY, GLB …).

    The mesh is turned by `world_from_model` (3, 3), centred, and scaled to a bounding-box diagonal of 1.
    Textures are taken as opaque.

    Raises:
        MeshToolsMissingError: trimesh or embreex is not installed.
        SceneError: the file is not there, cannot be read or has no triangles.
    """
    trimesh = mesh_tools()
    if not Path(path).is_file():
        raise SceneError(
            f"there is no mesh file {path}; give the path of an .obj, .ply or .glb file"
        )
    try:
        scene = trimesh.load_scene(path)
        parts = [part for part in scene.dump() if isinstance(part, trimesh.Trimesh)]
    except Exception as error:  # whatever a reader of foreign files stumbles over
        raise SceneError(f"trimesh cannot read the mesh file {path}: {error}") from error
    parts = [part for part in parts if len(part.faces)]
    if not 1 <= len(parts) <= MOST_PARTS:
        raise SceneError(
            f"the mesh file {path} has {len(parts)} parts with triangles; 1 to {MOST_PARTS} can be labelled"
        )
    first = np.cumsum([0, *(len(part.vertices) for part in parts)])
    vertices = np.concatenate([part.vertices for part in parts]) @ np.asarray(world_from_model).T
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    painted = [_paint(part) for part in parts]
    pictures = tuple(texture for _, _, texture in painted if texture is not None)
    counts, which = [len(part.faces) for part in parts], np.full(len(parts), -1)
    which[[texture is not None for _, _, texture in painted]] = np.arange(len(pictures))
    return PaintedMesh(
        vertices=(vertices - (low + high) / 2) / np.sqrt(((high - low) ** 2).sum()),
        faces=np.concatenate([part.faces + at for part, at in zip(parts, first[:-1], strict=True)]),
        corner_colors=np.concatenate([colors for colors, _, _ in painted]),
        corner_uv=np.concatenate([uv for _, uv, _ in painted]),
        picture=np.repeat(which, counts),
        pictures=pictures,
        labels=np.repeat(np.arange(1, len(parts) + 1), counts),
        names=tuple(str(part.metadata.get("name", i)) for i, part in enumerate(parts)),
    )


def mesh_tools() -> ModuleType:
    """trimesh, when embreex is there too.

    Raises:
        MeshToolsMissingError: one of them is missing; the message says how to install both.
    """
    try:
        importlib.import_module("embreex")
        return importlib.import_module("trimesh")
    except ImportError as missing:
        raise MeshToolsMissingError(
            f"meshes are read and photographed with trimesh and embreex, and {missing.name} is not "
            "installed: pip install 'inverse-graphics-course[assets]', or pip install trimesh embreex"
        ) from missing


def _paint(part: Any) -> tuple[Array, Array, Array | None]:
    """Corner colours, corner uv and texture of one part, whatever kind of paint it has."""
    count = len(part.faces)
    uv, texture = np.zeros((count, 3, 2)), None
    if part.visual.kind == "texture":
        material = part.visual.material
        image = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
        color = np.broadcast_to(np.asarray(material.main_color)[:3] / 255, (count, 3, 3))
        if image is not None and part.visual.uv is not None:
            texture = np.asarray(image.convert("RGB"), dtype=np.float64) / 255
            uv = np.asarray(part.visual.uv)[part.faces]
        return color, uv, texture
    colors = np.asarray(part.visual.vertex_colors)[part.faces, :3] / 255
    return colors, uv, texture


def _texture_colors(texture: Array, uv: Array) -> Array:
    """Bilinear look-up with uv repeated beyond [0, 1]; texel centres lie at half texels."""
    height, width = texture.shape[:2]
    x, y = uv[:, 0] * width - 0.5, (1 - uv[:, 1]) * height - 0.5
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right_share, lower_share = (x - left)[:, None], (y - top)[:, None]
    rows, columns = (top % height, (top + 1) % height), (left % width, (left + 1) % width)
    upper, lower = (
        texture[row, columns[0]] * (1 - right_share) + texture[row, columns[1]] * right_share
        for row in rows
    )
    mixed: Array = upper * (1 - lower_share) + lower * lower_share
    return mixed
