"""The generated list of exercises per notebook: ids, titles, points. Written by `autograder handouts build`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Exercise:
    """A graded piece of code: one exercise cell, which may define several functions."""

    id: str
    number: str  # "1.6"
    title: str
    points: float
    functions: tuple[str, ...]  # names the cell defines, in order


@dataclass(frozen=True)
class WrittenQuestion:
    """A question answered in prose and graded by a person."""

    id: str
    number: str
    title: str
    points: float


@dataclass(frozen=True)
class Catalogue:
    """Everything that can earn points in one notebook."""

    notebook: str  # "01_camera_geometry"
    topic: str  # "camera_geometry": the name of its checks and its solved module
    title: str
    exercises: tuple[Exercise, ...]
    written: tuple[WrittenQuestion, ...]

    @property
    def max_points(self) -> float:
        """Full marks, written questions included."""
        return sum(e.points for e in self.exercises) + sum(w.points for w in self.written)

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise of that id; KeyError lists the known ids."""
        for exercise in self.exercises:
            if exercise.id == exercise_id:
                return exercise
        known = ", ".join(e.id for e in self.exercises)
        raise KeyError(f"no exercise {exercise_id!r} in {self.notebook}; known: {known}")

    def to_json(self) -> str:
        """Stable text: the same catalogue always gives the same bytes."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Catalogue:
    """The inverse of `Catalogue.to_json`."""
    raw = json.loads(text)
    exercises = tuple(
        Exercise(**{**e, "functions": tuple(e["functions"])}) for e in raw["exercises"]
    )
    written = tuple(WrittenQuestion(**w) for w in raw["written"])
    return Catalogue(raw["notebook"], raw["topic"], raw["title"], exercises, written)


@cache
def load_catalogue(notebook: str) -> Catalogue:
    """The committed catalogue of a notebook such as "01_camera_geometry"."""
    path = Path(__file__).with_name(f"{notebook}.json")
    if not path.is_file():
        raise FileNotFoundError(
            f"no catalogue for notebook {notebook!r}; run `autograder handouts build`"
        )
    return from_json(path.read_text(encoding="utf-8"))


def all_notebooks() -> tuple[str, ...]:
    """Names of the notebooks that have a catalogue, in order."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.json")))
