"""How much a submission may use, and how strong a box this machine can build around it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Seconds are of the wall clock."""

    call_seconds: float = 10.0
    load_seconds: float = 20.0  # running the cells that one exercise needs
    exercise_seconds: float = 60.0  # loading and all calls together
    submission_seconds: float = 300.0
    memory_mb: int = 2048  # private memory beyond what the warm process already holds
    reply_mb: int = 64  # the tensors of one returned value
    output_kb: int = 64  # what is kept of the text that student code prints
    box_mb: int = 16  # files that student code may write while it runs
    threads: int = 256
    notebook_mb: int = 256  # a notebook as handed in, with its outputs
    source_mb: int = 20  # the text of its cells


class Tier(StrEnum):
    """How well student code is shut in, best first."""

    A = "A"  # its own root, processes and network; Landlock and a system call filter where available
    B = "B"  # Landlock: the file system is closed except for libraries
    C = "C"  # another user and a system call filter that opens no file
    D = "D"  # the same user with a system call filter that opens no file
    E = "E"  # resource limits only: for feedback, never for official grades

    @property
    def meaning(self) -> str:
        """One sentence for reports and `autograder doctor`."""
        return _MEANINGS[self]

    def at_least(self, other: Tier) -> bool:
        """Whether this tier shuts code in as well as `other`."""
        return self.value <= other.value


_MEANINGS = {
    Tier.A: "a private root, process table and network, with read-only libraries",
    Tier.B: "the host's root, with every file but the libraries closed by Landlock",
    Tier.C: "another user, and no file can be opened",
    Tier.D: "the same user, and no file can be opened",
    Tier.E: "resource limits only: good for feedback, not for official grades",
}


@dataclass(frozen=True)
class Layers:
    """What the kernel grants this user: the ground on which a tier stands."""

    namespaces: str  # "root", "user" or "" where none may be made
    landlock: int  # the kernel's Landlock version, 0 where there is none
    seccomp: bool
    root: bool

    @property
    def tier(self) -> Tier:
        """The best tier these layers support."""
        return self.tier_below(Tier.A)

    def tier_below(self, best: Tier) -> Tier:
        """The best tier these layers support that is no better than `best`."""
        supported = {
            Tier.A: bool(self.namespaces),
            Tier.B: bool(self.landlock),
            Tier.C: self.seccomp and self.root,
            Tier.D: self.seccomp,
            Tier.E: True,
        }
        return next(tier for tier, here in supported.items() if here and best.at_least(tier))
