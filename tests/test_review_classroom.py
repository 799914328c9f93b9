"""Who sits where: what others change meanwhile is seen, and the order is each grader's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.gradebook.book import Gradebook
from autograder.gradebook.desk import Desk
from autograder.gradebook.grades import course_grades
from autograder.gradebook.reception import Reception
from autograder.gradebook.sheet import StudentInfo
from autograder.review.classroom import (
    Classroom,
    NoSuchPageError,
    neighbours,
    next_to_read,
    progress,
)
from autograder.settings import load_settings
from tests.review_class import make_class

ITEM = "half_pixel"


@pytest.fixture
def room(database: str, tmp_path: Path) -> Classroom:
    make_class(tmp_path / "course", database)
    book = Gradebook.open(database)
    return Classroom(book, load_settings(tmp_path / "course"), tmp_path / "course", "grace")


def as_computed_anew(room: Classroom) -> dict[str, object]:
    return {
        g.student.id: next(w for w in g.works if w.id == "a1")
        for g in course_grades(room.book, room.settings)
    }


def as_seen(room: Classroom) -> dict[str, object]:
    return {seat.student.id: seat.grade for seat in room.seats("a1")}


def test_every_change_by_somebody_else_is_seen(room: Classroom) -> None:
    """Only what has changed is computed anew, and that gives what computing all gives."""
    other = Desk(room.book, room.settings, "linus")
    office = Reception(room.book, room.settings, "linus")
    ben = next(s for s in room.seats("a1") if s.student.id == "bjorn").attempt
    assert ben is not None
    changes: list[Callable[[], object]] = [
        lambda: other.score("bjorn", "a1", ITEM, "2"),
        lambda: (other.score("ada7", "a1", ITEM, "1"), other.comment("carol", "a1", "Hm.")),
        lambda: other.score("bjorn", "a1", ITEM, None),
        lambda: other.override("dan", "a1", "50", "oral exam"),
        lambda: other.extend("ada7", "a1", "+2d", "ill"),
        lambda: room.book.import_roster([StudentInfo("eve", "Eve New"), StudentInfo("ada7", "Ada King")]),
        lambda: office.assign(ben, "dan", "a wrong id"),
        lambda: office.withdraw(ben, "a test"),
    ]  # fmt: skip
    before = as_seen(room)
    for number, change in enumerate(changes):
        change()
        after = as_seen(room)
        assert after == as_computed_anew(room), number
        assert after != before, number
        before = after
    room.book.close()


def test_two_graders_begin_elsewhere_and_reach_everybody(room: Classroom) -> None:
    linus = Classroom(room.book, room.settings, room.root, "linus")
    orders = []
    for grader in (room, linus):
        seats = grader.seats("a1")
        orders.append([seat.key for seat in seats])
        read, of = progress(seats, ITEM)
        assert (read, of) == (1, 4)
        seen, key = [], ""
        for _ in range(3):
            seat = next_to_read(seats, ITEM, key)
            assert seat is not None
            seen.append(seat.key)
            key = seat.key
        assert len(set(seen)) == 3
        before, after = neighbours(seats, ITEM, seen[0])
        assert before is not None
        assert after is not None
        assert neighbours(seats, ITEM, after.key)[0] == next(s for s in seats if s.key == seen[0])
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    room.book.close()


def test_addresses_that_lead_nowhere_say_so(room: Classroom) -> None:
    with pytest.raises(NoSuchPageError, match="It publishes: a1"):
        room.assignment("a9")
    for key in ("", "ada7", "0" * 20):
        with pytest.raises(NoSuchPageError, match="Nobody in the gradebook"):
            room.seat("a1", key)
    room.book.close()
