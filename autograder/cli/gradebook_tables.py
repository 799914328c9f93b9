"""The gradebook on a terminal: the class, one student's page, the audit trail."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.policy.rounding import hundredths

if TYPE_CHECKING:
    from autograder.gradebook.book import Gradebook
    from autograder.gradebook.history import GradingEvent
    from autograder.gradebook.sheet import StudentGrades, WorkGrade
    from autograder.settings import Settings


def print_class(book: Gradebook, settings: Settings) -> None:
    """A row per student, a column per work that anybody has handed in."""
    from autograder.gradebook.grades import course_grades

    grades = course_grades(book, settings)
    if not grades:
        print(
            "The gradebook is empty: grade a class, or take over a roster (autograder roster FILE)."
        )
        return
    shown = [w.id for w in grades[0].works if any(_has(g, w.id) for g in grades)]
    table = _table("student", "name", *shown, "of grade", "late days", "")
    for column in table.columns[2:-1]:
        column.justify = "right"
    for one in grades:
        works = {work.id: work for work in one.works}
        table.add_row(
            escape(one.student.id),
            escape(one.student.name),
            *(_cell(works[work]) for work in shown),
            hundredths(one.standing.percent),
            str(one.standing.late_days_left),
            escape("; ".join((*one.remarks, *_briefly(one)))),
        )
    console = Console()
    console.print(table)
    console.print(
        "Percent of each work after the late policy; – nothing handed in, … a person still has to read.",
        style="dim",
    )


def print_student(book: Gradebook, settings: Settings, student: str) -> None:
    """All that the gradebook knows about one student."""
    from autograder.gradebook.find import student_id
    from autograder.gradebook.grades import course_grades
    from autograder.gradebook.history import gradings_of
    from autograder.gradebook.spoken import course_zone

    student = student_id(book, student)  # it says what is wrong with an id
    events = gradings_of(book, student)
    (one,) = course_grades(book, settings, [student])
    console = Console(highlight=False)
    _print_head(console, one)
    counting = {w.decision.attempt.id for w in one.works if w.items and w.decision.attempt}
    for work in one.works:
        if work.decision.attempt or work.comments or work.decision.share:
            _print_work(console, work)
    if events:
        table = _table("no", "work", "file", "received", "told by", "graded", "by", "points", "")
        for e in events:
            zone = course_zone(settings, e.work)
            table.add_row(
                str(e.submission),
                escape(e.work),
                escape(e.source),
                _moment(e.received, zone),
                e.told_by,
                f"{e.at.astimezone(zone):%Y-%m-%d}",
                escape(e.who),
                f"{e.points:g}/{e.max_points:g}" if e.outcome == "graded" else e.outcome,
                _standing(e, counting),
            )
        table.padding = (0, 1, 0, 0)
        for column in table.columns:
            column.no_wrap = column.header != "file"
            column.overflow = "fold"
        table.columns[2].min_width = 12
        console.print("\n[bold]Submissions and gradings[/]")
        console.print(table)
    _print_decisions(console, book, settings, student)


def print_audit(book: Gradebook, student: str | None, decisions: bool = False) -> None:
    """The audit trail, oldest first, times in UTC."""
    from autograder.gradebook.history import audit_trail

    table = _table("when (UTC)", "who", "what", "student", "work", "", "was", "is")
    table.columns[0].no_wrap = True  # a moment in two lines cannot be searched for
    for e in audit_trail(book, student, decisions=decisions):
        cells = (e.who, e.action, e.student, e.work, e.what, e.old, e.new)
        table.add_row(f"{e.at:%Y-%m-%d %H:%M:%S}", *(escape(cell) for cell in cells))
    Console(highlight=False).print(table)


def _print_head(console: Console, one: StudentGrades) -> None:
    who = one.student
    told = [who.name, who.email, f"section {who.section}" if who.section else ""]
    console.print(f"[bold]{escape(who.id)}[/]  {escape('  '.join(t for t in told if t))}")
    for line in (*one.remarks, *one.staff_remarks):
        console.print(f"[yellow]{escape(line)}[/]")
    for line in one.standing.lines:
        console.print(escape(line))


def _print_work(console: Console, work: WorkGrade) -> None:
    before = "" if work.points is None else f": {work.points:g} of {work.max_points:g} points"
    console.print(f"\n[bold]{escape(work.id)}  {escape(work.title)}[/]{before}")
    for line in work.decision.lines:
        console.print(f"  {escape(line)}")
    if work.items:
        table = Table("", "", "", "", box=None, show_header=False, padding=(0, 1, 0, 2))
        for item in work.items:
            points = "to be read" if item.points is None else f"{item.points:g}"
            table.add_row(
                item.number, escape(item.id), escape(item.title), f"{points} of {item.max_points:g}"
            )
        console.print(table)
    for comment in work.comments:
        console.print(f"  {escape(comment)}", style="italic")


def _print_decisions(console: Console, book: Gradebook, settings: Settings, student: str) -> None:
    from autograder.gradebook.history import DECISIONS, audit_trail
    from autograder.gradebook.spoken import course_zone

    events = [e for e in audit_trail(book, student) if e.action in DECISIONS]
    if not events:
        return
    table = _table("when", "who", "decision", "work", "", "was", "is")
    for e in events:
        cells = (e.who, e.action, e.work, e.what, e.old, e.new)
        zone = course_zone(settings, e.work)
        table.add_row(_moment(e.at, zone), *(escape(cell) for cell in cells))
    console.print("\n[bold]Decisions[/]")
    console.print(table)


def _standing(event: GradingEvent, counting: set[int]) -> str:
    if event.withdrawn:
        return "withdrawn"
    if not event.counts:
        return "graded again"
    return "counts" if event.submission in counting else ""


def _briefly(one: StudentGrades) -> list[str]:
    """That there is something to look at; the student's page says what."""
    return [f"look again: show {one.student.id}"] if one.staff_remarks else []


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)


def _has(one: StudentGrades, work: str) -> bool:
    return any(w.id == work and (w.decision.attempt or w.decision.share) for w in one.works)


def _cell(work: WorkGrade) -> str:
    if work.decision.attempt is None and not work.decision.share:
        return "–"
    return f"{100 * work.decision.share:.1f}{' …' if work.awaiting else ''}"


def _moment(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "unknown"
