"""The course's grades: what was handed in, people's decisions and the late policy, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autograder.catalogue import load_catalogue
from autograder.gradebook.book import Gradebook
from autograder.gradebook.hand_ins import Judged, judge
from autograder.gradebook.ledger import Entry, read_ledger
from autograder.gradebook.roster import has_roster
from autograder.gradebook.sheet import ItemGrade, StudentGrades, StudentInfo, WorkGrade
from autograder.policy import Attempt, Work, settle
from autograder.settings import Assignment, Milestone, Settings

OUT_OF = 100.0  # what milestones are graded out of, and assignments that have no notebook yet

__all__ = [
    "OUT_OF",
    "ItemGrade",
    "StudentGrades",
    "StudentInfo",
    "WorkGrade",
    "course_grades",
    "full_marks",
]


def course_grades(
    book: Gradebook, settings: Settings, students: Sequence[str] | None = None
) -> list[StudentGrades]:
    """The grades of every student (or of these), sorted by id. Those never heard of are left out."""
    with book.reading() as session:
        entries = read_ledger(session, students)
        roster = has_roster(session)
    return [_grades(entry, settings, roster) for entry in entries]


def full_marks(work: Assignment | Milestone) -> float:
    """The points that a work is graded out of."""
    if isinstance(work, Milestone) or work.notebook is None:
        return OUT_OF
    catalogue = load_catalogue(work.notebook)
    return sum(e.points for e in catalogue.exercises) + sum(w.points for w in catalogue.written)


@dataclass(frozen=True)
class _Part:
    """A work as the policy sees it, and what the policy need not know."""

    work: Work
    max_points: float
    judged: dict[int, Judged] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def _grades(entry: Entry, settings: Settings, roster: bool) -> StudentGrades:
    parts = [_assignment(entry, assignment) for assignment in settings.assignments]
    parts += [_milestone(entry, milestone) for milestone in settings.project]
    standing = settle([part.work for part in parts], settings.late)
    works = []
    for part, decision in zip(parts, standing.decisions, strict=True):
        counts = part.judged.get(decision.attempt.id) if decision.attempt else None
        extra = (*(counts.remarks if counts else ()), *part.remarks)
        works.append(
            WorkGrade(
                part.work.id,
                part.work.title,
                part.work.weight,
                counts.max_points if counts else part.max_points,
                counts.points if counts else None,
                counts.items if counts else (),
                replace(decision, lines=(*decision.lines, *extra)),
                _comments(entry, part.work.id, counts.items if counts else ()),
            )
        )
    standing = replace(standing, decisions=tuple(work.decision for work in works))
    remarks = ("not on the roster",) if roster and not entry.enrolled else ()
    return StudentGrades(entry.student, tuple(works), standing, remarks)


def _assignment(entry: Entry, assignment: Assignment) -> _Part:
    judged, remarks = judge(entry, assignment.id, assignment.opens)
    judged = [replace(one, items=_numbered(one.items, assignment)) for one in judged]
    extension = entry.extensions.get(assignment.id)
    due = extension.until if extension and extension.until else assignment.due
    if extension and extension.until:
        zone = assignment.due.tzinfo if assignment.due else None
        remarks.append(f"Extended until {extension.until.astimezone(zone):%Y-%m-%d %H:%M}.")
    work = Work(
        assignment.id,
        assignment.title,
        assignment.weight,
        due,
        True,
        tuple(one.attempt for one in judged),
        _override(entry, assignment.id),
    )
    return _Part(work, full_marks(assignment), {j.attempt.id: j for j in judged}, tuple(remarks))


def _milestone(entry: Entry, milestone: Milestone) -> _Part:
    score = entry.milestones.get(milestone.id)
    extension = entry.extensions.get(milestone.id)
    judged = {}
    if score is not None and score.share is not None:
        attempt = Attempt(score.id, score.received, score.share)
        judged[attempt.id] = Judged(attempt, (), round(score.share * OUT_OF, 6), OUT_OF, ())
    work = Work(
        milestone.id,
        milestone.title,
        milestone.weight,
        extension.until if extension else None,
        milestone.late_days,
        tuple(one.attempt for one in judged.values()),
        _override(entry, milestone.id),
    )
    return _Part(work, OUT_OF, judged)


def _numbered(items: Sequence[ItemGrade], assignment: Assignment) -> tuple[ItemGrade, ...]:
    """Results name exercises; their numbers stand in the notebook's catalogue."""
    if assignment.notebook is None:
        return tuple(items)
    known = {e.id: e.number for e in load_catalogue(assignment.notebook).exercises}
    return tuple(replace(i, number=i.number or known.get(i.id, "")) for i in items)


def _override(entry: Entry, work: str) -> float | None:
    override = entry.overrides.get(work)
    return override.share if override else None


def _comments(entry: Entry, work: str, items: Sequence[ItemGrade]) -> tuple[str, ...]:
    """People's words: on the whole first, then in the order of the exercises."""
    titles = {item.id: f"{item.number} {item.title}".strip() for item in items}
    order = {"": -1} | {item: position for position, item in enumerate(titles)}
    said = [
        (order.get(item, len(order)), item, comment.text)
        for (of, item), comment in entry.comments.items()
        if of == work and comment.text
    ]
    return tuple(f"{titles.get(item, item)}: {t}" if item else t for _, item, t in sorted(said))
