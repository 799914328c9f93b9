"""Answers inside a cell: the lines between `# BEGIN SOLUTION` and `# END SOLUTION`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.source.errors import Problems

# Both our `# BEGIN SOLUTION` and nbgrader's `### BEGIN SOLUTION`; jupytext strips the `#` in prose.
_MARKER = re.compile(r"^(?P<indent>\s*)#*\s*(?P<which>BEGIN|END) SOLUTION\s*$")
# A line that an author surely meant as a marker: a slip here would publish the answer.
_NEARLY = re.compile(r"^\W*(?:BEGIN|END)[\W_]*SOLUTIONS?\W*$", re.IGNORECASE)
_NEARLY_IN_CODE = re.compile(r"^\s*#\W*(?:BEGIN|END|START|STOP)[\W_]*SOLUTIONS?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Region:
    """An answer: the indices of its two marker lines within the cell, and their indentation."""

    begin: int
    end: int
    indent: str


def find_regions(
    lines: Sequence[str], first_line: int, problems: Problems, *, code: bool
) -> tuple[Region, ...]:
    """The answers of a cell; unclosed, nested, stray and misspelt markers become problems."""
    regions: list[Region] = []
    opened: tuple[int, str] | None = None
    for index, line in enumerate(lines):
        marker = _MARKER.match(line)
        if marker is None or (code and "#" not in line):
            if _NEARLY.match(line) or (code and _NEARLY_IN_CODE.match(line)):
                problems.add(
                    first_line + index,
                    f"{line.strip()!r} looks like a marker; write `# BEGIN SOLUTION` "
                    "or `# END SOLUTION` alone on its line",
                )
        elif marker["which"] == "BEGIN":
            if opened is not None:
                problems.add(
                    first_line + index,
                    f"nested region: the one begun in line {first_line + opened[0]} is still open",
                )
            else:
                opened = index, marker["indent"]
        elif opened is None:
            problems.add(first_line + index, "stray `# END SOLUTION`: no region is open here")
        else:
            regions.append(Region(opened[0], index, opened[1]))
            opened = None
    if opened is not None:
        problems.add(
            first_line + opened[0],
            "unclosed region: `# BEGIN SOLUTION` without `# END SOLUTION` in the same cell",
        )
    return tuple(regions)


def mentions_markers(lines: Sequence[str]) -> bool:
    """Whether a cell has any marker, paired or not."""
    return any(_MARKER.match(line) or _NEARLY.match(line) for line in lines)


def with_stubs(
    lines: Sequence[str], regions: Sequence[Region], stub: Callable[[Region], str]
) -> list[str]:
    """The lines with each answer and its markers replaced by one line."""
    result: list[str] = []
    position = 0
    for region in regions:
        result += [*lines[position : region.begin], stub(region)]
        position = region.end + 1
    return [*result, *lines[position:]]


def with_answers(lines: Sequence[str], regions: Sequence[Region]) -> list[str]:
    """The lines without the markers. A blank line on both sides of a marker becomes one."""
    markers = {i for region in regions for i in (region.begin, region.end)}
    result: list[str] = []
    after_marker = False
    for index, line in enumerate(lines):
        if index in markers:
            after_marker = True
        elif not (after_marker and not line.strip() and (not result or not result[-1].strip())):
            result.append(line)
            after_marker = False
    return result
