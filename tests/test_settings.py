"""course.toml: what it means, and that mistakes in it are refused with file, key and reason."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.settings import (
    GradingLimits,
    LatePolicy,
    SettingsError,
    find_root,
    load_settings,
)

REPOSITORY = Path(__file__).parents[1]

GOOD = """
[course]
title = "Seeing"
version = "2026.1"
[release]
repository = "owner/name"
[[assignment]]
id = "a1"
title = "One"
weight = 60
notebook = "01_one"
opens = 2026-09-01T09:00:00Z
due = 2026-09-20T23:59:00Z
[[assignment]]
id = "a2"
title = "Two"
weight = 20
[[project]]
id = "report"
title = "Report"
weight = 20
late_days = false
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "01_one.py").write_text("# %%\n")
    (tmp_path / "course.toml").write_text(GOOD)
    return tmp_path


def refusal(root: Path, old: str, new: str) -> str:
    """The message for GOOD with one piece replaced."""
    assert old in GOOD
    (root / "course.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(SettingsError) as caught:
        load_settings(root)
    return str(caught.value)


def test_a_good_file_is_read_with_defaults(root: Path) -> None:
    settings = load_settings(root)
    assert settings.course.title == "Seeing"
    assert (settings.release.repository, settings.release.branch) == ("owner/name", "main")
    assert settings.assignment("a1").due == datetime(2026, 9, 20, 23, 59, tzinfo=UTC)
    assert settings.assignment("a1").weight == 60.0
    assert settings.assignment_of("01_one") is settings.assignment("a1")
    assert settings.assignment_of("02_two") is None
    assert settings.assignment("a2").notebook is None
    assert [m.late_days for m in settings.project] == [False]
    assert settings.late == LatePolicy()
    assert settings.grading == GradingLimits()


def test_every_limit_can_be_set(root: Path) -> None:
    limits = """[grading]
    call_seconds = 1.5
    exercise_seconds = 3
    submission_seconds = 4
    memory_mb = 1024
    minimum_tier = "B"
    """
    (root / "course.toml").write_text(GOOD + limits + "[late]\nlate_days = 5\npenalty = 0.25\n")
    settings = load_settings(root)
    assert settings.grading == GradingLimits(1.5, 3.0, 4.0, 1024, "B")
    assert settings.late == LatePolicy(5, 0.25)


def test_unknown_assignment_lists_the_known_ones(root: Path) -> None:
    with pytest.raises(SettingsError, match=r"no assignment 'a9'; known: a1, a2"):
        load_settings(root).assignment("a9")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "due = 2026-09-20T23:59:00Z",
            "due = 2026-08-20T23:59:00Z",
            "assignment[0].due: 2026-08-20T23:59:00+00:00 is not after",
        ),
        (
            "due = 2026-09-20T23:59:00Z",
            "due = 2026-09-20T23:59:00",
            "assignment[0].due: 2026-09-20T23:59:00 has no time zone",
        ),
        (
            "due = 2026-09-20T23:59:00Z",
            "due = 2026-09-20",
            "assignment[0].due: must be a date with time, not date",
        ),
        ("due = 2026-09-20T23:59:00Z", "", "assignment[0].due: is missing"),
        (
            "due = 2026-09-20T23:59:00Z",
            'due = "Friday"',
            "assignment[0].due: must be a date with time, not text ('Friday')",
        ),
        ("opens = 2026-09-01T09:00:00Z", "", "assignment[0].opens: is missing"),
        (
            "opens = 2026-09-01T09:00:00Z",
            "open = 2026-09-01T09:00:00Z",
            'assignment[0].open: unknown key; did you mean "opens"?',
        ),
        ('id = "a2"', 'id = "a1"', "assignment[1].id: 'a1' is already taken by assignment[0]"),
        (
            'id = "a2"',
            'id = "a2"\nnotebook="01_one"\nopens=2026-10-01T09:00:00Z\ndue=2026-10-02T09:00:00Z',
            "assignment[1].notebook: '01_one' is already taken by assignment[0]",
        ),
        ('id = "a2"', "id = 2", "assignment[1].id: must be text, not a whole number (2)"),
        ('id = "a2"', 'id = " "', "assignment[1].id: must not be empty"),
        ('id = "a2"', "", "assignment[1].id: is missing (text)"),
        (
            'notebook = "01_one"',
            'notebook = "01_oen"',
            "assignment[0].notebook: there is no notebook '01_oen'; did you mean \"01_one\"?",
        ),
        (
            "weight = 60",
            "weight = 61",
            "assignment: the weights of assignments and project add up to 101, more than 100",
        ),
        ("weight = 60", "weight = -1", "assignment[0].weight: must be at least 0, not -1"),
        (
            "weight = 60",
            "weight = 101",
            "assignment[0].weight: is a percentage between 0 and 100, not 101",
        ),
        ("weight = 60", "weight = nan", "assignment[0].weight: must be a finite number, not nan"),
        (
            "weight = 60",
            "weight = true",
            "assignment[0].weight: must be a number, not true or false (True)",
        ),
        ("weight = 60", 'weight = "60"', "assignment[0].weight: must be a number, not text ('60')"),
        (
            "weight = 60",
            "wieght = 60",
            'assignment[0].weight: is missing (a number); is "wieght" a misspelling of it?',
        ),
        (
            'title = "Seeing"',
            'titel = "Seeing"',
            'course.title: is missing (text); is "titel" a misspelling of it?',
        ),
        ("[course]", "[curse]\n[course]", 'curse: unknown key; did you mean "course"?'),
        (
            "[course]",
            "[zzz]\n[course]",
            "zzz: unknown key; known here: assignment, course, gradebook, grading, late, project",
        ),
        ("[[project]]", "[project]", "project: must be an array of tables, not a table"),
        (
            'repository = "owner/name"',
            'repository = "https://x.org/owner/name"',
            'release.repository: must read "owner/name"',
        ),
        (
            'repository = "owner/name"',
            'repository = "owner/name"\nwheel = "course.whl"',
            "release.wheel: must be an https:// address that ends in .whl, not 'course.whl'",
        ),
        (
            "late_days = false",
            "late_days = 0",
            "project[0].late_days: must be true or false, not a whole number (0)",
        ),
        ("[course]", "[late]\npenalty = 25\n[course]", "late.penalty: is a share between 0 and 1"),
        (
            "[course]",
            "[late]\nlate_days = -1\n[course]",
            "late.late_days: must be at least 0, not -1",
        ),
        (
            "[course]",
            "[late]\nlate_days = 2.5\n[course]",
            "late.late_days: must be a whole number, not a number (2.5)",
        ),
        (
            "[course]",
            "[grading]\ncall_second = 3\n[course]",
            'grading.call_second: unknown key; did you mean "call_seconds"?',
        ),
        (
            "[course]",
            "[grading]\ncall_seconds = 0\n[course]",
            "grading.call_seconds: must be greater than 0, not 0",
        ),
        (
            "[course]",
            "[grading]\ncall_seconds = 31\n[course]",
            "grading.exercise_seconds: 30 is shorter than call_seconds = 31",
        ),
        (
            "[course]",
            "[grading]\nsubmission_seconds = 20\n[course]",
            "grading.submission_seconds: 20 is shorter than exercise_seconds = 30",
        ),
        (
            "[course]",
            "[grading]\nmemory_mb = 8\n[course]",
            "grading.memory_mb: must be at least 256, not 8",
        ),
        (
            "[course]",
            "[gradebook]\ndatabase = 7\n[course]",
            "gradebook.database: must be text, not a whole number (7)",
        ),
        (
            "[course]",
            '[grading]\nminimum_tier = "F"\n[course]',
            "grading.minimum_tier: must be one of A, B, C, D, E, not 'F'",
        ),
        ("[course]", "[course", "not valid TOML: "),
    ],
)
def test_mistakes_are_refused_with_file_key_and_reason(
    root: Path, old: str, new: str, message: str
) -> None:
    assert refusal(root, old, new).startswith(f"course.toml: {message}")


