"""A trained task from release to grade: what students get, what stays here, and what happens if it is lost."""

from __future__ import annotations

import csv
import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from autograder.catalogue import TrainedExercise, from_json
from autograder.release.trained_tasks import find_hidden_views
from autograder.trained.drawn import draw_task, fingerprint
from autograder.trained.kept import KeptTask, fingerprint_of_file, keep_task, kept_path, read_kept
from autograder.trained.task import DEVELOPMENT_SEED
from tests.trained_course import NOTEBOOK, hand_in, make_trained_course, predicted, run
from tests.trained_standin import TASK

pytestmark = pytest.mark.slow

PUBLIC = f"assets/data/trained/{NOTEBOOK}/standin.safetensors"
PRIVATE = kept_path(NOTEBOOK, "standin")
DEVELOPMENT = draw_task(TASK, DEVELOPMENT_SEED).hidden


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_trained_course(tmp_path_factory.mktemp("course") / "course")
    built = run(folder, "handouts", "build")
    assert built.returncode == 0, built.stderr
    checked = run(folder, "handouts", "check")
    assert checked.returncode == 0, checked.stderr
    return folder


@pytest.fixture(scope="module")
def release(course: Path) -> Path:
    done = run(course, "release", "--stage", "2")
    assert done.returncode == 0, done.stderr
    assert f"note: {PRIVATE} holds the hidden views of this release. Keep a copy" in done.stderr
    return course / "build/release/stage-2"


@pytest.fixture(scope="module")
def exercise(course: Path) -> TrainedExercise:
    text = (course / f"autograder/catalogue/{NOTEBOOK}.json").read_text()
    (trained,) = from_json(text).trained
    return trained


@pytest.fixture(scope="module")
def kept(course: Path, release: Path, exercise: TrainedExercise) -> KeptTask:
    found = read_kept(course, NOTEBOOK, exercise)
    assert found is not None
    return found


def tree(folder: Path) -> dict[str, bytes]:
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in files.items()}


