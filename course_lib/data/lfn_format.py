"""The same objects in one HDF5 file, as published with Light Field Networks (Sitzmann et al. 2021).

Nothing is downloaded here: fetch cars_train.hdf5 and the like yourself, from the address in the
README of github.com/vsitzmann/light-field-networks. The renders derive from ShapeNet and are for
non-commercial research only; never add them to a repository. Reading needs the package h5py.

A group per object holds what the SRN format has as files, byte by byte: the datasets
`rgb/000000.png`, `pose/000000.txt` and `intrinsics.txt`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np

from course_lib.data.published_objects import Selection, SrnObjects, near_far
from course_lib.data.published_store import Listing
from course_lib.data.published_texts import PublishedError
from course_lib.shapes import Resolution

DOWNLOAD: Final = "the file may have been fetched only in part: fetch it again"


def load_lfn(
    path: str | PathLike[str],
    *,
    near: float | None = None,
    far: float | None = None,
    max_objects: int | None = None,
    views: int | Sequence[int] | None = None,
    resolution: Resolution | None = None,
    strict: bool = False,
    published_rays: bool = False,
) -> SrnObjects:
    """The objects of an HDF5 file (such as cars_train.hdf5), read when asked for; as `load_srn`."""
    store = LfnFile(Path(path))
    return SrnObjects(
        store,
        Selection(views, resolution, published_rays),
        near_far(store.path, near, far),
        max_objects=max_objects,
        strict=strict,
    )


class LfnFile:
    """A Store that is an HDF5 file. Nothing stays open between readings, so workers can share it."""

    def __init__(self, path: Path) -> None:
        """PublishedError if it is not there or no HDF5."""
        self.path = path
        with self._opened():
            pass

    @property
    def name(self) -> str:
        """The file."""
        return str(self.path)

    def objects(self) -> Generator[Listing, None, None]:
        """Every group with the datasets in its rgb and pose."""
        with self._opened() as file:
            for name in sorted(file):
                group = file[name]
                if hasattr(group, "keys"):  # a dataset at the top is no object
                    yield Listing(name, _names(group, "rgb"), _names(group, "pose"))

    @contextmanager
    def reader(self, name: str) -> Iterator[Callable[[str], bytes]]:
        """Reads a dataset of the object."""
        with self._opened() as file:

            def read(member: str) -> bytes:
                where = self.where(name, member)
                try:
                    value = file[name][member][()]
                except KeyError as error:
                    raise PublishedError(f"{where} is missing; {DOWNLOAD}") from error
                except (OSError, RuntimeError, AttributeError, TypeError) as error:
                    raise PublishedError(f"{where} cannot be read: {error}; {DOWNLOAD}") from error
                return value.encode() if isinstance(value, str) else bytes(np.asarray(value).data)

            yield read

    def where(self, name: str, member: str) -> str:
        """File and place in it, with a colon between."""
        return f"{self.path}:{name}/{member}"

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        try:
            h5py: Any = importlib.import_module("h5py")  # only this loader needs it
        except ImportError as error:
            raise PublishedError(
                f"reading {self.path} needs the package h5py: run `pip install h5py`"
            ) from error
        if not self.path.is_file():
            what = "is a folder" if self.path.is_dir() else "does not exist"
            raise PublishedError(
                f"{self.path} {what}; give an HDF5 file, such as cars_train.hdf5"
                + (", or read the folder with load_srn" if self.path.is_dir() else "")
            )
        try:
            file = h5py.File(self.path, "r")
        except OSError as error:
            raise PublishedError(
                f"{self.path} is no HDF5 file or is cut off ({error}); {DOWNLOAD}"
            ) from error
        with file:
            yield file


def _names(group: Any, part: str) -> list[str]:
    """The datasets in a group of the object, none if there is no such group."""
    return list(group[part]) if hasattr(group.get(part), "keys") else []
