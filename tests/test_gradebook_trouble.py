"""A database that cannot be used: what was wrong, where, what to do next, and nothing lost."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from autograder.gradebook.book import Gradebook
from autograder.gradebook.errors import GradebookError, explain
from autograder.gradebook.store import AssignmentStore
from tests.gradebook_grader import KEY, result, submission

REPOSITORY = Path(__file__).parents[1]
NOBODY = 65534


def refusal(address: str, base: Path | None = None) -> str:
    """The message with which opening fails."""
    with pytest.raises(GradebookError) as caught:
        Gradebook.open(address, base, busy_seconds=0.2).close()
    return str(caught.value)


def saved(book: Gradebook) -> list[int]:
    """Which of the first submissions have a grading."""
    store = AssignmentStore(book, "a1")
    return [n for n in range(5) if store.load(submission(n), KEY) == result(n)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A gradebook with one grading."""
    path = tmp_path / "grades.db"
    with Gradebook.open(str(path)) as book:
        AssignmentStore(book, "a1").save(submission(0), result(0))
    return path


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "mysql://u:secret@h/d",
            "mysql: the gradebook knows SQLite and PostgreSQL; write sqlite:///",
        ),
        ("sqlite://", "a gradebook in memory would be lost at the end"),
        ("sqlite:///:memory:", "a gradebook in memory would be lost at the end"),
        ("sqlite:///a.db?mode=ro", "nothing after it"),
        ("sqlite:///file:a.db", "nothing after it"),
        ("sqlite://srv/course/a.db", "an absolute path has four slashes"),
        ("://x:secret@", "this is no address of a database; write sqlite:///gradebook.db or"),
        ("postgresql://u:secret@h:port/d", "this is no address of a database"),
        ("no/such/folder/a.db", "there is no folder {base}/no/such/folder; make it first"),
        ("", "{base} is a folder; name a file in it, such as {base}/gradebook.db"),
    ],
)
def test_addresses_that_mean_nothing(tmp_path: Path, address: str, message: str) -> None:
    said = refusal(address, tmp_path)
    assert message.format(base=tmp_path) in said
    assert "secret" not in said


