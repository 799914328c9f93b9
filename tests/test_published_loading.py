"""Sound data sets in the published formats: every trap of the formats, against pictures of known points."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.data import PosedViews, SrnObjects, ViewsError, few_shot, load_lfn, load_srn
from tests.published_fakes import (
    FOCAL,
    HEIGHT,
    WIDTH,
    FakeObject,
    make_object,
    png,
    write_folder,
    write_hdf5,
)

Write = Callable[[Path, dict[str, FakeObject]], Path]
FORMATS = [
    pytest.param(lambda root, made: write_folder(root / "cars_train", made), load_srn, id="srn"),
    pytest.param(lambda root, made: write_hdf5(root / "cars_train.hdf5", made), load_lfn, id="lfn"),
]
both = pytest.mark.parametrize(("write", "load"), FORMATS)


def seen_at(views: PosedViews, point: np.ndarray) -> Tensor:
    """(column, row) of a world point in every view, in pixels from the picture's edge."""
    homogeneous = torch.tensor([*point, 1.0], dtype=torch.float64)
    in_camera = torch.linalg.inv(views.world_from_camera.double()) @ homogeneous
    image = (views.K.double() @ in_camera[:, :3, None])[..., 0]
    return image[:, :2] / image[:, 2:] * torch.tensor([WIDTH, HEIGHT])


@both
@pytest.mark.parametrize("one_line", [True, False])
@pytest.mark.parametrize("inverted", [None, False, True])
def test_the_point_is_where_camera_and_picture_say(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects], one_line: bool, inverted: bool
) -> None:
    made = {f"object{i}": make_object(i, one_line=one_line, inverted=inverted) for i in range(3)}
    objects = load(write(tmp_path, made))
    assert objects.names == tuple(made)
    for views, fake in zip(objects, made.values(), strict=True):
        columns_rows = seen_at(views, fake.point).floor().long()
        expected = torch.tensor(fake.color) / 255
        for view, (column, row) in enumerate(columns_rows.tolist()):
            assert (row, column) == fake.pixels[view]
            torch.testing.assert_close(views.images[view, row, column], expected)
            assert (views.images[view] < 1).any(-1).sum() == 1  # all else is white
        assert (views.near, views.far) == (0.8, 1.8)


