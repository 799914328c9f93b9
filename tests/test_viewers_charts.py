"""Reconstructions, charts, strips and meshes; and what every picture of notebook 2 says to wrong arguments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from course_lib.viewers import (
    Picture,
    show_curves,
    show_histograms,
    show_maps,
    show_march,
    show_mesh_wireframe,
    show_ray,
    show_reconstructions,
    show_slice,
    show_strip,
)
from course_lib.viewers.wireframe import _edges
from tests.rendering_inputs import (
    COLORS,
    DEPTH,
    DISC,
    FOUR,
    IMAGE,
    PLACES,
    TETRAHEDRON,
    TRUTH,
    WALK,
)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: show_ray([], [], [], [], []), "distances is empty; a ray needs at least one"),
        (lambda: show_ray(PLACES, FOUR[0][:3], *FOUR[1:]), r"sigma must have shape \(12\); got \(3,\)"),
        (lambda: show_ray(PLACES, *FOUR[:2], torch.rand(14), FOUR[3]), r"transmittance must have shape \(12\)"),
        (lambda: show_ray(PLACES, *FOUR, COLORS, PLACES), r"edges must have shape \(13\); got \(12,\)"),
        (lambda: show_ray(PLACES, *FOUR, COLORS[0]), r"colors must have shape \(12 3\); got \(3,\)"),
        (lambda: show_ray(PLACES, *FOUR, color=COLORS), r"color must have shape \(3\); got \(12, 3\)"),
        (lambda: show_ray([1, np.nan], *[[0, 1]] * 4), r"distances\[1\] is nan; all of distances must be finite"),
        (lambda: show_slice(IMAGE), r"values must have shape \(h w\); got \(20, 30, 3\)"),
        (lambda: show_slice(DISC, 1, -1), "low is 1 and high is -1; each number of low must be below"),
        (lambda: show_slice(DISC, (0, 0), (1, 0)), "each number of low must be below"),
        (lambda: show_slice(DISC, spacing=0), "spacing is 0; give a positive distance"),
        (lambda: show_slice(DISC, spacing=1e-4), r"spacing 0.0001 gives \d+ iso-lines .* larger one"),
        (lambda: show_march(WALK, WALK[..., 0].T), r"radii must have shape \(3 6\); got \(6, 3\)"),
        (lambda: show_march(WALK[..., :1], WALK[..., 0]), r"points must have shape \(rays steps 2\)"),
        (lambda: show_maps({}), "maps is empty"),
        (lambda: show_maps({"rgb": DEPTH[0]}), r"rgb must have shape \(h w\) or \(h w 3\); got \(30,\)"),
        (lambda: show_maps({"normals": torch.rand(2, 3, 4)}), r"normals must have shape \(h w\) or \(h w 3\); got"),
        (lambda: show_maps({"depth": torch.zeros(0, 4)}), r"depth has no pixels: its shape is \(0, 4\)"),
        (lambda: show_reconstructions({}, TRUTH), "results is empty"),
        (lambda: show_reconstructions({"a": (IMAGE[:5], None)}, TRUTH), r"image has .* \(5, 30\) but the true one"),
        (lambda: show_reconstructions({"a": (IMAGE, DEPTH.T)}, TRUTH), r"a's depth must have shape \(20 30\)"),
        (lambda: show_reconstructions({"a": IMAGE}, TRUTH), r"a must be a pair \(image, depth\)"),
        (lambda: show_reconstructions({"a": (IMAGE, None)}, TRUTH, psnr={"b": 1}), "psnr names 'b', which is not"),
        (lambda: show_curves([1], {}), "curves is empty"),
        (lambda: show_curves([1, 2], {"a": [1, 2, 3]}), r"curves\['a'\] must have shape \(2\); got \(3,\)"),
        (lambda: show_curves({"b": [1]}, {"a": [1]}), "x has no 'a'; it has b"),
        (lambda: show_curves([1], {"a": [1]}, scales=("log", "lin")), "scales has 'lin'; use 'linear' or 'log'"),  # type: ignore[arg-type]
        (lambda: show_curves([1, 2], {"a": [0, -1]}, scales=("linear", "log")), "nothing on the y axis is positive"),
        (lambda: show_histograms({"a": [1]}, span=(2, 1)), r"span is \(2, 1\); give \(low, high\)"),
        (lambda: show_histograms({}), "samples is empty"),
        (lambda: show_histograms({"a": []}), r"samples\['a'\] is empty"),
        (lambda: show_histograms({"a": [1]}, bins=0), "bins is 0; give at least 1"),
        (lambda: show_histograms({"a": [1]}, {"b": ([1], [1])}), "expected has 'b', which is not in samples: a"),
        (lambda: show_histograms({"a": [1]}, {"a": ([1], [1, 2])}), r"density of expected\['a'\] must have"),
        (lambda: show_strip([]), "images is empty"),
        (lambda: show_strip(torch.zeros(3, 0, 4, 3)), r"has no pixels: its shape is \(0, 4, 3\)"),
        (lambda: show_slice(torch.zeros(0, 4)), r"values is empty; its shape is \(0, 4\)"),
        (lambda: show_strip(IMAGE[None], ["a", "b"]), "1 images but 2 captions"),
        (lambda: show_strip(IMAGE[None], most=9), "most is 9; a strip takes 1 to 8 frames"),
        (lambda: show_mesh_wireframe(torch.rand(3, 3), [[0, 1, 3]]), r"\[0.0, 1.0, 3.0\] but must be three of the 3"),
        (lambda: show_mesh_wireframe(torch.rand(3, 3), [[0, 1, np.nan]]), r"faces\[0\] is \[0.0, 1.0, nan\] but must"),
        (lambda: show_mesh_wireframe(torch.rand(3, 3), torch.zeros(0, 3)), "faces is empty"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named(draw: Callable[[], Picture], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw()


class TestReconstructions:
    def test_each_row_is_named_and_rated(self) -> None:
        picture = show_reconstructions(
            {"voxels": (IMAGE * 0.9, DEPTH), "mean": (IMAGE * 0, None)},
            TRUTH,
            psnr={"voxels": 25.04},
        )
        names = [axes.get_ylabel() for axes in picture.axes[0:9:3]]
        assert names[0] == "truth"
        assert names[1].startswith("voxels\nPSNR 25.0 dB\nmean error 0.0")
        assert names[2].startswith(f"mean\nPSNR {-10 * np.log10(float((IMAGE**2).mean())):.1f} dB")
        assert "voxels: PSNR 25.0 dB, mean error" in picture.alt

    def test_equal_images_have_no_finite_psnr(self) -> None:
        assert "PSNR ∞" in show_reconstructions({"a": TRUTH}, TRUTH).alt

    def test_the_error_is_where_the_image_is_wrong(self) -> None:
        image = IMAGE.clone()
        image[4, 7] = 1 - image[4, 7].round()
        error = show_reconstructions({"a": (image, DEPTH)}, TRUTH).axes[5].images[0]
        bright = np.asarray(error.get_array()).sum(axis=-1)
        assert np.unravel_index(bright.argmax(), bright.shape) == (4, 7)


class TestCharts:
    def test_every_curve_keeps_its_own_seconds(self) -> None:
        picture = show_curves({"a": [0, 1], "b": [0, 5, 9]}, {"a": [1, 2], "b": [1, 2, np.nan]})
        np.testing.assert_array_equal(picture.axes[0].lines[1].get_xdata(), [0, 5, 9])
        assert "a ends at 2, b ends at 2" in picture.alt
        assert len({line.get_linestyle() for line in picture.axes[0].lines}) == 2

    def test_a_histogram_has_area_one_and_its_curve(self) -> None:
        places = np.linspace(0, 1, 50)
        picture = show_histograms({"u": torch.rand(7, 900)}, {"u": (places, np.ones(50))}, bins=10)
        values, edges, _ = picture.axes[0].patches[0].get_data()
        assert len(values) == 10
        assert (values * np.diff(edges)).sum() == pytest.approx(1)
        np.testing.assert_array_equal(picture.axes[0].lines[0].get_xdata(), places)
        assert picture.legends

    def test_samples_outside_the_span_are_told(self) -> None:
        axes = show_histograms({"a": [1.0, 1.5]}, span=(2, 3)).axes[0]
        assert axes.texts[0].get_text() == "no samples here"

    def test_samples_that_are_not_finite_are_counted(self) -> None:
        picture = show_histograms({"a": [1.0, 2.0, np.nan, np.inf], "b": [np.nan]})
        assert [axes.get_title() for axes in picture.axes] == ["a\n2 not finite", "b\n1 not finite"]


def test_a_long_sequence_keeps_its_first_and_last_frame() -> None:
    picture = show_strip([IMAGE] * 21, [f"step {i}" for i in range(21)], most=5)
    assert picture.alt == "Film strip of 5 frames: step 0, step 5, step 10, step 15, step 20."


def test_shared_edges_are_drawn_once() -> None:
    assert len(_edges(np.array(TETRAHEDRON[1]))) == 6