def test_a_locked_database_waits_then_says_so(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as browser:
        browser.execute("BEGIN IMMEDIATE")
        with Gradebook.open(str(path), busy_seconds=0.2) as book:  # readers are not in the way
            assert saved(book) == [0]
            with pytest.raises(GradebookError) as caught:
                AssignmentStore(book, "a1").save(submission(1), result(1))
            said = str(caught.value)
            assert said.startswith(
                f"{path}: another program has kept it locked for too long. Close"
            )
            assert said.endswith("What was saved before is still there; this step was not saved.")
            browser.execute("ROLLBACK")
            AssignmentStore(book, "a1").save(submission(1), result(1))
            assert saved(book) == [0, 1]


def test_a_new_database_that_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "grades.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as browser:
        browser.execute("BEGIN EXCLUSIVE")
        assert "another program has kept it locked" in refusal(str(path))


@pytest.mark.parametrize(
    "content", [b"student,points\nada,10\n" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "grades.csv"
    path.write_bytes(content)
    said = refusal(str(path))
    assert said.startswith(f"{path}: this is not an SQLite database, or it is damaged (")
    assert "Nothing was changed. Put a backup in its place" in said
    assert path.read_bytes() == content


def test_a_damaged_database(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:  # all but the first pages, which say what the file is
        file.seek(8192)
        file.write(b"\xa5" * (size - 8192))
    said = refusal(str(path))
    assert "it is damaged" in said


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write everywhere: what a read-only file means shows only without its rights."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder(path: Path) -> Iterator[Path]:
    """The same gradebook where other users can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="book-", dir="/tmp"))
    folder.chmod(0o755)
    shutil.copy(path, folder / path.name)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_file(open_folder: Path) -> None:
    path = open_folder / "grades.db"
    path.chmod(0o444)
    open_folder.chmod(0o777)
    with as_nobody(), Gradebook.open(str(path)) as book:
        assert saved(book) == [0], "it can still be read"
        with pytest.raises(GradebookError) as caught:
            AssignmentStore(book, "a1").save(submission(1), result(1))
    said = str(caught.value)
    assert said.startswith(f"{path}: it cannot be written: the file or its folder is read-only")
    assert "(chmod u+w), or name another database with --db." in said


def test_a_read_only_folder(open_folder: Path) -> None:
    path = open_folder / "grades.db"
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with as_nobody():
        said = refusal(str(path))
        other = refusal(str(open_folder / "new.db"))
    assert "it cannot be opened" in said or "it cannot be written" in said, said
    assert other.startswith(
        f"{open_folder / 'new.db'}: it cannot be made there: Permission denied."
    )


_FILL = """
import sys
from autograder.gradebook.book import Gradebook
from autograder.gradebook.errors import GradebookError, explain
from autograder.gradebook.store import AssignmentStore
from tests.gradebook_grader import result, submission
try:
    with Gradebook.open(sys.argv[1]) as book:
        store = AssignmentStore(book, "a1")
        for number in range(10_000):
            store.save(submission(number), result(number))
            print(number, flush=True)
except GradebookError as error:
    sys.exit(str(error))
"""


def fill(path: Path, limit: Callable[[], None] | None, *wrapper: str) -> tuple[int, str]:
    """Save until something is full; how many gradings were reported as saved, and the message."""
    command = [*wrapper, sys.executable, "-c", _FILL, str(path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return len(done.stdout.split()), done.stderr


def test_a_quota_that_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "grades.db"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    count, said = fill(path, limit)
    assert count > 5
    assert (
        f"{path}: it cannot be read or written (disk I/O error): the disk is full, a quota" in said
    )
    with Gradebook.open(str(path)) as book:
        assert saved(book) == [0, 1, 2, 3, 4]
        AssignmentStore(book, "a1").save(submission(count), result(count))


def test_a_full_disk(tmp_path: Path) -> None:
    disk, copy = tmp_path / "disk", tmp_path / "copy.db"
    disk.mkdir()
    script = (
        f'mount -t tmpfs -o size=1m tmpfs "{disk}" || exit; "$@"; end=$?; '
        f'cp "{disk}"/* "{tmp_path}"; exit $end'
    )
    as_root = () if os.geteuid() == 0 else ("--map-root-user",)
    wrapper = ("unshare", *as_root, "--mount", "--propagation", "private", "sh", "-c", script, "sh")
    found = shutil.which("unshare")
    if (
        found is None
        or subprocess.run([*wrapper, sys.executable, "-c", ""], capture_output=True).returncode
    ):
        pytest.skip("a small disk cannot be mounted here")
    count, said = fill(disk / "copy.db", None, *wrapper)
    assert count > 5
    assert "copy.db: the disk is full. Free some space, then run the command again." in said
    with Gradebook.open(str(copy)) as book:
        assert saved(book) == [0, 1, 2, 3, 4]
        AssignmentStore(book, "a1").save(submission(count), result(count))


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    said = refusal(f"postgresql+psycopg://ada:secret@/course?host={tmp_path}")
    assert "the database server cannot be reached" in said
    assert "Is it running, and is the address right?" in said
    assert "secret" not in said


def test_a_database_that_the_server_does_not_have(postgres: Callable[[], str]) -> None:
    address = postgres()
    missing = address.replace("/book_", "/nothing_", 1)
    said = refusal(missing)
    assert "there is no such database (" in said
    assert "Make it once with `createdb`" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            'FATAL:  password authentication failed for user "a"',
            "Check user and password in the address",
        ),
        ('FATAL:  role "a" does not exist', "Check user and password in the address"),
        ("FATAL:  sorry, too many clients already", "the server has no room for this"),
        ('FATAL:  permission denied for database "b"', "Ask the database's owner for rights"),
        ("server closed the connection unexpectedly", "the database server cannot be reached"),
    ],
)
def test_a_server_that_lets_nobody_in(words: str, message: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    refused = psycopg.OperationalError(f"connection failed: {words}\nmore lines {{}}")
    said = str(explain(OperationalError("SELECT 1", {}, refused), "there"))
    assert said.startswith("there: ")
    assert words in said
    assert message in said
    assert "more lines" not in said


def test_a_role_that_may_only_read(postgres: Callable[[], str]) -> None:
    address = postgres()
    with Gradebook.open(address) as book, book.writing() as session:
        connection = session.connection()
        connection.exec_driver_sql("CREATE ROLE reader LOGIN")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    with (
        Gradebook.open(address.replace("//tester@", "//reader@")) as book,
        pytest.raises(GradebookError, match=r"you may not do that there \(permission denied"),
    ):
        AssignmentStore(book, "a1").save(submission(1), result(1))


def test_without_psycopg_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    said = refusal("postgresql+psycopg://ada@host/course")
    assert said.endswith("pip install 'inverse-graphics-course[postgres]'")
