"""The text files of the SRN format: intrinsics.txt and a pose per view.

Sitzmann et al. 2019, "Scene Representation Networks", and 2021, "Light Field Networks", store the
same texts, once as files and once inside HDF5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from course_lib.data.camera_checks import ViewsError, check_intrinsics, check_poses
from course_lib.shapes import Float, Resolution, Tensor


class PublishedError(ViewsError):
    """A published data set that cannot be read; the message names the file and the remedy."""


@dataclass(frozen=True)
class Intrinsics:
    """What intrinsics.txt says. Its barycentre and scale are not used by anyone, and are not kept."""

    K: Float[Tensor, "3 3"]  # normalised
    resolution: Resolution  # of the pictures that it was written for
    camera_from_world: bool  # whether the poses are stored inverted


def parse_intrinsics(raw: bytes, where: str) -> Intrinsics:
    """Read an intrinsics.txt; `where` is what messages call it.

    Line 1 is `f cx cy 0.` in pixels, line 2 a barycentre, line 3 a scale, line 4 `height width`;
    line 5 may say 1 if poses are camera_from_world. The pictures were rendered with a principal
    point of width / 2, counted from the picture's edge as ours is, so dividing is all it takes.
    """
    lines = _text(raw, where).splitlines()
    if len(lines) < 4:
        raise PublishedError(f"{where} has {len(lines)} lines, not at least 4; {UNPACK}")
    f, cx, cy, *_ = _numbers(lines[0], 3, f"{where}, line 1")
    height, width, *_ = _numbers(lines[3], 2, f"{where}, line 4")
    if not (height >= 1 and width >= 1):
        raise PublishedError(f"{where}, line 4: pictures of {lines[3].strip()!r} pixels; {UNPACK}")
    flag = lines[4].strip() if len(lines) > 4 else ""
    if flag not in ("", "0", "1"):
        raise PublishedError(
            f"{where}, line 5 is {flag!r}: 1 if poses map the world to the camera, 0 or nothing if not"
        )
    K = torch.tensor([[f / width, 0, cx / width], [0, f / height, cy / height], [0, 0, 1]])
    try:
        check_intrinsics(K, (int(height), int(width)), name=where)
    except ViewsError as error:
        raise PublishedError(str(error)) from error
    return Intrinsics(K, (int(height), int(width)), camera_from_world=flag == "1")


def parse_poses(
    raw: list[bytes], where: list[str], *, camera_from_world: bool
) -> Float[Tensor, "v 4 4"]:
    """world_from_camera from pose files: 16 numbers each, on one line or on four."""
    matrices = [_sixteen(_text(text, name), name) for text, name in zip(raw, where, strict=True)]
    poses = torch.tensor(matrices, dtype=torch.float64).reshape(-1, 4, 4)
    try:
        check_poses(poses)
    except ViewsError:
        # Again one by one, so that the message names the file.
        for pose, name in zip(poses, where, strict=True):
            try:
                check_poses(pose, name)
            except ViewsError as error:
                raise PublishedError(f"{error}; {UNPACK}") from error
    return (torch.linalg.inv(poses) if camera_from_world else poses).float()


UNPACK = "the data set may have been unpacked only in part: unpack it again"


def _sixteen(text: str, where: str) -> list[float]:
    lines = [line for line in text.splitlines() if line.strip()]
    # Whatever follows four lines is not the pose; the published reader stops there too.
    words = " ".join(lines[:4]).split()
    if len(words) != 16:
        raise PublishedError(f"{where} holds {len(words)} numbers, a pose has 16; {UNPACK}")
    return _numbers(" ".join(words), 16, where)


def _numbers(line: str, least: int, where: str) -> list[float]:
    try:
        values = [float(word) for word in line.split()]
    except ValueError as error:
        raise PublishedError(f"{where}: {error}; {UNPACK}") from error
    if len(values) < least or not all(map(math.isfinite, values)):
        raise PublishedError(
            f"{where} is {line.strip()!r}; it must hold at least {least} finite numbers; {UNPACK}"
        )
    return values


def _text(raw: bytes, where: str) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise PublishedError(f"{where} is no text file; {UNPACK}") from error
