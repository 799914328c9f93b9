"""A line of text by which a resumed training run recognises its data."""

from __future__ import annotations

import torch

from course_lib.data.posed_views import PosedViews
from course_lib.shapes import Float, Tensor


def fingerprint(views: PosedViews) -> str:
    """What tells these views from others: name, sizes, and two means, of the colours and of the cameras' places.

    Later photographs weigh more in the means, so that the order counts: an auto-decoder has a code for each object.
    The means are rounded, because the same scenes rendered on another machine differ in the last bits.
    """
    photographs = views.flat()
    colors = photographs.images.mean(dim=(1, 2), dtype=torch.float64)
    places = photographs.world_from_camera[:, :3, 3].double()
    height, width = views.resolution
    number = " × ".join(map(str, views.batch_shape)) or "1"
    plural = "" if views.count == 1 else "s"
    return (
        f"{views.name or 'unnamed'}: {number} view{plural} of {height}×{width}, colour {_said(colors)}, "
        f"camera {_said(places)}"
    )


def _said(values: Float[Tensor, "n 3"]) -> str:
    weights = torch.linspace(0.5, 1.5, len(values), dtype=torch.float64, device=values.device)
    means = (weights[:, None] * values).mean(0).tolist()
    return " ".join(f"{round(mean, 3) + 0:.3f}" for mean in means)  # + 0: no "-0.000"
