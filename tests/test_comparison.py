"""The comparison of four models: what is scored, what is counted, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from benchmarks import comparison, comparison_drawn, comparison_painters, kept
from benchmarks.comparison import Job
from benchmarks.comparison_cost import Cost, cost_of
from benchmarks.comparison_painters import LFN, MODELS, PAINTER, SRN, VOLUME
from benchmarks.live_memory import peak_bytes
from course_lib.data import PosedViews
from course_lib.scenes import posed_views


@dataclass(frozen=True)
class Knowing:
    """A painter that knows every photograph, and paints known objects darker by 0.1, unseen ones by 0.2."""

    def known(self, objects: Sequence[int], seen: PosedViews, asked: PosedViews) -> Tensor:
        assert len(objects) == len(seen) == len(asked)  # the photographs are those of these objects
        return asked.images - 0.1

    def unseen(self, shown: PosedViews, asked: PosedViews, steps: int) -> Tensor:
        darker = 0.2 * torch.ones(len(asked))
        darker[comparison.UNSEEN :] = 0.4  # chairs
        return asked.images - darker[:, None, None, None, None]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kept, "BUILD", tmp_path)
    for name, value in {"EACH": 3, "VIEWS": 6, "LOOKED_AT": 2, "UNSEEN": 2, "SEARCH": 2}.items():
        monkeypatch.setattr(comparison, name, value)
    monkeypatch.setattr(comparison, "SMOKE", True)


def test_scores_are_means_over_photographs_of_the_objects_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparison, "trained", lambda *_: (Knowing(), 90.0))
    cars = comparison.measured(Job(LFN, "cars"))
    assert cars["training views, PSNR"] == pytest.approx(20.0, abs=1e-3)  # −20 log₁₀ 0.1
    assert cars["held-out views, PSNR"] == pytest.approx(20.0, abs=1e-3)
    assert cars["one photograph, PSNR"] == pytest.approx(13.979, abs=1e-3)
    assert cars["minutes"] == 1.5
    assert not any("cars only" in what for what in cars)
    both = comparison.measured(Job(LFN, "cars and chairs"))
    assert both["one photograph, cars only, PSNR"] == pytest.approx(13.979, abs=1e-3)
    assert both["one photograph, PSNR"] == pytest.approx((13.979 + 7.959) / 2, abs=1e-3)
    assert 0.2 < both["one photograph, SSIM"] < both["one photograph, cars only, SSIM"] < 1


def test_no_model_is_scored_on_what_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[PosedViews, PosedViews]] = []

    class Noting(Knowing):
        def known(self, objects: Sequence[int], seen: PosedViews, views: PosedViews) -> Tensor:
            asked.append((seen, views))
            return views.images - 0.1

    monkeypatch.setattr(comparison, "trained", lambda *_: (Noting(), 90.0))
    comparison.measured(Job(PAINTER, "cars"))
    (seen, training), (_, further) = asked
    shown = seen.world_from_camera[:, : comparison_painters.SHOWN_OF_KNOWN]
    same = [
        bool((views[:, :, None] == poses[:, None]).all((-1, -2)).any())
        for views, poses in (
            (training.world_from_camera, shown),
            (training.world_from_camera, seen.world_from_camera),
            (further.world_from_camera, seen.world_from_camera),
        )
    ]
    assert same == [False, True, False]
    shown, views = comparison.never_seen(["cars", "chairs"])
    assert (shown.batch_shape, views.batch_shape) == ((4, 1), (4, 4))
    known = posed_views("cars", 3, 1, (64, 64), geometry=False).all()
    assert (known.images[:2] - shown.images[:2]).abs().amax((1, 2, 3, 4)).min() > 0.1


@pytest.mark.parametrize("model", MODELS)
def test_every_model_trains_and_answers(model: str) -> None:
    found = comparison.measured(Job(model, "cars"))
    assert len(found) == 7
    assert 0 < found["minutes"] < 5
    for question in (comparison.TRAINING, comparison.FURTHER, comparison.ONE):
        assert 1 < found[f"{question}, PSNR"] < 20
        assert -1 < found[f"{question}, SSIM"] < 1


def test_costs_are_counted() -> None:
    photograph = posed_views("cars", 1, 1, (12, 20), geometry=False).all()
    cost = {model: cost_of(model, photograph, steps=1, runs=1) for model in (SRN, LFN, VOLUME)}
    volume = comparison_painters.RECIPES[VOLUME].config
    assert {model: one.evaluations for model, one in cost.items()} == {
        SRN: comparison_painters.RECIPES[SRN].config.steps + 1,
        LFN: 1,
        VOLUME: volume.samples,
    }
    inputs = 3 + 6 * volume.octaves
    products = inputs * volume.width + (volume.layers - 2) * volume.width**2 + 4 * volume.width
    assert cost[VOLUME].megaflops == pytest.approx(2e-6 * volume.samples * products, rel=0.02)
    for one in cost.values():
        assert one.kept < one.step_peak
        assert min(one.frames, one.search, one.picture_peak) > 0
    assert [model for model, one in cost.items() if one.folded] == [LFN]
    assert cost[LFN].picture_peak < cost[SRN].picture_peak < cost[VOLUME].picture_peak


def test_the_cost_of_the_baseline_is_that_of_a_picture() -> None:
    photograph = posed_views("cars", 1, 1, (64, 64), geometry=False).all()
    cost = cost_of(PAINTER, photograph, steps=1, runs=1)
    assert cost.evaluations == 0
    assert cost.megaflops > 0
    assert cost.kept < cost.step_peak


def test_peak_memory_of_cases_that_one_can_count() -> None:
    x = torch.randn(1000, 100)
    size = 4 * x.numel()

    def chain() -> Tensor:
        y = x + 1
        z = y * 2
        del y
        return z.relu_().sum() + (z + 1).sum()

    assert peak_bytes(chain) == pytest.approx(2 * size, abs=100)
    assert peak_bytes(lambda: [x + i for i in range(5)]) == 5 * size
    assert peak_bytes(lambda: (x + 1).view(-1, 5)[5:].T) == size  # views are no memory
    assert peak_bytes(lambda: x.view(-1)) == 0

    def step() -> None:
        w = torch.ones(100, 100, requires_grad=True)
        (x @ w).exp().sum().backward()  # two of: product, its exponential, gradient; and w

    assert peak_bytes(step) == pytest.approx(2 * size + 4 * 100**2, abs=100)


def made_up() -> list[comparison.Figure]:
    found = {
        Job(model, setting): {
            f"{question}, {score}": value
            for question, decibels in (
                ("training views", 28.0),
                ("held-out views", 27.0),
                ("one photograph", 25.0 + i),
            )
            for score, value in (("PSNR", decibels), ("SSIM", decibels / 30))
        }
        | {"minutes": 4.0}
        for setting in comparison.SETTINGS
        for i, model in enumerate(MODELS)
    }
    cost = {
        model: Cost(count, count / 20, 500 / (count + 1), 1e6, 1e6 * (count + 2), 2e6, 3.0, folded)
        for model, count, folded in (
            (VOLUME, 64, None),
            (SRN, 4, None),
            (LFN, 1, 900.0),
            (PAINTER, 0, None),
        )
    }
    return comparison.listed(found, cost)


def test_light_fields_are_so_much_cheaper_than_volumes() -> None:
    value = {figure.name: figure.value for figure in made_up()}
    light = "volume rendering against light field"
    assert value[f"{light}: evaluations"] == 64
    assert value[f"{light}: frames a second"] == pytest.approx(65 / 2)
    assert value[f"{light}: memory of a training step"] == pytest.approx(66 / 3)
    assert value["cars, SRN: one photograph, PSNR"] == 26.0
    assert [name for name in value if "folded" in name] == ["LFN, folded: 64×64"]


def test_the_table_and_the_picture_have_every_model(tmp_path: Path) -> None:
    path = tmp_path / "comparison.png"
    comparison_drawn.draw(made_up(), "made up", path)
    assert path.stat().st_size > 10_000
    lines = path.with_suffix(".md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "made up"
    rows = {line.split(" | ")[0][2:]: line for line in lines[4:8]}
    assert list(rows) == ["volume rendering", "SRN", "LFN", "2D baseline"]
    assert rows["SRN"].split(" | ")[3] == "26.0 / 0.87"
    assert "| LFN | 1 | 0.05 | 250 | 3 | 2.0 | 3 |" in lines
    assert sorted(file.name for file in tmp_path.iterdir()) == ["comparison.md", "comparison.png"]
