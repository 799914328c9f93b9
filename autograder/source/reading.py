"""From a file in solutions/ to a `Source`, or to everything that is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.source.answers import check_code, check_export, check_regions, check_stub
from autograder.source.cells import RawCell, read_cells
from autograder.source.errors import Problems
from autograder.source.notebook import Cell, Source
from autograder.source.regions import find_regions
from autograder.source.tasks import TaskReader

_FILE_NAME = re.compile(r"(?P<number>\d\d)_(?P<topic>[a-z][a-z0-9_]*)\.py")
_HEADING = re.compile(r"#\s+(?P<title>(?:(?P<number>\d+)\b)?.*\S)\s*")


def read_source(path: Path) -> Source:
    """Read and check a source notebook; InvalidSourceError lists all mistakes with their lines."""
    problems = Problems(path)
    file_name = _FILE_NAME.fullmatch(path.name)
    if file_name is None:
        problems.add(1, 'a source is named like "01_camera_geometry.py": number, then topic')
        problems.raise_if_any()
    assert file_name is not None
    number = int(file_name["number"])
    raw_cells = read_cells(path, problems)
    cells = _checked_cells(raw_cells, TaskReader(number, problems), problems)
    title = _title(raw_cells, number, problems)
    problems.raise_if_any()
    return Source(path, path.stem, number, file_name["topic"], title, cells)


def _checked_cells(
    raw_cells: tuple[RawCell, ...], tasks: TaskReader, problems: Problems
) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    exported_before = False
    for raw in raw_cells:
        is_code = raw.header.cell_type == "code"
        regions = find_regions(raw.lines, raw.first_line, problems, code=is_code)
        task = tasks.read(raw)
        check_regions(raw, task, regions, problems)
        cell = Cell(
            raw.header.cell_type,
            raw.header.line,
            raw.first_line,
            raw.lines,
            raw.header.keys,
            regions,
            task,
        )
        if "export" in raw.header.keys and (not is_code or raw.header.keys["export"] is not True):
            problems.add(raw.header.line, "`export` stands alone, on a code cell")
        elif is_code and check_code(raw, problems):
            check_stub(raw, regions, problems)
            if cell.exported:
                check_export(raw, regions, not exported_before, problems)
                exported_before = True
        cells.append(cell)
    return tuple(cells)


def _title(cells: tuple[RawCell, ...], number: int, problems: Problems) -> str:
    """The heading of the first markdown cell: `# 1 · Camera geometry`."""
    first = next((cell for cell in cells if cell.header.cell_type == "markdown"), None)
    heading = None
    for line in first.lines if first else ():
        heading = heading or _HEADING.fullmatch(line)
    if heading is None:
        problems.add(
            first.header.line if first else 1,
            f"the first markdown cell needs the notebook's title: `# # {number} · ...`",
        )
        return ""
    if heading["number"] is not None and int(heading["number"]) != number:
        assert first is not None
        problems.add(
            first.first_line,
            f"the title says notebook {heading['number']}, the file's name says {number}",
        )
    return heading["title"]
