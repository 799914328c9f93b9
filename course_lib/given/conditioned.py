"""A network that checks put where one for all objects would stand: it reads points with their objects' codes."""

import torch

from course_lib.shapes import Float, Tensor


def reads_points_and_codes(
    strength: Float[Tensor, ""], points: Float[Tensor, "*b k"], inputs: int, outputs: int
) -> Float[Tensor, "*b out"]:
    """`outputs` numbers for each row of `inputs` features, in whose sum each feature has a weight of its own.

    `strength` is all that it could learn.

    Raises:
        ValueError: the last dimension of what came is not `inputs`.
    """
    if points.ndim == 0 or points.shape[-1] != inputs:
        raise ValueError(
            f"the network reads {inputs} numbers per point, and got {tuple(points.shape)}: "
            "put the object's code after the coordinates of every point, along the last dimension"
        )
    row = torch.arange(1, outputs + 1, dtype=points.dtype, device=points.device)
    column = torch.arange(1, inputs + 1, dtype=points.dtype, device=points.device)
    mixed = points @ torch.sin(2.3 * row * column[:, None] + row)
    return torch.tanh(strength * mixed) + 0.3 * mixed
