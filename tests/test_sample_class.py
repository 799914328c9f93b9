"""The sample class gets exactly the scores it deserves, each with a message its author can act on."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from autograder.grading.batch import grade_all
from autograder.grading.crew import LocalCrew
from autograder.grading.intake import Intake
from autograder.grading.job import Job
from autograder.grading.record import Outcome, SubmissionResult
from autograder.results import Status
from autograder.sandbox.policy import Limits

ROOT = Path(__file__).parent.parent
NOTEBOOK = "01_camera_geometry"
SCORES = {
    "ada": 94.0,  # all right
    "boris": 94.0,  # all right, all different
    "chen": 0.0,  # the handout as it was
    "dara": 42.0,  # the first eight exercises
    "emil": 87.0,  # rays without the camera's rotation
    "femi": 92.7,  # draws what lies behind the camera: one check of six
    "greta": 90.0,  # no half pixel
    "hana": 90.0,  # distance for depth
    "ines": 89.0,  # OpenGL's axes
    "jonas": 89.0,  # a syntax error in triangulate
    "kira": 89.0,  # an endless loop in triangulate
    "liam": 76.0,  # three cells deleted: 5 + 5 + 8 points
    "maya": 94.0,  # CUDA only
    "noor": 94.0,  # untidy: magics, prints, warnings, drafts, an endless training loop
    "otto": 0.0,  # hostile
    "pia": 0.0,  # not a notebook
    "quinn": 0.0,  # half a zip
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SubmissionResult]:
    """The whole class, graded once on two processes with a seed nobody has seen."""
    submissions = Intake(ROOT / "assets" / "sample_class", NOTEBOOK).submissions()
    found: list[SubmissionResult] = []
    folder = tmp_path_factory.mktemp("gradebook")
    with Gradebook.open(f"sqlite:///{folder}/gradebook.db") as book:
        store = AssignmentStore(book, "a1")
        job = Job(ROOT, NOTEBOOK, store.seed(None), Limits(call_seconds=8))
        grade_all(job, submissions, store, lambda count: LocalCrew(job, 2), found.append)
    return {result.student: result for result in found}


def points(result: SubmissionResult) -> float:
    return round(sum(exercise.points for exercise in result.exercises), 1)


def lost(result: SubmissionResult) -> set[str]:
    return {e.exercise for e in result.exercises if e.points < e.max_points}


def words(result: SubmissionResult) -> str:
    checks = [c for e in result.exercises for c in e.checks]
    said = [f"{c.message} {c.evidence.hint or ''}" for c in checks]
    remarks = [remark for e in result.exercises for remark in e.remarks]
    return "\n".join([*result.problems, *result.remarks, *remarks, *said])


def test_scores_are_exact(graded: dict[str, SubmissionResult]) -> None:
    assert {student: points(result) for student, result in graded.items()} == SCORES


def test_mistakes_cost_their_exercise_only(graded: dict[str, SubmissionResult]) -> None:
    assert {
        s: lost(graded[s]) for s in ("emil", "femi", "greta", "hana", "ines", "jonas", "kira")
    } == {
        "emil": {"world_rays"},
        "femi": {"render_points"},
        "greta": {"pixel_centers"},
        "hana": {"unproject"},
        "ines": {"look_at"},
        "jonas": {"triangulate"},
        "kira": {"triangulate"},
    }
    assert lost(graded["liam"]) == {"look_at", "triangulate", "estimate_pose"}


@pytest.mark.parametrize(
    ("student", "message"),
    [
        ("chen", "Exercise 1.1 `homogenize` is not written yet"),
        ("emil", "rotate K⁻¹ (u, v, 1) into the world"),
        ("femi", "drop it by in_front"),
        ("greta", "centres lie half a pixel in"),
        ("hana", "has z = 1: multiply it by the depth"),
        ("ines", "columns are the camera's axes in the world"),
        ("jonas", "expected ':'"),
        ("kira", "took longer than 8 seconds"),
        ("liam", "`look_at` is not defined anywhere in the notebook"),
        ("noor", "`transform` is defined 2 times"),
        ("otto", "answers are written, not imported"),
        ("otto", "no solutions here"),
        ("otto", "exited with status 0"),
        ("pia", "the file is not a notebook"),
        ("quinn", "the zip is damaged"),
    ],
)
def test_messages_tell_what_to_do(
    graded: dict[str, SubmissionResult], student: str, message: str
) -> None:
    assert message in words(graded[student])


def test_outcomes(graded: dict[str, SubmissionResult]) -> None:
    unread = {s for s, r in graded.items() if r.outcome == Outcome.NOT_GRADABLE}
    assert unread == {"pia", "quinn"}
    assert all(r.outcome != Outcome.GRADER_ERROR for r in graded.values())
    statuses = {c.status for e in graded["chen"].exercises for c in e.checks}
    assert statuses == {Status.COULD_NOT_RUN}


def test_the_wrong_picture_is_shown(graded: dict[str, SubmissionResult]) -> None:
    (rendering,) = (e for e in graded["femi"].exercises if e.exercise == "render_points")
    assert any(c.evidence.picture_png for c in rendering.checks)


def test_the_class_is_made_from_the_present_source() -> None:
    path = ROOT / "assets" / "make" / "sample_class.py"
    spec = importlib.util.spec_from_file_location("sample_class", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.submissions()
    folder = ROOT / "assets" / "sample_class"
    assert {p.name for p in folder.iterdir()} == set(made)
    for name in set(made) - {"quinn.zip"}:  # quinn's is half a zip
        stale = f"{name} is stale; run python assets/make/sample_class.py"
        assert _content(made[name]) == _content((folder / name).read_bytes()), stale


def _content(data: bytes) -> Any:
    """What a submission holds; compressed bytes may differ between zlib versions."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {n: json.loads(archive.read(n)) for n in archive.namelist()}
