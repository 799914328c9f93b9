"""What a grading process must know, what a score depends on, and the grader that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.catalogue import Catalogue, load_catalogue
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.sandbox.policy import Limits

if TYPE_CHECKING:
    import socket

    from autograder.grading.grade_one import Grader
    from autograder.sandbox.launcher import Launcher
    from autograder.trained.drawn import Hidden

_PACKAGE = Path(__file__).resolve().parents[1]
# What a score depends on: change any of it and submissions are graded again.
_SCORING = ("checks", "checking", "sandbox", "grading", "trained", "codec.py", "results.py")


@dataclass(frozen=True)
class Job:
    """What every grading process must know. Sent to them by the parent; holds the secret seed."""

    root: Path  # of the course: solutions/ and notebooks/
    notebook: str
    seed: int
    limits: Limits
    hidden: tuple[Path, ...] = ()  # folders that student code must not see, wherever they lie
    best_tier: str = "A"  # tests ask for weaker ones
    # Hidden views of trained tasks as they were released; the others are drawn as in development.
    views: tuple[Hidden, ...] = ()

    @property
    def source(self) -> Path:
        """The file that holds the answers."""
        return self.root / "solutions" / f"{self.notebook}.py"

    def key(self, submission: Submission) -> str:
        """Changes exactly if grading again could give another result."""
        parts = (submission.digest, submission.student, *submission.remarks, *submission.problems)
        views = (sha256(view.images).hexdigest() + view.fingerprint for view in self.views)
        settings = (checks_version(self.source), str(self.seed), repr(self.limits), *views)
        text = "\0".join((*parts, *settings))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def checks_version(source: Path) -> str:
    """A hash of everything that scores depend on: checks, sandbox, grader and reference answers."""
    stat = source.stat()
    return _checks_version(source, stat.st_mtime_ns, stat.st_size)


@cache  # asked once per submission; a class is graded by one version of the course
def _checks_version(source: Path, _modified: int, _size: int) -> str:
    digest = sha256()
    files = [source]
    for name in _SCORING:
        path = _PACKAGE / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def make_grader(job: Job, inherited: socket.socket | None = None) -> Grader:
    """A grader with its own warm process: the one behind `inherited`, or one that imports torch while this one does."""
    from autograder.sandbox.launcher import Launcher
    from autograder.sandbox.policy import Tier

    def launch(warm: socket.socket | None = None) -> Launcher:
        hidden, tier = (job.root, *job.hidden), Tier(job.best_tier)
        return Launcher(job.limits, _published_before(job.notebook), hidden, tier, warm)

    waiting = [launch(inherited)]

    def warm() -> Launcher:
        return waiting.pop() if waiting else launch()

    from autograder.checking.cases import draw_cases
    from autograder.checking.runner import topic_checks
    from autograder.grading.grade_one import Grader
    from autograder.grading.reference import reference_of
    from autograder.grading.written import handed_out_prompts
    from autograder.handouts.solved import aligned_module
    from autograder.source import read_source

    catalogue = load_catalogue(job.notebook)
    topic_checks(catalogue.topic)
    source = read_source(job.source)
    cases = draw_cases(catalogue.topic, job.seed, reference_of(source))
    prompts = handed_out_prompts(job.root / "notebooks" / f"{job.notebook}.ipynb")
    hidden = _hidden_views(job, catalogue)
    return Grader(catalogue, cases, job.limits, warm, prompts, aligned_module(source), hidden)


def _hidden_views(job: Job, catalogue: Catalogue) -> dict[str, Hidden]:
    """The views that each trained exercise is compared with: as released, else as everybody may draw them."""
    from autograder.trained.drawn import draw_task
    from autograder.trained.task import DEVELOPMENT_SEED, find_task

    released = {view.task: view for view in job.views}
    return {
        e.id: released.get(e.id) or draw_task(find_task(e.id), DEVELOPMENT_SEED).hidden
        for e in catalogue.trained
    }


def failed(job: Job, submission: Submission, key: str, reason: str) -> SubmissionResult:
    """The result of a submission that the grader itself could not grade."""
    problem = f"The grader itself failed; this is not the submission's fault. {reason}"
    return SubmissionResult(
        student=submission.student,
        name=submission.name,
        source=submission.source,
        notebook=job.notebook,
        outcome=Outcome.GRADER_ERROR,
        max_points=load_catalogue(job.notebook).max_points,
        problems=(problem,),
        remarks=submission.remarks,
        key=key,
    )


def _published_before(notebook: str) -> tuple[str, ...]:
    """Topics whose answers are out when this notebook is handed out: those of the notebooks before it."""
    solved = _PACKAGE.parent / "course_lib" / "solved"
    earlier = []
    for name in sorted(p.stem for p in (_PACKAGE / "catalogue").glob("*.json")):
        topic = name.partition("_")[2]
        if name < notebook and (solved / f"{topic}.py").is_file():
            earlier.append(topic)
    return tuple(earlier)
