"""Checks: where to look along rays, evenly and where it matters."""

from __future__ import annotations

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.errors import StudentError
from autograder.checking.expect import (
    CheckFailed,
    expect_close,
    expect_error,
    expect_tensor,
    expect_true,
    expect_tuple,
)
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.camera_geometry.check_frames import matches
from autograder.checks.rendering.light import share_up_to
from autograder.results import Evidence


def samples_of(student: Student, case: Case, hint: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Samples and edges of a case, compared with the reference."""
    answer = student.stratified_samples(*case.inputs.values())
    samples, edges = expect_tuple(answer, 2, "stratified_samples (samples, edges)")
    expect_close(edges, case.expected[1], f"the edges ({case.name})", hint=hint)
    expect_close(samples, case.expected[0], f"the samples ({case.name})", hint=hint)
    return samples, edges


@checks_exercise("stratified_samples", entrance=True)
def test_middles(student: Student, cases: Cases) -> None:
    """One ray without jitter: samples in the middle of equal bins, from near to far."""
    hint = "n bins have n + 1 edges, near and far among them; a sample is the mean of two edges"
    samples_of(student, cases.one("stratified_samples", "one ray"), hint)


@checks_exercise("stratified_samples")
def test_near_and_far_broadcast(student: Student, cases: Cases) -> None:
    """Rays of different near and far, which broadcast; a single sample."""
    hint = (
        "near and far have one value per ray: give them a last dimension before you scale the bins"
    )
    for name in ("six rays", "one sample", "near (4, 1), length (3)", "one far for all"):
        samples_of(student, cases.one("stratified_samples", name), hint)


@checks_exercise("stratified_samples")
def test_jitter(student: Student, cases: Cases) -> None:
    """With jitter each sample lies at that share of its own bin."""
    hint = "start of the bin + jitter · width of the bin, another jitter for every bin"
    for name in ("jitter, one ray", "jitter for every ray", "one jitter for all rays"):
        case = cases.one("stratified_samples", name)
        samples, edges = samples_of(student, case, hint)
        inside = (edges[..., :-1] <= samples) & (samples <= edges[..., 1:])
        expect_true(inside.all(), "a sample lies outside its bin.", hint)


@checks_exercise("stratified_samples")
def test_jitter_of_many_rays(student: Student, cases: Cases) -> None:
    """One near and one far with jitter for many rays: samples and edges of all of them."""
    hint = "the batch shape is that of near, far and jitter together (without its last dimension)"
    case = cases.one("stratified_samples", "many rays between the same two")
    samples_of(student, case, hint)


@checks_exercise("stratified_samples")
def test_near_before_far(student: Student, cases: Cases) -> None:
    """A near that is not smaller than far is a ValueError that names it, if only for one ray."""
    near, far, count, _ = cases.one("stratified_samples", "six rays").inputs.values()
    swapped, equal = near.clone(), near.clone()
    swapped[4], equal[2] = far[4] + 0.5, far[2]
    for wrong, why in [
        (far + 1, "near beyond far"),
        (swapped, "one ray whose near lies beyond its far"),
        (equal, "one ray whose near is its far"),
    ]:
        call = student.stratified_samples
        expect_error(call, wrong, far, count, naming=("near", "far"), why=why)


@checks_exercise("importance_samples", entrance=True)
def test_inversion(student: Student, cases: Cases) -> None:
    """One ray: (i + 1/2) / count of the weight lies before sample i."""
    hint = (
        "cumulate the weights, divided by their sum; find the bin in which the cumulated share "
        "passes u; go on linearly inside it"
    )
    case = cases.one("importance_samples", "one ray")
    answer = matches(student, case, "the samples", hint)
    before = share_up_to(answer, case.inputs["edges"], case.inputs["weights"])
    expected = (torch.arange(7) + 0.5) / 7
    expect_close(before, expected, "the share of the weight before each sample", hint=hint)


@checks_exercise("importance_samples")
def test_rays_and_shares(student: Student, cases: Cases) -> None:
    """Rays in any batch shape, with shares that are given, in any order."""
    hint = "every ray has its own edges and weights: gather along the last dimension"
    for name in ("five rays", "given shares", "a grid of rays", "one bin"):
        case = cases.one("importance_samples", name)
        answer = matches(student, case, "the samples", hint)
        if case.inputs["u"] is not None:
            before = share_up_to(answer, case.inputs["edges"], case.inputs["weights"])
            what = f"the share of the weight before each sample ({name})"
            expect_close(before, case.inputs["u"], what, tolerance=1e-4, hint=hint)


@checks_exercise("importance_samples")
def test_histogram(student: Student, cases: Cases) -> None:
    """A thousand samples are spread over the bins as the weights are."""
    case = cases.one("importance_samples", "many samples")
    edges, weights, count, _ = case.inputs.values()
    samples = student.importance_samples(*case.inputs.values())
    samples = expect_tensor(samples, (2, count), "the samples").contiguous()
    expected = weights / weights.sum(-1, keepdim=True)
    found = torch.stack(
        [
            ((edges[:, i, None] <= samples) & (samples < edges[:, i + 1, None])).double().mean(-1)
            for i in range(weights.shape[-1])
        ],
        -1,
    )
    hint = "weights[i] belongs to the bin between edges[i] and edges[i + 1]"
    what = "the share of samples in each bin"
    expect_close(found, expected, what, tolerance=2.5 / count, hint=hint)


@checks_exercise("importance_samples")
def test_empty_bins(student: Student, cases: Cases) -> None:
    """No sample falls into a bin without weight."""
    case = cases.one("importance_samples", "empty bins")
    edges, weights, _, u = case.inputs.values()
    samples = student.importance_samples(*case.inputs.values())
    samples = expect_tensor(samples, tuple(u.shape), "the samples")
    hint = "weights are used as they are: adding a small number sends samples into empty space"
    for i in range(weights.shape[-1]):
        margin = 1e-3 * (edges[:, i + 1] - edges[:, i])[:, None]
        inside = (samples > edges[:, i, None] + margin) & (samples < edges[:, i + 1, None] - margin)
        wrong = inside & (weights[:, i, None] == 0)
        expect_true(not wrong.any(), f"samples lie in bin {i}, whose weight is 0.", hint)
    before = share_up_to(samples, edges, weights)
    expect_close(before, u, "the share of the weight before each sample", tolerance=1e-4, hint=hint)


@checks_exercise("importance_samples")
def test_weights_of_any_size(student: Student, cases: Cases) -> None:
    """Only the ratio of weights counts, however faint a ray; rays without any weight are sampled evenly."""
    hint = "divide by the sum of the weights as it is; where that is 0, use the same weight for all bins"
    for name in (
        "faint rays",
        "no weight at all",
        "no weight, no shares",
        "one ray of two is empty",
    ):
        matches(student, cases.one("importance_samples", name), "the samples", hint)


@checks_exercise("importance_samples")
def test_no_gradients(student: Student, cases: Cases) -> None:
    """The samples carry no graph: no gradient flows back to the weights or the edges."""
    inputs = tuple(cases.one("importance_samples", "given shares").inputs.values())
    hint = "weights.detach(), edges.detach(), or compute under torch.no_grad()"
    for index, name in enumerate(("edges", "weights")):
        try:
            gradient = student.gradient("importance_samples", inputs, index)
        except StudentError as error:
            if "cut off from its input" in error.text:
                continue
            raise
        if (gradient != 0).any():
            message = f"a gradient flows from the samples to the {name}."
            raise CheckFailed(message, Evidence("no gradient", "a gradient", hint=hint))
