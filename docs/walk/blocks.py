"""The fenced blocks of a page: what is to be run, written, or edited, and what a reader is shown as its outcome.

    ```console                      commands after `$ ` (`> ` continues a line), each with what it printed
    ```toml title="course.toml"     the whole content of that file
    ```diff title="course.toml"     an edit of that file

A comment on the line before a block says what is special:

    <!-- exits 1 -->
    <!-- runs until stopped -->     stopped as soon as it has said what is shown
    <!-- runs beside the rest -->   stopped at the page's end
    <!-- needs postgresql -->
    <!-- not run: the reason -->

Blocks of other languages without a title are only shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<language>[\w-]*)(?P<rest>.*)$")
_TITLE = re.compile(r'title="(?P<title>[^"]+)"')
_REMARK = re.compile(r"^ *<!-- (?P<remark>.+?) -->$")
_SHELLS = frozenset(["bash", "sh", "shell", "shell-session", "zsh"])


class PageError(Exception):
    """A page that cannot be walked; the message names file and line."""


class Kind(StrEnum):
    """What is done with a block."""

    CONSOLE = "console"
    FILE = "file"
    EDIT = "edit"
    SHOWN = "shown"


@dataclass
class Command:
    """One command and the lines that a reader is shown as its output."""

    text: str
    shown: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A fenced block; `first` and `last` are the numbers of its content's lines in the page, from 0, half open."""

    page: Path
    first: int
    last: int
    kind: Kind
    lines: list[str]
    title: str = ""
    indent: str = ""
    exits: int = 0
    stopped: bool = False
    beside: bool = False
    needs: str = ""
    not_run: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as `page.md:12`."""
        return f"{self.page.name}:{self.first + 1}"

    def commands(self) -> list[Command]:
        """The commands of a console block."""
        found: list[Command] = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append(Command(line[2:]))
            elif line.startswith("> ") and found and not found[-1].shown:
                found[-1].text += "\n" + line[2:]
            elif found:
                found[-1].shown.append(line)
            else:
                raise PageError(f"{self.place}: a console block begins with a line `$ command`")
        return found


def read_blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order, or PageError."""
    lines = page.read_text(encoding="utf-8").splitlines()
    blocks: list[Block] = []
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        number += 1
        if fence is None:
            continue
        indent, ticks = fence["indent"], fence["ticks"]
        last = next((n for n in range(number, len(lines)) if lines[n].strip() == ticks), None)
        if last is None:
            raise PageError(
                f"{page.name}:{number}: this block is never closed; end it with {ticks}"
            )
        content = [line.removeprefix(indent) for line in lines[number:last]]
        title = _TITLE.search(fence["rest"])
        kind = _kind(fence["language"], title is not None, f"{page.name}:{number}")
        block = Block(page, number, last, kind, content, title["title"] if title else "", indent)
        if number >= 2 and (remark := _REMARK.match(lines[number - 2])):
            _heed(block, remark["remark"])
        blocks.append(block)
        number = last + 1
    return blocks


def _kind(language: str, titled: bool, place: str) -> Kind:
    if language == "console":
        return Kind.CONSOLE
    if language in _SHELLS:
        raise PageError(f"{place}: write commands as ```console, so that they are run")
    if language == "diff" and not titled:
        raise PageError(f'{place}: name the file that is edited: ```diff title="course.toml"')
    if not titled:
        return Kind.SHOWN
    return Kind.EDIT if language == "diff" else Kind.FILE


def _heed(block: Block, remark: str) -> None:
    if match := re.fullmatch(r"exits (\d+)", remark):
        block.exits = int(match[1])
    elif remark == "runs until stopped":
        block.stopped = True
    elif remark == "runs beside the rest":
        block.beside = True
    elif remark.startswith("needs "):
        block.needs = remark.removeprefix("needs ")
    elif remark.startswith("not run: ") and remark.removeprefix("not run: ").strip():
        block.not_run = remark.removeprefix("not run: ").strip()
    else:
        raise PageError(
            f"{block.place}: the comment before the block is not understood: {remark!r}. "
            "Write `exits N`, `runs until stopped`, `runs beside the rest`, `needs postgresql` or `not run: REASON`."
        )
