"""From two tensors that differ to the sketch that shows how: chosen by shape, made coarse on purpose."""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.sketches import Counts, Curve, Grid, Points, Sketch
from autograder.sketches.sketch import FEW, LOST, TOP, WORST, Span

MOST = 64  # rows and columns of a grid, numbers of a curve
MOST_POINTS = 40
LABELS = 6  # of a table of counts
SMALL = (2, 3, 4)  # sides of what is surely a matrix
HUGE = 1e300  # counts as infinite
IMAGE = 8  # pixels a side from which on `h w 3` is taken for an image
ROW = 4  # numbers that are shown as a row of cells; more make a curve
POINTS = ("point", "origin", "direction", "ray", "normal", "position", "centre", "uv", "pixel")
# Of the expected span, what yours may add to it; what is farther off is drawn at the edge, or as the last colour.
BEYOND, BEYOND_CURVES = 0.6, 3.0


def sketch(
    actual: torch.Tensor, expected: torch.Tensor, error: torch.Tensor, bad: torch.Tensor, what: str
) -> Sketch | None:
    """What there is to see of a difference; None for a single number, which the text tells.

    `error` is absolute, `bad` marks what counts as wrong; all four have one shape.
    """
    if expected.numel() < 2 or 0 in expected.shape:
        return None
    if not expected.is_floating_point() and expected.numel() > FEW:
        return _counts(actual, expected, what)
    a, e = actual.detach().double().cpu(), expected.detach().double().cpu()
    gap = error.detach().double().cpu()
    gap = torch.where(bad.cpu(), torch.where(gap < HUGE, gap, torch.inf), 0.0)  # NaN is off, too
    shape, worst = tuple(e.shape), _worst(gap)
    if len(shape) == 1 and shape[0] <= ROW:
        return _grid(a[None], e[None], gap[None], what, (), (-2, -1))
    if len(shape) == 1:
        return _curve(a, e, gap, what, "")
    points = shape[-1] in (2, 3) and e.numel() > FEW
    if shape[-2] in SMALL and shape[-1] in SMALL and not (points and _named(what)):
        return _grid(a, e, gap, what, worst[:-2], (-2, -1))
    if shape[-1] == 3 and len(shape) > 2 and min(shape[-3:-1]) >= IMAGE:
        return _grid(a, e, gap, what, (*worst[:-3], worst[-1]), (-3, -2))
    if points:
        return _points(a, e, gap, what)
    if min(shape[-2:]) == 1:
        row: Any = (*worst[:-2], slice(None), 0) if shape[-1] == 1 else worst[:-1]
        if len(a[row]) < 2:
            return _curve(a.flatten(), e.flatten(), gap.flatten(), what, "flattened")
        part = _part(tuple(i for i in worst[: -2 if shape[-1] == 1 else -1]))
        return _curve(a[row], e[row], gap[row], what, part)
    return _grid(a, e, gap, what, worst[:-2], (-2, -1))


def _worst(gap: torch.Tensor) -> tuple[int, ...]:
    flat = int(gap.argmax())
    return tuple(int(i) for i in torch.unravel_index(torch.tensor(flat), gap.shape))


def _named(what: str) -> bool:
    """Whether a name tells that its rows are points, where the shape alone could be a matrix's."""
    return any(word in what.lower() for word in POINTS)


def _part(index: tuple[int, ...]) -> str:
    return f"at [{', '.join(map(str, index))}]" if index else ""


def _grid(
    a: torch.Tensor,
    e: torch.Tensor,
    gap: torch.Tensor,
    what: str,
    chosen: tuple[int, ...],
    sides: tuple[int, int],
) -> Grid:
    """The plane of `sides` through the worst element, thinned out to at most 64 × 64."""
    few = e.numel() <= FEW
    if sides == (-3, -2):  # a channel of an image
        *batch, channel = chosen
        plane: Any = (*batch, ..., channel)
        a, e, gap = (x[plane] for x in (a, e, gap))
        part = f"channel {channel}" + (f" {_part(tuple(batch))}" if batch else "")
    else:
        a, e, gap, part = a[chosen], e[chosen], gap[chosen], _part(chosen)
    row, column = _worst(gap)
    steps = [math.ceil(size / MOST) for size in gap.shape]
    a, e, gap = (x[row % steps[0] :: steps[0], column % steps[1] :: steps[1]] for x in (a, e, gap))
    if max(steps) > 1:
        part = f"{part}, every {steps[0]}. row and {steps[1]}. column".strip(" ,")
    span = _span(a, e)
    largest = float(gap[gap.isfinite()].max()) if gap.isfinite().any() else 0.0
    exact = (_rounded(e), _rounded(a)) if few else None
    return Grid(
        what,
        part,
        gap.shape[0],
        gap.shape[1],
        span,
        _levels(e, span),
        _levels(a, span),
        _error_levels(gap, largest),
        float(f"{largest:.2g}"),
        exact,
    )


