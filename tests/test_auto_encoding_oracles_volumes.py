"""What checks of volumes and cameras compare with, held against torch, numpy, the solution and known angles."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from autograder.checking.cases import Case, Cases, Draw
from autograder.checking.expect import CheckFailed
from autograder.checking.student import LocalStudent
from autograder.checks.auto_encoding import cases_cameras, cases_volumes, check_voxels
from autograder.checks.auto_encoding.check_cameras import means, smallest_angles
from autograder.checks.auto_encoding.lifted import lifted, read
from autograder.checks.auto_encoding.transposed_grids import decoded, spread
from autograder.checks.camera_geometry.sampling import projected
from tests.oracle_cases import cases_by_name, solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=10, deadline=None)


@pytest.fixture(scope="module")
def solution() -> dict[str, Any]:
    return solution_of("03_auto_encoding")


def cases(function: str, seed: int) -> dict[str, Case]:
    generator = {
        "VoxelDecoder": cases_volumes.voxel_decoder,
        "unproject_features": cases_volumes.unproject_features,
        "angle_to_nearest": cases_cameras.angle_to_nearest,
        "mean_in_bins": cases_cameras.mean_in_bins,
    }[function]
    return cases_by_name(generator, function, seed)


@pytest.mark.parametrize(
    ("stride", "padding", "size"), [(1, 0, 4), (2, 1, 4), (3, 0, 2), (1, 2, 5)]
)
def test_spread_is_torchs_transposed_convolution(stride: int, padding: int, size: int) -> None:
    draw = Draw(3, "spread")
    grid, kernel = draw.normal(2, 3, 5, 5, 5).double(), draw.normal(3, 2, size, size, size).double()
    bias = draw.normal(2).double()
    expected = F.conv_transpose3d(grid, kernel, bias, stride, padding)
    torch.testing.assert_close(spread(grid, kernel, bias, stride, padding), expected)


@pytest.mark.parametrize("seed", [0, 8])
def test_decoded_grids_are_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for name, case in cases("VoxelDecoder", seed).items():
        decoder = solution["VoxelDecoder"](*case.truth["arguments"]).double()
        values = case.truth["parameters"]
        shapes = [tuple(value.shape) for value in values.values()]
        assert len(set(shapes)) == len(shapes), name
        own = {tuple(value.shape): key for key, value in decoder.named_parameters()}
        decoder.load_state_dict({own[tuple(v.shape)]: v for v in values.values()})
        z = case.inputs["z"].double()
        found = decoded(values, z)
        torch.testing.assert_close(found, decoder(z), msg=name)
        assert 0.1 < found.std() < 3, name
        assert 0.1 < (found < 0).double().mean() < 0.9, name


def test_a_grid_whose_axes_are_exchanged_is_told_along_which_it_moved(
    solution: dict[str, Any],
) -> None:
    right = solution["VoxelDecoder"]

    class Exchanged(right):  # type: ignore[misc, valid-type]
        def forward(self, z: Any) -> Any:
            return super().forward(z).transpose(2, 4)

    drawn = Cases(list(cases("VoxelDecoder", 1).values()))
    check_voxels.test_shift(LocalStudent({"VoxelDecoder": right}), drawn)
    with pytest.raises(CheckFailed, match="one node along x should move the grid by") as caught:
        check_voxels.test_shift(LocalStudent({"VoxelDecoder": Exchanged}), drawn)
    assert caught.value.evidence.actual == "it moved along z"


@FEW
@given(seed=SEEDS, height=st.integers(1, 5), width=st.integers(1, 5))
def test_reading_is_grid_sample_with_values_at_pixel_centres(
    seed: int, height: int, width: int
) -> None:
    draw = Draw(seed, "read")
    image, uv = draw.normal(2, height, width).double(), draw.uniform(0, 1, 9, 2).double()
    uv[0], uv[1], uv[2, 0] = 0.0, 1.0, 1.0
    expected = F.grid_sample(
        image[None], 2 * uv[None, None] - 1, padding_mode="border", align_corners=False
    )[0, :, 0].T
    found = torch.stack([read(image, *point.tolist()) for point in uv])
    torch.testing.assert_close(found, expected)


@FEW
@given(seed=SEEDS)
def test_lifted_features_are_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for name, case in cases("unproject_features", seed).items():
        inputs = [value.double() for value in case.inputs.values()]
        if name == "exactly at the edges":  # where the oracle does not judge
            continue
        known = lifted(*case.inputs.values())
        volume, count = solution["unproject_features"](*inputs)
        assert known.judged.double().mean() > 0.9, name
        assert torch.equal(known.count[known.judged], count[known.judged]), name
        where = known.judged[:, None].expand_as(volume)
        torch.testing.assert_close(known.volume[where], volume[where], msg=name)


@FEW
@given(seed=SEEDS)
def test_cases_of_lifting_are_what_they_say(seed: int) -> None:
    found = cases("unproject_features", seed)
    known = {name: lifted(*case.inputs.values()) for name, case in found.items()}
    assert (known["coordinates"].count == 1).all()
    assert len(known["three views"].count.unique()) >= 3
    assert (known["seen by nobody"].count == 0).all()
    border = known["at the border"].count[0]
    assert (border == torch.tensor([1, 0])).all()  # inside, outside
    centre = known["a camera's centre"]
    assert centre.count[0, 0].all()
    assert centre.volume.isfinite().all()
    assert centre.count[0, 1, 0, 1] == 0
    for case in found.values():
        x, y, z = case.inputs["points"].shape[:3]
        assert len({x, y, z}) == 3 or case.name == "exactly at the edges"
    K, poses, points = list(found["cameras among the points"].inputs.values())[1:]
    fooled = 0
    for object_, views in enumerate(poses):
        for view, pose in enumerate(views):
            flat = points.reshape(-1, 3)
            uv = projected(K[object_, view], pose, flat)
            behind = (flat - pose[:3, 3]) @ pose[:3, 2] < -0.01
            fooled += int((behind & ((uv > 0) & (uv < 1)).all(-1)).sum())
    assert fooled > 0


@FEW
@given(seed=SEEDS)
def test_angles_are_those_that_cameras_were_turned_by(seed: int) -> None:
    found = cases("angle_to_nearest", seed)
    for name in ("known angles", "rolled", "far away", "half turns"):
        degrees = smallest_angles(*found[name].inputs.values())
        known = found[name].truth["degrees"].double()
        torch.testing.assert_close(degrees, known, rtol=0, atol=2e-3, msg=name)
    for case in found.values():
        cameras, training = case.inputs.values()
        chord = (cameras[:, None] - training).double()[..., :3, :3].square().sum((-2, -1)).sqrt()
        angle = torch.rad2deg(2 * torch.asin((chord / math.sqrt(8)).clamp_max(1))).amin(1)
        degrees = smallest_angles(cameras, training)
        torch.testing.assert_close(degrees, angle, rtol=0, atol=0.05, msg=case.name)
        moved = cameras.clone()
        moved[:, :3, 3] += 5
        assert torch.equal(smallest_angles(moved, training), degrees)


@FEW
@given(seed=SEEDS)
def test_the_arc_cosine_fails_at_home(seed: int) -> None:
    cameras, training = cases("angle_to_nearest", seed)["training cameras"].inputs.values()
    R = cameras[:, None, :3, :3].mT @ training[None, :, :3, :3]
    cosine = (R.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2
    degrees = torch.rad2deg(torch.acos(cosine)).amin(1)
    assert degrees.isnan().sum() >= 10
    clamped = torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).amin(1)
    assert (clamped > 0.03).sum() >= 10
    assert smallest_angles(cameras, training).max() < 1e-4


@FEW
@given(seed=SEEDS)
def test_means_are_numpys_histograms(seed: int) -> None:
    for name, case in cases("mean_in_bins", seed).items():
        values, positions, edges = (value.double().numpy() for value in case.inputs.values())
        if name == "infinite values":
            continue
        total, _ = np.histogram(positions, edges, weights=values)
        count, _ = np.histogram(positions, edges)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = torch.from_numpy(total / count)
        found = means(*case.inputs.values())
        torch.testing.assert_close(found, expected, equal_nan=True, msg=name)


@FEW
@given(seed=SEEDS)
def test_bins_are_empty_full_and_infinite_where_they_should_be(seed: int) -> None:
    found = {name: means(*c.inputs.values()) for name, c in cases("mean_in_bins", seed).items()}
    assert found["empty bins"].isnan().tolist() == [True, False, True, False, True]
    assert found["infinite values"].isinf().tolist() == [False, True, False]
    assert found["no values"].isnan().all()
    rest = [v for k, v in found.items() if k not in ("empty bins", "infinite values", "no values")]
    assert torch.cat(rest).isfinite().all()
