"""`autograder roster` and `autograder export` as a person types them, and a class from each platform and back."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from autograder.cli.app import app

ROOT = Path(__file__).parent.parent
CLASS = ROOT / "assets" / "sample_class"
NOTEBOOK = "01_camera_geometry"

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Camera geometry (4711)
    Points Possible,,,,,100.00
"Lovelace, Ada",1001,90001,ada,Mon,
"Nguyen, Dara",1002,90002,dara,Mon,
"Oh, Pia",1003,90003,pia,Mon,
"""

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in an empty folder, on a gradebook of its own."""
    monkeypatch.chdir(tmp_path)

    def work(*arguments: str, code: int = 0) -> Result:
        common = ("--root", str(ROOT), "--db", str(tmp_path / "book.db"))
        result = CliRunner().invoke(app, [*arguments, *common])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return work


def test_a_roster_is_imported_and_imported_again(run: Run) -> None:
    Path("class.csv").write_text("id,name\nada,Ada\nbo,Bo\n")
    first = run("roster", "class.csv").output
    assert "class.csv: 2 students. 2 added, 0 changed, 0 as before." in first
    assert "book.db" in first
    Path("class.csv").write_text("id,name\nada,Ada Lovelace\n")
    assert (
        "0 added, 1 changed, 0 as before. Not in this file, and kept: bo."
        in run("roster", "class.csv").output
    )


def test_a_bad_roster_changes_nothing(run: Run) -> None:
    Path("class.csv").write_text("id,name\nada,Ada\nADA,Other\n")
    assert (
        "line 3: the id 'ADA' of Other is on line 2 already"
        in run("roster", "class.csv", code=2).output
    )
    assert not Path("book.db").exists()


def test_nothing_to_export_is_said_with_what_to_do(run: Run) -> None:
    assert "knows no students yet" in run("export", "csv", "--out", "x.csv", code=2).output
    Path("class.csv").write_text("id,name\nada,Ada\n")
    run("roster", "class.csv")
    assert "nothing is graded yet" in run("export", "csv", "--out", "x.csv", code=2).output
    empty = run("export", "csv", "--out", "x.csv", "--assignment", "a1")
    assert "Wrote a1 of 1 student to x.csv" in empty.output
    assert Path("x.csv").read_text("utf-8-sig").splitlines()[1] == "ada,Ada,,,,100,0,0,0,5,0"
    assert "(replaced)" in run("export", "csv", "--out", "x.csv", "--assignment", "a1").output


def test_a_heading_for_what_is_not_exported_is_refused(run: Run) -> None:
    Path("canvas.csv").write_text(CANVAS)
    run("roster", "canvas.csv")
    arguments = ("--out", "x.csv", "--template", "canvas.csv", "-a", "a1", "--column", "a2=Other")
    said = run("export", "canvas", *arguments, code=2).output
    assert "--column a2=…: not among what is exported: a1" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("csv", "--out", "book.db"), "name a file that ends in .csv"),
        (("xlsx", "--out", "x.csv"), "name a file that ends in .xlsx"),
        (("csv", "--out", "x.csv", "--template", "t.csv"), "are for `export canvas`"),
        (("canvas", "--out", "t.csv", "--template", "t.csv"), "is the template itself"),
        (("canvas", "--out", "x.csv", "--column", "a1=x"), "give the template with --template"),
        (("canvas", "--out", "x.csv", "--template", "t.csv", "--column", "a1"), "write ID=HEADING"),
        (("pdf", "--out", "x.csv"), "pdf"),
    ],
)
def test_wrong_usage_touches_no_file(run: Run, arguments: tuple[str, ...], message: str) -> None:
    Path("t.csv").write_text("Student,ID\nx,1\n")
    assert message in " ".join(run("export", *arguments, code=2).output.split())
    assert [p.name for p in Path.cwd().iterdir()] == ["t.csv"]


@pytest.mark.slow
def test_a_download_from_canvas_is_graded_and_exported_back(run: Run) -> None:
    with zipfile.ZipFile("submissions.zip", "w") as archive:
        archive.write(CLASS / "ada.zip", f"lovelaceada_1001_5001_{NOTEBOOK}_ada.zip")
        archive.write(CLASS / "dara.zip", f"nguyendara_LATE_1002_5002_{NOTEBOOK}_dara-1.zip")
        archive.write(CLASS / "pia.ipynb", "ohpia_1003_5003_pia.ipynb")
    Path("canvas.csv").write_text(CANVAS)
    run("roster", "canvas.csv")
    run("grade", "submissions.zip", "-a", "a1", "--out", "report", "-j", "1")
    said = run("export", "canvas", "--template", "canvas.csv", "--out", "import.csv").output
    assert "written answers of 1 student await points" in said
    rows = list(csv.reader(io.StringIO(Path("import.csv").read_text())))
    assert [row[-1] for row in rows] == ["Camera geometry (4711)", "100.00", "94", "42", "0"]
    assert [row[:5] for row in rows[2:]] == [row[:5] for row in csv.reader(CANVAS.splitlines()[2:])]


def submitter(name: str, sid: str, folder: str) -> str:
    return (
        f"submission_{folder}:\n  :submitters:\n  - :name: {name}\n    :sid: '{sid}'\n"
        f"    :email: {name.lower()}@uni.edu\n  :created_at: 2026-09-27 12:00:00.5 Z\n"
        "  :results:\n    tests: []\n"
    )


@pytest.fixture
def gradescope(tmp_path: Path) -> Iterator[Path]:
    """An export in which Ada and Dara handed in zips, which Gradescope unpacks, 1 day and 8 hours late."""
    folder = tmp_path / "assignment_9_export"
    for number, name in (("41", "ada"), ("42", "dara")):
        with zipfile.ZipFile(CLASS / f"{name}.zip") as archive:
            archive.extractall(folder / f"submission_{number}")
    index = submitter("Ada", "90001", "41") + submitter("Dara", "90002", "42")
    (folder / "submission_metadata.yml").write_text("---\n" + index)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_an_export_of_gradescopes_is_graded_and_exported_back(run: Run, gradescope: Path) -> None:
    Path("roster.csv").write_text(
        "Name,SID,Email,Role\nAda,90001,ada@uni.edu,Student\nDara,90002,dara@uni.edu,Student\n"
    )
    run("roster", "roster.csv")
    run("grade", str(gradescope), "-a", "a1", "--out", "report", "-j", "1")
    run("export", "gradescope", "--out", "scores.csv")
    ada, dara = csv.DictReader(io.StringIO(Path("scores.csv").read_text()))
    assert (ada["SID"], ada["Total Score"], ada["Status"]) == ("90001", "94", "Ungraded")
    assert (ada["Submission Time"], ada["Lateness (H:M:S)"]) == (
        "2026-09-27 08:00:00 -0400",
        "32:01:00",
    )
    assert (dara["Total Score"], dara["Max Points"]) == ("42", "100")
    run("export", "xlsx", "--out", "grades.xlsx")
    ledger = openpyxl.load_workbook("grades.xlsx")["Late days"]
    assert [[cell.value for cell in row][:6] for row in ledger.rows][1:] == [
        ["90001", "Ada", "Camera geometry", 2, 2, 0],
        ["90002", "Dara", "Camera geometry", 2, 2, 0],
    ]
