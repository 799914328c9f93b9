"""A task that is graded on hidden views: photographs that are shown, and cameras whose photographs stay hidden.

A release of the course draws each task anew, so a task file has a fingerprint of its own instead of a hash in the
manifest. The file is safetensors: poses and K as float32, all photographs as one PNG (white compresses well), and in
its metadata a JSON text `task`: name, fingerprint, near, far, resolution, and the SHA-256 of the rest.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from course_lib.data.manifest import AssetError, assets_root
from course_lib.data.posed_views import PosedViews
from course_lib.shapes import Float, Resolution, Tensor

FOLDER = "data/trained"  # below assets/: NOTEBOOK/TASK.safetensors
_FORMAT = "1"
_TENSORS = ("K", "hidden_world_from_camera", "train_png", "train_world_from_camera")


@dataclass(frozen=True, eq=False, repr=False)
class ViewTask:
    """Posed photographs of one scene, or of several objects, and the cameras of the views to predict.

    Cameras are OpenCV's, K is normalised and the same for all views, the world's z points up. Where there are
    objects, `train.images[i]` and `world_from_camera[i]` belong to the same one.
    """

    name: str
    fingerprint: str  # which drawing of the task this is; travels with predictions
    train: PosedViews  # the photographs that are shown: (views,) or (objects, views)
    world_from_camera: Float[Tensor, "*o n 4 4"]  # of the hidden views: (n,) or (objects, n)

    @property
    def K(self) -> Float[Tensor, "3 3"]:
        """The normalised intrinsics of every view, given and hidden."""
        return self.train.K.reshape(-1, 3, 3)[0]

    @property
    def hidden_shape(self) -> tuple[int, ...]:
        """The batch shape of the hidden views: (n,) for one scene, (objects, n) for several objects."""
        return tuple(self.world_from_camera.shape[:-2])

    @property
    def resolution(self) -> Resolution:
        """(height, width) of every view in pixels."""
        return self.train.resolution

    @property
    def near(self) -> float:
        """The least distance along a ray at which anything lies."""
        return self.train.near

    @property
    def far(self) -> float:
        """The greatest distance along a ray at which anything lies."""
        return self.train.far

    def __len__(self) -> int:
        """The number of hidden views, of all objects together."""
        return math.prod(self.hidden_shape)

    def __repr__(self) -> str:
        height, width = self.resolution
        shown, hidden = (
            " × ".join(map(str, shape)) for shape in (self.train.batch_shape, self.hidden_shape)
        )
        return (
            f"ViewTask({self.name!r}: {shown} views to train on, {hidden} to predict, "
            f"{height}×{width}, near {self.near:g}, far {self.far:g}, {self.fingerprint})"
        )

    def to_bytes(self) -> bytes:
        """The task's file; the same task gives the same bytes."""
        tensors = {
            "K": self.K.float().contiguous().clone(),
            "train_world_from_camera": self.train.world_from_camera.float().contiguous(),
            "hidden_world_from_camera": self.world_from_camera.float().contiguous(),
            "train_png": torch.frombuffer(bytearray(_png(self.train.images)), dtype=torch.uint8),
        }
        height, width = self.resolution
        facts = {
            "format": _FORMAT,
            "name": self.name,
            "fingerprint": self.fingerprint,
            "near": self.near,
            "far": self.far,
            "resolution": [height, width],
            "sha256": _digest(tensors),
        }
        # One text, for the library writes several in any order.
        return save(tensors, metadata={"task": json.dumps(facts)})

    def save(self, path: str | PathLike[str]) -> None:
        """Write the task's file, whole or not at all."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            partial.write_bytes(self.to_bytes())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    @staticmethod
    def load(path: str | PathLike[str]) -> ViewTask:
        """Read what `save` wrote; AssetError names the file, what is wrong and the remedy."""
        try:
            with safe_open(str(path), framework="pt") as file:
                texts = file.metadata() or {}
                facts = json.loads(texts.get("task", "{}"))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except FileNotFoundError:
            raise AssetError(f"the task file {path} is missing. {_REMEDY}") from None
        except (SafetensorError, OSError, ValueError) as error:
            raise AssetError(f"the task file {path} cannot be read ({error}). {_REMEDY}") from None
        if facts.get("format") != _FORMAT or sorted(tensors) != list(_TENSORS):
            raise AssetError(f"the file {path} is no task of this version. {_REMEDY}")
        if facts.get("sha256") != _digest(tensors):
            raise AssetError(f"the task file {path} is damaged: its SHA-256 differs. {_REMEDY}")
        height, width = facts["resolution"]
        poses = tensors["train_world_from_camera"]
        images = _unpacked(tensors["train_png"].numpy().tobytes(), (height, width))
        train = PosedViews(
            images=images.reshape(*poses.shape[:-2], height, width, 3),
            K=tensors["K"],
            world_from_camera=poses,
            near=facts["near"],
            far=facts["far"],
            name=facts["name"],
        )
        return ViewTask(
            facts["name"], facts["fingerprint"], train, tensors["hidden_world_from_camera"]
        )


_REMEDY = "Install the course again (pip install --force-reinstall --no-deps)."


def load_task(name: str) -> ViewTask:
    """The task of that name as this version of the course ships it, float32 on the CPU.

    Raises:
        AssetError: unknown name (the known ones are listed), or a damaged file.
    """
    known = {path.stem: path for path in sorted((assets_root() / FOLDER).glob("*/*.safetensors"))}
    if name not in known:
        raise AssetError(f"there is no task {name!r}; known: {', '.join(known) or 'none'}")
    return ViewTask.load(known[name])


def _png(images: Float[Tensor, "*b h w 3"]) -> bytes:
    """All views below one another as one picture of 8 bits a colour."""
    levels = (images.clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
    sheet = levels.reshape(-1, *levels.shape[-2:])
    stream = io.BytesIO()
    Image.fromarray(sheet).save(stream, format="png", optimize=True)
    return stream.getvalue()


def _unpacked(png: bytes, resolution: Resolution) -> Float[Tensor, "n h w 3"]:
    with contextlib.closing(Image.open(io.BytesIO(png))) as picture:
        sheet = np.array(picture.convert("RGB"))
    views = torch.from_numpy(sheet.reshape(-1, *resolution, 3))
    return views.float() / 255


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + str(tuple(tensors[name].shape)).encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()
