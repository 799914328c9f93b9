"""The last step of `submit()`: the zip on disk, and on Colab in the student's own downloads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from autograder.notebook.archive import write_zip
from autograder.notebook.locate import SubmissionError

LEFT_IN_COLAB = (
    "If your browser shows no download, open the folder symbol on the left, and choose Download in the menu of {name}; "
    "do so soon, for the file is gone when this runtime ends."
)


def write(path: Path, files: dict[str, bytes], facts: dict[str, Any]) -> None:
    """Write the zip. SubmissionError if the folder takes none; an earlier zip stays as it was then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_zip(path, files, facts)
    except OSError as error:
        kept = f" The zip that was packed before, {path}, is whole." if path.is_file() else ""
        raise SubmissionError(
            f"{path.name} cannot be written into {path.parent.resolve()}: {_reason(error)}. Free some space, or name "
            f'another folder: submit("your id", folder="…").{kept}'
        ) from error


def downloads_by_itself() -> bool:
    """Whether this is Colab, where a finished zip goes on to the browser."""
    return "google.colab" in sys.modules


def download(path: Path) -> None:
    """On Colab, hand the zip to the browser. It is packed: whatever goes wrong here loses nothing."""
    if not downloads_by_itself():
        return
    from google.colab import files

    try:
        files.download(str(path))
    except Exception as error:  # the page is closed, or the front end is not Colab's own
        print(
            f"The download did not begin ({type(error).__name__}: {error}). The zip is packed: "
            f"{path.resolve()}. " + LEFT_IN_COLAB.format(name=path.name)
        )


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
