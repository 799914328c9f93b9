"""Comparisons for checks. Each either passes or raises `CheckFailed` with what a student needs to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.checking.errors import NotWrittenYet, StudentError
from autograder.checking.sketching import sketch
from autograder.results import Evidence

# Absolute and relative tolerance by the coarser of the answer's dtype and float32 inputs.
TOLERANCE: dict[torch.dtype, float] = {
    torch.float64: 2e-5,  # the inputs were float32: computing in float64 is welcome but not required
    torch.float32: 2e-5,
    torch.float16: 1e-2,
    torch.bfloat16: 5e-2,
}


class CheckFailed(Exception):
    """The answer is wrong. The message is one sentence; the evidence shows what was expected and seen."""

    def __init__(self, message: str, evidence: Evidence | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.evidence = evidence or Evidence()


def describe(value: Any) -> str:
    """What a value is, in the words of a message: "tensor of shape (5, 2), float32"."""
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        if value.numel() == 1 and value.layout == torch.strided and not value.is_meta:
            return f"tensor {value.item():.6g} of shape {tuple(value.shape)}, {dtype}"
        return f"tensor of shape {tuple(value.shape)}, {dtype}"
    if isinstance(value, tuple | list):
        inside = ", ".join(describe(item) for item in value[:6])
        return f"{type(value).__name__} of {len(value)}: {inside}"
    if isinstance(value, np.ndarray):
        return f"numpy array of shape {value.shape}, {value.dtype}"
    if not isinstance(value, str | int | float | None):
        return kind_of(value)  # its text could be as large as it likes
    text = repr(value[:100] if isinstance(value, str) else value)
    short = text if len(text) <= 80 else text[:77] + "…"
    return "None" if value is None else f"{type(value).__name__} {short}"


def kind_of(value: Any) -> str:
    """The name of a value's class; of the student's own class where only a handle to the object is here."""
    return str(getattr(value, "class_name", type(value).__name__))


def expect_tensor(
    actual: Any,
    shape: tuple[int, ...],
    what: str,
    *,
    dtype: torch.dtype | None = None,
    hint: str = "",
) -> torch.Tensor:
    """A tensor of exactly this shape; its kind (floating or boolean) or dtype too if given."""
    wanted = f"tensor of shape {shape}" + (f", {dtype}".replace("torch.", "") if dtype else "")
    evidence = Evidence(expected=wanted, actual=describe(actual), hint=hint or None)
    if actual is None:
        raise CheckFailed(f"{what} is None: is a `return` missing?", evidence)
    if not isinstance(actual, torch.Tensor):
        message = f"{what} should be a torch tensor, not {kind_of(actual)}."
        raise CheckFailed(message, Evidence(wanted, describe(actual)))  # the hint is about values
    if actual.layout != torch.strided or actual.is_meta:
        kind = (
            "a meta tensor, which has no values" if actual.is_meta else f"a {actual.layout} tensor"
        )
        message = (
            f"{what} is {kind.replace('torch.', '')}; an ordinary (dense) tensor was expected."
        )
        raise CheckFailed(message, Evidence(wanted, kind.replace("torch.", "")))
    if tuple(actual.shape) != tuple(shape):
        message = f"{what} has shape {tuple(actual.shape)}, expected {tuple(shape)}."
        raise CheckFailed(message, evidence)
    if dtype is not None and actual.dtype != dtype:
        raise CheckFailed(f"{what} has dtype {actual.dtype}, expected {dtype}.", evidence)
    return actual


def expect_close(
    actual: Any,
    expected: torch.Tensor,
    what: str,
    *,
    tolerance: float | None = None,
    where: torch.Tensor | None = None,
    hint: str = "",
) -> torch.Tensor:
    """Same shape, finite, and close to `expected` (where `where` holds). Shape first: allclose would broadcast."""
    tensor = expect_tensor(actual, tuple(expected.shape), what, hint=hint)
    if tensor.is_complex():
        raise CheckFailed(f"{what} is complex; real numbers were expected.", Evidence(hint=hint))
    if not expected.is_floating_point():
        return _expect_equal(tensor, expected, what, hint)
    if not tensor.is_floating_point():
        message = f"{what} has dtype {tensor.dtype}; floating-point numbers were expected."
        raise CheckFailed(message, Evidence("floating point", describe(tensor), hint=hint or None))
    limit = tolerance if tolerance is not None else TOLERANCE.get(tensor.dtype, 2e-5)
    a, b = tensor.double(), expected.double()
    keep = torch.ones_like(b, dtype=torch.bool) if where is None else where.expand(b.shape)
    error = torch.where(a == b, 0.0, (a - b).abs())  # a == b covers equal infinities
    allowed = limit + limit * torch.where(b.isfinite(), b.abs(), 0.0)
    bad = keep & ~(error <= allowed)  # written so that NaN counts as bad
    if bad.any():
        raise CheckFailed(_wrong_values(a, bad, what), _evidence(a, b, error, bad, what, hint))
    return tensor


def _expect_equal(
    actual: torch.Tensor, expected: torch.Tensor, what: str, hint: str
) -> torch.Tensor:
    if expected.dtype == torch.bool and actual.dtype != torch.bool:
        message = f"{what} should be boolean, not {actual.dtype}."
        raise CheckFailed(message, Evidence("bool", describe(actual), hint=hint or None))
    bad = actual != expected
    if bad.any():
        error = (actual.double() - expected.double()).abs()
        message = _wrong_values(actual.double(), bad, what)
        raise CheckFailed(message, _evidence(actual, expected, error, bad, what, hint))
    return actual


def _wrong_values(actual: torch.Tensor, bad: torch.Tensor, what: str) -> str:
    share = f"{int(bad.sum())} of {bad.numel()} values"
    if not actual[bad].isfinite().all():
        return f"{what}: NaN or infinite values where numbers were expected ({share} are off)."
    return f"{what}: {share} differ from the reference."


def _evidence(
    actual: torch.Tensor,
    expected: torch.Tensor,
    error: torch.Tensor,
    bad: torch.Tensor,
    what: str,
    hint: str,
) -> Evidence:
    score = torch.where(bad, error.nan_to_num(nan=torch.inf), -1.0)
    flat = int(score.argmax()) if score.numel() else 0
    index = tuple(int(i) for i in torch.unravel_index(torch.tensor(flat), score.shape))
    place = f"element {list(index)}" if index else "the value"
    wanted, got = (_number(tensor[index].item()) for tensor in (expected, actual))
    worst = f"{place}: expected {wanted}, got {got}"
    drawn = sketch(actual, expected, error, bad, what)
    return Evidence(_numbers(expected), _numbers(actual), worst, hint or None, sketch=drawn)


def _number(value: bool | float) -> str:
    return str(value) if isinstance(value, bool) else f"{value:.6g}"


def _numbers(tensor: torch.Tensor) -> str:
    """Shape, and the numbers themselves while they fit on a few lines."""
    head = f"shape {tuple(tensor.shape)}"
    if tensor.numel() > 16:
        return head
    rows = torch.round(tensor, decimals=4) if tensor.is_floating_point() else tensor
    return f"{head}: {(rows + 0.0 if rows.is_floating_point() else rows).tolist()}"


def expect_tuple(actual: Any, count: int, what: str) -> tuple[Any, ...]:
    """A tuple (or list) of exactly `count` results."""
    if not isinstance(actual, tuple | list) or len(actual) != count:
        evidence = Evidence(f"a tuple of {count}", describe(actual))
        raise CheckFailed(f"{what} should return {count} values.", evidence)
    return tuple(actual)


def expect_true(condition: Any, message: str, hint: str = "") -> None:
    """Raise `CheckFailed(message)` unless the condition holds."""
    if not bool(condition):
        raise CheckFailed(message, Evidence(hint=hint or None))


def expect_error(
    call: Callable[..., Any],
    *args: Any,
    kind: str = "ValueError",
    naming: tuple[str, ...] = (),
    why: str,
) -> None:
    """The call must raise `kind`, and if `naming` has words, with a message that contains one of them."""
    try:
        result = call(*args)
    except NotWrittenYet:
        raise
    except StudentError as error:
        if kind not in error.bases:
            message = f"{why} should raise {_a(kind)}, but raised {error.type_name}."
            raise CheckFailed(
                message, Evidence(kind, f"{error.type_name}: {error.text}")
            ) from error
        if naming and not any(word.lower() in error.text.lower() for word in naming):
            wanted = " or ".join(repr(word) for word in naming)
            message = f"the {kind} should tell what is wrong: name {wanted} in its message."
            raise CheckFailed(message, Evidence(f"a message with {wanted}", error.text)) from error
        return
    message = f"{why} should raise {_a(kind)}, but a result came back."
    raise CheckFailed(message, Evidence(kind, describe(result)))


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"
