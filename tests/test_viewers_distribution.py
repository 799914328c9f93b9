"""PSNR outside the training cameras, with images below, and places that keep apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes

from course_lib.style import WIDTH
from course_lib.viewers import Picture, show_out_of_distribution
from course_lib.viewers.out_of_distribution import LINE
from course_lib.viewers.spread import spread
from tests.one_png import assert_one_png_with_words

RANDOM = torch.Generator().manual_seed(5)
X = np.array([0.0, 15, 30, 50, 70, 90])
MODELS = ("nearest neighbour", "2D baseline", "hypernetwork", "voxels", "concatenation", "lifting")
CURVES = {name: (X, 24 - 0.02 * i * np.abs(X - 20)) for i, name in enumerate(MODELS)}
TRUTH = torch.rand(6, 12, 16, 3, generator=RANDOM)
STRIPS = {name: TRUTH * (1 - 0.1 * i) for i, name in enumerate(MODELS)}
TRAINING = (10.0, 35.0)


def whole(**options: Any) -> Picture:
    arguments = {"strips": STRIPS, "truth": TRUTH, "label": "elevation (°)"} | options
    return show_out_of_distribution(CURVES, TRAINING, **arguments)


PICTURES: dict[str, Callable[[], Picture]] = {
    "all": whole,
    "curves only": lambda: show_out_of_distribution(CURVES, TRAINING, title="t"),
    "one point": lambda: show_out_of_distribution({"a": ([3.0], [20.0])}, (3, 3), None, TRUTH[:1]),
    "nothing known": lambda: show_out_of_distribution({"a": (X, X * np.nan)}, TRAINING),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_one_png_with_words(name: str) -> None:
    assert_one_png_with_words(PICTURES[name](), range(100, 1000), 30)


def parts(picture: Picture) -> tuple[Axes, Axes, list[Axes]]:
    """The page, the chart and the images."""
    page, chart, *images = picture.axes
    return page, chart, images


class TestCurves:
    def test_lines_are_the_values_and_gaps_stay_gaps(self) -> None:
        psnr = np.array([25, np.nan, 24, np.inf, 20, 19])
        order = np.array([3, 0, 5, 1, 2, 4])
        curves = {"a": (X[order], psnr[order]), "b": (X, psnr)}
        _, chart, _ = parts(show_out_of_distribution(curves, TRAINING))
        for line in chart.lines[:2]:
            np.testing.assert_array_equal(line.get_xdata(), X)
            expected = [25, np.nan, 24, np.nan, 20, 19]
            np.testing.assert_array_equal(line.get_ydata(), expected)

    def test_the_training_range_is_shaded(self) -> None:
        _, chart, _ = parts(whole())
        band = chart.patches[0].get_extents().transformed(chart.transData.inverted())
        assert (band.x0, band.x1) == pytest.approx(TRAINING)
        assert chart.texts[0].get_text() == "training"

    def test_a_single_training_distance_can_be_seen(self) -> None:
        picture = show_out_of_distribution(CURVES, (0, 0), {"voxels": TRUTH})
        page, chart, _ = parts(picture)
        band = chart.patches[0].get_window_extent()
        assert band.width == pytest.approx(16, abs=0.5)  # pixels
        assert (band.x0 + band.x1) / 2 == pytest.approx(chart.transData.transform((0, 0))[0])
        assert len(page.collections) == 1

    def test_rounding_to_float32_leads_nobody_astray(self) -> None:
        curves = {"a": (torch.tensor([0.8, 1.2, 1.6]), [10, 20, 30])}
        assert "a 20.0 dB inside and 20.0" in show_out_of_distribution(curves, (1.2, 1.2)).alt

    def test_models_are_told_apart_without_colours(self) -> None:
        _, chart, _ = parts(whole())
        assert len({line.get_marker() for line in chart.lines}) == len(MODELS)
        assert len({repr(line._unscaled_dash_pattern) for line in chart.lines}) == len(MODELS)

    def test_every_line_is_named_at_its_end_and_no_name_covers_another(self) -> None:
        level = {name: (X, np.full(6, 20.0)) for name in MODELS}
        picture = show_out_of_distribution(level, TRAINING)
        page, _, _ = parts(picture)
        names = [text for text in page.texts if text.get_text() in MODELS]
        heights = np.array([text.get_position()[1] for text in names])
        assert np.diff(np.sort(heights)).min() == pytest.approx(LINE)
        picture.draw_without_rendering()
        renderer = picture.canvas.get_renderer()
        assert all(text.get_window_extent(renderer).x1 < 900 for text in names)

    def test_names_are_in_the_order_of_the_lines(self) -> None:
        page, _, _ = parts(show_out_of_distribution(CURVES, TRAINING))
        heights = {text.get_text(): text.get_position()[1] for text in page.texts}
        assert sorted(MODELS, key=lambda name: -heights[name]) == list(MODELS)

    def test_words_tell_what_happens_inside_and_outside(self) -> None:
        curves = {"a": (X, [10, 20, 22, 12, 11, np.nan]), "b": (X, [np.nan] * 6)}
        alt = show_out_of_distribution(curves, TRAINING, label="elevation (°)").alt
        assert "PSNR over elevation (°); mean within the training range 10 to 35 and beyond" in alt
        assert "a 21.0 dB inside and 11.0 dB outside; b nothing inside and nothing outside." in alt


class TestStrips:
    def test_columns_stand_under_their_distance_where_they_can(self) -> None:
        picture = whole()
        _, chart, images = parts(picture)
        assert len(images) == 7 * 6
        picture.draw_without_rendering()
        for axes, x in zip(images, np.tile(X, 7), strict=True):
            middle = axes.get_position().x0 + axes.get_position().width / 2
            there = chart.transData.transform((x, 0))[0] / 900
            assert middle == pytest.approx(there, abs=0.002)

    def test_the_band_goes_on_behind_the_columns_of_the_training_range(self) -> None:
        page, _, images = parts(whole())
        bands = [area.get_datalim(page.transData) for area in page.collections]
        lefts = [axes.get_position().x0 * WIDTH for axes in images[:6]]
        banded = [any(band.x0 <= left <= band.x1 for band in bands) for left in lefts]
        assert banded == [False, True, True, False, False, False]

    def test_a_single_distance_has_its_image_below(self) -> None:
        _, chart, (axes,) = parts(PICTURES["one point"]())
        middle = axes.get_position().x0 + axes.get_position().width / 2
        there = chart.transData.transform((3, 0))[0] / 900
        assert middle == pytest.approx(there, abs=0.002)

    def test_columns_that_are_too_near_move_apart_and_keep_their_order(self) -> None:
        x = np.array([1, 1.01, 1.02, 1.03, 3, 1.5])
        curves = {"a": (x, X)}
        _, _, images = parts(show_out_of_distribution(curves, (1, 1.2), {"a": TRUTH}))
        lefts = np.array([axes.get_position().x0 for axes in images]) * WIDTH
        assert (np.argsort(lefts) == np.argsort(x)).all()
        width = images[0].get_position().width * WIDTH
        assert np.diff(np.sort(lefts)).min() > width
        assert lefts.min() > 1
        assert lefts.max() + width < 8

    def test_rows_are_the_truth_and_then_the_models(self) -> None:
        subset = {name: STRIPS[name] for name in ("voxels", "2D baseline")}
        picture = whole(strips=subset)
        page, _, images = parts(picture)
        for row, expected in enumerate([TRUTH, STRIPS["2D baseline"], STRIPS["voxels"]]):
            for axes, image in zip(images[6 * row :], expected, strict=False):
                np.testing.assert_allclose(axes.images[0].get_array(), image, atol=1e-6)
        tops = {
            text.get_text(): text.get_position()[1]
            for text in page.texts
            if text.get_ha() == "right"
        }
        assert sorted(tops, key=lambda name: -tops[name]) == ["truth", "2D baseline", "voxels"]
        assert "Below, images at those distances: truth, 2D baseline, voxels." in picture.alt

    def test_heads_are_the_distances_chosen(self) -> None:
        picture = whole(strips={"voxels": TRUTH[:2]}, truth=TRUTH[:2], at=[22.5, 80])
        page, _, images = parts(picture)
        assert len(images) == 4
        heads = [text.get_text() for text in page.texts if text.get_ha() == "center"]
        assert heads == ["22.5", "80", "elevation (°)"]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                {"strips": {"mine": TRUTH}},
                "strips has 'mine', which is not in curves: nearest neigh",
            ),
            ({"truth": TRUTH[1:]}, "nearest neighbour has 6 images but truth has 5"),
            ({"strips": {}, "truth": TRUTH[1:]}, "5 images per strip but 6 distances in curves"),
            ({"at": [1, 2]}, r"at must have shape \(6\); got \(2,\)"),
            ({"at": [1, 2, 3, 4, 5, np.nan]}, "all distances must be finite"),
            ({"truth": TRUTH[..., :2]}, r"truth\[0\] must have shape \(h w 3\); got \(12, 16, 2\)"),
            (
                {"strips": {}, "truth": TRUTH.repeat(3, 1, 1, 1), "at": range(18)},
                "18 images per strip are too many to see; give at most 12",
            ),
        ],
    )
    def test_what_does_not_fit_is_named(self, options: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            whole(**options)

    @pytest.mark.parametrize(
        ("curves", "training", "message"),
        [
            ({}, TRAINING, "curves has 0 models; give 1 to 7"),
            ({str(i): (X, X) for i in range(8)}, TRAINING, "curves has 8 models; give 1 to 7"),
            ({"a": X}, TRAINING, r"curves\['a'\] must be a pair \(distance, psnr\)"),
            (
                {"a": (X, X[1:])},
                TRAINING,
                r"PSNR of curves\['a'\] must have shape \(6\); got \(5,\)",
            ),
            ({"a": (X * np.nan, X)}, TRAINING, r"distance of curves\['a'\] must be finite"),
            (CURVES, (3, 1), r"training is \(3, 1\); give finite \(low, high\) with low ≤ high"),
            (CURVES, (np.nan, 1), r"training is \(nan, 1\)"),
            (CURVES, (0, np.inf), r"training is \(0, inf\); give finite"),
        ],
    )
    def test_curves_that_are_none_are_refused(
        self, curves: Any, training: tuple[float, float], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            show_out_of_distribution(curves, training)


class TestSpread:
    @given(st.lists(st.floats(-3, 3), min_size=1, max_size=5), st.floats(0.01, 2))
    def test_the_moves_are_the_smallest_that_keep_apart(
        self, places: list[float], least: float
    ) -> None:
        """Against the min-max formula of isotonic regression, on boundless ground."""
        ordered = np.sort(places) - least * np.arange(len(places))
        expected = [
            max(
                min(ordered[a:b].mean() for b in range(i + 1, len(places) + 1))
                for a in range(i + 1)
            )
            + least * i
            for i in range(len(places))
        ]
        moved = spread(np.array(places), least, -99, 99)
        np.testing.assert_allclose(np.sort(moved), expected, atol=1e-9)
        assert (np.argsort(moved) == np.argsort(places, kind="stable")).all()

    @given(st.lists(st.floats(-9, 9), min_size=1, max_size=9), st.floats(0.01, 5))
    def test_all_stay_within_bounds_even_where_there_is_too_little_room(
        self, places: list[float], least: float
    ) -> None:
        moved = spread(np.array(places), least, -1, 2)
        assert moved.min() >= -1 - 1e-9
        assert moved.max() <= 2 + 1e-9
        n = len(places)
        room = min(least, 3 / max(n - 1, 1))
        assert (np.diff(np.sort(moved)) >= room - 1e-9).all()
