"""What checks of networks and codes compare with, held against torch's layers, the solution and known angles."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from autograder.checking.cases import Case
from autograder.checks.auto_encoding import cases_networks
from autograder.checks.auto_encoding.per_object import (
    beside_codes,
    networks,
    scaled_and_shifted,
    written_networks,
)
from course_lib.given.conditioned import reads_points_and_codes
from tests.oracle_cases import cases_by_name, solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=12, deadline=None)


@pytest.fixture(scope="module")
def solution() -> dict[str, Any]:
    return solution_of("03_auto_encoding")


def cases(function: str, seed: int) -> dict[str, Case]:
    generator = {
        "functional_mlp": cases_networks.functional_mlp,
        "HyperNetwork": cases_networks.hypernetwork,
        "concat_condition": cases_networks.concat_condition,
        "FilmLayer": cases_networks.film_layer,
    }[function]
    return cases_by_name(generator, function, seed)


@FEW
@given(seed=SEEDS)
def test_networks_are_torchs_own_layers_one_object_at_a_time(seed: int) -> None:
    for name, case in cases("functional_mlp", seed).items():
        weights, x = case.inputs.values()
        rows = []
        for i in range(len(x)):
            layers: list[nn.Module] = []
            for number, (W, b) in enumerate(weights):
                if number:
                    layers += [nn.LayerNorm(W.shape[-1], elementwise_affine=False), nn.ReLU()]
                linear = nn.Linear(W.shape[2], W.shape[1])
                linear.load_state_dict({"weight": W[i], "bias": b[i]})
                layers.append(linear)
            rows.append(nn.Sequential(*layers).double()(x[i].double()))
        torch.testing.assert_close(networks(weights, x), torch.stack(rows), msg=name)


@FEW
@given(seed=SEEDS)
def test_heads_are_read_row_by_row_and_then_b(seed: int) -> None:
    for name, case in cases("HyperNetwork", seed).items():
        if name == "large layers":
            continue
        parameters, sizes = case.truth["parameters"], case.truth["arguments"][1]
        z = case.inputs["z"].double()
        p = {key: value.double() for key, value in parameters.items()}
        features = F.relu(F.linear(z, p["trunk W"], p["trunk b"]))
        found = written_networks(parameters, sizes, z)
        for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
            flat = F.linear(features, p[f"head {layer} W"], p[f"head {layer} b"])
            W = flat[:, :-outputs].reshape(len(z), outputs, inputs)
            torch.testing.assert_close(found[2 * layer], W, msg=name)
            torch.testing.assert_close(found[2 * layer + 1], flat[:, -outputs:], msg=name)


@FEW
@given(seed=SEEDS)
def test_parameters_of_a_case_are_told_apart_by_their_shapes(seed: int) -> None:
    found = [case for f in ("HyperNetwork", "FilmLayer") for case in cases(f, seed).values()]
    for case in found:
        if case.name != "large layers":
            shapes = [tuple(value.shape) for value in case.truth["parameters"].values()]
            assert len(set(shapes)) == len(shapes), case


@FEW
@given(seed=SEEDS)
def test_no_case_of_a_hypernetwork_hides_what_the_code_changes(seed: int) -> None:
    for name, case in cases("HyperNetwork", seed).items():
        if name in ("large layers", "one code"):
            continue
        p, z = case.truth["parameters"], case.inputs["z"]
        bent = F.relu(F.linear(z, p["trunk W"], p["trunk b"]))
        assert (bent > 0).any(1).all(), name
        assert (bent == 0).any(), name
        assert not torch.equal(bent[0], bent[1]), name


@FEW
@given(seed=SEEDS)
def test_faint_features_feel_epsilon(seed: int) -> None:
    weights, x = cases("functional_mlp", seed)["faint features"].inputs.values()
    (W, b), *_ = weights
    variance = networks([(W, b)], x).var(-1, unbiased=False)
    assert (variance < 2e-4).all()
    assert (variance > 1e-9).all()


def test_shapes_of_layers_that_do_not_fit_hold_no_numbers_of_layers() -> None:
    weights, x = cases("functional_mlp", 4)["four objects"].inputs.values()
    text = " ".join(str(tuple(t.shape)) for t in (x, *(t for layer in weights for t in layer)))
    assert not set("012") & set(text)


@FEW
@given(seed=SEEDS)
def test_codes_stand_after_points(solution: dict[str, Any], seed: int) -> None:
    for name, case in cases("concat_condition", seed).items():
        z, x = (value.double() for value in case.inputs.values())
        size, outputs = z.shape[1] + x.shape[2], case.truth["outputs"]
        strength = case.truth["strength"].double()

        def network(rows: Any, a: Any = strength, k: int = size, o: int = outputs) -> Any:
            return reads_points_and_codes(a, rows, k, o)

        found = beside_codes(network, z, x)
        assert found.shape == (*x.shape[:2], outputs)
        torch.testing.assert_close(found, solution["concat_condition"](network, z, x), msg=name)


@FEW
@given(seed=SEEDS)
def test_scale_and_shift_are_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for name, case in cases("FilmLayer", seed).items():
        layer = solution["FilmLayer"](*case.truth["arguments"]).double()
        names = {"linear W": "linear.weight", "linear b": "linear.bias"}
        names |= {"code W": "condition.weight", "code b": "condition.bias"}
        values = case.truth["parameters"]
        layer.load_state_dict({names[k]: v for k, v in values.items()})
        x, z = (value.double() for value in case.inputs.values())
        torch.testing.assert_close(scaled_and_shifted(values, x, z), layer(x, z), msg=name)


def test_the_network_that_reads_codes_weighs_every_number_differently() -> None:
    rows, strength = torch.eye(6, dtype=torch.float64), torch.tensor(0.8, dtype=torch.float64)
    found = reads_points_and_codes(strength, rows, 6, 4)
    assert (torch.cdist(found, found) + torch.eye(6) > 0.05).all()
    doubled = reads_points_and_codes(strength, 2 * rows, 6, 4)
    assert ((doubled - 2 * found).abs() > 1e-3).float().mean() > 0.8  # it bends
    weight = strength.clone().requires_grad_()
    (slope,) = torch.autograd.grad(reads_points_and_codes(weight, rows, 6, 4).sum(), weight)
    assert slope.abs() > 0.1


@pytest.mark.parametrize("wrong", [torch.zeros(2, 3, 5), torch.zeros(())])
def test_the_network_that_reads_codes_says_what_it_wants(wrong: torch.Tensor) -> None:
    words = r"reads 6 numbers per point, and got \((2, 3, 5)?\): put the object's code after"
    with pytest.raises(ValueError, match=words):
        reads_points_and_codes(torch.tensor(1.0), wrong, 6, 2)
