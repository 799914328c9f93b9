"""Two kernels that train the same run: two tabs, a copied notebook, two runtimes with one Drive.

Both make the same steps, since batches come from the same seed. So the checkpoint that is further serves either of
them, and is kept. There is no lock (Drive has none): where both save within the same moment, the one behind may still
come last. That costs the steps between the two, until the next checkpoint; the curve stays the same.
"""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.training.checkpoints import CheckpointError, read_numbers


@dataclass
class Writer:
    """Who writes a checkpoint: one call of fit. It keeps away from what another one has written."""

    name: str = field(default_factory=lambda: secrets.token_hex(8))
    taken: tuple[str, int] | None = None  # the writer and step of the checkpoint that was continued
    warned: bool = False
    failed: bool = False

    def signature(self) -> dict[str, Any]:
        """What a checkpoint remembers of its writer."""
        process = os.getpid()
        return {
            "name": self.name,
            "machine": platform.node(),
            "process": process,
            "since": since(process),
        }

    def continues(self, path: Path, numbers: Mapping[str, Any]) -> None:
        """Take over a checkpoint; say so if the kernel that wrote it is still there and may be training.

        Only Linux (Colab, too) tells which processes are there: elsewhere nothing is said here, but `other_is_ahead`
        still keeps what the other kernel saves.
        """
        other = numbers.get("writer", {})
        self.taken = _written(numbers)
        process = other.get("process", os.getpid())
        here = other.get("machine") == platform.node() and process != os.getpid()
        if here and other.get("since") and since(process) == other["since"]:
            print(
                f"Another kernel (process {process}) has written {path} and still runs: is this notebook open in a "
                "second tab or copy? If it trains there too, stop one of the two; both make the same steps."
            )

    def other_is_ahead(self, path: Path, step: int, identity: Mapping[str, Any]) -> bool:
        """Whether the file now holds more steps of this run, by somebody else; said once."""
        other = _found(path)
        if other is None or other.get("identity") != identity or other["step"] <= step:
            return False
        if not self.warned:
            self.warned = True
            print(
                f"\nAnother kernel trains the same run and is further: {path} holds its step {other['step']}, this one "
                f"is at {step}. Its checkpoint is kept. Stop this cell, and run it again when the other has stopped: "
                "it then goes on from there."
            )
        return True

    def cannot_write(self, path: Path, error: OSError) -> None:
        """Say once that there is no room for checkpoints: the training itself needs none."""
        if self.failed:
            return
        self.failed = True
        print(
            f"\nThe checkpoint {path} cannot be written: {error.strerror or error}. The training goes on, but if it is "
            "cut off it begins anew, or where an earlier checkpoint stands. Free some space, or make the folder "
            "writable: it is tried again later."
        )

    def owns(self, path: Path) -> bool:
        """Whether nobody else has written the file since this run began."""
        found = _found(path)
        if found is None:
            return True
        written = _written(found)
        return written[0] == self.name or written == self.taken


def _found(path: Path) -> dict[str, Any] | None:
    """The numbers of a checkpoint; None where there is none, or a damaged one: nothing to keep."""
    try:
        return read_numbers(path) if path.is_file() else None
    except CheckpointError:
        return None


def _written(numbers: Mapping[str, Any]) -> tuple[str, int]:
    return numbers.get("writer", {}).get("name", ""), numbers["step"]


def since(process: object) -> str:
    """When a process began, in the system's own ticks; empty where it has ended, or the system has no /proc."""
    try:
        # Bytes: a process may have given itself a name that is no text.
        after_the_name = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2]
        return after_the_name.split()[19].decode("ascii")
    except (OSError, IndexError, ValueError):
        return ""