@both
def test_intrinsics_are_normalised_and_poses_as_written(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    fake = make_object(5)
    views = load(write(tmp_path, {"one": fake}))[0]
    expected = torch.tensor([[FOCAL / WIDTH, 0, 0.5], [0, FOCAL / HEIGHT, 0.5], [0, 0, 1]])
    torch.testing.assert_close(views.K, expected.expand(4, 3, 3))
    poses = torch.from_numpy(np.stack(fake.poses)).float()
    torch.testing.assert_close(views.world_from_camera, poses)
    assert views.images.shape == (4, HEIGHT, WIDTH, 3)
    assert views.name == "one"


@both
def test_published_rays_look_through_the_corners_of_pixels(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    path = write(tmp_path, {"one": make_object(5)})
    for resolution in (None, (12, 8)):
        views = load(path, resolution=resolution, published_rays=True)[0]
        height, width = views.resolution
        pixel_centre = torch.tensor([(3 + 0.5) / width, (5 + 0.5) / height, 1.0])
        ray = torch.linalg.inv(views.K[0]) @ pixel_centre
        # As the authors' code has it: whole pixel numbers, the principal point scaled along.
        expected = [(3 / width - 0.5) * WIDTH / FOCAL, (5 / height - 0.5) * HEIGHT / FOCAL, 1]
        torch.testing.assert_close(ray, torch.tensor(expected))


def test_the_nested_training_set_of_chairs_is_found_by_either_name(tmp_path: Path) -> None:
    inner = write_folder(tmp_path / "chairs_train" / "chairs_2.0_train", {"one": make_object(0)})
    for root in (inner, inner.parent, str(inner.parent)):
        objects = load_srn(root)
        assert objects.names == ("one",)
        assert (objects.near, objects.far) == (1.25, 2.75)


@both
def test_objects_with_unequal_counts_are_left_out_and_named(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    made = {name: make_object(i) for i, name in enumerate(("a", "b", "c", "d"))}
    del made["b"].files["pose/000002.txt"]
    del made["d"].files["rgb/000003.png"]
    path = write(tmp_path, made)
    with pytest.warns(
        UserWarning, match=r"cars_train.*2 of 4 objects are incomplete: b \(4 pic"
    ) as said:
        objects = load(path)
    assert said[0].filename == __file__  # the caller's line, not the library's
    assert objects.names == ("a", "c")
    assert objects.skipped == {
        "b": "4 pictures, 3 poses, no pose/000002.txt",
        "d": "3 pictures, 4 poses, no rgb/000003.png",
    }
    with pytest.raises(ValueError, match=r"2 of 4 objects are incomplete.*unpack it again"):
        load(path, strict=True)


@both
def test_equal_counts_of_different_views_are_no_match(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    made = {"a": make_object(0), "b": make_object(1)}
    del made["b"].files["pose/000002.txt"], made["b"].files["rgb/000001.png"]
    with pytest.warns(UserWarning, match=r"b \(3 pictures, 3 poses, no pose/000002\.txt\)"):
        assert load(write(tmp_path, made)).names == ("a",)


@both
def test_max_objects_counts_those_that_are_whole(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    made = {name: make_object(i) for i, name in enumerate("abcd")}
    del made["a"].files["pose/000002.txt"]
    path = write(tmp_path, made)
    with pytest.warns(UserWarning, match="1 of 3 objects"):
        assert load(path, max_objects=2).names == ("b", "c")
    with pytest.raises(ValueError, match="max_objects is 0"):
        load(path, max_objects=0)


@both
@pytest.mark.parametrize(
    ("views", "expected"),
    [(None, range(7)), (7, range(7)), (3, (0, 2, 4)), (1, (0,)), ((5, 0, 6), (5, 0, 6))],
)
def test_views_are_spread_as_published_or_as_asked(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects], views: object, expected: range
) -> None:
    fake = make_object(2, views=7)
    loaded = load(write(tmp_path, {"one": fake}), views=views)[0]
    poses = torch.from_numpy(np.stack([fake.poses[i] for i in expected])).float()
    torch.testing.assert_close(loaded.world_from_camera, poses)
    for image, i in zip(loaded.images, expected, strict=True):
        torch.testing.assert_close(image[fake.pixels[i]], torch.tensor(fake.color) / 255)


@pytest.mark.parametrize("resolution", [(12, 16), (24, 16), (6, 32), (5, 7), (24, 32), (1, 1)])
def test_pictures_are_averaged_over_areas(tmp_path: Path, resolution: tuple[int, int]) -> None:
    fake = make_object(3, views=2)
    pixels = np.random.default_rng(0).integers(0, 256, (2, HEIGHT, WIDTH, 3), np.uint8)
    for view in range(2):
        fake.files[f"rgb/{view:06}.png"] = png(pixels[view])
    loaded = load_srn(write_folder(tmp_path / "cars", {"one": fake}), resolution=resolution)[0]
    # The oracle: blow up to a common multiple, then plain means of blocks.
    rows, columns = resolution
    blown = pixels.astype(np.float64).repeat(rows, axis=1).repeat(columns, axis=2) / 255
    expected = blown.reshape(2, rows, HEIGHT, columns, WIDTH, 3).mean(axis=(2, 4))
    torch.testing.assert_close(loaded.images, torch.from_numpy(expected).float(), atol=2e-6, rtol=0)
    assert loaded.images.max() <= 1


def test_half_transparent_pixels_are_laid_on_white(tmp_path: Path) -> None:
    fake = make_object(0, views=1)
    pixels = np.full((HEIGHT, WIDTH, 4), (255, 0, 51, 102), np.uint8)
    fake.files["rgb/000000.png"] = png(pixels)
    image = load_srn(write_folder(tmp_path / "cars", {"one": fake}))[0].images
    expected = torch.tensor([1.0, 0.6, 0.2 * 0.4 + 0.6]).expand(1, HEIGHT, WIDTH, 3)
    torch.testing.assert_close(image, expected)


@both
def test_everything_at_once_and_from_another_process(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    path = write(tmp_path, {name: make_object(i) for i, name in enumerate("abc")})
    objects = pickle.loads(pickle.dumps(load(path)))
    batch = objects.all()
    assert batch.batch_shape == (3, 4)
    assert torch.equal(batch.images[2], objects[2].images)
    assert torch.equal(objects[-1].images, objects[2].images)
    assert batch.name == str(path)
    assert torch.equal(objects[1:].images, batch.images[1:])
    with pytest.raises(ViewsError, match="nothing to stack"):
        objects[3:]
    with pytest.raises(IndexError, match=r"has no object 3; 3 are here"):
        objects[3]


@pytest.mark.parametrize("stored", [np.void, bytes, lambda raw: np.frombuffer(raw, np.int8)])
def test_bytes_may_be_stored_in_hdf5_in_several_ways(
    tmp_path: Path, stored: Callable[[bytes], object]
) -> None:
    h5py = pytest.importorskip("h5py")
    fake = make_object(4)
    with h5py.File(tmp_path / "cars.hdf5", "w") as file:
        for member, content in fake.files.items():
            # A plain string cannot hold the zeros of a picture, so only texts are tried as one.
            fits = stored is not bytes or member.endswith(".txt")
            file[f"one/{member}"] = stored(content) if fits else np.void(content)
    views = load_lfn(tmp_path / "cars.hdf5")[0]
    torch.testing.assert_close(views.images[0][fake.pixels[0]], torch.tensor(fake.color) / 255)


class TestFewShot:
    def test_context_and_the_rest(self, tmp_path: Path) -> None:
        views = load_srn(write_folder(tmp_path / "cars", {"one": make_object(0, views=5)}))[0]
        context, targets = few_shot(views, (3, 1))
        assert torch.equal(context.images, views.images[[3, 1]])
        assert torch.equal(targets.world_from_camera, views.world_from_camera[[0, 2, 4]])

    def test_many_objects(self, tmp_path: Path) -> None:
        path = write_folder(
            tmp_path / "cars", {name: make_object(i) for i, name in enumerate("ab")}
        )
        batch = load_srn(path).all()
        context, targets = few_shot(batch, (2,))
        assert torch.equal(context.images, batch.images[:, [2]])
        assert torch.equal(targets.images, batch.images[:, [0, 1, 3]])

    @pytest.mark.parametrize("context", [(64,), (0, 0), (), (-1,)])
    def test_views_that_are_not_there(self, tmp_path: Path, context: tuple[int, ...]) -> None:
        views = load_srn(write_folder(tmp_path / "cars", {"one": make_object(0)}))[0]
        with pytest.raises(ValueError, match=r"context is .* there are the views 0…3.*251 views"):
            few_shot(views, context)
