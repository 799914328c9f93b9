"""Putting a release at its place: both or none of the two renames."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.release.contents import ReleaseError
from autograder.release.publish import _swap
from autograder.release.wheel import EPOCH, source_date


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """new, out and the place where the old release waits."""
    new, out = tmp_path / "work" / "new", tmp_path / "out"
    for folder, text in ((new, "new"), (out, "old")):
        folder.mkdir(parents=True)
        (folder / "file").write_text(text)
    return new, out, tmp_path / "work" / "old"


def test_the_new_release_takes_the_place_of_the_old(folders: tuple[Path, Path, Path]) -> None:
    new, out, old = folders
    _swap(new, out, old)
    assert (out / "file").read_text() == "new"
    assert (old / "file").read_text() == "old"


def test_a_failed_swap_puts_the_old_release_back(
    folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, out, old = folders
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self == new:
            raise OSError("the disk is gone")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="the disk is gone"):
        _swap(new, out, old)
    assert (out / "file").read_text() == "old"
    assert not old.exists()


@pytest.mark.parametrize(
    ("given", "moment"), [(None, int(EPOCH)), ("1700000000", 1700000000), ("0", 315532800)]
)
def test_files_carry_the_date_asked_for(
    monkeypatch: pytest.MonkeyPatch, given: str | None, moment: int
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if given is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    assert source_date() == moment


def test_a_date_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(
        ReleaseError, match="SOURCE_DATE_EPOCH is 'yesterday'; it must be a number of seconds"
    ):
        source_date()
