"""The course's grades: what was handed in, people's decisions and the late policy, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from autograder.catalogue import load_catalogue
from autograder.gradebook.book import Gradebook
from autograder.gradebook.hand_ins import Judged, judge
from autograder.gradebook.ledger import Entry, read_ledger
from autograder.gradebook.moving import live_decisions
from autograder.gradebook.roster import has_roster
from autograder.gradebook.sheet import ItemGrade, StudentGrades, StudentInfo, WorkGrade
from autograder.gradebook.spoken import course_zone
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
    "grades_of",
    "item_names",
]


def course_grades(
    book: Gradebook, settings: Settings, students: Sequence[str] | None = None
) -> list[StudentGrades]:
    """The grades of every student (or of these), sorted by id. Those never heard of are left out.

    Of all, also those are left out whom no roster names and of whom nothing counts: what arrived under their
    name was withdrawn, or is now known to be somebody else's.
    """
    with book.reading() as session:
        entries = read_ledger(session, students)
        roster = has_roster(session)
    if students is None:
        entries = [e for e in entries if e.enrolled or e.hand_ins or any(live_decisions(e))]
    return [grades_of(entry, settings, roster) for entry in entries]


def full_marks(work: Assignment | Milestone) -> float:
    """The points that a work is graded out of."""
    if isinstance(work, Milestone) or work.notebook is None:
        return OUT_OF
    return load_catalogue(work.notebook).max_points


def item_names(settings: Settings, work: str) -> set[str]:
    """Ids and numbers of all that can earn points in an assignment's notebook, if it has one."""
    notebook = next((a.notebook for a in settings.assignments if a.id == work), None)
    if notebook is None:
        return set()
    catalogue = load_catalogue(notebook)
    known = [(e.id, e.number) for e in catalogue.graded]
    known += [(w.id, w.number) for w in catalogue.written]
    return {name for names in known for name in names}


@dataclass(frozen=True)
class _Part:
    """A work as the policy sees it, and what the policy need not know."""

    work: Work
    max_points: float
    judged: dict[int, Judged] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def grades_of(entry: Entry, settings: Settings, roster: bool) -> StudentGrades:
    """One student's grades; `roster` says whether anybody could be missing on one."""
    parts = [_assignment(entry, assignment) for assignment in settings.assignments]
    for milestone in settings.project:
        parts.append(_milestone(entry, milestone, course_zone(settings, milestone.id)))
    standing = settle([part.work for part in parts], settings.late)
    works = []
    for part, decision in zip(parts, standing.decisions, strict=True):
        counts = part.judged.get(decision.attempt.id) if decision.attempt else None
        extra = (*(counts.remarks if counts else ()), *part.remarks)
        said = _said(entry, part.work.id, counts.items if counts else ())
        works.append(
            WorkGrade(
                part.work.id,
                part.work.title,
                part.work.weight,
                counts.max_points if counts else part.max_points,
                counts.points if counts else None,
                counts.items if counts else (),
                replace(decision, lines=(*decision.lines, *extra)),
                tuple(told for _, _, told in said),
                tuple((item, text) for item, text, _ in said),
            )
        )
    standing = replace(standing, decisions=tuple(work.decision for work in works))
    remarks = ["not on the roster"] if roster and not entry.enrolled else []
    staff = _scored_elsewhere(entry, works)
    return StudentGrades(entry.student, tuple(works), standing, tuple(remarks), tuple(staff))


def _assignment(entry: Entry, assignment: Assignment) -> _Part:
    judged, remarks = judge(entry, assignment.id, assignment.opens)
    judged = [replace(one, items=_numbered(one.items, assignment)) for one in judged]
    due = _extended(entry, assignment.id, assignment.due.tzinfo if assignment.due else None)
    if due is not None:
        remarks.append(f"Extended until {due:%Y-%m-%d %H:%M}.")
    work = Work(
        assignment.id,
        assignment.title,
        assignment.weight,
        due or assignment.due,
        True,
        tuple(one.attempt for one in judged),
        _override(entry, assignment.id),
    )
    return _Part(work, full_marks(assignment), {j.attempt.id: j for j in judged}, tuple(remarks))


def _milestone(entry: Entry, milestone: Milestone, zone: tzinfo) -> _Part:
    score = entry.milestones.get(milestone.id)
    judged = {}
    if score is not None and score.share is not None:
        attempt = Attempt(score.id, score.received, score.share)
        judged[attempt.id] = Judged(attempt, (), round(score.share * OUT_OF, 6), OUT_OF, ())
    work = Work(
        milestone.id,
        milestone.title,
        milestone.weight,
        _extended(entry, milestone.id, zone) or milestone.due,
        milestone.late_days,
        tuple(one.attempt for one in judged.values()),
        _override(entry, milestone.id),
    )
    return _Part(work, OUT_OF, judged)


def _numbered(items: Sequence[ItemGrade], assignment: Assignment) -> tuple[ItemGrade, ...]:
    """Results name exercises; their numbers stand in the notebook's catalogue."""
    if assignment.notebook is None:
        return tuple(items)
    known = {e.id: e.number for e in load_catalogue(assignment.notebook).graded}
    return tuple(replace(i, number=i.number or known.get(i.id, "")) for i in items)


def _extended(entry: Entry, work: str, zone: tzinfo | None) -> datetime | None:
    """The student's own deadline, on the course's clocks."""
    extension = entry.extensions.get(work)
    return extension.until.astimezone(zone) if extension and extension.until else None


def _override(entry: Entry, work: str) -> float | None:
    override = entry.overrides.get(work)
    return override.share if override else None


def _scored_elsewhere(entry: Entry, works: Sequence[WorkGrade]) -> list[str]:
    """Points that a person gave for one submission while another counts: somebody should look again."""
    counts = {work.id: work.decision.attempt.id for work in works if work.decision.attempt}
    elsewhere: dict[str, list[str]] = {}
    for (work, item), score in sorted(entry.scores.items()):
        if (
            score.points is not None
            and counts.get(work, score.submission_id) != score.submission_id
        ):
            elsewhere.setdefault(work, []).append(item)
    return [
        f"{work}: {', '.join(items)} scored on an older submission than {counts[work]}, which counts; "
        "if the points do not fit it: score again, or --lift"
        for work, items in elsewhere.items()
    ]


def _said(entry: Entry, work: str, items: Sequence[ItemGrade]) -> list[tuple[str, str, str]]:
    """People's words: on the whole first, then in the order of the exercises; item, text, and text with its title."""
    titles = {item.id: f"{item.number} {item.title}".strip() for item in items}
    order = {"": -1} | {item: position for position, item in enumerate(titles)}
    said = sorted(
        (order.get(item, len(order)), item, comment.text)
        for (of, item), comment in entry.comments.items()
        if of == work and comment.text
    )
    return [(item, t, f"{titles.get(item, item)}: {t}" if item else t) for _, item, t in said]
