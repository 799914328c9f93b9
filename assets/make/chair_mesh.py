"""Makes assets/data/chair_mesh.safetensors, the CC0 mesh to rasterise.

    python assets/make/chair_mesh.py <folder with chair2.obj, .mtl and texture>

Needs the `assets` extra. The folder is `blendswap-cc-0/chair2` of BlendSwap-CC-0.sh3f, a zip that
Debian's package sweethome3d-furniture puts into /usr/share/sweethome3d/furniture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import ImageFilter
from safetensors.numpy import save_file

Array = NDArray[np.float64]
DATA = Path(__file__).parents[1] / "data"
BLUR = 4  # texels: vertices are far apart, so a colour stands for its surroundings
# model: y up, front +z; world: z up, front +x
WORLD_FROM_MODEL = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])


def vertex_colors(geometry: trimesh.Trimesh) -> Array:
    """Texture colour at each vertex, or the material's plain colour, in [0, 1], n 3."""
    material = geometry.visual.material
    if material.image is None:
        return np.tile(material.main_color[:3] / 255, (len(geometry.vertices), 1))
    smooth = material.image.convert("RGB").filter(ImageFilter.GaussianBlur(BLUR))
    return trimesh.visual.uv_to_color(geometry.visual.uv, smooth)[:, :3] / 255


def shared(points: Array, colors: Array, faces: Array) -> tuple[Array, Array, Array]:
    """The same surface with one vertex, of the mean colour, where several lie at one place."""
    places, index = np.unique(points.round(5), axis=0, return_inverse=True)
    count = np.bincount(index.ravel())[:, None]
    total = np.zeros((len(places), 3))
    np.add.at(total, index.ravel(), colors)
    faces = index.ravel()[faces]
    thin = (faces == np.roll(faces, 1, axis=1)).any(axis=1)
    return places, total / count, faces[~thin]


def main(source: Path) -> None:
    """Writes vertices, faces and albedo per vertex; low-polygon as it is, so nothing is decimated."""
    scene = trimesh.load(source / "chair2.obj", force="scene")
    points, colors, faces, first = [], [], [], 0
    for part in scene.geometry.values():
        place, color, face = shared(
            part.vertices @ WORLD_FROM_MODEL.T, vertex_colors(part), part.faces
        )
        points.append(place)
        colors.append(color)
        faces.append(face + first)
        first += len(place)
    vertices = np.concatenate(points)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    vertices = (vertices - (low + high) / 2) / np.linalg.norm(high - low)
    tensors = {
        "vertices": vertices.astype(np.float32),
        "colors": np.round(np.concatenate(colors) * 255).astype(np.uint8),
        "faces": np.concatenate(faces).astype(np.int32),
    }
    save_file(tensors, DATA / "chair_mesh.safetensors")
    print(len(vertices), "vertices,", len(tensors["faces"]), "faces")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    main(parser.parse_args().source)
