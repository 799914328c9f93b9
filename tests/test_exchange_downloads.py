"""Class folders as Canvas and Gradescope hand them out: who handed in what, when, and nobody for somebody else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.grading.entry import known_ids
from autograder.grading.intake import Intake
from autograder.grading.submission import Submission

NOTEBOOK = "01_camera_geometry"


@dataclass(frozen=True)
class Listed:
    """A line of a roster."""

    id: str
    email: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""


ROSTER = known_ids(
    [
        Listed("jdoe", "jane@uni.edu", "1001", "900001", "jdoe"),
        Listed("asmith", "al@uni.edu", "1002", "900002", "asmith"),
    ]
)


def notebook(code: str) -> bytes:
    cell = {"cell_type": "code", "metadata": {}, "source": code}
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    ).encode()


def manifest(student: str, created: str = "2026-09-20T20:00:00+00:00") -> bytes:
    facts = {"format": 1, "student": {"id": student, "name": "Jo"}, "created": created, "files": {}}
    return json.dumps(facts).encode()


def packed(student: str, code: str = "x = 1") -> bytes:
    return zipped({"submission.json": manifest(student), f"{NOTEBOOK}.ipynb": notebook(code)})


def zipped(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return content.getvalue()


def submitter(name: str, sid: str, email: str) -> str:
    return f"  - :name: {name}\n    :sid: {sid}\n    :email: {email}\n"


def index(**submissions: str) -> bytes:
    """submission_metadata.yml, in the words of Gradescope."""
    results = "  :score: 2.0\n  :results:\n    tests:\n    - name: '[[[['\n      output: |-\n        : - {\n"
    parts = [
        f"{name}:\n  :submitters:\n{who}  :created_at: 2026-09-26 03:34:00.861687000 Z\n{results}"
        for name, who in submissions.items()
    ]
    return ("---\n" + "".join(parts)).encode()


Read = Callable[..., list[Submission]]


@pytest.fixture(params=["folder", "zip"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """The same files as a folder and as the zip that is downloaded."""

    def work(files: Mapping[str, bytes], roster: Mapping[str, str] = ROSTER) -> list[Submission]:
        folder = tmp_path / "class"
        if request.param == "zip":
            folder = tmp_path / "submissions.zip"
            folder.write_bytes(zipped(files))
        else:
            for name, raw in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(raw)
        return Intake(folder, NOTEBOOK, 1, 1, roster).submissions()

    return work


def test_canvas_files_belong_to_the_account_that_uploaded_them(read: Read) -> None:
    found = read(
        {
            "doejane_1001_5001_01_camera_geometry_jdoe.zip": packed("jdoe"),
            "smithal_LATE_1002_5002_01_camera_geometry-2.ipynb": notebook("y = 2"),
        }
    )
    assert [(s.student, s.received, s.clock, s.problems) for s in found] == [
        ("asmith", "", "", ()),
        ("jdoe", "2026-09-20T20:00:00+00:00", "student", ()),
    ]
    assert "Canvas marks it as handed in late and does not say when" in found[0].remarks[0]
    assert found[1].remarks == ()


def test_a_canvas_account_decides_over_what_the_file_says(read: Read) -> None:
    found = read(
        {
            "doejane_1001_5001_a.zip": packed("jdoe", "mine = 1"),
            "smithal_1002_5002_a.zip": packed("jdoe", "forged = 1"),
        }
    )
    assert [(s.student, s.code[0][1]) for s in found] == [
        ("asmith", "forged = 1"),
        ("jdoe", "mine = 1"),
    ]
    assert found[0].remarks == (
        "the file says that it is from 'jdoe'; it was handed in by 'asmith', so it counts for the latter",
    )


@pytest.mark.parametrize("written", ["JDOE", "jane@uni.edu", "900001", "your-id"])
def test_other_spellings_of_ones_own_id_are_no_matter(read: Read, written: str) -> None:
    (found,) = read({"doejane_1001_5001_a.zip": packed(written)})
    assert (found.student, found.remarks) == ("jdoe", ())


def test_an_account_off_the_roster_cannot_claim_somebody_on_it(read: Read) -> None:
    (found,) = read({"malloryeve_6666_5002_a.zip": packed("jdoe")})
    assert found.student == "malloryeve_6666_5002_a.zip (claims to be jdoe)"
    assert "whose account did not hand this in: a person must say whose it is" in found.remarks[0]


@pytest.mark.parametrize("forged", ["al_1001_1002_5002_a.zip", "al_LATE_1001_1002_5002_a.zip"])
def test_a_display_name_cannot_pose_as_another_account(read: Read, forged: str) -> None:
    """Al calls himself "al_1001", the number of Jane's account."""
    found = read(
        {
            "doejane_1001_5001_a.zip": packed("jdoe", "mine = 1"),
            forged: packed("jdoe", "forged = 1"),
        }
    )
    codes = {s.student: s.code[0][1] for s in found}
    assert codes.pop("jdoe") == "mine = 1"
    assert list(codes.values()) == ["forged = 1"]


