"""Checks: normals, sphere tracing, the derivative of a hit."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

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
from autograder.checking.given import Given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.rendering.exact_surfaces import surface
from autograder.results import Evidence

# A hit is where the distance falls below epsilon: at a slope of 0.2 that is up to five times as far from the surface.
HIT_TOLERANCE = 6e-4


def sdf_of(case: Case) -> Given:
    """The distance field of a case, as student code gets it."""
    return surface(case.inputs["surface"], case.inputs["parameters"])


def arguments(case: Case, *names: str) -> tuple[Any, ...]:
    """The distance field of a case and the inputs of these names."""
    return (sdf_of(case), *(case.inputs[name] for name in names))


def expect_no_graph(
    student: Student,
    function: str,
    args: tuple[Any, ...],
    wrt: int,
    message: str,
    hint: str,
    entirely: bool = False,
) -> None:
    """The first result must not depend on args[wrt] as far as gradients can tell; `entirely`: on nothing at all."""
    try:
        gradient = student.gradient(function, args, wrt)
    except StudentError as error:
        if "cut off" in error.text:  # what `gradient` says where there is nothing to differentiate
            return
        raise
    if entirely or gradient.any():  # NaN counts
        raise CheckFailed(message, Evidence("no gradient", "a gradient", hint=hint))


def check_normals(student: Student, case: Case, hint: str) -> Tensor:
    """The normals of a case against those of its formula."""
    answer = student.sdf_normals(*arguments(case, "x"))
    what = f"the normals ({case.name})"
    return expect_close(answer, case.truth["normals"], what, tolerance=1e-4, hint=hint)


@checks_exercise("sdf_normals", entrance=True)
def test_normals_of_a_plane(student: Student, cases: Cases) -> None:
    """The normals of a plane: they point outwards, to where the distance grows."""
    hint = "the gradient of the distance points away from the surface already: leave its sign alone"
    check_normals(student, cases.one("sdf_normals", "a plane"), hint)


@checks_exercise("sdf_normals")
def test_normals_are_unit(student: Student, cases: Cases) -> None:
    """Round and wavy surfaces, whose gradients are not of length 1: normals are."""
    hint = "divide each gradient by its own length: F.normalize(gradient, dim=-1)"
    for name in ("a tube", "three points"):
        normals = check_normals(student, cases.one("sdf_normals", name), hint)
        length = normals.double().norm(dim=-1)
        expect_close(length, torch.ones_like(length), "the length of the normals", hint=hint)


@checks_exercise("sdf_normals")
def test_normals_any_batch(student: Student, cases: Cases) -> None:
    """A single point, three points, three by three: each normal is its own point's."""
    hint = "sum the distances before asking for the gradient, and normalise over dim=-1"
    for name in ("one point", "three points", "three by three points"):
        check_normals(student, cases.one("sdf_normals", name), hint)


@checks_exercise("sdf_normals")
def test_normals_without_gradients(student: Student, cases: Cases) -> None:
    """Within torch.no_grad(), as when an image is rendered."""
    hint = "compute inside `with torch.enable_grad():`"
    with torch.no_grad():
        check_normals(student, cases.one("sdf_normals", "three by three points"), hint)


@checks_exercise("sdf_normals")
def test_normals_carry_no_graph(student: Student, cases: Cases) -> None:
    """The result carries no graph: nothing is kept alive for a backward pass."""
    case = cases.one("sdf_normals", "three points")
    message = "the normals still carry a graph, which keeps memory alive."
    hint = "differentiate at x.detach().requires_grad_(), without create_graph"
    expect_no_graph(student, "sdf_normals", arguments(case, "x"), 1, message, hint, entirely=True)


def check_tracing(student: Student, case: Case, hint: str, *options: str) -> tuple[Tensor, Tensor]:
    """Distance and hit of a case against the formula, on the rays that are no close call."""
    names = ("origins", "directions", "far", *options)
    answer = student.sphere_trace(*arguments(case, *names))
    distance, hit = expect_tuple(answer, 2, "sphere_trace (distance, hit)")
    true_hit, judged = case.truth["hit"], case.truth["judged"]
    shape = tuple(true_hit.shape)
    expect_tensor(hit, shape, f"hit ({case.name})", dtype=torch.bool, hint=hint)
    expect_close(torch.where(judged, hit, true_hit), true_hit, f"hit ({case.name})", hint=hint)
    what = f"the distance ({case.name})"
    found = expect_close(
        distance, case.truth["distance"], what, tolerance=HIT_TOLERANCE, where=judged, hint=hint
    )
    return found, hit


