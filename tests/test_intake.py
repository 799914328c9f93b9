"""Whatever lies in a class folder: every file becomes a submission with cells or with a message for its author."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.intake import Intake, unknown_ids
from autograder.grading.submission import Cell, Submission, file_name

NOTEBOOK = "01_camera_geometry"


def make_notebook(*cells: str | dict[str, Any], **top: Any) -> bytes:
    """A notebook of code cells (text) and cells given in full."""
    full = [
        {"cell_type": "code", "metadata": {}, "source": c} if isinstance(c, str) else c
        for c in cells
    ]
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": full, **top}
    ).encode()


GOOD = make_notebook("def f():\n    return 1")


def make_zip(contents: dict[str, bytes], **manifest: Any) -> bytes:
    """A zip as `submit()` makes it; `student=None` leaves the manifest out."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        if manifest.get("student", "") is not None:
            listed = {
                n: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)}
                for n, b in contents.items()
            }
            standard = {
                "format": 1,
                "student": {"id": "jdoe", "name": "Jo Doe"},
                "created": "2026-09-20T20:00:00+00:00",
                "files": listed,
            }
            archive.writestr("submission.json", json.dumps({**standard, **manifest}))
        for name, raw in contents.items():
            archive.writestr(name, raw)
    return content.getvalue()


