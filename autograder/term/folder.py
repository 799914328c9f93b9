"""The folder that a term is put away in: private, beside the course, and the same one when the command is repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from autograder.exchange.write_file import write_file
from autograder.gradebook.place import Place
from autograder.settings import FILE_NAME
from autograder.term.error import TermError

SUMMARY: Final = "term.json"
GRADES: Final = "grades.csv"
DATABASE: Final = "gradebook.db"
SECRETS: Final = "secrets"
PARTIAL: Final = f".{DATABASE}.partial"  # a server's gradebook while it is copied
_IGNORE: Final = (".gitignore", b"*\n")


def make_folder(root: Path, place: Place | None, folder: Path, copied: bool) -> None:
    """A private folder that no git takes up, on the disk that everything is on; TermError says why it cannot be.

    `copied`: the gradebook in it is the server's, from a first attempt that was cut off.
    """
    if folder.exists() and not (folder.is_dir() and _is_ours(folder)):
        raise TermError(f"{folder} is there already; name a folder that is not, such as {folder}-2")
    secrets = (root / SECRETS).resolve()
    if secrets in (folder.resolve(), *folder.resolve().parents):
        raise TermError(
            f"{folder} lies in {root / SECRETS}, which is to be moved itself; name a folder beside the course, "
            f"such as ../{folder.name}"
        )
    if not folder.absolute().parent.is_dir():
        raise TermError(f"{folder}: there is no folder {folder.absolute().parent}; make it first")
    moved = [root, *([place.path.parent] if place and place.path else [])]
    if any(path.stat().st_dev != folder.absolute().parent.stat().st_dev for path in moved):
        raise TermError(
            f"{folder} is on another disk. Files are moved in one step, so that none is ever lost: name a folder "
            "beside the course, and copy it to the other disk afterwards"
        )
    for name in (DATABASE, SECRETS):
        live = (place is not None and not copied) if name == DATABASE else (root / SECRETS).is_dir()
        if live and (folder / name).exists():
            raise TermError(f"{folder} holds the {name} of a term already; name another folder")
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)  # also one that was there
    write_file(folder / _IGNORE[0], _IGNORE[1])


def _is_ours(folder: Path) -> bool:
    """Whether the folder is empty, or holds (a part of) what this command writes."""
    if (folder / SUMMARY).is_file():
        return True
    names = {path.name for path in folder.iterdir() if not path.name.startswith(PARTIAL)}
    if not names <= {_IGNORE[0], FILE_NAME, GRADES}:
        return False
    # It is written first: another one, or none, tells that the files beside it are somebody else's.
    ignore = folder / _IGNORE[0]
    return not names or (ignore.is_file() and ignore.read_bytes() == _IGNORE[1])
