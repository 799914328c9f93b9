"""Data sets that render when they are asked, and the cameras that look at them."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import course_lib.solved
from course_lib.data import PosedViews
from course_lib.scenes import (
    CATEGORIES,
    AnswersMissingError,
    CameraRange,
    Category,
    SceneError,
    intrinsics,
    make_scene,
    orbit_poses,
    photograph,
    posed_views,
)
from course_lib.scenes.shepard_metzler import make_shepard_metzler
from course_lib.shapes import Tensor

SIZE = (12, 16)
lazy_module = sys.modules["course_lib.scenes.lazy"]


def assert_same(a: PosedViews, b: PosedViews) -> None:
    assert a.tensors().keys() == b.tensors().keys()
    for name, value in a.tensors().items():
        assert torch.equal(value, b.tensors()[name]), name
    assert (a.near, a.far, a.label_names) == (b.near, b.far, b.label_names)


def test_objects_and_views_do_not_depend_on_how_many_are_made() -> None:
    few, many = posed_views("three_boxes", 2, 2, SIZE), posed_views("three_boxes", 5, 4, SIZE)
    later = posed_views("three_boxes", 2, 2, SIZE, first=3)
    assert_same(few.all(), PosedViews.stack([many[0][:2], many[1][:2]]))
    assert_same(later[0], many[3][:2])
    assert not torch.equal(few[0].images, few[1].images)
    assert not torch.equal(many[0].world_from_camera, many[1].world_from_camera)


def test_lazy_is_eager() -> None:
    lazy = posed_views("shepard_metzler", 4, 3, SIZE, seed=5)
    scenes = [make_scene("shepard_metzler", 5, index) for index in range(4)]
    poses = torch.stack([lazy.poses(index) for index in range(4)])
    eager = photograph(scenes, lazy.K, poses, SIZE, near=0.7, far=1.7)
    assert_same(lazy.all(), eager)
    assert [lazy.scene(i).fingerprint() for i in range(4)] == [s.fingerprint() for s in scenes]


def test_seeds_of_any_kind_give_other_objects_and_other_cameras() -> None:
    seeds: list[int | str] = [0, 1, "0", "a secret"]
    sets = [posed_views("three_boxes", 1, 2, SIZE, seed=seed) for seed in seeds]
    assert len({views.scene(0).fingerprint() for views in sets}) == 4
    assert len({views.poses(0).numpy().tobytes() for views in sets}) == 4
    for seven in (np.int64(7), torch.tensor(7)):
        same = make_scene("three_boxes", seven, np.int32(2))  # type: ignore[arg-type]
        assert same.fingerprint() == make_scene("three_boxes", 7, 2).fingerprint()
    with pytest.raises(TypeError):
        make_scene("three_boxes", 0.5, 0)  # type: ignore[arg-type]


def test_nothing_is_rendered_before_it_is_asked_for_or_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rendered: list[int] = []

    def counting(scenes: list[object], *args: object, **options: object) -> PosedViews:
        rendered.append(len(scenes))
        return photograph(scenes, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(lazy_module, "photograph", counting)
    monkeypatch.setattr(lazy_module, "VIEWS_AT_ONCE", 6)  # three objects at a time
    views = posed_views("three_boxes", 8, 2, SIZE)
    assert len(views) == 8
    assert "0 rendered" in repr(views)
    assert rendered == []
    first = views[2]
    assert_same(views[2:7][0], first)
    assert rendered == [1, 3, 1]
    views.all(), views[-1], views[[1, 1]], views.all()
    assert rendered == [1, 3, 1, 3]


def test_every_way_of_indexing() -> None:
    views = posed_views("three_boxes", 4, 2, SIZE)
    whole = views.all()
    assert whole.batch_shape == (4, 2)
    assert_same(views[-1], whole[3])
    assert_same(views[torch.tensor(2)], whole[2])
    assert_same(views[1:3], whole[1:3])
    assert_same(views[[2, 0]], whole[[2, 0]])
    assert_same(views[torch.tensor([3, 3])], whole[torch.tensor([3, 3])])
    mask = torch.tensor([True, False, False, True])
    assert_same(views[mask], whole[mask])
    assert views[2:2].batch_shape == (0, 2)
    assert [one.batch_shape for one in views] == [(2,)] * 4
    with pytest.raises(IndexError, match="no object 4; 4 are here"):
        views[4]
    with pytest.raises(TypeError):
        views[1.5]  # type: ignore[index]


def test_a_cache_gives_back_what_was_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = partial(posed_views, "three_boxes", views=2, resolution=SIZE, cache=tmp_path / "new")
    rendered = make(objects=2).all()
    files = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert len(files) == 2
    assert [name[:19] for name in files] == ["three_boxes_000000_", "three_boxes_000001_"]
    with monkeypatch.context() as patch:
        patch.setattr(lazy_module, "photograph", lambda *_, **__: pytest.fail("rendered again"))
        assert_same(make(objects=2).all(), rendered)
    make(objects=3)[2], make(objects=1, seed=4)[0], make(objects=1, supersample=1)[0]
    assert len(list((tmp_path / "new").iterdir())) == 5


def test_a_damaged_file_in_the_cache_is_named(tmp_path: Path) -> None:
    posed_views("three_boxes", 1, 2, SIZE, cache=tmp_path)[0]
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(SceneError, match=r"three_boxes_000000_.*damaged.*delete the file"):
        posed_views("three_boxes", 1, 2, SIZE, cache=tmp_path)[0]


def test_colors_alone_and_categories_of_ones_own() -> None:
    colors = posed_views("three_boxes", 1, 2, SIZE, geometry=False)[0]
    assert (colors.depth, colors.normals, colors.labels) == (None, None, None)
    arms = Category("four arms", partial(make_shepard_metzler, arms=4), CameraRange(20, 60))
    own = posed_views(arms, 2, 2, SIZE)
    assert own.scene(1).kind == "3 bends"
    assert own.all().name == "four arms"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (("cras", 1, 1), "unknown category 'cras'; known: .*three_boxes.*"),
        (("three_boxes", 0, 1), "objects must be a whole number, 1 or more, got 0"),
        (("three_boxes", 1, 0), "views must be a whole number, 1 or more, got 0"),
        (("three_boxes", 1.5, 1), "objects must be a whole number, 1 or more, got 1.5"),
        (("three_boxes", 1, 1, (0, 4)), "resolution is .* got"),
    ],
)
def test_requests_that_make_no_sense(request_: tuple[object, ...], message: str) -> None:
    with pytest.raises(SceneError, match=message):
        posed_views(*request_)  # type: ignore[arg-type]
    with pytest.raises(SceneError, match="there is no object -1"):
        make_scene("three_boxes", 0, -1)


def test_categories_bear_their_own_names() -> None:
    assert {"shepard_metzler", "three_boxes", "cars", "chairs"} <= CATEGORIES.keys()
    for name, category in CATEGORIES.items():
        scene = make_scene(name, 0, 0)
        assert scene.category == category.name == name


def directions(poses: Tensor) -> tuple[Tensor, Tensor]:
    """Distance from the origin, and elevation in degrees."""
    eye = poses[:, :3, 3]
    return eye.norm(dim=-1), torch.rad2deg(torch.asin(eye[:, 2] / eye.norm(dim=-1)))


def test_cameras_are_spread_evenly_over_their_zone() -> None:
    poses = CameraRange(-30, 65).poses(make_scene("cars", 0, 0), np.random.default_rng(0), 4000)
    radius, elevation = directions(poses)
    assert torch.allclose(radius, torch.tensor(1.2))
    assert -30 <= elevation.min() < -28 < 63 < elevation.max() <= 65.01
    height = (torch.sin(torch.deg2rad(elevation)) + 0.5) / (np.sin(np.deg2rad(65)) + 0.5)
    quarters = torch.tensor([0.25, 0.5, 0.75])
    assert torch.allclose(height.quantile(quarters), quarters, atol=0.03)
    assert poses[:, :2, 3].mean(0).norm() < 0.03, "all azimuths alike"


def test_cameras_look_at_their_target_with_the_world_upright() -> None:
    azimuth, elevation = np.array([0, 90, 45, 200.0]), np.array([0, 0, 90, -90.0])
    poses = orbit_poses(azimuth, elevation, radius=2, target=(0.1, 0.2, 0.3)).double()
    expected = torch.tensor([[2.1, 0.2, 0.3], [0.1, 2.2, 0.3], [0.1, 0.2, 2.3], [0.1, 0.2, -1.7]])
    assert torch.allclose(poses[:, :3, 3], expected.double(), atol=1e-6)
    towards = torch.tensor([0.1, 0.2, 0.3]) - poses[:, :3, 3]
    assert torch.allclose(poses[:, :3, 2], towards / 2, atol=1e-6)
    assert torch.allclose(poses[:2, :3, 1], torch.tensor([0.0, 0, -1]).double(), atol=1e-6)
    steps = orbit_poses(np.full(3, 45.0), np.array([89.9, 90, 89.9]))
    assert (steps[1:] - steps[:-1]).abs().max() < 0.01, "no jump at the pole"


def test_intrinsics_have_square_pixels() -> None:
    wide = intrinsics(0.75, (40, 60))
    assert wide[0, 0] * 60 == wide[1, 1] * 40 == 45
    assert wide[:2, 2].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("elevations", [(30, 20), (-91, 0), (0, float("nan"))])
def test_impossible_cameras_are_refused(elevations: tuple[float, float]) -> None:
    with pytest.raises(SceneError, match="−90 ≤ low ≤ high ≤ 90"):
        CameraRange(*elevations)
    with pytest.raises(SceneError, match="must be positive, got -1"):
        CameraRange(0, 1, radius=-1)


def test_without_the_answers_of_notebook_1_scenes_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "course_lib.solved.camera_geometry", None)
    monkeypatch.delattr(course_lib.solved, "camera_geometry", raising=False)
    with pytest.raises(AnswersMissingError, match="answers of notebook 1 are not published yet"):
        posed_views("three_boxes", 1, 1)[0]
    assert make_scene("three_boxes", 0, 0).parts, "objects need no cameras"