def test_numbers_in_names_and_files_are_told_apart_by_the_roster(read: Read) -> None:
    (found,) = read({"agent_47_007_1001_5001_01_02_camera.zip": packed("x")})
    assert found.student == "jdoe"


def test_without_a_roster_canvas_files_are_known_by_their_manifests(read: Read) -> None:
    found = read(
        {
            "doejane_1001_5001_a.zip": packed("jdoe"),
            "leebo_1003_5003_a.ipynb": notebook("x = 1"),
            "LATE_anon_aB3dE_5004_a.zip": packed("kim"),
        },
        {},
    )
    assert [s.student for s in found] == ["jdoe", "kim", "leebo_1003_5003_a"]
    assert "late" in found[1].remarks[0]


def test_a_roster_without_canvas_numbers_does_not_disown_anybody(read: Read) -> None:
    (found,) = read({"doejane_1001_5001_a.zip": packed("jdoe")}, known_ids([Listed("jdoe")]))
    assert (found.student, found.remarks) == ("jdoe", ())


def test_namesakes_cannot_take_each_others_id(read: Read) -> None:
    found = read(
        {
            "jdoe_1_5001_a.zip": packed("jdoe", "a = 1"),
            "jdoe_2_5002_a.zip": packed("jdoe", "b = 1"),
        },
        {},
    )
    assert len(found) == 2
    assert all("a person must say whose it is" in s.remarks[0] for s in found)
    assert not any(s.superseded for s in found)


def test_attachments_beside_a_notebook_are_remarked(read: Read) -> None:
    found = read(
        {
            "doejane_1001_5001_a.ipynb": notebook("x = 1"),
            "doejane_1001_5002_views.safetensors": b"x",
            "smithal_1002_text.html": b"<p>I cannot upload</p>",
        }
    )
    assert [(s.student, len(s.problems)) for s in found] == [("asmith", 1), ("jdoe", 0)]
    assert "a .html file, not a notebook" in found[0].problems[0]
    assert found[1].remarks == (
        "also handed in, and not graded: doejane_1001_5002_views.safetensors",
    )


EXPORT = {
    "assignment_8_export/submission_metadata.yml": index(
        submission_41=submitter("Jane Doe", "'900001'", "jane@uni.edu"),
        submission_42=submitter("Bo Lee", "0777", "bo@uni.edu"),
        submission_43=submitter("Al Smith", "''", "al@uni.edu") + submitter("Kim Oh", "", "kim@x.edu"),
    ),
    "assignment_8_export/submission_41/submission.json": manifest("jdoe"),
    f"assignment_8_export/submission_41/{NOTEBOOK}.ipynb": notebook("x = 1"),
    "assignment_8_export/submission_42/nested/submission.json": manifest("jdoe"),
    "assignment_8_export/submission_42/nested/n.ipynb": notebook("y = 1"),
    "assignment_8_export/submission_43/submission.json": manifest("kim"),  # any of a group may pack
    "assignment_8_export/submission_43/n.ipynb": notebook("z = 1"),
    "assignment_8_export/.DS_Store": b"x",
    "__MACOSX/assignment_8_export/._submission_metadata.yml": b"x",
}  # fmt: skip


