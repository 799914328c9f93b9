"""Answers that were copied and renamed: the sequence of tokens without names, comments and layout."""

from __future__ import annotations

import io
import keyword
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.source import Source

_LAYOUT = frozenset(
    [
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    ]
)
_NAME = "name"
_WINDOW = 24  # tokens; as many of an answer in a row are no chance
_SHORTEST_ANSWER = 14  # tokens; a whole answer tells sooner
_FEWEST_NAMES = 5  # a table of numbers is nobody's secret


@dataclass(frozen=True)
class Shape:
    """Some lines of an answer in a row, without its names."""

    task: str
    line: int  # of the first of them in the source
    tokens: str


def answer_shapes(source: Source) -> Iterator[Shape]:
    """From every line of an answer on, the fewest lines that are known by their shape alone."""
    for cell in source.cells:
        if cell.cell_type != "code" or cell.task is None:
            continue
        for region in cell.regions:
            first = cell.first_line + region.begin + 1
            lines = _logical_lines("\n".join(cell.lines[region.begin + 1 : region.end]))
            for start, window in _windows(lines):
                yield Shape(cell.task.id, first + start - 1, _joined(window))


def shape_of(code: str) -> str:
    """The tokens of some Python, each between two NULs; of broken code, its first part.

    All names are the same, except what follows a dot: who renames cannot rename a library's functions.
    """
    return _joined([token for _, line in _logical_lines(code) for token in line])


def _windows(lines: list[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    answer = [token for _, line in lines for token in line]
    if lines and _tells(answer, _SHORTEST_ANSWER):
        yield lines[0][0], answer
    for index, (start, _) in enumerate(lines):
        window: list[str] = []
        for _, line in lines[index:]:
            window += line
            if _tells(window, _WINDOW):
                yield start, window
                break


def _tells(tokens: list[str], fewest: int) -> bool:
    return len(tokens) >= fewest and tokens.count(_NAME) >= _FEWEST_NAMES


def _logical_lines(code: str) -> list[tuple[int, list[str]]]:
    """The statements' first lines, from 1, and their tokens."""
    lines: list[tuple[int, list[str]]] = []
    is_new, previous = True, ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(textwrap.dedent(code)).readline):
            if token.type == tokenize.NEWLINE:
                is_new = True
            elif token.type not in _LAYOUT:
                if is_new:
                    lines.append((token.start[0], []))
                is_new = False
                lines[-1][1].append(_plain(token, previous))
                previous = token.string
    except (tokenize.TokenError, SyntaxError):
        pass
    return lines


def _plain(token: tokenize.TokenInfo, previous: str) -> str:
    is_name = token.type == tokenize.NAME and not keyword.iskeyword(token.string)
    return _NAME if is_name and previous != "." else token.string.replace("'", '"')


def _joined(tokens: list[str]) -> str:
    return "\0" + "".join(f"{token}\0" for token in tokens)
