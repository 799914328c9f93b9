"""One way to run a light field network, or what it is compared with, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import srn_ways
from benchmarks.lfn_volumes import DeepField, ResidualField, volume_colors
from benchmarks.lfn_ways import AsPublished, Folded, Plain, Trained, TrainingStep, Views, Way
from benchmarks.srn_process import MEGA, ROOT, peak_mb, products_per_second, views
from benchmarks.timing import least_processor_seconds
from course_lib.solved.auto_decoding import SceneConfig, SceneNetwork
from course_lib.solved.camera_geometry import world_rays
from course_lib.solved.light_fields import LightFieldConfig, LightFieldNetwork
from course_lib.training.allocator import keep_freed_memory
from course_lib.training.memory import bytes_kept

IN_CACHE = 512  # rows of 256 that stay in the cache


@dataclass(frozen=True)
class Case:
    """What a process measures."""

    way: str  # "as published", "plain", "folded", "trained"; "SRN, …" or "volume, …" for what is no light field
    work: str = "render"  # or "train"
    conditioning: str = "hypernetwork"
    dtype: str = "float32"
    photographs: tuple[tuple[int, int], ...] = (
        (64, 1),
        (128, 1),
        (64, 8),
    )  # pixels on a side, objects
    runs: int = 6
    rays: int = 64  # of volume rendering
    rows: int = 65536  # of the products that tell the machine's rate
    sizes: dict[str, Any] = field(default_factory=dict)  # of the network, if not the published ones
    other_sizes: dict[str, Any] = field(default_factory=dict)  # of what it is compared with


@dataclass(frozen=True)
class Photographed:
    """Figures of one render of `objects` photographs, or of one training step on them."""

    seconds: float
    operations: float  # multiplications and additions in products
    rays: int
    added_mb: float  # resident memory that the work adds to what is there before it, at most
    loss: float = 0.0  # in training: after all steps


@dataclass(frozen=True)
class Measured:
    """What a process found."""

    rate: float  # operations a second of large products, alone, in the case's precision
    rate_in_cache: float  # of small ones
    bytes_in_cache: float  # a second, to and from the cache, of a ReLU in place
    peak_mb: float  # resident memory of the whole process, at most
    kept_mb: float  # what a training step of the first photographs keeps for its way back
    once_seconds: float  # before any camera: the weights of a scene, and their folding
    found: tuple[Photographed, ...]  # one for each of the case's photographs


def measured_alone(case: Case) -> Measured:
    """`measure` in a new process; RuntimeError with what it said if it fails."""
    command = [sys.executable, "-m", "benchmarks.lfn_process", json.dumps(asdict(case))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"measuring {case} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    return Measured(**{**told, "found": tuple(Photographed(**one) for one in told["found"])})


def measure(case: Case) -> Measured:
    """Least processor seconds of one thread; parameters are those of a new model."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if case.way != "as published":
        keep_freed_memory()
    once, kept = 0.0, 0.0
    if case.way.startswith("volume"):
        found = [_volume(case)]
    elif case.way.startswith("SRN"):
        found = [_srn(case)]
    elif case.work == "train":
        found, kept = _training(case)
    else:
        found, once = _rendering(case)
    peak, dtype = peak_mb(), getattr(torch, case.dtype)
    rate, in_cache = (products_per_second(rows, dtype) for rows in (case.rows, IN_CACHE))
    return Measured(rate, in_cache, bytes_in_cache(dtype), peak, kept, once, tuple(found))


def _model(case: Case) -> LightFieldNetwork:
    torch.manual_seed(0)
    return LightFieldNetwork(LightFieldConfig(**case.sizes, conditioning=case.conditioning))


def _way(case: Case, model: LightFieldNetwork) -> Way:
    dtype: torch.dtype = getattr(torch, case.dtype)
    ways: dict[str, Callable[[], Way]] = {
        "as published": lambda: AsPublished(model),
        "plain": lambda: Plain(model),
        "folded": lambda: Folded(model, dtype),
        "trained": lambda: Trained(model, dtype),
    }
    return ways[case.way]()


