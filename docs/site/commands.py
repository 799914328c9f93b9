"""Every command with its arguments and options, from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from autograder.cli.app import app

_INTRODUCTION = """\
# Commands

Written by the commands themselves: `autograder COMMAND --help` says the same. A command finds the course by the
nearest `course.toml`, here or in a folder above; `--root DIR` names another. What was wrong with a call, and what to do
about it, is one sentence on stderr; a traceback is a mistake of ours.
"""


def every_command() -> Iterator[tuple[str, Any]]:
    """Each command with its full name, such as `autograder gradebook show`; groups come before what is in them."""

    def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        for key in sorted(getattr(command, "commands", {})):
            yield from below(f"{name} {key}", command.commands[key])

    return below("autograder", typer.main.get_command(app))


def commands_page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    for name, command in every_command():
        parts += _group(name, command) if hasattr(command, "commands") else _command(name, command)
    return "\n".join(parts) + "\n"


def _group(name: str, command: Any) -> Iterator[str]:
    if name == "autograder":
        yield _prose(command.epilog)
        return
    yield f"\n## {name}\n"
    yield _prose(command.help)
    if command.epilog:
        yield "\n" + _prose(command.epilog)


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    depth = "##" if name.count(" ") == 1 else "###"
    yield f"\n{depth} {name}\n"
    words = " ".join(_argument_word(argument) for argument in arguments)
    needed = " ".join(
        _spelling(option).rpartition(", ")[2] for option in options if option.required
    )
    yield f"```text\n{' '.join(' '.join((name, words, needed, '[OPTIONS]')).split())}\n```\n"
    yield _prose(command.help)
    rows = [(f"`{_argument_word(a).strip('[]')}`", _prose(a.help or "")) for a in arguments]
    rows += [(f"`{_spelling(o)}`", _described(o)) for o in options]
    if rows:
        yield "\n| | |\n|---|---|"
        for left, right in rows:
            yield f"| {left} | {right.replace('|', chr(92) + '|')} |"
    if command.epilog:
        yield "\n" + _prose(command.epilog)


def _argument_word(argument: Any) -> str:
    word = str(argument.metavar or argument.name.upper()).strip("[]")
    return word if argument.required else f"[{word}]"


def _spelling(option: Any) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    if option.is_flag:
        return names
    return f"{names} {option.metavar or 'N'}"  # only numbers have no name of their own


def _described(option: Any) -> str:
    said = _prose(option.help or "")
    if option.required:
        said += " Required."
    if option.default not in (None, False, (), "") and not callable(option.default):
        said += f" By default `{option.default}`."
    if option.envvar:
        said += f" Also as `{option.envvar}` in the environment."
    return said


def _prose(text: str | None) -> str:
    """Help as Markdown: lines joined, paragraphs kept, placeholders not taken for HTML."""
    paragraphs = re.split(r"\n\s*\n", (text or "").strip())
    return "\n\n".join(" ".join(p.split()) for p in paragraphs).replace("<", "&lt;")
