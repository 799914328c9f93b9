"""Pictures come out as PNG with words, viewers survive the student's mistakes, nothing leaks into pyplot."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from course_lib import viewers
from course_lib.viewers import (
    CameraOrbit,
    EpipolarViewer,
    Picture,
    conventions_picture,
    film_strip,
    show_depth,
    show_difference,
    show_epipolar,
    show_frusta,
    show_images,
    show_matches,
    show_points,
    show_pose_path,
    show_rays,
    show_reprojection,
)
from course_lib.viewers.matches import clip_to_unit_square
from course_lib.viewers.slider_panel import WIDGET_VIEW

ROOT = Path(__file__).parents[1]
POSES = torch.eye(4).repeat(3, 1, 1)
POSES[:, 0, 3] = torch.tensor([0.0, 1.0, 2.0])
K = torch.tensor([[1.2, 0, 0.5], [0, 1.6, 0.5], [0, 0, 1.0]])
CLOUD, COLORS = torch.rand(50, 3), torch.rand(50, 3)
IMAGE = torch.rand(30, 40, 3)
UV = torch.rand(5, 2)

PICTURES: dict[str, Callable[[], Picture]] = {
    "conventions": conventions_picture,
    "frusta": lambda: show_frusta(POSES, K, CLOUD, COLORS, images=IMAGE.repeat(3, 1, 1, 1)),
    "one frustum": lambda: show_frusta(POSES[0]),
    "frusta, y down": lambda: show_frusta(POSES, up="-y", title="rig"),
    "points": lambda: show_points(CLOUD, COLORS),
    "rays": lambda: show_rays(torch.zeros(9, 3), torch.rand(9, 3), world_from_camera=POSES[0], K=K),
    "path": lambda: show_pose_path(POSES, POSES[0], points=CLOUD, losses=[1.0, 0.1, 0.0]),
    "path of one pose": lambda: show_pose_path(POSES[:1]),
    "images": lambda: show_images(IMAGE.repeat(5, 1, 1, 1), list("abcde")),
    "one image": lambda: show_images(IMAGE),
    "images of many sizes": lambda: show_images([IMAGE, torch.rand(10, 20)]),
    "difference": lambda: show_difference(IMAGE, IMAGE.flip(0), "project"),
    "equal images": lambda: show_difference(IMAGE, IMAGE),
    "depth": lambda: show_depth(torch.rand(30, 40), unit="m"),
    "depth with holes": lambda: show_depth(torch.full((4, 6), torch.inf)),
    "film": lambda: film_strip(IMAGE.repeat(4, 1, 1, 1), ["1", "2", "3", "4"]),
    "reprojection": lambda: show_reprojection(IMAGE, UV, UV + 0.01),
    "epipolar": lambda: show_epipolar(IMAGE, IMAGE, UV, torch.rand(5, 3) - 0.5, UV),
    "matches": lambda: show_matches(IMAGE, IMAGE, UV, UV),
}  # fmt: skip


def decoded(png: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array(Image.open(io.BytesIO(png)).convert("RGB"))


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_one_png_with_words(name: str) -> None:
    picture = PICTURES[name]()
    data, metadata = picture._repr_mimebundle_()
    image = decoded(base64.b64decode(data["image/png"]))
    assert image.shape[1] == 900  # one measure for the whole notebook
    assert 150 < image.shape[0] < 800
    assert (image < 250).any(axis=-1).mean() > 0.005  # something is drawn
    assert len(picture.alt) > 8
    assert data["text/plain"] == picture.alt == metadata["image/png"]["alt"]


def test_a_picture_can_be_drawn_twice_and_looks_the_same() -> None:
    for name in ("conventions", "frusta", "depth"):
        picture = PICTURES[name]()
        assert picture.png() == picture.png()


def test_every_public_viewer_is_tried_here() -> None:
    files = sorted(Path(__file__).parent.glob("test_viewers*.py"))
    tried = "".join(path.read_text(encoding="utf-8") for path in files)
    for name in viewers.__all__:
        assert f"{name}(" in tried or f"{name}," in tried


def test_pyplot_never_hears_of_the_pictures() -> None:
    code = (
        "import sys, torch; from course_lib.setup import setup; from course_lib.viewers import show_frusta;"
        "setup('cpu'); show_frusta(torch.eye(4)).png(); show_frusta(torch.eye(4)).png();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: show_frusta(torch.eye(3)), r"world_from_camera must have shape \(4 4\); got \(3, 3\)"),
        (lambda: show_frusta(POSES, torch.rand(2, 3, 3)), "3 cameras but 2 matrices K"),
        (lambda: show_frusta(POSES, up="y"), "up is 'y'; use one of z, -y"),  # type: ignore[arg-type]
        (lambda: show_points(torch.rand(3, 4)), r"points must have shape \(n 3\); got \(3, 4\)"),
        (lambda: show_points(CLOUD, COLORS[:4]), r"colors must have shape \(50 3\)"),
        (lambda: show_rays(torch.rand(4, 3), torch.rand(5, 3)), r"directions must have shape \(4 3\); got \(5, 3\)"),
        (lambda: show_images(IMAGE, ["a", "b"]), "1 images but 2 titles"),
        (lambda: show_images([]), "images is empty"),
        (lambda: show_difference(IMAGE, IMAGE[:5]), "they must agree"),
        (lambda: show_depth(IMAGE), r"depth must have shape \(h w\); got \(30, 40, 3\)"),
        (lambda: film_strip(IMAGE.repeat(9, 1, 1, 1)), "1 to 8 frames; got 9"),
        (lambda: show_reprojection(IMAGE, UV, UV[:2]), r"uv_yours must have shape \(5 2\); got \(2, 2\)"),
        (lambda: show_epipolar(IMAGE, IMAGE, UV, torch.rand(5, 2)), r"lines must have shape \(5 3\)"),
        (lambda: show_pose_path(POSES, POSES), r"truth must have shape \(4 4\); got \(3, 4, 4\)"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_named(draw: Callable[[], Picture], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw()


def test_values_that_are_not_finite_are_shown_not_hidden() -> None:
    uv = UV.clone()
    uv[0] = torch.nan
    assert "1 points not finite" in show_reprojection(IMAGE, UV, uv).alt
    image = IMAGE.clone()
    image[3, 4] = torch.nan
    assert (
        "0.1% of pixels differ"
        in show_difference(torch.where(image.isnan(), 0.0, image), image).alt
    )
    show_points(torch.cat([CLOUD, torch.full((1, 3), torch.nan)])).png()


def test_gradients_and_other_dtypes_are_no_obstacle() -> None:
    show_points(CLOUD.double().requires_grad_(), COLORS.half()).png()


def test_reprojection_error_is_in_pixels_of_a_non_square_image() -> None:
    picture = show_reprojection(torch.zeros(100, 400, 3), [[0.5, 0.5]], [[0.51, 0.53]])
    assert "RMS error 5.00 px" in picture.alt  # 4 across, 3 down


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ((0, 1, -0.25), [(0, 0.25), (1, 0.25)]),
        ((1, 0, -0.75), [(0.75, 0), (0.75, 1)]),
        ((1, -1, 0), [(0, 0), (1, 1)]),
        ((-2, -2, 1), [(0, 0.5), (0.5, 0)]),
    ],
)
def test_lines_are_clipped_at_the_border(
    line: tuple[float, ...], ends: list[tuple[float, float]]
) -> None:
    np.testing.assert_allclose(clip_to_unit_square(np.array([line], float))[0], ends, atol=1e-9)


@pytest.mark.parametrize("line", [(0, 1, 5), (0, 0, 1), (0, 0, 0), (float("nan"), 1, 0)])
def test_a_line_that_misses_the_picture_is_not_drawn(line: tuple[float, ...]) -> None:
    assert np.isnan(clip_to_unit_square(np.array([line], float))).all()


def look_at(eye: Tensor, target: Tensor, up: Tensor) -> Tensor:
    """This test's own: forward, right, down."""
    forward = torch.nn.functional.normalize(target - eye, dim=-1)
    right = torch.nn.functional.normalize(torch.linalg.cross(forward, up), dim=-1)
    pose = torch.eye(4)
    pose[:3, :3] = torch.stack([right, torch.linalg.cross(forward, right), forward], dim=-1)
    pose[:3, 3] = eye
    return pose


