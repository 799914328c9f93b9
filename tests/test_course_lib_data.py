"""The shipped data against geometry written here, with nothing borrowed from the course's answers."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from course_lib.data import (
    ChessboardStereo,
    MotorcycleStereo,
    PointCloud,
    load_chair,
    load_chessboard,
    load_motorcycle,
)

chessboard, motorcycle, chair = cache(load_chessboard), cache(load_motorcycle), cache(load_chair)


def apply(transform: Tensor, points: Tensor) -> Tensor:
    return points @ transform[..., :3, :3].mT + transform[..., None, :3, 3]


def pinhole(K: Tensor, points: Tensor) -> Tensor:
    image = points @ K.T
    return image[..., :2] / image[..., 2:]


def sample(image: Tensor, uv: Tensor) -> Tensor:
    """Bilinear look-up of `h w c` at uv; align_corners=False is our pixel-centre convention."""
    grid = (uv * 2 - 1).reshape(1, 1, -1, 2)
    found = grid_sample(image.permute(2, 0, 1)[None], grid, align_corners=False)
    return found[0, :, 0].T.reshape(*uv.shape[:-1], -1)


class TestChessboard:
    @property
    def board(self) -> ChessboardStereo:
        return chessboard()

    pixels = torch.tensor([640.0, 480.0])

    def reprojected(self, left_from_board: Tensor) -> tuple[Tensor, Tensor]:
        in_left = apply(left_from_board, self.board.board)
        in_right = apply(self.board.right_from_left, in_left)
        return pinhole(self.board.K_left, in_left), pinhole(self.board.K_right, in_right)

    def rms(self, left_from_board: Tensor) -> Tensor:
        pairs = zip(
            self.reprojected(left_from_board),
            (self.board.uv_left, self.board.uv_right),
            strict=True,
        )
        errors = [((a - b) * self.pixels).square().sum(-1).mean(-1).sqrt() for a, b in pairs]
        return torch.stack(errors)

    def test_shapes_and_range(self) -> None:
        board = self.board
        assert board.left.shape == board.right.shape == (6, 480, 640, 3)
        assert board.left.dtype == torch.float32
        assert board.left.min() >= 0
        assert board.left.max() <= 1
        assert board.uv_left.shape == board.uv_right.shape == (6, 54, 2)

    def test_corners_reproject_within_half_a_pixel_in_every_view(self) -> None:
        assert self.rms(self.board.left_from_board).max() < 0.4

    def test_the_poses_belong_to_their_views(self) -> None:
        assert self.rms(self.board.left_from_board.roll(1, 0)).min() > 5

    def test_transforms_are_rigid(self) -> None:
        for matrix in (*self.board.left_from_board, self.board.right_from_left):
            rotation = matrix[:3, :3]
            torch.testing.assert_close(rotation @ rotation.T, torch.eye(3), atol=1e-5, rtol=0)
            assert torch.linalg.det(rotation) > 0
            assert matrix[3].tolist() == [0, 0, 0, 1]

    def test_the_board_is_before_both_cameras_and_not_far(self) -> None:
        in_left = apply(self.board.left_from_board, self.board.board)
        in_right = apply(self.board.right_from_left, in_left)
        for points in (in_left, in_right):
            assert points[..., 2].min() > 0.1
            assert points[..., 2].max() < 1.0

    def test_matches_lie_on_their_epipolar_lines(self) -> None:
        t, rotation = self.board.right_from_left[:3, 3], self.board.right_from_left[:3, :3]
        zero = torch.tensor(0.0)
        cross = torch.stack(
            [
                torch.stack([zero, -t[2], t[1]]),
                torch.stack([t[2], zero, -t[0]]),
                torch.stack([-t[1], t[0], zero]),
            ]
        )
        F = (
            torch.linalg.inv(self.board.K_right).T
            @ cross
            @ rotation
            @ torch.linalg.inv(self.board.K_left)
        )
        one = torch.ones(6, 54, 1)
        lines = torch.cat([self.board.uv_left, one], -1) @ F.T
        residual = (lines * torch.cat([self.board.uv_right, one], -1)).sum(-1)
        distance = residual / (lines[..., :2] / self.pixels).norm(dim=-1)
        assert distance.square().mean().sqrt() < 0.5

    def test_rows_of_corners_are_straight_after_undistortion(self) -> None:
        for uv in (self.board.uv_left, self.board.uv_right):
            rows = (uv * self.pixels).reshape(36, 9, 2)
            rows = rows - rows.mean(dim=1, keepdim=True)
            off_line = torch.linalg.svdvals(rows)[:, 1] / 3  # RMS over nine corners
            assert off_line.max() < 0.6

    def test_corners_are_where_the_pictures_show_them_to_a_quarter_pixel(self) -> None:
        """A chessboard looks the same when turned by 180° about a corner, and not about its neighbours."""
        steps = torch.stack(
            torch.meshgrid(torch.arange(-5, 6), torch.arange(-5, 6), indexing="xy"), -1
        )
        around = steps.reshape(-1, 2) / self.pixels

        def asymmetry(images: Tensor, uv: Tensor, shift: tuple[float, float]) -> float:
            total = 0.0
            for image, corners in zip(images, uv, strict=True):
                centre = corners[:, None] + torch.tensor(shift) / self.pixels
                turned = sample(image, centre - around) - sample(image, centre + around)
                total += turned.abs().mean().item()
            return total

        for images, uv in (
            (self.board.left, self.board.uv_left),
            (self.board.right, self.board.uv_right),
        ):
            here = asymmetry(images, uv, (0, 0))
            for shift in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)):
                assert here < asymmetry(images, uv, shift)


class TestMotorcycle:
    @property
    def pair(self) -> MotorcycleStereo:
        return motorcycle()

    def left_centres(self) -> Tensor:
        v, u = torch.meshgrid(
            (torch.arange(250) + 0.5) / 250, (torch.arange(370) + 0.5) / 370, indexing="ij"
        )
        return torch.stack([u, v], dim=-1)

    def test_shapes_and_depth_range(self) -> None:
        assert self.pair.left.shape == self.pair.right.shape == (250, 370, 3)
        assert self.pair.valid.float().mean() > 0.95
        known = self.pair.depth[self.pair.valid]
        assert 2.0 < known.min() < known.max() < 5.5
        assert (self.pair.depth[~self.pair.valid] == 0).all()

    @pytest.mark.parametrize(("sign", "most"), [(1.0, 0.04), (0.0, None), (-1.0, None)])
    def test_disparity_lays_the_right_photograph_over_the_left(
        self, sign: float, most: float | None
    ) -> None:
        uv = self.left_centres()
        seen = uv - torch.stack([sign * self.pair.disparity, torch.zeros(250, 370)], -1)
        error = (sample(self.pair.right, seen) - self.pair.left).abs().mean(-1)[self.pair.valid]
        error = error.median().item()
        assert error < most if most else error > 0.06

    def test_depth_and_cameras_say_the_same_as_disparity(self) -> None:
        uv = self.left_centres()
        rays = torch.cat([uv, torch.ones(250, 370, 1)], -1) @ torch.linalg.inv(self.pair.K_left).T
        points = (rays * self.pair.depth[..., None])[self.pair.valid]
        in_right = pinhole(
            self.pair.K_right, apply(self.pair.right_from_left[None], points[None])[0]
        )
        expected = uv - torch.stack([self.pair.disparity, torch.zeros(250, 370)], -1)
        torch.testing.assert_close(in_right, expected[self.pair.valid], atol=2e-5, rtol=0)

    def test_the_baseline_is_the_one_of_the_transform(self) -> None:
        assert self.pair.right_from_left[0, 3].item() == pytest.approx(-self.pair.baseline)

    def test_matches_agree_with_the_photographs(self) -> None:
        assert len(self.pair.uv_left) == 2000
        assert torch.equal(self.pair.uv_left[:, 1], self.pair.uv_right[:, 1])
        difference = sample(self.pair.left, self.pair.uv_left) - sample(
            self.pair.right, self.pair.uv_right
        )
        assert difference.abs().mean() < 0.05

    def test_matches_are_spread_over_the_picture_and_in_depth(self) -> None:
        assert (self.pair.uv_left.amax(0) - self.pair.uv_left.amin(0) > 0.8).all()
        parallax = self.pair.uv_left[:, 0] - self.pair.uv_right[:, 0]
        assert parallax.max() > 2 * parallax.min()


class TestChair:
    @property
    def chair(self) -> PointCloud:
        return chair()

    def test_fills_a_centred_box_of_unit_diagonal(self) -> None:
        low, high = self.chair.points.amin(0), self.chair.points.amax(0)
        torch.testing.assert_close(low, -high, atol=1e-4, rtol=0)
        assert (high - low).norm().item() == pytest.approx(1, abs=1e-3)

    def test_stands_upright_and_looks_along_plus_x(self) -> None:
        points = self.chair.points
        extent = points.amax(0) - points.amin(0)
        assert extent[2] > extent[0]
        assert extent[2] > extent[1]
        backrest = points[points[:, 2] > 0.2]
        assert backrest[:, 0].max() < 0
        assert backrest[:, 1].abs().max() > 0.1  # and it is wide in y

    def test_colours_are_wood_and_a_blue_cushion(self) -> None:
        colors, points = self.chair.colors, self.chair.points
        assert colors.min() >= 0
        assert colors.max() <= 1
        blue = colors[:, 2] > colors[:, 0] + 0.05
        assert 0.1 < blue.float().mean() < 0.5
        assert points[blue][:, 2].std() < 0.05  # all at the height of the seat

    def test_normals_are_unit_and_point_outwards(self) -> None:
        torch.testing.assert_close(
            self.chair.normals.norm(dim=-1), torch.ones(20000), atol=1e-4, rtol=0
        )
        front_of_back = (self.chair.points[:, 2] > 0.3) & (self.chair.normals[:, 0] > 0.8)
        rear_of_back = (self.chair.points[:, 2] > 0.3) & (self.chair.normals[:, 0] < -0.8)
        assert (
            self.chair.points[front_of_back][:, 0].mean()
            > self.chair.points[rear_of_back][:, 0].mean()
        )

    def test_a_subset_still_covers_the_chair(self) -> None:
        few = self.chair.subset(300)
        assert few.points.shape == few.colors.shape == few.normals.shape == (300, 3)
        assert (
            (few.points.amax(0) - few.points.amin(0)) > 0.9 * 2 * self.chair.points.amax(0)
        ).all()

    @pytest.mark.parametrize("count", [0, -1, 20001])
    def test_a_subset_that_cannot_be_is_refused(self, count: int) -> None:
        with pytest.raises(ValueError, match=r"count must lie in 1…20000.*got"):
            self.chair.subset(count)
