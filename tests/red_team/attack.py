"""A hostile submission as data: what it does, how its success would be seen, what its author is told."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

HONEST_POINTS = """
import torch
def homogenize_points(points):
    return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)
def homogenize_directions(directions):
    return torch.cat([directions, torch.zeros_like(directions[..., :1])], dim=-1)
"""
HONEST_TRANSFORM = "def transform(T, x):\n    return (T @ x[..., None])[..., 0]"

SUCCESS = "the attack succeeded"  # never as a literal in hostile source: tracebacks quote lines
# The attack runs in an exercise's function, once per worker: what it comes to is what the author is told.
_GLUE = """
TRIED = []
WORDS = ("came to nothing", "succeeded")
def homogenize_points(points):
    if TRIED:
        raise RuntimeError("once is enough")
    TRIED.append(1)
    loot = attack(AIM)
    raise RuntimeError(f"the attack {WORDS[bool(loot)]}: {loot!r:.300}")
def homogenize_directions(directions):
    return homogenize_points(directions)
"""


class Control(StrEnum):
    """How a test proves that it would notice: the same attack where nothing holds it."""

    SHARED = "shared"  # exercises of one submission share a worker, and nothing is run again
    OPEN = "open"  # the same grading with a worker that was not shut in
    INSIDE = "inside"  # checks and student code in one process, as other graders do it
    NONE = "none"  # what holds it cannot be taken away; `Attack.why` says what that is


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    `source` defines either `attack(aim)`, which returns something true if it got what it wanted, or the first
    exercise's two functions themselves. `aim` says where the test has put files, processes and listeners.
    """

    name: str
    source: str
    told: str  # a regular expression for what its author reads about the first exercise
    control: Control = Control.OPEN
    core: bool = (
        False  # run everywhere, also in the fast tests of tiers that repeat what A and B show
    )
    earns: float = 0.0  # points of the first exercise that it is honestly owed
    finale: str = (
        ""  # an `attack(aim)` handed in afterwards, to collect what the first has left behind
    )
    why: str = ""  # for Control.NONE
    seconds: float = 5.0  # that a call may take; short where the attack is to wait
    second: str = HONEST_TRANSFORM  # the answer to the second exercise
    earns_second: float = 4.0

    def cells(self, aim: dict[str, Any]) -> tuple[str, ...]:
        """The notebook's code cells. Mostly the second exercise is answered honestly: its points are owed."""
        return (*self._hostile_cells(self.source, aim), textwrap.dedent(self.second))

    def finale_cells(self, aim: dict[str, Any]) -> tuple[str, ...]:
        """The accomplice's notebook."""
        return (*self._hostile_cells(self.finale, aim), HONEST_TRANSFORM)

    def _hostile_cells(self, source: str, aim: dict[str, Any]) -> tuple[str, ...]:
        code = textwrap.dedent(source).strip("\n")
        glue = (_GLUE,) if "def attack(" in code else ()
        return (f"AIM = {aim!r}\n{code}", *glue)


def same(told: str, core: bool = False, **bodies: str) -> list[Attack]:
    """Attacks that are one expression each and meet the same refusal."""
    return [
        Attack(
            name.replace("_", " "),
            f"{_IMPORTS}def attack(aim):\n    return {body}",
            told,
            core=core,
        )
        for name, body in bodies.items()
    ]


_IMPORTS = "import ctypes, mmap, os, signal, socket, subprocess, sys, threading, torch\n"
