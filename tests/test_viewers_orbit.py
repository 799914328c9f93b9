"""The orbit viewer as a still picture: maps, rays, words, and mistakes that are told."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.viewers import OrbitViewer
from tests.orbit_scene import Scene, decoded, look_at


class TestStill:
    def test_a_picture_with_words_where_no_widgets_run(self) -> None:
        bundle = Scene().viewer()._repr_mimebundle_()
        assert set(bundle) == {"image/png", "text/html", "text/plain"}
        image = decoded(base64.b64decode(bundle["image/png"]))
        assert image.shape == (384, 512, 3)
        assert bundle["text/plain"].startswith("rgb of a scene from azimuth 35°, elevation 20°")

    def test_the_camera_stands_where_the_sliders_say(self) -> None:
        scene = Scene()
        scene.viewer(target=(0, 0, 0.5)).set(azimuth=90, elevation=30, distance=2, samples=7)
        expected = torch.tensor([0, 2 * np.cos(np.pi / 6), 0.5 + 1.0], dtype=torch.float32)
        torch.testing.assert_close(scene.poses[-1][:3, 3], expected, atol=1e-6, rtol=0)
        assert scene.samples == [16, 7]
        assert scene.resolutions == [(24, 32)] * 2

    def test_each_map_is_drawn_as_what_it_is(self) -> None:
        scene = Scene()
        viewer = scene.viewer()
        viewer.select("depth")
        image = decoded(viewer.png)
        assert image[0, 0].sum() > image[0, -1].sum() + 200  # near is bright
        assert "1 is bright, 2 is dark" in viewer.alt
        viewer.select("normals")
        assert len(np.unique(decoded(viewer.png))) == 1  # grey: nothing seen
        assert len(scene.poses) == 1  # another map of the same view is no new rendering

    def test_a_fixed_range_of_depth_keeps_its_colours(self) -> None:
        viewer = Scene().viewer(depth_range=(0.0, 100.0))
        viewer.select("depth")
        assert np.ptp(decoded(viewer.png).astype(int), axis=1).max() < 12

    def test_a_chosen_ray_is_drawn_below(self) -> None:
        scene = Scene()
        viewer = scene.viewer(uv=(0.25, 0.75))
        bundle = viewer._repr_mimebundle_()
        assert decoded(base64.b64decode(bundle["image/png"])).shape[0] > 384 + 300
        assert scene.rays[-1].tolist() == [0.25, 0.75]
        assert "of 16 samples along a ray" in bundle["text/plain"]
        ring = decoded(viewer.png)[288 - 8, 128]
        assert ring[0] > 200 > 100 > ring[2]  # orange, at (0.25, 0.75)

    def test_without_samples_or_rays_there_are_no_sliders_for_them(self) -> None:
        scene = Scene()
        viewer = scene.viewer(samples=0, along_ray=None)
        assert scene.samples == [0]
        with pytest.raises(
            KeyError, match=r"no slider 'u'; there are azimuth, elevation, distance\"$"
        ):
            viewer.set(u=0.5)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"resolution": (0, 4)}, r"resolution is \(0, 4\); give \(height, width\) in pixels"),
            ({"samples": -1}, "samples is -1; give how many to start with, or 0"),
            ({"along_ray": None, "uv": (0.5, 0.5)}, "there is no along_ray to tell what happens"),
        ],
    )
    def test_impossible_options_are_refused(self, options: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            Scene().viewer(**options)

    def test_an_unknown_map_is_refused(self) -> None:
        with pytest.raises(KeyError, match="no map 'colour'; there are rgb, depth, normals"):
            Scene().viewer().select("colour")


class TestMistakes:
    def test_an_error_is_told_and_the_last_picture_stays(self) -> None:
        scene = Scene()
        viewer = scene.viewer()
        good, scene.broken = viewer.png, "the floor"
        viewer.set(azimuth=80)
        assert "ZeroDivisionError: the floor" in viewer.error
        assert viewer.png == good
        scene.broken = ""
        viewer.set(azimuth=80)
        assert viewer.error == ""
        assert viewer.png != good

    @pytest.mark.parametrize(
        ("result", "message"),
        [
            (torch.zeros(3, 4, 3), "render must return a dict of maps, .* got Tensor"),
            ({}, "render must return a dict of maps, .* got an empty one"),
            (
                {"rgb": torch.zeros(3, 4, 5)},
                r"rgb must have shape \(h w\) or \(h w 3\); got \(3, 4, 5\)",
            ),
            (
                {"rgb": torch.zeros(3, 4, 3), "depth": torch.zeros(4, 3)},
                r"asked for 3 rows of 4 pixels, .*'depth' of shape \(4, 3\)\. Were height and width swapped",
            ),
            ({"rgb": torch.zeros(12, 3)}, r"returned 'rgb' of shape \(12, 3\)\.$"),
            ({1: torch.zeros(3, 4, 3)}, r"render must name its maps, .* got 1$"),
        ],
    )
    def test_a_result_that_is_no_map_is_named(self, result: Any, message: str) -> None:
        viewer = OrbitViewer(lambda *_: result, look_at, resolution=(3, 4))
        assert not viewer.png
        with pytest.raises(ValueError, match=message):
            viewer.picture_png(dict(viewer._values))

    def test_a_ray_that_fails_leaves_the_picture(self) -> None:
        viewer = Scene().viewer(along_ray=lambda *_: [1, 2], uv=(0.5, 0.5))
        assert "along_ray must return a dict of show_ray's arguments" in viewer.error
        assert viewer.png
        assert "along_ray must return" in viewer._repr_mimebundle_()["text/html"]

    def test_gradients_are_no_obstacle_and_are_not_kept(self) -> None:
        image = torch.rand(4, 4, 3, requires_grad=True)
        viewer = OrbitViewer(lambda *_: {"rgb": image * 1.0}, look_at, resolution=(4, 4))
        assert viewer.error == ""
        assert viewer._renderer.at(viewer._values).maps["rgb"].grad_fn is None

    def test_values_that_are_not_finite_are_drawn(self) -> None:
        broken = torch.full((4, 4, 3), torch.nan)
        viewer = OrbitViewer(lambda *_: {"rgb": broken}, look_at, resolution=(4, 4))
        assert viewer.error == ""
        assert decoded(viewer.png)[0, 0].tolist() == [255, 0, 255]
