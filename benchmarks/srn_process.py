"""One way to run the network, measured in a process of its own: its memory and its allocator are nobody else's."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.srn_ways import Cameras, Fused, Plain, TrainingStep
from benchmarks.timing import least_processor_seconds
from course_lib.scenes import intrinsics, orbit_poses
from course_lib.scenes.cameras import FOCAL
from course_lib.solved.auto_decoding import SceneConfig, SceneNetwork, render_view
from course_lib.solved.camera_geometry import pixel_centers
from course_lib.training.allocator import keep_freed_memory
from course_lib.training.memory import bytes_kept

ROOT = Path(__file__).parents[1]
MEGA = 1e6


@dataclass(frozen=True)
class Case:
    """What a process measures."""

    way: str  # "plain" or "fused"
    work: str  # "render", "large picture" or "train"
    batch: int = 1
    dtype: str = "float32"
    keep_memory: bool = False  # instead of giving it back to the system after every operation
    runs: int = 4  # of one photograph; of several half as many
    pixels: int = 64  # on a side of a photograph
    large: int = 512  # on a side of the large picture, which is rendered in portions of pixels²
    rows: int = 65536  # of the products that tell the machine's rate
    sizes: dict[str, int] = field(default_factory=dict)  # of the network, if not the published ones


@dataclass(frozen=True)
class Measured:
    """What it found."""

    seconds: float
    rate: float  # operations a second of large products, alone, in the case's precision
    peak_mb: float  # resident memory of the whole process at most, up to the end of the work
    kept_mb: float  # what the forward pass keeps for the backward pass


def measured_alone(case: Case) -> Measured:
    """`measure` in a new process; RuntimeError with what it said if it fails."""
    command = [sys.executable, "-m", "benchmarks.srn_process", json.dumps(asdict(case))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"measuring {case} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def measure(case: Case) -> Measured:
    """Least processor seconds of one thread; parameters are those of a new model."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if case.keep_memory:
        keep_freed_memory()
    model = SceneNetwork(SceneConfig(**case.sizes))
    dtype: torch.dtype = getattr(torch, case.dtype)
    ways: dict[str, Callable[[], Plain | Fused]] = {
        "plain": lambda: Plain(model),
        "fused": lambda: Fused(model, dtype),
    }
    way = ways[case.way]()
    runs = case.runs if case.batch == 1 else max(1, case.runs // 2)
    cameras, kept = views(case.batch, case.pixels), 0.0
    if case.work == "train":
        step = TrainingStep(model, way, cameras, torch.rand(case.batch, case.pixels**2, 3))
        seconds, peak = least_processor_seconds(step, runs), peak_mb()
        kept = bytes_kept(step.loss) / MEGA
    else:
        with torch.no_grad():
            known: Any = way.known(0.01 * torch.randn(case.batch, model.config.code_length))
            seconds = least_processor_seconds(partial(way.look, known, cameras), runs)
            if case.work == "large picture":
                seconds = _large_picture(way, known, cameras, case)
            peak = peak_mb()
    return Measured(seconds, products_per_second(case.rows, dtype), peak, kept)


def _large_picture(way: Plain | Fused, known: Any, cameras: Cameras, case: Case) -> float:
    def trace(uv: Tensor) -> tuple[Tensor, Tensor]:
        rgb, depth = way.look(known, (uv[None], *cameras[1:]))
        return rgb[0], depth[0]

    start = time.thread_time()
    render_view(trace, (case.large, case.large), case.pixels**2)
    return time.thread_time() - start


def views(batch: int, pixels: int) -> Cameras:
    """Of photographs from around, as in the published data."""
    around = torch.arange(batch) * 360 / batch
    pose = orbit_poses(around.tolist(), [25.0] * batch, 1.2)
    K = intrinsics(FOCAL, (pixels, pixels)).expand(batch, 3, 3)
    uv = pixel_centers((pixels, pixels)).reshape(1, -1, 2)
    return uv.expand(batch, -1, -1).contiguous(), K, pose


def products_per_second(rows: int, dtype: torch.dtype, width: int = 256) -> float:
    """Multiplications and additions a second in a product `rows × width × width` of this type."""
    a, b = torch.randn(rows, width, dtype=dtype), torch.randn(width, width, dtype=dtype)
    c = torch.empty_like(a)
    return 2 * rows * width**2 / least_processor_seconds(lambda: torch.mm(a, b, out=c), 9)


def peak_mb() -> float:
    """The most resident memory that this process has had, in MB (Linux)."""
    # Not getrusage's: a new process begins with the peak of the one that started it.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / MEGA


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Case(**json.loads(sys.argv[1]))))))
