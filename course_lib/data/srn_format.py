"""ShapeNet cars and chairs as published with Scene Representation Networks (Sitzmann et al. 2019).

Nothing is downloaded here: fetch cars_train.zip and the like yourself, from the address in the
README of github.com/vsitzmann/scene-representation-networks, and unpack them. The renders derive
from ShapeNet and are for non-commercial research only; never add them to a repository.

    cars_train/<object>/intrinsics.txt
    cars_train/<object>/rgb/000000.png …
    cars_train/<object>/pose/000000.txt …

The chairs' training set lies one folder deeper, in chairs_train/chairs_2.0_train; both names work.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from course_lib.data.published_objects import Selection, SrnObjects, near_far
from course_lib.data.published_store import INTRINSICS, Listing
from course_lib.data.published_texts import UNPACK, PublishedError
from course_lib.shapes import Resolution

SUFFIXES = {"rgb": (".png", ".jpg", ".jpeg"), "pose": (".txt",)}


def load_srn(
    root: str | PathLike[str],
    *,
    near: float | None = None,
    far: float | None = None,
    max_objects: int | None = None,
    views: int | Sequence[int] | None = None,
    resolution: Resolution | None = None,
    strict: bool = False,
    published_rays: bool = False,
) -> SrnObjects:
    """The objects of `root` (such as …/cars_train), a sequence of PosedViews read when asked for.

    Poses are as published: world_from_camera, OpenCV axes, in the data set's own world frame.
    near, far: needed only if the folder's name speaks neither of cars nor of chairs.
    max_objects: the first so many by name. views: so many, evenly spread, or a list of numbers.
    resolution: (height, width) to average the 128×128 pictures down to.
    strict: objects with unequally many pictures and poses, of which the chairs have some, are an
    error; else they are left out with a warning and named in `skipped`.
    published_rays: the authors' code looks through the corner of every pixel, half a pixel from its
    centre, where the renderer looked. True shifts K so that pixel centres cast those same rays, for
    comparing with their models.
    PublishedError names the file that is missing or damaged.
    """
    folder = _data_set(Path(root))
    return SrnObjects(
        SrnFolder(folder),
        Selection(views, resolution, published_rays),
        near_far(folder, near, far),
        max_objects=max_objects,
        strict=strict,
    )


class SrnFolder:
    """A Store that is a folder of objects."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.root)

    def objects(self) -> Generator[Listing, None, None]:
        """Folders that hold pictures or poses; other files, such as macOS adds, are passed over."""
        for path in filter(_is_object, _folders(self.root)):
            yield Listing(path.name, *(_files(path / part, SUFFIXES[part]) for part in SUFFIXES))

    @contextmanager
    def reader(self, name: str) -> Iterator[Callable[[str], bytes]]:
        """Reads a file of the object."""

        def read(member: str) -> bytes:
            path = self.root / name / member
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                raise PublishedError(f"{path} is missing; {UNPACK}") from error
            except OSError as error:
                raise PublishedError(f"{path} cannot be read: {error}") from error

        yield read

    def where(self, name: str, member: str) -> str:
        """The file's path."""
        return str(self.root / name / member)


def _data_set(root: Path) -> Path:
    """The folder whose subfolders are objects; PublishedError says which one was meant instead."""
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "does not exist"
        raise PublishedError(f"{root} {what}; give the unpacked folder, such as cars_train")
    if _is_object(root):
        raise PublishedError(
            f"{root} is a single object; give the folder that holds all of them, {root.parent}"
        )
    folders = _folders(root)
    if any(map(_is_object, folders)):
        return root
    if len(folders) == 1 and "_2.0_" in folders[0].name:
        return _data_set(folders[0])
    sets = [path.name for path in folders if any(map(_is_object, _folders(path)))]
    if sets:
        raise PublishedError(
            f"{root} holds data sets, not objects: give one of {', '.join(map(repr, sets))} in it"
        )
    raise PublishedError(
        f"{root} holds no objects (folders with rgb/, pose/ and {INTRINSICS}); {UNPACK}"
    )


def _folders(root: Path) -> list[Path]:
    return sorted(
        path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))
    )


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return [name for name in names if name.lower().endswith(suffixes) and name[0] != "."]


def _is_object(path: Path) -> bool:
    return (path / "rgb").is_dir() or (path / "pose").is_dir()
