"""Several graders on one class, and graders killed while they save: nothing lost, nothing twice, nothing half."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import func, select

from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.health import findings
from autograder.gradebook.ledger import read_ledger
from autograder.gradebook.sheet import StudentInfo
from autograder.gradebook.store import AssignmentStore
from autograder.settings import Assignment, Course, GradingLimits, LatePolicy, Release, Settings
from tests.gradebook_grader import EXERCISES, KEY, main, result, submission

REPOSITORY = Path(__file__).parents[1]
SETTINGS = Settings(
    Course("Toy", "1"), Release("o/n"), (Assignment("a1", "One", 100.0),), (), LatePolicy(), GradingLimits()
)  # fmt: skip


def start(address: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.gradebook_grader", address, str(count)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def assert_whole(book: Gradebook) -> int:
    """Nothing is half saved; how many submissions have their grading."""
    assert list(findings(book, SETTINGS)) == []
    with book.reading() as session:
        gradings = session.scalars(select(models.Grading)).all()
        scores = session.scalars(select(models.Score)).all()
        audits = session.scalars(select(models.Audit).where(models.Audit.action == "graded")).all()
        students = session.scalar(select(func.count()).select_from(models.Student))
        counting = session.scalar(select(func.count()).select_from(models.Counting))
    assert len(gradings) == students == counting == len(audits)
    assert len({g.submission_id for g in gradings}) == len(gradings), "graded twice"
    assert len(scores) == EXERCISES * len(gradings)
    return len(gradings)


def assert_complete(book: Gradebook, count: int) -> None:
    assert assert_whole(book) == count
    with book.reading() as session:
        query = (
            select(models.Student.student, models.Grading.points)
            .join(models.Submission, models.Submission.student_id == models.Student.id)
            .join(models.Grading, models.Grading.submission_id == models.Submission.id)
        )
        kept = dict(session.execute(query).all())
        claims = session.scalar(select(func.count()).select_from(models.Claim))
    assert kept == {submission(n).student: result(n).points for n in range(count)}
    assert claims == 0


def test_two_graders_share_a_class(database: str) -> None:
    count = 60
    graders = [start(database, count), start(database, count)]  # both also set up the database
    told = [grader.communicate()[0].split() for grader in graders]
    assert [grader.returncode for grader in graders] == [0, 0]
    assert [lines[0] for lines in told] == ["ready", "ready"]
    graded = [int(n) for lines in told for n in lines[1:]]
    assert sorted(graded) == list(range(count)), "lost, or graded twice"
    with Gradebook.open(database) as book:
        assert_complete(book, count)


def test_the_same_grading_saved_by_two_at_the_same_moment_is_kept_once(database: str) -> None:
    count, together = 30, threading.Barrier(2, timeout=30)
    with Gradebook.open(
        database
    ) as book:  # known students: adding them would make one wait already
        book.import_roster([StudentInfo(submission(number).student) for number in range(count)])

    def save_all(_: int) -> None:
        with Gradebook.open(database) as book:
            store = AssignmentStore(book, "a1")  # nobody claims anything
            for number in range(count):
                together.wait()
                store.save(submission(number), result(number))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save_all, range(2)))
    with Gradebook.open(database) as book:
        assert_complete(book, count)


def test_a_reader_sees_one_state_while_others_grade(database: str) -> None:
    with Gradebook.open(database) as book, book.reading() as session:
        assert read_ledger(session) == []
        with Gradebook.open(database) as other:
            AssignmentStore(other, "a1").save(submission(0), result(0))
        assert read_ledger(session) == []
    with Gradebook.open(database) as book, book.reading() as session:
        assert [len(entry.hand_ins) for entry in read_ledger(session)] == [1]


def test_killed_graders_lose_nothing(database: str) -> None:
    count, chance = 150, random.Random(3)
    Gradebook.open(database).close()
    before = 0
    for _ in range(4):
        grader = start(database, count)
        assert grader.stdout is not None
        assert grader.stdout.readline() == "ready\n"
        # Killed after a few savings, at any moment of the next: not after a time, which a busy machine spends waiting.
        told = [int(grader.stdout.readline()) for _ in range(chance.randint(1, 12))]
        time.sleep(chance.uniform(0.0, 0.02))
        grader.kill()
        told += [int(line) for line in grader.communicate()[0].split()]
        with Gradebook.open(database) as book:
            now = assert_whole(book)
        assert now >= before + len(told), "a grading that was reported as saved is gone"
        before = now
    assert 0 < before < count, "the kills came too late to show anything"
    main(database, count)
    with Gradebook.open(database) as book:
        assert_complete(book, count)


def test_a_grader_killed_before_saving_leaves_a_claim_that_ends(database: str) -> None:
    program = (
        "import sys, time\n"
        "from autograder.gradebook.book import Gradebook\n"
        "from autograder.gradebook.store import AssignmentStore\n"
        "from tests.gradebook_grader import KEY, submission\n"
        "store = AssignmentStore(Gradebook.open(sys.argv[1]), 'a1')\n"
        "print(store.claim(submission(0), KEY), flush=True)\n"
        "time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, database], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    with Gradebook.open(database) as book:
        other = AssignmentStore(book, "a1")
        assert not other.claim(submission(0), KEY)
        holder.kill()
        holder.communicate()
        assert other.claim(submission(0), KEY)
