"""The light field network at its published size: rays a second of every way to render, and of a training step.

One thread; every way in a process of its own, beside the rate that large products reach there. *As published*: the
hypernetwork runs in every render, an operation after the other, eager. *Plain*: a scene's weights made once. *Folded*:
the notebook's `FoldedLightField`. Then what it is compared with: notebook 4's network, its weights made once, and
volume rendering with 196 evaluations a ray. Operations are those of the plain formulas, whoever renders.

What cannot be. A hidden layer is 131 thousand operations a ray, and 3 KB to and from the cache: the ceiling of folded
renders is the products' rate in the cache and these bytes. As published, a 64×64 picture takes its products and once
415 MB of hypernetwork from memory. On one thread that is less than twice the products, so the gain in float32 cannot
reach 3.5 (its ceiling stands beside each gain), and less at 128×128; more threads share one memory, and gain more. SRN
takes 6.8 times the operations: against its fast way, which reaches the products' rate too, 8 times is out of reach. A
training step of one photograph is 104 million parameters, their gradients and Adam's moments: 4 GB to and from memory.

COURSE_MODE=smoke takes seconds: small networks, uncompiled, in this process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import torch

from benchmarks.lfn_cuda import frames_per_second
from benchmarks.lfn_picture import draw as draw
from benchmarks.lfn_process import Case, Measured, measure, measured_alone
from benchmarks.timing import Figure
from course_lib.solved.light_fields import LightFieldConfig

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
SMALL = {"code_length": 8, "width": 16, "layers": 3, "hyper_hidden": 16, "hyper_depth": 1}
SMALL_SCENE = {"code_length": 8, "width": 16, "layers": 2, "hyper_hidden": 16, "steps": 2}
VIEWS = ((64, 1), (128, 1), (64, 8))  # pixels on a side, objects
STEPS = ((64, 1), (64, 16))
PUBLISHED, BRAIN16 = "as published, hypernetwork", "bfloat16"
RENDERS = {
    PUBLISHED: Case("as published"),
    "as published, low rank": Case("as published", conditioning="low rank", photographs=VIEWS[:1]),
    "as published, concatenation": Case(
        "as published", conditioning="concatenation", photographs=VIEWS[:1]
    ),
    "plain": Case("plain"),
    "folded": Case("folded"),
    "folded, bfloat16": Case("folded", dtype=BRAIN16),
}
TRAININGS = {
    PUBLISHED: Case("as published", "train", photographs=STEPS),
    "ours": Case("trained", "train", photographs=STEPS),
    "ours, bfloat16": Case("trained", "train", dtype=BRAIN16, photographs=STEPS),
    "ours, low rank, bfloat16": Case("trained", "train", "low rank", BRAIN16, STEPS),
}
OTHERS = {
    "SRN": Case("SRN, plain"),
    "SRN, fast": Case("SRN, fast"),
    "volume, 8×256": Case("volume, 8×256", rays=64),
    "volume, 5×512": Case("volume, 5×512", rays=32),
}
LEAST_SHARE = 90.0  # % of the rate of large float32 products
LEAST_GAIN = {"folded": 3.5, "folded, bfloat16": 6.0, "ours": 1.6, "ours, bfloat16": 2.0}
LEAST_AGAINST = {"SRN": 8.0, "SRN, fast": 8.0, "volume, 8×256": 200.0, "volume, 5×512": 1400.0}
MOST_LOSS = 1.02  # of that as published, after as many steps
LEAST_FRAMES = 2000.0  # at 256×256, with a GPU
Found = dict[str, Measured]


def figures() -> list[Figure]:
    """Rates and their share of the products' rate, gains, memory."""
    rendered = {name: _measured(case) for name, case in RENDERS.items()}
    trained = {name: _measured(case) for name, case in TRAININGS.items()}
    others = {name: _measured(case) for name, case in OTHERS.items()}
    return [
        *_products(rendered),
        *(figure for name in rendered for figure in _render(rendered, name)),
        *(figure for name in others for figure in _against(others[name], rendered, name)),
        *(figure for name in trained for figure in _training(trained, name)),
        *_frames(),
    ]


def _measured(case: Case) -> Measured:
    if not SMOKE:
        return measured_alone(case)
    other = SMALL_SCENE if case.way.startswith("SRN") else {"width": 8}
    small = tuple(
        (8 * (1 + (pixels > 64)), min(objects, 2)) for pixels, objects in case.photographs
    )
    case = replace(
        case, photographs=small, runs=1, rays=16, rows=64, sizes=SMALL, other_sizes=other
    )
    threads = torch.get_num_threads()
    try:
        with torch.compiler.set_stance("force_eager"):
            return measure(case)
    finally:
        torch.set_num_threads(threads)