def unpacked(release: Path) -> dict[str, bytes]:
    """Everything that students get, the wheel's content too."""
    (wheel,) = (release / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {f"wheel/{name}": archive.read(name) for name in archive.namelist()}
    return tree(release) | inside


def test_a_release_has_a_drawing_of_its_own(course: Path, release: Path, kept: KeptTask) -> None:
    mark = kept.hidden.fingerprint
    assert fingerprint_of_file(course / PUBLIC) == DEVELOPMENT.fingerprint != mark
    assert fingerprint_of_file(release / PUBLIC) == mark == fingerprint(TASK, kept.seed)
    assert (
        unpacked(release)[f"wheel/course_lib/_assets/{PUBLIC.removeprefix('assets/')}"]
        == kept.public
    )
    assert kept.hidden.images != DEVELOPMENT.images


def test_no_seed_and_no_hidden_view_leaves_the_house(
    course: Path, release: Path, kept: KeptTask
) -> None:
    files = unpacked(release)
    assert len(files) > 100
    assert not any("secrets" in name for name in files)
    assert not any(name.endswith("autograder/trained/scores.py") for name in files)
    row = 16 * 3
    views = [kept.hidden.images[i : i + row] for i in range(0, len(kept.hidden.images), row)]
    for name, data in files.items():
        assert kept.seed.encode() not in data, name
        assert not any(view in data for view in views), name
    assert list(find_hidden_views(course, [NOTEBOOK], files)) == []


def test_the_scan_finds_what_was_planted(course: Path, release: Path, kept: KeptTask) -> None:
    planted = {
        "a.py": f"SEED = '{kept.seed}'".encode(),
        "b.npz": b"x" + kept.hidden.images,
        "c.md": b"nothing",
    }
    found = {f.place: f.message for f in find_hidden_views(course, [NOTEBOOK], planted)}
    assert set(found) == {"a.py", "b.npz"}
    assert "holds the seed of secrets/trained/02_sums/standin.safetensors" in found["a.py"]
    assert "holds a part of a hidden view" in found["b.npz"]


def test_the_private_file_is_for_its_owner_and_git_does_not_see_it(
    course: Path, release: Path
) -> None:
    path = course / PRIVATE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    ignored = (Path(__file__).parents[1] / ".gitignore").read_text().splitlines()
    assert "secrets/" in ignored


def test_a_second_release_is_the_first_to_the_byte(course: Path, release: Path) -> None:
    before, private = tree(release), (course / PRIVATE).read_bytes()
    again = run(course, "release", "--stage", "2")
    assert again.returncode == 0, again.stderr
    # Said every time: the release that drew it may have been refused, and nobody read on.
    assert f"note: {PRIVATE} holds the hidden views of this release" in again.stderr
    assert tree(release) == before
    assert (course / PRIVATE).read_bytes() == private


def test_the_doctor_knows_where_the_hidden_views_are(course: Path, kept: KeptTask) -> None:
    said = " ".join(run(course, "doctor").stdout.split())
    assert f"hidden views of release {kept.hidden.fingerprint} in {PRIVATE}" in said


def test_an_earlier_stage_holds_nothing_of_a_later_task(course: Path, release: Path) -> None:
    done = run(course, "release", "--stage", "1")
    assert done.returncode == 0, done.stderr
    names = tree(course / "build/release/stage-1")
    assert not any("assets/data/trained" in name for name in names)
    assert [n for n in names if "trained/tasks" in n] == ["autograder/trained/tasks/__init__.py"]
    both = tree(course / "build/release/stage-2")
    assert "autograder/trained/tasks/standin.py" in both
    assert "autograder/trained/tasks/fit_a_scene.py" not in both  # of no notebook of this course


def test_the_handout_states_the_bands(release: Path) -> None:
    notebook = json.loads((release / f"notebooks/{NOTEBOOK}.ipynb").read_text())
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    for row in ("| in form | 2 |", "| PSNR ≥ 20 dB | 2 |", "| PSNR ≥ 25 dB and SSIM ≥ 0.5 | 2 |"):
        assert row in text
    metadata = cells["trained-standin"]["metadata"]
    assert metadata == {"trained": "standin", "points": 8, "title": "Stripes"}


def test_a_class_is_graded_by_the_views_of_its_release(
    course: Path, kept: KeptTask, tmp_path: Path
) -> None:
    hidden, handed = kept.hidden, tmp_path / "class"
    hand_in(handed / "ada.zip", "ada", predicted(hidden, 0, "Countess"))
    hand_in(handed / "bob.zip", "bob", predicted(hidden, 9))
    hand_in(handed / "cyd.zip", "cyd", None)
    hand_in(handed / "dev.zip", "dev", predicted(DEVELOPMENT, 0, "Cheat"))
    report = ("--assignment", "a2", "-j", "1", "--out", str(tmp_path / "report"))
    command = ("grade", str(handed), *report, "--db", f"sqlite:///{tmp_path / 'book.db'}")
    done = run(course, *command)
    assert done.returncode == 0, done.stderr
    assert (
        f"warning: 1 of 3 predictions for 'standin' belong to another release (most often "
        f"{DEVELOPMENT.fingerprint}; this machine has {hidden.fingerprint}, in {PRIVATE})"
    ) in done.stderr
    rows = {r["student"]: r for r in csv.DictReader((tmp_path / "report/gradebook.csv").open())}
    earned = {student: (row["total"], row["standin"]) for student, row in rows.items()}
    assert earned == {"ada": ("2", "8"), "bob": ("2", "6"), "cyd": ("2", "0"), "dev": ("2", "0")}
    page = (tmp_path / "report/students/ada.html").read_text()
    assert "PSNR ≥ 30 dB: 60.00 dB" in page
    assert "Hidden views, your predictions, and the difference" in page
    assert "was made for another release" in (tmp_path / "report/students/dev.html").read_text()
    board = list(csv.DictReader((tmp_path / "report/leaderboard.csv").open()))
    line = {"exercise": "standin", "rank": "1", "name": "Countess", "psnr_db": "60.00"}
    assert board == [{**line, "ssim": "1.0000"}]
    assert "Countess" in (tmp_path / "report/leaderboard.html").read_text()
    assert "Countess" in (tmp_path / "report/index.html").read_text()

    def gradings() -> int:
        import sqlite3

        with sqlite3.connect(tmp_path / "book.db") as book:
            return int(book.execute("select count(*) from gradings").fetchone()[0])

    first = gradings()
    run(course, *command)
    assert gradings() == first  # everything was kept
    hand_in(handed / "bob.zip", "bob", predicted(hidden, 1))
    run(course, *command)
    assert gradings() == first + 1  # other predictions are another submission
    rows = {r["student"]: r for r in csv.DictReader((tmp_path / "report/gradebook.csv").open())}
    assert rows["bob"]["standin"] == "8"


def test_gradescope_gets_the_hidden_views_and_its_students_do_not(
    course: Path, kept: KeptTask, tmp_path: Path
) -> None:
    done = run(course, "package", "gradescope", "-a", "a2", "--out", str(tmp_path / "a2.zip"))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "a2.zip") as archive:
        private = archive.getinfo(f"course/{PRIVATE}")
        assert stat.S_IMODE(private.external_attr >> 16) == 0o600
        assert kept.hidden.images in archive.read(private)
        assert archive.read(f"course/{PUBLIC}") == kept.public
        assert "course/autograder/trained/scores.py" in archive.namelist()


