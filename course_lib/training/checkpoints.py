"""Checkpoints that a disconnect cannot hurt: written beside, then renamed; read without running any code."""

from __future__ import annotations

import os
import pickle
import tempfile
from pathlib import Path
from typing import Any

import torch

_DRIVE = Path("/content/drive/MyDrive")


class CheckpointError(RuntimeError):
    """A checkpoint cannot be used; the message names the file and the way out."""


def checkpoint_folder() -> Path:
    """Google Drive where it is mounted, so that a new runtime finds it; else `checkpoints` beside the notebook."""
    base = _DRIVE / "inverse-graphics" if _DRIVE.is_dir() else Path()
    return base / "checkpoints"


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Replace the file in one step: whoever is interrupted keeps the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(state, file)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """The state that was written; CheckpointError for a damaged or foreign file."""
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"the checkpoint {path} cannot be read ({type(error).__name__}). Delete it to train anew, "
            "or pass another name to fit(checkpoint=…)."
        ) from error
    if not isinstance(state, dict) or "step" not in state:
        raise CheckpointError(f"{path} is no checkpoint of fit(); delete it or use another name")
    return state
