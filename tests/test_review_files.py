"""Code and outputs come from the files that were graded: found by their hash, whatever they are called by now."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.entry import LayoutError
from autograder.grading.gradescope_export import INDEX
from autograder.grading.intake import Intake
from autograder.review.files import ClassFiles, NotFoundError
from tests.first_published import FIRST
from tests.review_class import make_class, pack
from tests.review_notebook import honest
from tests.review_server import Running, serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two submissions."""
    place = tmp_path / "class"
    place.mkdir()
    pack(place / "ada.zip", honest("Ada", "ada"), "ada", "Ada")
    (place / "ben.ipynb").write_text(json.dumps(honest("Ben", "ben")))
    return place


def digests(folder: Path) -> dict[str, str]:
    return {s.student: s.digest for s in Intake(folder, FIRST).submissions()}


def test_a_file_is_found_by_its_name_and_hash(folder: Path) -> None:
    files, known = ClassFiles([folder]), digests(folder)
    assert b"hello from ada" in files.notebook(known["ada"], "ada.zip", FIRST)
    assert b"hello from ben" in files.notebook(known["ben"], "ben.ipynb", FIRST)


def test_a_renamed_file_is_found_by_its_hash_alone(folder: Path) -> None:
    known = digests(folder)
    files = ClassFiles([folder])
    (folder / "ada.zip").rename(folder / "zz.zip")
    assert b"hello from ada" in files.notebook(known["ada"], "ada.zip", FIRST)
    assert b"hello from ada" in files.notebook(known["ada"], "nothing", FIRST)


def test_another_folder_may_have_it(folder: Path, tmp_path: Path) -> None:
    known = digests(folder)
    other = tmp_path / "other"
    other.mkdir()
    shutil.move(folder / "ada.zip", other / "late.zip")
    assert b"hello from ada" in ClassFiles([folder, other]).notebook(known["ada"], "ada.zip", FIRST)


def test_a_changed_file_is_not_shown_for_the_graded_one_until_it_is_put_back(folder: Path) -> None:
    known, files = digests(folder), ClassFiles([folder])
    graded = (folder / "ada.zip").read_bytes()
    assert files.notebook(known["ada"], "ada.zip", FIRST)
    pack(folder / "ada.zip", honest("Ada", "ada", "Changed since."), "ada", "Ada")
    with pytest.raises(
        NotFoundError, match=r"has the contents of ada\.zip as it was graded.*FOLDER FOLDER"
    ):
        files.notebook(known["ada"], "ada.zip", FIRST)
    (folder / "back.zip").write_bytes(graded)
    assert b"Changed" not in files.notebook(known["ada"], "ada.zip", FIRST)


def test_without_a_folder_it_says_how_to_name_one() -> None:
    with pytest.raises(NotFoundError, match="autograder serve FOLDER"):
        ClassFiles([]).notebook("digest", "ada.zip", FIRST)


def test_a_download_is_unpacked_where_nobody_looks_and_deleted_in_the_end(
    folder: Path, tmp_path: Path
) -> None:
    download = tmp_path / "submissions.zip"
    with zipfile.ZipFile(download, "w") as archive:
        archive.write(folder / "ada.zip", "doejane_12_34_ada.zip")
        archive.write(folder / "ben.ipynb", "../../beyond.ipynb")
    files, known = ClassFiles([download]), digests(folder)
    assert b"hello from ada" in files.notebook(known["ada"], "ada.zip", FIRST)
    with pytest.raises(NotFoundError):
        files.notebook(known["ben"], "ben.ipynb", FIRST)
    files.close()
    assert not (tmp_path.parent / "beyond.ipynb").exists()


def test_a_file_that_is_no_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(LayoutError, match="neither a folder of submissions nor a zip"):
        ClassFiles([tmp_path / "notes.txt"])


def test_damaged_neighbours_do_not_stop_the_search(folder: Path) -> None:
    known = digests(folder)
    (folder / "a_broken.zip").write_bytes(b"PK\x03\x04")
    (folder / "b_link.zip").symlink_to("/etc/passwd")
    (folder / "c_empty.ipynb").write_bytes(b"")
    assert b"hello from ben" in ClassFiles([folder]).notebook(known["ben"], "gone", FIRST)


@pytest.fixture
def without_files(tmp_path: Path) -> Iterator[Running]:
    make_class(tmp_path / "course")
    with serving(tmp_path / "course") as server:
        yield server


def test_marks_and_answers_are_shown_without_any_file(without_files: Running) -> None:
    client = without_files.client()
    for path in (without_files.person("bjorn"), without_files.item("bjorn", "look_at"),
                 without_files.person("bjorn") + "/notebook"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200
        assert (
            "<code>autograder serve FOLDER</code>" in answer.text
            or "autograder serve FOLDER" in answer.text
        )
    assert "Half a pixel, I think." in client.get(without_files.item("bjorn")).text
    client.close()


def test_a_folder_that_cannot_be_used_any_more_says_why(tmp_path: Path) -> None:
    place = tmp_path / "class"
    place.mkdir()
    files = ClassFiles([place])
    export = place / "assignment_1_export"
    export.mkdir()
    (export / INDEX).write_text("{}")
    (place / "notes.txt").write_text("")
    for _ in range(2):
        with pytest.raises(NotFoundError, match=r"is an export from Gradescope among other things"):
            files.notebook("digest", "ada.zip", FIRST)
