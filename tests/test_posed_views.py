"""PosedViews refuses what cannot be right, and says which field, which view and what to do."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.data import PosedViews, ViewsError
from tests.sound_views import make_views


def changed(field: str, index: tuple[Any, ...], value: float) -> dict[str, Tensor]:
    """The views of `make_views(2, 3)` with one number of one field replaced."""
    tensor = getattr(make_views(2, 3), field).clone()
    tensor[index] = value
    return {field: tensor}


def rotated(times: float) -> Tensor:
    poses = make_views(2, 3).world_from_camera.clone()
    poses[1, 2, :3, :3] *= times
    return poses


SOUND = make_views(2, 3)
PIXELS = torch.tensor([[7.7, 0, 3.5], [0, 7, 2.5], [0, 0, 1]])
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"K": None}, r"K is None: no ray can be drawn without intrinsics; give the camera's K"),
    ({"world_from_camera": None}, r"world_from_camera is None: nobody knows where the cameras"),
    ({"images": None}, r"images is None: there is nothing to learn from"),
    (
        {"images": SOUND.images.numpy()},
        r"images is a ndarray, not a torch\.Tensor; use torch\.from_n",
    ),
    ({"images": SOUND.images.double()}, r"images has dtype torch\.float64, not torch\.float32"),
    (
        {"images": (SOUND.images * 255).byte()},
        r"images has dtype torch\.uint8.*images\.float\(\) / 255",
    ),
    (
        {"images": SOUND.images.movedim(-1, -3)},
        r"images has shape \(2, 3, 3, 5, 7\).*colours come last",
    ),
    ({"images": torch.rand(2, 3, 5, 7, 4)}, r"images has shape .* fourth channel, alpha"),
    ({"images": torch.rand(2, 3)}, r"images has shape \(2, 3\), not \(…, height, width, 3\)"),
    ({"images": torch.rand(1, 1, 2, 3, 4, 5, 3)}, r"4 batch dimensions; there can be \(views,\)"),
    ({"images": torch.rand(2, 3, 0, 7, 3)}, r"pictures without pixels"),
    ({"images": SOUND.images * 255}, r"images\[0, 0\] is \(.*\) at row 0, column 0: divide by 255"),
    ({"images": SOUND.images * 2 - 1}, r"images\[0, 0\] is .* in \[−1, 1\]\?"),
    (
        changed("images", (1, 2, 4, 6, 1), math.nan),
        r"images\[1, 2\] is \(.*nan.*\) at row 4, column 6",
    ),
    (
        changed("images", (1, 0, 0, 3, 2), math.inf),
        r"images\[1, 0\] is \(.*inf\) at row 0, column 3",
    ),
    (changed("images", (0, 2, 1, 1, 0), -0.2), r"images\[0, 2\] is \(-0\.2,.* row 1, column 1"),
    (
        {"world_from_camera": SOUND.world_from_camera[:, :2]},
        r"world_from_camera .*: 2×2 of them for 2×3",
    ),
    (
        {"world_from_camera": SOUND.world_from_camera[..., :3, :]},
        r"append the row 0 0 0 1 to every",
    ),
    (
        {"world_from_camera": SOUND.world_from_camera.mT.contiguous()},
        r"a\[0, 0\].*looks transposed",
    ),
    ({"world_from_camera": rotated(-1)}, r"world_from_camera\[1, 2\] is left-handed"),
    ({"world_from_camera": rotated(2.5)}, r"world_from_camera\[1, 2\] holds no rotation.*by 2\.5"),
    (changed("world_from_camera", (1, 1, 0, 0), 9), r"world_from_camera\[1, 1\] holds no rotation"),
    (
        changed("world_from_camera", (0, 1, 2, 3), math.nan),
        r"world_from_camera\[0, 1\] holds nan at r",
    ),
    (changed("world_from_camera", (1, 0, 3, 3), 2), r"world_from_camera\[1, 0\] has the last row"),
    (
        {"world_from_camera": SOUND.world_from_camera.double()},
        r"world_from_camera has dtype torch\.fl",
    ),
    (
        {"K": PIXELS},
        r"K\[0, 0\].*looks like pixels: divide the first row by the width .*have 7\).*\(5\)",
    ),
    ({"K": PIXELS * torch.tensor([[16.0], [16.0], [1.0]])}, r"K\[0, 0\].*looks like pixels"),
    (
        {"K": torch.tensor([[1.0, 0, 64], [0, 1, 64], [0, 0, 1]])},
        r"point \(64, 64\); that looks like pix",
    ),
    ({"K": torch.diag(torch.tensor([131.25, 131.25, 1]))}, r"K\[0, 0\].*looks like pixels"),
    ({"K": PIXELS.T / 7}, r"K\[0, 0\] is .*below the diagonal"),
    ({"K": SOUND.K[:, :2]}, r"K has shape \(2, 2, 3, 3\), but images"),
    (
        {"K": torch.diag(torch.tensor([1.0, -1.0, 1.0]))},
        r"K\[0, 0\] has focal lengths \(1, -1\); both",
    ),
    ({"K": SOUND.K * math.inf}, r"K\[0, 0\] holds (inf|nan) at row 0, column 0"),
    ({"near": 0}, r"near is 0; .* must be > 0"),
    ({"near": -1.0}, r"near is -1"),
    ({"near": 4}, r"far \(3\.5\) must lie beyond near \(4\)"),
    ({"near": 3.5}, r"far \(3\.5\) must lie beyond near \(3\.5\)"),
    ({"far": math.inf}, r"far is inf, not a finite number"),
    ({"far": math.nan}, r"far is nan, not a finite number"),
    ({"near": "close"}, r"near is 'close', not a finite number"),
    ({"near": torch.ones(2)}, r"near is tensor\(\[1\., 1\.\]\), not a finite number"),
    (
        changed("depth", (1, 2, 3, 4), 0),
        r"depth\[1, 2\] is 0 at row 3, column 4: .*inf where nothing",
    ),
    (changed("depth", (0, 1, 0, 1), math.nan), r"depth\[0, 1\] is nan at row 0, column 1"),
    (changed("depth", (0, 1, 0, 1), -2), r"depth\[0, 1\] is -2"),
    ({"depth": SOUND.images}, r"depth has shape \(2, 3, 5, 7, 3\), but images"),
    (changed("normals", (1, 1, 2, 6), 1), r"normals\[1, 1\] is \(1, 1, 1\) at row 2, column 6"),
    (
        changed("normals", (1, 0, 4, 0), math.nan),
        r"normals\[1, 0\] is \(nan, nan, nan\) at row 4, colu",
    ),
    (
        changed("labels", (0, 2, 1, 1), 3),
        r"labels\[0, 2\] holds 3, but label_names has only 3 names",
    ),
    ({"labels": SOUND.labels.long()}, r"labels has dtype torch\.int64, not torch\.uint8"),
    ({"label_names": ("body", "wheel")}, r"label_names\[0\] is 'body'; label 0 is 'background'"),
    ({"label_names": ["background"]}, r"label_names is \['background'\], not a tuple of texts"),
    ({"images": SOUND.images.to("meta")}, r"K lies on cpu but images on meta"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_what_cannot_be_right_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ViewsError, match=message):
        dataclasses.replace(SOUND, **change)


def test_a_fault_in_one_of_many_views_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_lib.data.view_checks.NORMALS_AT_ONCE", 16)
    views = make_views(4, 3)
    normals = views.normals.clone()
    normals[3, 1, 2, 5] *= 1.2
    with pytest.raises(ViewsError, match=r"normals\[3, 1\] is .* at row 2, column 5"):
        dataclasses.replace(views, normals=normals)


def test_a_single_view_is_named_without_a_number() -> None:
    with pytest.raises(ViewsError, match=r"^images is \("):
        dataclasses.replace(SOUND[0][0], images=SOUND.images[0, 0] * 300)


def test_one_matrix_serves_all_views_without_copies() -> None:
    views = PosedViews(
        torch.zeros(2, 3, 4, 5, 3), torch.eye(3), torch.eye(4).expand(2, 3, 4, 4), 1, 2
    )
    assert views.K.shape == (2, 3, 3, 3)
    assert views.K.stride()[:2] == (0, 0)


def test_numbers_of_other_kinds_become_floats() -> None:
    views = dataclasses.replace(SOUND, near=np.float32(0.5), far=torch.tensor(4))
    assert (views.near, views.far) == (0.5, 4.0)
    assert type(views.near) is type(views.far) is float


def test_a_cropped_or_telephoto_camera_is_not_mistaken_for_pixels() -> None:
    for matrix in (
        [[8.0, 0, 2.9], [0, 8.0, -1.4], [0, 0, 1]],
        [[30.0, 0, 0.5], [0, 30, 0.5], [0, 0, 1]],
    ):
        dataclasses.replace(make_views(2, resolution=(64, 64)), K=torch.tensor(matrix))


def test_no_views_are_views_too() -> None:
    none = SOUND[:0]
    assert (len(none), none.count, none.resolution) == (0, 0, (5, 7))
    assert len(dataclasses.replace(none, near=0.2).flat()) == 0


def test_repr_says_what_there_is() -> None:
    assert repr(SOUND) == (
        "PosedViews('made up': 2 × 3 views of 5×7, depth, normals, labels, near 0.4, far 3.5, cpu)"
    )
    assert repr(make_views(1, extras=False)[0]) == (
        "PosedViews('made up': 1 view of 5×7, colour only, near 0.4, far 3.5, cpu)"
    )


def test_moving_takes_everything_along() -> None:
    moved = SOUND.to("meta")
    assert {value.device.type for value in moved.tensors().values()} == {"meta"}
    assert (moved.name, moved.near) == (SOUND.name, SOUND.near)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_everything_is_the_same() -> None:
    there = SOUND.to("cuda")
    assert dataclasses.replace(there, near=0.3).device.type == "cuda"
    index = there.random_pixels(40, torch.Generator().manual_seed(1))
    assert all(i.is_cuda for i in index)
    expected = SOUND.images[SOUND.random_pixels(40, torch.Generator().manual_seed(1))]
    assert torch.equal(there.images[index].cpu(), expected)
    assert torch.equal(there.flat()[torch.tensor([4, 1])].depth.cpu(), SOUND.flat()[[4, 1]].depth)
    with pytest.raises(ViewsError, match=r"images\[0, 0\] is"):
        dataclasses.replace(there, images=there.images * 255)
    with pytest.raises(ViewsError, match=r"K lies on cpu but images on cuda"):
        dataclasses.replace(there, K=SOUND.K)