Read = Callable[..., list[Submission]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def work(files: dict[str, bytes], **limits: int) -> list[Submission]:
        for name, raw in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        return Intake(tmp_path, NOTEBOOK, **limits).submissions()

    return work


def one(found: list[Submission]) -> Submission:
    assert len(found) == 1, found
    return found[0]


def test_a_plain_notebook_is_known_by_its_file_name(read: Read) -> None:
    submission = one(read({"jdoe.ipynb": GOOD}))
    assert submission.student == "jdoe"
    assert submission.problems == ()
    assert submission.code == [(1, "def f():\n    return 1")]


def test_a_zip_is_known_by_its_manifest(read: Read) -> None:
    submission = one(read({"upload_17.zip": make_zip({f"{NOTEBOOK}.ipynb": GOOD})}))
    assert (submission.student, submission.name) == ("jdoe", "Jo Doe")
    assert submission.remarks == ()


def test_a_folder_per_student(read: Read) -> None:
    found = read(
        {
            "alice/homework/Copy of 01_camera_geometry.ipynb": GOOD,
            "bob/x.zip": make_zip({"n.ipynb": GOOD}),
        }
    )
    assert [(s.student, s.problems) for s in found] == [("alice", ()), ("jdoe", ())]


def test_cells_are_counted_as_a_person_counts(read: Read) -> None:
    raw = make_notebook(
        {"cell_type": "markdown", "source": ["# a\n", "b"], "metadata": {}}, "x = 1", "", "y = 2"
    )
    submission = one(read({"a.ipynb": raw}))
    assert submission.code == [(2, "x = 1"), (3, ""), (4, "y = 2")]
    assert submission.cells[0] == Cell(1, "markdown", "# a\nb", {})


def test_the_litter_of_systems_and_the_teachers_notes_are_no_submissions(read: Read) -> None:
    found = read(
        {
            "jdoe.ipynb": GOOD,
            ".DS_Store": b"x",
            "__MACOSX/._jdoe.ipynb": b"x",
            "README.md": b"# hello",
            "roster.csv": b"id",
        }
    )
    assert [s.student for s in found] == ["jdoe"]


PROBLEMS: dict[str, tuple[str, bytes, str]] = {
    "empty file": ("a.ipynb", b"", "the file is empty.*Save the notebook again"),
    "white space": ("a.ipynb", b" \n ", "the file is empty"),
    "not a notebook": ("a.ipynb", b"%PDF-1.4", "not a notebook"),
    "binary": ("a.ipynb", b"\x89PNG\r\n\x1a\n\xff\xfe", "not UTF-8"),
    "latin-1": ("a.ipynb", GOOD.replace(b"return 1", "return 'ü'".encode("latin-1")), "not UTF-8 text"),
    "cut off": ("a.ipynb", GOOD[:-20], "damaged.*cut off while uploading"),
    "a list": ("a.ipynb", b"[1, 2]", "not a notebook"),
    "JSON of something else": ("a.ipynb", b'{"a": 1}', "JSON but not a notebook: it has no list of cells"),
    "cells that are text": ("a.ipynb", b'{"cells": "x"}', "no list of cells"),
    "no cells": ("a.ipynb", make_notebook(), "no code cells"),
    "text only": ("a.ipynb", make_notebook({"cell_type": "markdown", "source": "x"}), "no code cells"),
    "blank code": ("a.ipynb", make_notebook("  \n"), "no code cells"),
    "deep": ("a.ipynb", b'{"cells":' + b"[" * 100_000, "damaged|too large"),
    "many brackets": ("a.ipynb", b'{"cells":[' + b"[]," * 4_100_000 + b"[]]}", "outputs are too large"),
    "python file": ("a.py", b"def f(): pass", r"a \.py file, not a notebook.*submit\(\)"),
    "word file": ("a.docx", b"PK", r"a \.docx file, not a notebook"),
    "no suffix": ("a", b"x", "a nameless kind of file"),
    "not a zip": ("a.zip", b"hello", "the zip is damaged"),
    "empty zip file": ("a.zip", b"", "the zip is damaged"),
    "truncated zip": ("a.zip", make_zip({"n.ipynb": GOOD * 50})[:-60], "the zip is damaged"),
    "zip without notebook": ("a.zip", make_zip({"a.txt": b"x"}), "holds no notebook.*submission.json, a.txt"),
    "zip in a zip": ("a.zip", make_zip({"b.zip": make_zip({"n.ipynb": GOOD})}), "holds no notebook"),
    "folder without notebook": ("a/b.txt", b"x", r"folder holds no notebook \(it holds: b.txt\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_cannot_be_read_says_why_and_what_to_do(read: Read, name: str) -> None:
    file, raw, message = PROBLEMS[name]
    submission = one(read({file: raw}))
    assert submission.student in ("a", "jdoe")
    assert submission.cells == ()
    (problem,) = submission.problems
    with pytest.raises(ValueError, match=f"(?s){message}"):
        raise ValueError(problem)


def test_one_bad_file_does_not_stop_the_others(read: Read) -> None:
    files = {
        f"s{i:02}.{raw[0].rpartition('.')[2] or 'x'}": raw[1]
        for i, raw in enumerate(PROBLEMS.values())
    }
    found = read({k: v for k, v in files.items() if "/" not in k} | {"zoe.ipynb": GOOD})
    assert [s.student for s in found if not s.problems] == ["zoe"]


def test_a_damaged_member_is_a_damaged_zip(read: Read) -> None:
    raw = bytearray(make_zip({"n.ipynb": os.urandom(4000)}))
    raw[len(raw) // 2] ^= 0xFF
    assert "damaged" in one(read({"a.zip": bytes(raw)})).problems[0]


def test_an_encrypted_zip_is_named(read: Read) -> None:
    raw = bytearray(make_zip({"n.ipynb": GOOD}, student=None))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1
    assert "protected by a password" in one(read({"a.zip": bytes(raw)})).problems[0]


def test_a_zip_bomb_is_not_unpacked(read: Read) -> None:
    raw = make_zip({"n.ipynb": b"\0" * (3 * 2**20)})
    assert len(raw) < 10_000
    assert "larger than 2 MB" in one(read({"a.zip": raw}, notebook_mb=2)).problems[0]


def test_a_zip_that_lies_about_its_sizes_is_not_believed(read: Read) -> None:
    raw = make_zip({"n.ipynb": b"\0" * (3 * 2**20)}, student=None).replace(
        struct.pack("<I", 3 * 2**20), struct.pack("<I", 100)
    )
    assert one(read({"a.zip": raw}, notebook_mb=2)).problems


def test_a_zip_with_an_enormous_directory_is_refused(read: Read) -> None:
    raw = bytearray(make_zip({"n.ipynb": GOOD}))
    end = raw.rindex(b"PK\x05\x06")
    raw[end + 12 : end + 16] = struct.pack("<I", 2**31)
    assert "too many files" in one(read({"a.zip": bytes(raw)})).problems[0]


def test_a_large_file_is_named_with_what_to_do(read: Read) -> None:
    raw = make_notebook("x = 1") + b" " * (2 * 2**20)
    assert (
        "at most 1 MB are read. Clear the notebook's outputs"
        in one(read({"a.ipynb": raw}, notebook_mb=1)).problems[0]
    )


def test_large_outputs_are_fine_and_large_cells_are_not(read: Read) -> None:
    picture = {
        "output_type": "display_data",
        "data": {"image/png": "A" * 3 * 2**20},
        "metadata": {},
    }
    drawn = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [picture]}
    found = read(
        {"a.ipynb": make_notebook(drawn), "b.ipynb": make_notebook("#" * 2 * 2**20)}, source_mb=1
    )
    assert found[0].problems == ()
    assert "the text of the cells is 2 MB long" in found[1].problems[0]


@pytest.mark.parametrize(
    "name", ["../../evil.ipynb", "/etc/evil.ipynb", "..\\evil.ipynb", "C:/evil.ipynb"]
)
def test_paths_that_leave_the_zip_are_ignored_and_told(
    read: Read, tmp_path: Path, name: str
) -> None:
    submission = one(read({"class/a.zip": make_zip({name: GOOD, "n.ipynb": GOOD}, student=None)}))
    assert submission.problems == ()
    assert "names a file outside its own folder" in submission.remarks[0]
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a.zip"]


def test_of_several_notebooks_the_assignments_is_graded(read: Read) -> None:
    files = {
        "a.ipynb": make_notebook("wrong"),
        f"x/{NOTEBOOK} (1).ipynb": GOOD,
        "__MACOSX/._b.ipynb": b"x",
    }
    submission = one(read({"z.zip": make_zip(files)}))
    assert submission.code[0][1].startswith("def f")
    assert "holds 2 notebooks" in submission.remarks[0]


def test_a_notebook_changed_after_packing_is_a_remark_not_a_refusal(read: Read) -> None:
    raw = make_zip({"n.ipynb": GOOD}, files={"n.ipynb": {"sha256": "0" * 64}})
    submission = one(read({"a.zip": raw}))
    assert submission.problems == ()
    assert "changed after `submit()` packed it" in submission.remarks[0]


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{", b'{"student": 3, "created": [], "files": 7}', b'{"student": {"id": "", "name": 5}}',
     b"[" * 100_000],
)  # fmt: skip
def test_a_damaged_manifest_costs_nothing(read: Read, manifest: bytes) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("submission.json", manifest)
        archive.writestr("n.ipynb", GOOD)
    submission = one(read({"eve.zip": content.getvalue()}))
    assert (submission.student, submission.problems) == ("eve", ())


def test_old_notebooks_of_format_3_are_read(read: Read) -> None:
    sheet = {"cells": [{"cell_type": "code", "input": ["x = 1\n", "y"]}]}
    raw = json.dumps({"nbformat": 3, "worksheets": [sheet]}).encode()
    assert one(read({"a.ipynb": raw})).code == [(1, "x = 1\ny")]


def test_odd_cells_become_empty_ones(read: Read) -> None:
    raw = json.dumps({"cells": [7, None, {"cell_type": "code", "source": 3, "metadata": []},
                                {"cell_type": "code", "source": ["x", 5], "metadata": {}}]}).encode()  # fmt: skip
    submission = one(read({"a.ipynb": raw}))
    assert [c.source for c in submission.cells] == ["", "", "", "x"]
    assert [c.number for c in submission.cells] == [1, 2, 3, 4]


def test_a_byte_order_mark_and_half_a_surrogate_are_survived(read: Read) -> None:
    raw = b"\xef\xbb\xbf" + make_notebook("x = '\ud800'")
    submission = one(read({"a.ipynb": raw}))
    submission.code[0][1].encode("utf-8")


def test_all_submissions_are_kept_and_the_later_says_so(read: Read) -> None:
    first = make_zip({"n.ipynb": make_notebook("early = 1")}, created="2026-09-01T10:00:00+00:00")
    second = make_zip({"n.ipynb": make_notebook("late = 1")}, created="2026-09-02T10:00:00+00:00")
    earlier, latest = read({"jdoe-b.zip": first, "jdoe-a.zip": second})
    assert (earlier.superseded, latest.superseded) == (True, False)
    assert (earlier.code[0][1], latest.code[0][1]) == ("early = 1", "late = 1")
    assert latest.remarks == ("2 submissions: jdoe-a.zip is the latest, after jdoe-b.zip",)
    assert earlier.remarks == ()  # so that its grading stays what it was when it was the latest
    assert (latest.received, latest.clock) == ("2026-09-02T10:00:00+00:00", "student")


def test_nobody_can_replace_a_classmates_work(read: Read) -> None:
    honest = make_zip({"n.ipynb": make_notebook("mine = 1")})
    forged = make_zip({"n.ipynb": make_notebook("forged = 1")}, created="2999-01-01T00:00:00+00:00")
    found = {s.student: s for s in read({"jdoe.zip": honest, "mallory.zip": forged})}
    assert found["jdoe"].code[0][1] == "mine = 1"
    other = found["mallory.zip (claims to be jdoe)"]
    assert "claims the student id 'jdoe', as another file does" in other.remarks[0]


def test_links_are_not_followed(read: Read, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.ipynb"
    outside.write_bytes(GOOD)
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "n.ipynb").symlink_to(outside)
    (tmp_path / "bob.ipynb").symlink_to(outside)
    submission = one(read({}))
    assert submission.student == "alice"
    assert "holds no notebook" in submission.problems[0]


@pytest.mark.parametrize(
    "hostile",
    ["../../x", "a/b", "CON", "x\0y", "ü", ".", "..", "<script>", "a" * 500, "A", "index"],
)
def test_hostile_ids_make_safe_and_distinct_file_names(hostile: str) -> None:
    name = file_name(hostile)
    assert len(name) < 80
    assert "/" not in name
    assert not name.startswith(".")
    assert name.isascii()
    assert file_name(hostile + "x") != name


def test_ids_that_differ_in_case_do_not_share_a_file() -> None:
    assert file_name("anna").lower() != file_name("Anna").lower()


def test_ids_are_one_printable_line(read: Read) -> None:
    raw = make_zip(
        {"n.ipynb": GOOD}, student={"id": "a\n\x1b[31mb\u202e" + "c" * 500, "name": "x\ty"}
    )
    submission = one(read({"a.zip": raw}))
    assert submission.student.isprintable()
    assert len(submission.student) <= 80
    assert submission.name == "x y"


def test_unknown_exercise_ids_are_remarked() -> None:
    cells = (
        Cell(1, "code", "", {"exercise": "project"}),
        Cell(2, "code", "", {"exercise": "projct"}),
        Cell(3, "markdown", "", {"written": 5}),
    )
    assert unknown_ids(cells, {"project"}) == [
        "cell 2 carries the unknown exercise id 'projct'; ignored"
    ]


def test_canvas_names_tell_uploaders_apart(read: Read) -> None:
    """The part of a name that a student chose, and the time that a student wrote, decide nothing."""
    honest = make_zip({"n.ipynb": make_notebook("mine = 1")})
    forged = make_zip({"n.ipynb": make_notebook("forged = 1")}, created="zzzz")
    files = {"jdoe_124_555_a1.zip": honest, "mallory_123_556_a1_jdoe.zip": forged}
    found = {s.student: s for s in read(files)}
    assert found["jdoe"].code[0][1] == "mine = 1"
    assert len(found) == 2


def test_the_placeholder_id_is_nobodys(read: Read) -> None:
    student = {"id": "your-id", "name": ""}
    archive = make_zip({"n.ipynb": GOOD}, student=student)
    found = read({"lee_1_2_x_your-id.zip": archive, "smith_3_4_x_your-id.zip": archive})
    assert {s.student for s in found} == {"lee_1_2_x_your-id", "smith_3_4_x_your-id"}


def test_large_metadata_is_dropped(read: Read) -> None:
    cell = {
        "cell_type": "code",
        "source": "x = 1",
        "metadata": {"exercise": "e", "junk": [0.5] * 9},
    }
    (submission,) = read({"jdoe.ipynb": make_notebook(cell)})
    assert submission.cells[0].metadata == {"exercise": "e"}


def test_zip64_is_refused(read: Read) -> None:
    archive = make_zip({"n.ipynb": GOOD})
    end = archive.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    (submission,) = read({"jdoe.zip": archive[:end] + locator + archive[end:]})
    assert "too many files" in submission.problems[0]


@pytest.mark.parametrize("created", ["zzzz", "2026-13-01", "2026-09-20T20:00:00", 7, None])
def test_times_that_are_none_count_as_the_earliest(read: Read, created: Any) -> None:
    late = make_zip({"n.ipynb": make_notebook("late = 1")}, created=created)
    good = make_zip({"n.ipynb": make_notebook("good = 1")})
    unknown, latest = read({"jdoe (1).zip": good, "jdoe (2).zip": late})
    assert (latest.code[0][1], latest.superseded) == ("good = 1", False)
    assert (unknown.received, unknown.clock, unknown.superseded) == ("", "", True)


def test_no_id_can_take_the_file_name_of_another() -> None:
    assert file_name(file_name("Anna Müller")) != file_name("Anna Müller")
