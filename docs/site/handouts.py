"""The handouts as pages: what a student sees on opening a notebook, before anything has run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.catalogue import Catalogue, all_notebooks, load_catalogue

_INTRODUCTION = """\
# Handouts

What students open, as they see it before anything has run. The pictures at the head of each page are what the notebook
shows to those who have solved it. A notebook is read from top to bottom: an exercise cell raises `NotImplementedError`
until it is written, the cell `check("…")` below it answers at once.

| notebook | exercises | written questions | points |
|---|---|---|---|
"""
_BADGE = re.compile(r"^\[!\[Open in Colab\]")
_LIST = re.compile(r"^(?:[-*+]|\d+\.) ")


def handout_pages(root: Path) -> Iterator[tuple[str, str]]:
    """Address and Markdown of the overview and of each handout."""
    rows = []
    for name in all_notebooks():
        catalogue = load_catalogue(name)
        rows.append(
            f"| [{catalogue.title}]({name}.md) | {len(catalogue.graded)} | {len(catalogue.written)} | "
            f"{catalogue.max_points:g} |"
        )
        yield f"handouts/{name}.md", handout_page(root, catalogue)
    yield "handouts/index.md", _INTRODUCTION + "\n".join(rows) + "\n"


def handout_page(root: Path, catalogue: Catalogue) -> str:
    """One handout as Markdown: prose as it is, code fenced, exercises with their number and points."""
    path = root / "notebooks" / f"{catalogue.notebook}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    parts: list[str] = []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            parts.append(_code(text, cell["metadata"], catalogue))
        elif not _BADGE.match(text):
            parts.append(_prose(text))
    picture = f"notebook_{catalogue.notebook[:2].lstrip('0')}.png"
    if (root / "assets" / "pictures" / picture).is_file():
        parts.insert(1, f"![What {catalogue.title} shows](../assets/pictures/{picture})")
    return "\n\n".join(parts) + "\n"


def _code(text: str, metadata: dict[str, Any], catalogue: Catalogue) -> str:
    fence = "````" if "```" in text else "```"
    title = ""
    if exercise := metadata.get("exercise") or metadata.get("trained"):
        number = catalogue.number(exercise)
        what = str(metadata["title"]).replace('"', "'")
        title = f' title="Exercise {number} · {what} · {metadata["points"]:g} points"'
    return f"{fence}python{title}\n{text}\n{fence}"


def _prose(text: str) -> str:
    """A cell's Markdown as this site's parser wants it: a blank line before a list, and around displayed formulas."""
    lines: list[str] = []
    for line in text.splitlines():
        before = lines[-1] if lines else ""
        if _LIST.match(line) and before.strip() and not _in_list(lines):
            lines.append("")
        lines.append(line)
    return re.sub(r"(?m)^(\$\$.+\$\$)$", r"\n\1\n", "\n".join(lines))


def _in_list(lines: list[str]) -> bool:
    """Whether the last line belongs to an item of a list."""
    for line in reversed(lines):
        if not line.strip():
            return False
        if _LIST.match(line):
            return True
    return False