def test_gradescopes_index_says_who_and_when(read: Read) -> None:
    found = read(EXPORT)
    assert [(s.student, s.name, s.source, s.problems) for s in found] == [
        ("0777", "Bo Lee", "submission_42", ()),  # the id as it is written, not an octal number
        ("asmith", "Al Smith", "submission_43", ()),
        ("jdoe", "Jane Doe", "submission_41", ()),
        ("kim@x.edu", "Kim Oh", "submission_43", ()),
    ]
    assert {(s.received, s.clock) for s in found} == {("2026-09-26T03:34:00.861687+00:00", "lms")}
    by_student = {s.student: s.remarks for s in found}
    assert by_student["jdoe"] == ()
    assert by_student["asmith"] == ("handed in as a group: Al Smith, Kim Oh",)
    assert "says that it is from 'jdoe'; it was handed in by '0777'" in by_student["0777"][0]


def test_without_a_roster_gradescopes_ids_stand(read: Read) -> None:
    assert [s.student for s in read(EXPORT, {})] == ["0777", "900001", "al@uni.edu", "kim@x.edu"]


def test_what_index_and_folders_do_not_share_is_told(read: Read) -> None:
    files = {
        "submission_metadata.yml": index(submission_1=submitter("Jane", "900001", "")),
        "submission_2/n.ipynb": notebook("x = 1"),
    }
    stray, missing = sorted(read(files), key=lambda s: s.source, reverse=True)
    assert missing.student == "jdoe"
    assert "the download lacks its folder 'submission_1'. Download" in missing.problems[0]
    assert stray.remarks == ("submission_metadata.yml does not say who handed in submission_2",)


def test_two_accounts_with_one_id_are_for_a_person_to_settle(read: Read) -> None:
    files = {
        "submission_metadata.yml": index(
            submission_1=submitter("Jane", "7", "a@x.edu"), submission_2=submitter("Eve", "7", "")
        ),
        "submission_1/n.ipynb": notebook("x = 1"),
        "submission_2/n.ipynb": notebook("x = 1"),
    }
    found = read(files, {})
    assert all("a person must say" in s.remarks[0] for s in found)
    assert len({s.student for s in found}) == 2


@pytest.mark.parametrize(
    ("created", "received"),
    [
        ("2026-09-26 03:34:00.861687000 Z", "2026-09-26T03:34:00.861687+00:00"),
        ("2026-09-25T23:34:00-04:00", "2026-09-26T03:34:00+00:00"),
        ("'2026-09-25 23:34:00 -0400'", "2026-09-26T03:34:00+00:00"),
        (
            "!ruby/object:ActiveSupport::TimeWithZone\n    utc: &1 2026-09-26 03:34:00 Z\n    time: *1",
            "2026-09-26T03:34:00+00:00",
        ),
        ("2026-09-26 03:34:00", ""),  # in which zone?
        ("yesterday", ""),
        ("", ""),
        ("[1, 2]", ""),
    ],
)
def test_times_in_all_the_ways_that_ruby_writes_them(
    tmp_path: Path, created: str, received: str
) -> None:
    text = f"s_1:\n  :submitters:\n{submitter('J', '1', 'j@x')}  :created_at: {created}\n"
    (tmp_path / "submission_metadata.yml").write_text(text)
    (submission,) = Intake(tmp_path, NOTEBOOK).submissions()
    assert (submission.received, submission.clock) == (received, "lms" if received else "")


def test_the_roster_is_silent_about_what_two_students_share() -> None:
    shared = known_ids([Listed("a", "x@y.edu", "1"), Listed("b", "X@y.edu", "2")])
    assert shared == {"1": "a", "2": "b", "id:a": "a", "id:b": "b"}
