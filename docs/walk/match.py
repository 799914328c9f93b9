"""What a page shows against what came out: `…` stands for any text in a line, a line `…` for any number of lines."""

from __future__ import annotations

import re
from functools import cache

GAP = "…"


def agrees(shown: list[str], came: list[str]) -> bool:
    """Whether the lines that came out are those that the page shows."""

    @cache
    def from_(i: int, j: int) -> bool:
        if i == len(shown):
            return j == len(came)
        if shown[i].strip() == GAP:
            return from_(i + 1, j) or (j < len(came) and from_(i, j + 1))
        return j < len(came) and line_agrees(shown[i], came[j]) and from_(i + 1, j + 1)

    return from_(0, 0)


def line_agrees(shown: str, came: str) -> bool:
    """Whether a line is the one shown; blanks count once, since tables grow and shrink with the terminal."""
    pattern = ".*".join(re.escape(_single(part)) for part in shown.split(GAP))
    return re.fullmatch(pattern.replace(r"\ .*", r"\ ?.*"), _single(came)) is not None


def renewed(shown: list[str], came: list[str]) -> list[str]:
    """The lines to show from now on: those that came, while what the page leaves out stays left out."""
    kept = _common(shown, came)
    lines: list[str] = []
    i = j = 0
    for next_i, next_j in [*kept, (len(shown), len(came))]:
        if any(line.strip() == GAP for line in shown[i:next_i]):
            lines.append(GAP)
        else:
            lines += came[j:next_j]
        if next_i < len(shown):
            lines.append(shown[next_i] if GAP in shown[next_i] else came[next_j])
        i, j = next_i + 1, next_j + 1
    return lines


def _common(shown: list[str], came: list[str]) -> list[tuple[int, int]]:
    """The longest sequence of lines that agree, as pairs of indices; gaps belong to none."""
    best = [[0] * (len(came) + 1) for _ in range(len(shown) + 1)]
    same = [[line.strip() != GAP and line_agrees(line, other) for other in came] for line in shown]
    for i in reversed(range(len(shown))):
        for j in reversed(range(len(came))):
            both = best[i + 1][j + 1] + 1 if same[i][j] else 0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < len(shown) and j < len(came):
        if same[i][j] and best[i][j] == best[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _single(line: str) -> str:
    return re.sub(r"\s+", " ", line).strip()
