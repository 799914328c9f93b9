"""Samples a CC0 chair into 20,000 coloured points with baked light.

    python assets/make/chair.py <folder with chairWithCushion.obj, .mtl and textures>

Needs the `assets` extra, scipy and embreex (for the ambient occlusion). The folder is
`blendswap-cc-0/chairWithCushion` of BlendSwap-CC-0.sh3f, a zip that Debian's package
sweethome3d-furniture puts into /usr/share/sweethome3d/furniture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import ImageFilter
from safetensors.numpy import save_file
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
DATA = Path(__file__).parents[1] / "data"
POINTS = 20_000
BLUR = 3  # texels
RAYS = 64  # per point, for ambient occlusion
WORLD_FROM_MODEL = np.array(
    [[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]
)  # model: y up, front +z; world: z up, front +x
KEY = np.array([0.45, -0.6, 1.0])
FILL = np.array([-0.7, 0.5, 0.15])


def texture_colors(
    geometry: trimesh.Trimesh, faces: NDArray[np.int64], barycentric: Array
) -> Array:
    """Texture colour, or the material's plain colour, in [0, 1], n 3."""
    material = geometry.visual.material
    if material.image is None:
        return np.tile(material.main_color[:3] / 255 + 0.08, (len(faces), 1))
    uv = (geometry.visual.uv[geometry.faces[faces]] * barycentric[..., None]).sum(axis=1)
    # A point stands for about 8 texels; without the blur the weave turns into noise.
    smooth = material.image.convert("RGB").filter(ImageFilter.GaussianBlur(BLUR))
    return trimesh.visual.uv_to_color(uv, smooth)[:, :3] / 255


def sample(
    geometry: trimesh.Trimesh, count: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Points, colours and unit normals, evenly over the surface."""
    faces = rng.choice(len(geometry.faces), count, p=geometry.area_faces / geometry.area)
    r1, r2 = np.sqrt(rng.random(count)), rng.random(count)
    barycentric = np.stack([1 - r1, r1 * (1 - r2), r1 * r2], axis=1)
    points = (geometry.vertices[geometry.faces[faces]] * barycentric[..., None]).sum(axis=1)
    return points, texture_colors(geometry, faces, barycentric), geometry.face_normals[faces]


def farthest_apart(points: Array, count: int) -> NDArray[np.int64]:
    """Indices of `count` points, no two of them close: the largest radius that leaves enough."""
    tree = cKDTree(points)
    # Disks of this radius would cover the surface twice over; the best radius lies well below.
    low, high = 0.0, 2.0 * float(np.median(tree.query(points, k=9)[0][:, -1]))
    best = np.arange(len(points))
    for _ in range(12):
        radius = (low + high) / 2
        alive = np.ones(len(points), bool)
        for i in range(len(points)):
            if alive[i]:
                alive[tree.query_ball_point(points[i], radius)] = False
                alive[i] = True
        kept = np.flatnonzero(alive)
        if len(kept) >= count:
            best, low = kept, radius
        else:
            high = radius
    return np.random.default_rng(1).permutation(best)[:count]


def visible_sky(
    mesh: trimesh.Trimesh, points: Array, normals: Array, rng: np.random.Generator
) -> Array:
    """Share of cosine-weighted rays from each point that leave the chair, n."""
    free = np.zeros(len(points))
    for _ in range(RAYS):
        sphere = rng.normal(size=points.shape)
        directions = normals + 0.999 * sphere / np.linalg.norm(sphere, axis=1, keepdims=True)
        free += ~mesh.ray.intersects_any(points + 1e-4 * normals, directions)
    return free / RAYS


def main(source: Path) -> None:
    """Writes chair.safetensors: quantised positions, colours and normals."""
    rng = np.random.default_rng(0)
    scene = trimesh.load(source / "chairWithCushion.obj", force="scene")
    parts = list(scene.geometry.values())
    total = sum(part.area for part in parts)
    drawn = [sample(part, int(5 * POINTS * part.area / total), rng) for part in parts]
    points, colors, normals = (np.concatenate(column) for column in zip(*drawn, strict=True))
    points, normals = points @ WORLD_FROM_MODEL.T, normals @ WORLD_FROM_MODEL.T
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 1 / np.linalg.norm(high - low)
    points = (points - (low + high) / 2) * scale
    mesh = trimesh.util.concatenate([trimesh.Trimesh(p.vertices, p.faces) for p in parts])
    mesh.vertices = (mesh.vertices @ WORLD_FROM_MODEL.T - (low + high) / 2) * scale
    sky = visible_sky(mesh, points, normals, rng)
    outside = sky > 0.15  # inner faces and crevices: seen only through gaps between points
    points, colors, normals, sky = points[outside], colors[outside], normals[outside], sky[outside]
    chosen = farthest_apart(points, POINTS)
    points, colors, normals, sky = points[chosen], colors[chosen], normals[chosen], sky[chosen]
    light = 0.30 + 0.75 * sky * (
        0.55
        + 0.15 * normals[:, 2]
        + 0.45 * np.clip(normals @ (KEY / np.linalg.norm(KEY)), 0, None)
        + 0.16 * np.clip(normals @ (FILL / np.linalg.norm(FILL)), 0, None)
    )
    shaded = np.clip(colors * light[:, None], 0, 1)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) / np.linalg.norm(
        high - low
    )  # once more: sampling cut the rims
    low, high = points.min(axis=0), points.max(axis=0)
    tensors = {
        "points": np.round((points - low) / (high - low) * 65535).astype(np.uint16),
        "low": low.astype(np.float32),
        "high": high.astype(np.float32),
        "colors": np.round(shaded * 255).astype(np.uint8),
        "normals": np.round(normals * 127).astype(np.int8),
    }
    save_file(tensors, DATA / "chair.safetensors")
    print(
        len(points),
        "points; box",
        low.round(4),
        high.round(4),
        "hidden",
        round(1 - outside.mean(), 3),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    main(parser.parse_args().source)
