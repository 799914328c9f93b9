"""Training the baselines: they learn, from the same seed alike; what cannot be trained on is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib.data import PosedViews
from course_lib.models import (
    Baseline,
    BaselineTraining,
    DeterministicGqn,
    DeterministicGqnConfig,
    Disentangling,
    DisentanglingConfig,
    PoseConditioned,
    PoseConditionedConfig,
    novel_view_psnr,
    split_views,
    train_baseline,
)
from course_lib.training import CheckpointError, FitConfig, psnr

SIZE = (16, 16)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def small(kind: int) -> Baseline:
    return (
        lambda: PoseConditioned(PoseConditionedConfig(SIZE, code_length=16, width=8, hidden=32)),
        lambda: Disentangling(DisentanglingConfig(SIZE, vectors=8, width=8)),
        lambda: DeterministicGqn(DeterministicGqnConfig(SIZE, 16, width=8, channels=8, steps=3)),
    )[kind]()


def discs(
    objects: int = 2, views: int = 4, seed: int = 0, size: tuple[int, int] = SIZE
) -> PosedViews:
    """Coloured blobs on white, a colour for each object; the blob lies where the camera looks from."""
    generator = torch.Generator().manual_seed(seed)
    color = torch.rand(objects, 1, 1, 1, 3, generator=generator)
    angle = torch.arange(views) * 2 * torch.pi / views + torch.rand(objects, 1, generator=generator)
    poses = torch.eye(4).repeat(objects, views, 1, 1)
    poses[..., 0, 0] = poses[..., 1, 1] = angle.cos()
    poses[..., 1, 0], poses[..., 0, 1] = angle.sin(), -angle.sin()
    poses[..., :2, 3] = torch.stack([angle.cos(), angle.sin()], dim=-1)
    rows = torch.linspace(-1, 1, size[0])[:, None] - 0.5 * angle.sin()[..., None, None]
    columns = torch.linspace(-1, 1, size[1]) - 0.5 * angle.cos()[..., None, None]
    blob = torch.exp(-4 * (rows.square() + columns.square()))[..., None]
    K = torch.tensor([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return PosedViews(1 - blob * color, K, poses, 0.5, 2.0, name="discs")


def quick(steps: int = 6, **more: Any) -> BaselineTraining:
    sizes = {"objects": 2, "context": 1} | more
    return BaselineTraining(
        FitConfig(steps, 4e-3, seed=1, evaluate_every=max(2, steps // 2)), **sizes
    )


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_it_learns_two_objects_by_heart(kind: int) -> None:
    views, model = discs(), small(kind)
    shown, asked = split_views(views, 1)
    before = novel_view_psnr(model, shown, asked)
    history = train_baseline(model, views, quick(250), held_out=(shown, asked))
    after = novel_view_psnr(model, shown, asked)
    assert after > 24 > before + 4
    assert after == pytest.approx(max(history.curve("psnr")))
    assert len(history.losses) == 250


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_starts_on_nearly_the_same_curve(kind: int, precision: str) -> None:
    views, curves = discs(), []
    for how in ("float32", precision):
        config = replace(quick(), fit=replace(quick().fit, precision=how))
        curves.append(
            train_baseline(small(kind), views, config, held_out=split_views(views, 1)).losses
        )
    assert curves[1] == pytest.approx(curves[0], rel=0.05)
    assert curves[1] != curves[0]


def test_the_same_seed_gives_the_same_curve_across_an_interruption() -> None:
    views, whole = discs(), small(0)
    held_out = split_views(views, 2)
    history = train_baseline(whole, views, quick(), held_out=held_out)

    def stop(step: int) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_baseline(small(0), views, quick(), held_out=held_out, show=stop, checkpoint="discs")
    fresh = small(0)
    resumed = train_baseline(fresh, views, quick(), held_out=held_out, checkpoint="discs")
    assert resumed.losses == history.losses
    assert resumed.metrics == history.metrics
    for one, other in zip(whole.parameters(), fresh.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_checkpoint_of_other_objects_is_refused_and_one_of_other_batches_is_another() -> None:
    def stop(step: int) -> None:
        raise KeyboardInterrupt

    def train(views: PosedViews, **more: Any) -> None:
        sizes = {"context": more.pop("context", 1)}
        held_out = split_views(views, 1)
        train_baseline(
            small(0), views, quick(**sizes), held_out=held_out, checkpoint="discs", **more
        )

    with pytest.raises(KeyboardInterrupt):
        train(discs(), show=stop)
    with pytest.raises(
        CheckpointError, match="trained on other data: on 'discs: 2 × 4 views of 16×16"
    ):
        train(discs(seed=1))
    train(discs(seed=1), context=2)  # other sizes of a step: a run of its own


def test_psnr_is_the_mean_over_photographs() -> None:
    model, views = small(0), discs(3, 5)
    shown, asked = split_views(views, 2)
    guess = model(shown.images, shown.world_from_camera, asked.world_from_camera)
    each = [psnr(guess[b, t], asked.images[b, t]) for b in range(3) for t in range(3)]
    assert novel_view_psnr(model, shown, asked) == pytest.approx(sum(each) / 9, abs=1e-3)


def test_split_views_loses_none() -> None:
    views = discs(3, 5)
    shown, asked = split_views(views, 2)
    for field in ("images", "K", "world_from_camera"):
        parts = [getattr(shown, field), getattr(asked, field)]
        assert torch.equal(torch.cat(parts, dim=1), getattr(views, field))
    assert (shown.batch_shape, asked.batch_shape) == ((3, 2), (3, 3))
    assert (shown.name, shown.near, shown.far) == ("discs", 0.5, 2.0)


def test_the_target_is_never_among_what_is_shown() -> None:
    """A model that is shown the target could copy it: here every photograph is told by its colour."""
    views = discs(1, 4)
    images = views.images * 0 + torch.tensor([0.1, 0.3, 0.6, 0.9])[None, :, None, None, None]
    views = replace(views, images=images)
    pairs: set[tuple[float, ...]] = set()

    class Spy(PoseConditioned):
        def forward(self, context_images: Any, context_poses: Any, target_poses: Any) -> Any:
            angle = torch.atan2(target_poses[0, 0, 1, 0], target_poses[0, 0, 0, 0])
            index = (views.world_from_camera[0, :, 1, 0] - angle.sin()).abs().argmin()
            seen = context_images[0, :, 0, 0, 0].tolist()
            pairs.add((images[0, index, 0, 0, 0].item(), *seen))
            return super().forward(context_images, context_poses, target_poses)

    train_baseline(Spy(small(0).config), views, quick(60, objects=1, context=2))
    assert all(asked not in seen for asked, *seen in pairs)
    assert {asked for asked, *_ in pairs} == set(images[0, :, 0, 0, 0].tolist())
    assert {len(pair) for pair in pairs} == {2, 3}  # one photograph shown, or two


@pytest.mark.parametrize(
    ("views", "more", "message"),
    [
        (
            discs()[0],
            {},
            r"views must be \(objects, views\) with 2 views or more of each, not PosedViews",
        ),
        (discs(2, 1), {}, "with 2 views or more of each"),
        (discs(size=(16, 32)), {}, r"views have \(16, 32\) pixels, the model has \(16, 16\)"),
        (
            discs(),
            {"held_out": (discs(), discs(size=(32, 16)))},
            r"held_out\[1\] have \(32, 16\) pixels",
        ),
        (
            discs().to("meta"),
            {},
            "views are on meta, the model is on cpu; move one, such as by views.to",
        ),
        (discs(), {"held_out": (discs()[0], discs())}, r"held_out\[0\] must be \(objects, views\)"),
        (discs(), {"held_out": (discs(2), discs(3))}, "2 objects are shown, but 3 asked for"),
    ],
)
def test_views_that_cannot_be_trained_on_are_named(
    views: PosedViews, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        train_baseline(small(0), views, quick(), **more)


@pytest.mark.parametrize("shown", [0, 4, 9])
def test_a_split_that_leaves_nothing_is_named(shown: int) -> None:
    with pytest.raises(ValueError, match=f"cannot show {shown} of the 4 views of PosedViews"):
        split_views(discs(), shown)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"objects": 0}, "objects must be a whole number, 1 or more, not 0"),
        ({"context": 1.5}, "context must be a whole number, 1 or more, not 1.5"),
        ({"targets": -1}, "targets must be a whole number, 1 or more, not -1"),
        ({"fit": 1000}, "fit must be a FitConfig, not 1000"),
    ],
)
def test_settings_that_make_no_sense_are_named(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"BaselineTraining: {message}"):
        BaselineTraining(**more)
