"""Checks: a code becomes a grid by transposed convolutions."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_tensor
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.modules import build, load, names_by_shape
from autograder.checks.auto_encoding.transposed_grids import decoded
from autograder.results import Evidence

PARAMETERS = (
    "four transposed 3D convolutions with kernels of 4³ and biases, from code_length over 4, 2 and 1 times "
    "`width` to `channels`; an nn.ConvTranspose3d holds a weight `in out 4 4 4`"
)


def filled(
    student: Student, case: Case, parameters: dict[str, torch.Tensor]
) -> tuple[Any, dict[str, str]]:
    """A decoder with these weights, and the student's names of them."""
    made = build(student, "VoxelDecoder", *case.truth["arguments"])
    return made, load(made, parameters, "VoxelDecoder", PARAMETERS)


def decodes(student: Student, case: Case, hint: str) -> None:
    """The grids of a case, compared with an oracle that adds kernel to kernel."""
    parameters, z = case.truth["parameters"], case.inputs["z"]
    made, _ = filled(student, case, parameters)
    expected = decoded(parameters, z)
    expect_close(made(z), expected, f"the grid ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("voxel_decoder", entrance=True)
def test_one_code(student: Student, cases: Cases) -> None:
    """One code: a grid of 32³ nodes with the right values."""
    hint = (
        "1³ → 4³ (kernel 4) → 8³ → 16³ → 32³ (kernel 4, stride 2, padding 1), ReLU after the first three; "
        "no flip and no permutation: the kernel's axes are x, y, z"
    )
    decodes(student, cases.one("VoxelDecoder", "one code"), hint)


@checks_exercise("voxel_decoder")
def test_codes_and_channels(student: Student, cases: Cases) -> None:
    """Several codes, one channel and more; each grid depends on its own code alone."""
    hint = "each code is a grid of one node: z[:, :, None, None, None]; nothing mixes the codes of a batch"
    for name in ("two codes", "wider than its code"):
        decodes(student, cases.one("VoxelDecoder", name), hint)


@checks_exercise("voxel_decoder")
def test_width(student: Student, cases: Cases) -> None:
    """16 channels in the last grid but one, unless told otherwise."""
    del cases
    made = build(student, "VoxelDecoder", 6, 4)
    sizes = [6, 64, 32, 16, 4]
    kernels = [(a, b, 4, 4, 4) for a, b in pairwise(sizes)]
    wanted = [*kernels, *((n,) for n in sizes[1:])]
    names_by_shape(made, wanted, "VoxelDecoder(6, 4)", PARAMETERS)


@checks_exercise("voxel_decoder")
def test_shift(student: Student, cases: Cases) -> None:
    """A node further along one axis of the first kernel is eight nodes further along that axis of the grid."""
    case = cases.one("VoxelDecoder", "one code")
    parameters, code = case.truth["parameters"], case.inputs["z"].abs()
    # No bias, and nothing that ReLU would stop: what the kernel's node adds is all there is.
    still = {k: torch.zeros_like(v) if "bias" in k else v.abs() for k, v in parameters.items()}
    size = (1, case.truth["arguments"][1], 32, 32, 32)

    def grid(x: int, y: int, z: int) -> torch.Tensor:
        kernel = torch.zeros_like(still["step 0 kernel"])
        kernel[..., x, y, z] = still["step 0 kernel"][..., 1, 1, 1]
        made, _ = filled(student, case, {**still, "step 0 kernel": kernel})
        return expect_tensor(made(code), size, "the grid")

    before = grid(1, 1, 1)
    for axis in range(3):
        expected = torch.roll(before, 8, 2 + axis)
        name = "xyz"[axis]
        answer = grid(*(2 if k == axis else 1 for k in range(3)))
        try:
            expect_close(answer, expected, "the grid", tolerance=1e-4)
        except CheckFailed as error:
            moved = [n for k, n in enumerate("xyz") if _equal(answer, torch.roll(before, 8, 2 + k))]
            seen = f"it moved along {moved[0]}" if moved else "it became another grid"
            evidence = Evidence(f"the same grid, eight nodes along {name}", seen)
            message = f"a kernel moved by one node along {name} should move the grid by eight."
            raise CheckFailed(message, evidence) from error


def _equal(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-4, atol=1e-4)


@checks_exercise("voxel_decoder")
def test_decoder_learns(student: Student, cases: Cases) -> None:
    """Gradients reach the code, and the kernels and biases of all four steps."""
    case = cases.one("VoxelDecoder", "one code")
    made, names = filled(student, case, case.truth["parameters"])
    leaves = {k: v.double().requires_grad_() for k, v in case.truth["parameters"].items()}
    z = case.inputs["z"]
    code = z.double().requires_grad_()
    shape = (1, case.truth["arguments"][1], 32, 32, 32)
    cotangent = torch.cos(0.01 * torch.arange(torch.tensor(shape).prod().item())).reshape(shape)
    with torch.enable_grad():
        total = (decoded(leaves, code) * cotangent).mean()
        expected = torch.autograd.grad(total, [code, *leaves.values()])
    cotangent = cotangent / cotangent.numel()
    hint = "no .detach() and no torch.no_grad() on the way"
    gradient = made.gradient((z,), 0, cotangent)
    _expect_gradient(gradient, expected[0], "the code", hint)
    found = made.parameter_gradients((z,), cotangent)
    for ours, wanted in zip(leaves, expected[1:], strict=True):
        _expect_gradient(found.get(names[ours]), wanted, f"the {ours}", hint)


def _expect_gradient(gradient: Any, expected: torch.Tensor, what: str, hint: str) -> None:
    """Compared as multiples of the largest number: sums over 32³ nodes are small and large."""
    expect_tensor(gradient, tuple(expected.shape), f"the gradient with respect to {what}")
    largest = expected.abs().amax().clamp_min(1e-12)
    name = f"the gradient with respect to {what} (its largest number made 1)"
    expect_close(gradient.double() / largest, expected / largest, name, tolerance=1e-3, hint=hint)
