"""Linear layers with layer normalisation and ReLU between them: an oracle, and a student's module filled to match.

Names of parameters are free. Weights are told by their shapes; the three vectors of a block, which have one shape, by
what they start as: ones scale, zeros shift, anything else is the linear layer's bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case
from autograder.checking.expect import CheckFailed, expect_close
from autograder.checking.student import Student
from autograder.checks.auto_encoding.modules import build, names_by_shape, value_of
from autograder.results import Evidence

Parameters = Mapping[str, Tensor]  # "layer 0 W", "layer 0 b", "norm 0 scale", "norm 0 shift", …
ROLES = ("b", "scale", "shift")


def through(parameters: Parameters, rows: Tensor) -> Tensor:
    """The network's numbers `*b n` for rows `*b c` of input, one row after the other, in float64."""
    flat = [_row(parameters, row) for row in rows.double().reshape(-1, rows.shape[-1])]
    return torch.stack(flat).reshape(*rows.shape[:-1], -1)


def _row(parameters: Parameters, row: Tensor) -> Tensor:
    depth = sum(name.startswith("norm") for name in parameters) // 2
    given = {name: value.double() for name, value in parameters.items()}
    for layer in range(depth + 1):
        row = given[f"layer {layer} W"] @ row + given[f"layer {layer} b"]
        if layer < depth:
            centred = row - row.sum() / len(row)
            unit = centred / (centred.square().sum() / len(row) + 1e-5) ** 0.5
            row = (given[f"norm {layer} scale"] * unit + given[f"norm {layer} shift"]).clamp_min(0)
    return row


def filled(student: Student, case: Case, layers: str) -> tuple[Any, dict[str, str]]:
    """A module of the student's class with the weights of a case, and the student's names by ours.

    Raises:
        CheckFailed: its parameters have other shapes than those of the case; `layers` says what they should be.
    """
    made = build(student, case.function, *case.truth["arguments"])
    parameters = case.truth["parameters"]
    names = told_apart(made, parameters, f"{case.function} ({case.name})", layers)
    made.load_parameters({names[ours]: value for ours, value in parameters.items()})
    return made, names


def told_apart(made: Any, parameters: Parameters, what: str, layers: str) -> dict[str, str]:
    """The student's name of each parameter, by ours."""
    wanted = [tuple(value.shape) for value in parameters.values()]
    left = names_by_shape(made, wanted, what, layers)
    block = tuple(parameters["norm 0 scale"].shape)
    roles = _roles(made, left.pop(block), what)
    names = {}
    for ours, value in parameters.items():
        shape = tuple(value.shape)
        names[ours] = (roles[ours.split()[-1]] if shape == block else left[shape]).pop(0)
    return names


def _roles(made: Any, vectors: list[str], what: str) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {role: [] for role in ROLES}
    for name in vectors:
        value = value_of(made, name, f"{name} of {what}")
        roles["scale" if (value == 1).all() else "b" if value.any() else "shift"].append(name)
    if len({len(found) for found in roles.values()}) > 1:
        # It does not start as it should, which another check says: take them in the usual order.
        return {role: vectors[k::3] for k, role in enumerate(ROLES)}
    return roles


def expect_gradients(
    found: Mapping[str, Tensor], names: Mapping[str, str], expected: Parameters, hint: str
) -> None:
    """The gradients of all parameters; those of one shape and role may come in any order."""
    groups: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for ours, wanted in expected.items():
        groups.setdefault((ours.split()[-1], tuple(wanted.shape)), []).append(ours)
    for group in groups.values():
        candidates = [found[names[ours]] for ours in group if names[ours] in found]
        for ours in group:
            what = f"the gradient with respect to {ours}"
            if not candidates:
                raise CheckFailed(f"{what} is missing.", Evidence(hint=hint))
            errors = [(c.double() - expected[ours]).abs().amax().item() for c in candidates]
            nearest = candidates.pop(errors.index(min(errors)))
            expect_close(nearest, expected[ours], what, tolerance=5e-4, hint=hint)