def _products(rendered: Found) -> Iterator[Figure]:
    for dtype in ("float32", BRAIN16):
        same = [one for name, one in rendered.items() if RENDERS[name].dtype == dtype]
        yield Figure(f"products, {dtype}", max(one.rate for one in same) / 1e9, "GFLOP/s")
        in_cache = max(one.rate_in_cache for one in same) / 1e9
        yield Figure(f"products, {dtype}, in the cache", in_cache, "GFLOP/s")
    passes = rendered["folded"].bytes_in_cache
    yield Figure("bytes to and from the cache", passes / 1e9, "GB/s")


def _render(rendered: Found, name: str) -> Iterator[Figure]:
    one, case, folded = rendered[name], RENDERS[name], name.startswith("folded")
    for i, (pixels, objects) in enumerate(case.photographs):
        seen, title = one.found[i], f"render {pixels}², batch {objects}, {name}"
        rate, needed = seen.rays / seen.seconds, seen.operations / seen.rays
        floor = one.rate / needed
        if folded:
            floor = 1 / (needed / one.rate_in_cache + passed_bytes(case) / one.bytes_in_cache)
        yield Figure(f"{title}: rate", rate, "rays/s", floor=floor, floor_name="ceiling")
        share = 100 * rate * needed / one.rate
        yield _at_least(
            f"{title}: of the products' rate", share, "%", LEAST_SHARE if name == "folded" else None
        )
        if not name.startswith("as published"):
            yield Figure(f"{title}: frames", objects / seen.seconds, "frames/s")
            before, goal = rendered[PUBLISHED].found[i].seconds, LEAST_GAIN.get(name)
            gain, ceiling = before / seen.seconds, before * one.rate / seen.operations
            goal = None if i else goal
            yield _at_least(f"{title}: against as published", gain, "×", goal, ceiling, "ceiling")
        yield Figure(f"{title}: memory added", seen.added_mb, "MB")
    if folded or name == "plain":
        yield Figure(f"a scene's weights, {name}: once", one.once_seconds)


def passed_bytes(case: Case) -> float:
    """To and from the cache, for a ray, beside the products: a sum of squares reads, a ReLU reads and writes."""
    config = LightFieldConfig(**case.sizes)
    itemsize: int = getattr(torch, case.dtype).itemsize
    return 3.0 * itemsize * config.width * (config.layers - 1)


def _against(other: Measured, rendered: Found, name: str) -> Iterator[Figure]:
    (there,), folded = other.found, rendered["folded"]
    here = folded.found[0]
    rate, needed = there.rays / there.seconds, there.operations / there.rays
    ceiling = other.rate / needed
    yield Figure(f"{name}: rate", rate, "rays/s", floor=ceiling, floor_name="ceiling")
    share = 100 * rate * needed / other.rate
    yield Figure(f"{name}: of the products' rate", share, "%")
    gain, goal = here.rays / here.seconds / rate, LEAST_AGAINST[name]
    ratio = needed / (here.operations / here.rays)
    yield _at_least(f"folded against {name}", gain, "×", goal, ratio, "operations")
    yield Figure(f"{name}: memory added", there.added_mb, "MB")


def _training(trained: Found, name: str) -> Iterator[Figure]:
    one, plain = trained[name], trained[PUBLISHED]
    for i, (pixels, objects) in enumerate(TRAININGS[name].photographs):
        seen, title = one.found[i], f"training step {pixels}², batch {objects}, {name}"
        ceiling = seen.rays * one.rate / seen.operations
        rate = seen.rays / seen.seconds
        yield Figure(f"{title}: rate", rate, "rays/s", floor=ceiling, floor_name="ceiling")
        yield Figure(f"{title}: of the products' rate", 100 * rate / ceiling, "%")
        if name != PUBLISHED:
            before, goal = plain.found[i].seconds, LEAST_GAIN.get(name)
            gain, most = before / seen.seconds, before * one.rate / seen.operations
            yield _at_least(f"{title}: against as published", gain, "×", goal, most, "ceiling")
            loss = seen.loss / plain.found[i].loss
            worst = MOST_LOSS if name in LEAST_GAIN else None  # low rank begins elsewhere
            yield Figure(f"{title}: loss after these steps, of as published", loss, "×", worst)
    yield Figure(f"training step, {name}: memory of the process", one.peak_mb, "MB")
    yield Figure(f"training step, batch 1, {name}: kept for the way back", one.kept_mb, "MB")


def _frames() -> Iterator[Figure]:
    found = frames_per_second()
    if found is None:
        print("no CUDA here: frames a second at 256×256 on a GPU are not measured")
        return
    yield _at_least("CUDA, 256², folded, bfloat16", found, "frames/s", LEAST_FRAMES)


def _at_least(
    name: str,
    value: float,
    unit: str,
    limit: float | None,
    floor: float | None = None,
    floor_name: str = "",
) -> Figure:
    return Figure(name, value, unit, limit, floor, floor_name, at_least=limit is not None)
