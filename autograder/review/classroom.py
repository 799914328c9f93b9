"""The class as the pages see it: a seat per student and assignment, in an order that tells nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select

from autograder.catalogue import Catalogue, load_catalogue
from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.counting import work_of
from autograder.gradebook.desk import Desk
from autograder.gradebook.everybody import everybody
from autograder.gradebook.grades import course_grades
from autograder.gradebook.sheet import ItemGrade, StudentGrades, StudentInfo, WorkGrade
from autograder.grading.record import SubmissionResult
from autograder.review.aliases import Aliases
from autograder.review.files import ClassFiles
from autograder.settings import Assignment, Settings

_OF_ONE = ("score", "comment")


class NoSuchPageError(Exception):
    """An address that leads nowhere; the message says where to go on."""


@dataclass(frozen=True)
class Seat:
    """One student's work on one assignment."""

    student: StudentInfo
    grade: WorkGrade
    key: str  # in addresses
    alias: str
    staff_remarks: tuple[str, ...] = ()

    @property
    def attempt(self) -> int | None:
        """The submission that counts; None where there is none."""
        return self.grade.decision.attempt.id if self.grade.decision.attempt else None

    def item(self, item: str) -> ItemGrade | None:
        """An exercise or question in the submission that counts."""
        return next((one for one in self.grade.items if one.id == item), None)

    @property
    def waiting(self) -> list[ItemGrade]:
        """What a person has still to read."""
        return [item for item in self.grade.items if item.points is None]


@dataclass
class Classroom:
    """An open course: its gradebook, its files, and who sits at the desk."""

    book: Gradebook
    settings: Settings
    root: Path
    who: str
    files: ClassFiles = field(default_factory=lambda: ClassFiles([]))

    # Slimmed, by the number of their grading; None for what another version of the grader wrote.
    results: dict[int, SubmissionResult | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._state = 0, 0  # the last line of the record that is known, and how many there were
        self._grades: list[StudentGrades] = []
        self._aliases: dict[tuple[str, int, str], Aliases] = {}

    @property
    def desk(self) -> Desk:
        """Where decisions are made."""
        return Desk(self.book, self.settings, self.who)

    @property
    def assignments(self) -> list[Assignment]:
        """Those that have a notebook."""
        return [one for one in self.settings.assignments if one.notebook is not None]

    def assignment(self, work: str) -> tuple[Assignment, Catalogue]:
        """A published assignment and what can be earned in it."""
        for one in self.assignments:
            if one.id == work and one.notebook is not None:
                return one, load_catalogue(one.notebook)
        known = ", ".join(one.id for one in self.assignments) or "none"
        raise NoSuchPageError(
            f"course.toml publishes no assignment of this name. It publishes: {known}."
        )

    def seats(self, work: str) -> list[Seat]:
        """Everybody, in an order that is this grader's own: two who begin at once begin elsewhere."""
        aliases = self.aliases(work)
        seats = []
        for grades in self._all_grades():
            grade = work_of(grades, work)
            name = grades.student.id
            if grade is not None and name in aliases:
                key = aliases.key(name)
                seats.append(
                    Seat(grades.student, grade, key, aliases.name(name), grades.staff_remarks)
                )
        return sorted(seats, key=lambda seat: sha256(f"{self.who} {seat.key}".encode()).digest())

    def seat(self, work: str, key: str) -> Seat:
        """One student's, as the book says it now."""
        aliases = self.aliases(work)
        student = aliases.student(key)
        found = course_grades(self.book, self.settings, [student]) if student is not None else []
        grade = work_of(found[0], work) if found else None
        if student is None or grade is None:
            raise NoSuchPageError("Nobody in the gradebook has this address.")
        return Seat(found[0].student, grade, key, aliases.name(student), found[0].staff_remarks)

    def aliases(self, work: str) -> Aliases:
        """The other names of everybody in an assignment."""
        with self.book.reading() as session:
            query = select(models.Student.student).order_by(models.Student.id)
            students = session.scalars(query).all()
            kept = session.get(models.Assignment, work)
            secret = kept.seed if kept is not None else str(self.book.place)
        known = work, len(students), secret
        with self._lock:
            if known not in self._aliases:
                self._aliases[known] = Aliases(secret, work, students)
            return self._aliases[known]

    def everybody(self) -> list[StudentInfo]:
        """Every student that the gradebook knows."""
        return everybody(self.book)

    def _all_grades(self) -> list[StudentGrades]:
        """The grades of all, computed anew only where the record has grown: every change leaves a line there."""
        with self._lock:
            before, count = self._state
            with self.book.reading() as session:
                table = models.Audit
                now = session.scalars(select(func.count(table.id))).one()
                new = session.execute(
                    select(table.id, table.action, table.student).where(table.id > before)
                ).all()
            if now != count:
                # Points and words concern one student. What else there is may move work to another.
                few = count > 0 and now == count + len(new)
                few = few and all(row.action in _OF_ONE for row in new)
                some = sorted({row.student for row in new}) if few else None
                found = {g.student.id: g for g in course_grades(self.book, self.settings, some)}
                kept = {g.student.id: g for g in self._grades} if few else {}
                self._grades = list((kept | found).values())
                self._state = max([before, *(row.id for row in new)]), now
            return self._grades


def next_to_read(seats: Sequence[Seat], item: str, key: str = "") -> Seat | None:
    """The next whose answer waits for a person, after this one and around; None if all are read."""
    after = _after(seats, key)
    return next((s for s in after if s.key != key and _waits(s, item)), None)


def neighbours(seats: Sequence[Seat], item: str, key: str) -> tuple[Seat | None, Seat | None]:
    """Who comes before and after this one, among those who have the item."""
    having = [seat for seat in seats if seat.item(item) is not None or seat.key == key]
    at = next((i for i, seat in enumerate(having) if seat.key == key), None)
    if at is None or len(having) < 2:
        return None, None
    return having[at - 1], having[(at + 1) % len(having)]


def progress(seats: Sequence[Seat], item: str) -> tuple[int, int]:
    """How many have points for an item, of how many who handed it in."""
    found = [one for seat in seats if (one := seat.item(item)) is not None]
    return sum(one.points is not None for one in found), len(found)


def _after(seats: Sequence[Seat], key: str) -> list[Seat]:
    at = next((i for i, seat in enumerate(seats) if seat.key == key), -1)
    return [*seats[at + 1 :], *seats[: at + 1]]


def _waits(seat: Seat, item: str) -> bool:
    found = seat.item(item)
    return found is not None and found.points is None


@lru_cache(maxsize=8)
def words_of_handout(root: Path, notebook: str) -> frozenset[str]:
    """Every word that the handout has, in small letters: a name that is one of them tells nothing by itself."""
    try:
        text = (root / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(word.casefold() for word in re.findall(r"[^\W\d_]{2,}", text))
