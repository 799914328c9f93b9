"""Which checkpoint belongs to which run: its file, its model, its data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_lib.shapes import Tensor
from course_lib.training.checkpoints import Checkpoint, CheckpointError, checkpoint_folder
from course_lib.training.config import FitConfig


def checkpoint_path(name: object, config: FitConfig) -> Path:
    """The file of a run: its name and a fingerprint of everything in `config` that changes the curve.

    Raises:
        ValueError: the name is empty, no text, or would leave the folder of checkpoints.
    """
    if not isinstance(name, str) or not name.strip(". ") or {"/", "\\"} & set(name):
        raise ValueError(f"fit: checkpoint is a file's name without a folder, not {name!r}")
    settings = repr(sorted((k, v) for k, v in asdict(config).items() if k != "checkpoint_seconds"))
    fingerprint = hashlib.sha256(settings.encode()).hexdigest()[:8]
    return checkpoint_folder() / f"{name}-{fingerprint}.safetensors"


def identity(groups: Mapping[float, Sequence[Tensor]], data: str | None) -> dict[str, Any]:
    """What a checkpoint remembers of its run, as plain numbers and text. ValueError: `data` is no text."""
    if not isinstance(data, str | None):
        raise ValueError(
            f"fit: data is a {type(data).__name__}; pass a text that tells data sets apart, such as "
            "course_lib.data.fingerprint(views)"
        )
    return {
        "groups": [[float(factor), len(tensors)] for factor, tensors in groups.items()],
        "shapes": [list(tensor.shape) for tensors in groups.values() for tensor in tensors],
        "data": data,
    }


def check_identity(path: Path, found: Checkpoint, wanted: Mapping[str, Any]) -> None:
    """Refuse the checkpoint of another run.

    Raises:
        CheckpointError: it is of other parameters, other groups of them, or other data; the message says what
            differs and the way out.
    """
    saved = found.numbers.get("identity", {})
    shapes = saved.get("shapes", [])
    way_out = (
        "Delete it to train anew, or pass another name to fit(checkpoint=…) to keep it for the old."
    )
    if shapes != wanted["shapes"]:
        raise CheckpointError(
            f"the checkpoint {path} belongs to a model with other parameters: {_difference(shapes, wanted['shapes'])}. "
            + way_out
        )
    if saved.get("groups") != wanted["groups"]:
        raise CheckpointError(
            f"the checkpoint {path} was trained with parameters grouped as {saved.get('groups')} (factor on the rate, "
            f"number of tensors), not {wanted['groups']}. {way_out}"
        )
    there, here = saved.get("data"), wanted["data"]
    if there is not None and here is not None and there != here:
        raise CheckpointError(
            f"the checkpoint {path} was trained on other data: on {there!r}, and here is {here!r}. {way_out}"
        )


def _difference(there: Sequence[Sequence[int]], here: Sequence[Sequence[int]]) -> str:
    for i, (old, new) in enumerate(zip(there, here, strict=False)):
        if old != new:
            return f"parameter {i} has shape {tuple(old)} there and {tuple(new)} here"
    return f"{len(there)} there and {len(here)} here"