def test_a_lost_private_file_is_never_lost_silently(
    course: Path, release: Path, kept: KeptTask, tmp_path: Path
) -> None:
    aside = tmp_path / "aside"
    shutil.move(course / PRIVATE, aside)
    try:
        done = run(course, "release", "--stage", "2")
        assert done.returncode == 2
        assert (
            f"has another drawing of 'standin' (fingerprint {kept.hidden.fingerprint})"
            in done.stderr
        )
        assert f"than {PRIVATE} (which is missing). Put back the private file" in done.stderr
        assert not (course / PRIVATE).exists()  # nothing was drawn in its place
        hand_in(tmp_path / "class/ada.zip", "ada", predicted(kept.hidden))
        book = f"sqlite:///{tmp_path / 'book.db'}"
        place = ("--out", str(tmp_path / "report"), "--db", book, "-j", "1")
        graded = run(course, "grade", str(tmp_path / "class"), "--assignment", "a2", *place)
        assert graded.returncode == 0
        assert (
            "warning: 1 of 1 predictions for 'standin' belong to another release" in graded.stderr
        )
        assert f"the one for development, as {PRIVATE} is missing" in graded.stderr
        assert f"{PRIVATE} is not here" in " ".join(run(course, "doctor").stdout.split())
    finally:
        shutil.move(aside, course / PRIVATE)


def test_a_damaged_private_file_stops_release_and_grading(
    course: Path, release: Path, tmp_path: Path
) -> None:
    whole = (course / PRIVATE).read_bytes()
    (course / PRIVATE).write_bytes(whole[:-5])
    try:
        hand_in(tmp_path / "class/ada.zip", "ada", None)
        place = ("--out", str(tmp_path / "r"), "--db", f"sqlite:///{tmp_path / 'b.db'}", "-j", "1")
        commands = [
            ("release", "--stage", "2"),
            ("grade", str(tmp_path / "class"), "--assignment", "a2", *place),
        ]
        for command in commands:
            done = run(course, *command)
            assert done.returncode == 2, done.stderr
            assert "standin.safetensors is damaged or cannot be read" in done.stderr
            assert "put back a copy of it" in " ".join(done.stderr.split())
    finally:
        (course / PRIVATE).write_bytes(whole)


def test_verify_finds_bands_that_are_unfair_or_unsaid(course: Path) -> None:
    fair = (course / "autograder/trained/tasks/standin.py").read_text()
    assert "Band(psnr=20)" in fair
    done = run(course, "verify", "--notebook", NOTEBOOK, "--seeds", "1", "-j", "1")
    assert done.returncode == 0, done.stderr
    assert "standin: the handout states the bands" in done.stdout
    task = course / "autograder/trained/tasks/standin.py"
    try:
        task.write_text(fair.replace("Band(psnr=20)", "Band(psnr=2), Band(psnr=61)"))
        done = run(course, "verify", "--notebook", NOTEBOOK, "--seeds", "1", "-j", "1")
    finally:
        task.write_text(fair)
    assert done.returncode == 1
    told = " ".join(done.stderr.split())
    assert "white images of 'standin' reach these bands: PSNR ≥ 2 dB" in told
    assert (
        "the hidden views themselves of 'standin' reach these bands: PSNR ≥ 2 dB, PSNR ≥ 25" in told
    )
    assert "nowhere says that 'standin' asks for PSNR ≥ 2 dB, PSNR ≥ 61 dB" in told


def test_keeping_twice_draws_once(tmp_path: Path, exercise: TrainedExercise, course: Path) -> None:
    shutil.copytree(course / "secrets", tmp_path / "secrets", dirs_exist_ok=True)
    first, drawn = keep_task(tmp_path, NOTEBOOK, exercise)
    assert not drawn
    assert keep_task(tmp_path, NOTEBOOK, exercise) == (first, False)
