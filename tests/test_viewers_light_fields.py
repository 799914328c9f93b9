"""Pictures of lines, of ways to name them, of epipolar plane images, of clouds, and of speed beside quality."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from course_lib.style import BLUE, ORANGE, VERMILION
from course_lib.viewers import (
    Picture,
    RayChart,
    show_cloud,
    show_epi,
    show_line_distance,
    show_plucker,
    show_quality_against_speed,
    show_ray_charts,
)
from course_lib.viewers.plucker_line import _onlooker
from course_lib.viewers.ray_charts import _tears
from tests.one_png import assert_one_png_with_words

LINE = [0.0, 0.6, 0.8, 0.0, 0.4, -0.3]  # through (-0.5, 0, 0), its point nearest to the origin
FOOT = [-0.5, 0.0, 0.0]
SLID = torch.tensor([[-0.5, -0.6, -0.8], [-0.5, 1.2, 1.6]])
FEET = torch.tensor([[0.0, 0, 0], [0, 0, 2]])
WAYS = torch.tensor([[3.0, 0, 0], [0, 0.5, 0]])

TURN = torch.linspace(0, 360, 181)
EYES = torch.tensor([[2.0, 0, 0], [0, 2, 0], [-2, 0, 0], [0, -2, 0]])
CHARTS = {
    "half": RayChart(
        [True, False, True, False], torch.stack([TURN, 360 - TURN], -1), [SLID[:, :2]]
    ),
    "angle": RayChart([1, 1, 2, 2], (TURN[:, None] + 170) % 360),
}
FRAMES = torch.rand(3, 12, 16, 3, generator=torch.Generator().manual_seed(0))
EPI = torch.rand(20, 30, 3, generator=torch.Generator().manual_seed(1))
CLOUD = torch.rand(400, 3, generator=torch.Generator().manual_seed(2))
MODELS = [("SRN", 8.0, 24.0, 4), ("light field", 400.0, 23.5, 1), ("volumes", 0.5, 23.0, 1024)]

PICTURES: dict[str, Callable[[], Picture]] = {
    "line": lambda: show_plucker(LINE, FOOT, SLID),
    "line through the origin": lambda: show_plucker(
        [0, 0, 2, 0, 0, 0], [0, 0, 0], title="No moment"
    ),
    "two lines": lambda: show_line_distance(FEET, WAYS),
    "two lines that meet": lambda: show_line_distance(FEET[[0, 0]], WAYS),
    "charts": lambda: show_ray_charts(EYES, -EYES, CHARTS, TURN, title="Names of rays"),
    "image": lambda: show_epi(EPI),
    "image and frames": lambda: show_epi(EPI, FRAMES, 5, through=[[0.5, 0.2]], slopes=[-0.4]),
    "cloud": lambda: show_cloud(CLOUD, CLOUD),
    "clouds": lambda: show_cloud(CLOUD, None, CLOUD, CLOUD, title="A cube"),
    "speed": lambda: show_quality_against_speed(MODELS, title="Cars"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_one_png_with_words(name: str) -> None:
    assert_one_png_with_words(PICTURES[name](), range(200, 900), 40)


class TestLines:
    def test_words_tell_direction_moment_and_the_nearest_point(self) -> None:
        assert show_plucker(LINE, FOOT, title="Mine").alt == (
            "Mine: A line in space with its direction d = (0, 0.6, 0.8), its moment m = (0, 0.4, -0.3), "
            "which stands upright on the plane of the line and the origin, and its point (-0.5, 0, 0) "
            "nearest to the origin, at the distance 0.5."
        )

    def test_arrows_are_where_and_as_long_as_what_they_stand_for(self) -> None:
        from mpl_toolkits.mplot3d.art3d import Line3DCollection

        (axes,) = show_plucker(LINE, FOOT).axes
        shafts = {
            to_hex(found.get_color()[0]): np.asarray(found._segments3d[0])  # type: ignore[attr-defined]
            for found in axes.collections
            if isinstance(found, Line3DCollection) and len(found._segments3d) == 3  # type: ignore[attr-defined]
        }
        np.testing.assert_allclose(shafts[BLUE.lower()], [np.add(FOOT, LINE[:3]), FOOT], atol=1e-6)
        np.testing.assert_allclose(shafts[VERMILION.lower()], [LINE[3:], [0, 0, 0]], atol=1e-6)

    @given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
    def test_the_onlooker_never_looks_along_the_plane_or_an_arrow(
        self, numbers: list[float]
    ) -> None:
        d, o = np.array(numbers[:3]), np.array(numbers[3:])
        m = np.cross(o, d)
        assume(np.linalg.norm(m) > 1e-3)
        azimuth, elevation = np.radians(_onlooker([d, np.cross(d, m), m], m))
        level = np.cos(elevation)
        eye = np.array([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)])
        assert abs(eye @ m) / np.linalg.norm(m) > 0.2
        for vector in (d, m):
            assert np.linalg.norm(np.cross(eye, vector)) / np.linalg.norm(vector) > 0.2

    def test_the_distance_is_that_of_the_points_unless_told(self) -> None:
        assert (
            "Two lines in space, 2 apart, at an angle of 90°" in show_line_distance(FEET, WAYS).alt
        )
        slanted = show_line_distance(FEET, [[3.0, 0, 0], [-2.0, 2.0, 0]])
        assert "2 apart, at an angle of 45°" in slanted.alt
        told = show_line_distance(FEET, WAYS, 1.25)
        assert "1.25 apart" in told.alt
        assert "1.25" in [text.get_text() for text in told.axes[0].texts]


class TestRayCharts:
    def test_rays_have_the_look_of_what_their_name_is(self) -> None:
        picture = show_ray_charts(EYES, -EYES, CHARTS, TURN)
        half, angle = picture.axes[:2]
        drawn = [
            {
                to_hex(found.get_color()[0]): len(found.get_segments())
                for found in axes.collections
                if isinstance(found, LineCollection) and found.get_segments()
            }
            for axes in (half, angle)
        ]
        assert drawn == [
            {BLUE.lower(): 2, VERMILION.lower(): 2},
            {BLUE.lower(): 2, ORANGE.lower(): 2},
        ]
        (key,) = picture.legends
        assert [text.get_text() for text in key.get_texts()] == [
            "a name of its own",
            "a name, not its own",
            "no name",
            "jump, or none",
        ]

    def test_words_tell_shares_and_tears(self) -> None:
        assert show_ray_charts(EYES, -EYES, CHARTS, TURN).alt == (
            "Rays around an object, seen from above, and their coordinates on a walk. half: 50% have a "
            "name, 0 tears on the walk; angle: 100% have a name, 50% one that is not its own, 1 "
            "tear on the walk."
        )

    @given(st.integers(0, 178), st.floats(0.2, 3))
    def test_a_smooth_curve_is_torn_only_where_it_is_broken(self, gap: int, waves: float) -> None:
        walk = (
            torch.stack([(TURN * waves / 57.3).sin(), torch.ones_like(TURN)], -1).double().numpy()
        )
        assert not _tears(walk).any()
        walk[gap + 1, 1] = math.nan
        assert np.flatnonzero(_tears(walk).any(axis=1)).tolist() == [gap, gap + 1]
        walk[gap + 1 :, 1] = -1
        assert np.flatnonzero(_tears(walk).any(axis=1)).tolist() == [gap]

    def test_what_runs_to_infinity_does_not_flatten_the_rest(self) -> None:
        walk = 1 / (TURN[:, None] - 180.7)
        picture = show_ray_charts(EYES, -EYES, {"planes": RayChart([1] * 4, walk)}, TURN)
        low, high = picture.axes[1].get_ylim()
        assert -0.5 < low < high < 0.5


class TestEpi:
    def test_frames_stand_at_their_places_with_their_row_marked(self) -> None:
        picture = show_epi(EPI, FRAMES, 5, places=[0.1, 0.4, 0.95])
        *frames, image = picture.axes
        assert [axes.get_ylabel() for axes in frames] == ["s = 0.1", "s = 0.4", "s = 0.95"]
        for axes in frames:
            assert axes.get_lines()[0].get_ydata() == [5.5 / 12] * 2
        marks = [line.get_ydata()[0] for line in image.get_lines() if line.get_marker() == ">"]  # type: ignore[index]
        assert marks == [0.1, 0.4, 0.95]
        assert (image.get_xlim(), image.get_ylim()) == ((0, 1), (1, 0))
        assert tuple(image.images[0].get_extent()) == (0, 1, 1, 0)  # the first place at the top
        assert (image.get_xlabel(), image.get_ylabel()) == (
            "place on the targets, t",
            "place of the camera, s",
        )

    def test_a_line_has_its_slope_and_goes_through_its_point(self) -> None:
        (axes,) = show_epi(EPI, through=[[0.25, 0.5]], slopes=[0.2]).axes
        line = next(line for line in axes.get_lines() if line.get_linestyle() == "--")
        np.testing.assert_allclose(line.get_xdata(), [0.45, 0.65])
        np.testing.assert_allclose(line.get_ydata(), [0, 1])


class TestCloud:
    def test_stray_points_are_told_and_do_not_shrink_the_rest(self) -> None:
        found = CLOUD.clone()
        found[:2], found[2] = 100, -100
        found[3] = torch.nan
        picture = show_cloud(found, None, CLOUD, sides=[(0, 0), (90, 0)])
        assert picture.alt == (
            "Point clouds, each from 2 sides. found: 399 points, 3 outside; true: 400 points."
        )
        assert len(picture.axes) == 4
        limits = {axes.get_xlim() for axes in picture.axes}
        assert len(limits) == 1  # one scale for all
        ((low, high),) = limits
        assert -0.3 < low < high < 1.3

    def test_without_a_truth_most_of_the_points_say_how_large_it_is(self) -> None:
        found = CLOUD.clone()
        found[:2, 0] = torch.tensor([-50.0, 50.0])
        picture = show_cloud(found)
        assert "found: 400 points, " in picture.alt
        low, high = picture.axes[0].get_xlim()
        assert -0.3 < low < 0.1
        assert 0.9 < high < 1.3


class TestQualityAgainstSpeed:
    def test_every_model_stands_where_it_belongs_beside_its_name(self) -> None:
        picture = show_quality_against_speed(MODELS)
        (axes,) = picture.axes
        marks = [
            line.get_xydata()[0].tolist()
            for line in axes.get_lines()
            if line.get_marker() != "None"
        ]  # type: ignore[index]
        assert marks == [[8, 24], [400, 23.5], [0.5, 23]]
        assert axes.get_xscale() == "log"
        named = {text.get_text(): text.get_position() for text in axes.texts}
        assert "volumes\n1,024 evaluations per ray" in named
        assert "light field\n1 evaluation per ray" in named
        assert picture.alt.startswith(
            "PSNR (dB) against frames a second: SRN 24.0 at 8 (4 evaluations"
        )

    def test_names_never_lie_over_each_other(self) -> None:
        rows = [(f"model {i}", 100.0 + i, 20.0 + 0.01 * i, 1) for i in range(5)] + [
            ("slow", 1.0, 25.0, 9)
        ]
        picture = show_quality_against_speed(rows)
        picture.png()
        renderer = picture.canvas.get_renderer()  # type: ignore[attr-defined]
        boxes = [
            text.get_window_extent(renderer)
            for text in picture.axes[0].texts
            if "model" in text.get_text()
        ]
        assert len(boxes) == 5
        ordered = sorted(boxes, key=lambda box: box.y0)
        slow = next(text for text in picture.axes[0].texts if "slow" in text.get_text())
        mark = picture.axes[0].transData.transform((1.0, 25.0))
        assert slow.get_window_extent(renderer).x0 > mark[0] + 6  # pixels: beside its mark
        assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(ordered))