def pose_as_image(pose: Tensor) -> Tensor:
    return (pose[:3, :4, None].expand(3, 4, 3) + 2) / 4


class TestCameraOrbit:
    def test_a_still_picture_without_a_kernel(self) -> None:
        orbit = CameraOrbit(pose_as_image, look_at)
        bundle = orbit._repr_mimebundle_()
        assert set(bundle) == {"image/png", "text/html", "text/plain"}
        image = decoded(base64.b64decode(bundle["image/png"]))
        assert image.shape == (384, 512, 3)  # 3×4 pixels, each 128 wide
        assert (image[:128, :128] == image[0, 0]).all()  # and hard

    def test_the_sliders_place_the_camera(self) -> None:
        seen: list[Tensor] = []

        def render(pose: Tensor) -> Tensor:
            seen.append(pose)
            return pose_as_image(pose)

        orbit = CameraOrbit(render, look_at, target=(0.0, 0.0, 0.5))
        orbit.set(azimuth=90, elevation=30, distance=2, roll=0)
        expected = torch.tensor([0, 2 * np.cos(np.pi / 6), 0.5 + 1.0], dtype=torch.float32)
        torch.testing.assert_close(seen[-1][:3, 3], expected)
        upright = seen[-1]
        orbit.set(roll=90)
        torch.testing.assert_close(seen[-1][:3, 0], upright[:3, 1])  # x turns to where y was
        torch.testing.assert_close(seen[-1][:3, 2], upright[:3, 2])

    def test_render_may_return_image_and_depth(self) -> None:
        orbit = CameraOrbit(lambda pose: (pose_as_image(pose), None), look_at)
        assert orbit.error == ""

    def test_a_mistake_is_told_and_the_last_picture_stays(self) -> None:
        def render(pose: Tensor) -> Tensor:
            if pose[2, 3] < 0:
                raise ZeroDivisionError("the floor")
            return pose_as_image(pose)

        orbit = CameraOrbit(render, look_at)
        good = orbit.png
        orbit.set(elevation=-40)
        assert "ZeroDivisionError: the floor" in orbit.error
        assert "in render" in orbit.error
        assert orbit.png == good
        orbit.set(elevation=40)
        assert orbit.error == ""
        assert orbit.png != good

    def test_a_mistake_from_the_start_is_shown_without_a_kernel(self) -> None:
        def unwritten(eye: Tensor, target: Tensor, up: Tensor) -> Tensor:
            raise NotImplementedError("Exercise 1.5 `look_at` is <not> written yet.")

        bundle = CameraOrbit(pose_as_image, unwritten)._repr_mimebundle_()
        assert "NotImplementedError: Exercise 1.5" in bundle["text/plain"]
        assert "&lt;not&gt;" in bundle["text/html"]
        assert "image/png" not in bundle

    @pytest.mark.parametrize(
        ("render", "message"),
        [
            (
                lambda pose: torch.zeros(3, 4, 5),
                r"what render returned must have shape \(h w 3\); got \(3, 4, 5\)",
            ),
            (lambda pose: None, "what render returned must have shape"),
        ],
    )
    def test_a_result_that_is_no_image_is_named(
        self, render: Callable[[Tensor], Any], message: str
    ) -> None:
        import re

        assert re.search(message, CameraOrbit(render, look_at).error)

    def test_an_unknown_slider_is_refused(self) -> None:
        with pytest.raises(KeyError, match="no slider 'zoom'; there are azimuth, elevation"):
            CameraOrbit(pose_as_image, look_at).set(zoom=2)

    def test_values_stay_in_range(self) -> None:
        orbit = CameraOrbit(pose_as_image, look_at)
        orbit.set(elevation=300)
        assert orbit.error == ""


