"""The syllabus in `course.toml` as frozen dataclasses; anything odd in it is refused by name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.settings_table import SettingsError, Table

FILE_NAME = "course.toml"
TIERS = ("A", "B", "C", "D", "E")  # of the sandbox, strongest first

__all__ = [
    "Assignment",
    "Course",
    "GradebookSettings",
    "GradingLimits",
    "LatePolicy",
    "Milestone",
    "Release",
    "Settings",
    "SettingsError",
    "find_root",
    "load_settings",
]


@dataclass(frozen=True)
class Course:
    """What the course is called, and the version that names its release."""

    title: str
    version: str


@dataclass(frozen=True)
class Release:
    """The public repository that students open notebooks from."""

    repository: str  # "owner/name" on GitHub
    branch: str = "main"
    wheel: str | None = None  # what Colab installs; stands for {{wheel}} in a source


@dataclass(frozen=True)
class Assignment:
    """One notebook's share of the grade; announced, not yet published, while `notebook` is None."""

    id: str
    title: str
    weight: float  # percent of the final grade
    notebook: str | None = None  # "01_camera_geometry"
    opens: datetime | None = None  # with a time zone, as `due`; both are set once `notebook` is
    due: datetime | None = None


@dataclass(frozen=True)
class Milestone:
    """A part of the project, graded by people."""

    id: str
    title: str
    weight: float  # percent of the final grade
    late_days: bool = True  # whether late days may be spent on it
    due: datetime | None = None  # with a time zone; without one nothing is late


@dataclass(frozen=True)
class LatePolicy:
    """Free late days for the whole course, then a share of the score per further day."""

    late_days: int = 0
    penalty: float = 0.0  # 0.25 takes a quarter off for each day beyond the late days


@dataclass(frozen=True)
class GradingLimits:
    """What one submission may use while it is graded."""

    call_seconds: float = 10.0
    exercise_seconds: float = 30.0
    submission_seconds: float = 120.0
    memory_mb: int = 2048
    minimum_tier: str | None = None  # refuse to grade in a sandbox weaker than this, "A" to "E"


@dataclass(frozen=True)
class GradebookSettings:
    """Where grades are kept."""

    database: str = "sqlite:///gradebook.db"  # a file is looked for beside course.toml


@dataclass(frozen=True)
class Settings:
    """All of `course.toml`."""

    course: Course
    release: Release
    assignments: tuple[Assignment, ...]
    project: tuple[Milestone, ...]
    late: LatePolicy
    grading: GradingLimits
    gradebook: GradebookSettings = GradebookSettings()

    def assignment(self, assignment_id: str) -> Assignment:
        """The assignment of that id; SettingsError lists the known ids."""
        for assignment in self.assignments:
            if assignment.id == assignment_id:
                return assignment
        known = ", ".join(a.id for a in self.assignments) or "none"
        raise SettingsError(f"{FILE_NAME}: no assignment {assignment_id!r}; known: {known}")

    def assignment_of(self, notebook: str) -> Assignment | None:
        """The assignment that publishes a notebook such as "01_camera_geometry", if one does."""
        return next((a for a in self.assignments if a.notebook == notebook), None)


