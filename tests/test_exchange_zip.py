"""Downloaded zips and indexes that are damaged or hostile: nothing outside is written, nobody else suffers."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading import download
from autograder.grading.entry import LayoutError
from autograder.grading.intake import Intake
from autograder.grading.submission import Submission
from autograder.grading.yaml_events import YamlError, read_yaml

NOTEBOOK = "01_camera_geometry"
CELL = {"cell_type": "code", "metadata": {}, "source": "x = 1"}
GOOD = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL]}).encode()

Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    def work(*members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
        path = tmp_path / "submissions.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
        return path

    return work


def students(path: Path) -> list[str]:
    return [s.student for s in read(path)]


def read(path: Path) -> list[Submission]:
    return Intake(path, NOTEBOOK, 1, 1).submissions()


@pytest.mark.parametrize(
    "name", ["../evil.ipynb", "/tmp/evil.ipynb", "..\\evil.ipynb", "C:\\evil.ipynb"]
)
def test_names_that_lead_out_of_the_zip_are_left_out(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "private"))
    (tmp_path / "private").mkdir()
    path = pack((name, GOOD), ("ada.ipynb", GOOD))
    assert students(path) == ["ada"]
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["submissions.zip"]
    assert list((tmp_path / "private").iterdir()) == []  # and nothing stays behind


def test_links_are_left_out(pack: Pack) -> None:
    link = zipfile.ZipInfo("eve.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert students(pack((link, b"/etc/passwd"), ("ada.ipynb", GOOD))) == ["ada"]


@pytest.mark.parametrize("name", ["x" * 300 + ".ipynb", "ada.ipynb/below.ipynb", "ada.ipynb"])
def test_names_that_no_file_can_have_hurt_nobody_else(pack: Pack, name: str) -> None:
    with pytest.warns(UserWarning, match="Duplicate") if name == "ada.ipynb" else nullcontext():
        path = pack(("ada.ipynb", GOOD), (name, b"hostile"), ("zoe.ipynb", GOOD))
    assert [(s.student, s.problems) for s in read(path)] == [("ada", ()), ("zoe", ())]


def test_a_huge_file_costs_its_author_only(pack: Pack) -> None:
    ada, zoe = read(pack(("ada.ipynb", b" " * 3 * 2**20), ("zoe.ipynb", GOOD)))
    assert "at most 1 MB are read. Clear the notebook's outputs" in ada.problems[0]
    assert zoe.problems == ()


def test_a_zip_larger_than_the_disk_is_refused(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_MOST_BYTES", 2**20)
    half = b" " * 2**19
    path = pack(*((f"s{i}.ipynb", half) for i in range(4)))
    with pytest.raises(LayoutError, match="unpacked it is larger than"):
        read(path)


def test_too_many_files_are_refused(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_MOST_FILES", 2)
    with pytest.raises(LayoutError, match="holds 3 files; at most 2 are read"):
        read(pack(*((f"s{i}.ipynb", GOOD) for i in range(3))))


def test_a_damaged_zip_is_to_be_downloaded_again(pack: Pack, tmp_path: Path) -> None:
    path = pack(("ada.ipynb", GOOD))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(
        LayoutError, match=r"submissions\.zip: the zip is damaged .* Download it again"
    ):
        read(path)


def test_an_encrypted_zip_is_refused(pack: Pack) -> None:
    path = pack(("ada.ipynb", GOOD))
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1
    path.write_bytes(raw)
    with pytest.raises(LayoutError, match=r"cannot be read .*password"):
        read(path)


def test_one_students_zip_is_a_class_of_one(pack: Pack) -> None:
    facts = {"format": 1, "student": {"id": "jdoe", "name": "Jo"}}
    path = pack(("submission.json", json.dumps(facts).encode()), (f"{NOTEBOOK}.ipynb", GOOD))
    assert students(path) == ["jdoe"]


def test_a_zipped_class_folder_is_a_class(pack: Pack) -> None:
    assert students(pack(("class/ada.ipynb", GOOD), ("class/bo/n.ipynb", GOOD))) == ["ada", "bo"]


def test_another_file_is_neither(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").write_bytes(GOOD)
    with pytest.raises(LayoutError, match="put it into a folder of its own and name that folder"):
        read(tmp_path / "ada.ipynb")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: " + "[" * 1_000_000, "line 1: nested too deeply"),
        ("s_1:\n  :results: " + "[" * 1_000_000, "line 2: nested too deeply"),
        ("a: b: c", "mapping values are not allowed"),
        ("a:\n\t- x", "cannot start any token"),
        ("- 1\n- 2", "lists no submissions"),
        ("", "lists no submissions"),
    ],
)  # fmt: skip
def test_an_unusable_index_is_named_with_what_to_do(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "submission_metadata.yml").write_text(text)
    with pytest.raises(
        LayoutError, match=rf"submission_metadata\.yml: .*{message}.*Download the subm"
    ):
        read(tmp_path)


def test_an_index_of_nonsense_is_survived(tmp_path: Path) -> None:
    nonsense = "..: {}\n'': {}\ns_1: 5\ns_2: {':submitters': [x, {':name': [y]}]}\n? [a]\n: b\n"
    (tmp_path / "submission_metadata.yml").write_text(nonsense)
    assert all(s.problems for s in read(tmp_path))
    assert len(read(tmp_path)) == 4


def test_an_export_among_other_things_is_named(tmp_path: Path) -> None:
    (tmp_path / "assignment_8_export").mkdir()
    (tmp_path / "assignment_8_export" / "submission_metadata.yml").write_text("s_1: {}")
    (tmp_path / "ada.ipynb").write_bytes(GOOD)
    with pytest.raises(LayoutError, match="Grade it by itself: name that folder"):
        read(tmp_path)


@pytest.mark.parametrize("others", [(), ("bob",)])
def test_a_student_cannot_make_a_download_of_a_folder(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    """An index, or names as of Canvas, in one student's own folder speak for nobody and stop nothing."""
    index = "s_1:\n  :submitters:\n  - :name: Bob\n    :sid: bob\n"
    for name in ("alice", *others):
        (tmp_path / name / "s_1").mkdir(parents=True)
        (tmp_path / name / "submission_metadata.yml").write_text(index)
        (tmp_path / name / "doe_1001_5001_a.ipynb").write_bytes(GOOD)
    assert students(tmp_path) == ["alice", *others]


