"""What checks of notebook 4's networks compare with, held against torch's own layers; who tells parameters apart."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from autograder.checking.cases import Case, Draw
from autograder.checking.expect import CheckFailed
from autograder.checking.student import LocalStudent
from autograder.checks.auto_decoding import cases_marching, cases_networks
from autograder.checks.auto_decoding.check_marcher import gates
from autograder.checks.auto_decoding.check_scene import features
from autograder.checks.auto_decoding.check_tables import rows
from autograder.checks.auto_decoding.check_written_layers import written
from autograder.checks.auto_decoding.normal_draws import expect_normal
from autograder.checks.auto_decoding.normalised_layers import expect_gradients, through, told_apart
from tests.oracle_cases import cases_by_name

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=10, deadline=None)


def cases(function: str, seed: int) -> dict[str, Case]:
    generator = {
        "LatentTable": cases_networks.latent_table,
        "HyperLayer": cases_networks.hyper_layer,
        "scene_function": cases_networks.scene_function,
        "PixelGenerator": cases_networks.pixel_generator,
        "RayMarcher": cases_marching.ray_marcher,
    }[function]
    return cases_by_name(generator, function, seed)


def torchs_own(parameters: dict[str, Tensor]) -> nn.Sequential:
    """nn.Linear, nn.LayerNorm and nn.ReLU with the weights of a case."""
    depth = sum(name.startswith("norm") for name in parameters) // 2
    layers: list[nn.Module] = []
    for k in range(depth + 1):
        linear = nn.Linear(*reversed(parameters[f"layer {k} W"].shape))
        linear.load_state_dict(
            {"weight": parameters[f"layer {k} W"], "bias": parameters[f"layer {k} b"]}
        )
        layers.append(linear)
        if k < depth:
            norm = nn.LayerNorm(linear.out_features)
            scale, shift = (parameters[f"norm {k} {part}"] for part in ("scale", "shift"))
            norm.load_state_dict({"weight": scale, "bias": shift})
            layers += [norm, nn.ReLU()]
    return nn.Sequential(*layers).double()


@FEW
@given(seed=SEEDS)
def test_rows_go_through_torchs_own_layers(seed: int) -> None:
    for name, case in cases("PixelGenerator", seed).items():
        parameters, x = case.truth["parameters"], case.inputs["features"]
        right = torchs_own(parameters)(x.double())
        torch.testing.assert_close(through(parameters, x), right, msg=name)


@FEW
@given(seed=SEEDS)
def test_numbers_are_read_row_by_row_and_then_b(seed: int) -> None:
    for name, case in cases("HyperLayer", seed).items():
        if "parameters" not in case.truth:
            continue
        _, inputs, outputs, *_ = case.truth["arguments"]
        numbers = torchs_own(case.truth["parameters"])(case.inputs["z"].double())
        W, b = written(case, case.inputs["z"], case.truth["parameters"])
        flat = torch.cat([W.flatten(1), b], 1)
        assert W.shape == (len(numbers), outputs, inputs), name
        torch.testing.assert_close(flat, numbers, msg=name)


@FEW
@given(seed=SEEDS)
def test_features_are_torchs_own_layers_one_object_at_a_time(seed: int) -> None:
    for name, case in cases("scene_function", seed).items():
        weights, x = case.inputs.values()
        found = []
        for i in range(len(x)):
            layers: list[nn.Module] = []
            for W, b in weights:
                linear = nn.Linear(W.shape[2], W.shape[1])
                linear.load_state_dict({"weight": W[i], "bias": b[i]})
                layers += [linear, nn.LayerNorm(len(b[i]), elementwise_affine=False), nn.ReLU()]
            found.append(nn.Sequential(*layers).double()(x[i].double()))
        torch.testing.assert_close(features(weights, x), torch.stack(found), msg=name)


@FEW
@given(seed=SEEDS)
def test_gates_are_those_of_torchs_cell(seed: int) -> None:
    for name, case in cases("RayMarcher", seed).items():
        p, (size, hidden) = case.truth["parameters"], case.truth["arguments"]
        cell, length = nn.LSTMCell(size, hidden), nn.Linear(hidden, 1)
        state = {"weight_ih": "W_ih", "weight_hh": "W_hh", "bias_ih": "b_ih", "bias_hh": "b_hh"}
        cell.load_state_dict({theirs: p[ours] for theirs, ours in state.items()})
        length.load_state_dict({"weight": p["length W"], "bias": p["length b"]})
        x, *memory = (
            t.double().flatten(0, -2) if t.ndim > 1 else t.double()[None]
            for t in (case.inputs["features"][1], case.inputs["h"], case.inputs["c"])
        )
        h, c = cell.double()(x, tuple(memory))
        step, (own_h, own_c) = gates(p, case.inputs["features"][1], tuple(memory_of(case)))
        torch.testing.assert_close(own_h.reshape(h.shape), h, msg=name)
        torch.testing.assert_close(own_c.reshape(c.shape), c, msg=name)
        torch.testing.assert_close(step.flatten(), length.double()(h)[:, 0], msg=name)


def memory_of(case: Case) -> tuple[Tensor, Tensor]:
    return case.inputs["h"], case.inputs["c"]


@FEW
@given(seed=SEEDS)
def test_long_steps_are_beyond_one_at_every_step(seed: int) -> None:
    for name, sign in (("long steps forwards", 1), ("long steps back", -1)):
        case = cases("RayMarcher", seed)[name]
        memory = torch.zeros_like(case.inputs["h"]), torch.zeros_like(case.inputs["c"])
        for x in case.inputs["features"]:
            step, memory = gates(case.truth["parameters"], x, memory)
            assert (sign * step > 1.5).all()


@FEW
@given(seed=SEEDS)
def test_no_two_shapes_of_a_case_can_be_confused(seed: int) -> None:
    for function in ("HyperLayer", "PixelGenerator", "RayMarcher"):
        for name, case in cases(function, seed).items():
            by_shape: dict[tuple[int, ...], set[str]] = {}
            for ours, value in case.truth.get("parameters", {}).items():
                by_shape.setdefault(tuple(value.shape), set()).add(ours.split()[-1])
            roles = [found for shape, found in by_shape.items() if len(found) > 1]
            assert roles in ([], [{"b", "scale", "shift"}], [{"b_ih", "b_hh"}]), (name, roles)


def test_every_code_is_read_off_its_row() -> None:
    for case in cases("LatentTable", 3).values():
        codes = case.truth["parameters"]["codes"]
        torch.testing.assert_close(rows(case), codes.double()[case.inputs["objects"]])


@pytest.mark.parametrize("seed", range(20))
def test_normal_draws_are_let_through_and_near_ones_are_not(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = 0.3 * torch.randn(60_000, generator=generator, dtype=torch.float64)
    expect_normal(values, 0.3, "x", "")
    uniform = 0.3 * 3**0.5 * (2 * torch.rand(60_000, generator=generator) - 1)
    for wrong, words in [
        (1.03 * values, "standard deviation of 0.3"),
        (values + 0.02, "around 0"),
        (uniform.double(), "as normal draws"),
        (torch.full_like(values, torch.nan), "standard deviation"),
    ]:
        with pytest.raises(CheckFailed, match=words):
            expect_normal(wrong, 0.3, "x", "")


class Shuffled(nn.Module):
    """Two blocks with parameters in an order that nobody would guess."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.ParameterList([torch.zeros(4), torch.zeros(4)])
        self.last = nn.Linear(4, 5)
        self.scale = nn.ParameterList([torch.ones(4), torch.ones(4)])
        self.b = nn.ParameterList([torch.rand(4), torch.rand(4)])
        self.W = nn.ParameterList([torch.rand(4, 3), torch.rand(4, 4)])


