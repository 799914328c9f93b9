"""A downloaded zip of submissions, unpacked where nobody else looks, for as long as it is read."""

from __future__ import annotations

import errno
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from autograder.grading.archive import MANIFEST, is_hidden, leaves
from autograder.grading.entry import LayoutError

_MOST_FILES = 200_000
_MOST_BYTES = 32 * 2**30
_CHUNK = 2**20
# What a student's file may be called that no file here can be: it is left out, and nobody else suffers.
_BAD_NAME = {
    errno.ENAMETOOLONG,
    errno.EEXIST,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EINVAL,
    errno.EILSEQ,
}


def is_one_submission(path: Path) -> bool:
    """Whether a zip is a single student's, as `submit()` packs it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return MANIFEST in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


@contextmanager
def unpacked(path: Path, most_bytes: int) -> Iterator[Path]:
    """A private folder with the files of the zip, deleted afterwards. LayoutError if it cannot be read.

    Of a file larger than `most_bytes` one byte more is unpacked: enough to be refused later, by name. Links, names
    that lead out of the folder and names that no file can have are left out.
    """
    with TemporaryDirectory(prefix="submissions-") as name:
        folder = Path(name)
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, folder, most_bytes)
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise LayoutError(f"{path}: the zip is damaged ({error}). Download it again.") from None
        except (NotImplementedError, RuntimeError, ValueError) as error:
            raise LayoutError(f"{path}: the zip cannot be read ({error}).") from None
        except OSError as error:
            raise LayoutError(f"{path}: cannot be unpacked: {error.strerror or error}") from None
        yield folder


def _unpack(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> None:
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > _MOST_FILES:
        raise ValueError(f"it holds {len(members)} files; at most {_MOST_FILES} are read")
    left = min(_MOST_BYTES, shutil.disk_usage(folder).free - 2**30)
    for info in members:
        if (
            stat.S_ISLNK(info.external_attr >> 16)
            or leaves(info.filename)
            or is_hidden(info.filename)
        ):
            continue
        target = folder.joinpath(*PurePosixPath(info.filename.replace("\\", "/")).parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= _copy(archive, info, target, min(most_bytes + 1, left + 1))
        except OSError as error:
            if error.errno not in _BAD_NAME:
                raise
        if left < 0:
            raise ValueError(
                f"unpacked it is larger than {_MOST_BYTES / 2**30:.0f} GB, or than the space on the disk"
            )


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most_bytes: int) -> int:
    """Write a member; its stated size may be a lie, so bytes are counted."""
    written = 0
    with archive.open(info) as source, target.open("xb") as file:
        while written < most_bytes and (chunk := source.read(min(_CHUNK, most_bytes - written))):
            written += file.write(chunk)
    return written