@torch.no_grad()
def _rendering(case: Case) -> tuple[list[Photographed], float]:
    model = _model(case)
    way, found, once = _way(case, model), [], []
    for pixels, objects in case.photographs:
        z = 0.1 * torch.randn(objects, model.config.code_length)
        known = way.known(z)
        once.append(least_processor_seconds(partial(way.known, z), 2) / objects)
        work = partial(way.look, known, Views(*views(objects, pixels), pixels))
        added = added_mb(work)
        seconds = least_processor_seconds(work, max(2, case.runs // objects))
        operations = ray_operations(model) * objects * pixels**2
        found.append(Photographed(seconds, operations, objects * pixels**2, added))
    return found, once[0]


def _training(case: Case) -> tuple[list[Photographed], float]:
    found, kept = [], []
    for pixels, objects in case.photographs:
        model = _model(case)
        truth = torch.rand(objects, pixels**2, 3)
        cameras = Views(*views(objects, pixels), pixels)
        step = TrainingStep(model, _way(case, model), cameras, truth)
        operations = 3 * ray_operations(model) * objects * pixels**2
        added = added_mb(step)
        seconds = least_processor_seconds(step, max(2, case.runs // objects))
        kept.append(bytes_kept(step.loss) / MEGA)
        loss = float(step.loss().detach())
        found.append(Photographed(seconds, operations, objects * pixels**2, added, loss))
        del model, step
    return found, kept[0]


@torch.no_grad()
def _srn(case: Case) -> Photographed:
    """Notebook 4's network, a scene's weights made once: as the notebook renders it, or its fast way."""
    (pixels, objects), *_ = case.photographs
    model = SceneNetwork(SceneConfig(**case.other_sizes))
    cameras, weights = (
        views(objects, pixels),
        model.weights(torch.randn(objects, model.config.code_length)),
    )
    fast = srn_ways.Fused(model, getattr(torch, case.dtype))
    look: Callable[[], Any] = partial(model.look, weights, *cameras)
    operations = counted(look)
    if case.way == "SRN, fast":
        look = partial(fast.look, weights, cameras)
    added = added_mb(look)
    seconds = least_processor_seconds(look, case.runs)
    return Photographed(seconds, operations, objects * pixels**2, added)


@torch.no_grad()
def _volume(case: Case) -> Photographed:
    """Some rays of a photograph; 16 at a time, which is where it is fastest."""
    fields: dict[str, Callable[..., torch.nn.Module]] = {"8×256": DeepField, "5×512": ResidualField}
    model = fields[case.way.removeprefix("volume, ")](**case.other_sizes)
    rays = world_rays(*(first[0] for first in views(1, 64)))
    some = [torch.split(every[:: len(every) // case.rays][: case.rays], 16) for every in rays]

    def look() -> Tensor:
        return torch.cat([volume_colors(model, *pair) for pair in zip(*some, strict=True)])

    added = added_mb(look)
    seconds = least_processor_seconds(look, max(1, case.runs // 2))
    return Photographed(seconds, counted(look), case.rays, added)


def ray_operations(model: LightFieldNetwork) -> float:
    """Multiplications and additions of one ray, given a scene's weights, as in the plain formulas."""
    lines = torch.zeros(1, 1, 6)
    with torch.no_grad():
        weights = model.weights(torch.zeros(1, model.config.code_length))
        return counted(partial(model.colors, weights, lines))


def bytes_in_cache(dtype: torch.dtype) -> float:
    """Bytes a second to and from the cache in a ReLU in place."""
    values = torch.randn(IN_CACHE, 256).to(dtype)
    return 2 * values.nbytes / least_processor_seconds(values.relu_, 200)


def counted(work: Callable[[], object]) -> float:
    """Multiplications and additions in the products of `work`."""
    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops())


def added_mb(work: Callable[[], object]) -> float:
    """Resident memory, in MB, that the first run of `work` adds at most to what this process has (Linux)."""
    Path("/proc/self/clear_refs").write_text(
        "5", encoding="utf-8"
    )  # the peak becomes what is there now
    before = peak_mb()
    work()
    return peak_mb() - before


if __name__ == "__main__":
    raw = json.loads(sys.argv[1])
    asked = replace(Case(**raw), photographs=tuple(tuple(pair) for pair in raw["photographs"]))
    print(json.dumps(asdict(measure(asked))))
