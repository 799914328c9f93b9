"""Checks: rendering in chunks, with a renderer that complains when a chunk would not bound the memory."""

from __future__ import annotations

import math

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tuple
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from course_lib.given.renderers import ripples


def renderer(case: Case) -> Given:
    """The renderer to hand over, with its one parameter and a meter for the rays of this case."""
    batch = _batch(case)
    meter = {"rays": math.prod(batch), "chunk": case.inputs["chunk"]}
    return given("course_lib.given.renderers:metered", case.truth["strength"], meter=meter)


def results_of(student: Student, case: Case, hint: str) -> None:
    """All three results of a case, compared with rendering all rays at once."""
    found = student.render_chunked(renderer(case), *case.inputs.values())
    found = expect_tuple(found, 3, "render_chunked, for a renderer of three results,")
    batch = _batch(case)
    flat = [case.inputs[name].expand(*batch, 3) for name in ("origins", "directions")]
    strength = case.truth["strength"].double()
    expected = ripples(strength, *(x.reshape(-1, 3).double() for x in flat))
    for index, (result, wanted) in enumerate(zip(found, expected, strict=True)):
        what = f"result {index} ({case.name})"
        expect_close(result, wanted.reshape(batch + wanted.shape[1:]), what, hint=hint)


@checks_exercise("render_chunked", entrance=True)
def test_remainder(student: Student, cases: Cases) -> None:
    """Eleven rays, four at a time: three results for all of them, in order."""
    hint = "the last chunk may be smaller than the others: .split(chunk) takes care of it"
    results_of(student, cases.one("render_chunked", "eleven rays by four"), hint)
    results_of(student, cases.one("render_chunked", "twelve rays by four"), hint)


@checks_exercise("render_chunked")
def test_batch_shapes(student: Student, cases: Cases) -> None:
    """Images of rays come back as images, also when a result is a number or a matrix per ray."""
    hint = (
        "flatten to (r, 3), render, and reshape each result to (*batch, *its own last dimensions)"
    )
    for name in ("an image", "a stack of images", "one ray"):
        results_of(student, cases.one("render_chunked", name), hint)


@checks_exercise("render_chunked")
def test_broadcasting(student: Student, cases: Cases) -> None:
    """One origin for all rays of a camera, or one direction for many origins."""
    hint = "torch.broadcast_tensors(origins, directions) first"
    for name in ("one origin for all", "an origin for each row", "one direction for all"):
        results_of(student, cases.one("render_chunked", name), hint)


@checks_exercise("render_chunked")
def test_chunk_sizes(student: Student, cases: Cases) -> None:
    """Chunks of a single ray, and chunks larger than all rays together."""
    for name in ("one at a time", "all at once"):
        results_of(
            student, cases.one("render_chunked", name), "never more than `chunk` rays at a time"
        )


@checks_exercise("render_chunked")
def test_chunked_gradients(student: Student, cases: Cases) -> None:
    """Gradients to the rays are those of rendering at once, and every chunk is rendered again on the way back."""
    for name in ("an image", "one origin for all"):
        _compare_gradients(student, cases.one("render_chunked", name), ("origins", "directions"))


@checks_exercise("render_chunked")
def test_gradients_of_the_renderer(student: Student, cases: Cases) -> None:
    """The renderer learns: gradients reach its own parameters, also where no ray asks for any."""
    _compare_gradients(student, cases.one("render_chunked", "an image"), ("strength",))


def _compare_gradients(student: Student, case: Case, names: tuple[str, ...]) -> None:
    """Gradients of every result, against automatic differentiation in float64 of all rays at once."""
    hint = "torch.utils.checkpoint.checkpoint(render, o, d, use_reentrant=False), for each chunk"
    batch = _batch(case)
    inputs = {**case.truth, **case.inputs}  # strength, origins, directions, chunk
    leaves = [inputs[k].double().requires_grad_() for k in ("strength", "origins", "directions")]
    with torch.enable_grad():
        flat = [leaf.expand(*batch, 3).reshape(-1, 3) for leaf in leaves[1:]]
        results = [x.reshape(batch + x.shape[1:]) for x in ripples(leaves[0], *flat)]
    args = (renderer(case), *case.inputs.values())
    for result, output in enumerate(results):
        wave = torch.cos(1.3 * torch.arange(output.numel())).reshape(output.shape)
        expected = torch.autograd.grad((output * wave).sum(), leaves, retain_graph=True)
        for wrt, name in enumerate(("strength", "origins", "directions")):
            if name in names:
                gradient = student.gradient("render_chunked", args, wrt, wave, result)
                whose = "the renderer's parameter" if name == "strength" else f"the {name}"
                what = f"the gradient of result {result} with respect to {whose} ({case.name})"
                expect_close(gradient, expected[wrt], what, tolerance=1e-4, hint=hint)


def _batch(case: Case) -> tuple[int, ...]:
    origins, directions = case.inputs["origins"], case.inputs["directions"]
    rays, _ = torch.broadcast_tensors(origins, directions)  # type: ignore[no-untyped-call]
    return tuple(rays.shape[:-1])
