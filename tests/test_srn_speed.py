"""The fast way through a scene representation network gives the numbers of the plain one, forward and back."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from benchmarks import srn, srn_process
from benchmarks.srn_picture import draw
from benchmarks.srn_process import Case, Measured
from benchmarks.srn_ways import (
    Fused,
    Plain,
    TrainingStep,
    features,
    keeping_products,
    plain_features,
)
from course_lib.solved.auto_decoding import SceneConfig, SceneNetwork, scene_function
from course_lib.training import bytes_kept, compiled

SIZES = SceneConfig(5, 12, 2, 7, 1, generator_depth=1, memory=3, steps=3, start=0.4)
OBJECTS, PIXELS = 2, 4
pytestmark = [  # the compiler's own: of its imports, and of weights that another network has written
    pytest.mark.filterwarnings("ignore:.torch.jit.script_method. is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning"),
]
TINY = Case("plain", "render", runs=1, pixels=3, large=5, rows=8, sizes=srn.SMALL)


@pytest.fixture
def model() -> SceneNetwork:
    torch.manual_seed(3)
    return SceneNetwork(SIZES)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch.compile traces and differentiates as ever, but writes no C++, which would take half a minute."""
    torch.compiler.reset()  # what other tests compiled in this process counts against its limit
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="aot_eager"))