def find_root(start: Path | None = None) -> Path:
    """The nearest folder with a `course.toml`, from `start` (here) upwards, or SettingsError."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise SettingsError(
        f"no {FILE_NAME} in {here} or any folder above it. "
        "Run the command inside the course repository, or name it with --root."
    )


def load_settings(root: Path) -> Settings:
    """Read and check `course.toml` in `root`; SettingsError names file, key and reason."""
    path = root / FILE_NAME
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{FILE_NAME}: not found in {root}") from None
    except OSError as error:
        raise SettingsError(f"{FILE_NAME}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{FILE_NAME}: not UTF-8 text, from byte {error.start} on") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{FILE_NAME}: not valid TOML: {error}") from None
    return _settings(Table(FILE_NAME, "", raw), root)


def _settings(top: Table, root: Path) -> Settings:
    course = top.table("course")
    release = top.table("release")
    late = top.table("late", required=False)
    grading = top.table("grading", required=False)
    gradebook = top.table("gradebook", required=False)
    settings = Settings(
        course=Course(course.text("title"), course.text("version")),
        release=_release(release),
        assignments=tuple(_assignment(t, root) for t in top.tables("assignment")),
        project=tuple(_milestone(t) for t in top.tables("project")),
        late=_late(late),
        grading=_grading(grading),
        gradebook=GradebookSettings(
            gradebook.text("database", default=GradebookSettings().database)
        ),
    )
    for table in (course, release, late, grading, gradebook, top):
        table.refuse_unknown_keys()
    _check_uniqueness(top, settings)
    _check_weights(top, settings)
    return settings


def _release(table: Table) -> Release:
    repository = table.text("repository")
    owner, _, name = repository.partition("/")
    if not owner or not name or "/" in name or any(c.isspace() for c in repository):
        table.fail("repository", f'must read "owner/name", not {repository!r}')
    branch = table.text("branch", default="main")
    wheel = table.optional("wheel", table.text)
    if wheel is not None and not (wheel.startswith("https://") and wheel.endswith(".whl")):
        table.fail("wheel", f"must be an https:// address that ends in .whl, not {wheel!r}")
    return Release(repository, branch, wheel)


def _assignment(table: Table, root: Path) -> Assignment:
    notebook = table.optional("notebook", table.text)
    opens = table.optional("opens", table.moment)
    due = table.optional("due", table.moment)
    assignment = Assignment(
        table.text("id"), table.text("title"), table.percent("weight"), notebook, opens, due
    )
    table.refuse_unknown_keys()
    if notebook is not None and not _notebook_exists(notebook, root):
        table.fail(
            "notebook",
            f"there is no notebook {notebook!r}{table.nearest(notebook, _notebooks(root))}",
        )
    if notebook is not None or opens is not None or due is not None:
        for key, value in (("opens", opens), ("due", due)):
            if value is None:
                table.fail(
                    key, "is missing: a published or dated assignment needs both `opens` and `due`"
                )
    if opens is not None and due is not None and due <= opens:
        table.fail("due", f"{due.isoformat()} is not after opens = {opens.isoformat()}")
    return assignment


def _notebooks(root: Path) -> list[str]:
    """Notebooks that exist as a source, or as a handout where a release carries no sources."""
    found = [*(root / "solutions").glob("*.py"), *(root / "notebooks").glob("*.ipynb")]
    return sorted({path.stem for path in found})


def _notebook_exists(notebook: str, root: Path) -> bool:
    return notebook in _notebooks(root)


def _milestone(table: Table) -> Milestone:
    milestone = Milestone(
        table.text("id"),
        table.text("title"),
        table.percent("weight"),
        table.flag("late_days", default=True),
        table.optional("due", table.moment),
    )
    table.refuse_unknown_keys()
    return milestone


def _late(table: Table) -> LatePolicy:
    penalty = table.number("penalty", default=0.0, least=0.0)
    if penalty > 1:
        table.fail(
            "penalty", f"is a share between 0 and 1 (0.25 is a quarter a day), not {penalty:g}"
        )
    return LatePolicy(table.whole("late_days", default=0, least=0), penalty)


def _grading(table: Table) -> GradingLimits:
    default = GradingLimits()
    limits = GradingLimits(
        call_seconds=table.number("call_seconds", default=default.call_seconds, above=0),
        exercise_seconds=table.number(
            "exercise_seconds", default=default.exercise_seconds, above=0
        ),
        submission_seconds=table.number(
            "submission_seconds", default=default.submission_seconds, above=0
        ),
        memory_mb=table.whole("memory_mb", default=default.memory_mb, least=256),
        minimum_tier=table.optional("minimum_tier", table.text),
    )
    if limits.call_seconds > limits.exercise_seconds:
        table.fail(
            "exercise_seconds",
            f"{limits.exercise_seconds:g} is shorter than call_seconds = {limits.call_seconds:g}",
        )
    if limits.exercise_seconds > limits.submission_seconds:
        table.fail(
            "submission_seconds",
            f"{limits.submission_seconds:g} is shorter than "
            f"exercise_seconds = {limits.exercise_seconds:g}",
        )
    if limits.minimum_tier is not None and limits.minimum_tier not in TIERS:
        table.fail(
            "minimum_tier", f"must be one of {', '.join(TIERS)}, not {limits.minimum_tier!r}"
        )
    return limits


def _check_uniqueness(top: Table, settings: Settings) -> None:
    _refuse_duplicates(top, "assignment", [a.id for a in settings.assignments], "id")
    _refuse_duplicates(top, "assignment", [a.notebook for a in settings.assignments], "notebook")
    _refuse_duplicates(top, "project", [m.id for m in settings.project], "id")


def _refuse_duplicates(
    top: Table, array: str, values: list[str] | list[str | None], key: str
) -> None:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value is not None and value in first:
            top.fail(
                f"{array}[{index}].{key}", f"{value!r} is already taken by {array}[{first[value]}]"
            )
        if value is not None:
            first[value] = index


def _check_weights(top: Table, settings: Settings) -> None:
    total = sum(a.weight for a in settings.assignments) + sum(m.weight for m in settings.project)
    if total > 100 + 1e-9:
        top.fail(
            "assignment",
            f"the weights of assignments and project add up to {total:g}, more than 100",
        )
