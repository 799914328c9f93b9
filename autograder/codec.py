"""Values as a JSON tree plus raw tensors: the one format of the wire between processes and of reference files.

Plain data only. Decoding never runs code, never imports, and accepts the types listed here and no others.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

Tree = Any  # JSON: null, bool, int, float, str, list, dict with one-letter keys
MAX_DEPTH = 16
MAX_NODES = 20_000
DTYPES: dict[str, torch.dtype] = {
    "bool": torch.bool, "uint8": torch.uint8, "int8": torch.int8, "int16": torch.int16,
    "int32": torch.int32, "int64": torch.int64, "float16": torch.float16, "bfloat16": torch.bfloat16,
    "float32": torch.float32, "float64": torch.float64, "complex64": torch.complex64,
}  # fmt: skip
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}


class CodecError(ValueError):
    """A value or a tree outside the format."""


def plain_tensor(tensor: torch.Tensor) -> torch.Tensor:
    """A dense, detached, contiguous CPU tensor of exactly class Tensor, or CodecError with the reason."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type == "meta":
        raise CodecError(f"a {tensor.layout} tensor on {tensor.device} is not a plain dense tensor")
    if tensor.dtype not in DTYPE_NAMES:
        raise CodecError(f"dtype {tensor.dtype} is not supported")
    return tensor.detach().as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg().contiguous()


def encode(value: Any, tensors: list[torch.Tensor]) -> Tree:
    """The JSON tree of `value`; its tensors are appended to `tensors` and referred to by index."""
    return _encode(value, tensors, MAX_DEPTH)


def _encode(value: Any, tensors: list[torch.Tensor], depth: int) -> Tree:
    if depth == 0:
        raise CodecError(f"nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) >= 2**63:
            raise CodecError("a whole number beyond 64 bits")
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else {"f": repr(value)}
    if isinstance(value, torch.Tensor):
        tensors.append(plain_tensor(value))
        return {"t": len(tensors) - 1}
    if isinstance(value, np.ndarray | np.generic):
        tensors.append(plain_tensor(torch.as_tensor(np.ascontiguousarray(value))))
        return {"n": len(tensors) - 1}
    if isinstance(value, list):
        return {"l": [_encode(item, tensors, depth - 1) for item in value]}
    if isinstance(value, tuple):  # named tuples too: their fields' order is their meaning
        return {"u": [_encode(item, tensors, depth - 1) for item in value]}
    if isinstance(value, dict):
        items = [[_encode(k, tensors, 1), _encode(v, tensors, depth - 1)] for k, v in value.items()]
        return {"d": items}
    if isinstance(value, torch.device | torch.dtype):
        return {"s": str(value)}
    raise CodecError(f"a value of type {type(value).__name__} cannot leave the worker")


def decode(tree: Tree, tensors: list[torch.Tensor]) -> Any:
    """The value of a tree made by `encode`; CodecError for anything else."""
    budget = [MAX_NODES]
    return _decode(tree, tensors, MAX_DEPTH, budget)


def _decode(tree: Tree, tensors: list[torch.Tensor], depth: int, budget: list[int]) -> Any:
    budget[0] -= 1
    if depth == 0 or budget[0] < 0:
        raise CodecError("the value is nested too deeply or has too many parts")
    if tree is None or isinstance(tree, bool | str | int | float):
        return tree
    if not (isinstance(tree, dict) and len(tree) == 1):
        raise CodecError("unknown node in a value")
    ((kind, body),) = tree.items()
    if kind in ("t", "n") and isinstance(body, int) and 0 <= body < len(tensors):
        return tensors[body] if kind == "t" else tensors[body].numpy()
    if kind == "f" and body in ("nan", "inf", "-inf"):
        return float(body)
    if kind == "s" and isinstance(body, str):
        return body
    if kind in ("l", "u") and isinstance(body, list):
        items = [_decode(item, tensors, depth - 1, budget) for item in body]
        return items if kind == "l" else tuple(items)
    if kind == "d" and isinstance(body, list):
        return {_key(k): _decode(v, tensors, depth - 1, budget) for k, v in body}
    raise CodecError(f"unknown node kind {kind!r} in a value")


def _key(tree: Tree) -> str | int | float | bool | None:
    if tree is None or isinstance(tree, bool | str | int | float):
        return tree
    raise CodecError("dictionary keys must be text or numbers")
