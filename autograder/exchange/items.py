"""The exercises and questions of a piece of work, gathered over the class: not everybody handed in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.exchange.scores import Column, of

if TYPE_CHECKING:
    from autograder.gradebook.sheet import ItemGrade, StudentGrades, WorkGrade


def item_columns(grades: Sequence[StudentGrades], column: Column) -> list[ItemGrade]:
    """One example of each item, in the order of the notebook."""
    found: dict[str, ItemGrade] = {}
    for student in sorted(grades, key=lambda s: -len(of(s, column).items)):
        for item in of(student, column).items:
            found.setdefault(item.id, item)
    return list(found.values())


def points_by_item(work: WorkGrade, items: Sequence[ItemGrade]) -> list[float | None]:
    """What a student has for each item; None where there is nothing, or nothing yet."""
    points = {item.id: item.points for item in work.items}
    return [points.get(item.id) for item in items]
