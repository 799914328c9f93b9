"""Checks: Algorithm 1, with a scene and a marcher that are known, against rays that are computed one by one."""

from __future__ import annotations

from functools import partial

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_tuple
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.auto_decoding.rays import marched
from course_lib.given.marching import walked, waves_at

MARCHING = "course_lib.given.marching:"
ALGORITHM = (
    "each step: the scene's features at the points reached so far, then the marcher with them and with the memory "
    "that it returned last; what it says is added to the depth"
)


def scene_and_marcher(case: Case) -> tuple[Given, Given]:
    """What to march with. Each call of a student's function gets a marcher that was never called before."""
    size, objects = case.truth["features"], len(case.inputs["uv"])
    return (
        given(MARCHING + "waves_at", case.truth["scene"], objects=objects, features=size),
        given(MARCHING + "walked", case.truth["marcher"], size=size, meter={}),
    )


def marches(
    student: Student,
    case: Case,
    hint: str = ALGORITHM,
    steps: int | None = None,
    start: float | None = None,
) -> None:
    """Depth after depth of a case, then the points reached. Steps and start that are None are not told."""
    uv, K, poses = case.inputs.values()
    functions = scene_and_marcher(case)
    told = [option for option in (steps, start) if option is not None]
    answer = student.find_intersection(*functions, uv, K, poses, *told)
    points, depths = expect_tuple(answer, 2, "find_intersection")
    scene, marcher = (function.resolve() for function in functions)
    steps, start = 10 if steps is None else steps, 0.05 if start is None else start
    expected, right_depths = marched(scene, marcher, uv, K, poses, steps, start)
    expect_tensor(depths, tuple(right_depths.shape), "all depths", hint=hint)
    for number, (depth, right) in enumerate(zip(depths, right_depths, strict=True)):
        what = f"depths[{number}] ({case.name})"  # the first that is off tells most
        expect_close(depth, right, what, tolerance=2e-4, hint=hint)
    what = f"the points ({case.name})"
    expect_close(points, expected, what, tolerance=5e-4, hint=hint)


@checks_exercise("find_intersection", entrance=True)
def test_one_step(student: Student, cases: Cases) -> None:
    """One object and a single step from the usual start: two depths, and the points at the second."""
    marches(student, cases.one("find_intersection", "one object"), steps=1)


@checks_exercise("find_intersection")
def test_many_steps(student: Student, cases: Cases) -> None:
    """Two steps and ten, which is the default: the memory goes from one to the next."""
    case = cases.one("find_intersection", "one object")
    marches(student, case, steps=2)
    marches(student, case)


@checks_exercise("find_intersection")
def test_objects_and_cameras(student: Student, cases: Cases) -> None:
    """Several objects, each with its own camera and K; as many rays as objects; a single ray."""
    hint = "K and world_from_camera are `b 3 3` and `b 4 4`, uv is `b p 2`: they need a dimension for the rays"
    for name in ("three objects", "three rays of three objects", "one ray"):
        marches(student, cases.one("find_intersection", name), hint)


@checks_exercise("find_intersection")
def test_start(student: Student, cases: Cases) -> None:
    """Any start, also behind the camera; with no step the points are there, and there is one depth."""
    case = cases.one("find_intersection", "three objects")
    hint = "depths[0] is the start of every ray; each step is added to the depth before it"
    for steps, start in ((0, 0.7), (3, 1.4), (2, -0.5), (0, None)):
        marches(student, case, hint, steps, start)


@checks_exercise("find_intersection")
def test_marching_learns(student: Student, cases: Cases) -> None:
    """Gradients of points and depths reach the scene and the marcher through all the steps."""
    case = cases.one("find_intersection", "three objects")
    functions = scene_and_marcher(case)
    strengths = [f.args[0].double().requires_grad_() for f in functions]
    # Not by Given.resolve, which copies what it is filled with: the gradient is to reach these two.
    scene = partial(waves_at, strengths[0], **functions[0].kwargs)
    marcher = partial(walked, strengths[1], **{**functions[1].kwargs, "meter": {}})
    uv, K, poses = case.inputs.values()
    cotangents, expected = exact_gradients(
        lambda: marched(scene, marcher, uv, K, poses, steps=5, start=0.05), strengths
    )
    hint = "no .detach(), no torch.no_grad() and no work in place: every step depends on those before it"
    marches(student, case, steps=5)
    for place, name in enumerate(("the scene", "the marcher")):
        answer = student.gradient(
            "find_intersection", (*functions, uv, K, poses, 5), place, cotangents
        )
        what = f"the gradient with respect to the strength of {name}"
        expect_close(answer, expected[place], what, tolerance=1e-3, hint=hint)
