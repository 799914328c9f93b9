"""What a notebook still lacks before it is worth submitting. Reads the text only; runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.catalogue import Catalogue, all_notebooks, load_catalogue
from autograder.notebook.locate import OpenNotebook, SubmissionError, source_of
from autograder.notebook.predictions import read_exported
from autograder.trained.predictions import PredictionsError, file_name

EMPTY_ANSWER = "*Write your answer here.*"
STUB = "is not written yet"


def catalogue_of(notebook: OpenNotebook) -> Catalogue:
    """The catalogue whose exercises the notebook holds, under whatever name it was saved."""
    ids = {
        _tag(cell, key) for cell in notebook.cells() for key in ("exercise", "written", "trained")
    }
    best: tuple[int, Catalogue | None] = (0, None)
    for name in all_notebooks():
        catalogue = load_catalogue(name)
        known = {e.id for e in catalogue.graded} | {w.id for w in catalogue.written}
        score = len(ids & known) + (name in notebook.name)
        if score > best[0]:
            best = score, catalogue
    if best[1] is None:
        raise SubmissionError(
            f"{notebook.name}.ipynb holds no exercise of this course ({', '.join(all_notebooks())}). "
            "Open the notebook you worked in and run submit() there, or pass notebook=…"
        )
    return best[1]


def missing_parts(
    notebook: OpenNotebook, catalogue: Catalogue, folder: Path | None = None
) -> list[str]:
    """One sentence per exercise, question or file of predictions that is not there, broken or still empty."""
    written, broken = _functions(notebook)
    remarks = []
    for exercise in catalogue.exercises:
        name = f"{exercise.number} {exercise.title}"
        absent = [f for f in exercise.functions if f not in written]
        stubs = [f for f in exercise.functions if written.get(f) is False]
        if exercise.id in broken:
            remarks.append(f"{name}: the cell has a syntax error, {broken[exercise.id]}.")
        elif absent:
            remarks.append(f"{name}: no cell defines {_names(absent)}.")
        elif stubs:
            remarks.append(
                f"{name}: {_names(stubs)} {'is' if len(stubs) == 1 else 'are'} not written yet."
            )
    remarks += _missing_predictions(catalogue, folder or Path())
    texts = {_tag(cell, "written"): source_of(cell) for cell in notebook.cells()}
    for question in catalogue.written:
        text = texts.get(question.id)
        if text is None:
            remarks.append(f"{question.number} {question.title}: the question's cell is gone.")
        elif EMPTY_ANSWER in text or not text.strip():
            remarks.append(f"{question.number} {question.title}: no answer yet.")
    return remarks


def _missing_predictions(catalogue: Catalogue, folder: Path) -> Iterator[str]:
    for exercise in catalogue.trained:
        try:
            read_exported(exercise, folder)
        except FileNotFoundError:
            yield (
                f"{exercise.number} {exercise.title}: {file_name(exercise.id)} is not there; train, then run "
                f"the cell that calls export_predictions({exercise.id!r}, …)."
            )
        except PredictionsError as error:
            yield f"{exercise.number} {exercise.title}: {error}"


def _functions(notebook: OpenNotebook) -> tuple[dict[str, bool], dict[str, str]]:
    """Top-level functions and classes: is it more than the stub? And exercise cells that do not parse."""
    written: dict[str, bool] = {}
    broken: dict[str, str] = {}
    for cell in notebook.cells():
        if cell.get("cell_type") != "code":
            continue
        try:
            tree = ast.parse(_without_magics(source_of(cell)))
        except (SyntaxError, ValueError) as error:
            broken[_tag(cell, "exercise")] = (
                f"line {getattr(error, 'lineno', '?')}: {getattr(error, 'msg', error)}"
            )
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                written[node.name] = not _is_stub(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign):  # project = torch.compile(project)
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                written.update(
                    {t.id: True for t in targets if isinstance(t, ast.Name) and t.id not in written}
                )
    return written, broken


def _is_stub(node: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Raise) and inner.exc is not None and STUB in ast.unparse(inner.exc)
        for inner in ast.walk(node)
    )


def _without_magics(source: str) -> str:
    """IPython's own lines would be syntax errors; a blank line keeps the numbering."""
    return "\n".join(
        "" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines()
    )


def _tag(cell: dict[str, object], key: str) -> str:
    metadata = cell.get("metadata")
    return str(metadata.get(key, "")) if isinstance(metadata, dict) else ""


def _names(functions: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in functions)
