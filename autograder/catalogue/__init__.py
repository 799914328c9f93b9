"""The generated list of exercises per notebook: ids, titles, points. Written by `autograder handouts build`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.catalogue.bands import Band


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
class TrainedExercise:
    """Training that is graded by the hidden views it predicts, in bands."""

    id: str  # also the name of its task and of the file of predictions
    number: str  # "2.17": counted with the exercises
    title: str
    points: float
    bands: tuple[Band, ...]
    views: tuple[int, int, int]  # how many hidden views, their height and width in pixels


@dataclass(frozen=True)
class Catalogue:
    """Everything that can earn points in one notebook."""

    notebook: str  # "01_camera_geometry"
    topic: str  # "camera_geometry": the name of its checks and its solved module
    title: str
    exercises: tuple[Exercise, ...]
    written: tuple[WrittenQuestion, ...]
    trained: tuple[TrainedExercise, ...] = ()

    @property
    def graded(self) -> tuple[Exercise | TrainedExercise, ...]:
        """Everything that the grader scores by itself, in the order of the notebook."""
        return tuple(sorted((*self.exercises, *self.trained), key=_place))

    @property
    def max_points(self) -> float:
        """Full marks, written questions included."""
        return sum(e.points for e in self.graded) + sum(w.points for w in self.written)

    def number(self, item_id: str) -> str:
        """The number of an exercise, trained or not; "" for an id of another version of the notebook."""
        return next((e.number for e in self.graded if e.id == item_id), "")

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise of that id; KeyError lists the known ids."""
        for exercise in self.exercises:
            if exercise.id == exercise_id:
                return exercise
        known = ", ".join(e.id for e in self.exercises)
        raise KeyError(f"no exercise {exercise_id!r} in {self.notebook}; known: {known}")

    def to_json(self) -> str:
        """Stable text: the same catalogue always gives the same bytes."""
        raw = asdict(self)
        if not self.trained:
            del raw["trained"]  # as in the files of notebooks that have none
        return json.dumps(raw, indent=2, ensure_ascii=False) + "\n"


def _place(exercise: Exercise | TrainedExercise) -> int:
    return int(exercise.number.rpartition(".")[2])


def from_json(text: str) -> Catalogue:
    """The inverse of `Catalogue.to_json`."""
    raw = json.loads(text)
    exercises = tuple(
        Exercise(**{**e, "functions": tuple(e["functions"])}) for e in raw["exercises"]
    )
    written = tuple(WrittenQuestion(**w) for w in raw["written"])
    trained = tuple(_trained(t) for t in raw.get("trained", ()))
    return Catalogue(raw["notebook"], raw["topic"], raw["title"], exercises, written, trained)


def _trained(raw: dict[str, Any]) -> TrainedExercise:
    count, height, width = raw["views"]
    bands = tuple(Band(**band) for band in raw["bands"])
    return TrainedExercise(**{**raw, "bands": bands, "views": (count, height, width)})


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
