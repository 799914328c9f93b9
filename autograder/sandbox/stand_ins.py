"""In the worker: functions of other exercises, answered by the course's own solution in yet another worker.

An answer that calls an earlier exercise should not lose points because that one is missing or wrong. The right
function cannot be put here, where student code could read it; so its stand-in sends the arguments to the grader,
which has them answered elsewhere and sends the result back. It is differentiable once: backward is another question.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import torch

Ask = Callable[[dict[str, Any]], dict[str, Any]]


class StandIn:
    """A callable of the name of a function that the submission lacks."""

    def __init__(self, name: str, ask: Ask) -> None:
        self.__name__ = name
        self._ask = ask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        tensors: list[torch.Tensor] = []
        question = take_apart((args, kwargs), tensors)
        layout: list[Any] = []
        outputs = _Answer.apply(self, question, layout, *tensors)  # type: ignore[no-untyped-call]
        return put_together(layout[-1], list(outputs))

    def answer(self, question: Any, tensors: Sequence[torch.Tensor]) -> Any:
        """The right answer to a call."""
        return self._put({"question": question, "tensors": list(tensors)})

    def gradients(
        self,
        question: Any,
        tensors: Sequence[torch.Tensor],
        cotangents: Sequence[torch.Tensor],
        batched: bool = False,
    ) -> list[torch.Tensor]:
        """The gradients of Σ output·cotangent with respect to the tensors of a call; `batched` cotangents give many."""
        fields = {"cotangents": list(cotangents), "batched": batched}
        gradients: list[torch.Tensor] = self._put(
            {"question": question, "tensors": list(tensors), **fields}
        )
        return gradients

    def _put(self, fields: dict[str, Any]) -> Any:
        said = self._ask({"name": self.__name__, **fields})
        if "value" in said:
            return said["value"]
        kind = getattr(builtins, str(said.get("type")), RuntimeError)
        known = isinstance(kind, type) and issubclass(kind, Exception)
        raise (kind if known else RuntimeError)(said.get("text", ""))


class _Answer(torch.autograd.Function):
    """A call whose value and whose gradient both come from elsewhere."""

    @staticmethod
    def forward(
        stand_in: StandIn, question: Any, layout: list[Any], *tensors: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        value = stand_in.answer(question, [t.detach() for t in tensors])
        outputs: list[torch.Tensor] = []
        layout.append(take_apart(value, outputs))
        return tuple(outputs)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        ctx.stand_in, ctx.question, _, *tensors = inputs
        ctx.save_for_backward(*tensors)
        ctx.mark_non_differentiable(*(t for t in output if not t.is_floating_point()))

    @staticmethod
    def backward(ctx: Any, *cotangents: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        tensors = ctx.saved_tensors
        if any(map(_is_batched, cotangents)):
            found = _batched_gradients(ctx.stand_in, ctx.question, tensors, cotangents)
        else:
            found = _Gradient.apply(  # type: ignore[no-untyped-call]
                ctx.stand_in, ctx.question, len(tensors), *tensors, *cotangents
            )
        pairs = zip(tensors, found, strict=True)
        return (None, None, None, *(g if t.is_floating_point() else None for t, g in pairs))

    @staticmethod
    def vmap(
        info: Any,
        dims: tuple[Any, ...],
        stand_in: StandIn,
        question: Any,
        layout: Any,
        *tensors: Any,
    ) -> tuple[tuple[torch.Tensor, ...], tuple[int, ...]]:
        rows = [
            _Answer.apply(stand_in, question, layout, *_row(tensors, dims[3:], i))  # type: ignore[no-untyped-call]
            for i in range(info.batch_size)
        ]
        stacked = tuple(torch.stack(column) for column in zip(*rows, strict=True))
        return stacked, (0,) * len(stacked)


class _Gradient(torch.autograd.Function):
    """The backward pass as a call of its own, so that vectorised Jacobians can batch it."""

    @staticmethod
    def forward(
        stand_in: StandIn, question: Any, count: int, *values: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        return tuple(stand_in.gradients(question, values[:count], values[count:]))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, ...]) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *cotangents: torch.Tensor) -> Any:
        raise RuntimeError(
            "second derivatives cannot be taken through an exercise that did not pass"
        )

    @staticmethod
    def vmap(
        info: Any, dims: tuple[Any, ...], stand_in: StandIn, question: Any, count: int, *values: Any
    ) -> tuple[tuple[torch.Tensor, ...], tuple[int, ...]]:
        tensor_dims, cotangent_dims = dims[3 : 3 + count], dims[3 + count :]
        if all(dim is None for dim in tensor_dims):
            pairs = zip(values[count:], cotangent_dims, strict=True)
            cotangents = [
                v.expand(info.batch_size, *v.shape) if d is None else v.movedim(d, 0)
                for v, d in pairs
            ]
            stacked = tuple(stand_in.gradients(question, values[:count], cotangents, batched=True))
            return stacked, (0,) * len(stacked)
        rows = [
            _Gradient.apply(stand_in, question, count, *_row(values, dims[3:], i))  # type: ignore[no-untyped-call]
            for i in range(info.batch_size)
        ]
        stacked = tuple(torch.stack(column) for column in zip(*rows, strict=True))
        return stacked, (0,) * len(stacked)


def _is_batched(tensor: torch.Tensor) -> bool:
    """Whether torch.autograd's own vectorisation (is_grads_batched) is at work, which knows no rule for functions."""
    return torch._C._functorch.is_legacy_batchedtensor(tensor)


