"""Sound cameras: poses that are rigid motions, intrinsics that are normalised, and what to say if not.

Vectorised over views: 50,000 cameras take a few milliseconds.
"""

from __future__ import annotations

from typing import Final

import torch

from course_lib.shapes import Bool, Float, Resolution, Tensor

# Poses written as text keep about six digits; a scaled or sheared one is further off than this.
RIGID_TOLERANCE: Final = 1e-3
LONGEST_FOCAL: Final = 50.0  # picture widths; a 600 mm lens on full frame has 17
FARTHEST_CENTRE: Final = 4.0  # picture widths between the picture and its principal point


class ViewsError(ValueError):
    """Posed views that cannot be right; the message names the field, the view and the remedy."""


def check_poses(poses: Float[Tensor, "*b 4 4"], name: str = "world_from_camera") -> None:
    """Raise ViewsError unless every matrix is a rigid motion; `name` is what the message calls it."""
    rotation = poses[..., :3, :3]
    last_row = poses.new_tensor([0.0, 0.0, 0.0, 1.0])
    finite = poses.isfinite().flatten(-2).all(dim=-1)
    affine = (poses[..., 3, :] - last_row).abs().amax(dim=-1) <= RIGID_TOLERANCE
    # Sums of products, as a matrix product may be rounded to ten bits on a GPU (TF32).
    x, y, z = rotation.unbind(dim=-1)
    lengths = rotation.square().sum(dim=-2)
    angles = torch.stack([(x * y).sum(dim=-1), (y * z).sum(dim=-1), (z * x).sum(dim=-1)], dim=-1)
    off = torch.cat([lengths - 1, angles], dim=-1).abs().amax(dim=-1)
    orthonormal = off <= 2 * RIGID_TOLERANCE
    handed = (torch.linalg.cross(x, y) * z).sum(dim=-1) > 0
    good = finite & affine & orthonormal & handed
    if good.all():
        return
    view = first_index(~good)
    where, pose = at(name, view), poses[view]
    if not finite[view]:
        raise ViewsError(f"{where} holds {_first_bad(pose)}: leave the view out")
    if not affine[view]:
        hint = "a pose is 4×4 and ends in 0 0 0 1"
        if (pose[:, 3] - last_row).abs().max() <= RIGID_TOLERANCE:
            hint = "it looks transposed: the translation belongs in the last column"
        raise ViewsError(f"{where} has the last row {numbers(pose[3])}, not (0, 0, 0, 1): {hint}")
    if not orthonormal[view]:
        sizes = lengths[view].sqrt()
        hint = "they must have length 1 and be perpendicular"
        if (sizes - sizes.mean()).abs().max() <= RIGID_TOLERANCE * sizes.mean():
            hint = f"a rotation times a scale? Then divide its 3×3 part by {sizes.mean():.4g}"
        raise ViewsError(
            f"{where} holds no rotation: its columns are {numbers(sizes)} long; {hint}"
        )
    raise ViewsError(
        f"{where} is left-handed (determinant −1): an axis is flipped. OpenCV cameras look "
        "along +z with x right and y down"
    )


def check_intrinsics(K: Float[Tensor, "*b 3 3"], resolution: Resolution, name: str = "K") -> None:
    """Raise ViewsError unless every matrix maps camera rays to uv in [0, 1]²."""
    height, width = resolution
    size = K.new_tensor([width, height])
    finite = K.isfinite().flatten(-2).all(dim=-1)
    lower = K[..., [1, 2, 2], [0, 0, 1]].abs().amax(dim=-1) <= 1e-6
    one = (K[..., 2, 2] - 1).abs() <= 1e-6
    focal = torch.stack([K[..., 0, 0], K[..., 1, 1]], dim=-1)
    centre = K[..., :2, 2]
    positive = (focal > 0).all(dim=-1)
    far_off = ((centre - 0.5).abs() > FARTHEST_CENTRE + 0.5).any(dim=-1)
    in_the_middle_of_pixels = ((centre / size - 0.5).abs() < 0.25).all(-1) & (centre > 1).all(-1)
    pixels = far_off | in_the_middle_of_pixels | (focal > LONGEST_FOCAL).any(dim=-1)
    good = finite & lower & one & positive & ~pixels
    if good.all():
        return
    view = first_index(~good)
    where, matrix = at(name, view), K[view]
    if not finite[view]:
        raise ViewsError(f"{where} holds {_first_bad(matrix)}: leave the view out")
    if not (lower[view] and one[view]):
        raise ViewsError(
            f"{where} is {numbers(matrix)}; below the diagonal it must be 0, in the corner 1. "
            "Is it transposed?"
        )
    if not positive[view]:
        raise ViewsError(
            f"{where} has focal lengths {numbers(focal[view])}; both must be > 0 (OpenCV: y down)"
        )
    raise ViewsError(
        f"{where} has focal lengths {numbers(focal[view])} and principal point "
        f"{numbers(centre[view])}; that looks like pixels: divide the first row by the width "
        f"(of the pictures it was made for; these have {width}) and the second by the height ({height})"
    )


def first_index(wrong: Bool[Tensor, "*b"]) -> tuple[int, ...]:
    """The first index at which `wrong` is true, in reading order."""
    flat = int(wrong.reshape(-1).to(torch.uint8).argmax())
    index: list[int] = []
    for size in reversed(wrong.shape):
        flat, place = divmod(flat, size)
        index.append(place)
    return tuple(reversed(index))


def at(field: str, index: tuple[int, ...]) -> str:
    """How a message names one view of a field: `images[3]`, `K[2, 7]`, or `K` for a single view."""
    return f"{field}[{', '.join(map(str, index))}]" if index else field


def _first_bad(matrix: Tensor) -> str:
    row, col = first_index(~matrix.isfinite())
    return f"{matrix[row, col].item():g} at row {row}, column {col}"


def numbers(values: Tensor) -> str:
    """A vector or matrix as a message shows it."""
    if values.ndim > 1:
        return "(" + ", ".join(numbers(row) for row in values) + ")"
    return "(" + ", ".join(f"{value:.4g}" for value in values.tolist()) + ")"
