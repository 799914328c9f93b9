"""What a published data set is to its reader: objects, each a handful of named files."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

INTRINSICS: Final = "intrinsics.txt"  # one per object, beside rgb/ and pose/


@dataclass(frozen=True)
class Listing:
    """An object and the names of its files in rgb/ and in pose/."""

    name: str
    pictures: list[str]
    poses: list[str]


class Store(Protocol):
    """Where a data set lies: a folder, or one HDF5 file. Members are `rgb/000000.png` and the like."""

    @property
    def name(self) -> str:
        """What messages call the whole."""

    def objects(self) -> Generator[Listing, None, None]:
        """Every object, sorted by name."""

    def reader(self, name: str) -> AbstractContextManager[Callable[[str], bytes]]:
        """A function from a member to its bytes; PublishedError if it is not there."""

    def where(self, name: str, member: str) -> str:
        """What messages call a member."""
