"""`show_bands("fit_a_scene")`: what predictions must reach, as the grader has it."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.catalogue import TrainedExercise
from autograder.catalogue.bands import shares
from autograder.notebook.predictions import find_trained
from autograder.trained.predictions import PredictionsError


@dataclass(frozen=True)
class BandsTable:
    """The bands of a trained exercise; a table in a notebook, text elsewhere."""

    exercise: TrainedExercise

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left">{what}</td><td>{points:.3g}</td></tr>'
            for what, points in shares(self.exercise.points, self.exercise.bands)
        )
        head = f"{self.exercise.number} {self.exercise.title}: on average over the hidden views"
        return (
            f'<table><caption style="text-align:left">{head}</caption>'
            f'<thead><tr><th style="text-align:left">reach</th><th>points</th></tr></thead>{rows}</table>'
        )

    def __repr__(self) -> str:
        rows = shares(self.exercise.points, self.exercise.bands)
        lines = [f"  {what}: {points:.3g} points" for what, points in rows]
        head = f"{self.exercise.number} {self.exercise.title}, on average over the hidden views:"
        return "\n".join([head, *lines])


def show_bands(task: str) -> BandsTable | None:
    """What predictions of this trained exercise must reach, and what that earns; shown as a cell's last line."""
    try:
        return BandsTable(find_trained(task))
    except PredictionsError as error:
        print(error)
        return None
