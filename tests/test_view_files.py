"""Files of posed views: what is written is read again, and what is not one of ours is named."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import struct
import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from course_lib.data import PosedViews, ViewFile, ViewFileError
from tests.sound_views import make_views

BATCHES = st.sampled_from([(), (1,), (4,), (3, 2), (0, 2)])
HEADER = {
    "format": "posed views",
    "version": "1",
    "near": "0.4",
    "far": "3.5",
    "name": "",
    "label_names": "[]",
}


def assert_same(one: PosedViews, other: PosedViews) -> None:
    assert one.tensors().keys() == other.tensors().keys()
    for field, value in one.tensors().items():
        assert torch.equal(value, getattr(other, field)), field
        assert value.dtype == getattr(other, field).dtype
    assert [one.near, one.far, one.name, one.label_names] == [
        other.near,
        other.far,
        other.name,
        other.label_names,
    ]


@given(BATCHES, st.booleans(), st.floats(1e-3, 1), st.floats(1.5, 1e4), st.text(max_size=5))
def test_what_is_saved_is_loaded_exactly(
    batch: tuple[int, ...], extras: bool, near: float, far: float, name: str
) -> None:
    views = dataclasses.replace(make_views(*batch, extras=extras), near=near, far=far, name=name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made" / "up" / "views.safetensors"
        views.save(path)
        assert_same(views, PosedViews.load(path))
        assert [file.name for file in path.parent.iterdir()] == ["views.safetensors"]


def test_compact_files_are_rounded_as_documented(tmp_path: Path) -> None:
    views = make_views(3, 4, resolution=(16, 16))
    views.save(tmp_path / "exact")
    views.save(tmp_path / "compact", compact=True)
    again = PosedViews.load(tmp_path / "compact")
    assert (again.images - views.images).abs().max() <= 1 / 510 + 1e-7
    assert torch.equal((again.images * 255).round().byte(), (views.images * 255).round().byte())
    assert torch.equal(again.foreground(), views.foreground())
    seen = views.foreground()
    assert ((again.depth / views.depth)[seen] - 1).abs().max() <= 1 / 2048
    assert (again.normals - views.normals).abs().max() <= 1 / 2048
    for field in ("K", "world_from_camera", "labels"):
        assert torch.equal(getattr(again, field), getattr(views, field))
    sizes = [(tmp_path / name).stat().st_size for name in ("compact", "exact")]
    assert sizes[0] < 0.45 * sizes[1]
    # Once rounded, nothing changes any more.
    again.save(tmp_path / "twice", compact=True)
    assert_same(PosedViews.load(tmp_path / "twice"), again)


@pytest.mark.parametrize("value", [1e-5, 1e5])
def test_depths_beyond_sixteen_bits_are_kept_exactly(tmp_path: Path, value: float) -> None:
    depth = make_views(2).depth.clone()
    depth[1, 2, 3] = value
    dataclasses.replace(make_views(2), depth=depth).save(tmp_path / "views", compact=True)
    assert torch.equal(PosedViews.load(tmp_path / "views").depth, depth)


def test_a_single_matrix_is_stored_once_and_many_are_kept(tmp_path: Path) -> None:
    views = make_views(2, 3)
    views.save(tmp_path / "one")
    assert load_file(tmp_path / "one")["K"].shape == (3, 3)
    K = views.K.clone()
    K[1, 2, 0, 0] = 2
    dataclasses.replace(views, K=K).save(tmp_path / "many")
    assert torch.equal(PosedViews.load(tmp_path / "many").K, K)


def test_parts_and_fields_that_share_memory_can_be_saved(tmp_path: Path) -> None:
    views = make_views(5, 4)
    part = views[1:4:2]
    twins = dataclasses.replace(part, images=part.normals.abs().clamp(max=1))
    twins = dataclasses.replace(twins, normals=None)
    object.__setattr__(twins, "normals", twins.images)
    twins.save(tmp_path / "views")
    assert torch.equal(load_file(tmp_path / "views")["normals"], twins.images)
    part.save(tmp_path / "part")
    assert_same(PosedViews.load(tmp_path / "part"), part)


class TestReadingPieces:
    @given(st.sampled_from([(4,), (4, 2)]), st.one_of(st.integers(-4, 3), st.slices(4)))
    def test_a_piece_of_the_file_is_a_piece_of_the_views(
        self, batch: tuple[int, ...], index: Any
    ) -> None:
        views = make_views(*batch)
        with tempfile.TemporaryDirectory() as folder:
            views.save(path := Path(folder) / "views")
            file = ViewFile(path)
            assert len(file) == 4
            assert_same(file[index], views[index])

    def test_iteration_and_other_processes(self, tmp_path: Path) -> None:
        views = make_views(3, 2)
        views.save(tmp_path / "views")
        file = pickle.loads(pickle.dumps(ViewFile(tmp_path / "views")))
        for one, other in zip(file, views, strict=True):
            assert_same(one, other)

    def test_only_the_piece_is_read(self, tmp_path: Path) -> None:
        views = make_views(3)
        views.save(path := tmp_path / "views")
        images = load_file(path)["images"]
        raw = bytearray(path.read_bytes())
        start = raw.index(images[2].numpy().tobytes())
        raw[start : start + 4] = struct.pack("<f", 300)
        path.write_bytes(raw)
        assert_same(ViewFile(path)[:2], views[:2])
        with pytest.raises(
            ViewFileError, match=r"views, entry 2, holds .* cannot be right: images is \("
        ):
            ViewFile(path)[2]

    @pytest.mark.parametrize("index", [3, -4])
    def test_beyond_the_end(self, tmp_path: Path, index: int) -> None:
        make_views(3).save(tmp_path / "views")
        with pytest.raises(IndexError, match=f"views has no entry {index}; it holds 3"):
            ViewFile(tmp_path / "views")[index]

    def test_a_single_view(self, tmp_path: Path) -> None:
        make_views(1)[0].save(tmp_path / "views")
        with pytest.raises(
            ViewFileError, match=r"holds a single view; read it with PosedViews\.load"
        ):
            ViewFile(tmp_path / "views")


class TestForeignFiles:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        make_views(3).save(tmp_path / "views.safetensors")
        return tmp_path / "views.safetensors"

    @pytest.mark.parametrize("left", [1, 7, 100, 2000])
    def test_cut_off(self, path: Path, left: int) -> None:
        path.write_bytes(path.read_bytes()[:left])
        cause = "cut off or damaged" if left > 8 else "is no safetensors file"
        for read in (PosedViews.load, ViewFile):
            with pytest.raises(ViewFileError, match=rf"views\.safetensors .*{cause}"):
                read(path)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", r"is empty; make or copy it again"),
            (pickle.dumps([1, 2, 3] * 99), r"looks like a pickle .*never loaded"),
            (b"PK\x03\x04" + bytes(200), r"looks like a pickle or a torch\.save file"),
            (b"\x89PNG\r\n\x1a\n" + bytes(200), r"is no safetensors file; give one that"),
        ],
    )
    def test_of_another_kind(self, path: Path, content: bytes, message: str) -> None:
        path.write_bytes(content)
        with pytest.raises(ViewFileError, match=rf"views\.safetensors {message}"):
            PosedViews.load(path)

    def test_not_there_or_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ViewFileError, match=r"there is no file .*nowhere; is the path right\?"):
            PosedViews.load(tmp_path / "nowhere")
        with pytest.raises(ViewFileError, match=r"is a folder; give the file in it"):
            PosedViews.load(tmp_path)

    def test_safetensors_of_something_else(self, path: Path) -> None:
        save_file({"weights": torch.zeros(3), "bias": torch.zeros(1)}, path)
        with pytest.raises(ViewFileError, match=r"not of posed views \(it holds bias, weights\)"):
            PosedViews.load(path)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                {"version": "2"},
                r"newer course library \(format 2; this one reads up to 1\): install",
            ),
            ({"version": "one"}, r"is damaged \(version 'one'\)"),
            ({"near": "close"}, r"is damaged: its header is wrong .could not convert .*'close'"),
            ({"far": "0.1"}, r"views that cannot be right: far \(0\.1\) must lie beyond near"),
            ({"label_names": "[3]"}, r"cannot be right: label_names"),
            ({"label_names": "3"}, r"is damaged: its header is wrong"),
            ({"label_names": "["}, r"is damaged: its header is wrong"),
        ],
    )
    def test_a_header_that_is_wrong(self, path: Path, change: dict[str, str], message: str) -> None:
        save_file(load_file(path), path, HEADER | change)
        with pytest.raises(ViewFileError, match=rf"views\.safetensors .*{message}"):
            PosedViews.load(path)

    @pytest.mark.parametrize("key", ["near", "far", "label_names"])
    def test_a_header_that_lacks_something(self, path: Path, key: str) -> None:
        save_file(load_file(path), path, {k: v for k, v in HEADER.items() if k != key})
        with pytest.raises(
            ViewFileError, match=f"is damaged: its header has no '{key}'; make it again"
        ):
            PosedViews.load(path)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"images": None}, r"is damaged \(missing or unknown tensors: images\)"),
            ({"secret": torch.zeros(1)}, r"is damaged \(missing or unknown tensors: secret\)"),
            ({"depth": torch.ones(3, 9, 9)}, r"cannot be right: depth has shape \(3, 9, 9\)"),
            ({"labels": torch.ones(3, 5, 7)}, r"cannot be right: labels has dtype torch\.float32"),
            (
                {"world_from_camera": torch.ones(3, 4, 4)},
                r"world_from_camera\[0\] has the last row",
            ),
        ],
    )
    def test_tensors_that_do_not_fit(
        self, path: Path, change: dict[str, Any], message: str
    ) -> None:
        tensors = load_file(path) | change
        save_file({k: v for k, v in tensors.items() if v is not None}, path, HEADER)
        with pytest.raises(ViewFileError, match=message):
            PosedViews.load(path)


class TestNothingIsLost:
    def test_the_old_file_outlives_a_failure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "views"
        make_views(3).save(path)

        def full(tensors: object, part: Path, metadata: object) -> None:
            part.write_bytes(b"half a fi")
            raise OSError("No space left on device")

        monkeypatch.setattr("course_lib.data.view_files.save_file", full)
        with pytest.raises(
            ViewFileError, match=r"views cannot be written: No space left .*disk full"
        ):
            make_views(4).save(path)
        assert_same(PosedViews.load(path), make_views(3))
        assert os.listdir(tmp_path) == ["views"]

    def test_a_place_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(ViewFileError, match=r"views cannot be written"):
            make_views(1).save(tmp_path / "file" / "views")


def test_the_header_is_plain_text(tmp_path: Path) -> None:
    make_views(2).save(tmp_path / "views")
    raw = (tmp_path / "views").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])["__metadata__"]
    assert header["format"] == "posed views"
    assert json.loads(header["label_names"]) == ["background", "body", "wheel"]
