"""Predictions in zips, folders and loose attachments, graded beside code, and the board of those who want one."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.catalogue import Catalogue, TrainedExercise
from autograder.checking.cases import Cases
from autograder.gradescope.results_json import results_of
from autograder.grading.foreign import foreign_predictions
from autograder.grading.grade_one import Grader
from autograder.grading.handed_in import HandedIn
from autograder.grading.intake import Intake
from autograder.grading.job import Job
from autograder.grading.record import (
    Outcome,
    SubmissionResult,
    TrainedScore,
    from_json,
    slim,
    to_json,
)
from autograder.grading.submission import Cell, Submission
from autograder.report.feedback import Feedback
from autograder.report.leaderboard import WITHHELD, leaderboard_csv, leaderboards
from autograder.report.statistics import class_statistics
from autograder.report.table import class_csv
from autograder.report.write import write_report
from autograder.results import ExerciseResult, Status
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits
from autograder.trained.drawn import draw_task
from autograder.trained.predictions import most_bytes
from tests.trained_course import NOTEBOOK, hand_in, predicted
from tests.trained_standin import TASK

EXERCISE = TrainedExercise("standin", "2.2", "Stripes", 8, TASK.bands, TASK.views)
CATALOGUE = Catalogue(NOTEBOOK, "sums", "2 · Sums", (), (), (EXERCISE,))
HIDDEN = draw_task(TASK, "released").hidden
GOOD = predicted(HIDDEN, 0, "Ada")
LIMITS = {"standin": most_bytes(EXERCISE)}
NOTEBOOK_BYTES = json.dumps(
    {"cells": [{"cell_type": "code", "metadata": {}, "source": "x = 1"}], "nbformat": 4}
).encode()


def read(folder: Path) -> list[Submission]:
    return Intake(folder, NOTEBOOK, predictions=LIMITS).submissions()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


PLACES = {
    "zip": None,
    "folder": {
        "ada/02_sums.ipynb": NOTEBOOK_BYTES,
        "ada/predictions/standin.safetensors": GOOD,
        "ada/old/predictions/standin.safetensors": b"an older one",
    },
    "flat folder": {"ada/02_sums.ipynb": NOTEBOOK_BYTES, "ada/standin (1).safetensors": GOOD},
    "notebook in a folder of its own": {
        "ada/work/02_sums.ipynb": NOTEBOOK_BYTES,
        "ada/predictions/standin.safetensors": GOOD,
    },
    "attachments on Canvas": {
        "doejane_77_501_02_sums.ipynb": NOTEBOOK_BYTES,
        "doejane_77_502_standin-1.safetensors": GOOD,
    },
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_predictions_are_found_wherever_they_lie(place: str, tmp_path: Path) -> None:
    files = PLACES[place]
    if files is None:
        hand_in(tmp_path / "ada.zip", "ada", GOOD)
    else:
        write(tmp_path, files)
    (found,) = read(tmp_path)
    assert not found.problems
    assert found.predictions["standin"].content == GOOD
    assert not any("not graded" in remark for remark in found.remarks)


def test_a_lone_notebook_has_none_and_others_files_are_not_its(tmp_path: Path) -> None:
    files = {"ada.ipynb": NOTEBOOK_BYTES, "bob/02_sums.ipynb": NOTEBOOK_BYTES}
    write(tmp_path, {**files, "bob/predictions/standin.safetensors": GOOD})
    ada, bob = read(tmp_path)
    assert ada.predictions == {}
    assert set(bob.predictions) == {"standin"}
    assert Intake(tmp_path, NOTEBOOK).submissions()[1].predictions == {}  # nobody asked for any


def test_a_changed_file_of_predictions_is_another_submission(tmp_path: Path) -> None:
    write(tmp_path, PLACES["folder"] or {})
    (before,) = read(tmp_path)
    write(tmp_path, {"ada/predictions/standin.safetensors": predicted(HIDDEN, 1)})
    (after,) = read(tmp_path)
    assert before.digest != after.digest
    job = Job(tmp_path, NOTEBOOK, 1, Limits())
    (tmp_path / "solutions").mkdir()
    job.source.write_text("")
    keys = {job.key(before), job.key(after), replace(job, views=(HIDDEN,)).key(before)}
    assert len(keys) == 3


def zipped(name: str, content: bytes, tmp_path: Path) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("02_sums.ipynb", NOTEBOOK_BYTES)
        archive.writestr(name, content)
    (tmp_path / "eve.zip").write_bytes(packed.getvalue())
    return tmp_path / "eve.zip"


def test_a_bomb_costs_its_own_points_and_no_memory(tmp_path: Path) -> None:
    zipped("predictions/standin.safetensors", bytes(200 * 2**20), tmp_path)
    (found,) = read(tmp_path)
    assert not found.problems
    assert found.cells
    handed_in = found.predictions["standin"]
    assert handed_in.packed == b""
    assert "'standin.safetensors' is larger than the 68,424 bytes" in str(handed_in.content)


def test_a_damaged_member_costs_only_the_predictions(tmp_path: Path) -> None:
    path = zipped("predictions/standin.safetensors", GOOD, tmp_path)
    data = bytearray(path.read_bytes())
    place = data.index(b"predictions/standin.safetensors") + 200
    data[place] ^= 255
    path.write_bytes(data)
    (found,) = read(tmp_path)
    assert found.cells
    assert "'standin.safetensors' cannot be read" in found.predictions["standin"].problem


@pytest.mark.parametrize("name", ["../standin.safetensors", "/predictions/standin.safetensors"])
def test_paths_that_lead_out_are_ignored(name: str, tmp_path: Path) -> None:
    zipped(name, GOOD, tmp_path)
    (found,) = read(tmp_path)
    assert found.predictions == {}
    assert "names a file outside its own folder" in found.remarks[0]


def test_links_and_pipes_are_no_predictions(tmp_path: Path) -> None:
    import os

    secret = tmp_path / "secret.safetensors"
    secret.write_bytes(GOOD)
    write(tmp_path / "class", {"eve/02_sums.ipynb": NOTEBOOK_BYTES, "eve/predictions/x": b""})
    (tmp_path / "class/eve/predictions/standin.safetensors").symlink_to(secret)
    os.mkfifo(tmp_path / "class/eve/standin.safetensors")
    (found,) = read(tmp_path / "class")
    assert found.predictions == {}


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    limits = Limits(memory_mb=800)
    made = Grader(
        CATALOGUE, Cases([]), limits, lambda: Launcher(limits), {}, hidden={"standin": HIDDEN}
    )
    yield made
    made.close()


def submitted(student: str, predictions: bytes | None) -> Submission:
    cells = (Cell(1, "code", "x = 1", {"trained": "standin"}),)
    found = {} if predictions is None else {"standin": HandedIn.holding(predictions)}
    return Submission(student, "", f"{student}.zip", student, cells, found)


def test_predictions_are_graded_and_kept_in_the_record(grader: Grader) -> None:
    watched: list[ExerciseResult] = []
    result = grader.grade(submitted("ada", GOOD), watch=watched.append)
    assert result.points == result.max_points == 8
    assert result.trained == (TrainedScore("standin", 60.0, 1.0, "Ada"),)
    assert result.exercises == tuple(watched)
    assert result.remarks == ()  # "standin" is a known id
    assert from_json(to_json(result)) == result
    assert slim(result).trained == result.trained
    nothing = grader.grade(submitted("bob", None))
    assert (nothing.points, nothing.trained) == (0, ())
    assert nothing.outcome == Outcome.GRADED
    assert '"trained": [' not in to_json(nothing)
    assert from_json(to_json(nothing)) == nothing


def test_a_fault_of_ours_while_judging_is_said_and_costs_one_exercise(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("autograder.grading.predicted.judge", broken)
    result = grader.grade(submitted("ada", GOOD))
    assert result.outcome == Outcome.GRADED
    assert result.exercises[0].status == Status.COULD_NOT_RUN
    assert "RuntimeError: nobody thought of this" in result.exercises[0].checks[0].message


def test_gradescope_and_tables_show_the_bands(grader: Grader) -> None:
    result = grader.grade(submitted("ada", predicted(HIDDEN, 9)))
    (test,) = results_of(result, CATALOGUE, (), 1.0)["tests"]
    assert (test["number"], test["score"], test["max_score"]) == ("2.2", 6, 8)
    assert "✓ PSNR ≥ 25 dB and SSIM ≥ 0.5: 29.0" in test["output"]
    assert "✗ PSNR ≥ 30 dB\n    29.0" in test["output"]
    assert "standin,awaiting" in class_csv(CATALOGUE, [Feedback(result, {})])
    statistics = class_statistics(CATALOGUE, [result])
    assert statistics.max_points == 8
    assert statistics.exercises[0].points == (6,)


def row(student: str, psnr: float, ssim: float, shown: str, name: str = "") -> Feedback:
    result = SubmissionResult(student, "", f"{student}.zip", NOTEBOOK, Outcome.GRADED, 8.0)
    score = TrainedScore("standin", psnr, ssim, shown)
    return Feedback(replace(result, trained=(score,)), {}, name=name)


CLASS = [
    row("s001", 25.0, 0.8, "zoe"),
    row("s002", 31.0, 0.9, ""),  # did not ask to be listed
    row("s003", 28.0, 0.9, "max"),
    row("s004", 28.0, 0.95, "=HYPERLINK(1)"),
    row("s005", 25.0, 0.8, "Zoe"),
    row("s006", 20.0, 0.5, "Grace Hopper"),  # a classmate's name
    row("s007", 19.0, 0.5, "s003"),  # a classmate's id
    row("s008", 40.0, 0.9, "", "Grace Hopper"),
    row("s009", 18.0, 0.1, "<script>alert(1)</script>"),
]


def test_the_board_is_sorted_and_names_are_told_apart() -> None:
    (board,) = leaderboards(CATALOGUE, CLASS)
    assert [(e.rank, e.name) for e in board.entries] == [
        (1, "=HYPERLINK(1)"),
        (2, "max"),
        (3, "Zoe"),
        (3, "zoe (2)"),
        (5, WITHHELD),
        (6, f"{WITHHELD} (2)"),
        (7, "<script>alert(1)</script"),
    ]


def test_the_board_shows_no_id_and_nobody_who_did_not_ask(tmp_path: Path) -> None:
    write_report(tmp_path, CATALOGUE, CLASS, "Course", "Sums")
    page, table = ((tmp_path / f"leaderboard.{kind}").read_text() for kind in ("html", "csv"))
    for shown in (page, table):
        assert not any(r.result.student in shown for r in CLASS)
        assert "31.0" not in shown
        assert "40.0" not in shown
        assert "Grace" not in shown
    assert "<script>" not in page
    assert next(csv.DictReader(io.StringIO(table))) == {
        "exercise": "standin", "rank": "1", "name": "'=HYPERLINK(1)", "psnr_db": "28.00", "ssim": "0.9500",
    }  # fmt: skip
    assert table == leaderboard_csv(leaderboards(CATALOGUE, CLASS))
    write_report(tmp_path, CATALOGUE, [CLASS[1]], "Course", "Sums")
    assert not (tmp_path / "leaderboard.html").exists()  # nobody wants to be on it any more
    assert not (tmp_path / "leaderboard.csv").exists()
    assert "Leaderboard" not in (tmp_path / "index.html").read_text()


def test_foreign_predictions_are_counted_for_whoever_grades() -> None:
    other = draw_task(TASK, "last year").hidden
    found = [submitted("a", GOOD), submitted("b", predicted(other)), submitted("c", None)]
    found += [submitted("d", b"damaged")]
    (warning,) = foreign_predictions(NOTEBOOK, [EXERCISE], [HIDDEN], found)
    assert warning.startswith("1 of 2 predictions for 'standin' belong to another release")
    assert other.fingerprint in warning
    assert HIDDEN.fingerprint in warning
    assert foreign_predictions(NOTEBOOK, [EXERCISE], [HIDDEN], found[:1]) == []
