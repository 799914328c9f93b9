"""A student's modules, filled with weights that the check knows: parameters are told by shape, names are free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from autograder.checking.expect import CheckFailed, describe, expect_tensor, kind_of
from autograder.checking.student import Student
from autograder.results import Evidence

Shape = tuple[int, ...]


def build(student: Student, name: str, *args: Any, **kwargs: Any) -> Any:
    """An object of the student's class of that name: a module, not a number."""
    made = getattr(student, name)(*args, **kwargs)
    if not hasattr(made, "parameter_shapes"):
        raise CheckFailed(
            f"{name} should be a torch.nn.Module, not {kind_of(made)}.",
            Evidence("an nn.Module", describe(made), hint=f"keep `class {name}(nn.Module)`"),
        )
    return made


def names_by_shape(made: Any, wanted: list[Shape], what: str, hint: str) -> dict[Shape, list[str]]:
    """The names of a module's parameters of each shape, if these are exactly the shapes that are wanted."""
    found: defaultdict[Shape, list[str]] = defaultdict(list)
    for name, shape in made.parameter_shapes().items():
        found[shape].append(name)
    shapes = sorted(shape for shape, names in found.items() for _ in names)
    if shapes != sorted(wanted):
        evidence = Evidence(_listed(wanted), _listed(shapes), hint=hint)
        raise CheckFailed(f"{what} has other parameters than its docstring describes.", evidence)
    return dict(found)


def load(made: Any, values: Mapping[str, Tensor], what: str, hint: str) -> dict[str, str]:
    """Fill a module with values; the student's name of each parameter, by ours.

    Which of several parameters of one shape is which cannot be told, so their values must be equal.

    Raises:
        CheckFailed: the module's parameters do not have the shapes of the values.
        ValueError: two values of one shape differ: a mistake of the check.
    """
    wanted = [tuple(value.shape) for value in values.values()]
    left = names_by_shape(made, wanted, what, hint)
    first: dict[Shape, Tensor] = {}
    names: dict[str, str] = {}
    for ours, value in values.items():
        shape = tuple(value.shape)
        if not first.setdefault(shape, value).equal(value):
            raise ValueError(f"two parameters of shape {shape} are to hold different values")
        names[ours] = left[shape].pop(0)
    made.load_parameters({names[ours]: value for ours, value in values.items()})
    return names


def value_of(made: Any, name: str, what: str) -> Tensor:
    """What a parameter holds, by its dotted name in `parameter_shapes`, in float64."""
    held = made
    for part in name.split("."):
        if not hasattr(held, "attribute"):
            raise CheckFailed(f"{what} cannot be read: {name} leads to {describe(held)}.")
        held = held.attribute(part)
    return expect_tensor(held, made.parameter_shapes().get(name, ()), what).detach().double()


def _listed(shapes: list[Shape]) -> str:
    return "parameters of shapes " + (", ".join(str(shape) for shape in sorted(shapes)) or "none")
