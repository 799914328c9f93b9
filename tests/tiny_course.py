"""A whole course in miniature: its own copy of the code, two notebooks, their checks and answer banks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
SOURCE_DATE = "1700000000"
SYLLABUS = """
[course]
title = "Tiny"
version = "1"

[release]
repository = "owner/name"
wheel = "https://example.org/inverse_graphics_course-0.1.0-py3-none-any.whl"

[grading]
call_seconds = 2
exercise_seconds = 3
submission_seconds = 30

[[assignment]]
id = "a1"
title = "Areas"
weight = 50
notebook = "01_areas"
opens = 2026-01-01T09:00:00Z
due = 2026-02-01T09:00:00Z

[[assignment]]
id = "a2"
title = "Sums"
weight = 50
notebook = "02_sums"
opens = 2026-02-02T09:00:00Z
due = 2026-03-01T09:00:00Z
"""
HEADS = {
    "01_areas": "# %% [markdown]\n# # 1 · Areas\n\n# %% export\nimport math\n\nimport torch\n",
    "02_sums": "# %% [markdown]\n# # 2 · Sums\n\n# %% export\nimport torch\n",
}
RING = '''
# %% exercise="ring" title="Ring" points=4
def ring(outer: torch.Tensor, inner: torch.Tensor) -> torch.Tensor:
    """The area between two circles."""
    # BEGIN SOLUTION
    whole_disc = math.pi * outer**2
    missing_disc = math.pi * inner**2
    return whole_disc - missing_disc
    # END SOLUTION
'''
TOTAL = '''
# %% exercise="total" title="Total" points=2
def total(numbers: torch.Tensor) -> torch.Tensor:
    """The sum of the squares of all numbers, each with its weight 1, 2, 3, …"""
    # BEGIN SOLUTION
    weights = torch.arange(1, len(numbers) + 1, dtype=numbers.dtype)
    weighted = weights * numbers**2
    return weighted.sum()
    # END SOLUTION

# %% [markdown] written="why" title="Why?" points=1
# Why squares?
#
# BEGIN SOLUTION
# Because nobody wants negative numbers to cancel positive ones.
# END SOLUTION
'''
CHECKS = {
    "ring": '''
@cases_for("ring")
def ring_cases(draw: Draw) -> Iterator[Case]:
    yield Case("ring", "one", {"outer": draw.uniform(2, 3, 1), "inner": draw.uniform(1, 2, 1)})
    yield Case("ring", "four", {"outer": draw.uniform(2, 3, 4), "inner": draw.uniform(1, 2, 4)})

@checks_exercise("ring", entrance=True)
def test_one_ring(student: Student, cases: Cases) -> None:
    """One ring."""
    case = cases.one("ring", "one")
    expect_close(student.ring(*case.inputs.values()), case.expected, "the area")

@checks_exercise("ring")
def test_four_rings(student: Student, cases: Cases) -> None:
    """Four rings."""
    case = cases.one("ring", "four")
    expect_close(student.ring(*case.inputs.values()), case.expected, "the areas")
''',
    "total": '''
@cases_for("total")
def total_cases(draw: Draw) -> Iterator[Case]:
    yield Case("total", "five", {"numbers": draw.normal(5)})

@checks_exercise("total", entrance=True)
def test_five_numbers(student: Student, cases: Cases) -> None:
    """Five numbers."""
    case = cases.one("total", "five")
    expect_close(student.total(*case.inputs.values()), case.expected, "the sum")
''',
}
_CHECKS_HEAD = '''"""Checks."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.checking.cases import Case, Cases, Draw, cases_for
from autograder.checking.expect import expect_close
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student

'''
BANK = {
    "01_areas": """
# %% exercise="ring" wrong="a disc"
def ring(outer, inner):
    return math.pi * outer**2

# %% exercise="ring" right="factored"
def ring(outer, inner):
    return math.pi * (outer - inner) * (outer + inner)
""",
    "02_sums": """
# %% exercise="total" wrong="no weights"
def total(numbers):
    return (numbers**2).sum()

# %% exercise="total" right="a loop"
def total(numbers):
    return sum((n + 1) * x * x for n, x in enumerate(numbers))
""",
}


def make_course(folder: Path) -> Path:
    """Write the course's sources; nothing is built yet."""
    junk = shutil.ignore_patterns("__pycache__", "*.pyc", *_of_this_course())
    for package in ("autograder", "course_lib", "assets/data"):
        shutil.copytree(REPOSITORY / package, folder / package, ignore=junk)
    for file in ("pyproject.toml", "requirements.txt", "assets/manifest.toml"):
        shutil.copy(REPOSITORY / file, folder / file)
    (folder / "course.toml").write_text(SYLLABUS)
    write_source(folder, "01_areas", RING)
    write_source(folder, "02_sums", TOTAL)
    write_checks(folder, "areas", CHECKS["ring"])
    write_checks(folder, "sums", CHECKS["total"])
    (folder / "solutions" / "answer_bank").mkdir()
    for name, text in BANK.items():
        (folder / "solutions" / "answer_bank" / f"{name}.py").write_text(text)
    return folder


def _of_this_course() -> set[str]:
    """Names of what belongs to this course's own notebooks: generated files, checks, trained tasks."""
    names = {path.stem for path in (REPOSITORY / "solutions").glob("*.py")}
    topics = {name.partition("_")[2] for name in names}
    return {*topics, *(f"{topic}.py" for topic in topics), *names, *(f"{n}.*" for n in names)}


def write_source(folder: Path, notebook: str, exercises: str) -> None:
    """The source of a notebook: its head and its exercises."""
    (folder / "solutions").mkdir(exist_ok=True)
    (folder / "solutions" / f"{notebook}.py").write_text(HEADS[notebook] + exercises)


def write_checks(folder: Path, topic: str, checks: str) -> None:
    """The checks package of a topic, cases and checks in one file."""
    package = folder / "autograder" / "checks" / topic
    package.mkdir(exist_ok=True)
    (package / "check_all.py").write_text(_CHECKS_HEAD + checks)
    (package / "__init__.py").write_text(
        f'"""Checks."""\n\nfrom autograder.checks.{topic} import check_all\n\n__all__ = ["check_all"]\n'
    )


def autograder(
    course: Path, *arguments: str, build: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command of the course from another folder, by whatever autograder is installed."""
    if build:
        built = autograder(course, "handouts", "build")
        assert built.returncode == 0, built.stderr
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    # `handouts` has no second run by the course's own code, so here it is asked for from the start.
    own = (
        {"PYTHONPATH": str(course)}
        if arguments[0] == "handouts"
        else {"PYTHONPATH": str(REPOSITORY)}
    )
    return subprocess.run(
        [sys.executable, "-P", "-m", "autograder", *arguments, "--root", str(course)],
        cwd=course.parent,
        env={**environment, **own, "OMP_NUM_THREADS": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
