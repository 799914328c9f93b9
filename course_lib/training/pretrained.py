"""Trained numbers that come with the course, for modules that a student wrote: told by shape and order, not by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.data.manifest import asset_path
from course_lib.training.checkpoints import read_checkpoint, write_checkpoint

Shape = tuple[int, ...]


class PretrainedError(ValueError):
    """The numbers do not fit; the message says which module, and what to look at."""


@dataclass(frozen=True)
class Pretrained:
    """Parameters by module, in the order in which the module lists them, and how they came about."""

    parameters: dict[str, list[Tensor]]
    about: dict[str, Any]  # sizes of the model, data, seed, command, held-out metrics

    def fill(self, **modules: nn.Module) -> None:
        """Give the modules these numbers. Layers of one shape must be registered in the order of their use.

        Raises:
            PretrainedError: there are no numbers for a module of that name, or its parameters have other shapes.
                No module has been changed then.
        """
        pairs: list[tuple[nn.Parameter, Tensor]] = []
        for name, module in modules.items():
            if name not in self.parameters:
                raise PretrainedError(
                    f"there are no numbers for {name!r}; there are: {', '.join(self.parameters)}"
                )
            pairs += _matched(name, module, self.parameters[name])
        with torch.no_grad():
            for parameter, values in pairs:
                parameter.copy_(values)


def load_pretrained(name: str) -> Pretrained:
    """What ships under that name; AssetError if its file is missing or damaged."""
    found = read_checkpoint(asset_path(f"pretrained_{name}"))
    grouped: defaultdict[str, list[Tensor]] = defaultdict(list)
    for i in range(len(found.tensors)):
        module = found.numbers["modules"][i]
        grouped[module].append(found.tensors[f"parameter {i}"].float())
    return Pretrained(dict(grouped), found.numbers["about"])


def save_pretrained(
    path: Path, modules: Mapping[str, Iterable[Tensor]], about: Mapping[str, Any]
) -> None:
    """Write parameters by module for `load_pretrained`, in half precision: half the size, a loss that nobody sees."""
    listed = [(name, tensor) for name, tensors in modules.items() for tensor in tensors]
    tensors = {f"parameter {i}": tensor.half() for i, (_, tensor) in enumerate(listed)}
    numbers = {"modules": [name for name, _ in listed], "about": dict(about)}
    write_checkpoint(path, tensors, numbers)


def _matched(
    name: str, module: nn.Module, stored: list[Tensor]
) -> list[tuple[nn.Parameter, Tensor]]:
    """Each parameter with its numbers: the first of a shape with the first of that shape."""
    waiting: defaultdict[Shape, list[Tensor]] = defaultdict(list)
    for values in stored:
        waiting[tuple(values.shape)].append(values)
    own = list(module.parameters())
    shapes = sorted(tuple(parameter.shape) for parameter in own)
    if shapes != sorted(tuple(values.shape) for values in stored):
        raise PretrainedError(
            f"{name} has {len(own)} parameters of the shapes {_told(shapes)}, and the numbers are for {len(stored)} of "
            f"{_told(sorted(tuple(values.shape) for values in stored))}. Was it made with the sizes in `about`, and do "
            "its classes pass their checks?"
        )
    return [(parameter, waiting[tuple(parameter.shape)].pop(0)) for parameter in own]


def _told(shapes: list[Shape]) -> str:
    counted = {shape: shapes.count(shape) for shape in shapes}
    told = [f"{n} × {shape}" if n > 1 else f"{shape}" for shape, n in counted.items()]
    return ", ".join(told)
