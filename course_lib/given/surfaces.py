"""Distance fields that checks ask students to trace: each changes by at most 1 per unit of length.

`x` is in world coordinates; values are negative inside. The second half takes what can be optimised as one tensor,
`params`, in front of the points. Points may be float32 or float64, whatever the parameters are.
"""

import math

import torch

from course_lib.shapes import Float, Tensor


def _dot(a: Float[Tensor, "*#b n"], b: Float[Tensor, "*#b n"]) -> Float[Tensor, "*b"]:
    return (a * b).sum(-1)  # unlike a @ b, for two dtypes too


def plane(
    x: Float[Tensor, "*b 3"], normal: Float[Tensor, "3"], offset: float | Float[Tensor, ""]
) -> Float[Tensor, "*b"]:
    """All space below the plane normal·x = offset; a distance if `normal` is a unit vector."""
    return _dot(x, normal) - offset


def slab(
    x: Float[Tensor, "*b 3"], normal: Float[Tensor, "3"], offset: float, half_thickness: float
) -> Float[Tensor, "*b"]:
    """Everything closer than `half_thickness` to the plane normal·x = offset; `normal` is a unit vector."""
    return (_dot(x, normal) - offset).abs() - half_thickness


def tube(
    x: Float[Tensor, "*b 3"],
    world_from_tube: Float[Tensor, "3 3"],
    center: Float[Tensor, "2"],
    half_axes: Float[Tensor, "2"],
) -> Float[Tensor, "*b"]:
    """An endless cylinder along the z axis of its own frame, its cross-section an ellipse about `center`.

    A bound, not a distance: its gradient is shorter than 1 across the longer axis of the ellipse.
    """
    in_section = _dot(x[..., None, :], world_from_tube.mT[:2])
    across = (in_section - center) / half_axes
    from_axis: Tensor = torch.linalg.vector_norm(across, dim=-1)
    return (from_axis - 1) * half_axes.min()


def capsule(
    x: Float[Tensor, "*b 3"],
    start: Float[Tensor, "3"],
    end: Float[Tensor, "3"],
    radius: float | Float[Tensor, ""],
) -> Float[Tensor, "*b"]:
    """Everything closer than `radius` to the segment from `start` to `end`, which differ."""
    along = end - start
    share = (_dot(x - start, along) / _dot(along, along)).clamp(0, 1)
    nearest = start + share[..., None] * along
    from_segment: Tensor = torch.linalg.vector_norm(x - nearest, dim=-1)
    return from_segment - radius


def waves(x: Float[Tensor, "*b 3"], height: float, length: float) -> Float[Tensor, "*b"]:
    """Ground below z = height · sin(2πx / length) · sin(2πy / length); a bound, steps of which never go through."""
    steepest = 2 * math.pi * height / length
    phase = 2 * math.pi / length * x
    level = height * phase[..., 0].sin() * phase[..., 1].sin()
    return (x[..., 2] - level) / math.hypot(1, steepest)


def plane_of(params: Float[Tensor, "4"], x: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b"]:
    """`plane` with params = (normal, offset)."""
    return plane(x, params[:3], params[3])


def tube_of(
    params: Float[Tensor, "4"], x: Float[Tensor, "*b 3"], world_from_tube: Float[Tensor, "3 3"]
) -> Float[Tensor, "*b"]:
    """`tube` with params = (center, half_axes)."""
    return tube(x, world_from_tube, params[:2], params[2:])


def capsule_of(params: Float[Tensor, "7"], x: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b"]:
    """`capsule` with params = (start, end, radius)."""
    return capsule(x, params[:3], params[3:6], params[6])
