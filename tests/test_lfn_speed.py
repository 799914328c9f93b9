"""Ways to run a light field network give the same colours and gradients, and their figures compare what they say."""

from __future__ import annotations

import functools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from benchmarks import lfn, lfn_process
from benchmarks.lfn_cuda import RecordedFrames, frames_per_second
from benchmarks.lfn_picture import draw
from benchmarks.lfn_process import Case, Measured, Photographed, ray_operations
from benchmarks.lfn_volumes import SAMPLES, DeepField, ResidualField, volume_colors
from benchmarks.lfn_ways import AsPublished, Folded, Plain, Trained, TrainingStep, Views, Way
from benchmarks.srn_process import views
from course_lib.solved.light_fields import FoldedLightField, LightFieldConfig, LightFieldNetwork
from course_lib.training import bytes_kept

SIZES = LightFieldConfig(5, 12, 4, hyper_hidden=7, hyper_depth=1, rank=3)
CONDITIONINGS = ("hypernetwork", "low rank", "concatenation")
OBJECTS, PIXELS = 2, 4
TINY = Case("plain", photographs=((3, 1), (4, 2)), runs=1, rays=16, rows=8, sizes=lfn.SMALL)
pytestmark = [  # the compiler's own: of its imports
    pytest.mark.filterwarnings("ignore:.torch.jit.script_method. is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning"),
]


def model_of(conditioning: str) -> LightFieldNetwork:
    """A network whose codes matter."""
    torch.manual_seed(3)
    model = LightFieldNetwork(replace(SIZES, conditioning=conditioning))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch.compile traces and differentiates as ever, but writes no C++, which would take half a minute."""
    torch.compiler.reset()  # what other tests compiled in this process counts against its limit
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="aot_eager"))


def cameras() -> Views:
    return Views(*views(OBJECTS, PIXELS), PIXELS)


def image(way: Way) -> Tensor:
    """Of two objects whose codes are far from each other."""
    z = torch.randn(OBJECTS, SIZES.code_length, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return way.look(way.known(z), cameras())


def gradients(way: Way, model: LightFieldNetwork) -> list[Tensor]:
    """Of a step's loss, to all parameters."""
    torch.manual_seed(7)  # of the codes
    step = TrainingStep(model, way, cameras(), torch.rand(OBJECTS, PIXELS**2, 3))
    model.zero_grad(set_to_none=True)
    step.loss().backward()
    return [parameter.grad.clone() for parameter in model.parameters()]


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_all_ways_see_the_same(conditioning: str) -> None:
    model = model_of(conditioning)
    expected = image(Plain(model))
    assert not torch.allclose(*expected, atol=0.05)  # of two objects
    for way in (AsPublished(model), Folded(model), Trained(model)):
        assert torch.allclose(image(way), expected, atol=2e-5)


@pytest.mark.usefixtures("traced")
def test_half_the_bits_change_the_picture_a_little() -> None:
    model = model_of("hypernetwork")
    expected = image(Plain(model))
    for way in (Folded(model, torch.bfloat16), Trained(model, torch.bfloat16)):
        found = image(way)
        assert found.dtype == torch.float32
        assert 0 < (found - expected).abs().max() < 0.05 * expected.abs().max()


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_gradients_are_those_of_the_plain_way(conditioning: str) -> None:
    model = model_of(conditioning)
    plain = gradients(AsPublished(model), model)
    for ours, theirs in zip(gradients(Trained(model), model), plain, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-5 * float(theirs.abs().max()))


@pytest.mark.parametrize("way", [AsPublished, Trained])
@pytest.mark.usefixtures("traced")
def test_a_step_lowers_the_loss(way: type[AsPublished | Trained]) -> None:
    model = model_of("hypernetwork")
    step = TrainingStep(model, way(model), cameras(), torch.rand(OBJECTS, PIXELS**2, 3))
    before = float(step.loss().detach())
    for _ in range(20):
        step()
    assert float(step.loss().detach()) < before


@pytest.mark.usefixtures("traced")
def test_training_keeps_less() -> None:
    model = model_of("low rank")
    plain, ours = (
        TrainingStep(model, way(model), Views(*views(1, 64), 64), torch.rand(1, 4096, 3))
        for way in (AsPublished, Trained)
    )
    assert bytes_kept(ours.loss) < 0.7 * bytes_kept(plain.loss)


def test_operations_are_counted_to_the_last_product() -> None:
    width, layers = 16, 5
    model = LightFieldNetwork(LightFieldConfig(4, width, layers, hyper_hidden=3))
    assert ray_operations(model) == 2 * (6 * width + (layers - 2) * width * width + width * 3)
    case = replace(TINY, sizes={"width": width, "layers": layers}, dtype="bfloat16")
    assert lfn.passed_bytes(case) == 3 * 2 * width * (layers - 1)


def test_fields_are_as_large_as_the_papers_have_them() -> None:
    """Multiplications and additions of a ray, in millions."""
    origins, directions = torch.randn(1, 3), torch.tensor([[0.0, 0.6, 0.8]])
    for field, millions in ((DeepField(), 193), (ResidualField(), 1349)):
        asked = lfn_process.counted(functools.partial(volume_colors, field, origins, directions))
        assert asked / 1e6 == pytest.approx(millions, rel=0.01)


