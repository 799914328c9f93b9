"""A function that is compiled where that is possible, and works everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.training import compiled


def broken(function: Callable[..., Any], **options: object) -> Callable[..., Any]:
    """A torch.compile whose results fail when they are called, as they do without a C++ compiler."""
    del function, options

    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("g++ is not installed\nand more lines")

    return fails


def doubled(x: Tensor, *, plus: float = 0.0) -> Tensor:
    if x.isnan().any():
        raise ValueError("x has NaN")
    return 2 * x + plus


def test_without_a_compiler_the_function_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", broken)
    quick = compiled(doubled)
    with pytest.warns(RuntimeWarning, match="doubled runs uncompiled.*: RuntimeError: g.. is not"):
        assert float(quick(torch.tensor(3.0), plus=1)) == 7
    assert float(quick(torch.tensor(4.0))) == 8  # without another word, warnings being errors here


def test_errors_of_the_function_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", broken)
    with pytest.raises(ValueError, match="x has NaN"):
        compiled(doubled)(torch.tensor(float("nan")))


def test_it_is_compiled_once_at_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, object]] = []

    def compiler(function: Callable[..., Any], **options: object) -> Callable[..., Any]:
        made.append(options)
        return function

    monkeypatch.setattr(torch, "compile", compiler)
    quick = compiled(doubled, dynamic=True)
    assert made == []
    for value in (1.0, 2.0):
        assert float(quick(torch.tensor(value))) == 2 * value
    assert made == [{"dynamic": True}]


def test_a_module_keeps_its_attributes() -> None:
    layer = torch.nn.Linear(3, 2)
    assert compiled(layer).weight is layer.weight


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # inside of torch
def test_compiled_numbers_and_gradients_are_the_same() -> None:
    def layer(x: Tensor, W: Tensor) -> Tensor:
        return torch.relu(torch.nn.functional.layer_norm(x @ W, (8,)))

    torch.manual_seed(0)
    x, W = torch.randn(16, 5), torch.randn(5, 8, requires_grad=True)
    quick = compiled(layer)
    torch.testing.assert_close(quick(x, W), layer(x, W))
    gradients = [torch.autograd.grad(f(x, W).square().sum(), W)[0] for f in (quick, layer)]
    torch.testing.assert_close(*gradients)
