"""Which files belong to which stage, and the few that a release has of its own."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.release.contents import ReleaseError, contents_of, early_answers
from autograder.release.marker import why_not_ours, write_marker
from autograder.release.project_files import student_pyproject, student_requirements
from autograder.settings import Settings, load_settings
from tests.tiny_course import REPOSITORY, RING, SYLLABUS, TOTAL, write_source

FILES = """
autograder/__init__.py autograder/checks/__init__.py autograder/checks/areas/check_all.py
autograder/checks/sums/check_all.py autograder/checks/draft/check_all.py
autograder/catalogue/__init__.py autograder/catalogue/01_areas.json
autograder/catalogue/02_sums.json autograder/__pycache__/x.pyc autograder/.hidden
course_lib/__init__.py course_lib/solved/__init__.py course_lib/solved/areas.py
course_lib/solved/sums.py notebooks/01_areas.ipynb notebooks/02_sums.ipynb
assets/references/01_areas.safetensors assets/references/02_sums.safetensors
assets/data/a.jpg assets/manifest.toml assets/sample_class/x.zip LICENSE tests/test_a.py
"""
LATE = SYLLABUS + "\n[late]\nlate_days = 5\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The names of a course's files, without the code."""
    (tmp_path / "course.toml").write_text(LATE)
    write_source(tmp_path, "01_areas", RING)
    write_source(tmp_path, "02_sums", TOTAL)
    for name in FILES.split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def settings(course: Path) -> Settings:
    return load_settings(course)


def names(course: Path, stage: int) -> set[str]:
    return {path.as_posix() for path in contents_of(course, settings(course), stage).files}


ALWAYS = {
    "LICENSE",
    "assets/data/a.jpg",
    "assets/manifest.toml",
    "autograder/__init__.py",
    "autograder/catalogue/__init__.py",
    "autograder/checks/__init__.py",
    "course_lib/__init__.py",
    "course_lib/solved/__init__.py",
}
FIRST = {
    "assets/references/01_areas.safetensors",
    "autograder/catalogue/01_areas.json",
    "autograder/checks/areas/check_all.py",
    "notebooks/01_areas.ipynb",
}
SECOND = {
    "assets/references/02_sums.safetensors",
    "autograder/catalogue/02_sums.json",
    "autograder/checks/sums/check_all.py",
    "notebooks/02_sums.ipynb",
}


def test_stage_one_holds_the_first_notebook_and_no_answer(course: Path) -> None:
    assert names(course, 1) == ALWAYS | FIRST


def test_stage_two_adds_the_second_notebook_and_the_firsts_answers(course: Path) -> None:
    assert names(course, 2) == ALWAYS | FIRST | SECOND | {"course_lib/solved/areas.py"}


def test_a_notebook_nobody_published_stays_at_home(course: Path) -> None:
    unpublished = LATE.replace('notebook = "02_sums"\n', "")
    (course / "course.toml").write_text(unpublished)
    assert names(course, 1) == ALWAYS | FIRST
    with pytest.raises(ReleaseError, match=r"no published notebook 2 \(published: 1\)"):
        contents_of(course, settings(course), 2)


def test_links_are_not_followed(course: Path) -> None:
    (course / "course_lib" / "link.py").symlink_to(course / "solutions" / "01_areas.py")
    with pytest.raises(
        ReleaseError, match=r"course_lib/link\.py is a link; a release holds files only"
    ):
        contents_of(course, settings(course), 1)


@pytest.mark.parametrize(
    ("day", "early"),
    [(datetime(2026, 2, 6, 8, tzinfo=UTC), True), (datetime(2026, 2, 6, 10, tzinfo=UTC), False)],
)
def test_answers_that_come_out_before_the_last_late_day_are_announced(
    course: Path, day: datetime, early: bool
) -> None:
    assert early_answers(settings(course), contents_of(course, settings(course), 1), day) == []
    said = early_answers(settings(course), contents_of(course, settings(course), 2), day)
    assert len(said) == early
    if early:
        assert (
            "answers of 01_areas, which may be handed in with late days until 2026-02-06 09:00"
            in said[0]
        )


def test_the_students_pyproject_builds_the_same_project_and_nothing_else() -> None:
    text = (REPOSITORY / "pyproject.toml").read_text()
    mine, theirs = tomllib.loads(text), tomllib.loads(student_pyproject(text))
    assert theirs["project"] == mine["project"]
    assert theirs["build-system"] == mine["build-system"]
    assert set(theirs) == {"build-system", "project", "tool"}
    assert set(theirs["tool"]) == {"hatch"}


def test_a_pyproject_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(ReleaseError, match="begin each table's header at the start of a line"):
        student_pyproject('  [project]\n  name = "x"\n')


def test_students_get_the_pins_of_what_they_need_only() -> None:
    pyproject = '[project]\ndependencies = ["torch>=2", "Pillow>=10", "jupyter_client"]\n'
    pins = (
        "# a\ntorch==2.13.0\npillow==13.0\nmypy==2\n\njupyter-client==8\n-e .\npsycopg[binary]==3\n"
    )
    kept = student_requirements(pins, pyproject).splitlines()[1:]
    assert kept == ["torch==2.13.0", "pillow==13.0", "jupyter-client==8"]


@pytest.fixture
def released(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "stage-1"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "01_areas.ipynb").write_text("{}")
    write_marker(folder, "1", contents_of(course, settings(course), 1))
    return folder


def test_an_untouched_release_may_be_replaced(released: Path) -> None:
    assert why_not_ours(released) == ""
    (released / "__pycache__").mkdir()
    (released / "__pycache__" / "x.pyc").write_text("")
    assert why_not_ours(released) == ""


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("notes.txt", "mine", "notes.txt in it was put there by somebody else"),
        (".git/HEAD", "ref", ".git/HEAD in it was put there by somebody else"),
        ("notebooks/01_areas.ipynb", "my work", "notebooks/01_areas.ipynb in it was changed since"),
        ("release.json", "{", "its release.json is damaged"),
        ("release.json", "[]", "its release.json is damaged"),
        (
            "release.json",
            '{"files": {}, "made_by": "npm"}',
            "its release.json was made by something else",
        ),
    ],
)
def test_a_release_that_somebody_worked_in_is_kept(
    released: Path, file: str, text: str, reason: str
) -> None:
    (released / file).parent.mkdir(exist_ok=True)
    (released / file).write_text(text)
    assert why_not_ours(released) == reason


def test_other_folders_and_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert why_not_ours(tmp_path / "file") == "it is a file"
    assert (
        why_not_ours(tmp_path) == "it holds other things and no release.json, so it is no release"
    )
    (tmp_path / "empty").mkdir()
    assert why_not_ours(tmp_path / "empty") == ""
