"""Functions with their element-wise passes fused, where the machine can: the same numbers, in less time."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import torch

P = ParamSpec("P")
R = TypeVar("R")


class Compiled(Generic[P, R]):
    """A function that is compiled at its first call; see `compiled`."""

    def __init__(self, function: Callable[P, R], *, dynamic: bool | None) -> None:
        self.plain = function
        self._dynamic = dynamic
        self._chosen: Callable[P, R] | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function returns. Its own errors are its own; those of the compiler only cost the speed."""
        if self._chosen is not None:
            return self._chosen(*args, **kwargs)
        try:
            # Here, not above: importing the compiler takes a second, which not everybody needs to pay.
            faster: Callable[P, R] = torch.compile(self.plain, dynamic=self._dynamic)
            result = faster(*args, **kwargs)
        except Exception as error:
            result = self.plain(*args, **kwargs)  # if the fault is the function's, this says so
            self._chosen = self.plain
            name, reason = getattr(self.plain, "__name__", "the model"), _first_line(error)
            warnings.warn(
                f"{name} runs uncompiled, which is slower and otherwise the same: {reason}",
                RuntimeWarning,
                stacklevel=2,
            )
            return result
        self._chosen = faster
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


def compiled(function: Callable[P, R], *, dynamic: bool | None = False) -> Compiled[P, R]:
    """The function through torch.compile, or as it is where there is no compiler.

    The first call of each shape takes some seconds (tens of seconds where gradients are needed); compile what is
    called hundreds of times. With `dynamic`, one compilation serves all shapes.

    A normalisation and a ReLU are two passes over memory and more in plain PyTorch, on the way back too; compiled
    they are one, which is what stands between a network of thin layers and the speed of its matrix products.
    """
    return Compiled(function, dynamic=dynamic)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
