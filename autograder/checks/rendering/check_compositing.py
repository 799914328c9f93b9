"""Checks: compositing, against loops over samples and against what must hold for any fog."""

from __future__ import annotations

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_true, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.rendering.light import composited

Results = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
RESULTS = ("value", "weights", "transmittance")


def composite(student: Student, *inputs: torch.Tensor | None) -> Results:
    """The student's three results, which must be three."""
    what = "composite (value, weights, transmittance)"
    value, weights, transmittance = expect_tuple(student.composite(*inputs), 3, what)
    return value, weights, transmittance


def results_of(student: Student, case: Case, hint: str = "") -> Results:
    """The results of a case, compared with the reference and with a loop over its samples."""
    found = composite(student, *case.inputs.values())
    advice = {
        "value": hint or "the value is Σ w values, plus T_n background",
        "weights": "wᵢ = Tᵢ αᵢ: what sample i absorbs of the light that reaches it",
        "transmittance": "T₀ = 1 and Tᵢ = Πⱼ<ᵢ (1 − αⱼ), the sample itself not included; n + 1 numbers",
    }
    loop = composited(**case.inputs)
    for name in reversed(RESULTS):  # what is wrong with T is wrong with all
        index = RESULTS.index(name)
        for expected in (case.expected[index], loop[index]):
            what = f"the {name} ({case.name})"
            expect_close(found[index], expected, what, hint=advice[name])
    return found


@checks_exercise("composite", entrance=True)
def test_three_samples(student: Student, cases: Cases) -> None:
    """Three samples without a background: value, weights and transmittance."""
    results_of(student, cases.one("composite", "three samples"))


@checks_exercise("composite")
def test_background(student: Student, cases: Cases) -> None:
    """The background shines through with what is left of the light; it may be one for all rays."""
    hint = (
        "the background counts with T_n, the light that leaves at the end, not with Σ w or with 1"
    )
    for name in ("a background for each ray", "one background for all", "one channel"):
        results_of(student, cases.one("composite", name), hint)


@checks_exercise("composite")
def test_any_number(student: Student, cases: Cases) -> None:
    """One sample or two hundred, any batch shape, any number of channels; Σ w + T_n = 1."""
    for name in ("one sample", "seven channels", "a long ray", "a dense ray"):
        _, weights, transmittance = results_of(student, cases.one("composite", name))
        whole = weights.double().sum(-1) + transmittance[..., -1].double()
        hint = "light is either absorbed or leaves: never normalise the weights"
        expect_close(whole, torch.ones_like(whole), "Σ w + T_n", tolerance=1e-5, hint=hint)


@checks_exercise("composite")
def test_slab(student: Student, cases: Cases) -> None:
    """A slab of even fog looks the same however it is cut: its value is (1 − exp(−σL)) · colour."""
    hint = "count every interval once, the first and the last too"
    for pieces in (1, 7, 60):
        slab = cases.one("composite", f"a slab in {pieces} uneven pieces").truth
        sigma, delta, color = slab["sigma"], slab["delta"].double(), slab["color"]
        expected = (1 - torch.exp(-sigma * delta.sum())) * color.double()
        halves = torch.stack([delta * 0.3, delta * 0.7], -1).flatten()  # each interval, cut in two
        for cut in (delta, halves):
            alpha = -torch.expm1(-sigma * cut).float()
            value, *_ = composite(student, alpha, color.expand(len(cut), 3), None)
            what = f"the value of a slab in {len(cut)} pieces"
            expect_close(value, expected, what, tolerance=1e-5, hint=hint)


@checks_exercise("composite")
def test_opaque_samples(student: Student, cases: Cases) -> None:
    """Nothing shines through an opaque sample, and gradients stay finite and right."""
    hint = "log(1 − α) is −∞ for α = 1, and a division by 1 − α is NaN: multiply instead (torch.cumprod)"
    for name in ("opaque samples", "nothing and everything"):
        case = cases.one("composite", name)
        _, weights, _ = results_of(student, case)
        hidden = (case.inputs["alpha"] == 1).long().cumsum(-1).roll(1, -1)
        hidden[..., 0] = 0
        expect_true(
            (weights[hidden > 0].abs() < 1e-6).all(), "light passes an opaque sample.", hint
        )
        _compare_gradients(student, case, hint, ("alpha", "values"))


@checks_exercise("composite")
def test_gradients(student: Student, cases: Cases) -> None:
    """Gradients of value, weights and transmittance with respect to opacities, values and background."""
    hint = "compute all three results from alpha and values, without .detach() or work in place"
    for name in ("a background for each ray", "one sample"):
        _compare_gradients(student, cases.one("composite", name), hint)


def _compare_gradients(
    student: Student,
    case: Case,
    hint: str,
    names: tuple[str, ...] = ("alpha", "values", "background"),
) -> None:
    """Every derivative that exists, against automatic differentiation of the loop in float64."""
    inputs = tuple(case.inputs.values())
    leaves = [x.double().requires_grad_() for x in inputs]
    with torch.enable_grad():
        results = composited(*leaves)
    for result, output in enumerate(results):
        wave = torch.cos(1.3 * torch.arange(output.numel())).reshape(output.shape)
        total = (output * wave).sum()
        found = torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True)
        for index, name in enumerate(case.inputs):
            if name not in names or found[index] is None:
                continue
            gradient = student.gradient("composite", inputs, index, wave, result)
            what = f"the gradient of {RESULTS[result]} with respect to {name} ({case.name})"
            expect_close(gradient, found[index], what, tolerance=1e-4, hint=hint)
