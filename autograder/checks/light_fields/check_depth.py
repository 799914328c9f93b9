"""Checks: distances from the derivatives of a light field, against a wall's and against differences in float64."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true
from autograder.checking.given import given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.light_fields.named_lines import lines_of
from course_lib.given.light_fields import textured_plane, waves

FIELDS = "course_lib.given.light_fields:"
FORMULA = (
    "c(s, t) is the colour of the line through o + s e and o + d + t e; with u = ∂c/∂t and v = ∂c/∂s + ∂c/∂t, "
    "λ = Σ u v / Σ v v, both sums over channels and directions e. Derivatives are autograd's: differences lose too "
    "many digits in float32"
)
STEP = 1e-5  # of the differences: float64 leaves ten digits

Field = Callable[[Tensor], Tensor]


def sums(
    field: Field, origins: Tensor, directions: Tensor, across: Tensor
) -> tuple[Tensor, Tensor]:
    """Σ u v and Σ v v `p` of the least squares: derivatives are central differences in float64."""
    o, d = origins.double(), directions.double()

    def color(s: float, t: float, e: Tensor) -> Tensor:
        return field(lines_of(o + s * e, d + (t - s) * e))

    upper = lower = torch.zeros(len(o), dtype=torch.float64)
    for e in across.double():
        by_s = (color(STEP, 0, e) - color(-STEP, 0, e)) / (2 * STEP)
        by_t = (color(0, STEP, e) - color(0, -STEP, e)) / (2 * STEP)
        upper = upper + (by_t * (by_s + by_t)).sum(-1)
        lower = lower + (by_s + by_t).square().sum(-1)
    return upper, lower


def distances_of(case: Case) -> Tensor:
    """How far along each ray the plane of a case lies, in closed form."""
    normal, offset = case.truth["normal"].double(), case.truth["offset"]
    o, d = case.inputs["origins"].double(), case.inputs["directions"].double()
    distances: Tensor = (offset - o @ normal) / (d @ normal)
    return distances


def finds_the_wall(student: Student, case: Case, hint: str, tolerance: float = 2e-3) -> None:
    """The distances of a case: along each ray to the wall."""
    field = given(FIELDS + "textured_plane", **case.truth)
    answer = student.depth_from_light_field(field, *case.inputs.values())
    what = f"the distances ({case.name})"
    expect_close(answer, distances_of(case), what, tolerance=tolerance, hint=hint)


def expect_nan(answer: Tensor, empty: Tensor, what: str, hint: str) -> None:
    """NaN for these rays, and for no other."""
    seen = expect_tensor(answer, tuple(empty.shape), what, hint=hint)
    missing = int((empty & ~seen.isnan()).sum())
    expect_true(not missing, f"{what}: {missing} rays without texture should get NaN.", hint)
    lost = int((~empty & seen.isnan()).sum())
    expect_true(not lost, f"{what}: {lost} rays with texture enough got NaN.", hint)


@checks_exercise("depth_from_light_field", entrance=True)
def test_wall(student: Student, cases: Cases) -> None:
    """A wall with a texture: five rays, two directions across."""
    finds_the_wall(student, cases.one("depth_from_light_field", "a wall"), FORMULA)


@checks_exercise("depth_from_light_field")
def test_near_and_far(student: Student, cases: Cases) -> None:
    """Walls nearby, far away and behind the origins, where λ is negative. In float64, too."""
    hint = "the second point is o + d + t e, one unit of length on: λ is a distance, of either sign"
    for name in ("near", "far away", "a wall behind"):
        finds_the_wall(student, cases.one("depth_from_light_field", name), hint, 5e-3)
    hint = "compute in the dtype that comes in, with derivatives of autograd, not with differences"
    finds_the_wall(student, cases.one("depth_from_light_field", "in float64"), hint, 1e-6)


@checks_exercise("depth_from_light_field")
def test_directions_across(student: Student, cases: Cases) -> None:
    """One direction across, three, and as many rays as directions: a number for each ray, one ray included."""
    hint = (
        "loop over the directions; sums over channels and over directions, none over rays; derivatives by "
        "torch.func.jvp or autograd, since differences lose too many digits in float32"
    )
    for name in (
        "one direction across",
        "three directions across",
        "three of everything",
        "one ray",
    ):
        finds_the_wall(student, cases.one("depth_from_light_field", name), hint)


@checks_exercise("depth_from_light_field")
def test_least_squares(student: Student, cases: Cases) -> None:
    """A light field that no surface explains: channels and directions disagree, and least squares settles it."""
    for name in ("one direction across", "a wall", "three directions across"):
        case = cases.one("depth_from_light_field", name)
        answer = student.depth_from_light_field(given(FIELDS + "waves"), *case.inputs.values())
        upper, lower = sums(waves, *case.inputs.values())
        what = f"the distances in a light field of waves ({name})"
        expect_close(answer, upper / lower, what, tolerance=5e-3, where=lower > 0.05, hint=FORMULA)


@checks_exercise("depth_from_light_field")
def test_along_the_ray(student: Student, cases: Cases) -> None:
    """A direction that is parallel to a ray says nothing about it: another one decides, and without one it is NaN."""
    hint = "such an e moves the ray within its line: its derivatives are 0, and add nothing to either sum"
    case = cases.one("depth_from_light_field", "along a ray")
    finds_the_wall(student, case, hint)
    origins, directions, across = case.inputs.values()
    field = given(FIELDS + "textured_plane", **case.truth)
    answer = student.depth_from_light_field(field, origins[:1], directions[:1], across[1:])
    blind = torch.ones(1, dtype=torch.bool)
    expect_nan(answer, blind, "the distance of a ray where the only e is parallel to it", hint)


@checks_exercise("depth_from_light_field")
def test_without_texture(student: Student, cases: Cases) -> None:
    """Where a wall is bare there is no distance: NaN for these rays only, and distances for the others."""
    hint = "torch.where(Σ v v < least², nan, Σ u v / Σ v v), ray by ray: 0/0 may not hit the others"
    case = cases.one("depth_from_light_field", "many rays")
    distances = distances_of(case)
    met = case.inputs["origins"].double() + distances[:, None] * case.inputs["directions"].double()
    heights = met[:, 2].sort().values
    widest = int((heights[1:] - heights[:-1])[6:-6].argmax()) + 6
    edge = float((heights[widest] + heights[widest + 1]) / 2)
    empty = met[:, 2] < edge
    field = given(FIELDS + "textured_plane", **case.truth, bare_below=edge)
    answer = student.depth_from_light_field(field, *case.inputs.values())
    what = "the distances to a wall of which a part is bare"
    expect_nan(answer, empty, what, hint)
    expect_close(answer, distances, what, tolerance=2e-3, where=~empty, hint=hint)
    field = given(FIELDS + "textured_plane", **case.truth, strength=0.0)
    nothing = student.depth_from_light_field(field, *case.inputs.values())
    expect_nan(nothing, torch.ones_like(empty), "the distances to a bare wall", hint)


@checks_exercise("depth_from_light_field")
def test_least(student: Student, cases: Cases) -> None:
    """The limit is `least`², on the sum over channels and directions; 1e-3 if nobody says it."""
    hint = "compare Σ v v, over all channels and directions, with least**2; v = ∂c/∂s + ∂c/∂t"
    case = cases.one("depth_from_light_field", "many rays")
    plane = partial(textured_plane, **case.truth)
    lower = sums(plane, *case.inputs.values())[1]
    ranks = lower.sort().values
    gap = int((ranks[1:] / ranks[:-1])[6:-6].argmax()) + 6
    limit = float((ranks[gap] * ranks[gap + 1]) ** 0.25)
    field = given(FIELDS + "textured_plane", **case.truth)
    answer = student.depth_from_light_field(field, *case.inputs.values(), limit)
    expect_nan(answer, lower < limit**2, f"the distances with least = {limit:.4g}", hint)
    for strength, empty in ((3e-5, True), (0.03, False)):
        field = given(FIELDS + "textured_plane", **case.truth, strength=strength)
        answer = student.depth_from_light_field(field, *case.inputs.values())
        what = f"the distances with a texture of strength {strength:g}"
        expect_nan(answer, torch.full_like(lower, empty, dtype=torch.bool), what, hint)
