"""Six stereo photographs of a chessboard, undistorted, with detected corners and poses."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from safetensors.torch import load_file

from course_lib.data.manifest import asset_path
from course_lib.data.pictures import load_image
from course_lib.shapes import Float, Tensor

SQUARE = 0.025  # metres
VIEWS = (1, 3, 4, 6, 8, 12)  # numbers of the photographs in OpenCV's sample data


@dataclass(frozen=True)
class ChessboardStereo:
    """Two ideal pinhole cameras on a rigid bar look at a board of 9×6 inner corners. Metres.

    Corners were found in the photographs and then undistorted; poses come from calibrating all
    thirteen pairs (reprojection RMS 0.2 px) and are the truth to compare an estimate with.
    """

    left: Float[Tensor, "v 480 640 3"]  # undistorted: straight lines are straight; [0, 1]
    right: Float[Tensor, "v 480 640 3"]
    uv_left: Float[Tensor, "v 54 2"]
    uv_right: Float[Tensor, "v 54 2"]
    board: Float[Tensor, "54 3"]  # corner k: column k % 9, row k // 9; z = 0
    K_left: Float[Tensor, "3 3"]
    K_right: Float[Tensor, "3 3"]
    left_from_board: Float[Tensor, "v 4 4"]
    right_from_left: Float[Tensor, "4 4"]


def load_chessboard() -> ChessboardStereo:
    """All six pairs, float32 on the CPU (44 MB of pictures)."""
    numbers = load_file(asset_path("chessboard"))
    left, right = (
        torch.stack([load_image(f"chessboard_{side}_{view:02}") for view in VIEWS])
        for side in ("left", "right")
    )
    numbers.pop("views")
    return ChessboardStereo(left=left, right=right, **numbers)