def test_text_that_is_not_utf_8_is_refused(root: Path) -> None:
    (root / "course.toml").write_bytes(b'[course]\ntitle = "caf\xe9"\n')
    with pytest.raises(SettingsError, match=r"course\.toml: not UTF-8 text, from byte 21 on"):
        load_settings(root)


def test_a_release_without_sources_still_knows_its_notebooks(root: Path) -> None:
    (root / "solutions" / "01_one.py").unlink()
    (root / "notebooks").mkdir()
    (root / "notebooks" / "01_one.ipynb").write_text("{}")
    assert load_settings(root).assignment("a1").notebook == "01_one"


def test_the_root_is_the_nearest_folder_above(root: Path, tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_root(inner) == root
    assert find_root(root) == root


def test_without_a_root_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no course\.toml in .* or name it with --root"):
        find_root(tmp_path)


def test_the_course_itself() -> None:
    if not (REPOSITORY / "solutions" / "01_camera_geometry.py").is_file():
        pytest.skip("the first notebook is not written yet")
    settings = load_settings(REPOSITORY)
    package = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert settings.release.wheel is not None
    assert settings.release.wheel.endswith(
        f"/{package['name'].replace('-', '_')}-{package['version']}-py3-none-any.whl"
    )
    first = settings.assignment("a1")
    assert first.notebook == "01_camera_geometry"
    assert first.opens is not None
    assert first.due is not None
    assert first.due - first.opens > timedelta(days=7)
    assert sum(p.weight for p in (*settings.assignments, *settings.project)) == 100
