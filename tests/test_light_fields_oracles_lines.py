"""What checks of lines compare with, held against the solution, known lines and how lines were made."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autograder.checking.cases import Draw, as_float64
from autograder.checks.light_fields import cases_charts, cases_lines, cases_walks
from autograder.checks.light_fields.charted import expected_of
from autograder.checks.light_fields.charts import through_cylinder, through_planes
from autograder.checks.light_fields.check_cylinder import cylinder_of
from autograder.checks.light_fields.check_two_plane import planes_of
from autograder.checks.light_fields.check_walks import beside, walked
from autograder.checks.light_fields.lines import along, apart, line, nearest, row_by_row
from tests.oracle_cases import solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=8, deadline=None)


def vector(*numbers: float) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


@pytest.fixture(scope="module")
def solution() -> dict[str, Any]:
    return solution_of("05_light_fields")


@FEW
@given(seed=SEEDS)
def test_lines_and_points_are_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for generator, oracle in ((cases_lines.plucker, line), (cases_lines.closest_point, nearest)):
        name = generator.__name__
        for case in generator(Draw(seed, name)):
            inputs = as_float64(case.inputs)
            right = solution[name](**inputs)
            torch.testing.assert_close(
                # Lines rounded to float32 are none by a few digits, in which right answers differ.
                row_by_row(oracle, *inputs.values()),
                right,
                rtol=1e-5,
                atol=1e-5,
                msg=lambda text, case=case: f"{case.name}: {text}",
            )


@FEW
@given(seed=SEEDS)
def test_pairs_are_as_far_apart_as_they_were_made(solution: dict[str, Any], seed: int) -> None:
    for case in cases_lines.line_distance(Draw(seed, "line_distance")):
        inputs = as_float64(case.inputs)
        right = solution["line_distance"](**inputs)
        torch.testing.assert_close(right, case.truth["distance"], rtol=1e-4, atol=1e-4)
        if "almost" not in case.name and "lower" not in case.name:
            found = row_by_row(apart, inputs["a"], inputs["b"])
            torch.testing.assert_close(found, case.truth["distance"], rtol=1e-4, atol=1e-4)


@FEW
@given(seed=SEEDS)
def test_coordinates_are_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for generator, chart_of in (
        (cases_charts.two_plane, planes_of),
        (cases_charts.cylinder, cylinder_of),
    ):
        name = generator.__name__
        for case in generator(Draw(seed, name)):
            right, valid = solution[name](**as_float64(case.inputs))
            found = expected_of(chart_of(case), case, valid)
            torch.testing.assert_close(found, right, rtol=1e-6, atol=1e-6)
            if name == "cylinder":
                assert torch.equal(valid, case.truth["hits"]), case.name


@FEW
@given(seed=SEEDS)
def test_walks_and_rows_are_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for case in cases_walks.walk_along(Draw(seed, "walk_along")):
        inputs = as_float64(case.inputs)
        right = solution["walk_along"](**inputs)
        torch.testing.assert_close(walked(*inputs.values()), right, rtol=1e-6, atol=1e-5)
    for case in cases_walks.concat_lines(Draw(seed, "concat_lines")):
        right = solution["concat_lines"](**case.inputs)
        assert torch.equal(beside(*case.inputs.values()).float(), right), case.name


def test_lines_by_hand() -> None:
    upright = line(vector(2, 0, 7), vector(0, 0, 5))
    assert upright.tolist() == [0, 0, 1, 0, -2, 0]
    assert nearest(upright, vector(5, 4, 3)).tolist() == [2, 0, 3]
    across = line(vector(-9, 3, 1), vector(2, 0, 0))  # passes it 3 away, at (2, 3, 1)
    assert apart(upright, across).item() == pytest.approx(3)
    assert apart(upright, line(vector(2, 4, 0), vector(0, 0, -1))).item() == pytest.approx(4)
    assert line(vector(1, 2, 3), vector(0, 0, 0)).tolist() == [0] * 6


def test_coordinates_by_hand() -> None:
    assert through_planes(vector(1, 2, -1), vector(2, 0, 2), 0, 3).tolist() == [2, 2, 5, 2]
    found = through_cylinder(vector(-9, 0, 1), vector(3, 0, 1), 2.0)
    expected = [math.pi, 1 + 7 / 3, 0, 1 + 11 / 3]
    assert found.tolist() == pytest.approx(expected)


@FEW
@given(seed=SEEDS)
def test_what_is_about_a_line_is_the_same_for_answers_that_agree_on_lines(seed: int) -> None:
    """Two formulas for the distance from the origin: their gradients differ, their parts for lines do not."""
    lines = cases_lines.drawn_lines(Draw(seed, "lines"), 5).double().requires_grad_()
    d, m = lines.chunk(2, dim=-1)
    with torch.enable_grad():
        plain = torch.autograd.grad(m.norm(dim=-1).sum(), lines, retain_graph=True)[0]
        crossed = torch.linalg.cross(d, m).norm(dim=-1) / d.square().sum(-1)
        other = torch.autograd.grad(crossed.sum(), lines)[0]
    assert (plain - other).abs().max() > 1e-2
    lines = lines.detach()
    torch.testing.assert_close(along(lines, plain), along(lines, other), rtol=1e-5, atol=1e-5)


@FEW
@given(seed=SEEDS)
def test_no_pair_is_one_that_another_formula_gets_right(seed: int) -> None:
    """Almost parallel lines are much closer to each other than their points nearest to the origin are."""
    for case in cases_lines.line_distance(Draw(seed, "line_distance")):
        if "almost" in case.name or "lower" in case.name:
            feet = [torch.linalg.cross(x[:, :3], x[:, 3:]) for x in list(case.inputs.values())[:2]]
            gap = (feet[0] - feet[1]).norm(dim=-1)
            assert (gap > case.truth["distance"] + 0.8).all(), case.name
            sine = torch.linalg.cross(*(x[:, :3] for x in list(case.inputs.values())[:2]))
            assert (sine.norm(dim=-1) < 0.011).all()
