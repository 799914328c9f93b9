"""Checkpoints that a disconnect cannot hurt: written beside, then renamed; safetensors, so reading runs no code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from course_lib.shapes import Tensor

_DRIVE = Path("/content/drive/MyDrive")
_KEY = "course_fit"  # of the numbers in the metadata, as JSON


class CheckpointError(RuntimeError):
    """A checkpoint cannot be used; the message names the file and the way out."""


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, and plain numbers."""

    tensors: dict[str, Tensor]
    numbers: dict[str, Any]


def checkpoint_folder() -> Path:
    """Google Drive where it is mounted, so that a new runtime finds it; else `checkpoints` beside the notebook."""
    base = _DRIVE / "inverse-graphics" if _DRIVE.is_dir() else Path()
    return base / "checkpoints"


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
    """Replace the file in one step: whoever is interrupted keeps the old one whole."""
    kept = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    data = save(kept, metadata={_KEY: json.dumps(dict(numbers))})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """What was written, on the CPU; CheckpointError for a damaged or foreign file."""
    try:
        with safe_open(str(path), framework="pt") as file:
            texts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"the checkpoint {path} cannot be read ({error}). Delete it to train anew, or pass "
            "another name to fit(checkpoint=…)."
        ) from error
    if _KEY not in texts:
        raise CheckpointError(f"{path} is no checkpoint of fit(); delete it or use another name")
    return Checkpoint(tensors, json.loads(texts[_KEY]))
