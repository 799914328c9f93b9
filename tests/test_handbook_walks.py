"""Every command of the handbook runs, in the order of its pages, and prints what the page shows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from docs.walk.blocks import Kind, read_blocks
from docs.walk.walks import PAGES, WALKS, run_walk

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="the walks begin with git")
NOT_RUN = {  # every command that no test runs, by its page: each needs a reason, and a place in this list
    "set-up.md": 1,  # make setup
    "release.md": 1,  # pushing to the public repository
    "index.md": 1,  # make demo, which the README's own tests run
}


@pytest.fixture
def server(request: pytest.FixtureRequest) -> dict[str, str] | None:
    """How to reach an empty PostgreSQL database; None where no server is installed."""
    installed = [*Path("/usr/lib/postgresql").glob("*/bin/postgres"), shutil.which("postgres")]
    if not any(installed):
        return None
    new_database: Callable[[], str] = request.getfixturevalue("postgres")
    url = make_url(new_database())
    return {
        "host": str(url.query["host"]),
        "user": str(url.username),
        "dbname": str(url.database),
    }


def walk_and_compare(name: str, postgres: dict[str, str] | None = None) -> None:
    walked = run_walk(name, postgres=postgres)
    assert not walked.differences, (
        "\n".join(walked.differences)
        + f"\nif the commands are right: python -m docs.walk {name} --update"
    )
    assert postgres is None or not walked.lacking


@pytest.mark.parametrize("name", [name for name, walk in WALKS.items() if not walk.slow])
def test_a_walk_shows_what_comes_out(name: str) -> None:
    walk_and_compare(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, walk in WALKS.items() if walk.slow])
def test_a_long_walk_shows_what_comes_out(name: str, server: dict[str, str] | None) -> None:
    walk_and_compare(name, server)


def test_every_page_with_commands_is_walked_once() -> None:
    walked = [page for walk in WALKS.values() for page in walk.pages]
    assert len(walked) == len(set(walked))
    with_commands = {
        path.relative_to(PAGES).as_posix()
        for path in PAGES.rglob("*.md")
        if any(b.kind is not Kind.SHOWN and not b.not_run for b in read_blocks(path))
    }
    assert with_commands == set(walked)


def test_what_no_test_runs_is_counted_and_says_why() -> None:
    counted: dict[str, int] = {}
    for path in PAGES.rglob("*.md"):
        for block in read_blocks(path):
            if block.not_run:
                assert len(block.not_run) > 20, f"{block.place}: say why: {block.not_run!r}"
                counted[path.name] = counted.get(path.name, 0) + 1
    assert counted == NOT_RUN