def test_volume_rendering_asks_at_points_of_the_ray() -> None:
    """And a wall of one colour has that colour."""
    asked = []

    def wall(x: Tensor) -> Tensor:
        asked.append(x)
        return torch.tensor([0.0, 2.0, -2.0, 100.0]).expand(len(x), 4)

    origins, directions = torch.randn(5, 3), torch.nn.functional.normalize(torch.randn(5, 3), dim=1)
    rgb = volume_colors(wall, origins, directions)  # type: ignore[arg-type]
    assert torch.allclose(rgb, torch.tensor([0.0, 2.0, -2.0]).sigmoid().expand(5, 3), atol=1e-4)
    (x,) = asked
    away = x.reshape(5, SAMPLES, 3) - origins[:, None]
    assert torch.linalg.cross(away, directions[:, None].expand_as(away)).abs().max() < 1e-5
    assert len(away.norm(dim=-1).unique()) > SAMPLES / 2


def test_memory_that_work_adds_is_seen() -> None:
    """80 MB, also after more has come and gone; in a process of its own, for others may keep what they free."""
    code = """
import torch
from benchmarks.lfn_process import added_mb
large = torch.ones(40_000_000)
del large
print(added_mb(lambda: torch.ones(20_000_000)), added_mb(lambda: None))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    some, none = map(float, done.stdout.split())
    assert 75 < some < 100
    assert none < 10


def test_a_glance_measures_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lfn, "SMOKE", True)
    threads = torch.get_num_threads()
    found = {figure.name: figure for figure in lfn.figures()}
    assert torch.get_num_threads() == threads
    assert all(figure.value > 0 for name, figure in found.items() if "memory" not in name)
    assert {"folded against volume, 5×512", "render 128², batch 1, folded: rate"} < found.keys()
    assert torch.cuda.is_available() or "no CUDA here" in capsys.readouterr().out


def test_a_measurement_that_fails_says_what_it_said() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)measuring Case.*failed:.*nosuchway"):
        lfn_process.measured_alone(replace(TINY, way="nosuchway"))


def test_a_process_of_its_own_finds_the_same_kind_of_figures() -> None:
    first, second = lfn_process.measured_alone(TINY).found
    assert (first.rays, second.rays) == (9, 32)


def test_figures_compare_ways_with_each_other_and_with_their_products(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As published 2 s for each object, plain 1 s, folded 0.5 s; what it is compared with takes 10 s for a ray."""
    seconds = {"as published": 2.0, "plain": 1.0, "folded": 0.5, "trained": 0.8}

    def pretended(case: Case) -> Measured:
        if case.way not in seconds:
            found = [Photographed(100.0, 1e9, 10, 7.0)]
        else:
            found = [
                Photographed(n * seconds[case.way], n * 1e8, n * 100, 5.0, 3.0)
                for _, n in case.photographs
            ]
        return Measured(4e8, 8e8, 1e12, 500.0, 20.0, 0.1, tuple(found))

    monkeypatch.setattr(lfn, "_measured", pretended)
    monkeypatch.setattr(lfn, "frames_per_second", lambda: 1500.0)
    found = lfn.figures()
    by_name = {figure.name: figure for figure in found}
    assert len(by_name) == len(found)
    gain = by_name["render 64², batch 1, folded: against as published"]
    assert (gain.value, gain.limit, gain.floor, gain.misses) == (4.0, 3.5, 8.0, False)
    assert by_name["render 64², batch 8, folded: against as published"].limit is None
    share = by_name["render 64², batch 8, folded: of the products' rate"]
    assert (share.value, share.limit, share.misses) == (50.0, 90.0, True)
    assert by_name["render 64², batch 8, plain: frames"].value == 1.0
    rate = by_name["render 128², batch 1, folded: rate"]
    assert rate.value == 200.0
    assert rate.floor == pytest.approx(800, rel=1e-3)  # products in the cache, and hardly any bytes
    against = by_name["folded against volume, 8×256"]
    assert (against.value, against.floor, against.limit) == (2000.0, 100.0, 200.0)
    step = by_name["training step 64², batch 16, ours, bfloat16: against as published"]
    assert (step.value, step.limit) == (2.5, 2.0)
    assert by_name["training step 64², batch 1, ours: of the products' rate"].value == 31.25
    assert by_name["CUDA, 256², folded, bfloat16"].misses
    draw(found, "lfn", tmp_path / "lfn.png")
    assert (tmp_path / "lfn.png").stat().st_size > 10_000


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU to measure")
def test_without_a_gpu_no_frames_are_counted() -> None:
    assert frames_per_second() is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="recording needs CUDA")
def test_recorded_frames_are_the_images() -> None:
    model = model_of("hypernetwork").cuda()
    with torch.no_grad():
        field = FoldedLightField(model.weights(torch.ones(1, SIZES.code_length, device="cuda")))
    _, K, poses = (each.cuda() for each in views(2, 8))
    recorded = RecordedFrames(field, K[0], (8, 8))
    for pose in poses:
        assert torch.allclose(recorded(pose), field.image(K[0], pose, (8, 8)), atol=1e-5)
