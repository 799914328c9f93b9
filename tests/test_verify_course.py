"""`autograder verify` on a course in miniature: silent while all is well, precise about everything that is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from autograder.checking.cases import PUBLIC_SEED, Draw
from tests.tiny_course import (
    BANK,
    CHECKS,
    RING,
    TOTAL,
    autograder,
    make_course,
    write_checks,
    write_source,
)

pytestmark = pytest.mark.slow

FREE = '''
# %% exercise="free" title="Free" points=1
def free() -> int:
    """Its check asks for nothing."""
    # BEGIN SOLUTION
    return 3 - 2
    # END SOLUTION
'''
OUTSIDE = '''
# %% exercise="outside" title="Outside" points=1
def outside() -> int:
    """Reads what is there for the instructor, not for a submission."""
    # BEGIN SOLUTION
    with open("/etc/hostname", "rb") as file:
        return min(7, 7 + len(file.read(1)))
    # END SOLUTION
'''
UNCHECKED = '''
# %% exercise="unchecked" title="Unchecked" points=1
def unchecked() -> int:
    """Nobody checks it."""
    # BEGIN SOLUTION
    return 5 + 6
    # END SOLUTION
'''
MORE_CHECKS = '''
@checks_exercise("free", entrance=True)
def test_nothing(student: Student, cases: Cases) -> None:
    """Nothing."""

@cases_for("outside")
def outside_cases(draw: Draw) -> Iterator[Case]:
    yield Case("outside", "the number", {})

@checks_exercise("outside", entrance=True)
def test_outside(student: Student, cases: Cases) -> None:
    """The number."""
    expect_close(student.outside(), 7, "the number")
'''


def luck() -> str:
    """A condition on the first number that holds for the public seed and for no hidden one that is tried."""
    first = {seed: float(Draw(seed, "total").normal(5)[0]) for seed in (PUBLIC_SEED, 1, 2)}
    return f"abs(float(numbers[0]) - {first[PUBLIC_SEED]!r}) < 1e-3"


def odd_answers() -> str:
    """Answers to `total` that go wrong in every way; the title says what verify is to make of each."""
    right = "sum((n + 1) * x * x for n, x in enumerate(numbers))"
    bodies = {
        'wrong="secretly right"': f"    return {right}",
        'wrong="lucky in public"': f"    return {right} if {luck()} else numbers.sum()",
        'wrong="loops for ever"': "    while True:\n        pass",
        'wrong="ends its process"': "    import os\n    os._exit(3)",
        'wrong="closes files, then loops"': (
            "    import os\n    os.closerange(3, 999)\n    while True:\n        pass"
        ),
        'wrong="misspelt"': "    return nmubers.sum()",
        'wrong="not Python"': "    return (",
        'wrong="noisy and wrong"': '    print("x" * 10**6)\n    return numbers',
        'right="secretly wrong"': "    return numbers.sum()",
        'right="unlucky in public"': f"    return numbers.sum() if {luck()} else {right}",
        'right="loops for ever too"': "    while True:\n        pass",
        'right="changes torch for others"': f"    torch.set_default_dtype(torch.float64)\n    return {right}",
    }
    cells = [
        f'\n# %% exercise="total" {kind}\ndef total(numbers):\n{body}\n'
        for kind, body in bodies.items()
    ]
    return "".join(cells) + '\n# %% exercise="totl" wrong="no such exercise"\nx = 1\n'


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("sound") / "course")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What verify says of a course that breaks every promise once."""
    course = make_course(tmp_path_factory.mktemp("broken") / "course")
    write_source(course, "02_sums", TOTAL + FREE + OUTSIDE + UNCHECKED)
    write_checks(course, "sums", CHECKS["total"] + MORE_CHECKS)
    bank = course / "solutions" / "answer_bank" / "02_sums.py"
    bank.write_text(BANK["02_sums"] + odd_answers())
    assert autograder(course, "handouts", "build").returncode == 0
    renamed = RING.replace("whole_disc", "a").replace("missing_disc", "b").replace("outer", "big")
    (course / "course_lib" / "leak.py").write_text(
        "import math\n\nimport torch\n" + renamed.replace("inner", "small")
    )
    handout = course / "notebooks" / "01_areas.ipynb"
    handout.write_text(handout.read_text().replace("The area between", "The wide area between"))
    report = course / "report.json"
    done = autograder(course, "verify", "--seeds", "2", "-j", "2", "--json", str(report))
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    raw: dict[str, Any] = json.loads(report.read_text())
    return {**raw, "stderr": done.stderr, "stdout": done.stdout}


def findings(report: dict[str, Any], part: str) -> list[str]:
    """Findings of the properties whose name contains a word, as `place: message`."""
    outcomes = [o for o in report["outcomes"] if part in o["property"]]
    assert outcomes, f"no property is called like {part!r}"
    return [f"{f['place']}: {f['message']}" for o in outcomes for f in o["findings"]]


