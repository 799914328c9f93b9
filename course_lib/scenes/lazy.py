"""Data sets of posed views that are rendered when they are asked for, from category, seed and index alone."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Final, SupportsIndex

import torch

from course_lib.data.posed_views import PosedViews
from course_lib.data.view_header import ViewFileError
from course_lib.scenes.cameras import intrinsics
from course_lib.scenes.catalogue import find_category, make_scene, random_generator
from course_lib.scenes.category import Category
from course_lib.scenes.photograph import photograph
from course_lib.scenes.polytopes import Scene, SceneError
from course_lib.shapes import Float, Resolution, Tensor

RENDERER: Final = (
    1  # raise it when the same scene gives other pixels: cached files are then made anew
)
VIEWS_AT_ONCE: Final = 1024  # rendered together; the rest of the memory is the pictures themselves


class LazyViews:
    """Objects of one category, each photographed by its own cameras; made by `posed_views`.

    `views[3]` is object 3 with shape (views,), `views[:10]`, a list or a tensor of indices gives (objects, views).
    What has been rendered is kept in memory, and in files if there is a cache folder.
    """

    def __init__(
        self,
        category: Category,
        objects: int,
        views: int,
        resolution: Resolution,
        seed: int | str,
        first: int,
        device: torch.device | str,
        supersample: int,
        geometry: bool,
        cache: Path | None,
    ) -> None:
        self.category, self.objects, self.views = category, objects, views
        self.resolution, self.seed, self.first = resolution, seed, first
        self.device, self.supersample, self.geometry = torch.device(device), supersample, geometry
        self.cache = cache
        self.K = intrinsics(category.cameras.focal, resolution)
        self._kept: dict[int, PosedViews] = {}

    def __len__(self) -> int:
        return self.objects

    def __iter__(self) -> Iterator[PosedViews]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int | slice | Sequence[int] | Tensor) -> PosedViews:
        """One object, or several stacked; rendered now unless they are at hand."""
        if isinstance(index, slice):
            return self._stacked(range(self.objects)[index])
        if isinstance(index, Tensor) and index.dtype == torch.bool:
            index = index.nonzero()[:, 0]
        if isinstance(index, Sequence) or (isinstance(index, Tensor) and index.ndim):
            return self._stacked([self._checked(int(i)) for i in index])
        return self._rendered([self._checked(operator.index(index))])[0]

    def all(self) -> PosedViews:
        """All objects, (objects, views)."""
        return self[:]

    def scene(self, index: int) -> Scene:
        """The object itself, without a picture of it."""
        return make_scene(self.category, self.seed, self.first + self._checked(index))

    def poses(self, index: int) -> Float[Tensor, "views 4 4"]:
        """Its cameras, world_from_camera, without what they see."""
        rng = random_generator(self.category.name, self.seed, self.first + index, "cameras")
        return self.category.cameras.poses(self.scene(index), rng, self.views)

    def __repr__(self) -> str:
        height, width = self.resolution
        return (
            f"LazyViews({self.category.name!r}: {self.objects} objects × {self.views} views of "
            f"{height}×{width}, seed {self.seed!r}, {len(self._kept)} rendered)"
        )

    def _checked(self, index: int) -> int:
        if not -self.objects <= index < self.objects:
            raise IndexError(f"there is no object {index}; {self.objects} are here, counted from 0")
        return index % self.objects

    def _stacked(self, indices: Sequence[int]) -> PosedViews:
        if not indices:
            return PosedViews.stack([self[0]], name=self.category.name)[:0]
        whole = PosedViews.stack(self._rendered(indices), name=self.category.name)
        if len(set(indices)) == len(indices):  # keep one copy, not two
            self._kept.update(zip(indices, whole, strict=True))
        return whole

    def _rendered(self, indices: Sequence[int]) -> list[PosedViews]:
        missing = [i for i in dict.fromkeys(indices) if i not in self._kept]
        at_once = max(1, VIEWS_AT_ONCE // max(1, self.views))
        for start in range(0, len(missing), at_once):
            some = missing[start : start + at_once]
            self._kept.update(zip(some, self._photographed(some), strict=True))
        return [self._kept[i] for i in indices]

    def _photographed(self, indices: Sequence[int]) -> list[PosedViews]:
        """Read from the cache or rendered, in the order of `indices`."""
        scenes, poses = [self.scene(i) for i in indices], [self.poses(i) for i in indices]
        files = [self._file(*each) for each in zip(indices, scenes, poses, strict=True)]
        found: dict[int, PosedViews] = {}
        for place, file in enumerate(files):
            if file is not None and file.exists():
                found[place] = _read(file, self.device)
        missing = [place for place in range(len(indices)) if place not in found]
        if missing:
            pictures = photograph(
                [scenes[place] for place in missing],
                self.K,
                torch.stack([poses[place] for place in missing]),
                self.resolution,
                supersample=self.supersample,
                device=self.device,
                geometry=self.geometry,
                near=self.category.near,
                far=self.category.far,
            )
            for place, picture in zip(missing, pictures, strict=True):
                found[place] = picture
                file = files[place]
                if file is not None:
                    picture.save(file)
        return [found[place] for place in range(len(indices))]

    def _file(self, index: int, scene: Scene, poses: Tensor) -> Path | None:
        """Where an object is cached: the name changes with everything that its pictures depend on."""
        if self.cache is None:
            return None
        settings = (RENDERER, self.resolution, self.supersample, self.geometry, self.K.tolist())
        text = repr((settings, scene.fingerprint(), poses.tolist()))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        name = f"{self.category.name}_{self.first + index:06d}_{digest}.safetensors"
        return self.cache / name


def posed_views(
    category: str | Category,
    objects: int,
    views: int,
    resolution: Resolution = (64, 64),
    seed: int | str = 0,
    *,
    first: int = 0,
    device: torch.device | str = "cpu",
    supersample: int = 2,
    geometry: bool = True,
    cache: str | PathLike[str] | None = None,
) -> LazyViews:
    """A data set of `objects` × `views` photographs with cameras, rendered when asked for.

    Objects and cameras depend on category, seed and index only: the first 10 of 500 objects are the 10 of 10, the
    first 5 of 50 views are the 5 of 5. Objects are bit-identical on every machine and device, pictures within
    rounding. For objects that training has not seen take another `first`.

    Args:
        first: index of the first object; `first=500` continues a set of 500.
        geometry: whether views have depth, normals and labels; without, they take half the time.
        cache: a folder in which each object is kept as a safetensors file.

    Raises:
        SceneError: unknown category (the message names those there are), or a count that is not positive.
    """
    found = find_category(category)
    for name, value, least in (("objects", objects, 1), ("views", views, 1), ("first", first, 0)):
        if not isinstance(value, SupportsIndex) or operator.index(value) < least:
            raise SceneError(f"{name} must be a whole number, {least} or more, got {value!r}")
    folder = None if cache is None else Path(cache)
    return LazyViews(
        found, objects, views, resolution, seed, first, device, supersample, geometry, folder
    )


def _read(file: Path, device: torch.device) -> PosedViews:
    try:
        return PosedViews.load(file, device=device)
    except ViewFileError as broken:
        raise SceneError(
            f"the cached views {file} are damaged ({broken}); delete the file, it is then rendered anew"
        ) from broken
