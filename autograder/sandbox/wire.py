"""Frames between grader and worker: a fixed header, a JSON tree, raw tensor bytes. Never a pickle.

Layout: magic, kind, the request's 16-byte nonce, length of the JSON, length of the tensors; then the JSON
`{"v": tree, "t": [[dtype, shape], …]}` (trees as in `autograder.codec`); then the tensors one after the other,
each padded to 16 bytes. Where a tensor lies follows from the shapes before it, so there are no offsets to forge.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import prod
from typing import Any

import torch

from autograder.codec import DTYPE_NAMES, DTYPES, decode, encode

MAGIC = b"AGW1"
HEADER = struct.Struct("<4sB16sIQ")
NONCE_BYTES = 16
JSON_BYTES = 64 * 2**20  # requests carry a notebook's source; replies are held to REPLY_JSON_BYTES
REPLY_JSON_BYTES = 2 * 2**20
MAX_TENSORS = 10_000
MAX_DIMENSIONS = 16
_ALIGNMENT = 16


class WireError(Exception):
    """Bytes that are not an honest frame."""


class Kind(IntEnum):
    """What a frame asks or answers."""

    LOAD = 1  # run the definitions that an exercise needs
    CALL = 2  # call a function, or an object behind a handle
    GRADIENT = 3
    READ = 4  # an attribute of an object behind a handle
    PLAN = 5  # which statements each exercise needs; runs nothing
    OPERATE = 6  # one of autograder.checking.handles.OPERATIONS on an object behind a handle
    DERIVE = 7  # a call and where wanted its derivative, as stand-ins ask for
    ANSWER = 8  # to a call-back
    VALUE = 16
    FAULT = 17
    CALL_BACK = 18  # before its answer: a worker asks what another exercise's function would return


@dataclass(frozen=True)
class Header:
    """The fixed first bytes of a frame, validated."""

    kind: Kind
    nonce: bytes
    json_bytes: int
    tensor_bytes: int


def pack(kind: Kind, nonce: bytes, fields: Mapping[str, Any]) -> list[memoryview]:
    """A frame in pieces, ready to be sent one after the other. CodecError for values outside the format."""
    tensors: list[torch.Tensor] = []
    tree = encode(dict(fields), tensors)
    listed = [[DTYPE_NAMES[t.dtype], list(t.shape)] for t in tensors]
    body = json.dumps({"v": tree, "t": listed}, allow_nan=False, separators=(",", ":")).encode()
    pieces: list[memoryview] = []
    for tensor in tensors:
        # A tensor of one element or none is contiguous whatever its stride, which `view` does not forgive.
        raw = tensor.as_strided((tensor.numel(),), (1,)).view(torch.uint8).numpy().data
        pieces += [raw, memoryview(bytes(-len(raw) % _ALIGNMENT))]
    header = HEADER.pack(MAGIC, kind, nonce, len(body), sum(len(p) for p in pieces))
    return [memoryview(header), memoryview(body), *pieces]


def parse_header(raw: bytes, max_json: int, max_tensors: int) -> Header:
    """Validate a header; WireError says what was wrong with it."""
    magic, kind, nonce, json_bytes, tensor_bytes = HEADER.unpack(raw)
    if magic != MAGIC:
        raise WireError("the frame does not start as a frame does")
    if kind not in Kind.__members__.values():
        raise WireError(f"unknown kind of frame {kind}")
    if json_bytes > max_json or tensor_bytes > max_tensors:
        raise WireError(
            f"a frame of {json_bytes + tensor_bytes:,} bytes is larger than the limit "
            f"of {max_json:,} + {max_tensors:,}"
        )
    return Header(Kind(kind), nonce, json_bytes, tensor_bytes)


def parse_body(body: bytes, payload: bytearray) -> dict[str, Any]:
    """The fields of a frame. Whatever is wrong with the bytes, the only exception is WireError."""
    try:
        raw = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        json.dumps(raw, ensure_ascii=False).encode("utf-8")  # a lone surrogate would break reports
        fields = decode(raw["v"], _tensors(raw["t"], payload))
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, RuntimeError) as error:
        raise WireError(f"malformed frame: {type(error).__name__}") from error
    if not isinstance(fields, dict) or not all(isinstance(key, str) for key in fields):
        raise WireError("malformed frame: its fields are not a dictionary")
    return fields


def _refuse_constant(name: str) -> None:
    raise WireError(f"malformed frame: {name} is not JSON")


def _tensors(listed: Any, payload: bytearray) -> list[torch.Tensor]:
    if not isinstance(listed, list) or len(listed) > MAX_TENSORS:
        raise WireError("malformed frame: the list of tensors")
    tensors: list[torch.Tensor] = []
    offset = 0
    for entry in listed:
        name, shape = entry
        if not _is_shape(shape) or name not in DTYPES:
            raise WireError("malformed frame: a tensor's dtype or shape")
        dtype, count = DTYPES[name], prod(shape)
        length = count * dtype.itemsize
        if offset + length > len(payload):
            raise WireError("malformed frame: a tensor is longer than the frame")
        tensors.append(_tensor(payload, offset, count, dtype).reshape(shape))
        offset += length + -length % _ALIGNMENT
    if offset != len(payload):
        raise WireError("malformed frame: bytes after the last tensor")
    return tensors


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        return False
    # A zero beside huge numbers passes a size check, and still overflows strides.
    return all(type(n) is int and 0 <= n < 2**31 for n in shape) and prod(map(_one, shape)) < 2**62


def _one(n: int) -> int:
    return max(n, 1)


def _tensor(payload: bytearray, offset: int, count: int, dtype: torch.dtype) -> torch.Tensor:
    if count == 0:
        return torch.empty(0, dtype=dtype)
    if dtype == torch.bool:  # any byte but 0 and 1 is undefined behaviour in torch
        return torch.frombuffer(payload, dtype=torch.uint8, count=count, offset=offset) != 0
    return torch.frombuffer(payload, dtype=dtype, count=count, offset=offset)