@checks_exercise("sphere_trace", entrance=True)
def test_trace_one(student: Student, cases: Cases) -> None:
    """One ray at a plane."""
    hint = "walk: distance += sdf(origin + distance · direction), until the sdf is below epsilon"
    check_tracing(student, cases.one("sphere_trace", "one ray"), hint)


@checks_exercise("sphere_trace")
def test_trace_hits_and_misses(student: Student, cases: Cases) -> None:
    """Planes and capsules: rays that hit, rays that pass, rays that lead away; misses are exactly `far`."""
    hint = "a ray that misses has hit = False and distance = far; stop it when it is past far"
    for name in ("a plane", "out of reach", "a capsule from one eye"):
        case = cases.one("sphere_trace", name)
        distance, hit = check_tracing(student, case, hint)
        missed = ~hit
        far = torch.full_like(distance, case.inputs["far"])
        expect_close(distance, far, f"the distance of misses ({name})", where=missed, hint=hint)


@checks_exercise("sphere_trace")
def test_trace_shapes(student: Student, cases: Cases) -> None:
    """Origins and directions broadcast: one eye and an image of rays, four eyes and five rays, no rays at all."""
    hint = "start with torch.broadcast_tensors(origins, directions)"
    for name in ("a capsule from one eye", "four eyes, five rays"):
        check_tracing(student, cases.one("sphere_trace", name), hint)
    sdf, none = sdf_of(cases.one("sphere_trace", "a plane")), torch.zeros(0, 3)
    answer = expect_tuple(student.sphere_trace(sdf, none, none, 2.0), 2, "sphere_trace")
    for result, what in zip(answer, ("distance", "hit"), strict=True):
        expect_tensor(result, (0,), f"{what} of no rays")


@checks_exercise("sphere_trace")
def test_trace_waves_and_sheets(student: Student, cases: Cases) -> None:
    """Waves, a sheet thinner than any fixed step, and rays that pass along it."""
    hint = "each step is as long as the distance itself: then no surface is skipped, however thin"
    for name in ("waves", "a thin sheet", "along a sheet"):
        check_tracing(student, cases.one("sphere_trace", name), hint)


@checks_exercise("sphere_trace")
def test_trace_steps_and_epsilon(student: Student, cases: Cases) -> None:
    """`steps` bounds the walk, and `epsilon` says how close is close enough."""
    few, many = (cases.one("sphere_trace", f"{n} steps") for n in ("few", "many"))
    hint = "a ray that has not come within epsilon of the surface after `steps` steps is no hit"
    answer = student.sphere_trace(*arguments(few, "origins", "directions", "far", "steps"))
    distance, hit = expect_tuple(answer, 2, "sphere_trace (distance, hit)")
    missed = torch.zeros(3, dtype=torch.bool)
    expect_close(hit, missed, "hit (few steps)", hint=hint)
    far = torch.full((3,), few.inputs["far"])
    expect_close(distance, far, "the distance (few steps)", hint=hint)
    answer = student.sphere_trace(*arguments(many, "origins", "directions", "far", "steps"))
    distance, hit = expect_tuple(answer, 2, "sphere_trace (distance, hit)")
    expect_close(hit, ~missed, "hit (many steps)", hint="take as many steps as `steps` says")
    # At this slope, 0.05, epsilon is twenty times as long along the ray.
    exact = many.truth["distance"]
    expect_close(distance, exact, "the distance (many steps)", tolerance=3e-3, hint=hint)

    wide, usual = (cases.one("sphere_trace", f"{n} epsilon") for n in ("a generous", "the usual"))
    check_tracing(student, usual, "passing close by is no hit unless it is closer than epsilon")
    args = arguments(wide, "origins", "directions", "far", "steps", "epsilon")
    distance, hit = expect_tuple(student.sphere_trace(*args), 2, "sphere_trace (distance, hit)")
    expected = torch.tensor([True, True, False, False])
    hint = "a ray stops where the distance first falls below epsilon, whatever epsilon is"
    expect_close(hit, expected, "hit (epsilon 0.05: rays that pass at 0.02 … 0.15)", hint=hint)
    distance = expect_tensor(distance, (4,), "the distance (a generous epsilon)").double()
    reached = wide.inputs["origins"] + distance[:, None] * wide.inputs["directions"]
    message = "a hit with epsilon = 0.05 is not within 0.05 of the surface."
    expect_true((sdf_of(wide)(reached)[:2] < 0.0501).all(), message, hint)


