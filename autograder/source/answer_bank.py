"""The bank of answers that the checks are tested on: wrong ones that must fail, different ones that must pass."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_CELL = re.compile(r'^# %% exercise="(?P<id>\w+)" (?P<kind>wrong|right)="(?P<title>[^"]+)"$')


@dataclass(frozen=True)
class BankedAnswer:
    """Code that replaces the solution's functions of one exercise."""

    exercise: str
    right: bool
    title: str
    code: str
    line: int  # of the cell's first line of code


def load_answer_bank(path: Path) -> tuple[BankedAnswer, ...]:
    """All answers of a bank. Cells start with `# %% exercise="id" wrong="title"` (or `right=`).

    Raises:
        ValueError: a `# %%` line of another form, with its place.
    """
    answers: list[BankedAnswer] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("# %%")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _CELL.match(lines[start])
        if match is None:
            raise ValueError(f'{path}:{start + 1}: expected # %% exercise="id" wrong|right="title"')
        code = "\n".join(lines[start + 1 : end]) + "\n"
        right = match["kind"] == "right"
        answers.append(BankedAnswer(match["id"], right, match["title"], code, start + 2))
    return tuple(answers)
