"""Damaged data sets and wrong paths: which file, and what to do."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from course_lib.data import PublishedError, SrnObjects, load_lfn, load_srn
from tests.published_fakes import FakeObject, make_object, png, write_folder, write_hdf5

Write = Callable[[Path, dict[str, FakeObject]], Path]
FORMATS = [
    pytest.param(lambda root, made: write_folder(root / "cars_train", made), load_srn, id="srn"),
    pytest.param(lambda root, made: write_hdf5(root / "cars_train.hdf5", made), load_lfn, id="lfn"),
]
both = pytest.mark.parametrize(("write", "load"), FORMATS)


def pose(text: str) -> dict[str, bytes]:
    return {"pose/000002.txt": text.encode()}


def intrinsics(text: str) -> dict[str, bytes]:
    return {"intrinsics.txt": text.encode()}


IDENTITY = "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"
PICTURE = png(np.full((24, 32, 3), 99, np.uint8))
DAMAGES: list[tuple[dict[str, bytes], str]] = [
    (pose("1 " * 15), r"two/pose/000002\.txt holds 15 numbers, a pose has 16; .*unpack it again"),
    (pose(f"{IDENTITY} 7"), r"two/pose/000002\.txt holds 17 numbers"),
    (pose(""), r"two/pose/000002\.txt holds 0 numbers"),
    (pose("1 0 0\n0 1 0\n0 0 1\n0 0 0"), r"holds 12 numbers"),
    (pose(IDENTITY.replace("1 0 0 0 0 1", "1 0 0 0 0 one")), r"000002\.txt: .*'one'"),
    (pose(IDENTITY.replace("1 0 0 0 0 1", "1 0 0 nan 0 1")), r"000002\.txt is '1 0 0 nan"),
    (pose(IDENTITY.replace("0 1 0 0 0 0 1", "0 1 0 0 0 0 -1")), r"000002\.txt is left-handed"),
    (pose(IDENTITY.replace("1", "2")), r"two/pose/000002\.txt has the last row \(0, 0, 0, 2\)"),
    (pose("2 0 0 0 0 2 0 0 0 0 2 0 0 0 0 1"), r"000002\.txt holds no rotation.*by 2"),
    ({"pose/000002.txt": b"\x89\xff\x00"}, r"two/pose/000002\.txt is no text file"),
    ({"rgb/000001.png": PICTURE[:-30]}, r"picture .*two/rgb/000001\.png is cut off or damaged"),
    ({"rgb/000001.png": PICTURE[:-20]}, r"two/rgb/000001\.png is cut off .*without a PNG's end"),
    ({"rgb/000001.png": PICTURE[:-1]}, r"two/rgb/000001\.png is cut off .*without a PNG's end"),
    ({"rgb/000001.png": PICTURE[:40]}, r"two/rgb/000001\.png is cut off or damaged"),
    ({"rgb/000001.png": b""}, r"two/rgb/000001\.png is empty; .*unpack it again"),
    ({"rgb/000001.png": b"GIF87a"}, r"two/rgb/000001\.png is cut off or damaged"),
    (
        {"rgb/000001.png": PICTURE[:60] + bytes([PICTURE[60] ^ 255]) + PICTURE[61:]},
        r"two/rgb/000001\.png is cut off or damaged",
    ),
    (
        {"rgb/000001.png": png(np.full((12, 16, 3), 99, np.uint8))},
        r"two/rgb/000001\.png has 12×16 pixels, but others of its object 24×32",
    ),
    (
        {f"rgb/{i:06}.png": png(np.full((32, 24, 3), 99, np.uint8)) for i in range(4)},
        r"two/rgb/000000\.png has 32×24 pixels, but intrinsics\.txt is for 24×32",
    ),
    (intrinsics("26 16 12 0.\n0. 0. 0.\n1.\n"), r"two/intrinsics\.txt has 3 lines, not at least 4"),
    (intrinsics("26 16\n0. 0. 0.\n1.\n24 32"), r"intrinsics\.txt, line 1 is '26 16'; .*3 finite"),
    (intrinsics("f 16 12 0.\n0. 0. 0.\n1.\n24 32"), r"intrinsics\.txt, line 1: .*'f'"),
    (intrinsics("26 16 12 0.\n0. 0. 0.\n1.\n0 32"), r"line 4: pictures of '0 32' pixels"),
    (intrinsics("26 16 12 0.\n0. 0. 0.\n1.\n24 32\n7"), r"intrinsics\.txt, line 5 is '7'"),
    (intrinsics("-26 16 12 0.\n0. 0. 0.\n1.\n24 32"), r"two/intrinsics\.txt has focal lengths"),
    (intrinsics("26 1600 1200 0.\n0. 0. 0.\n1.\n24 32"), r"principal point \(50, 50\)"),
]


@both
@pytest.mark.parametrize(("damage", "message"), DAMAGES)
def test_damage_is_named_by_file_and_harms_no_other_object(
    tmp_path: Path,
    write: Write,
    load: Callable[..., SrnObjects],
    damage: dict[str, bytes],
    message: str,
) -> None:
    made = {"one": make_object(0), "two": make_object(1)}
    made["two"].files.update(damage)
    path = write(tmp_path, made)
    objects = load(path)
    assert objects[0].count == 4
    with pytest.raises(PublishedError, match=message) as caught:
        objects[1]
    assert str(path) in str(caught.value)


@both
def test_a_missing_intrinsics_file(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    made = {"one": make_object(0)}
    del made["one"].files["intrinsics.txt"]
    with pytest.raises(PublishedError, match=r"one/intrinsics\.txt is missing; .* again"):
        load(write(tmp_path, made))[0]


def test_a_file_that_vanishes_after_listing(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "cars", {"one": make_object(0)})
    objects = load_srn(path)
    (path / "one/pose/000003.txt").unlink()
    with pytest.raises(PublishedError, match=r"one/pose/000003\.txt is missing"):
        objects[0]


@both
def test_a_set_of_incomplete_objects_only(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects]
) -> None:
    made = {"one": make_object(0)}
    made["one"].files = {k: v for k, v in made["one"].files.items() if "pose" not in k}
    with pytest.raises(
        PublishedError, match=r"1 of 1 objects .*one \(4 pictures, 0 poses, no pose/"
    ):
        load(write(tmp_path, made))


@both
@pytest.mark.parametrize(
    ("views", "message"),
    [
        (5, r"views is 5, but object one has 4; ask for 1…4"),
        (0, r"views is 0"),
        ((64, 104), r"views asks for \[64, 104\], but object one has the views 0…3; .* 251"),
        ((-1,), r"views asks for \[-1\]"),
        ((), r"views asks for nothing"),
    ],
)
def test_views_that_an_object_does_not_have(
    tmp_path: Path, write: Write, load: Callable[..., SrnObjects], views: object, message: str
) -> None:
    objects = load(write(tmp_path, {"one": make_object(0)}), views=views)
    with pytest.raises(PublishedError, match=message):
        objects[0]


@pytest.mark.parametrize("resolution", [(48, 64), (24, 33), (0, 8)])
def test_a_resolution_that_pictures_do_not_have(
    tmp_path: Path, resolution: tuple[int, int]
) -> None:
    objects = load_srn(
        write_folder(tmp_path / "cars", {"one": make_object(0)}), resolution=resolution
    )
    with pytest.raises(
        ValueError, match=re.escape(f"{resolution}, but the pictures have (24, 32)")
    ):
        objects[0]


class TestNearAndFar:
    def test_of_other_things_must_be_given(self, tmp_path: Path) -> None:
        path = write_folder(tmp_path / "planes", {"one": make_object(0)})
        with pytest.raises(ValueError, match=r"planes does not say .*cars near=0\.8, far=1\.8"):
            load_srn(path)
        assert load_srn(path, near=0.5, far=2)[0].far == 2

    def test_are_known_from_the_nearest_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = tmp_path / "cars_and_chairs"
        write_folder(root / "cars_train", {"one": make_object(0)})
        write_folder(root / "chairs_train", {"one": make_object(0)})
        assert load_srn(root / "cars_train").far == 1.8
        monkeypatch.chdir(root / "chairs_train")
        assert load_srn(".").far == 2.75

    def test_both_or_neither(self, tmp_path: Path) -> None:
        path = write_folder(tmp_path / "cars", {"one": make_object(0)})
        with pytest.raises(ValueError, match="near is 1 and far is None; give both or neither"):
            load_srn(path, near=1)
        with pytest.raises(ValueError, match="near is 2 and far is 1; it must be 0 < near < far"):
            load_srn(path, near=2, far=1)


class TestWrongFolders:
    def test_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(PublishedError, match=r"nowhere does not exist; give the unpacked"):
            load_srn(tmp_path / "nowhere")

    def test_an_archive_that_was_not_unpacked(self, tmp_path: Path) -> None:
        (tmp_path / "cars_train.zip").write_bytes(b"PK")
        with pytest.raises(PublishedError, match=r"cars_train\.zip is a file, not a folder"):
            load_srn(tmp_path / "cars_train.zip")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(PublishedError, match=r"holds no objects \(folders with rgb/, pose/"):
            load_srn(tmp_path)

    @pytest.mark.parametrize("sets", [("cars_train",), ("cars_test", "cars_train")])
    def test_the_folder_above(self, tmp_path: Path, sets: tuple[str, ...]) -> None:
        for name in sets:
            write_folder(tmp_path / name, {"one": make_object(0)})
        names = ", ".join(map(repr, sets))
        with pytest.raises(
            PublishedError, match=f"holds data sets, not objects: give one of {names}"
        ):
            load_srn(tmp_path)

    def test_a_single_object(self, tmp_path: Path) -> None:
        path = write_folder(tmp_path / "cars", {"one": make_object(0)})
        with pytest.raises(
            PublishedError, match=r"one is a single object; .* all of them, .*cars$"
        ):
            load_srn(path / "one")


class TestWrongFiles:
    @pytest.mark.parametrize("name", ["cars.hdf5", "planes.hdf5"])
    def test_not_there(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(PublishedError, match=rf"{name} does not exist; give an HDF5 file"):
            load_lfn(tmp_path / name)

    def test_a_folder(self, tmp_path: Path) -> None:
        path = write_folder(tmp_path / "cars", {"one": make_object(0)})
        with pytest.raises(PublishedError, match=r"cars is a folder; .* load_srn"):
            load_lfn(path)

    @pytest.mark.parametrize("size", [0, 100, 5000])
    def test_cut_off(self, tmp_path: Path, size: int) -> None:
        path = write_hdf5(tmp_path / "cars.hdf5", {"one": make_object(0)})
        path.write_bytes(path.read_bytes()[:size])
        with pytest.raises(
            PublishedError, match=r"cars\.hdf5 is no HDF5 file or is cut off .*again"
        ):
            load_lfn(path)

    def test_without_objects(self, tmp_path: Path) -> None:
        with pytest.raises(PublishedError, match=r"cars\.hdf5 holds no objects"):
            load_lfn(write_hdf5(tmp_path / "cars.hdf5", {}))

    def test_of_another_layout(self, tmp_path: Path) -> None:
        import h5py

        with h5py.File(tmp_path / "cars.hdf5", "w") as file:
            file["images"] = np.zeros((3, 8, 8, 3))
            file["one/rgb"] = np.zeros((3, 8, 8, 3))
        with pytest.raises(PublishedError, match=r"1 of 1 objects .*one \(0 pictures, 0 poses\)"):
            load_lfn(tmp_path / "cars.hdf5")

    def test_without_h5py(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "h5py", None)
        with pytest.raises(PublishedError, match=r"needs the package h5py: run `pip install h5py`"):
            load_lfn(tmp_path / "cars.hdf5")
