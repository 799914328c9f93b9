"""Lines of an answer that are still readable in a handout."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.source import Source

_COMMENTED = re.compile(
    r"""(?P<code>(?:
          "(?:\\.|[^"\\])*"   # quoted text may hold a #
        | '(?:\\.|[^'\\])*'
        | [^\#"']
    )+?)\s*(?P<comment>\#.*)""",
    re.VERBOSE,
)
_SPACE = re.compile(r"(?<=\w)\s+(?=\w)|(?P<useless>\s+)")
_ATOM = re.compile(r"[^\W\d]\w*|\d[\w.]*")
_OPERATOR = re.compile(r"[-+*/@%<>&|^~\[(]|==|!=")
# Names that every tensor program is full of: they tell nothing of how an exercise is solved.
_COMMON_NAMES = frozenset(
    [
        "self",
        "cls",
        "torch",
        "np",
        "math",
        "len",
        "range",
        "int",
        "float",
        "bool",
        "str",
        "list",
        "tuple",
        "dict",
        "zip",
        "enumerate",
        "print",
        "dim",
        "device",
        "dtype",
        "shape",
    ]
)
_COMMON_LINES = re.compile(
    r"(?:import|from)\s.*"  # what is imported is no secret
    r"|[\w\s,]+=\s*[\w.]+\.shape(?:\[[-:\d]*\])?"  # height, width = image.shape[:2]
    r"|[\w\s,*]+=\s*[\w\s,.]+"  # a, b = c, d
    r"|(?:return|yield)\s[\w\s,.]*"
    r"|(?:for|if|elif|while|with)\s[\w\s.,()]*:"
    r"|(?:else|try|finally):"
)
_WORDS_IN_PROSE = 4  # a sentence of fewer words may stand anywhere


@dataclass(frozen=True)
class Leak:
    """A line of an answer, where it stands in the source, and the handout's cell that shows it."""

    line: int
    text: str
    cell_id: str

    def __str__(self) -> str:
        return f"the handout's cell {self.cell_id} shows this line of an answer: {self.text}"


def find_leaks(source: Source, notebook: dict[str, Any]) -> list[Leak]:
    """Every telling line of an answer that some cell of the notebook still holds.

    Spaces, line breaks and quotes do not matter, and part of a line counts.
    """
    return find_lines(_telling_lines(source), notebook)


def find_lines(lines: Iterable[tuple[int, str]], notebook: dict[str, Any]) -> list[Leak]:
    """Of these lines, each with its number, those that some cell of the notebook holds."""
    cells = [(_identity(cell), _squeeze(_all_text(cell))) for cell in notebook["cells"]]
    return [
        Leak(line, text, cell_id)
        for line, text in lines
        for cell_id, shown in cells
        if _holds(shown, _squeeze(text).strip(","))
    ]


def _telling_lines(source: Source) -> Iterator[tuple[int, str]]:
    for cell in source.cells:
        for region in cell.regions:
            for index in range(region.begin + 1, region.end):
                line = cell.lines[index].strip()
                parts = _code_and_comment(line) if cell.cell_type == "code" else [line]
                for part in parts:
                    if _code_tells(part) if cell.cell_type == "code" else prose_tells(part):
                        yield cell.first_line + index, part


def _code_and_comment(line: str) -> list[str]:
    match = _COMMENTED.fullmatch(line)
    return [match["code"], match["comment"]] if match else [line]


def _code_tells(line: str) -> bool:
    if line.startswith("#"):
        return prose_tells(line)
    if _COMMON_LINES.fullmatch(line):
        return False
    ignored = _COMMON_NAMES.union(keyword.kwlist)
    atoms = [atom for atom in _ATOM.findall(line) if atom not in ignored]
    return len(atoms) >= 2 and _OPERATOR.search(line) is not None and len(line) >= 8


def prose_tells(line: str) -> bool:
    """Whether a sentence is long enough to be nobody else's."""
    return len(re.findall(r"\w+", line)) >= _WORDS_IN_PROSE


def _squeeze(text: str) -> str:
    """Text without spaces except between words, with one kind of quotes."""
    text = text.replace("'", '"')
    return _SPACE.sub(lambda match: "" if match["useless"] else " ", text)


def _holds(shown: str, needle: str) -> bool:
    """Whether the needle occurs, and not as a part of longer names."""
    start = shown.find(needle)
    while start >= 0:
        before = shown[start - 1] if start else " "
        after = shown[start + len(needle)] if start + len(needle) < len(shown) else " "
        cut_left = _is_word(before) and _is_word(needle[0])
        cut_right = _is_word(after) and _is_word(needle[-1])
        if not cut_left and not cut_right:
            return True
        start = shown.find(needle, start + 1)
    return False


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _identity(cell: dict[str, Any]) -> str:
    return str(cell.get("id", "without id"))


def _all_text(cell: dict[str, Any]) -> str:
    """Everything a reader of the cell's file can see: source, and outputs and metadata if any."""
    source = cell.get("source", "")
    text = source if isinstance(source, str) else "".join(source)
    extras = [str(cell[key]) for key in ("outputs", "metadata", "attachments") if cell.get(key)]
    return "\n".join([text, *extras])
