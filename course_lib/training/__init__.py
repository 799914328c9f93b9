"""Training that shows its progress, survives a disconnect and gives the same result from the same seed."""

from course_lib.training.checkpoints import CheckpointError, checkpoint_folder
from course_lib.training.config import FitConfig
from course_lib.training.fit import fit
from course_lib.training.history import History
from course_lib.training.memory import bytes_kept
from course_lib.training.metrics import psnr

__all__ = [
    "CheckpointError",
    "FitConfig",
    "History",
    "bytes_kept",
    "checkpoint_folder",
    "fit",
    "psnr",
]
