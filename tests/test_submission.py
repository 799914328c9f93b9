"""What `submit()` packs, says and refuses, in Jupyter, VS Code and a pretended Colab."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import types
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import Catalogue, Exercise, WrittenQuestion
from autograder.notebook import archive, completeness, locate, submission
from autograder.notebook.locate import SubmissionError
from autograder.notebook.submission import note_check, submit
from course_lib import COURSE, __version__

NAME = "01_camera_geometry"
CATALOGUE = Catalogue(
    NAME,
    "camera_geometry",
    "Camera geometry",
    (
        Exercise("project", "1.1", "Project points", 7, ("project",)),
        Exercise("rays", "1.2", "Rays", 5, ("world_rays", "Camera")),
    ),
    (WrittenQuestion("half_pixel", "Q1.1", "Why the half pixel?", 2),),
)
STUB = 'raise NotImplementedError("Exercise 1.1 `project` is not written yet. Replace this line with your answer.")'


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(completeness, "all_notebooks", lambda: (NAME,))
    monkeypatch.setattr(completeness, "load_catalogue", lambda name: CATALOGUE)
    monkeypatch.setattr(submission, "_last_check", [])


def code(source: str, exercise: str | None = None, **extra: Any) -> dict[str, Any]:
    metadata = {"exercise": exercise} if exercise else {}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": 1,
        **extra,
    }


def question(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {"written": "half_pixel"}, "source": text}


DONE = (
    code("%matplotlib inline\n!pip list\nimport torch"),
    code("def project(K, xyz):\n    return xyz", "project"),
    code("def world_rays(uv):\n    return uv\n\nclass Camera:\n    pass", "rays"),
    question("**Question 1.**\n\nBecause centres lie in the middle."),
)


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def save(*cells: dict[str, Any], name: str = f"{NAME}.ipynb") -> Path:
    path = Path(name)
    path.write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return path


def test_the_zip_holds_the_notebook_and_a_truthful_manifest() -> None:
    source = save(*DONE)
    path = submit(" s123 ", name="Ada", notebook=source)
    assert path.name == f"{NAME}_s123.zip"
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == [f"{NAME}.ipynb", "submission.json"]
        data = packed.read(f"{NAME}.ipynb")
        facts = json.loads(packed.read("submission.json"))
    assert json.loads(data) == json.loads(source.read_text())
    assert datetime.fromisoformat(facts.pop("created")).tzinfo is not None
    assert facts == {
        "format": 1,
        "course": COURSE,
        "course_version": __version__,
        "assignment": "a1",
        "notebook": NAME,
        "student": {"id": "s123", "name": "Ada"},
        "files": {
            f"{NAME}.ipynb": {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        },
    }


def test_a_complete_notebook_gets_a_clean_receipt(capsys: pytest.CaptureFixture[str]) -> None:
    submit("s123", notebook=save(*DONE))
    said = capsys.readouterr().out
    assert "Packed 01_camera_geometry_s123.zip for s123" in said
    assert "Every exercise and every question has an answer." in said
    assert "missing" not in said
    assert "Note:" not in said


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((code(f"def project(K):\n    {STUB}", "project"), *DONE[2:]), "1.1 Project points: `project` is not written"),
        ((*DONE[:1], *DONE[2:]), "1.1 Project points: no cell defines `project`."),
        ((*DONE[:2], code("class Camera: ...", "rays"), DONE[3]), "1.2 Rays: no cell defines `world_rays`."),
        ((code("def project(K:\n", "project"), *DONE[2:]), "1.1 Project points: the cell has a syntax error, line 1"),
        (DONE[:3], "Q1.1 Why the half pixel?: the question's cell is gone."),
        ((*DONE[:3], question("**Q.**\n\n*Write your answer here.*")), "Q1.1 Why the half pixel?: no answer"),
        ((*DONE[:3], question("  \n")), "Q1.1 Why the half pixel?: no answer yet."),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_packed_all_the_same(
    cells: tuple[dict[str, Any], ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = submit("s123", notebook=save(*cells))
    out = capsys.readouterr().out
    assert said in out
    assert out.count(" – ") == 1
    assert path.is_file()


def test_the_last_definition_counts() -> None:
    stub = code(f"def project(K, xyz):\n    {STUB}", "project")
    opened = locate.OpenNotebook(NAME, notebook(stub, *DONE), None)
    assert completeness.missing_parts(opened, CATALOGUE) == []
    opened = locate.OpenNotebook(NAME, notebook(*DONE, stub), None)
    assert len(completeness.missing_parts(opened, CATALOGUE)) == 1


def test_sources_may_be_lists_of_lines() -> None:
    listed = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in DONE]
    assert (
        completeness.missing_parts(locate.OpenNotebook(NAME, notebook(*listed), None), CATALOGUE)
        == []
    )


def test_an_answer_under_another_name_counts_as_defined() -> None:
    cells = (DONE[0], code("from mine import f\nproject = f", "project"), *DONE[2:])
    assert (
        completeness.missing_parts(locate.OpenNotebook(NAME, notebook(*cells), None), CATALOGUE)
        == []
    )


@pytest.mark.parametrize("student", [None, "", "  "])
def test_without_an_id_nothing_is_packed(student: str | None) -> None:
    save(*DONE)
    with pytest.raises(
        SubmissionError, match=r'your student id is missing. Put it in: submit\("jdoe"\)'
    ):
        submit(student, notebook=f"{NAME}.ipynb")
    assert not list(Path().glob("*.zip"))


def test_an_id_with_slashes_stays_in_the_folder(tmp_path: Path) -> None:
    path = submit("../../a b/c", notebook=save(*DONE), folder=tmp_path / "out")
    assert path.parent == tmp_path / "out"
    assert (
        json.loads(zipfile.ZipFile(path).read("submission.json"))["student"]["id"] == "../../a b/c"
    )


def test_jupyter_tells_the_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    save(*DONE, name="mine.ipynb")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "mine.ipynb"))
    assert submit("s").is_file()
    monkeypatch.setenv("JPY_SESSION_NAME", "server/side/folder/mine.ipynb")
    assert submit("s").is_file()


def test_vs_code_tells_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(*DONE)
    monkeypatch.setattr(locate, "_user_variable", {"__vsc_ipynb_file__": str(path)}.get)
    assert submit("s").is_file()


def test_nowhere_it_asks_for_the_name() -> None:
    with pytest.raises(
        SubmissionError, match=r'cannot tell which notebook.*notebook="01_camera_geometry.ipynb"'
    ):
        submit("s")
    Path("03_auto_encoding.ipynb").touch()
    Path("draft.ipynb").touch()
    with pytest.raises(SubmissionError, match=r'notebook="03_auto_encoding.ipynb"'):
        submit("s")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no notebook at .*Save the notebook"),
        ("{ not json", "is not a readable notebook"),
        ("[1, 2]", "is not a notebook: it holds no cells"),
        ('{"cells": 3}', "holds no exercise of this course"),
        ('{"cells": [{"cell_type": "code", "source": "1"}]}', "holds no exercise of this course"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused(content: str | None, message: str) -> None:
    if content is not None:
        Path("essay.ipynb").write_text(content)
    with pytest.raises(SubmissionError, match=message):
        submit("s", notebook="essay.ipynb")
    assert not list(Path().glob("*.zip"))


def test_a_renamed_copy_is_recognised_by_its_exercises() -> None:
    path = submit("s", notebook=save(*DONE, name="Copy of homework (1).ipynb"))
    assert zipfile.ZipFile(path).namelist()[0] == f"{NAME}.ipynb"


def test_a_notebook_saved_before_the_last_check_is_pointed_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = save(*DONE)
    saved = path.stat().st_mtime
    note_check(saved - 5)
    submit("s", notebook=path)
    assert "before your last check" not in capsys.readouterr().out
    os.utime(path, (saved - 600, saved - 600))
    submit("s", notebook=path)
    assert "last saved 10 minutes ago, before your last check" in capsys.readouterr().out


def test_a_large_notebook_loses_its_outputs_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(archive, "LARGE", 20_000)
    drawn = {**DONE[1], "outputs": [{"data": {"image/png": "A" * 30_000}}]}
    source = save(DONE[0], drawn, *DONE[2:])
    before = source.read_bytes()
    path = submit("s", notebook=source)
    packed = json.loads(zipfile.ZipFile(path).read(f"{NAME}.ipynb"))
    assert all(cell.get("outputs", []) == [] for cell in packed["cells"])
    assert [cell["source"] for cell in packed["cells"]] == [cell["source"] for cell in DONE]
    assert packed["cells"][1]["metadata"] == {"exercise": "project"}
    assert "its outputs were left out" in capsys.readouterr().out
    assert source.read_bytes() == before


def test_predictions_travel_with_their_hashes() -> None:
    source = save(*DONE)
    Path("predictions").mkdir()
    Path("predictions/scene.safetensors").write_bytes(b"numbers")
    Path("predictions/notes.txt").write_bytes(b"private")
    packed = zipfile.ZipFile(submit("s", notebook=source))
    assert packed.namelist() == [
        f"{NAME}.ipynb",
        "predictions/scene.safetensors",
        "submission.json",
    ]
    facts = json.loads(packed.read("submission.json"))
    assert facts["files"]["predictions/scene.safetensors"] == {
        "sha256": hashlib.sha256(b"numbers").hexdigest(),
        "bytes": 7,
    }


def test_a_failed_write_leaves_the_earlier_zip_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    source = save(*DONE)
    before = submit("s", notebook=source).read_bytes()

    def full(self: object, *args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(SubmissionError, match=r"No space left.*before, .*, is whole"):
        submit("s", notebook=source)
    assert Path(f"{NAME}_s.zip").read_bytes() == before
    assert sorted(p.name for p in Path().iterdir()) == [f"{NAME}.ipynb", f"{NAME}_s.zip"]


class TestColab:
    @pytest.fixture
    def downloads(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        downloads: list[str] = []
        self.reply: Any = {
            "ipynb": {**notebook(*DONE), "metadata": {"colab": {"name": "Copy of mine.ipynb"}}}
        }
        colab: Any = types.ModuleType("google.colab")
        colab._message = types.SimpleNamespace(
            blocking_request=lambda name, **k: self.reply if name == "get_ipynb" else None
        )
        colab.files = types.SimpleNamespace(download=downloads.append)
        google: Any = types.ModuleType("google")
        google.colab = colab
        monkeypatch.setitem(sys.modules, "google", google)
        monkeypatch.setitem(sys.modules, "google.colab", colab)
        return downloads

    def test_the_live_notebook_is_packed_and_downloaded(self, downloads: list[str]) -> None:
        path = submit("s123")
        assert downloads == [str(path)]
        assert json.loads(zipfile.ZipFile(path).read(f"{NAME}.ipynb"))["cells"] == list(DONE)

    def test_a_live_notebook_is_never_called_unsaved(
        self, downloads: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        note_check(4e9)
        submit("s123")
        assert "last saved" not in capsys.readouterr().out

    @pytest.mark.parametrize("reply", [None, {}, {"ipynb": None}])
    def test_no_answer_from_colab_says_what_to_do(self, reply: Any, downloads: list[str]) -> None:
        self.reply = reply
        with pytest.raises(SubmissionError, match="Colab did not hand the notebook over"):
            submit("s123")
        assert downloads == []


def test_the_receipt_escapes_what_students_type() -> None:
    receipt = submission.Receipt(Path("a.zip"), "<b>s</b>", ("1.1 <i>",), ("a & b",), "now")
    assert "&lt;b&gt;s&lt;/b&gt;" in receipt.as_html()
    assert "1.1 &lt;i&gt;" in receipt.as_html()
    assert "a &amp; b" in receipt.as_html()


def test_the_handouts_placeholder_is_packed_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit("your-id", notebook=save(*DONE), folder=tmp_path / "out").is_file()
    assert "is nobody's id: set STUDENT_ID to your own" in capsys.readouterr().out
