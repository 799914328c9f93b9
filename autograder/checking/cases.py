"""Seeded inputs with reference outputs: drawn from a secret seed in grading, read from a public file in notebooks."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from autograder.codec import decode, encode

PUBLIC_SEED = 2026


@dataclass(frozen=True)
class Case:
    """One question to one function. `truth` holds what the check knows and the function is not told.

    `inputs` are in the order of the function's parameters: checks pass them by position, so that an answer
    may rename its parameters.
    """

    function: str
    name: str
    inputs: dict[str, Any]
    expected: Any = (
        None  # the reference's answer in float64; None where a check tests properties only
    )
    truth: dict[str, Any] = field(default_factory=dict)
    compare: bool = True  # False: draw no reference output


class Draw:
    """Seeded random tensors. numpy's PCG64 gives the same numbers on every platform, torch's generators do not."""

    def __init__(self, seed: int, stream: str, reference: Mapping[str, Any] | None = None) -> None:
        self.reference = reference or {}  # for inputs that are themselves made by a right answer
        # A stream per function: adding a case to one exercise leaves the others' numbers as they were.
        self._generator = np.random.default_rng([seed, *stream.encode()])

    def normal(self, *shape: int) -> torch.Tensor:
        """Standard normal float32 numbers."""
        return torch.from_numpy(self._generator.standard_normal(shape)).float()

    def uniform(self, low: float, high: float, *shape: int) -> torch.Tensor:
        """Uniform float32 numbers in [low, high)."""
        return torch.from_numpy(self._generator.uniform(low, high, shape)).float()

    def integer(self, low: int, high: int) -> int:
        """A whole number, low <= n < high."""
        return int(self._generator.integers(low, high))

    def permutation(self, count: int) -> torch.Tensor:
        """A random order of 0 … count−1."""
        return torch.from_numpy(self._generator.permutation(count))


class Cases:
    """Cases of a notebook: `cases("project")` lists a function's, `cases.one("project", "skewed K")` finds one."""

    def __init__(self, cases: Iterator[Case] | list[Case]) -> None:
        self._by_function: dict[str, dict[str, Case]] = {}
        for case in cases:
            named = self._by_function.setdefault(case.function, {})
            if case.name in named:
                raise ValueError(f"two cases of {case.function} are called {case.name!r}")
            named[case.name] = case

    def __call__(self, function: str) -> tuple[Case, ...]:
        return tuple(self._by_function[function].values())

    def __iter__(self) -> Iterator[Case]:
        for named in self._by_function.values():
            yield from named.values()

    def one(self, function: str, name: str) -> Case:
        """The case of that name; KeyError if there is none."""
        return self._by_function[function][name]


Generator = Callable[[Draw], Iterator[Case]]
_GENERATORS: dict[str, dict[str, Generator]] = {}


def cases_for(function: str) -> Callable[[Generator], Generator]:
    """Register a generator of cases for a function. The topic is the package below `autograder.checks`."""

    def register(generator: Generator) -> Generator:
        topic = generator.__module__.split(".")[-2]
        _GENERATORS.setdefault(topic, {})[function] = generator
        return generator

    return register


def draw_cases(topic: str, seed: int, reference: Mapping[str, Any]) -> Cases:
    """Cases of a topic from a seed, answered by the reference in float64. For trusted processes only."""
    importlib.import_module(f"autograder.checks.{topic}")
    drawn: list[Case] = []
    for function, generator in _GENERATORS[topic].items():
        for case in generator(Draw(seed, function, reference)):
            inputs = as_float64(case.inputs) if case.compare else {}
            answer = reference[function](**inputs) if case.compare else None
            drawn.append(Case(function, case.name, case.inputs, answer, case.truth, case.compare))
    return Cases(drawn)


def as_float64(value: Any) -> Any:
    """The same nested value with every floating-point tensor copied to float64."""
    if isinstance(value, torch.Tensor):
        return value.double() if value.is_floating_point() else value.clone()
    if isinstance(value, dict):
        return {key: as_float64(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(as_float64(item) for item in value)
    return value


def save_cases(cases: Cases, path: Path) -> None:
    """Write cases as one safetensors file: tensors by number, everything else as JSON in its metadata."""
    tensors: list[torch.Tensor] = []
    rows = [
        {
            "function": c.function,
            "name": c.name,
            "compare": c.compare,
            "inputs": encode(c.inputs, tensors),
            "expected": encode(c.expected, tensors),
            "truth": encode(c.truth, tensors),
        }
        for c in cases
    ]
    numbered = {f"{index:05d}": tensor.clone() for index, tensor in enumerate(tensors)}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(numbered, str(partial), metadata={"cases": json.dumps(rows, sort_keys=True)})
    partial.chmod(0o644)  # save_file writes for its owner alone; these are for everyone
    partial.replace(path)


def load_cases(path: Path) -> Cases:
    """Read what `save_cases` wrote."""
    with safe_open(str(path), framework="pt") as file:
        rows = json.loads(file.metadata()["cases"])
        tensors = [file.get_tensor(key) for key in sorted(file.keys())]
    return Cases(
        [
            Case(
                row["function"],
                row["name"],
                decode(row["inputs"], tensors),
                decode(row["expected"], tensors),
                decode(row["truth"], tensors),
                row["compare"],
            )
            for row in rows
        ]
    )


def differences(old: Cases, new: Cases, tolerance: float = 1e-6) -> list[str]:
    """What changed between two sets of cases, beyond the last digits in which processors differ."""
    before = {(c.function, c.name): c for c in old}
    after = {(c.function, c.name): c for c in new}
    found = [f"{f} · {n}: no longer drawn" for f, n in before.keys() - after.keys()]
    found += [f"{f} · {n}: new" for f, n in after.keys() - before.keys()]
    for key in before.keys() & after.keys():
        for part in ("inputs", "expected", "truth"):
            if not _same(getattr(before[key], part), getattr(after[key], part), tolerance):
                found.append(f"{key[0]} · {key[1]}: {part} changed")
    return sorted(found)


def _same(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        return torch.allclose(a.double(), b.double(), tolerance, tolerance, equal_nan=True)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k], tolerance) for k in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(_same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    return bool(a == b)
