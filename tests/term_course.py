"""A course in the middle of its term: three graded students, a package's seed and a released scene."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from tests.first_published import first_published
from tests.gradebook_grader import result, submission

SEED = 1234


def run(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and everything said by `autograder …`, on a wide terminal."""
    said = CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(a) for a in arguments])
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    return said.exit_code, said.output


def make_term(folder: Path) -> Path:
    """The real syllabus, graded; secrets as `package` and `release` would have left them."""
    root = first_published(folder)
    with Gradebook.open("gradebook.db", root) as book:
        store = AssignmentStore(book, "a1", who="grace")
        store.seed(SEED)
        for number in range(3):
            store.save(submission(number), result(number))
    scene = root / "secrets/trained/01_camera_geometry/fit_a_scene.safetensors"
    scene.parent.mkdir(parents=True)
    scene.write_bytes(b"hidden views")
    (root / "secrets/gradescope-a1.seed").write_text("77\n")
    return root
