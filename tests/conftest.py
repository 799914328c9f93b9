"""What tests share: no clock, and a real PostgreSQL server, made by the test run, private, gone after it."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from autograder.sandbox import kernel

_PATIENCE = 60.0  # seconds; it takes one

# A busy machine is no mistake in the code. What is slow shows in benchmarks/.
settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")


def _program(name: str) -> str | None:
    """A program of the server; Debian keeps them off the PATH, the newest version last."""
    found = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    return found[-1] if found else shutil.which(name)


def _unprivileged() -> str | None:
    """The user that runs the server: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _end_with(tests: int) -> Callable[[], None] | None:
    """A test run that is killed leaves no server behind, where the system can see to that."""
    return (lambda: kernel.die_with_parent(tests)) if sys.platform == "linux" else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Each call makes an empty database on the test run's server and gives its address."""
    initdb, server = _program("initdb"), _program("postgres")
    if initdb is None or server is None:
        pytest.skip("no PostgreSQL server here (Debian: apt install postgresql)")
    psycopg = pytest.importorskip("psycopg")
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    make = [
        initdb,
        "-D",
        str(data),
        "-U",
        "tester",
        "-A",
        "trust",
        "-N",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(make, check=True, capture_output=True, user=user, cwd=folder)
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off")
    command = [server, "-D", str(data), *(part for s in settings for part in ("-c", s))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            user=user,
            cwd=folder,
            preexec_fn=_end_with(os.getpid()),
        )
    try:
        numbers, end = itertools.count(), time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(host=str(folder), user="tester", dbname="postgres").close()
                break
            except psycopg.OperationalError:
                said = (folder / "log").read_text()
                assert process.poll() is None, f"the server ended: {said}"
                assert time.monotonic() < end, f"the server does not answer: {said}"
                time.sleep(0.05)

        def new_database() -> str:
            name = f"book_{next(numbers)}"
            with psycopg.connect(
                host=str(folder), user="tester", dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            return f"postgresql+psycopg://tester@/{name}?host={folder}"

        yield new_database
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
        process.wait(_PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gradebook.db'}"
    new_database: Callable[[], str] = request.getfixturevalue("postgres")
    return new_database()
