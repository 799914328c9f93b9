"""Pictures of notebook 2: rays, slices, maps, reconstructions, curves, strips and meshes."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

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
from course_lib.viewers.maps import NOTHING, normals_as_colors, shown_map, span_of
from tests.rendering_inputs import (
    COLORS,
    DEPTH,
    DISC,
    EDGES,
    FOUR,
    IMAGE,
    PLACES,
    TETRAHEDRON,
    TRUTH,
    WALK,
    N,
    X,
    Y,
)

PICTURES: dict[str, Callable[[], Picture]] = {
    "ray": lambda: show_ray(PLACES, *FOUR, COLORS, EDGES, 1.2, color=COLORS[0], title="a ray"),
    "ray of dots": lambda: show_ray(PLACES, *FOUR),
    "ray with its rest": lambda: show_ray(PLACES, *FOUR[:2], torch.rand(N + 1), FOUR[3]),
    "ray of one sample": lambda: show_ray([1.0], [2.0], [0.9], [1.0, 0.1], [0.9], COLORS[:1]),
    "slice": lambda: show_slice(DISC, (-2, -1), (2, 1), "disc", spacing=0.25),
    "slice outside everything": lambda: show_slice(DISC + 3),
    "march": lambda: show_march(WALK, torch.rand(3, 6), values=DISC, low=(-2, -1), high=(2, 1)),
    "march of one ray": lambda: show_march(WALK[0], torch.rand(6)),
    "maps": lambda: show_maps({"rgb": IMAGE, "depth": DEPTH, "normals": IMAGE * 2 - 1}),
    "five maps": lambda: show_maps({"rgb": IMAGE} | {str(i): DEPTH for i in range(4)}, title="t"),
    "reconstructions": lambda: show_reconstructions(
        {"voxels": (IMAGE * 0.9, DEPTH), "mean": (IMAGE * 0, None)},
        TRUTH,
        psnr={"voxels": 25.04},
    ),
    "curves": lambda: show_curves(range(5), {"a": [1, 2, 3, 2, 1.0], "b": torch.rand(5)}),
    "histograms": lambda: show_histograms({str(i): torch.randn(50, 4) for i in range(5)}),
    "strip": lambda: show_strip(IMAGE.repeat(20, 1, 1, 1), [str(i) for i in range(20)]),
    "mesh": lambda: show_mesh_wireframe(*TETRAHEDRON, torch.eye(4), title="a tetrahedron"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_one_png_with_words(name: str) -> None:
    picture = PICTURES[name]()
    data, metadata = picture._repr_mimebundle_()
    image = decoded(base64.b64decode(data["image/png"]))
    assert image.shape[1] == 900
    assert 100 < image.shape[0] < 1000
    assert (image < 250).any(axis=-1).mean() > 0.005
    assert len(picture.alt) > 20
    assert data["text/plain"] == picture.alt == metadata["image/png"]["alt"]


def decoded(png: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array(Image.open(io.BytesIO(png)).convert("RGB"))


class TestRay:
    def test_panels_are_aligned_over_the_intervals(self) -> None:
        picture = show_ray(PLACES, *FOUR, COLORS, EDGES)
        assert len(picture.axes) == 5
        for axes in picture.axes:
            assert axes.get_xlim() == pytest.approx((float(EDGES[0]), float(EDGES[-1])))
        words = [axes.get_ylabel() for axes in picture.axes]
        assert words == ["density σ", "opacity α", "transmittance T", "weight w", "samples"]

    def test_steps_are_the_values_that_were_given(self) -> None:
        picture = show_ray(PLACES, *FOUR, edges=EDGES)
        for axes, values in zip(picture.axes, FOUR, strict=True):
            np.testing.assert_allclose(axes.patches[0].get_data().values, values)

    def test_samples_colours_lie_where_the_samples_lie(self) -> None:
        boxes = show_ray(PLACES, *FOUR, COLORS, EDGES).axes[4].collections[0]
        np.testing.assert_allclose(boxes.get_facecolor()[:, :3], COLORS, atol=1e-6)
        starts = [path.vertices[:, 0].min() for path in boxes.get_paths()]
        np.testing.assert_allclose(starts, EDGES[:-1], atol=1e-6)

    def test_the_composite_is_the_callers_not_computed(self) -> None:
        boxes = show_ray(PLACES, *FOUR, color=[0.1, 0.6, 0.3]).axes[4].collections[0]
        np.testing.assert_allclose(boxes.get_facecolor()[0, :3], [0.1, 0.6, 0.3])

    def test_the_true_surface_crosses_every_panel(self) -> None:
        for axes in show_ray(PLACES, *FOUR, true_distance=1.25).axes:
            assert any(set(line.get_xdata()) == {1.25} for line in axes.lines)

    @pytest.mark.parametrize(
        ("distance", "words"),
        [(7.0, "true surface at 7, outside these samples"), (np.inf, "hits nothing")],
    )
    def test_a_true_surface_elsewhere_is_told_in_words(self, distance: float, words: str) -> None:
        picture = show_ray(PLACES, *FOUR, COLORS, EDGES, distance)
        assert words in picture.axes[0].texts[0].get_text()
        assert picture.axes[0].get_xlim()[1] == pytest.approx(float(EDGES[-1]))
        picture.png()

    def test_what_is_not_finite_is_marked_and_told(self) -> None:
        sigma = FOUR[0].clone()
        sigma[3], sigma[7] = torch.inf, torch.nan
        picture = show_ray(PLACES, sigma, *FOUR[1:], edges=EDGES)
        assert "2 not finite" in picture.axes[0].get_ylabel()
        assert "2 values are not finite" in picture.alt
        marks = [line for line in picture.axes[0].lines if line.get_marker() == "x"]
        np.testing.assert_allclose(marks[0].get_xdata(), PLACES[[3, 7]])

    def test_values_out_of_range_are_not_cut_off(self) -> None:
        low, high = show_ray(PLACES, FOUR[0], FOUR[1] * 3 - 1, *FOUR[2:]).axes[1].get_ylim()
        assert low < float((FOUR[1] * 3 - 1).min())
        assert high > float((FOUR[1] * 3 - 1).max())

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.floats(0, 1e3, width=32), min_size=1, max_size=9))
    def test_any_densities_can_be_drawn(self, sigma: list[float]) -> None:
        n = len(sigma)
        show_ray(np.arange(n), sigma, np.ones(n), np.zeros(n), np.zeros(n), np.ones((n, 3))).png()


class TestSlice:
    def test_the_zero_level_is_where_the_disc_ends(self) -> None:
        axes = show_slice(DISC, (-2, -1), (2, 1)).axes[0]
        bold = max(axes.collections, key=lambda lines: max(lines.get_linewidths()))
        points = np.concatenate([path.vertices for path in bold.get_paths()])
        np.testing.assert_allclose(np.linalg.norm(points, axis=-1), 0.5, atol=0.02)

    def test_rows_run_upwards_and_columns_to_the_right(self) -> None:
        axes = show_slice(X + 10 * Y, (-2, -1), (2, 1)).axes[0]
        image = axes.images[0]
        left, right, bottom, top = image.get_extent()
        assert (left, right, bottom, top) == pytest.approx((-2.05, 2.05, -1.05, 1.05))
        assert image.origin == "lower"
        assert axes.get_ylim() == (-1, 1)

    def test_colours_are_centred_on_zero(self) -> None:
        low, high = show_slice(DISC).axes[0].images[0].get_clim()
        assert -low == high == pytest.approx(float(DISC.abs().max()))

    def test_numbers_that_are_missing_are_counted(self) -> None:
        assert "3 values are not finite" in show_slice([[1, np.nan], [np.inf, np.nan]]).alt
        show_slice([[np.nan]]).png()

    def test_a_walk_ends_where_it_becomes_nan(self) -> None:
        walk = WALK.clone()
        walk[1, 2:] = torch.nan
        picture = show_march(walk, torch.rand(3, 6))
        assert "Points per ray: 6, 2, 6" in picture.alt
        circles = picture.axes[0].collections[1]
        np.testing.assert_allclose(circles.get_offsets(), walk[1, :2])

    def test_circles_are_drawn_at_the_scale_of_the_world(self) -> None:
        radii = torch.tensor([0.4, 0.2])
        picture = show_march([[0.0, 0.0], [0.4, 0.0]], radii)
        circles = picture.axes[0].collections[0]
        np.testing.assert_allclose(circles.get_widths(), 2 * radii)  # diameters, in data units
        np.testing.assert_allclose(circles.get_heights(), circles.get_widths())
        assert picture.axes[0].get_aspect() == 1


class TestMaps:
    def test_depths_share_one_scale_and_others_have_their_own(self) -> None:
        maps = {"depth": DEPTH, "depth of yours": DEPTH + 3, "error": DEPTH * 100}
        picture = show_maps(maps)
        assert len(picture.axes) == 5  # three maps, two colour bars
        bars = [axes.get_ylim() for axes in picture.axes[3:]]
        assert sorted(bars[0]) == pytest.approx(
            span_of(DEPTH.double().numpy(), DEPTH.double().numpy() + 3)
        )
        assert min(bars[1]) > 90

    @pytest.mark.parametrize(("name", "nearest_is_bright"), [("depth", True), ("error", False)])
    def test_colour_and_bar_agree(self, name: str, nearest_is_bright: bool) -> None:
        ramp = torch.linspace(0, 1, 300).reshape(10, 30)
        picture = show_maps({name: ramp})
        image = picture.axes[0].images[0].get_array()
        assert (image[0, 0].sum() > image[-1, -1].sum()) == nearest_is_bright
        bar = picture.axes[1].collections[-1] if picture.axes[1].collections else None
        assert bar is not None
        low, high = bar.get_cmap()(0.0), bar.get_cmap()(1.0)
        np.testing.assert_allclose(image[0, 0], low[:3], atol=0.02)
        np.testing.assert_allclose(image[-1, -1], high[:3], atol=0.02)

    def test_nothing_seen_is_grey(self) -> None:
        depth = DEPTH.clone()
        depth[0, 0], depth[0, 1] = torch.inf, torch.nan
        image = shown_map("depth", depth).image
        np.testing.assert_allclose(image[0, :2], [NOTHING, NOTHING])
        assert (np.ptp(image[1:], axis=-1) > 0.05).all()

    def test_normals_are_coloured_by_their_axes(self) -> None:
        normals = np.array([[[1.0, 0, 0], [0, -1, 0], [0, 0, 0], [np.nan, 0, 0]]])
        expected = [[1, 0.5, 0.5], [0.5, 0, 0.5], NOTHING, NOTHING]
        np.testing.assert_allclose(normals_as_colors(normals)[0], expected)

    @pytest.mark.parametrize("value", [2.0, np.inf])
    def test_flat_or_unknown_maps_have_a_scale_too(self, value: float) -> None:
        low, high = span_of(np.full((3, 3), value))
        assert np.isfinite([low, high]).all()
        assert low < high
        show_maps({"depth": np.full((3, 3), value)}).png()