@checks_exercise("sphere_trace")
def test_trace_from_inside(student: Student, cases: Cases) -> None:
    """A ray that starts inside the surface is an error that says so, among others and alone."""
    case = cases.one("sphere_trace", "from inside")
    sdf, origins, directions = arguments(case, "origins", "directions")
    for rays in ((origins, directions), (origins[0], directions[0])):
        expect_error(
            student.sphere_trace, sdf, *rays, case.inputs["far"],
            naming=("inside", "interior", "within", "negative"), why="a ray that starts inside the surface",
        )  # fmt: skip


@checks_exercise("sphere_trace")
def test_trace_records_no_graph(student: Student, cases: Cases) -> None:
    """No gradients are recorded: hundreds of steps would fill the memory."""
    args = arguments(cases.one("sphere_trace", "one ray"), "origins", "directions", "far")
    message = "sphere_trace records gradients of its steps."
    expect_no_graph(student, "sphere_trace", args, 1, message, "walk within torch.no_grad()")


RAYS = ("params", "origins", "directions", "distance")


def check_derivative(student: Student, case: Case, name: str, hint: str) -> None:
    """The gradient with respect to one argument against that of the formula."""
    args = arguments(case, *RAYS)
    gradient = student.gradient(
        "differentiable_hit", args, 1 + RAYS.index(name), case.truth["cotangent"]
    )
    what = f"the gradient with respect to {name} ({case.name})"
    expect_close(gradient, case.truth[name], what, tolerance=1e-3, hint=hint)


@checks_exercise("differentiable_hit", entrance=True)
def test_derivative_of_a_plane(student: Student, cases: Cases) -> None:
    """How far a ray flies to a plane, when the plane moves."""
    hint = "∂t = −∂f / (∇f · d): the slope along the ray belongs below, with its sign"
    check_derivative(student, cases.one("differentiable_hit", "a plane"), "params", hint)


@checks_exercise("differentiable_hit")
def test_derivative_of_params(student: Student, cases: Cases) -> None:
    """Tubes and capsules: the gradient of the field need not have length 1."""
    hint = "use the gradient of sdf as it is: no unit normal, and nothing added to the slope"
    for name in ("a tube", "a capsule"):
        check_derivative(student, cases.one("differentiable_hit", name), "params", hint)


@checks_exercise("differentiable_hit")
def test_derivative_of_rays(student: Student, cases: Cases) -> None:
    """Gradients flow to origins and directions too."""
    hint = "evaluate sdf(params, origins + t · directions) with origins and directions attached"
    for name in ("origins", "directions"):
        for kind in ("a plane", "a tube", "a capsule"):
            check_derivative(student, cases.one("differentiable_hit", kind), name, hint)


@checks_exercise("differentiable_hit")
def test_same_distances(student: Student, cases: Cases) -> None:
    """The distances stay what they are, for one ray, five, and two by three; no gradient flows to them."""
    for name in ("a plane", "one ray", "a tube"):
        case = cases.one("differentiable_hit", name)
        args = arguments(case, *RAYS)
        answer = student.differentiable_hit(*args)
        what = f"the distances ({name})"
        hint = "add a term whose value is 0 and whose derivative is not: value − value.detach()"
        expect_close(answer, case.inputs["distance"], what, tolerance=1e-4, hint=hint)
        message = "a gradient flows to `distance`, which was found by a search, not by a formula."
        expect_no_graph(student, "differentiable_hit", args, 4, message, "distance.detach()")


@checks_exercise("differentiable_hit")
def test_grazing_rays(student: Student, cases: Cases) -> None:
    """Rays that graze: a slope below 1e-3 counts as 1e-3 and keeps its sign, so gradients stay finite."""
    args = arguments(cases.one("differentiable_hit", "grazing rays"), *RAYS)
    hint = "keep |∇sdf · d| away from 0: 1e-3 at least, with the sign it has"
    expected = torch.tensor([-1000.0, 1000.0, torch.nan, 2.0], dtype=torch.float64)
    for ray in range(4):
        cotangent = torch.nn.functional.one_hot(torch.tensor(ray), 4).double()
        gradient = student.gradient("differentiable_hit", args, 1, cotangent)
        gradient = expect_tensor(gradient, (4,), "the gradient with respect to params")
        finite = gradient.isfinite().all()
        expect_true(finite, "the gradient of a grazing ray is NaN or infinite.", hint)
        if expected[ray].isfinite():  # at a slope of exactly 0 either sign will do
            # params[3] is the plane's offset: moved up by 1, it is met 1 / slope later.
            what = f"the change of distance (slope {args[3][ray, 2]:g})"
            expect_close(gradient[3], expected[ray], what, tolerance=1e-3, hint=hint)
