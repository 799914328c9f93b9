"""Checks: opacity, the depth of what a ray sees, and the density of a surface."""

from __future__ import annotations

import math

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.camera_geometry.check_frames import matches
from autograder.checks.rendering.light import mean_distance


@checks_exercise("alpha_from_density", entrance=True)
def test_absorbed_light(student: Student, cases: Cases) -> None:
    """Five intervals: the share of light that each absorbs."""
    hint = "what passes is exp(−σδ); what is absorbed is the rest"
    case = cases.one("alpha_from_density", "five intervals")
    matches(student, case, "alpha", hint)


@checks_exercise("alpha_from_density")
def test_alpha_broadcasts(student: Student, cases: Cases) -> None:
    """Densities and lengths of any batch shape, which broadcast."""
    for name in ("one interval", "rays of the same intervals", "one density per ray"):
        matches(student, cases.one("alpha_from_density", name), "alpha")


@checks_exercise("alpha_from_density")
def test_thin_fog(student: Student, cases: Cases) -> None:
    """Thin fog: right to the last digits, not only close to zero."""
    case = cases.one("alpha_from_density", "thin fog")
    sigma, delta = case.inputs.values()
    exact = [-math.expm1(-s * d) for s, d in zip(sigma.tolist(), delta.tolist(), strict=True)]
    alpha = expect_tensor(student.alpha_from_density(sigma, delta), (9,), "alpha").double()
    hint = "float32 knows nothing between 1 and 1 − 6e-8: torch.expm1(x) is exp(x) − 1 without that loss"
    relative = alpha / torch.tensor(exact, dtype=torch.float64)
    what = "alpha of thin fog, as a multiple of what it should be"
    expect_close(relative, torch.ones(9), what, tolerance=1e-5, hint=hint)


@checks_exercise("alpha_from_density")
def test_walls(student: Student, cases: Cases) -> None:
    """Empty space absorbs nothing, infinite density everything."""
    case = cases.one("alpha_from_density", "empty space and walls")
    alpha = matches(student, case, "alpha", "never divide by σ, and never subtract infinities")
    ends = torch.tensor([0.0, 1.0])
    expect_close(alpha[[0, 5]], ends, "alpha of σ = 0 and of σ = ∞", tolerance=1e-7)


@checks_exercise("alpha_from_density")
def test_slope_of_alpha(student: Student, cases: Cases) -> None:
    """The slope is δ exp(−σδ): δ in empty space, 0 in a wall, never NaN."""
    hint = "no clamp, no where, no detach: expm1 is differentiable everywhere"
    sigma, delta = cases.one("alpha_from_density", "five intervals").inputs.values()
    sigma = torch.cat([sigma, torch.tensor([0.0, 1e4, 1e30])])
    delta = torch.cat([delta, torch.tensor([0.2, 0.5, 0.5])])
    passes = torch.exp(-sigma.double() * delta)
    for index, expected in enumerate((delta * passes, sigma * passes)):
        gradient = student.gradient("alpha_from_density", (sigma, delta), index)
        what = f"the gradient with respect to {('sigma', 'delta')[index]}"
        expect_close(gradient, expected, what, hint=hint)


