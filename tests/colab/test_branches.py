"""What the course does differently on Colab: the Drive, the live notebook, the download."""

from __future__ import annotations

import ast
import inspect
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import submit
from autograder.catalogue import all_notebooks
from autograder.notebook import hand_over
from autograder.notebook.locate import SubmissionError
from course_lib import drive
from course_lib.setup import setup
from course_lib.training import checkpoint_folder
from tests.colab.environment import REPOSITORY
from tests.colab.fake_colab import FakeColab, MessageError

NAME = all_notebooks()[0]
REFUSALS = [
    MessageError(
        "Error: credential propagation was unsuccessful"
    ),  # the pop-up was closed or blocked
    ValueError("mount failed"),
    ValueError("The domain policy has disabled Drive File Stream"),
    NotImplementedError("Mounting drive is unsupported in this environment."),
]


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeColab:
    """Colab with the first handout open, whose working folder is empty."""
    monkeypatch.chdir(tmp_path)
    mountpoint = tmp_path / "drive"
    monkeypatch.setattr(drive, "MOUNTPOINT", mountpoint)
    handout = json.loads((REPOSITORY / "notebooks" / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    fake = FakeColab(mountpoint, {"ipynb": handout})
    fake.install(monkeypatch)
    return fake


class TestDrive:
    def test_it_is_asked_for_once(self, page: FakeColab) -> None:
        session = setup("cpu", drive=True)
        setup("cpu", drive=True)
        assert page.mounts == [str(page.mountpoint)]
        assert session.remarks == ()
        folder = page.mountpoint / "MyDrive" / "inverse-graphics" / "checkpoints"
        assert checkpoint_folder() == folder
        assert ("checkpoints", str(folder)) in session.rows

    def test_nobody_is_asked_unless_they_want_it(self, page: FakeColab) -> None:
        assert setup("cpu").remarks == ()
        assert page.mounts == []
        assert checkpoint_folder() == Path("checkpoints")

    @pytest.mark.parametrize("refusal", REFUSALS, ids=str)
    def test_a_refusal_is_told_and_the_work_goes_on(
        self, refusal: Exception, page: FakeColab
    ) -> None:
        page.refusal = refusal
        session = setup("cpu", drive=True)
        (remark,) = session.remarks
        assert f"Google Drive was not mounted ({type(refusal).__name__}: {refusal})" in remark
        assert "gone when this runtime ends. Run this cell again to be asked again" in remark
        assert ("checkpoints", "checkpoints") in session.rows
        page.refusal = None
        assert setup("cpu", drive=True).remarks == ()

    def test_the_stop_button_stops(self, page: FakeColab, monkeypatch: pytest.MonkeyPatch) -> None:
        page.refusal = KeyboardInterrupt()  # type: ignore[assignment]
        with pytest.raises(KeyboardInterrupt):
            setup("cpu", drive=True)

    def test_a_mount_that_comes_to_nothing_is_no_drive(
        self, page: FakeColab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from google.colab import drive as colabs

        monkeypatch.setattr(colabs, "mount", lambda mountpoint: None)
        (remark,) = setup("cpu", drive=True).remarks
        assert f"({page.mountpoint}/MyDrive is not there)" in remark

    def test_a_drive_whose_process_died_is_none(
        self, page: FakeColab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(self: Path) -> bool:
            raise OSError(107, "Transport endpoint is not connected")

        monkeypatch.setattr(Path, "is_dir", gone)
        assert drive.drive_folder() is None
        assert checkpoint_folder() == Path("checkpoints")


def test_elsewhere_there_is_no_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(drive, "MOUNTPOINT", tmp_path / "drive")
    (remark,) = setup("cpu", drive=True).remarks
    assert remark.startswith("Google Drive is mounted on Colab only.")


class TestSubmit:
    def test_the_zip_goes_to_the_downloads(
        self, page: FakeColab, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = submit("s123")
        assert page.downloaded == [str(path)]
        packed = json.loads(zipfile.ZipFile(path).read(f"{NAME}.ipynb"))
        assert packed == page.notebook["ipynb"]
        # A browser that blocks a download tells nobody, so the way out is always said.
        assert f"Download in the menu of {path.name}" in capsys.readouterr().out

    def test_a_download_that_fails_loses_nothing(
        self, page: FakeColab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from google.colab import files

        def blocked(filename: str) -> None:
            raise MessageError("downloads are blocked")

        monkeypatch.setattr(files, "download", blocked)
        path = submit("s123")
        assert zipfile.is_zipfile(path)
        said = capsys.readouterr().out
        assert "The download did not begin (MessageError: downloads are blocked)" in said
        assert f"The zip is packed: {path.resolve()}." in said

    @pytest.mark.parametrize("how", ["no answer in time", "an error", "not a notebook"])
    def test_a_page_that_does_not_hand_over_the_notebook(self, how: str, page: FakeColab) -> None:
        page.page_is_there = how != "an error"
        page.notebook = {"ipynb": "?"} if how == "not a notebook" else None
        with pytest.raises(SubmissionError, match=r"File → Download → \.ipynb, upload the file"):
            submit("s123")
        assert page.downloaded == []
        assert list(Path().glob("*.zip")) == []

    def test_elsewhere_nothing_is_downloaded(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        notebook = REPOSITORY / "notebooks" / f"{NAME}.ipynb"
        submit("s123", notebook=notebook, folder=tmp_path)
        assert "download" not in capsys.readouterr().out.lower()
        assert not hand_over.downloads_by_itself()


def calls_of_colab() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call of ours into google.colab, as (place, "drive.mount", call)."""
    for package in ("course_lib", "autograder/notebook"):
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            parts = {
                alias.asname or alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.module == "google.colab"
                for alias in node.names
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in parts:
                    place = f"{path.relative_to(REPOSITORY)}:{node.lineno}"
                    yield place, ast.unparse(node.func), node


def test_our_calls_fit_the_real_signatures(tmp_path: Path) -> None:
    modules = {module.__name__: module for module in FakeColab(tmp_path).modules()}
    found = list(calls_of_colab())
    assert {name for _, name, _ in found} == {
        "drive.mount",
        "files.download",
        "_message.blocking_request",
    }
    for place, name, call in found:
        part, _, function = name.partition(".")
        called: Callable[..., Any] = getattr(modules[f"google.colab.{part}"], function)
        keywords = {str(keyword.arg): keyword.value for keyword in call.keywords}
        try:
            inspect.signature(called).bind(*call.args, **keywords)
        except TypeError as error:
            pytest.fail(f"{place}: {ast.unparse(call)}: {error}")
