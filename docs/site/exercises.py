"""Every exercise with its checks, from the catalogue and from the checks' own titles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import all_notebooks, load_catalogue

_INTRODUCTION = """\
# Exercises and checks

An exercise earns nothing until its *entrance* check passes; then each of its checks earns an equal share of its
points. Students see these titles beside each result. Trained exercises are graded in bands, by photographs that nobody
was shown.
"""


@dataclass(frozen=True)
class Check:
    """A check of an exercise, as its file declares it."""

    exercise: str
    title: str
    entrance: bool


def exercises_page(root: Path) -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    for name in all_notebooks():
        catalogue = load_catalogue(name)
        checks = list(read_checks(root / "autograder" / "checks" / catalogue.topic))
        parts.append(f"\n## {catalogue.title}\n\n`{name}`, {catalogue.max_points:g} points.\n")
        for exercise in catalogue.exercises:
            functions = ", ".join(f"`{function}`" for function in exercise.functions)
            parts.append(f"\n### {exercise.number} · {exercise.title}\n")
            parts.append(f"`{exercise.id}`, {exercise.points:g} points: {functions}\n")
            theirs = [check for check in checks if check.exercise == exercise.id]
            for check in sorted(theirs, key=lambda each: not each.entrance):
                parts.append(f"- {'*Entrance.* ' if check.entrance else ''}{_plain(check.title)}")
        for trained in catalogue.trained:
            parts.append(f"\n### {trained.number} · {trained.title}\n")
            parts.append(
                f"`{trained.id}`, {trained.points:g} points, by {trained.views[0]} hidden views:\n"
            )
            parts += [f"- {band.title}" for band in trained.bands]
        if catalogue.written:
            parts.append("\n### Written questions\n\n| | | points |\n|---|---|---|")
            parts += [
                f"| {w.number} `{w.id}` | {w.title} | {w.points:g} |" for w in catalogue.written
            ]
    return "\n".join(parts) + "\n"


def read_checks(folder: Path) -> Iterator[Check]:
    """The checks of a topic, file by file, without importing them (and torch with them)."""
    for path in sorted(folder.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    if (
                        isinstance(decorator, ast.Call)
                        and ast.unparse(decorator.func) == "checks_exercise"
                    ):
                        yield _check(node, decorator)


def _check(function: ast.FunctionDef, decorator: ast.Call) -> Check:
    entrance = any(
        k.arg == "entrance" and ast.unparse(k.value) == "True" for k in decorator.keywords
    )
    title = (ast.get_docstring(function) or function.name).split("\n\n")[0]
    return Check(ast.literal_eval(decorator.args[0]), " ".join(title.split()), entrance)


def _plain(title: str) -> str:
    """A title with nothing in it that Markdown would take for markup."""
    for sign in "\\*_[]<$":
        title = title.replace(sign, "\\" + sign)
    return title
