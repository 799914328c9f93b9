"""Objects of a student's classes, as checks see them: a handle, the same whether the object is here or in a worker."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch

from autograder.checking.errors import RefusedValue

PLAIN = (bool, int, float, str, torch.Tensor, np.ndarray, np.generic, torch.device, torch.dtype)
_ENDLESS = (types.GeneratorType, types.AsyncGeneratorType, types.CoroutineType)
_LAZY = (map, filter, zip, enumerate, reversed)
Path = tuple[int, ...]  # (0, 2, 1) is args[0][2][1]
Cotangent = torch.Tensor | Sequence[torch.Tensor] | None


class Handle(Protocol):
    """A student's object: a torch module, an instance, a closure. Raises only the errors of `checking.errors`."""

    class_name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object."""

    def method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The result of one of its methods."""

    def attribute(self, name: str) -> Any:
        """The value of one of its attributes."""

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of a module's parameters."""

    def load_parameters(self, values: Mapping[str, torch.Tensor]) -> None:
        """Overwrite some of a module's parameters or buffers, by name, with tensors of the same shapes."""

    def gradient(
        self, args: tuple[Any, ...], wrt: int | Path, cotangent: Cotangent = None
    ) -> torch.Tensor:
        """The gradient of Σ output·cotangent with respect to args[wrt], or to what stands there in a nested list.

        The output is the first tensor returned; with a list of cotangents, all tensors returned, in order.
        """

    def parameter_gradients(
        self, args: tuple[Any, ...], cotangent: Cotangent = None
    ) -> dict[str, torch.Tensor]:
        """The same gradient with respect to every parameter; zeros where the output does not depend on it."""


def refuse_lazy(value: Any) -> None:
    """RefusedValue for what has no value yet: generators, coroutines and iterators."""
    if isinstance(value, _ENDLESS):
        raise RefusedValue(
            f"it is a {type(value).__name__}, which has not computed anything yet: "
            "use `return` instead of `yield` (or call list(...) on it)"
        )
    if isinstance(value, _LAZY):
        raise RefusedValue(f"it is a {type(value).__name__} object: turn it into a list or tensor")


def parameter_shapes(module: Any) -> dict[str, tuple[int, ...]]:
    """See `Handle.parameter_shapes`."""
    parameters = dict(_as_module(module).named_parameters())
    for name, parameter in parameters.items():
        if isinstance(parameter, torch.nn.UninitializedParameter):
            raise ValueError(
                f"{name!r} belongs to a lazy layer, which has no size before its first call: compute the size in "
                "__init__, and use the ordinary layer"
            )
    return {name: tuple(parameter.shape) for name, parameter in parameters.items()}


def load_parameters(module: Any, values: Mapping[str, torch.Tensor]) -> None:
    """See `Handle.load_parameters`."""
    own = _as_module(module).state_dict(keep_vars=True)
    for name, value in values.items():
        if name not in own:
            known = ", ".join(sorted(own)[:12]) or "none"
            raise KeyError(f"there is no parameter {name!r} (there are: {known})")
        if own[name].shape != value.shape:
            shapes = f"{tuple(own[name].shape)}, expected {tuple(value.shape)}"
            raise ValueError(f"the parameter {name!r} has shape {shapes}")
        with torch.no_grad():
            own[name].copy_(value)


def parameter_gradients(
    module: Any, args: Sequence[Any], cotangent: Cotangent
) -> dict[str, torch.Tensor]:
    """See `Handle.parameter_gradients`."""
    names, parameters = zip(*_as_module(module).named_parameters(), strict=True)
    with torch.enable_grad():
        total = weighted_sum(module(*args), cotangent)
        found = torch.autograd.grad(total, parameters, allow_unused=True)
    pairs = zip(names, parameters, found, strict=True)
    return {n: torch.zeros_like(p) if g is None else g for n, p, g in pairs}


def weighted_sum(output: Any, cotangent: Cotangent, index: int = 0) -> torch.Tensor:
    """Σ output·cotangent over one tensor of a result; with a list of cotangents, over all tensors inside it."""
    if cotangent is None or isinstance(cotangent, torch.Tensor):
        chosen = one_tensor(output, index)
        return (chosen if cotangent is None else chosen * cotangent.to(chosen)).sum()
    leaves = _flat(output)
    if len(leaves) != len(cotangent):
        raise TypeError(f"expected {len(cotangent)} tensors to differentiate, got {len(leaves)}")
    learned = [i for i, leaf in enumerate(leaves) if getattr(leaf, "requires_grad", False)]
    terms = [weighted_sum(leaves, cotangent[i], i) for i in learned or range(len(leaves))]
    return torch.stack(terms).sum()


def _flat(output: Any) -> list[Any]:
    """What stands in nested lists and tuples, in order."""
    if isinstance(output, tuple | list):
        return [leaf for item in output for leaf in _flat(item)]
    return [output]


def one_tensor(output: Any, index: int = 0) -> torch.Tensor:
    """The tensor of a result that is to be differentiated; an error that says what stands in the way."""
    if index > 0 and not (isinstance(output, tuple | list) and index < len(output)):
        raise TypeError(f"expected more than {index} results, got {type(output).__name__}")
    chosen = output[index] if isinstance(output, tuple | list) else output
    if not isinstance(chosen, torch.Tensor):
        raise TypeError(f"expected a tensor to differentiate, got {type(chosen).__name__}")
    if not chosen.requires_grad:
        which = f"result {index + 1} of {len(output)}" if index > 0 else "the result"
        raise RuntimeError(
            f"{which} is cut off from its input: no gradient flows "
            "(is there a .detach(), .item(), .numpy() or torch.no_grad() on the way?)"
        )
    return chosen


# What a worker may be asked to do with an object, by name.
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "parameter_shapes": parameter_shapes,
    "load_parameters": load_parameters,
    "parameter_gradients": parameter_gradients,
}


def _as_module(value: Any) -> torch.nn.Module:
    if not isinstance(value, torch.nn.Module):
        raise TypeError(f"a torch.nn.Module is needed here, and this is a {type(value).__name__}")
    return value
