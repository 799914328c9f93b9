"""Checkpoints that a disconnect cannot hurt: written beside, then renamed; safetensors, so reading runs no code."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from safetensors import SafetensorError
from safetensors.torch import load, save

from course_lib.drive import drive_folder
from course_lib.shapes import Tensor

_KEY = "course_fit"  # of the numbers in the metadata, as JSON
_MOST_HEADER = 100 * 2**20  # bytes, as safetensors allows


class CheckpointError(RuntimeError):
    """A checkpoint cannot be used; the message names the file and the way out."""


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, and plain numbers."""

    tensors: dict[str, Tensor]
    numbers: dict[str, Any]


def checkpoint_folder() -> Path:
    """Google Drive where it is mounted, so that a new runtime finds it; else `checkpoints` beside the notebook."""
    return (drive_folder() or Path()) / "checkpoints"


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
    """Replace the file in one step: whoever is interrupted keeps the old one whole."""
    kept = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    data = save(kept, metadata={_KEY: json.dumps(dict(numbers))})
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two runtimes that share a Drive may have the same process numbers: a name that nobody else draws.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """What was written, on the CPU; CheckpointError for a damaged or foreign file."""
    try:
        # One look at the file: another kernel may put a new one in its place at any moment.
        data = path.read_bytes()
        tensors = load(data)
        texts = _metadata(io.BytesIO(data))
    except (OSError, ValueError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    return Checkpoint(tensors, _numbers(path, texts))


def read_numbers(path: Path) -> dict[str, Any]:
    """The numbers alone, without reading a tensor; CheckpointError as above."""
    try:
        with path.open("rb") as file:
            texts = _metadata(file)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return _numbers(path, texts)


def _metadata(file: BinaryIO) -> Mapping[str, str]:
    """The texts of a safetensors file: a length of eight bytes, then a header in JSON. ValueError if damaged."""
    length = int.from_bytes(file.read(8), "little")
    if length > _MOST_HEADER:
        raise ValueError("its header is damaged")
    header = json.loads(file.read(length))
    texts = header.get("__metadata__", {}) if isinstance(header, dict) else {}
    return texts if isinstance(texts, dict) else {}


def _numbers(path: Path, texts: Mapping[str, str]) -> dict[str, Any]:
    if _KEY not in texts:
        raise CheckpointError(f"{path} is no checkpoint of fit(); delete it or use another name")
    numbers: dict[str, Any] = json.loads(texts[_KEY])
    return numbers


def _unreadable(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"the checkpoint {path} cannot be read ({error}). Delete it to train anew, or pass "
        "another name to fit(checkpoint=…)."
    )
