"""The line that opens a cell: `# %% [markdown] written="half_pixel" title="Why?" points=2`."""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autograder.source.errors import Problems

CellType = Literal["code", "markdown", "raw"]

SOURCE_KEYS = (
    "exercise",
    "written",
    "trained",
    "title",
    "points",
    "export",
)  # these have a meaning here
NOTEBOOK_KEYS = ("tags", "cellView", "jupyter", "collapsed")  # these go to the handout as they are
KEYS = (*SOURCE_KEYS, *NOTEBOOK_KEYS)

# What jupytext takes for a header; the space after `%%` tells it from a magic such as `# %%html`.
_HEADER = re.compile(r"^\s*#\s*(?:%%%*(?:\s(?P<rest>.*))?|<codecell>|In\[[0-9 ]*\]:?\s*)$")
_PART = re.compile(
    r"""\s*(?:
        \[(?P<kind>\w+)\](?=\s|$)
      | (?P<key>[^\s=\["']+)=(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|\{.*\}|\S*)
      | (?P<word>\S+)
    )""",
    re.VERBOSE,
)
_KINDS: dict[str, CellType] = {"markdown": "markdown", "md": "markdown", "raw": "raw"}


@dataclass(frozen=True)
class Header:
    """An opened cell: where, of which type, with which keys. A bare `export` has the value True."""

    line: int
    cell_type: CellType
    keys: Mapping[str, Any]


def is_header(text: str) -> bool:
    """Whether a line opens a cell."""
    return _HEADER.match(text) is not None


def parse_header(line: int, text: str, problems: Problems) -> Header:
    """Read an opening line; misspelt keys and unreadable values become problems."""
    match = _HEADER.match(text)
    rest = ((match and match["rest"]) or "").strip()
    if text[:1].isspace():
        problems.add(line, "the `# %%` of a cell must start its line")
    cell_type: CellType = "code"
    keys: dict[str, Any] = {}
    words: list[str] = []
    for part in _PART.finditer(rest):
        if part["kind"]:
            if part["kind"] not in _KINDS:
                problems.add(line, f"unknown cell type [{part['kind']}]; use [markdown] or [raw]")
            cell_type = _KINDS.get(part["kind"], "code")
        elif part["key"]:
            _add_key(line, part["key"], part["value"], keys, problems)
        elif part["word"] == "export":
            keys["export"] = True
        else:
            words.append(part["word"])
    _judge_words(line, words, keys, problems)
    return Header(line, cell_type, keys)


def _add_key(line: int, key: str, value: str, keys: dict[str, Any], problems: Problems) -> None:
    if key not in KEYS:
        known = f"known keys: {', '.join(KEYS)}"
        problems.add(line, f"unknown key {key!r}; {_did_you_mean(key) or known}")
    elif key in keys:
        problems.add(line, f"{key!r} is given twice")
    else:
        try:
            keys[key] = _read_value(value.strip())
        except (ValueError, SyntaxError):
            keys[key] = None
            problems.add(line, f'cannot read {key}={value}; write text in quotes: {key}="..."')


def _read_value(text: str) -> Any:
    """A value as jupytext writes it (JSON), or as a Python author would."""
    try:
        return json.loads(text)
    except ValueError:
        return ast.literal_eval(text)


def _judge_words(line: int, words: list[str], keys: dict[str, Any], problems: Problems) -> None:
    """Words without `=` are a harmless title of a plain cell, unless they look like a slip."""
    for word in words:
        if word in KEYS:
            problems.add(line, f'{word!r} needs a value: {word}="..." without spaces around `=`')
            return
        suggestion = _did_you_mean(word)
        if suggestion and len(words) == 1:
            problems.add(line, f"unknown key {word!r}; {suggestion}")
            return
    if words and keys:
        problems.add(line, f"stray words {' '.join(words)!r}; a cell's heading goes to title=")


def _did_you_mean(word: str) -> str:
    match = difflib.get_close_matches(word, KEYS, n=1)
    return f'did you mean "{match[0]}"?' if match else ""
