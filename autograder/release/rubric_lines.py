"""What the rubrics beside the sources say of good answers: as secret as the answers themselves."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.handouts.leaks import prose_tells

_BETWEEN = re.compile(r"[;:,()]| – |\.\s")


def rubric_path(source: Path) -> Path:
    """Where the rubric of a notebook's written questions is, if it has one."""
    return source.parent / "rubrics" / f"{source.stem}.toml"


def rubric_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The telling texts of a rubric and their telling parts, each with its line in the file; none without a file.

    "Yes, since …" is given away by either half, so a text comes first, then what stands between its commas. Any
    text counts, also of a rubric that graders cannot use: it gives away as much. ValueError if it is no TOML.
    """
    if not path.is_file():
        return
    written = path.read_text(encoding="utf-8")
    for text in _texts(tomllib.loads(written)):
        place = written.find(text)  # not as it is written if it holds an escape
        line = written.count("\n", 0, place) + 1 if place >= 0 else 1
        for part in dict.fromkeys([text, *map(str.strip, _BETWEEN.split(text))]):
            if prose_tells(part):
                yield line, part


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
