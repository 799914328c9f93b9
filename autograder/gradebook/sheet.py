"""A student's grades as plain data: what reports, tables and exports are made from."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.policy import Decision, Standing


@dataclass(frozen=True)
class StudentInfo:
    """Who somebody is to this course and to the learning platforms; "" where nobody said."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    enrolled: bool = True  # False: no roster names them


@dataclass(frozen=True)
class ItemGrade:
    """An exercise or a written question in the submission that counts."""

    id: str
    number: str  # "1.6"
    title: str
    kind: str  # "exercise" or "written"
    points: float | None  # None: awaits a person
    max_points: float


@dataclass(frozen=True)
class WorkGrade:
    """An assignment or a milestone of the project. Points are those before the late policy."""

    id: str
    title: str
    weight: float  # percent of the final grade
    max_points: float  # 100 for milestones
    points: float | None  # None: nothing was handed in
    items: tuple[ItemGrade, ...]
    decision: Decision  # which submission counts, and its share after the late policy
    comments: tuple[str, ...]  # people's words, each with the title of what it is about
    notes: tuple[tuple[str, str], ...] = ()  # the same as (item, text); item "" is the whole work

    @property
    def awaiting(self) -> float:
        """Points that a person may still give."""
        return sum(item.max_points for item in self.items if item.points is None)


@dataclass(frozen=True)
class StudentGrades:
    """Everything about one student's grade."""

    student: StudentInfo
    works: tuple[WorkGrade, ...]
    standing: Standing
    remarks: tuple[str, ...] = ()  # "not on the roster"
    staff_remarks: tuple[
        str, ...
    ] = ()  # what only who grades should look at, and do something about