def depths(student: Student, case: Case, hint: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Distance and depth of a case, compared with the reference."""
    answer = student.expected_depth(*case.inputs.values())
    distance, depth = expect_tuple(answer, 2, "expected_depth (distance, depth)")
    expect_close(distance, case.expected[0], f"the distance ({case.name})", hint=hint)
    hint = "depth is z: the distance along the unit ray times the cosine"
    expect_close(depth, case.expected[1], f"the depth ({case.name})", hint=hint)
    return distance, depth


@checks_exercise("expected_depth", entrance=True)
def test_opaque_rays(student: Student, cases: Cases) -> None:
    """Rays whose weights sum to 1: the mean distance first, then the depth."""
    depths(student, cases.one("expected_depth", "opaque rays"), "the weighted mean, Σ w t")


@checks_exercise("expected_depth")
def test_transparent_rays(student: Student, cases: Cases) -> None:
    """Rays that something passes: the weighted mean divides by Σ w, also in batches."""
    hint = "divide by the sum of the weights; they sum to less than 1 where light passes"
    for name in ("half transparent rays", "one ray", "a grid of rays", "one sample"):
        case = cases.one("expected_depth", name)
        distance, _ = depths(student, case, hint)
        weights, distances, _ = case.inputs.values()
        expected = mean_distance(weights, distances)
        expect_close(distance, expected, f"the distance ({name})", hint=hint)


@checks_exercise("expected_depth")
def test_faint_rays(student: Student, cases: Cases) -> None:
    """Rays that see very little: the mean is exact down to Σ w = 1e-6."""
    hint = "nothing is added to the sum: it is at least 1e-6 where it divides"
    depths(student, cases.one("expected_depth", "faint rays"), hint)


@checks_exercise("expected_depth")
def test_empty_rays(student: Student, cases: Cases) -> None:
    """Rays that see nothing: both results are ∞ there, and the other rays keep theirs."""
    hint = "torch.where(total >= 1e-6, mean, math.inf), for the distance and for the depth"
    depths(student, cases.one("expected_depth", "rays that see nothing"), hint)


@checks_exercise("expected_depth")
def test_slope_of_depth(student: Student, cases: Cases) -> None:
    """Gradients of distance and depth: right where something is seen, 0 and not NaN where nothing is."""
    inputs = tuple(cases.one("expected_depth", "rays that see nothing").inputs.values())
    seen = torch.tensor([True, False, True, False, False])
    hint = (
        "0/0 in the branch that torch.where does not take still makes NaN on the way back: "
        "divide by torch.where(seen, total, 1.0), and put the ∞ in last: ∞ · cosine has an infinite slope"
    )
    cotangent = torch.tensor([1.0, 0.7, -0.5, 0.3, 0.9])
    for index, name in enumerate(("weights", "distances", "cosine")):
        leaves = [x[seen].double().requires_grad_() for x in inputs]
        with torch.enable_grad():
            distance = mean_distance(leaves[0], leaves[1])
            both = (distance, distance * leaves[2])
        for result, what in enumerate(("distance", "depth")):
            if (name, what) == ("cosine", "distance"):
                continue  # the distance knows nothing of it
            total = (both[result] * cotangent[seen]).sum()
            (found,) = torch.autograd.grad(total, leaves[index], retain_graph=True)
            expected = torch.zeros_like(inputs[index], dtype=torch.float64)
            expected[seen] = found
            gradient = student.gradient("expected_depth", inputs, index, cotangent, result)
            message = f"the gradient of the {what} with respect to the {name}"
            expect_close(gradient, expected, message, tolerance=1e-4, hint=hint)


def laplace_density(sdf: torch.Tensor, beta: float) -> torch.Tensor:
    """σ of each point by the two branches of the definition, number by number."""
    found = []
    for distance in sdf.flatten().tolist():
        s = -distance
        share = 0.5 * math.exp(s / beta) if s <= 0 else 1 - 0.5 * math.exp(-s / beta)
        found.append(share / beta)
    return torch.tensor(found, dtype=torch.float64).reshape(sdf.shape)


@checks_exercise("density_from_sdf", entrance=True)
def test_both_sides(student: Student, cases: Cases) -> None:
    """Dense inside, thin outside: σ on both sides of a surface."""
    hint = "σ = Ψ(−sdf) / β: inside, where sdf < 0, it approaches 1/β"
    case = cases.one("density_from_sdf", "both sides")
    answer = matches(student, case, "σ", hint)
    expect_close(answer, laplace_density(**case.inputs), "σ", hint=hint)


@checks_exercise("density_from_sdf")
def test_any_beta(student: Student, cases: Cases) -> None:
    """Other β, as a number or as a tensor; any batch shape; 1/(2β) on the surface itself."""
    for name in ("another beta", "beta as a tensor", "one point"):
        case = cases.one("density_from_sdf", name)
        answer = matches(student, case, "σ", "divide by β twice: in the exponent, and in front")
        expected = laplace_density(case.inputs["sdf"], float(case.inputs["beta"]))
        expect_close(answer, expected, f"σ ({name})", tolerance=1e-4)
    surface = student.density_from_sdf(torch.zeros(2), 0.2)
    expect_close(surface, torch.full((2,), 2.5), "σ on the surface, for β = 0.2")


@checks_exercise("density_from_sdf")
def test_sharp_surface(student: Student, cases: Cases) -> None:
    """For small β the density is that of a solid: 1/β inside, nothing outside, no overflow."""
    hint = "exp of a large number overflows: take exp(−|sdf|/β), which never exceeds 1"
    for name in ("a sharp surface", "far away"):
        matches(student, cases.one("density_from_sdf", name), "σ", hint)


@checks_exercise("density_from_sdf")
def test_density_falls(student: Student, cases: Cases) -> None:
    """σ falls from inside to outside, and σ(sdf) + σ(−sdf) = 1/β."""
    sdf, beta = cases.one("density_from_sdf", "another beta").inputs.values()
    line = torch.linspace(-2, 2, 41)
    density = expect_tensor(student.density_from_sdf(line, beta), (41,), "σ along a line")
    expect_true((density.diff() < 0).all(), "σ should fall from inside (sdf < 0) to outside.")
    pairs = [student.density_from_sdf(x, beta) for x in (sdf, -sdf)]
    both = [expect_tensor(x, tuple(sdf.shape), "σ") for x in pairs]
    expected = torch.full_like(sdf, 1 / beta)
    expect_close(both[0] + both[1], expected, "σ(sdf) + σ(−sdf)", tolerance=1e-4)


@checks_exercise("density_from_sdf")
def test_slope_of_density(student: Student, cases: Cases) -> None:
    """Gradients with respect to sdf and β: right near the surface, finite however far away."""
    hint = "where() passes 0 · ∞ = NaN back from the branch not taken: let no branch overflow"
    for name in ("beta as a tensor", "far away"):
        sdf, beta = (x.double() for x in cases.one("density_from_sdf", name).inputs.values())
        decay = torch.exp(-sdf.abs() / beta) / 2
        slope = -decay / beta**2
        share = torch.where(sdf > 0, decay, 1 - decay)
        by_beta = (-share / beta**2 + decay * sdf / beta**3).sum()
        inputs = (sdf.float(), beta.float())
        for index, expected in enumerate((slope, by_beta)):
            gradient = student.gradient("density_from_sdf", inputs, index)
            what = f"the gradient with respect to {('sdf', 'beta')[index]} ({name})"
            expect_close(gradient, expected, what, tolerance=1e-3, hint=hint)
