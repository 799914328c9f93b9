"""What checks of light fields and their geometry compare with, held against the solution and closed forms."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autograder.checking.cases import Case, as_float64
from autograder.checks.light_fields import cases_fields, cases_geometry
from autograder.checks.light_fields.check_depth import distances_of, sums
from autograder.checks.light_fields.check_disagreement import spread
from autograder.checks.light_fields.check_epi import image_of
from autograder.checks.light_fields.check_low_rank import changed
from autograder.checks.light_fields.check_networks import colors
from autograder.checks.light_fields.check_point_cloud import kept
from autograder.checks.light_fields.named_lines import lines_of, lines_of_pixels
from course_lib.given.light_fields import textured_plane, waves
from tests.oracle_cases import cases_by_name, solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=8, deadline=None)
close = torch.testing.assert_close


def solution() -> dict[str, Any]:
    return solution_of("05_light_fields")


def cases(generator: Any, seed: int, function: str | None = None) -> dict[str, Case]:
    return cases_by_name(generator, function or generator.__name__, seed)


@FEW
@given(seed=SEEDS)
def test_colours_of_networks_line_by_line_are_the_solutions(seed: int) -> None:
    for case in cases(cases_fields.light_field, seed).values():
        inputs = list(as_float64(case.inputs).values())
        close(colors(*inputs), solution()["light_field"](*inputs))


@FEW
@given(seed=SEEDS)
def test_layers_entry_by_entry_are_the_solutions(seed: int) -> None:
    for case in cases(cases_fields.low_rank_layer, seed, "LowRankLayer").values():
        if "parameters" not in case.truth:
            continue
        layer = solution()["LowRankLayer"](*case.truth["arguments"]).double()
        values = [value.double() for value in case.truth["parameters"].values()]
        for parameter, value in zip(layer.parameters(), values, strict=True):
            parameter.data = value
        z = case.inputs["z"].double()
        W, b = changed(case, z, case.truth["parameters"])
        close(W, layer(z)[0].detach())
        close(b, layer(z)[1].detach())


@FEW
@given(seed=SEEDS)
def test_lines_of_pixels_are_those_that_the_solution_asks_for(seed: int) -> None:
    for name in ("at once", "a tall picture", "one row", "one pixel"):
        case = cases(cases_fields.render_light_field, seed)[name]
        K, pose, resolution = list(as_float64(case.inputs).values())[:3]
        asked: list[Tensor] = []

        def field(lines: Tensor, asked: list[Tensor] = asked) -> Tensor:
            asked.append(lines)
            return lines[:, :3]

        solution()["render_light_field"](field, K, pose, resolution)
        wanted = lines_of_pixels(K, pose, resolution).reshape(-1, 6)
        close(torch.cat(asked).double(), wanted, rtol=1e-5, atol=1e-5)


@FEW
@given(seed=SEEDS)
def test_disagreement_point_by_point_is_the_solutions(seed: int) -> None:
    for case in cases(cases_geometry.disagreement, seed).values():
        field = partial(textured_plane, **case.truth) if case.truth else waves
        x, eyes = as_float64(case.inputs).values()
        close(
            spread(field, x, eyes), solution()["disagreement"](field, x, eyes), rtol=1e-6, atol=1e-6
        )


@FEW
@given(seed=SEEDS)
def test_rays_of_an_epi_meet_the_wall_where_the_solution_says(seed: int) -> None:
    for case in cases(cases_geometry.epi, seed).values():
        eyes, targets, shape = as_float64(case.inputs).values()
        found = solution()["epi"](partial(textured_plane, **case.truth), eyes, targets, shape)
        close(image_of(case.truth, eyes, targets, shape), found, rtol=1e-5, atol=1e-5)


@FEW
@given(seed=SEEDS)
def test_least_squares_of_a_wall_are_its_distances(seed: int) -> None:
    for case in cases(cases_geometry.depth_from_light_field, seed).values():
        origins, directions, across = as_float64(case.inputs).values()
        unit = torch.nn.functional.normalize(directions, dim=-1)
        upper, lower = sums(partial(textured_plane, **case.truth), origins, unit, across)
        assert (lower > 1e-4).all()  # far from where nothing can be said
        exact = {"origins": origins, "directions": unit}
        wanted = distances_of(Case(case.function, case.name, exact, truth=case.truth))
        close(upper / lower, wanted, rtol=1e-4, atol=1e-4)


@FEW
@given(seed=SEEDS)
def test_cases_of_depth_are_sure(seed: int) -> None:
    """No ray parallel to its wall or to a direction across, but where it is meant; walls before and behind."""
    drawn = cases(cases_geometry.depth_from_light_field, seed)
    along = drawn["along a ray"].inputs
    close(along["across"][1], 1.3 * along["directions"][0])
    along["across"] = along["across"][:1]
    for case in drawn.values():
        directions, across = case.inputs["directions"], case.inputs["across"]
        unit = torch.nn.functional.normalize(across, dim=-1)
        assert (directions @ unit.T.to(directions)).abs().max() < 0.96
        assert (directions @ case.truth["normal"].to(directions)).abs().min() > 0.02
    assert (distances_of(drawn["a wall behind"]) < -0.9).all()
    assert (distances_of(drawn["near"]) > 0.1).all()


@FEW
@given(seed=SEEDS)
def test_points_ray_by_ray_are_the_solutions(seed: int) -> None:
    for case in cases(cases_geometry.point_cloud, seed).values():
        inputs = as_float64(case.inputs)
        found = solution()["point_cloud"](*inputs.values())
        for answer, wanted in zip(found, kept(case), strict=True):
            close(answer, wanted)


def test_a_line_is_named_whatever_point_it_is_given_by() -> None:
    o, d = torch.tensor([0.3, -1.2, 2.0]), torch.tensor([1.0, 2.0, -0.5])
    name = lines_of(o, d)
    close(lines_of(o.double() + 1.7 * d.double(), 3 * d), name)
    assert name[:3].norm() == pytest.approx(1)
    assert float(name[:3] @ name[3:]) == pytest.approx(0, abs=1e-12)
    close(torch.linalg.cross(o.double(), name[:3]), name[3:])
