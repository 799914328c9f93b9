"""A percent-format file as cells that still know their lines. Jupytext reads; this keeps count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.source.errors import Problems
from autograder.source.headers import Header, is_header, parse_header
from autograder.source.python_code import syntax_error

_QUOTES = re.compile(r"""^[rR]?("{3}|'{3})""")


@dataclass(frozen=True)
class RawCell:
    """A cell's header and its text, as a notebook would show it, line by line."""

    header: Header
    first_line: int  # in the file, of lines[0]
    lines: tuple[str, ...]


def read_cells(path: Path, problems: Problems) -> tuple[RawCell, ...]:
    """The cells of a file; InvalidSourceError if it is no percent-format text at all."""
    file_lines = _read_lines(path, problems)
    starts = [i for i, line in enumerate(file_lines) if is_header(line)]
    if not starts:
        problems.add(1, "not a percent-format notebook: no line starts a cell with `# %%`")
        problems.raise_if_any()
    for index, line in enumerate(file_lines[: starts[0]]):
        if line.strip() and not line.lstrip().startswith("#"):
            problems.add(index + 1, "code before the first `# %%`; start a cell above it")
            break
    headers = [parse_header(i + 1, file_lines[i], problems) for i in starts]
    chunks = [
        file_lines[a + 1 : b] for a, b in zip(starts, [*starts[1:], len(file_lines)], strict=True)
    ]
    sources = _jupytext_sources(headers, chunks)
    if len(sources) != len(headers):
        _explain_miscount(headers, chunks, problems)
    return tuple(
        _with_lines(header, chunk, source)
        for header, chunk, source in zip(headers, chunks, sources, strict=True)
    )


def _read_lines(path: Path, problems: Problems) -> list[str]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.add(line, f"not UTF-8 text (byte 0x{data[error.start]:02x}); save it as UTF-8")
        problems.raise_if_any()
    return text.replace("\r\n", "\n").split("\n")


def _jupytext_sources(headers: list[Header], chunks: list[list[str]]) -> list[str]:
    """Cell texts by jupytext. Headers are reduced to their type: the keys are ours to read."""
    import jupytext

    lines: list[str] = []
    for header, chunk in zip(headers, chunks, strict=True):
        kind = "" if header.cell_type == "code" else f" [{header.cell_type}]"
        lines += [f"# %%{kind}", *chunk]
    notebook = jupytext.reads("\n".join(lines), fmt="py:percent")
    return [cell.source for cell in notebook.cells]


def _explain_miscount(headers: list[Header], chunks: list[list[str]], problems: Problems) -> None:
    """Jupytext did not end a cell where a header stands: it took the header for quoted text."""
    for header, chunk in zip(headers, chunks, strict=True):
        error = syntax_error("\n".join(chunk)) if header.cell_type == "code" else None
        if error is not None:
            problems.add(header.line + (error.lineno or 1), f"invalid Python: {error.msg}")
            problems.raise_if_any()
    problems.add(
        headers[0].line,
        "a `# %%` line stands inside quoted text or a fenced block; cells cannot be told apart",
    )
    problems.raise_if_any()


def _with_lines(header: Header, chunk: list[str], source: str) -> RawCell:
    """Tie a cell's text to its lines: jupytext drops only blank lines and quotes around it."""
    skipped = next((i for i, line in enumerate(chunk) if line.strip()), len(chunk))
    if header.cell_type != "code" and skipped < len(chunk):
        quotes = _QUOTES.match(chunk[skipped])
        if quotes and chunk[skipped].strip() == quotes[0]:
            skipped += 1
    lines = source.rstrip().split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    return RawCell(header, header.line + 1 + skipped, tuple(lines))