def test_a_folder_of_canvas_files_in_a_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "hw1_submissions").mkdir()
    for name in ("doe_1001_5001_a.ipynb", "lee_1002_5002_a.ipynb"):
        (tmp_path / "hw1_submissions" / name).write_bytes(GOOD)
    assert len(read(tmp_path)) == 2


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(self: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(LayoutError, match="cannot be read: Permission denied"):
        read(tmp_path)


def test_deep_results_of_one_student_stop_nothing(tmp_path: Path) -> None:
    deep = "[" * 1000 + "]" * 1000
    index = f"s_1:\n  :results: {deep}\n  :submitters:\n  - :sid: jdoe\n"
    (tmp_path / "submission_metadata.yml").write_text(index)
    assert students(tmp_path) == ["jdoe"]


def test_what_ruby_writes_for_nothing_is_nothing(tmp_path: Path) -> None:
    people = "  - :name: ~\n    :sid: null\n    :email: jane@uni.edu\n"
    results = '  :status: :processed\n  :results: !ruby/hash:Any\n    output: "\\e[31m \\0"\n'
    index = f"---\ns_1:\n  :submitters:\n{people}{results}"
    (tmp_path / "submission_metadata.yml").write_text(index)
    (submission,) = read(tmp_path)
    assert (submission.student, submission.name) == ("jane@uni.edu", "")


def test_an_index_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "submission_metadata.yml").write_bytes(b"a: \xff")
    with pytest.raises(LayoutError, match="not UTF-8 text, from byte 3 on"):
        read(tmp_path)


texts = st.text("abc: -[]{}#&*!'\"\n", max_size=6)


@settings(deadline=None)
@given(st.recursive(texts, lambda x: st.lists(x) | st.dictionaries(texts, x), max_leaves=12))
def test_any_json_is_read_as_its_texts(value: object) -> None:
    """JSON is YAML: what goes in as text comes out as text, at every level."""
    document = {"s": {"kept": value, "dropped": value}}
    assert read_yaml(json.dumps(document), {"kept"}) == {"s": {"kept": value}}


@settings(deadline=None)
@given(st.text("abc: -[]{}#&*!|>%@`?'\"\n\t,0123", max_size=60))
def test_any_text_is_a_document_or_a_readable_error(text: str) -> None:
    try:
        read_yaml(text, ())
    except YamlError as error:
        assert str(error)  # noqa: PT017
