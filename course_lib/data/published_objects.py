"""Objects of a published data set as posed views, read one by one when they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from course_lib.data.few_shot import TEST_VIEWS
from course_lib.data.posed_views import PosedViews
from course_lib.data.published_pictures import decode_picture, downsample
from course_lib.data.published_store import INTRINSICS, Listing, Store
from course_lib.data.published_texts import (
    UNPACK,
    Intrinsics,
    PublishedError,
    parse_intrinsics,
    parse_poses,
)
from course_lib.shapes import Resolution, Tensor

# Distances between which the objects lie, as published with pixelNeRF (Yu et al. 2021).
NEAR_FAR: Final = {"cars": (0.8, 1.8), "chairs": (1.25, 2.75)}


@dataclass(frozen=True)
class Selection:
    """What to take of every object."""

    views: int | Sequence[int] | None  # so many, evenly spread; or these; or all
    resolution: Resolution | None  # averaged down to this; or as it is
    published_rays: bool  # through pixels' corners, as the authors' code casts them


class SrnObjects:
    """A sequence of objects, each a PosedViews of its views, decoded when it is asked for.

    `names` are the objects' ids; `skipped` says of every object that was left out why. `all()` reads
    everything at once: save that with PosedViews.save, which loads far faster than pictures decode.
    """

    def __init__(
        self,
        store: Store,
        selection: Selection,
        near_far: tuple[float, float],
        *,
        max_objects: int | None = None,
        strict: bool = False,
    ) -> None:
        """List the objects; PublishedError if there is none, or in `strict` mode an incomplete one."""
        if max_objects is not None and max_objects < 1:
            raise ValueError(f"max_objects is {max_objects}; it must be ≥ 1, or None for all")
        self._store = store
        self._selection = selection
        self.near, self.far = near_far
        self.skipped: dict[str, str] = {}
        self._pairs: dict[str, list[tuple[str, str]]] = {}
        with closing(store.objects()) as listings:
            for listing in listings:
                self._pair(listing)
                if len(self._pairs) == max_objects:
                    break
        self.names = tuple(self._pairs)
        self._report(strict)

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[PosedViews]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int | slice) -> PosedViews:
        """Object `index`, or a slice of them as one batch (objects, views).

        PublishedError names the file that is missing or damaged.
        """
        if isinstance(index, slice):
            return PosedViews.stack([self._read(name) for name in self.names[index]])
        try:
            name = self.names[index]
        except IndexError:
            raise IndexError(
                f"{self._store.name} has no object {index}; {len(self)} are here, counted from 0"
            ) from None
        return self._read(name)

    def all(self) -> PosedViews:
        """Every object as one batch (objects, views)."""
        return PosedViews.stack(list(self), name=self._store.name)

    def _pair(self, listing: Listing) -> None:
        """Pair pictures and poses by name; leave the object out where one lacks the other."""
        pictures, poses = (
            {file.rpartition(".")[0]: file for file in files}
            for files in (listing.pictures, listing.poses)
        )
        lacking = [f"pose/{stem}.txt" for stem in sorted(pictures.keys() - poses.keys())]
        lacking += [f"rgb/{stem}.png" for stem in sorted(poses.keys() - pictures.keys())]
        if lacking or not pictures:
            why = f"{len(pictures)} pictures, {len(poses)} poses"
            self.skipped[listing.name] = f"{why}, no {lacking[0]}" if lacking else why
        else:
            self._pairs[listing.name] = [(pictures[stem], poses[stem]) for stem in sorted(pictures)]

    def _report(self, strict: bool) -> None:
        if not self.skipped:
            if not self._pairs:
                raise PublishedError(f"{self._store.name} holds no objects; {UNPACK}")
            return
        shown = "; ".join(f"{name} ({why})" for name, why in list(self.skipped.items())[:3])
        total = len(self.skipped) + len(self._pairs)
        text = f"{self._store.name}: {len(self.skipped)} of {total} objects are incomplete: {shown}"
        text += "; …" if len(self.skipped) > 3 else ""
        if strict or not self._pairs:
            raise PublishedError(f"{text}; {UNPACK}")
        warnings.warn(f"{text}. They are left out.", stacklevel=4)

    def _chosen(self, name: str) -> list[tuple[str, str]]:
        """(picture, pose) of the views that are wanted."""
        pairs, wanted = self._pairs[name], self._selection.views
        if wanted is None:
            return pairs
        if isinstance(wanted, int):
            if not 1 <= wanted <= len(pairs):
                raise PublishedError(
                    f"views is {wanted}, but object {name} has {len(pairs)}; ask for 1…{len(pairs)}"
                )
            return [pairs[i * len(pairs) // wanted] for i in range(wanted)]
        wrong = [i for i in wanted if not 0 <= i < len(pairs)]
        if wrong or not len(wanted):
            raise PublishedError(
                f"views asks for {wrong or 'nothing'}, but object {name} has the views "
                f"0…{len(pairs) - 1}; only test sets have {TEST_VIEWS}"
            )
        return [pairs[i] for i in wanted]

    def _read(self, name: str) -> PosedViews:
        """Decode one object; every complaint names the file."""
        store, chosen = self._store, self._chosen(name)
        pictures = [f"rgb/{picture}" for picture, _ in chosen]
        poses = [f"pose/{pose}" for _, pose in chosen]
        with store.reader(name) as read:
            intrinsics = parse_intrinsics(read(INTRINSICS), store.where(name, INTRINSICS))
            world_from_camera = parse_poses(
                [read(file) for file in poses],
                [store.where(name, file) for file in poses],
                camera_from_world=intrinsics.camera_from_world,
            )
            images = [decode_picture(read(file), store.where(name, file)) for file in pictures]
        for file, image in zip(pictures, images, strict=True):
            _check_size(image, images[0], intrinsics, store.where(name, file))
        stacked = torch.stack(images)
        if self._selection.resolution is not None:
            stacked = downsample(stacked, self._selection.resolution)
        K = intrinsics.K.clone()
        if self._selection.published_rays:
            height, width = stacked.shape[-3:-1]
            K[:2, 2] += torch.tensor([0.5 / width, 0.5 / height])
        return PosedViews(stacked, K, world_from_camera, self.near, self.far, name=name)


def near_far(path: Path, near: float | None, far: float | None) -> tuple[float, float]:
    """What was given, or else what is known of the category that `path` or its folder speaks of."""
    if near is not None and far is not None:
        if not 0 < near < far:
            raise ValueError(f"near is {near:g} and far is {far:g}; it must be 0 < near < far")
        return near, far
    if near is not None or far is not None:
        raise ValueError(f"near is {near} and far is {far}; give both or neither")
    for part in reversed(path.resolve().parts[-2:]):
        named = [values for category, values in NEAR_FAR.items() if category in part.lower()]
        if len(named) == 1:
            return named[0]
    table = ", ".join(f"{name} near={low}, far={high}" for name, (low, high) in NEAR_FAR.items())
    raise ValueError(
        f"{path} does not say which category it holds, so near and far are not known; pass both "
        f"({table}; else the least and greatest distance of anything from a camera)"
    )


def _check_size(image: Tensor, first: Tensor, intrinsics: Intrinsics, where: str) -> None:
    if image.shape != first.shape:
        raise PublishedError(
            f"the picture {where} has {_pixels(image)}, but others of its object {_pixels(first)}; "
            f"{UNPACK}"
        )
    height, width = intrinsics.resolution
    if image.shape[0] * width != image.shape[1] * height:
        raise PublishedError(
            f"the picture {where} has {_pixels(image)}, but {INTRINSICS} is for {height}×{width} "
            "(height × width), another shape; do they belong together?"
        )


def _pixels(image: Tensor) -> str:
    return f"{image.shape[0]}×{image.shape[1]} pixels"
