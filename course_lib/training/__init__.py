"""Training that shows its progress, survives a disconnect and gives the same result from the same seed."""

from course_lib.training.checkpoints import CheckpointError, checkpoint_folder
from course_lib.training.compiled import compiled
from course_lib.training.config import FitConfig
from course_lib.training.fit import fit
from course_lib.training.history import History
from course_lib.training.memory import bytes_kept
from course_lib.training.metrics import psnr
from course_lib.training.pretrained import Pretrained, PretrainedError, load_pretrained

__all__ = [
    "CheckpointError",
    "FitConfig",
    "History",
    "Pretrained",
    "PretrainedError",
    "bytes_kept",
    "checkpoint_folder",
    "compiled",
    "fit",
    "load_pretrained",
    "psnr",
]