def test_a_sound_course_is_fit_for_release(sound: Path) -> None:
    done = autograder(sound, "verify", "--seeds", "1", "-j", "1", "--json", "r.json", build=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("The course is fit for release.")
    report = json.loads((sound.parent / "r.json").read_text())
    assert report["ok"] is True
    assert report["hidden_seeds"] == [1]
    told = {(o["notebook"], o["property"]): o["examined"] for o in report["outcomes"]}
    assert len(told) == 1 + 2 * 8
    assert told["01_areas", "every wrong answer is caught"] == "1 answers, 2 sets of numbers"
    assert told["02_sums", "the solution earns everything"].startswith(
        "2 of 2 points in the sandbox"
    )
    assert told["01_areas", "the handout earns nothing"].startswith("0 of 4 points in the sandbox")


def test_only_the_notebook_asked_for(sound: Path) -> None:
    done = autograder(sound, "verify", "--notebook", "03_none")
    assert done.returncode == 2
    assert "no notebook '03_none' in solutions/" in done.stderr


def test_wrong_answers_that_survive_are_named(broken: dict[str, Any]) -> None:
    said = findings(broken, "wrong answer is caught")
    (survivor,) = [s for s in said if "passes every check" in s]
    assert re.match(
        r"solutions/answer_bank/02_sums\.py:\d+: the wrong answer 'secretly right' to 'total'",
        survivor,
    )
    assert [s for s in said if "'misspelt'" in s and "name 'nmubers' is not defined" in s]
    assert [s for s in said if "'not Python'" in s and "does not run: SyntaxError" in s]
    assert len(said) == 3, said  # loops, exits and noise are caught as they should be


def test_right_answers_that_fail_are_named(broken: dict[str, Any]) -> None:
    said = findings(broken, "other right answer passes")
    assert [
        s
        for s in said
        if "'secretly wrong' to 'total' does not pass on the public numbers: test_five" in s
    ]
    assert [s for s in said if "'loops for ever too'" in s and "takes longer than 3 seconds" in s]
    assert len(said) == 2, said


def test_answers_on_which_the_numbers_disagree_are_named(broken: dict[str, Any]) -> None:
    said = findings(broken, "hidden and public numbers agree")
    (lucky,) = [s for s in said if "'lucky in public'" in s]
    assert (
        "passes on the public numbers, but not on hidden seed 1, hidden seed 2: test_five" in lucky
    )
    (unlucky,) = [s for s in said if "'unlucky in public'" in s]
    assert "passes on hidden seed 1, hidden seed 2, but not on the public numbers" in unlucky
    assert len(said) == 2, said


def test_gaps_in_the_bank_are_named(broken: dict[str, Any]) -> None:
    said = findings(broken, "every exercise has checks")
    for exercise in ("free", "outside", "unchecked"):
        assert [s for s in said if f"no wrong answer to {exercise!r}" in s]
        assert [s for s in said if f"no other right answer to {exercise!r}" in s]
    assert [s for s in said if "an answer to 'totl', which is no exercise of 02_sums" in s]
    assert len(said) == 7, said


def test_a_solution_that_only_runs_outside_the_sandbox_is_named(broken: dict[str, Any]) -> None:
    said = findings(broken, "the solution earns everything")
    assert [s for s in said if "solution of 'outside' earns 0 of 1 points" in s]
    assert [s for s in said if "solution of 'unchecked' earns 0 of 1 points: it has no checks" in s]
    assert len(said) == 2, said


def test_points_for_nothing_are_named(broken: dict[str, Any]) -> None:
    (said,) = findings(broken, "the handout earns nothing")
    assert said.startswith(
        "notebooks/02_sums.ipynb: without an answer, 'free' earns 1 of 1 points: test_nothing"
    )


def test_stale_files_and_missing_checks_are_named(broken: dict[str, Any]) -> None:
    said = findings(broken, "generated files agree")
    assert "notebooks/01_areas.ipynb: differs from what its source gives" in said
    assert [s for s in said if "exercise 'unchecked' has no checks" in s]


def test_a_renamed_answer_in_the_library_stops_the_release(broken: dict[str, Any]) -> None:
    said = findings(broken, "release holds no answer")
    assert said == [
        "course_lib/leak.py: shows an answer to 'ring', perhaps under other names (solutions/01_areas.py:13)"
    ]


def test_every_finding_reaches_the_terminal_with_its_remedy(broken: dict[str, Any]) -> None:
    count = sum(len(o["findings"]) for o in broken["outcomes"])
    assert broken["stderr"].rstrip().endswith(f"{count} findings")
    for outcome in broken["outcomes"]:
        for finding in outcome["findings"]:
            assert f"{finding['place']}: {finding['message']}" in broken["stderr"]
    assert "to mend it: autograder handouts build --notebook 01_areas" in broken["stderr"]
    assert "to mend" in broken["stdout"]
