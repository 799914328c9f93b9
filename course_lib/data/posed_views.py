"""Photographs with their cameras: the one data type that every scene, data set and training loop speaks."""

from __future__ import annotations

import contextlib
import math
import operator
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from os import PathLike
from typing import Any

import torch
from jaxtyping import UInt8

from course_lib.data.camera_checks import ViewsError
from course_lib.data.view_checks import check_views
from course_lib.shapes import Bool, Float, Resolution, Tensor

WHITE = 1 - 1.5 / 255  # what counts as white background: one level of 8 bits is forgiven


@dataclass(frozen=True, eq=False, repr=False)
class PosedViews:
    """Photographs with their cameras. `*b` is (views,) for one scene or (objects, views) for many.

    Cameras are OpenCV's, the world's z points up, `K` is normalised (it maps camera rays to uv in
    [0, 1]²) and may be given once, as a single (3, 3), for all views. Everything is checked when it
    is made: ViewsError names the field, the view and the remedy. Indexing takes the first batch
    dimension and copies nothing for whole numbers and slices.
    """

    images: Float[Tensor, "*b h w 3"]  # float32 in [0, 1]
    K: Float[Tensor, "*b 3 3"]
    world_from_camera: Float[Tensor, "*b 4 4"]
    near: float  # distances along the ray between which everything lies
    far: float
    depth: Float[Tensor, "*b h w"] | None = None  # z, inf where nothing is seen
    normals: Float[Tensor, "*b h w 3"] | None = None  # world frame, unit, 0 where nothing is seen
    labels: UInt8[Tensor, "*b h w"] | None = None  # 0 = background
    label_names: tuple[str, ...] = ()  # label_names[0] == "background"
    name: str = ""

    def __post_init__(self) -> None:
        one_matrix = isinstance(self.K, Tensor) and self.K.shape == (3, 3)
        if one_matrix and isinstance(self.images, Tensor) and self.images.ndim > 3:
            object.__setattr__(self, "K", self.K.expand(*self.images.shape[:-3], 3, 3))
        for field in ("near", "far"):
            with contextlib.suppress(TypeError, ValueError, RuntimeError):  # check_views says it
                object.__setattr__(self, field, float(getattr(self, field)))
        check_views(self)

    @classmethod
    def from_lists(
        cls,
        images: Sequence[Float[Tensor, "h w 3"]],
        K: Sequence[Float[Tensor, "3 3"]] | Float[Tensor, "3 3"],
        world_from_camera: Sequence[Float[Tensor, "4 4"]],
        near: float,
        far: float,
        *,
        name: str = "",
    ) -> PosedViews:
        """One scene from separate photographs; ViewsError names the first that differs in size."""
        if not len(images):
            raise ViewsError("images is empty: there is nothing to see; give at least one view")
        cameras = K if isinstance(K, Tensor) else _stacked("K", K, len(images))
        poses = _stacked("world_from_camera", world_from_camera, len(images))
        return cls(_stacked("images", images, len(images)), cameras, poses, near, far, name=name)

    @classmethod
    def stack(cls, objects: Sequence[PosedViews], *, name: str | None = None) -> PosedViews:
        """Objects with equally many views of one resolution as one batch (objects, views).

        Depth, normals and labels are kept where every object has them; near and far enclose all.
        """
        if not len(objects):
            raise ViewsError("objects is empty: there is nothing to stack")
        first = objects[0]
        for i, other in enumerate(objects):
            if other.batch_shape != first.batch_shape or other.resolution != first.resolution:
                raise ViewsError(
                    f"objects[{i}] is {other!r}, but objects[0] is {first!r}; give all the same "
                    "number of views and the same resolution"
                )
            if other.label_names != first.label_names:
                raise ViewsError(
                    f"objects[{i}] has the label names {other.label_names}, objects[0] has "
                    f"{first.label_names}; one batch has one list of names"
                )
        if len(first.batch_shape) > 1:
            raise ViewsError(f"objects[0] is {first!r}, a batch already; use its flat()")
        whole = [views.tensors() for views in objects]
        common = [field for field in whole[0] if all(field in one for one in whole)]
        return first._with(
            **{field: torch.stack([one[field] for one in whole]) for field in common},
            **{field: None for field in whole[0] if field not in common},
            near=min(views.near for views in objects),
            far=max(views.far for views in objects),
            name=first.name if name is None else name,
        )

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """(views,), (objects, views), or () for a single view."""
        return tuple(self.images.shape[:-3])

    @property
    def count(self) -> int:
        """The number of photographs, over all objects."""
        return math.prod(self.batch_shape)

    @property
    def resolution(self) -> Resolution:
        """(height, width) of every photograph, in pixels."""
        height, width = self.images.shape[-3:-1]
        return height, width

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.images.device

    def __len__(self) -> int:
        if not self.batch_shape:
            raise TypeError("a single view has no len(); use flat() to get a batch of one")
        return self.batch_shape[0]

    def __iter__(self) -> Iterator[PosedViews]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int | slice | Sequence[int] | Tensor) -> PosedViews:
        """Views (of one scene) or objects (of many): one, a slice, or those a tensor names or masks."""
        length = len(self)
        if isinstance(index, Tensor):
            chosen: Any = index.to(self.device)
        elif isinstance(index, slice) and (index.step or 1) > 0:
            chosen = index
        elif isinstance(index, slice):  # torch has no negative steps
            chosen = list(range(length))[index]
        elif isinstance(index, Sequence):
            chosen = torch.as_tensor(index, device=self.device)
            chosen = chosen if len(index) else chosen.long()
        else:
            chosen = operator.index(index)
            if not -length <= chosen < length:
                what = "view" if len(self.batch_shape) == 1 else "object"
                raise IndexError(f"there is no {what} {chosen}; {length} are here, counted from 0")
        return self._with(**{field: value[chosen] for field, value in self.tensors().items()})

    def tensors(self) -> dict[str, Tensor]:
        """The tensors by field name, without those that are not there."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        absent = {"near", "far", "label_names", "name"}
        return {k: v for k, v in values.items() if k not in absent and v is not None}

    def to(self, device: torch.device | str) -> PosedViews:
        """The same views on another device; nothing is copied if they are there already."""
        return self._with(**{field: value.to(device) for field, value in self.tensors().items()})

    def flat(self) -> PosedViews:
        """All photographs as one batch (views,): object 0's views first."""
        batch = len(self.batch_shape)
        return self._with(
            **{
                field: value.reshape(self.count, *value.shape[batch:])
                for field, value in self.tensors().items()
            }
        )

    def foreground(self) -> Bool[Tensor, "*b h w"]:
        """Where a thing is seen: by depth if known, else by label, else wherever it is not white."""
        if self.depth is not None:
            return self.depth.isfinite()
        if self.labels is not None:
            return self.labels > 0
        return (self.images < WHITE).any(dim=-1)

    def random_pixels(
        self, count: int, generator: torch.Generator | None = None
    ) -> tuple[Tensor, ...]:
        """An index that picks `count` pixels at random, with replacement.

        (view, row, col) for one scene, (object, view, row, col) for many, each a tensor `count` of
        whole numbers on the views' device: `views.images[index]` are the colours `count 3`. Drawn
        where the generator lives, so a CPU generator gives the same pixels on every device.
        """
        shape = (*self.batch_shape, *self.resolution)
        if count < 1 or not self.count:
            raise ValueError(
                f"cannot pick {count} pixels out of {self.count} views; need ≥ 1 of both"
            )
        where = generator.device if generator is not None else self.device
        flat = torch.randint(math.prod(shape), (count,), generator=generator, device=where)
        return torch.unravel_index(flat.to(self.device), shape)

    def split(self, held_out: int, seed: int = 0) -> tuple[PosedViews, PosedViews]:
        """(the rest, `held_out` of them) along the first dimension, each in the old order.

        The seed decides which are held out: the same ones on every machine and device.
        """
        length = len(self)
        if not 0 < held_out < length:
            raise ValueError(
                f"held_out is {held_out}; of {length} it must leave some on either side: "
                f"1…{length - 1}"
            )
        # random.Random.random() is promised to keep its sequence; shuffles are not.
        draws = random.Random(seed)
        order = sorted(range(length), key=[draws.random() for _ in range(length)].__getitem__)
        return self[sorted(order[held_out:])], self[sorted(order[:held_out])]

    def save(self, path: str | PathLike[str], *, compact: bool = False) -> None:
        """Write a safetensors file that `load` reads back exactly, or a `compact` one that is rounded.

        The old file stays until the new one is complete. See `course_lib.data.view_files`.
        """
        from course_lib.data.view_files import save_views

        save_views(self, path, compact=compact)

    @staticmethod
    def load(path: str | PathLike[str], device: torch.device | str = "cpu") -> PosedViews:
        """Read what `save` wrote; ViewFileError names the file and says what to do."""
        from course_lib.data.view_files import load_views

        return load_views(path, device=device)

    def __repr__(self) -> str:
        height, width = self.resolution
        number = " × ".join(map(str, self.batch_shape)) or "1"
        extras = ", ".join(list(self.tensors())[3:]) or "colour only"  # after images, K and poses
        plural = "" if self.count == 1 else "s"
        title = f"{self.name!r}: " if self.name else ""
        return (
            f"PosedViews({title}{number} view{plural} of {height}×{width}, {extras}, "
            f"near {self.near:g}, far {self.far:g}, {self.device})"
        )

    def _with(self, **changes: Any) -> PosedViews:
        """A changed copy that is not checked again: what is taken from sound views is sound."""
        copy = object.__new__(PosedViews)
        for field in fields(self):
            object.__setattr__(copy, field.name, changes.get(field.name, getattr(self, field.name)))
        return copy


def _stacked(field: str, values: Sequence[Tensor], count: int) -> Tensor:
    if len(values) != count:
        raise ViewsError(
            f"{field} has {len(values)} entries for {count} images; every view needs one"
        )
    for i, value in enumerate(values):
        if not isinstance(value, Tensor):
            raise ViewsError(f"{field}[{i}] is a {type(value).__name__}, not a torch.Tensor")
        if value.shape != values[0].shape:
            raise ViewsError(
                f"{field}[{i}] has shape {tuple(value.shape)}, but {field}[0] has "
                f"{tuple(values[0].shape)}; all views of a scene have one size: crop or resize them"
            )
    return torch.stack(list(values))
