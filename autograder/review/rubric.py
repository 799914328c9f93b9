"""What a question asks, what its author would answer, and how points are given.

Question and answer stand in the notebook's source. How an answer is graded stands beside it, where only graders look,
in `solutions/rubrics/NN_topic.toml` (the example is of no course: this file is in students' hands, rubrics are not):

    [two_tides_a_day]
    criteria = [
      { points = 1, text = "the moon pulls the near side more, the far side less" },
      { points = 1, text = "so the water rises on both sides" },
    ]

The points add up to those of the question. A question without a rubric is given full, half or no points.

Which lines an answer earned is kept as the reason for its points, `rubric 1,2 #5f0e1a`: the lines' numbers, and a mark
of the rubric that they are lines of. Once the rubric says something else, they are nobody's lines.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from autograder.source import Cell, Task


@dataclass(frozen=True)
class Criterion:
    """Something that an answer may have, and what it earns."""

    points: float
    text: str


@dataclass(frozen=True)
class Model:
    """An exercise or question as its author wrote it; "" where that is not at hand."""

    prompt: str = ""
    answer: str = ""
    criteria: tuple[Criterion, ...] = ()
    problem: str = ""  # why its rubric is not used


NOTHING = Model()
_RUBRIC = "rubric"
_REASON = re.compile(rf"{_RUBRIC} (\d{{1,3}}(?:,\d{{1,3}})*) #([0-9a-f]{{6}})", re.ASCII)


def models_of(root: Path, notebook: str) -> dict[str, Model]:
    """By id, everything that earns points in a notebook; empty where the course's sources are not here."""
    source = root / "solutions" / f"{notebook}.py"
    rubric = root / "solutions" / "rubrics" / f"{notebook}.toml"
    return _read(source, _changed(source), rubric, _changed(rubric))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, rubric: Path, _rubric_changed: int) -> dict[str, Model]:
    from autograder.source import InvalidSourceError, read_source

    if not changed:
        return {}
    try:
        source = read_source(path)
    except (
        InvalidSourceError,
        OSError,
    ):  # in the middle of a change; `handouts check` tells its author
        return {}
    rubrics, problem = _rubrics(rubric)
    return {
        cell.task.id: _model(cell, cell.task, rubrics, rubric.name, problem)
        for cell in source.cells
        if cell.task
    }


def _rubrics(path: Path) -> tuple[Mapping[str, Any], str]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig")), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, f"{path.name} cannot be read: {error}"


def _model(cell: Cell, task: Task, rubrics: Mapping[str, Any], file: str, problem: str) -> Model:
    if task.kind != "written":
        return Model(answer="\n".join(cell.lines)) if cell.regions else NOTHING
    first = cell.regions[0].begin if cell.regions else len(cell.lines)
    answer = [line for region in cell.regions for line in cell.lines[region.begin + 1 : region.end]]
    criteria: tuple[Criterion, ...] = ()
    if not problem and task.id in rubrics:
        criteria, problem = read_rubric(rubrics[task.id], task.points)
        problem = f"{file}, [{task.id}]: {problem}" if problem else ""
    prompt = "\n".join(cell.lines[:first]).strip()
    return Model(prompt, "\n".join(answer).strip(), criteria, problem)


def read_rubric(raw: object, points: float) -> tuple[tuple[Criterion, ...], str]:
    """The lines of a rubric, or why they cannot be used."""
    lines = raw.get("criteria") if isinstance(raw, dict) else None
    if not isinstance(lines, list) or not lines:
        return (), 'write criteria = [{ points = 1, text = "what earns it" }, …]'
    criteria: list[Criterion] = []
    for line in lines:
        worth, text = (
            (line.get("points"), line.get("text")) if isinstance(line, dict) else (None, None)
        )
        number = isinstance(worth, int | float) and not isinstance(worth, bool) and worth >= 0
        if not number or not isinstance(text, str) or not text.strip():
            return (), f'{line!r} is no criterion; write {{ points = 1, text = "what earns it" }}'
        assert worth is not None
        criteria.append(Criterion(float(worth), text.strip()))
    total = round(sum(one.points for one in criteria), 6)
    if total != points:
        return (), f"the criteria add up to {total:g} points, the question to {points:g}"
    return tuple(criteria), ""


def mark_of(criteria: Sequence[Criterion]) -> str:
    """A few letters that tell one rubric from another; "" where there is none."""
    text = "\0".join(f"{one.points:g} {one.text}" for one in criteria)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6] if criteria else ""


def reason_for(criteria: Sequence[Criterion], ticked: Iterable[int]) -> str:
    """What is kept as the reason for points that these lines (from 1) earned."""
    lines = ",".join(map(str, sorted(ticked))) or "0"
    return f"{_RUBRIC} {lines} #{mark_of(criteria)}" if criteria else ""


def ticked_in(reason: str, criteria: Sequence[Criterion]) -> frozenset[int]:
    """The lines of a rubric that are the reason, 0 for none of them; empty where it is not this rubric."""
    found = _REASON.fullmatch(reason)
    if found is None or not criteria or found[2] != mark_of(criteria):
        return frozenset()
    return frozenset(map(int, found[1].split(",")))


def choices(points: float) -> tuple[tuple[str, float], ...]:
    """How an answer is judged at once, and where its author wrote no rubric."""
    return (("full", points), ("half", points / 2), ("none", 0.0))