def handle(module: nn.Module) -> Any:
    return LocalStudent({"make": lambda: module}).make()


def parameters_of_two_blocks() -> dict[str, Tensor]:
    drawn = cases_networks.normalised(Draw(5, "x"), [3, 4, 4, 5])
    assert len(drawn) == 10
    return drawn


def test_vectors_are_told_by_what_they_start_as() -> None:
    names = told_apart(handle(Shuffled()), parameters_of_two_blocks(), "it", "layers")
    for ours, theirs in names.items():
        if ours.startswith("norm"):
            assert theirs.split(".")[0] == ours.split()[-1]
        elif ours in ("layer 0 b", "layer 1 b"):
            assert theirs.startswith("b.")
    assert len(set(names.values())) == 10


def test_vectors_that_start_alike_are_taken_in_the_usual_order() -> None:
    layers: list[nn.Module] = []
    for a, b in pairwise([3, 4, 4]):
        layers += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
    module = nn.Sequential(*layers, nn.Linear(4, 5))
    nn.init.zeros_(module[0].bias)
    names = told_apart(handle(module), parameters_of_two_blocks(), "it", "layers")
    assert names["layer 0 b"] == "0.bias"
    assert names["norm 1 scale"] == "4.weight"
    assert names["norm 1 shift"] == "4.bias"


def test_gradients_of_one_role_may_come_in_any_order_and_each_only_once() -> None:
    right = {
        "layer 0 b": torch.ones(4),
        "layer 1 b": torch.arange(4.0),
        "norm 0 scale": torch.ones(4),
    }
    names = {"layer 0 b": "p", "layer 1 b": "q", "norm 0 scale": "r"}
    found = {"p": torch.arange(4.0), "q": torch.ones(4), "r": torch.ones(4)}
    expect_gradients(found, names, right, "")
    with pytest.raises(CheckFailed, match="layer 1 b"):
        expect_gradients({**found, "p": torch.ones(4)}, names, right, "")
    twice = {**right, "layer 1 b": torch.ones(4)}
    with pytest.raises(CheckFailed, match="layer 1 b"):
        expect_gradients(found, names, twice, "")
    with pytest.raises(CheckFailed, match="norm 0 scale is missing"):
        expect_gradients({"p": found["p"], "q": found["q"]}, names, right, "")
