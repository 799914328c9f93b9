"""An exported file appears whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.exchange.errors import ExchangeError


def write_file(path: Path, content: bytes) -> None:
    """Write beside the target, then rename; ExchangeError if the place cannot be written."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(content)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except FileExistsError as error:
        raise ExchangeError(f"--out {path}: {error.filename} is a file, not a folder") from None
    except OSError as error:
        raise ExchangeError(f"--out {path}: cannot be written: {error.strerror}") from None


def csv_bytes(rows: Iterable[Sequence[str]], mark: bool = False) -> bytes:
    """Rows as CSV; `mark` puts Excel's byte order mark before them, without which it garbles umlauts."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8")
