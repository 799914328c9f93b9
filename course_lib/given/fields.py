"""A decoder that checks put behind a student's features, where a course's own network would stand."""

import torch

from course_lib.shapes import Float, Tensor


def waves_of_features(
    features: Float[Tensor, "*b c"], inputs: int, outputs: int
) -> Float[Tensor, "*b k"]:
    """`outputs` numbers from `inputs` features, each bent in its own way: no sum of parts gives the same.

    Raises:
        ValueError: the last dimension of what came is not `inputs`.
    """
    if features.shape[-1] != inputs:
        raise ValueError(
            f"the decoder reads {inputs} features per point, and got {tuple(features.shape)}: "
            "hand it the features that the planes hold at the points"
        )
    row = torch.arange(1, outputs + 1, dtype=features.dtype, device=features.device)
    column = torch.arange(1, inputs + 1, dtype=features.dtype, device=features.device)
    mix = torch.cos(1.7 * row[:, None] * column)
    return torch.tanh(features @ mix.T + 0.3 * row) * (1 + features.square().sum(-1, keepdim=True))
