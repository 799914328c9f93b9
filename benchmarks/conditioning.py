"""A training step of the hypernetwork decoder against its matrix products alone, and against a loop over objects."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autograder.grading.reference import load_reference
from benchmarks.timing import Figure, least_processor_seconds
from course_lib.training.allocator import keep_freed_memory

ROOT = Path(__file__).parents[1]
OBJECTS, POINTS, INPUTS, CODE, HIDDEN = 16, 96 * 24, 27, 128, 64  # of a step in notebook 3
WIDTHS = (64, 128, 256)
LIMIT = 1.5  # times the matrix products
RUNS = 7


def figures() -> list[Figure]:
    """One thread; forward and backward through the hypernetwork and the networks that it writes."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep_freed_memory()  # as `fit` does
    reference = load_reference(ROOT / "solutions" / "03_auto_encoding.py")
    seconds = functools.partial(least_processor_seconds, runs=RUNS)
    found = []
    for width in WIDTHS:
        sizes = [INPUTS, width, width, width, 4]
        step = seconds(_step(reference, sizes, together=True))
        products = seconds(_products(sizes))
        loop = seconds(_step(reference, sizes, together=False))
        gigaflops = _operations(sizes) / products / 1e9
        found += [
            Figure(
                f"width {width}: training step", step, "s", floor=products, floor_name="products"
            ),
            Figure(f"width {width}: its matrix products alone", products),
            Figure(f"width {width}: step against products", step / products, "×", LIMIT),
            Figure(f"width {width}: a loop over objects against the step", loop / step, "×"),
            Figure(f"width {width}: rate of the products", gigaflops, "GFLOP/s"),
        ]
    return found


def _step(reference: dict[str, Any], sizes: list[int], *, together: bool) -> Callable[[], None]:
    """Codes and points to values, and gradients to everything that learns; all objects at once, or one by one."""
    hyper, run = reference["HyperNetwork"](CODE, sizes, HIDDEN), reference["functional_mlp"]
    z, x = torch.randn(OBJECTS, CODE, requires_grad=True), torch.randn(OBJECTS, POINTS, INPUTS)
    slope = torch.randn(OBJECTS, POINTS, sizes[-1])
    leaves = [z, *hyper.parameters()]

    def step() -> None:
        if together:
            values = run(hyper(z), x)
        else:
            each = [run(hyper(z[i : i + 1]), x[i : i + 1]) for i in range(OBJECTS)]
            values = torch.cat(each)
        torch.autograd.grad(values, leaves, slope)

    return step


def _shapes(sizes: list[int]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Both factors of every product of a step: forward, then with respect to the weights and to the input."""
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    linear = [(CODE, HIDDEN), *((HIDDEN, (a + 1) * b) for a, b in pairwise(sizes))]
    for a, b in linear:
        found += [((OBJECTS, a), (a, b)), ((b, OBJECTS), (OBJECTS, a)), ((OBJECTS, b), (b, a))]
    for layer, (a, b) in enumerate(pairwise(sizes)):
        found += [
            ((OBJECTS, POINTS, a), (OBJECTS, a, b)),
            ((OBJECTS, b, POINTS), (OBJECTS, POINTS, a)),
        ]
        if layer > 0:  # nobody asks for the gradient of the points
            found.append(((OBJECTS, POINTS, b), (OBJECTS, b, a)))
    return found


def _products(sizes: list[int]) -> Callable[[], None]:
    # As they lie in memory when they are multiplied: gradients of weights read a factor transposed.
    pairs = []
    for left, right in _shapes(sizes):
        a = torch.randn(left)
        if left[-2] < left[-1]:
            a = torch.randn(*left[:-2], left[-1], left[-2]).mT
        pairs.append((a, torch.randn(right)))
    outputs = [a @ b for a, b in pairs]

    def products() -> None:
        for (a, b), out in zip(pairs, outputs, strict=True):
            torch.matmul(a, b, out=out)

    return products


def _operations(sizes: list[int]) -> float:
    def count(left: tuple[int, ...], right: tuple[int, ...]) -> int:
        return 2 * Tensor.numel(torch.empty(left, device="meta")) * right[-1]

    return float(sum(count(left, right) for left, right in _shapes(sizes)))
