"""The few-shot protocol of the SRN paper (Sitzmann et al. 2019, section 4): given few views, predict the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from course_lib.data.posed_views import PosedViews

# Of an unseen object's 251 views on a spiral these are given.
ONE_VIEW: Final = (64,)
TWO_VIEWS: Final = (64, 104)
TEST_VIEWS: Final = 251  # on a spiral; training objects have 50 at random


def few_shot(views: PosedViews, context: Sequence[int] = ONE_VIEW) -> tuple[PosedViews, PosedViews]:
    """(context views, all others) of one object or of many: what is given, and what to predict.

    The SRN paper gives view 64 of a test object (ONE_VIEW) or 64 and 104 (TWO_VIEWS).
    """
    count = views.batch_shape[-1] if views.batch_shape else 0
    given = list(context)
    if not given or len(set(given)) != len(given) or not all(0 <= i < count for i in given):
        raise ValueError(
            f"context is {given}, but there are the views 0…{count - 1}: name some of them, each "
            f"once. Views 64 and 104 are those of a test set, whose objects have {TEST_VIEWS} views"
        )
    others = [i for i in range(count) if i not in given]
    if len(views.batch_shape) == 1:
        return views[given], views[others]
    chosen = [(one[given], one[others]) for one in views]
    return PosedViews.stack([a for a, _ in chosen]), PosedViews.stack([b for _, b in chosen])
