"""The same class on a Dask cluster: the same results, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from autograder.grading.batch import grade_all
from autograder.grading.cluster import ClusterCrew, ClusterError
from autograder.grading.intake import Intake
from autograder.grading.job import Job
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.sandbox.policy import Limits

distributed = pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = "01_camera_geometry"
SAMPLES = {s.student: s for s in Intake(ROOT / "assets" / "sample_class", NOTEBOOK).submissions()}
JOB = Job(ROOT, NOTEBOOK, seed=8, limits=Limits(call_seconds=8))

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own, while workers come and go


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        memory_limit=None,
    ) as made:
        yield made


def grade(
    folder: Path, address: str, work: list[Submission], report: object = None
) -> list[SubmissionResult]:
    with Gradebook.open(f"sqlite:///{folder}/gradebook.db") as book:
        store = AssignmentStore(book, "a1")
        heard = report or (lambda result: None)
        return grade_all(JOB, work, store, lambda count: ClusterCrew(JOB, address), heard)


def test_a_class_survives_a_worker_that_is_killed(
    tmp_path: Path, cluster: distributed.LocalCluster
) -> None:
    work = [replace(SAMPLES["liam"], student=f"s{n}", digest=str(n)) for n in range(8)]
    killed: list[int] = []

    def report(result: SubmissionResult) -> None:
        if not killed:
            pid = next(iter(cluster.workers.values())).pid
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    results = grade(tmp_path, cluster.scheduler_address, work, report)
    assert killed
    assert [r.student for r in results] == [f"s{n}" for n in range(8)]
    assert {r.outcome for r in results} == {Outcome.GRADED}
    assert {r.points for r in results} == {76.0}


def test_a_cluster_gives_the_scores_that_this_machine_gives(
    tmp_path: Path, cluster: distributed.LocalCluster
) -> None:
    results = grade(tmp_path, cluster.scheduler_address, [SAMPLES["emil"], SAMPLES["pia"]])
    assert [r.points for r in results] == [87.0, 0.0]
    assert results[1].outcome == Outcome.NOT_GRADABLE


def test_a_cluster_that_is_not_there_is_said_with_the_command_that_starts_one() -> None:
    with pytest.raises(ClusterError, match="dask scheduler"):
        ClusterCrew(JOB, "nonsense://127.0.0.1:1")
