"""The class's best predictions under the names their authors chose: no ids, and nobody who did not ask for it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.catalogue import Catalogue
from autograder.report.feedback import Feedback
from autograder.report.table import harmless
from autograder.trained.names import clean_leaderboard_name

WITHHELD = "(a name withheld)"  # it was somebody else's


@dataclass(frozen=True)
class Entry:
    """A line of the board."""

    rank: int  # equal scores share one
    name: str
    psnr: float  # dB
    ssim: float


@dataclass(frozen=True)
class Board:
    """One trained exercise's board, best first."""

    exercise: str
    number: str
    title: str
    entries: tuple[Entry, ...]


def leaderboards(catalogue: Catalogue, rows: Sequence[Feedback]) -> tuple[Board, ...]:
    """A board per trained exercise that somebody wants to be on; by PSNR, then SSIM, then name."""
    boards = (Board(e.id, e.number, e.title, _entries(e.id, rows)) for e in catalogue.trained)
    return tuple(board for board in boards if board.entries)


def leaderboard_csv(boards: Sequence[Board]) -> str:
    """Columns: exercise, rank, name, psnr_db, ssim."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["exercise", "rank", "name", "psnr_db", "ssim"])
    for board in boards:
        for e in board.entries:
            line = [board.exercise, e.rank, harmless(e.name), f"{e.psnr:.2f}", f"{e.ssim:.4f}"]
            writer.writerow(line)
    return text.getvalue()


def _entries(exercise: str, rows: Sequence[Feedback]) -> tuple[Entry, ...]:
    owners = _owners(rows)
    found = [
        (-score.psnr, -score.ssim, _shown(score.leaderboard_name, row.result.student, owners))
        for row in rows
        for score in row.result.trained
        if score.exercise == exercise
    ]
    found = sorted(line for line in found if line[2])  # who gave no name does not want to be seen
    better = [sum(other[:2] < line[:2] for other in found) for line in found]
    names = _told_apart([name for _, _, name in found])
    return tuple(
        Entry(rank + 1, name, -psnr, -ssim)
        for rank, name, (psnr, ssim, _) in zip(better, names, found, strict=True)
    )


def _owners(rows: Sequence[Feedback]) -> dict[str, set[str]]:
    """Which students an id or a name belongs to."""
    owners: dict[str, set[str]] = {}
    for row in rows:
        for text in (row.result.student, row.name):
            owners.setdefault(_key(text), set()).add(row.result.student)
    return owners


def _shown(name: str, student: str, owners: Mapping[str, set[str]]) -> str:
    """The chosen name, unless it is a classmate's: nobody is put on the board by somebody else."""
    cleaned = clean_leaderboard_name(name)  # results may come from a gradebook of an older version
    others = owners.get(_key(cleaned), set()) - {student}
    return WITHHELD if cleaned and others else cleaned


def _key(text: str) -> str:
    return clean_leaderboard_name(text).casefold()


def _told_apart(names: Sequence[str]) -> list[str]:
    """Equal names numbered in the order of the board: "ada", "Ada (2)"."""
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[_key(name)] += 1
        count = seen[_key(name)]
        result.append(name if count == 1 else f"{name} ({count})")
    return result
