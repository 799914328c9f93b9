"""Small data sets in exactly the published formats, with pictures whose content is known.

Each object is one coloured point near the origin. Its pictures are white but for the pixel that
sees the point, worked out here in double precision from the convention of the renderer that made the
originals: image coordinates count from the picture's edge, so the principal point is width / 2.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FOCAL = 26.25  # pixels; the originals have 131.25 at 128 × 128
HEIGHT, WIDTH = 24, 32  # not square, so that a swap is seen


@dataclass
class FakeObject:
    """Files by member name, and what they show."""

    point: np.ndarray
    color: tuple[int, int, int]
    poses: list[np.ndarray] = field(default_factory=list)  # world_from_camera
    pixels: list[tuple[int, int]] = field(default_factory=list)  # (row, column) of the point
    files: dict[str, bytes] = field(default_factory=dict)


def make_object(
    seed: int, views: int = 4, *, one_line: bool = True, inverted: bool | None = None
) -> FakeObject:
    """An object seen from `views` sides.

    `one_line`: poses as 16 numbers on a line, else on four. `inverted`: None leaves line 5 of
    intrinsics.txt out; False and True write it, and True stores camera_from_world.
    """
    rng = np.random.default_rng(seed)
    red, green, blue = (int(value) for value in rng.integers(10, 200, 3))
    made = FakeObject(rng.uniform(-0.2, 0.2, 3), (red, green, blue))
    flag = "" if inverted is None else f"{int(inverted)}\n"
    text = f"{FOCAL} {WIDTH / 2} {HEIGHT / 2} 0.\n0. 0. 0.\n1.\n{HEIGHT} {WIDTH}\n{flag}"
    made.files["intrinsics.txt"] = text.encode()
    for view in range(views):
        pose = _pose(rng)
        in_camera = np.linalg.inv(pose) @ np.append(made.point, 1)
        column = int(FOCAL * in_camera[0] / in_camera[2] + WIDTH / 2)
        row = int(FOCAL * in_camera[1] / in_camera[2] + HEIGHT / 2)
        made.poses.append(pose)
        made.pixels.append((row, column))
        stored = np.linalg.inv(pose) if inverted else pose
        rows = [" ".join(f"{value:.9f}" for value in line) for line in stored]
        made.files[f"pose/{view:06}.txt"] = ((" " if one_line else "\n").join(rows) + "\n").encode()
        made.files[f"rgb/{view:06}.png"] = png(_picture(row, column, made.color))
    return made


def _pose(rng: np.random.Generator) -> np.ndarray:
    """A rigid camera 1.3 away, rolled, looking almost at the origin."""
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation[:, 2] *= np.sign(np.linalg.det(rotation))
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = rotation @ [0.05, -0.03, -1.3]
    return pose


def _picture(row: int, column: int, color: tuple[int, int, int]) -> np.ndarray:
    """White and transparent, stored as black with alpha 0, but for one pixel: RGBA, 8 bits."""
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[row, column] = (*color, 255)
    return pixels


def png(pixels: np.ndarray) -> bytes:
    """The pixels as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def write_folder(root: Path, objects: dict[str, FakeObject]) -> Path:
    """The layout of Scene Representation Networks, with the litter of an unzipped Mac archive."""
    for name, made in objects.items():
        for member, content in made.files.items():
            path = root / name / member
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (root / name / "rgb" / "._000000.png").write_bytes(b"litter")
    (root / "__MACOSX" / "rgb").mkdir(parents=True)
    (root / ".DS_Store").write_bytes(b"litter")
    return root


def write_hdf5(path: Path, objects: dict[str, FakeObject]) -> Path:
    """The layout of Light Field Networks: every file a dataset of bytes."""
    h5py = pytest.importorskip("h5py")
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, made in objects.items():
            for member, content in made.files.items():
                file[f"{name}/{member}"] = np.frombuffer(content, np.uint8)
    return path
