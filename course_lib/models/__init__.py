"""What scene representation networks are compared with: three published models without a world inside, made small.

Sitzmann et al. 2019, section 4, compares with them: networks that turn photographs into a code, and a code and a
camera into a picture, by convolutions.
"""

from course_lib.models.baseline import Baseline
from course_lib.models.deterministic_gqn import DeterministicGqn, DeterministicGqnConfig
from course_lib.models.disentangling import Disentangling, DisentanglingConfig
from course_lib.models.pose_conditioned import PoseConditioned, PoseConditionedConfig
from course_lib.models.training import (
    BaselineTraining,
    novel_view_psnr,
    split_views,
    train_baseline,
)

__all__ = [
    "Baseline",
    "BaselineTraining",
    "DeterministicGqn",
    "DeterministicGqnConfig",
    "Disentangling",
    "DisentanglingConfig",
    "PoseConditioned",
    "PoseConditionedConfig",
    "novel_view_psnr",
    "split_views",
    "train_baseline",
]