def image(way: Plain | Fused) -> tuple[Tensor, Tensor]:
    """Colours and depths of two objects."""
    z = torch.randn(OBJECTS, SIZES.code_length, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return way.look(way.known(z), srn_process.views(OBJECTS, PIXELS))


def gradients(model: SceneNetwork, way: Plain | Fused, brightness: float) -> list[Tensor]:
    """Of a step's loss, to all parameters."""
    torch.manual_seed(7)  # of the codes
    truth = brightness * torch.rand(OBJECTS, PIXELS**2, 3)
    step = TrainingStep(model, way, srn_process.views(OBJECTS, PIXELS), truth)
    model.zero_grad(set_to_none=True)
    step.loss().backward()
    return [parameter.grad.clone() for parameter in model.parameters()]


def test_the_plain_scene_is_the_scene_function(model: SceneNetwork) -> None:
    weights = model.weights(torch.randn(OBJECTS, SIZES.code_length))
    x = torch.randn(OBJECTS, 9, 3)
    expected = scene_function(weights, x)
    assert torch.allclose(plain_features(weights, x), expected, atol=1e-5)
    assert torch.allclose(features(weights, x), expected, atol=1e-5)


@pytest.mark.usefixtures("traced")
def test_only_products_are_kept() -> None:
    """Of each layer one map, where plain PyTorch keeps two."""
    weights = [(torch.randn(1, 8, 8), torch.zeros(1, 8)) for _ in range(4)]
    weights = [(W.requires_grad_(), b.requires_grad_()) for W, b in weights]
    x = torch.randn(1, 1000, 8)
    one = x.nbytes
    plain = bytes_kept(lambda: plain_features(weights, x).sum())
    fused = bytes_kept(lambda: compiled(keeping_products(features))(weights, x).sum())
    assert 8 * one < plain < 11 * one
    assert 4 * one < fused < 6 * one


def test_the_compiler_changes_no_picture(model: SceneNetwork) -> None:
    """With the real compiler, C++ and all."""
    for ours, theirs in zip(image(Fused(model)), image(Plain(model)), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.usefixtures("traced")
def test_half_the_bits_change_the_picture_a_little(model: SceneNetwork) -> None:
    """Points and depths are float32 whatever the products are in."""
    (rgb, depth), (rgb_16, depth_16) = image(Plain(model)), image(Fused(model, torch.bfloat16))
    assert 0 < (rgb - rgb_16).abs().max() < 0.1 * rgb.abs().max()
    assert 0 < (depth - depth_16).abs().max() < 0.1 * (depth - SIZES.start).abs().max()
    assert (rgb_16.dtype, depth_16.dtype) == (torch.float32, torch.float32)


@pytest.mark.usefixtures("traced")
def test_points_are_never_rounded(model: SceneNetwork) -> None:
    """Φ's first layer reads float32 in bfloat16 too: its features tell points apart that bfloat16 does not."""
    apart = torch.tensor([[[1.0, 1.0, 1.0], [1.0 + 2**-12, 1.0, 1.0]]])
    weights = [(100 * torch.eye(12, 3)[None], torch.zeros(1, 12))]
    here, there = Fused(model, torch.bfloat16)._scene(weights, apart)[0]
    assert not torch.equal(here, there)


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("brightness", [1.0, 1e4])
def test_gradients_are_those_of_the_plain_way(model: SceneNetwork, brightness: float) -> None:
    """Also where those of the memory are cut: photographs that bright pull at it by more than 10."""
    plain = gradients(model, Plain(model), brightness)
    fused = gradients(model, Fused(model), brightness)
    for ours, theirs in zip(fused, plain, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-5 * float(theirs.abs().max()))


def test_bright_photographs_pull_that_much(
    model: SceneNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above relies on: without the cut, gradients are others."""
    cut = gradients(model, Plain(model), 1e4)
    monkeypatch.setattr(SceneNetwork, "walk", lambda self, *seen: self.marcher(*seen))
    free = gradients(model, Plain(model), 1e4)
    assert not all(torch.allclose(a, b, rtol=0.01) for a, b in zip(cut, free, strict=True))


def test_a_step_lowers_the_loss(model: SceneNetwork) -> None:
    torch.manual_seed(2)
    cameras = srn_process.views(OBJECTS, PIXELS)
    step = TrainingStep(model, Plain(model), cameras, torch.rand(OBJECTS, PIXELS**2, 3))
    before = float(step.loss().detach())
    for _ in range(20):
        step()
    assert float(step.loss().detach()) < before


def test_operations_are_counted_to_the_last_product() -> None:
    """A ray's point and Φ there, at every step and once more; the LSTM and its step; the generator."""
    sizes = {**srn.SMALL, "generator_depth": 1, "memory": 3}
    width, steps = sizes["width"], sizes["steps"]
    point, scene = 3 * 3 + 4 * 4, 3 * width + width * width
    marcher = 4 * 3 * (width + 3) + 3
    generator = width * width + 3 * width
    pixel = 2 * ((steps + 1) * (point + scene) + steps * marcher + generator)
    found = srn.operations(replace(TINY, sizes=sizes), 2, train=False)
    assert found == 2 * TINY.pixels**2 * pixel
    # Forward, and for each product two more; no point and no start has a gradient, the hypernetwork has.
    assert 2.5 < srn.operations(replace(TINY, sizes=sizes), 2, train=True) / found < 4.5


def test_a_glance_measures_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(srn, "SMOKE", True)
    monkeypatch.setattr(srn, "GLANCE", TINY)
    threads = torch.get_num_threads()
    found = {figure.name: figure for figure in srn.figures()}
    assert torch.get_num_threads() == threads
    assert all(figure.value > 0 for figure in found.values())
    assert "5² in portions: memory" in found


def test_a_measurement_that_fails_says_what_it_said() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)measuring Case.*failed:.*nosuchway"):
        srn_process.measured_alone(replace(TINY, way="nosuchway"))


def test_a_process_of_its_own_finds_the_same_kind_of_figures() -> None:
    assert srn_process.measured_alone(TINY).seconds > 0


def test_figures_compare_ways_with_each_other_and_with_their_products(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Renders in 2, 1 and 0.5 seconds, steps in twice these; products take half of each."""
    needed = {False: 1e9, True: 3e9}
    monkeypatch.setattr(srn, "operations", lambda plan, batch, train: batch * needed[train])

    def pretended(case: Case) -> Measured:
        train = case.work == "train"
        assert case.keep_memory or case.way == "plain"
        seconds = {"plain": 2.0, "fused": 1.0}[case.way] * case.batch * (1 + train)
        seconds /= 1 + (case.dtype == "bfloat16")
        return Measured(seconds, 2 * case.batch * needed[train] / seconds, 1000.0 * case.batch, 10)

    monkeypatch.setattr(srn, "_measured", pretended)
    found = srn.figures()
    by_name = {figure.name: figure for figure in found}
    assert len(by_name) == len(found)
    gain = by_name["render, batch 8, ours: against as published"]
    assert (gain.value, gain.floor, gain.limit, gain.at_least) == (2.0, 4.0, 1.4, True)
    assert by_name["training step, batch 1, ours, bfloat16: against as published"].value == 4.0
    share = by_name["training step, batch 1, ours: of the products' rate"]
    assert (share.value, share.limit) == (50.0, 80.0)
    assert share.misses
    rate = by_name["render, batch 8, as published: rate"]
    pixels = srn.GLANCE.pixels if srn.SMOKE else srn.FULL.pixels
    assert rate.value == pytest.approx(pixels**2 / 2)
    assert rate.floor == pytest.approx(2 * rate.value)
    assert by_name["training step, batch 8, ours: memory"].limit == pytest.approx(3570)
    draw(found, "srn, a day", tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
