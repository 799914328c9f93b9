"""Every key of course.toml, from the dataclasses that it is read into and the comments beside their fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TABLES = {  # where a dataclass stands in the file
    "Course": "[course]",
    "Release": "[release]",
    "GradebookSettings": "[gradebook]",
    "LatePolicy": "[late]",
    "GradingLimits": "[grading]",
    "Assignment": "[[assignment]]",
    "Milestone": "[[project]]",
}
_WORDS = {
    "str": "text", "float": "number", "int": "whole number", "bool": "true or false",
    "datetime": "date with time and zone", "None": "",
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """A key of a table."""

    name: str
    kind: str
    default: str  # as TOML; "" where the key must be given
    optional: bool
    comment: str


def settings_page(root: Path) -> str:
    """The page as Markdown, with the course's own file at its end."""
    source = (root / "autograder" / "settings.py").read_text(encoding="utf-8")
    parts = [
        "# course.toml\n",
        "The syllabus. Unknown keys, wrong types, dates without a time zone and weights above 100 are refused by name, "
        "before a command does anything. Dates are written `2026-09-25T23:59:00-04:00`.",
    ]
    for name, docstring, keys in read_dataclasses(source):
        if name in _TABLES:
            parts.append(f"\n## {_TABLES[name]}\n\n{docstring}\n")
            parts.append("| key | | |\n|---|---|---|")
            parts += [f"| `{k.name}` | {k.kind}{_default(k)} | {k.comment} |" for k in keys]
    example = (root / "course.toml").read_text(encoding="utf-8")
    parts.append(f"\n## This course's\n\n```toml\n{example}```")
    return "\n".join(parts) + "\n"


def read_dataclasses(source: str) -> Iterator[tuple[str, str, list[Key]]]:
    """Name, docstring and fields of each dataclass in a module."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            fields = [f for f in node.body if isinstance(f, ast.AnnAssign)]
            yield node.name, ast.get_docstring(node) or "", [_key(f, lines) for f in fields]


def _key(field: ast.AnnAssign, lines: list[str]) -> Key:
    assert isinstance(field.target, ast.Name)
    kinds = [part.strip() for part in ast.unparse(field.annotation).split("|")]
    words = ", ".join(filter(None, (_WORDS.get(kind, kind) for kind in kinds)))
    value = ast.unparse(field.value) if field.value is not None else ""
    default = {"None": "", "True": "true", "False": "false"}.get(value, value.replace("'", '"'))
    line = lines[(field.end_lineno or field.lineno) - 1]
    comment = line[field.end_col_offset or 0 :].strip().removeprefix("#").strip()
    return Key(field.target.id, words, default, field.value is not None, comment)


def _default(key: Key) -> str:
    if key.default:
        return f", by default `{key.default}`"
    return ", optional" if key.optional else ""
