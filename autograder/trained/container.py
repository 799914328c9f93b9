"""Bytes in a safetensors file, read as if an enemy had written it: no library, no code, nothing allocated on its word.

A safetensors file is the length of a header (8 bytes, little-endian), the header (JSON: tensors with dtype, shape and
place, and a `__metadata__` of texts), then the numbers. Here all numbers are whole, 0 to 255.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_HEADER_BYTES = 64 * 2**10
_DTYPE = "U8"


class ContainerFault(ValueError):
    """The file is not what it should be; the message says how, not what to do."""


@dataclass(frozen=True)
class Block:
    """A tensor of bytes, row by row."""

    shape: tuple[int, ...]
    data: bytes


def pack(blocks: Mapping[str, Block], texts: Mapping[str, str]) -> bytes:
    """The file's bytes; equal content gives equal bytes."""
    header: dict[str, Any] = {"__metadata__": dict(sorted(texts.items()))}
    start = 0
    for name, block in sorted(blocks.items()):
        if math.prod(block.shape) != len(block.data):
            raise ValueError(f"{name}: shape {block.shape} does not hold {len(block.data)} bytes")
        end = start + len(block.data)
        header[name] = {"dtype": _DTYPE, "shape": list(block.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the format aligns its numbers
    body = b"".join(block.data for _, block in sorted(blocks.items()))
    return len(text).to_bytes(8, "little") + text + body


def unpack(data: bytes) -> tuple[dict[str, Block], dict[str, str]]:
    """Tensors and texts of a file; ContainerFault for whatever is no file of whole numbers from 0 to 255."""
    header, body = _split(data)
    texts = header.pop("__metadata__", {})
    if not isinstance(texts, dict) or not all(isinstance(v, str) for v in texts.values()):
        raise ContainerFault("its metadata are not texts")
    blocks: dict[str, Block] = {}
    covered = 0
    for name, entry in header.items():
        shape, start, end = _entry(name, entry)
        if start != covered or end > len(body):
            raise ContainerFault(f"the numbers of {name[:40]!r} are not where its header says")
        covered = end
        blocks[name] = Block(shape, body[start:end])
    if covered != len(body):
        raise ContainerFault(f"{len(body) - covered} bytes too many follow its numbers")
    return blocks, texts


def _split(data: bytes) -> tuple[dict[str, Any], bytes]:
    if len(data) < 8:
        raise ContainerFault(f"it is {len(data)} bytes long and ends before its header")
    length = int.from_bytes(data[:8], "little")
    if length > min(MOST_HEADER_BYTES, len(data) - 8):
        raise ContainerFault(f"its header claims {length} bytes; the file was cut off or is none")
    try:
        header = json.loads(data[8 : 8 + length], object_pairs_hook=_without_twins)
    except ContainerFault:
        raise
    except (ValueError, RecursionError):
        raise ContainerFault("its header is not valid JSON") from None
    if not isinstance(header, dict):
        raise ContainerFault("its header lists no tensors")
    return header, data[8 + length :]


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary, where JSON itself would silently let the last of two equal names win."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ContainerFault("its header names something twice")
    return found


def _entry(name: str, entry: Any) -> tuple[tuple[int, ...], int, int]:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ContainerFault(f"its header describes {name[:40]!r} in a way of its own")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype != _DTYPE:
        said = dtype[:20] if isinstance(dtype, str) else type(dtype).__name__
        raise ContainerFault(f"{name[:40]!r} holds {said!r}, not whole numbers 0 to 255")
    if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2 or len(shape) > 8:
        raise ContainerFault(f"shape or place of {name[:40]!r} are no sizes")
    start, end = offsets
    if math.prod(shape) != end - start:
        raise ContainerFault(f"the shape of {name[:40]!r} does not fit its numbers")
    return tuple(shape), start, end


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 2**40 for n in value)
