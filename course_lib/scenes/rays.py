"""Camera geometry for scenes: the published answers of notebook 1, fetched when they are needed."""

from __future__ import annotations

from types import ModuleType

import torch

from course_lib.shapes import Float, Resolution, Tensor


class AnswersMissingError(ImportError):
    """Scenes need answers that are not published yet."""


def camera_answers() -> ModuleType:
    """The published answers of notebook 1. Everything in course_lib.scenes that needs them asks here.

    Raises:
        AnswersMissingError: notebook 1 is still open, so its answers are in no installation.
    """
    try:
        from course_lib.solved import camera_geometry
    except ImportError as missing:
        raise AnswersMissingError(
            "the answers of notebook 1 are not published yet, and scenes are photographed with them; "
            "use the course's release for notebook 2 or later "
            "(it holds course_lib/solved/camera_geometry.py)"
        ) from missing
    return camera_geometry


def ray_matrices(
    K: Float[Tensor, "*#b 3 3"], world_from_camera: Float[Tensor, "*#b 4 4"]
) -> Float[Tensor, "*b 3 3"]:
    """Matrices that map (u, v, 1) to the world direction of the ray seen there, of depth 1 (not unit length).

    A ray's direction is linear in uv, so three rays say it all; the directions come from notebook 1.
    """
    answers = camera_answers()
    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=K.dtype, device=K.device)
    at_depth_1 = answers.unproject(K[..., None, :, :], corners, torch.ones_like(corners[:, 0]))
    directions = answers.transform(
        world_from_camera[..., None, :, :], answers.homogenize_directions(at_depth_1)
    )[..., :3]
    origin, right, down = directions.unbind(-2)
    return torch.stack([right - origin, down - origin, origin], dim=-1)


def pixel_rays(
    K: Float[Tensor, "*b 3 3"], world_from_camera: Float[Tensor, "*b 4 4"], resolution: Resolution
) -> tuple[Float[Tensor, "*b h w 3"], Float[Tensor, "*b h w 3"]]:
    """Origins and unit directions of the rays through all pixel centres (height, width), by notebook 1."""
    answers = camera_answers()
    uv = answers.pixel_centers(resolution, device=K.device).to(K)
    origins, directions = answers.world_rays(
        uv, K[..., None, None, :, :], world_from_camera[..., None, None, :, :]
    )
    return origins, directions
