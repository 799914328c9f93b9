"""The scene representation network at its published size: rays a second, plain and fast, beside its products alone.

One thread, 64×64. Ways to compute the same: *as published*, an operation after the other in eager PyTorch, with the
allocator as it comes, or keeping its memory as the course's `fit` does; *ours*, which keeps it too, compiled, with a
scene's weights made once and the fused Adam; and *ours, bfloat16*. Each is measured in processes of its own, beside
the rate that large products reach there. What products alone would reach is the ceiling: no formulation can leave
them out, and in float32 none can be faster than the plain way by more than its share's inverse. A training step of one
photograph stays below it: whatever the batch, 51 million parameters, their gradients and Adam's moments go through
memory, 2 GB a step, and take 0.8 GB of it, beside what the interpreter and the compiler need.

COURSE_MODE=smoke takes seconds: a small network, uncompiled, in this process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.srn_picture import draw as draw
from benchmarks.srn_process import Case, Measured, measure, measured_alone
from benchmarks.timing import Figure
from course_lib.solved.auto_decoding import SceneConfig, SceneNetwork

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
SMALL = {"code_length": 8, "width": 16, "layers": 2, "hyper_hidden": 16, "steps": 2}
GLANCE = Case("plain", "render", runs=1, pixels=8, large=16, rows=64, sizes=SMALL)
FULL = Case("plain", "render")
KEPT = "as published, memory kept"  # measured once, to tell what of the gain that is
WAYS: dict[str, dict[str, Any]] = {
    "as published": {"way": "plain"},
    KEPT: {"way": "plain", "keep_memory": True},
    "ours": {"way": "fused", "keep_memory": True},
    "ours, bfloat16": {"way": "fused", "keep_memory": True, "dtype": "bfloat16"},
}
WORK = {"render": "render", "training step": "train"}
BATCHES = (1, 8)
LEAST_SHARE = {"render": 90.0, "training step": 80.0}  # % of the products' rate, in float32
LEAST_GAIN = {
    ("render", "ours"): 1.4,
    ("training step", "ours"): 1.2,
    ("render", "ours, bfloat16"): 2.8,
    ("training step", "ours, bfloat16"): 1.9,
}
ORIGINAL_MB = {1: 1950.0, 8: 5100.0}  # resident in a training step of the authors' program
MOST_MEMORY = 0.7  # of that
LARGE_MB = 1000.0
Found = dict[tuple[str, int, str], Measured]


def figures() -> list[Figure]:
    """Rates, their share of the products' rate, gains over the plain way, and memory."""
    plan = GLANCE if SMOKE else FULL
    found = {key: _measured(case) for key, case in _cases(plan)}
    large = _measured(replace(plan, **WAYS["ours"], work="large picture"))
    best = {
        dtype: max(one.rate for (_, _, name), one in found.items() if _dtype(name) == dtype)
        for dtype in ("float32", "bfloat16")
    }
    return [
        *(Figure(f"products, {dtype}", rate / 1e9, "GFLOP/s") for dtype, rate in best.items()),
        *(figure for work in WORK for b in BATCHES for figure in _speed(found, work, b, plan)),
        *(figure for b in BATCHES for figure in _memory(found, b)),
        Figure(f"{plan.large}² in portions: memory", large.peak_mb, "MB", LARGE_MB),
        Figure(f"{plan.large}² in portions: time", large.seconds),
    ]


def _cases(plan: Case) -> Iterator[tuple[tuple[str, int, str], Case]]:
    for work, short in WORK.items():
        for batch in BATCHES:
            for name, way in WAYS.items():
                if name != KEPT or batch == 1:
                    case = replace(plan, **way, work=short, batch=batch)
                    yield (work, batch, name), case


def _dtype(name: str) -> str:
    return str(WAYS[name].get("dtype", "float32"))


def _measured(case: Case) -> Measured:
    if not SMOKE:
        return measured_alone(case)
    threads = torch.get_num_threads()
    try:
        with torch.compiler.set_stance("force_eager"):
            return measure(case)
    finally:
        torch.set_num_threads(threads)


def _speed(found: Found, work: str, batch: int, plan: Case) -> Iterator[Figure]:
    rays, needed = batch * plan.pixels**2, operations(plan, batch, train=work != "render")
    plain = found[work, batch, "as published"]
    for name in (name for name in WAYS if (work, batch, name) in found):
        one, title = found[work, batch, name], f"{work}, batch {batch}, {name}"
        ceiling = rays * one.rate / needed
        yield Figure(
            f"{title}: rate", rays / one.seconds, "rays/s", floor=ceiling, floor_name="ceiling"
        )
        share = 100 * needed / one.seconds / one.rate
        least = LEAST_SHARE[work] if name == "ours" else None
        yield Figure(f"{title}: of the products' rate", share, "%", least, at_least=True)
        if name.startswith("ours"):
            yield Figure(
                f"{title}: against as published",
                plain.seconds / one.seconds,
                "×",
                LEAST_GAIN[work, name],
                floor=plain.seconds * one.rate / needed,
                floor_name="ceiling",
                at_least=True,
            )


def operations(plan: Case, batch: int, *, train: bool) -> float:
    """Multiplications and additions in all products of a render, or of a step forward and back, counted."""
    with torch.device("meta"), torch.set_grad_enabled(train):
        model = SceneNetwork(SceneConfig(**plan.sizes))
        z = torch.empty(batch, model.config.code_length, requires_grad=train)
        uv, K = torch.empty(batch, plan.pixels**2, 2), torch.empty(batch, 3, 3)
        weights = model.weights(z)
        with FlopCounterMode(display=False) as counter:
            if train:
                rgb, _ = model(z, uv, K, torch.empty(batch, 4, 4))
                rgb.sum().backward()
            else:
                model.look(weights, uv, K, torch.empty(batch, 4, 4))
    return float(counter.get_total_flops())


def _memory(found: Found, batch: int) -> Iterator[Figure]:
    for name in (name for name in WAYS if ("training step", batch, name) in found):
        one, title = found["training step", batch, name], f"training step, batch {batch}, {name}"
        limit = MOST_MEMORY * ORIGINAL_MB[batch] if name.startswith("ours") else None
        yield Figure(f"{title}: memory", one.peak_mb, "MB", limit)
        yield Figure(f"{title}: kept for the way back", one.kept_mb, "MB")
