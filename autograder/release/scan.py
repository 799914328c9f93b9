"""What may not be in students' hands: answers, however laid out or renamed, and files that tell them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from autograder.handouts.check import Finding
from autograder.handouts.leaks import Leak, find_leaks, find_lines
from autograder.release.answer_shapes import answer_shapes, shape_of
from autograder.release.rubric_lines import rubric_lines, rubric_path
from autograder.source import Source

# Files of these kinds are published; others in a published folder are refused, not silently copied.
TEXT_KINDS = frozenset([".py", ".ipynb", ".md", ".txt", ".html", ".css", ".js", ".svg", ".sql"])
TEXT_KINDS |= {".json", ".toml", ".ini", ".cfg", ".typed", ".mako", ".sh"}
TEXT_KINDS_BY_NAME = frozenset(["LICENSE", "COPYING", "NOTICE", "METADATA", "WHEEL", "RECORD"])
BINARY_KINDS = frozenset([".safetensors", ".png", ".jpg", ".jpeg", ".npz"])
# Folders of the course's own repository that no student may have.
PRIVATE_FOLDERS = frozenset(["solutions", "answer_bank", "sample_class", "secrets", "hidden"])
PRIVATE_FOLDERS |= {"tests", "benchmarks", "build"}
_PRINTABLE = re.compile(rb"[\t\n\r\x20-\x7e]{24,}")
_SHORTEST_LINE = 24  # characters; shorter ones, as rows of a table of signs, coincide by chance
_SHORTEST_SECRET = 6  # bytes; shorter numbers stand everywhere


def find_private_names(names: Collection[str]) -> Iterator[Finding]:
    """Files whose place or kind says that they are not for students."""
    for name in sorted(names):
        path = PurePosixPath(name)
        private = [part for part in path.parts[:-1] if part in PRIVATE_FOLDERS]
        if private:
            yield Finding(name, f"lies in a folder {private[0]!r}, which no student may have")
        elif not _is_known_kind(path):
            yield Finding(
                name,
                f"is of a kind ({path.suffix or 'no suffix'}) that no release carries",
                f"move {name} out of the folders that are published",
            )


def find_secrets(secrets: Mapping[str, bytes], files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Files that hold the content of a kept secret, such as a hidden seed."""
    for secret, content in secrets.items():
        value = content.strip()
        if len(value) < _SHORTEST_SECRET:
            continue
        for name, data in files.items():
            if value in data:
                yield Finding(name, f"holds what {secret} keeps secret", f"take it out of {name}")


def find_answers(
    sources: Sequence[Source], closed: Collection[str], files: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Lines of answers, or whole answers under other names, that some file shows.

    The code of topics in `closed` is public; what they, and their rubrics, say in prose never is.
    """
    texts = {name: _readable(name, data) for name, data in files.items()}
    cells = [cell for name, text in texts.items() for cell in _as_cells(name, text)]
    shapes = {name: shape_of(text) for name, text in texts.items() if name.endswith(".py")}
    for source in sources:
        code_is_out = source.topic in closed
        prose = _prose_lines(source)
        for leak in find_leaks(source, {"cells": cells}):
            if len(leak.text) > _SHORTEST_LINE and (leak.line in prose or not code_is_out):
                yield _finding(
                    source.path.name,
                    leak.line,
                    leak.cell_id,
                    f"this line of an answer: {leak.text}",
                )
        yield from _rubric_findings(source, cells)
        if not code_is_out:
            yield from _renamed_answers(source, shapes)


def _rubric_findings(source: Source, cells: list[dict[str, Any]]) -> Iterator[Finding]:
    path = rubric_path(source.path)
    place = f"{path.parent.name}/{path.name}"
    try:
        leaks: list[Leak] = find_lines(rubric_lines(path), {"cells": cells})
    except ValueError as error:
        yield Finding(f"solutions/{place}", f"cannot be read: {error}", "mend its TOML")
        return
    told: set[tuple[int, str]] = set()  # a whole text holds its parts
    for leak in leaks:
        where = (leak.line, leak.cell_id)
        if len(leak.text) > _SHORTEST_LINE and where not in told:
            told.add(where)
            what = f"this line of a rubric: {leak.text}"
            yield _finding(place, leak.line, leak.cell_id, what)


def _renamed_answers(source: Source, shapes: Mapping[str, str]) -> Iterator[Finding]:
    """One finding per exercise and file, at the first lines that agree."""
    told: set[tuple[str, str]] = set()
    for shape in answer_shapes(source):
        for name, shown in shapes.items():
            if shape.tokens in shown and (shape.task, name) not in told:
                told.add((shape.task, name))
                what = f"an answer to {shape.task!r}, perhaps under other names"
                yield _finding(source.path.name, shape.line, name, what)


def _finding(origin: str, line: int, name: str, what: str) -> Finding:
    return Finding(
        name,
        f"shows {what} (solutions/{origin}:{line})",
        f"take it out of {name}, or let the code take the result as an argument",
    )


def _is_known_kind(path: PurePosixPath) -> bool:
    return path.suffix in TEXT_KINDS | BINARY_KINDS or _named_text(path)


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in TEXT_KINDS or _named_text(path)


def _readable(name: str, data: bytes) -> str:
    """A text file's text; of others what a person finds with `strings`, such as headers and comments."""
    if _is_text(name):
        return data.decode("utf-8", "replace")
    return "\n".join(run.decode("ascii") for run in _PRINTABLE.findall(data))


def _named_text(path: PurePosixPath) -> bool:
    return path.name in TEXT_KINDS_BY_NAME or path.name == "entry_points.txt"


def _as_cells(name: str, text: str) -> list[dict[str, Any]]:
    """The parts of a file as `find_leaks` reads them; JSON spells line breaks and quotes its own way."""
    if not name.endswith(".ipynb"):
        return [{"id": name, "source": text}]
    try:
        cells = json.loads(text)["cells"]
        return [
            {**cell, "id": f"{name}, cell {cell.get('id', number)}"}
            for number, cell in enumerate(cells)
        ]
    except (ValueError, KeyError, TypeError):
        return [{"id": name, "source": text}]


def _prose_lines(source: Source) -> set[int]:
    return {
        cell.first_line + index
        for cell in source.cells
        if cell.cell_type != "code"
        for index in range(len(cell.lines))
    }
