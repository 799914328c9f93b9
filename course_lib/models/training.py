"""Training that all baselines share: photographs of an object in, another photograph of it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch

from course_lib.data import PosedViews, fingerprint
from course_lib.models.baseline import Baseline
from course_lib.models.settings import check_whole
from course_lib.shapes import Tensor
from course_lib.training import FitConfig, History, fit, psnr

MINUTES: Final = FitConfig(steps=1000, learning_rate=1e-3, final_rate=0.02, evaluate_every=250)


@dataclass(frozen=True)
class BaselineTraining:
    """How to train, and what a step looks at. The default takes a minute or two on two cores."""

    fit: FitConfig = MINUTES
    objects: int = 16  # a step
    context: int = 2  # at most so many photographs are shown of each; how many, chance decides
    targets: int = 1  # photographs asked for of each

    def __post_init__(self) -> None:
        check_whole(self, objects=1, context=1, targets=1)
        if not isinstance(self.fit, FitConfig):
            raise ValueError(f"BaselineTraining: fit must be a FitConfig, not {self.fit!r}")

    @property
    def batch(self) -> str:
        """The sizes of a step as text: a checkpoint made with others is another run's."""
        return f"{self.objects}x{self.context}+{self.targets}"


def train_baseline(
    model: Baseline,
    views: PosedViews,
    config: BaselineTraining | None = None,
    *,
    held_out: tuple[PosedViews, PosedViews] | None = None,
    show: Callable[[int], None] | None = None,
    checkpoint: str | None = None,
    title: str | None = None,
) -> History:
    """Train on random photographs of the objects (objects, views), with the mean squared error of all pixels.

    With `held_out`, (photographs shown, photographs asked for) of the same objects, "psnr" is in the history, and
    the model that is left is the one that was best by it. `show` and `checkpoint` are those of `fit`.

    Raises:
        ValueError: views are no batch of objects, too few of each, or differ from the model in resolution or device.
    """
    config = config or BaselineTraining()
    _check(model, views, config.context + config.targets, "views")
    evaluate = None
    if held_out is not None:
        shown, asked = held_out
        _check(model, shown, 1, "held_out[0]")
        _check(model, asked, 1, "held_out[1]")
        evaluate = lambda: {"psnr": novel_view_psnr(model, shown, asked)}  # noqa: E731
    return fit(
        _novel_views(model, views, config),
        model.parameters(),
        config.fit,
        evaluate=evaluate,
        show=show,
        checkpoint=None if checkpoint is None else f"{checkpoint}-{config.batch}",
        keep_best=None if held_out is None else "psnr",
        data=fingerprint(views),
        title=title or type(model).__name__,
    )


def _novel_views(
    model: Baseline, views: PosedViews, config: BaselineTraining
) -> Callable[[torch.Generator], Tensor]:
    """The loss of one step: some objects, some of their photographs shown, others asked for."""
    images, poses = views.images, views.world_from_camera
    count, each = views.batch_shape

    def loss(generator: torch.Generator) -> Tensor:
        where = generator.device
        which = torch.randint(count, (config.objects, 1), generator=generator, device=where)
        order = torch.rand(config.objects, each, generator=generator, device=where).argsort(1)
        some = torch.randint(1, config.context + 1, (), generator=generator, device=where)
        shown = order[:, : int(some)]
        asked = order[:, config.context : config.context + config.targets]
        guess = model(images[which, shown], poses[which, shown], poses[which, asked])
        return torch.nn.functional.mse_loss(guess.float(), images[which, asked])

    return loss


@torch.no_grad()
def novel_view_psnr(model: Baseline, shown: PosedViews, asked: PosedViews) -> float:
    """Mean over photographs of the PSNR in dB of what the model makes of `asked` after seeing `shown`.

    Both are (objects, views) of the same objects; objects go through the model one by one.

    Raises:
        ValueError: they are not of equally many objects.
    """
    if len(shown) != len(asked):
        raise ValueError(
            f"novel_view_psnr: {len(shown)} objects are shown, but {len(asked)} asked for; give the same ones"
        )
    reached = []
    for seen, truth in zip(shown, asked, strict=True):
        poses = truth.world_from_camera
        guess = model(seen.images[None], seen.world_from_camera[None], poses[None])[0]
        reached += [psnr(one, photo) for one, photo in zip(guess, truth.images, strict=True)]
    return sum(reached) / len(reached)


def split_views(views: PosedViews, shown: int) -> tuple[PosedViews, PosedViews]:
    """The first `shown` photographs of every object, and the rest, with colours and cameras only.

    Raises:
        ValueError: views are no batch of objects, or one side would be empty.
    """
    each = views.batch_shape[1] if len(views.batch_shape) == 2 else 0
    if not 0 < shown < each:
        raise ValueError(
            f"split_views: cannot show {shown} of the {each} views of {views!r}; at least one must be left on "
            "either side"
        )

    def part(chosen: slice) -> PosedViews:
        return PosedViews(
            views.images[:, chosen],
            views.K[:, chosen],
            views.world_from_camera[:, chosen],
            views.near,
            views.far,
            name=views.name,
        )

    return part(slice(shown)), part(slice(shown, None))


def _check(model: Baseline, views: PosedViews, least: int, name: str) -> None:
    if len(views.batch_shape) != 2 or views.batch_shape[1] < least:
        raise ValueError(
            f"train_baseline: {name} must be (objects, views) with {least} views or more of each, not {views!r}"
        )
    device = next(model.parameters()).device
    if views.device != device:
        raise ValueError(
            f"train_baseline: {name} are on {views.device}, the model is on {device}; move one, such as by "
            f"{name}.to({str(device)!r})"
        )
    if views.resolution != model.resolution:
        raise ValueError(
            f"train_baseline: {name} have {views.resolution} pixels, the model has {model.resolution}; give one "
            "resolution to both"
        )
