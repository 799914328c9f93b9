"""Parameters of a student's module, found by their shapes: what they are called, and how they are nested, is free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from autograder.checking.expect import CheckFailed, describe, expect_tensor, kind_of
from autograder.results import Evidence

Shape = tuple[int, ...]


def module(made: Any, what: str) -> Any:
    """The student's object, which must be a module: the handle itself, or CheckFailed."""
    if not hasattr(made, "parameter_shapes"):
        raise CheckFailed(
            f"{what} should be a torch.nn.Module, not {kind_of(made)}.",
            Evidence(
                "an nn.Module", describe(made), hint=f"keep `class {what.split('(')[0]}(nn.Module)`"
            ),
        )
    return made


def names_by_shape(
    made: Any, what: str, wanted: Mapping[str, Shape], hint: str = ""
) -> dict[str, str]:
    """The student's name of every wanted parameter. CheckFailed unless there are exactly these shapes.

    `wanted` holds the shape of each by what it is ("the linear layer's W"); no two shapes may be alike.
    """
    if len(set(wanted.values())) < len(wanted):
        raise ValueError(f"parameters cannot be told apart by their shapes: {dict(wanted)}")
    found: dict[str, Shape] = module(made, what).parameter_shapes()
    if sorted(found.values()) != sorted(wanted.values()):
        message = f"{what}: the shapes of its parameters are not those of the docstring's layers."
        evidence = Evidence(_listed(wanted), _listed(found) or "no parameters", hint=hint or None)
        raise CheckFailed(message, evidence)
    names = {shape: name for name, shape in found.items()}
    return {role: names[shape] for role, shape in wanted.items()}


def loaded(made: Any, what: str, values: Mapping[str, torch.Tensor], hint: str = "") -> Any:
    """The student's module with these values in the parameters of their shapes."""
    shapes = {role: tuple(value.shape) for role, value in values.items()}
    names = names_by_shape(made, what, shapes, hint)
    made.load_parameters({names[role]: value for role, value in values.items()})
    return made


def value_of(made: Any, name: str, what: str) -> torch.Tensor:
    """The value of a parameter, by the dotted name that `names_by_shape` found, in float64."""
    held = made
    for part in name.split("."):
        held = held.attribute(part)
    shape = made.parameter_shapes()[name]
    return expect_tensor(held, shape, what).detach().double()


def gradients(
    made: Any, names: Mapping[str, str], args: tuple[Any, ...], cotangent: Any = None
) -> dict[str, torch.Tensor]:
    """`parameter_gradients` by what the parameters are, as in `names_by_shape`."""
    found = made.parameter_gradients(args, cotangent)
    return {role: found[name] for role, name in names.items()}


def _listed(shapes: Mapping[str, Shape]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items())
