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
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    ]
)
_SHORTEST = 14  # tokens; shorter answers look like other code by chance


@dataclass(frozen=True)
class Shape:
    """One answer of a source, without its names."""

    task: str
    line: int  # of the answer's first line in the source
    tokens: str


def answer_shapes(source: Source) -> Iterator[Shape]:
    """The answers that are long enough to be known by their shape alone."""
    for cell in source.cells:
        if cell.cell_type != "code" or cell.task is None:
            continue
        for region in cell.regions:
            lines = cell.lines[region.begin + 1 : region.end]
            tokens = shape_of("\n".join(lines))
            if tokens.count("\0") > _SHORTEST:
                yield Shape(cell.task.id, cell.first_line + region.begin + 1, tokens)


def shape_of(code: str) -> str:
    """The tokens of some Python, every name the same, each between two NULs; of broken code, its first part."""
    tokens: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(textwrap.dedent(code)).readline):
            if token.type not in _LAYOUT:
                is_name = token.type == tokenize.NAME and not keyword.iskeyword(token.string)
                tokens.append("name" if is_name else token.string.replace("'", '"'))
    except (tokenize.TokenError, SyntaxError):
        pass
    return "\0" + "".join(f"{token}\0" for token in tokens)
