"""The comparison of SRN with its baselines measures what it says."""

from __future__ import annotations

import math

import pytest
import torch

from benchmarks import auto_decoding
from benchmarks.auto_decoding import KNOWN, ONE, SRN, STRANGE, TWO, Job
from benchmarks.ordering_drawn import by_question
from benchmarks.scene_networks import image_psnr
from course_lib.scenes import posed_views

EVERY = ("pose-conditioned", "disentangling", "deterministic GQN")


def made_up(job: Job) -> dict[str, float]:
    """Numbers of a world in which SRN is ahead by 1 dB more on every further seed, and of 2 dB on seed 0."""
    height = {SRN: 22.0 + job.seed, "mean image": 14.0}.get(job.model, 19.0)
    height += 1.0 if job.model == EVERY[1] else 0.0  # the best baseline
    few = {ONE: height, TWO: height + 0.5, STRANGE: height + 2.0 * (job.model == SRN)}
    return {KNOWN: height} | (few if job.data in auto_decoding.FEW_SHOT else {})


def test_leads_are_those_of_the_worst_seed_over_the_best_baseline() -> None:
    found = {
        Job(data, model, seed): made_up(Job(data, model, seed))
        for data in auto_decoding.DATA
        for model in (SRN, *EVERY)
        for seed in auto_decoding.SEEDS
    }
    leads = {figure.name: figure for figure in auto_decoding._ordering(found)}
    known = leads["Shepard–Metzler: SRN before all baselines, known objects, worst seed"]
    assert known.value == pytest.approx(2.0)
    assert (known.limit, known.at_least) == (0.0, True)
    assert leads["cars: SRN, two photographs before one, worst seed"].value == pytest.approx(0.5)
    outside = leads["cars: SRN before the CNN baseline, strange cameras, worst seed"]
    assert outside.value == pytest.approx(5.0)  # over the pose-conditioned one, not the best
    assert outside.limit == 3.0
    worse = {job: dict(numbers) for job, numbers in found.items()}
    worse[Job("cars", SRN, auto_decoding.SEEDS[-1])][ONE] = 10.0
    missed = [figure.name for figure in auto_decoding._ordering(worse) if figure.misses]
    assert missed == ["cars: SRN before all baselines, 1 photograph, worst seed"]


def test_psnr_is_averaged_over_photographs() -> None:
    truth = torch.rand(2, 3, 8, 8, 3)
    images = (truth + 0.1 * torch.arange(1, 7).reshape(2, 3, 1, 1, 1)).clone()
    errors = (images - truth).square().mean((2, 3, 4)).flatten().tolist()
    expected = sum(-10 * math.log10(error) for error in errors) / 6
    assert image_psnr(images, truth) == pytest.approx(expected, abs=1e-3)


def test_strange_cameras_see_the_unseen_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto_decoding, "UNSEEN", 2)
    shown, asked, strange = auto_decoding.unseen("cars")
    assert (shown.batch_shape, asked.batch_shape) == ((2, 2), (2, 4))
    known = posed_views("cars", 2, 6, (64, 64), geometry=False).all()
    assert (known.images[:, :2] - shown.images).abs().max() > 0.1  # others than those of training
    distance = {
        kind: views.world_from_camera[..., :3, 3].norm(dim=-1) for kind, views in strange.items()
    }
    usual = asked.world_from_camera[..., :3, 3].norm(dim=-1).mean()
    assert torch.allclose(distance["closer"], 0.75 * usual, atol=1e-4)
    assert torch.allclose(distance["rolled"], usual, atol=1e-4)
    right = strange["rolled"].world_from_camera[..., 2, 0]  # z of the axis to the right
    assert torch.allclose(right.abs(), torch.tensor(0.75**0.5 * math.cos(math.pi / 6)), atol=1e-4)
    for views in strange.values():
        assert 0.03 < views.foreground().float().mean() < 0.8


def test_the_picture_groups_figures_by_question() -> None:
    jobs = {0: {KNOWN: 20.0, "minutes": 1.0}, 1: {KNOWN: 21.0, "minutes": 1.0}}
    listed = auto_decoding._listed("cars", SRN, jobs)
    assert by_question(listed) == {"cars": {KNOWN: {SRN: [20.0, 21.0]}}}
