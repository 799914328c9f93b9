"""nbgrader and otter-grader beside ours: one correct submission of the six functions, same machine, same run."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.peers_venv import peers_bin
from benchmarks.processes import Cost, median_cost, run_command
from benchmarks.six_functions import course, for_nbgrader, for_otter
from benchmarks.timing import Figure, machine_class

_TIMES_FASTER = 40  # than the faster of the two: what we ask of ourselves


def figures() -> list[Figure]:
    """Medians of three, one torch thread each. What is not installed is said and left out."""
    with tempfile.TemporaryDirectory() as folder:
        peers = _peers(Path(folder))
        ours, warm = _ours(Path(folder))
    floor = median_cost(
        lambda: run_command(
            [sys.executable, "-c", "import torch"], course.REPOSITORY, _environment()
        )
    )
    found = [
        *_both("otter run", peers.get("otter")),
        *_both("nbgrader autograde", peers.get("nbgrader")),
        *_both("nbgrader generate_feedback", peers.get("feedback")),
        Figure(
            "ours, cold: from nothing to report", ours.wall, "s", 2.0, floor.wall, "import torch"
        ),
        Figure("ours, cold, processor", ours.cpu, "s"),
        Figure("ours, warm: from file to feedback page", warm["all"], "s", 0.15),
    ]
    found += [Figure(f"of that: {name}", seconds, "s") for name, seconds in breakdown(warm).items()]
    graders = [peers[name].wall for name in ("otter", "nbgrader") if name in peers]
    if graders:
        times = min(graders) / warm["all"]
        name = "ours, warm, times as fast as the faster peer"
        found.append(Figure(name, times, "×", _TIMES_FASTER, at_least=True))
    print(markdown(peers, ours, warm))
    return found


def breakdown(warm: dict[str, float]) -> dict[str, float]:
    """Where a warm submission's time goes, the largest part first."""
    words = {
        "fork": "fork and shut in",
        "plan": "read the notebook's code",
        "load": "run the cells that are needed",
        "calls": "call the student's functions",
        "checks": "compare",
        "end": "end the worker",
    }
    not_parts = {"all", "one worker", "worker_mb", "points"}
    parts = {words.get(name, name): s for name, s in warm.items() if name not in not_parts}
    return dict(sorted(parts.items(), key=lambda item: -item[1]))


def markdown(peers: dict[str, Cost], ours: Cost, warm: dict[str, float]) -> str:
    """The comparison as a table for the README."""
    rows = [
        ("nbgrader 0.9.6 `autograde`", peers.get("nbgrader")),
        ("… and its feedback page", peers.get("feedback")),
        ("otter-grader 7.0.0 `run`", peers.get("otter")),
        ("ours, cold: `autograder grade`, with report", ours),
    ]
    lines = [
        f"One correct submission, six PyTorch functions, 12 checks. {machine_class()}.",
        "",
        "| | wall s | processor s |",
        "|---|---|---|",
        *(f"| {name} | {cost.wall:.2f} | {cost.cpu:.2f} |" for name, cost in rows if cost),
        f"| ours, warm, with feedback page | {warm['all']:.3f} | |",
    ]
    return "\n".join(lines)


def _both(name: str, cost: Cost | None) -> list[Figure]:
    if cost is None:
        return []
    return [Figure(name, cost.wall), Figure(f"{name}, processor", cost.cpu)]


def _peers(folder: Path) -> dict[str, Cost]:
    """Their costs; empty if they cannot be installed here."""
    try:
        commands = peers_bin()
    except RuntimeError as error:
        Console(stderr=True).print(f"nbgrader and otter-grader are left out: {error}", markup=False)
        return {}
    environment = {
        **_environment(),
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),  # they keep settings and histories there
    }
    found: dict[str, Cost] = {}
    for_nbgrader.lay_out(folder / "nbgrader")
    for_otter.lay_out(folder / "otter")

    def run(place: str, *command: str) -> Cost:
        return run_command([commands / command[0], *command[1:]], folder / place, environment)

    run("nbgrader", "nbgrader", "generate_assignment", "six")
    found["nbgrader"] = median_cost(
        lambda: run("nbgrader", "nbgrader", "autograde", "six", "--force")
    )
    feedback = ("nbgrader", "generate_feedback", "six", "--force")
    found["feedback"] = median_cost(lambda: run("nbgrader", *feedback))
    _expect_sixty(for_nbgrader.points(folder / "nbgrader"), "nbgrader")
    run("otter", "otter", "generate", "-t", "tests")
    found["otter"] = median_cost(lambda: run("otter", "otter", "run", "ada.ipynb", "--no-logo"))
    _expect_sixty(for_otter.points(folder / "otter"), "otter-grader")
    return found


def _ours(folder: Path) -> tuple[Cost, dict[str, float]]:
    root = course.lay_out(folder / "course")
    classroom = folder / "class"
    course.hand_in(root, classroom, "ada")

    def cold() -> Cost:
        with tempfile.TemporaryDirectory() as out:
            places = ("--out", Path(out) / "report", "--db", f"sqlite:///{out}/gradebook.db")
            arguments = ("grade", classroom, "-j", "1", *places)
            command = [sys.executable, "-m", "autograder", *arguments]
            return run_command(command, root, course.environment(root))

    cost = median_cost(cold)
    program = ("benchmarks.six_functions.warm", str(root), str(classroom))
    warm: dict[str, float] = json.loads(course.python(*program, root=root))
    _expect_sixty(warm["points"], "ours")
    return cost, warm


def _expect_sixty(points: float, who: str) -> None:
    """A grader that did not grade would be fast."""
    if points != 60:
        raise RuntimeError(
            f"{who} gave the right answers {points:g} of 60 points: nothing was measured"
        )


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}
