"""Posed views in safetensors files: written whole or not at all, read without running what they hold.

Two ways of writing. Exact: float32 throughout, `load_views` gives back the very same numbers.
Compact, a quarter of the size: images in 8 bits, round(255·x), so off by at most 1/510; depth and
normals in 16-bit floats, off by at most one part in 2048. Cameras, labels, near and far are always
exact. The header carries the version of this format.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from course_lib.data.camera_checks import ViewsError
from course_lib.data.posed_views import PosedViews
from course_lib.data.view_header import FORMAT, VERSION, ViewFileError, opened
from course_lib.shapes import Float, Tensor

HALVED: Final = {"depth", "normals"}
HALF_RANGE: Final = (1e-3, 6e4)  # depths that 16-bit floats hold to one part in 2048


def save_views(views: PosedViews, path: str | PathLike[str], *, compact: bool = False) -> None:
    """Write `views` to `path`; whatever was there before is replaced in one step, once all is written.

    `compact` rounds images to 8 bits and depth and normals to 16 (see above). Folders that are
    missing are made. ViewFileError if the file cannot be written; then the old one is untouched.
    """
    target = Path(path)
    tensors = {field: value.detach().cpu() for field, value in views.tensors().items()}
    if tensors["K"].numel():
        one = tensors["K"].reshape(-1, 3, 3)[0]
        tensors["K"] = one if (tensors["K"] == one).all() else tensors["K"]
    if compact:
        tensors["images"] = (tensors["images"] * 255).round().to(torch.uint8)
        for field in HALVED & tensors.keys():
            if field != "depth" or _fits_half(tensors[field]):
                tensors[field] = tensors[field].half()
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "near": repr(views.near),
        "far": repr(views.far),
        "name": views.name,
        "label_names": json.dumps(views.label_names),
    }
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        save_file(_unshared(tensors), part, metadata)
        os.replace(part, target)
    except (OSError, SafetensorError) as error:
        raise ViewFileError(
            f"{target} cannot be written: {error}. Is the disk full or the folder read-only?"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # it was renamed, or never made
            part.unlink()


def load_views(path: str | PathLike[str], *, device: torch.device | str = "cpu") -> PosedViews:
    """All views of a file that `save_views` wrote; ViewFileError says what is wrong with it."""
    with opened(Path(path)) as (file, metadata):
        tensors = {field: file.get_tensor(field) for field in file.keys()}  # noqa: SIM118
    return _decoded(str(path), tensors, metadata, torch.device(device))


class ViewFile:
    """A file of posed views, read piece by piece: `file[i]` takes only object i from the disk.

    Objects are counted in a file of many, views in a file of one scene. Nothing is kept open
    between readings, so a ViewFile may be handed to another process.
    """

    def __init__(self, path: str | PathLike[str], *, device: torch.device | str = "cpu") -> None:
        """Read the header only; ViewFileError if it is not one of ours."""
        self.path = Path(path)
        self.device = torch.device(device)
        with opened(self.path) as (file, _):
            shape = file.get_slice("images").get_shape()
        if len(shape) < 4:
            raise ViewFileError(f"{self.path} holds a single view; read it with PosedViews.load")
        self._length = int(shape[0])

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[PosedViews]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int | slice) -> PosedViews:
        """The object (or view) of that number, or a slice of them, as one PosedViews."""
        if isinstance(index, slice):
            wanted = range(self._length)[index]
            # The stretch that holds them all, from which a step other than 1 then picks.
            low, high = (min(wanted), max(wanted) + 1) if wanted else (0, 0)
            tensors, metadata = self._stretch(low, high)
            views = _decoded(f"{self.path}, from entry {low} on,", tensors, metadata, self.device)
            return views[[i - low for i in wanted]]
        try:
            place = range(self._length)[index]
        except IndexError:
            raise IndexError(
                f"{self.path} has no entry {index}; it holds {self._length}, counted from 0"
            ) from None
        tensors, metadata = self._stretch(place, place + 1)
        one = {k: v if v.ndim == 2 else v[0] for k, v in tensors.items()}
        return _decoded(f"{self.path}, entry {place},", one, metadata, self.device)

    def _stretch(self, low: int, high: int) -> tuple[dict[str, Tensor], Mapping[str, str]]:
        with opened(self.path) as (file, metadata):
            slices = {field: file.get_slice(field) for field in file.keys()}  # noqa: SIM118
            tensors = {
                # A single K serves all.
                field: part[:] if len(part.get_shape()) == 2 else part[low:high]
                for field, part in slices.items()
            }
        return tensors, metadata


def _decoded(
    what: str, tensors: dict[str, Tensor], metadata: Mapping[str, str], device: torch.device
) -> PosedViews:
    try:
        near, far = float(metadata["near"]), float(metadata["far"])
        label_names = tuple(json.loads(metadata["label_names"]))
    except KeyError as error:
        raise ViewFileError(
            f"{what} is damaged: its header has no {error}; make it again"
        ) from error
    except (ValueError, TypeError) as error:
        raise ViewFileError(
            f"{what} is damaged: its header is wrong ({error}); make it again"
        ) from error
    fields: dict[str, Any] = {}
    for field, value in tensors.items():
        there = value.to(device)
        if field == "images" and there.dtype == torch.uint8:
            there = there.float() / 255
        fields[field] = there if field == "labels" else there.float()
    try:
        return PosedViews(
            **fields, near=near, far=far, label_names=label_names, name=metadata.get("name", "")
        )
    except ViewsError as error:
        raise ViewFileError(f"{what} holds views that cannot be right: {error}") from error


def _fits_half(depth: Float[Tensor, "*b h w"]) -> bool:
    seen = depth[depth.isfinite()]
    low, high = HALF_RANGE
    return bool(((seen >= low) & (seen <= high)).all())


def _unshared(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors laid out contiguously; the format refuses two that share memory."""
    seen: set[int] = set()
    result = {}
    for field, value in tensors.items():
        own = value.contiguous()
        place = own.untyped_storage().data_ptr()
        result[field] = own.clone() if place in seen else own
        seen.add(place)
    return result