class TestEpipolarViewer:
    def viewer(self, line: Callable[[Tensor], Any]) -> EpipolarViewer:
        return EpipolarViewer(torch.zeros(30, 40, 3), torch.zeros(30, 40, 3), line)

    def orange_rows(self, viewer: EpipolarViewer) -> Any:
        image = decoded(viewer.png)
        right = image[:, image.shape[1] // 2 + 10 :].astype(int)
        return np.flatnonzero(
            ((right[..., 0] > 180) & (right[..., 2] < 90)).mean(axis=1) > 0.9
        ) / len(image)

    def test_the_line_follows_the_point(self) -> None:
        viewer = self.viewer(lambda uv: torch.stack([torch.tensor(0.0), torch.tensor(1.0), -uv[1]]))
        for v in (0.25, 0.7):
            viewer.set(v=v)
            assert self.orange_rows(viewer).mean() == pytest.approx(v, abs=0.01)

    def test_both_pictures_lie_side_by_side(self) -> None:
        assert decoded(self.viewer(lambda uv: torch.tensor([1.0, 0, -0.5])).png).shape == (
            330,
            892,
            3,
        )

    def test_a_line_outside_leaves_no_line(self) -> None:
        viewer = self.viewer(lambda uv: torch.tensor([0.0, 1.0, 5.0]))
        assert viewer.error == ""
        assert len(self.orange_rows(viewer)) == 0

    def test_a_line_of_the_wrong_shape_is_named(self) -> None:
        viewer = self.viewer(lambda uv: torch.rand(1, 3))
        assert "what line_from_uv returned must have shape (3); got (1, 3)" in viewer.error


class TestWithWidgets:
    """As in a live kernel: ipywidgets 8 keeps its models without one, which is enough to move them."""

    @pytest.fixture(autouse=True)
    def _live(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("course_lib.viewers.slider_panel._widgets_can_run", lambda: True)
        monkeypatch.setattr("course_lib.viewers.slider_panel.send_script", lambda: None)

    def test_the_bundle_holds_the_widget_and_the_still_picture(self) -> None:
        bundle = CameraOrbit(pose_as_image, look_at)._repr_mimebundle_()
        assert {WIDGET_VIEW, "image/png", "text/plain"} == set(bundle)
        assert bundle[WIDGET_VIEW]["model_id"]

    def test_moving_a_slider_redraws_once_and_moves_the_picture(self) -> None:
        calls: list[Tensor] = []

        def render(pose: Tensor) -> Tensor:
            calls.append(pose)
            return pose_as_image(pose)

        orbit = CameraOrbit(render, look_at)
        orbit._repr_mimebundle_()
        before, drawn = orbit._image.value, len(calls)
        orbit._controls["azimuth"].value = 120
        assert len(calls) == drawn + 1
        assert orbit._image.value != before
        orbit.set(azimuth=10, roll=5)
        assert orbit._controls["azimuth"].value == 10
        assert len(calls) == drawn + 2

    def test_an_error_appears_once_and_goes_away(self, capsys: pytest.CaptureFixture[str]) -> None:
        def line(uv: Tensor) -> Tensor:
            if uv[0] > 0.8:
                raise RuntimeError("a & b")
            return torch.tensor([1.0, 0.0, -0.5])

        viewer = EpipolarViewer(IMAGE, IMAGE, line)
        viewer._repr_mimebundle_()
        for value in (0.85, 0.9, 0.95):
            viewer._controls["u"].value = value
        assert viewer._message.value.count("Your code raised") == 1
        assert "a &amp; b" in viewer._message.value
        viewer._controls["u"].value = 0.5
        assert viewer._message.value == ""
        assert capsys.readouterr() == ("", "")

    def test_displaying_twice_shows_the_same_widget(self) -> None:
        orbit = CameraOrbit(pose_as_image, look_at)
        first, second = orbit._repr_mimebundle_(), orbit._repr_mimebundle_()
        assert first[WIDGET_VIEW] == second[WIDGET_VIEW]


LIVE = """
import torch
from course_lib.viewers import EpipolarViewer
viewer = EpipolarViewer(torch.zeros(30, 40, 3), torch.zeros(30, 40, 3), lambda uv: torch.tensor([1.0, 0.0, -0.5]))
viewer
"""


@pytest.mark.slow
def test_a_saved_notebook_shows_the_picture_where_the_widget_is_gone() -> None:
    import nbclient
    import nbformat
    from nbconvert import HTMLExporter

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LIVE)])
    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    assert WIDGET_VIEW in notebook.cells[0].outputs[-1].data
    notebook.metadata.pop("widgets", None)  # as after File → Save without the widgets' state
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert notebook.cells[0].outputs[-1].data["image/png"].strip() in page
    assert "A point in one picture" in notebook.cells[0].outputs[-1].data["text/plain"]
