"""Walks pages in order: runs their commands, makes their edits, and compares, or renews, what they show."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from docs.walk.blocks import Block, Command, Kind, PageError, read_blocks
from docs.walk.edits import edit, write
from docs.walk.match import agrees, renewed
from docs.walk.shell import Shell


@dataclass
class Walked:
    """What became of a walk."""

    differences: list[str] = field(default_factory=list)
    commands: int = 0
    not_run: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)  # what only this machine cannot run


def walk(pages: Iterable[Path], shell: Shell, *, update: bool = False) -> Walked:
    """Walk the pages; PageError where a command fails, since nothing after it would mean anything."""
    walked = Walked()
    for page in pages:
        blocks = read_blocks(page)
        for block in blocks:
            if block.not_run:
                walked.not_run.append(f"{block.place}: {block.not_run}")
            elif block.needs and block.needs not in shell.offers:
                walked.lacking.append(f"{block.place}: {block.needs} is not here")
            elif block.kind is Kind.FILE:
                write(block, shell.folder)
            elif block.kind is Kind.EDIT:
                edit(block, shell.folder)
            elif block.kind is Kind.CONSOLE:
                commands = block.commands()
                for command in commands:
                    came = _run(block, command, shell)
                    walked.commands += 1
                    if not agrees(command.shown, came):
                        walked.differences.append(_difference(block, command, came))
                    command.shown = renewed(command.shown, came)
                block.lines = [line for command in commands for line in _as_shown(command)]
        shell.stop_all()
        if update:
            _rewrite(page, blocks)
    return walked


def _run(block: Block, command: Command, shell: Shell) -> list[str]:
    if block.stopped or block.beside:
        said_all = lambda came: bool(command.shown) and agrees(command.shown, came)  # noqa: E731
        return shell.run_until(command.text, said_all, keep=block.beside)
    code, came = shell.run(command.text)
    if code != block.exits:
        said = "\n    ".join(came[-40:])
        raise PageError(
            f"{block.place}: `{command.text}` exits with {code}, the page says {block.exits}:\n    {said}"
        )
    return came


def _difference(block: Block, command: Command, came: list[str]) -> str:
    lines = difflib.unified_diff(
        command.shown, came, "the page shows", "the command says", lineterm="", n=2
    )
    return f"{block.place}: $ {command.text}\n" + "\n".join(f"    {line}" for line in lines)


def _as_shown(command: Command) -> list[str]:
    first, *more = command.text.split("\n")
    return [f"$ {first}", *(f"> {line}" for line in more), *command.shown]


def _rewrite(page: Path, blocks: list[Block]) -> None:
    """The page with the blocks' lines as they are now, written in one step and only if it changes."""
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines()
    for block in reversed(blocks):
        lines[block.first : block.last] = [(block.indent + line).rstrip() for line in block.lines]
    if (new := "\n".join(lines) + "\n") != text:
        partial = page.with_name(f".{page.name}.partial")
        partial.write_text(new, encoding="utf-8")
        partial.rename(page)
