"""The course at a glance, and an assignment: who handed in, how it went, what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select
from starlette.responses import HTMLResponse

from autograder.catalogue import WrittenQuestion
from autograder.gradebook import models
from autograder.grading.record import SubmissionResult, from_json, slim
from autograder.report.statistics import class_statistics
from autograder.review.classroom import Classroom, Seat, progress
from autograder.review.view import View, looking
from autograder.settings import Assignment

router = APIRouter()
Looking = Annotated[View, Depends(looking)]


@dataclass(frozen=True)
class Progress:
    """How far people have come with a question."""

    question: WrittenQuestion
    read: int
    of: int


@dataclass(frozen=True)
class Glance:
    """An assignment in a line."""

    assignment: Assignment
    handed_in: int
    students: int
    mean: float | None  # share of full marks, before late days
    read: int
    of: int


@router.get("/")
def course(view: Looking) -> HTMLResponse:
    """The assignments of the course."""
    glances = []
    for assignment in view.room.assignments:
        seats = view.room.seats(assignment.id)
        done = [seat.grade for seat in seats if seat.attempt is not None]
        shares = [g.points / g.max_points for g in done if g.points is not None and g.max_points]
        read, of = _read(view.room, assignment.id, seats)
        average = mean(shares) if shares else None
        glances.append(Glance(assignment, len(done), len(seats), average, read, of))
    return view.render("course.html", glances=glances)


@router.get("/works/{work}")
def work(work: str, view: Looking) -> HTMLResponse:
    """One assignment: questions to read, the class as a table, where it stumbles."""
    assignment, catalogue = view.room.assignment(work)
    seats = view.room.seats(work)
    there = [seat for seat in seats if seat.attempt is not None]
    there.sort(key=lambda seat: view.called(seat).casefold())
    results = _results(view.room, [seat.attempt for seat in there if seat.attempt is not None])
    questions = [Progress(q, *progress(seats, q.id)) for q in catalogue.written]
    statistics = class_statistics(catalogue, [r for r in results if r is not None])
    return view.render(
        "work.html",
        assignment=assignment,
        catalogue=catalogue,
        seats=there,
        absent=sum(seat.attempt is None and seat.student.enrolled for seat in seats),
        results={seat.key: result for seat, result in zip(there, results, strict=True)},
        questions=questions,
        statistics=statistics,
        totals=[seat.grade.points or 0.0 for seat in there],
    )


def _read(room: Classroom, work: str, seats: Sequence[Seat]) -> tuple[int, int]:
    _, catalogue = room.assignment(work)
    counts = [progress(seats, question.id) for question in catalogue.written]
    return sum(read for read, _ in counts), sum(of for _, of in counts)


def _results(room: Classroom, attempts: Sequence[int]) -> list[SubmissionResult | None]:
    """What the grader made of these submissions, without pictures. Gradings never change: each is read once."""
    with room.book.reading() as session:
        counting = models.Counting
        query = select(counting.submission_id, counting.grading_id)
        found = session.execute(query.where(counting.submission_id.in_(attempts)))
        gradings: dict[int, int] = {row.submission_id: row.grading_id for row in found}
        table = models.Grading
        for number in set(gradings.values()) - room.results.keys():
            text = session.scalars(select(table.result).where(table.id == number)).one()
            try:
                room.results[number] = slim(from_json(text))
            except ValueError:  # of another version of the grader
                room.results[number] = None
    return [room.results.get(gradings.get(attempt, 0)) for attempt in attempts]
