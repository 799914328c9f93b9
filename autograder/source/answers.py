"""What an answer region must be so that a stub can take its place."""

from __future__ import annotations

import ast

from autograder.source.cells import RawCell
from autograder.source.errors import Problems
from autograder.source.notebook import Task
from autograder.source.python_code import function_spans, needs_ipython, parse_cell, syntax_error
from autograder.source.regions import Region, mentions_markers, with_answers, with_stubs

_WORKING_STUB = "raise NotImplementedError"


def check_code(cell: RawCell, problems: Problems) -> bool:
    """Whether the cell as the author wrote it is valid Python; if not, that is a problem."""
    error = syntax_error("\n".join(cell.lines))
    if error is not None:
        problems.add(cell.first_line + (error.lineno or 1) - 1, f"invalid Python: {error.msg}")
    return error is None


def check_regions(
    cell: RawCell, task: Task | None, regions: tuple[Region, ...], problems: Problems
) -> None:
    """Every region belongs to a task, holds something, and every task has a region."""
    if task is None:
        if regions and not {"exercise", "written", "trained"} & set(cell.header.keys):
            problems.add(
                cell.first_line + regions[0].begin,
                "stray region: the cell sets no task; give its header exercise= or written=",
            )
        return
    if task.kind == "trained":
        if regions:
            problems.add(
                cell.first_line + regions[0].begin,
                f"trained {task.id!r} is handed out as it stands, so it can hold no answer; "
                "what students write goes to exercises before it",
            )
        return
    if not regions and not mentions_markers(cell.lines):
        problems.add(
            cell.header.line,
            f"{task.kind} {task.id!r} has no answer between `# BEGIN SOLUTION` "
            "and `# END SOLUTION`",
        )
    for region in regions:
        answer = cell.lines[region.begin + 1 : region.end]
        if not any(_says_something(line, task.kind) for line in answer):
            problems.add(cell.first_line + region.begin, "empty region: there is no answer in it")


def check_stub(cell: RawCell, regions: tuple[Region, ...], problems: Problems) -> None:
    """With `raise` in place of each answer the cell must still define its functions."""
    tree = parse_cell("\n".join(cell.lines))
    spans = function_spans(tree)
    for region in regions:
        inside = [
            i
            for i in range(region.begin + 1, region.end)
            if _says_something(cell.lines[i], "exercise")
        ]
        if inside and not any(a <= inside[0] + 1 and inside[-1] + 1 <= b for a, b in spans):
            problems.add(
                cell.first_line + region.begin,
                "the region does not lie inside one function's body: signature and docstring "
                "must stay outside it",
            )
            return
        if inside and not _is_indented(cell.lines[inside[0]], region.indent):
            problems.add(
                cell.first_line + region.begin,
                "`# BEGIN SOLUTION` must be indented like the answer below it: "
                "its place is where the stub goes",
            )
            return
    _check_every_function(cell, tree, regions, problems)
    stub = with_stubs(cell.lines, regions, lambda region: f"{region.indent}{_WORKING_STUB}")
    error = syntax_error("\n".join(stub))
    if error is not None and regions:
        problems.add(
            cell.first_line + regions[0].begin,
            f"with a stub in place of its answer the cell is invalid Python: {error.msg}",
        )


def _check_every_function(
    cell: RawCell, tree: ast.Module, regions: tuple[Region, ...], problems: Problems
) -> None:
    """A function without a region would reach students as it stands; helpers begin with `_`."""
    if not regions:
        return  # said already
    ends = [node.lineno for node in tree.body[1:]] + [len(cell.lines) + 1]
    for node, end in zip(tree.body, ends, strict=True):
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if not any(node.lineno <= region.begin + 1 < end for region in regions):
            problems.add(
                cell.first_line + node.lineno - 1,
                f"`{node.name}` has no `# BEGIN SOLUTION`: the handout would publish its answer; "
                "mark it, or give the function in an `export` cell",
            )


def check_export(
    cell: RawCell, regions: tuple[Region, ...], is_first: bool, problems: Problems
) -> None:
    """An exported cell becomes part of a module: plain Python, `__future__` only at its head."""
    text = "\n".join(with_answers(cell.lines, regions))
    if needs_ipython(text):
        problems.add(cell.header.line, "a cell that is exported to a module may hold no magics")
        return
    for position, node in enumerate(parse_cell(text).body):
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if is_future and not (is_first and position == 0):
            problems.add(
                cell.header.line,
                "`from __future__` must be the first line of the first exported cell",
            )


def _is_indented(line: str, indent: str) -> bool:
    return line.startswith(indent) and not line[len(indent)].isspace()


def _says_something(line: str, kind: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not (kind == "exercise" and stripped.startswith("#"))