def _batched_gradients(
    stand_in: StandIn, question: Any, tensors: Sequence[torch.Tensor], cotangents: Sequence[Any]
) -> list[torch.Tensor]:
    level = torch._C._vmapmode_increment_nesting() - 1
    torch._C._vmapmode_decrement_nesting()
    first = next(filter(_is_batched, cotangents))
    rows = len(torch._remove_batch_dim(first, level, 1, 0))
    plain = [torch._remove_batch_dim(c, level, rows, 0) for c in cotangents]
    found = stand_in.gradients(question, tensors, plain, batched=True)
    return [torch._add_batch_dim(gradient, 0, level) for gradient in found]


def _row(values: Sequence[Any], dims: Sequence[int | None], index: int) -> list[Any]:
    """The values of one element of a batch."""
    pairs = zip(values, dims, strict=True)
    return [v if d is None else v.select(d, index) for v, d in pairs]


_PLACE = "\0tensor"


def take_apart(value: Any, tensors: list[torch.Tensor]) -> Any:
    """The value with its tensors moved to a list, each replaced by its place there."""
    if isinstance(value, torch.Tensor):
        tensors.append(value)
        return {_PLACE: len(tensors) - 1}
    if isinstance(value, list | tuple):
        items = [take_apart(item, tensors) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: take_apart(item, tensors) for key, item in value.items()}
    return value


def put_together(layout: Any, tensors: list[torch.Tensor]) -> Any:
    """The inverse of `take_apart`."""
    if isinstance(layout, list | tuple):
        items = [put_together(item, tensors) for item in layout]
        return items if isinstance(layout, list) else tuple(items)
    if isinstance(layout, dict):
        if _PLACE in layout:
            return tensors[layout[_PLACE]]
        return {key: put_together(item, tensors) for key, item in layout.items()}
    return layout


def answer_question(
    function: Callable[..., Any],
    question: Any,
    tensors: list[torch.Tensor],
    cotangents: list[torch.Tensor] | None,
    batched: bool,
) -> Any:
    """In the reference's worker: the value of a call, or where cotangents are given the gradients of its inputs."""
    if cotangents is None:
        args, kwargs = put_together(question, tensors)
        return function(*args, **kwargs)
    leaves = [t.detach().requires_grad_(t.is_floating_point()) for t in tensors]
    with torch.enable_grad():
        args, kwargs = put_together(question, leaves)
        outputs: list[torch.Tensor] = []
        take_apart(function(*args, **kwargs), outputs)
    rows = (len(cotangents[0]),) if batched else ()
    nothing = [torch.zeros(*rows, *leaf.shape).to(leaf) for leaf in leaves]
    pairs = [(o, c) for o, c in zip(outputs, cotangents, strict=True) if o.requires_grad]
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    if not pairs or not wanted:
        return nothing
    results, weights = [o for o, _ in pairs], [c.to(o) for o, c in pairs]
    found = iter(
        torch.autograd.grad(results, wanted, weights, allow_unused=True, is_grads_batched=batched)
    )
    gradients = [next(found) if leaf.requires_grad else None for leaf in leaves]
    return [zero if g is None else g for zero, g in zip(nothing, gradients, strict=True)]
