"""Predictions uploaded to Gradescope, whose container unpacks the zip: graded by the views of the release."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.catalogue import from_json
from autograder.trained.drawn import Hidden
from autograder.trained.kept import kept_path, read_kept
from tests.gradescope_container import Layout, lay_out, notebook
from tests.trained_course import ANSWER, NOTEBOOK, make_trained_course, predicted, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Hidden]:
    """The zip, and the hidden views that were drawn for it: nothing was released before."""
    course = make_trained_course(tmp_path_factory.mktemp("course") / "course")
    assert run(course, "handouts", "build").returncode == 0
    out = course.parent / "autograder.zip"
    done = run(course, "package", "gradescope", "-a", "a2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    (exercise,) = from_json((course / f"autograder/catalogue/{NOTEBOOK}.json").read_text()).trained
    kept = read_kept(course, NOTEBOOK, exercise)
    assert kept is not None
    return out, kept.hidden


@pytest.fixture
def layout(packed: tuple[Path, Hidden]) -> Iterator[Layout]:
    base = Path(tempfile.mkdtemp(prefix="autograder-"))
    base.chmod(0o755)
    yield lay_out(packed[0], base)
    shutil.rmtree(base, ignore_errors=True)


def upload(layout: Layout, predictions: bytes | None) -> dict[str, float]:
    layout.submit({f"{NOTEBOOK}.ipynb": notebook(ANSWER)})
    if predictions is not None:
        place = layout.base / "submission/predictions/standin.safetensors"
        place.parent.mkdir()
        place.write_bytes(predictions)
    done = layout.run()
    assert done.returncode == 0, done.stdout + done.stderr
    return {test["name"]: test["score"] for test in layout.read()["tests"] if "score" in test}


def test_predictions_are_graded_by_the_views_of_the_package(
    layout: Layout, packed: tuple[Path, Hidden]
) -> None:
    assert upload(layout, predicted(packed[1])) == {"Total": 2, "Stripes": 8}
    (stripes,) = (t for t in layout.read()["tests"] if t["name"] == "Stripes")
    assert "✓ PSNR ≥ 30 dB: 60.00 dB" in stripes["output"]
    private = layout.base / "source/course" / kept_path(NOTEBOOK, "standin")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE((layout.base / "source/course/secrets").stat().st_mode) == 0o700


def test_an_upload_without_predictions_says_what_is_missing(layout: Layout) -> None:
    assert upload(layout, None)["Stripes"] == 0
    (stripes,) = (t for t in layout.read()["tests"] if t["name"] == "Stripes")
    assert "predictions/standin.safetensors is not in the submission" in stripes["output"]


STEALING = """
import glob
stolen = []
for place in glob.glob("BASE/**", recursive=True) + ["/work", "/proc/self/mounts"]:
    try:
        stolen.append((place, open(place, "rb").read()))
    except BaseException:
        pass
def total(numbers):
    raise ValueError([name for name, data in stolen if b"fingerprint" in data])
"""


def test_student_code_cannot_read_the_hidden_views(layout: Layout) -> None:
    private = layout.base / "source/course" / kept_path(NOTEBOOK, "standin")
    assert b"fingerprint" in private.read_bytes()  # whoever is not shut in finds it
    layout.submit({f"{NOTEBOOK}.ipynb": notebook(STEALING.replace("BASE", str(layout.base)))})
    assert layout.run().returncode == 0
    (total,) = (t for t in layout.read()["tests"] if t["name"] == "Total")
    assert "ValueError: []" in total["output"]