def _points(a: torch.Tensor, e: torch.Tensor, gap: torch.Tensor, what: str) -> Points:
    """The points that are farthest off; the rest is likely to agree."""
    size = e.shape[-1]
    a, e, off = a.reshape(-1, size), e.reshape(-1, size), gap.reshape(-1, size).amax(-1)
    kept = off.argsort(descending=True, stable=True)[:MOST_POINTS].sort().values
    part = "" if len(kept) == len(e) else f"({len(kept)} of {len(e)}, those farthest off)"
    a, e = a[kept], e[kept]
    spans = tuple(_span(a[:, i], e[:, i], BEYOND_CURVES) for i in range(size))
    levels = [
        bytes(
            torch.stack([_level_tensor(x[:, i], spans[i]) for i in range(size)], -1)
            .flatten()
            .tolist()
        )
        for x in (e, a)
    ]
    return Points(what, part, spans, *levels)


def _curve(a: torch.Tensor, e: torch.Tensor, gap: torch.Tensor, what: str, part: str) -> Curve:
    step = math.ceil(len(e) / MOST)
    first = int(gap.argmax()) % step
    a, e = a[first::step], e[first::step]
    span = _span(a, e, BEYOND_CURVES)
    return Curve(what, part, span, _levels(e, span), _levels(a, span), first, step)


def _counts(actual: torch.Tensor, expected: torch.Tensor, what: str) -> Counts | None:
    """A table of counts: it tells a mirrored or a shifted answer, but no single reference value."""
    values = torch.cat([actual.flatten(), expected.flatten()]).unique().tolist()  # type: ignore[no-untyped-call]
    if len(values) > LABELS:
        return None
    table = tuple(
        tuple(int(((expected == e) & (actual == a)).sum()) for a in values) for e in values
    )
    return Counts(what, tuple(str(value).lower() for value in values), table)


def _span(a: torch.Tensor, e: torch.Tensor, beyond: float = BEYOND) -> Span:
    """The range of what was expected, widened to yours as far as that keeps the picture readable."""
    known, yours = e[e.isfinite()], a[a.isfinite()]
    if not len(known):
        known = yours
    if not len(known):
        return (0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    room = beyond * ((high - low) or max(abs(low), 1.0))
    if len(yours):
        low = max(min(low, float(yours.min())), low - room)
        high = min(max(high, float(yours.max())), high + room)
    return (float(f"{low:.3g}"), float(f"{high:.3g}"))


def _levels(values: torch.Tensor, span: Span) -> bytes:
    return bytes(_level_tensor(values, span).flatten().tolist())


def _level_tensor(values: torch.Tensor, span: Span) -> torch.Tensor:
    low, high = span
    share = (values - low) / ((high - low) or 1.0)
    level = (share.clamp(0, 1).nan_to_num(nan=0.0) * TOP).round().long()
    return torch.where(values.isfinite(), level, LOST)


def _error_levels(gap: torch.Tensor, largest: float) -> bytes:
    """0 where it agrees; else half powers of ten below the largest: an order of magnitude, not a value."""
    if largest == 0.0:
        return bytes((WORST * (gap > 0)).flatten().tolist())
    below = (2 * (gap.clamp(max=largest) / largest).clamp(min=1e-300).log10()).floor()
    level = (WORST + 1 + below).clamp(1, WORST)
    return bytes(torch.where(gap > 0, level, 0).long().flatten().tolist())


def _rounded(values: torch.Tensor) -> tuple[str, ...]:
    """As text, so that NaN can be written down anywhere."""
    return tuple(str(round(value, 4) + 0.0) for value in values.flatten().tolist())
