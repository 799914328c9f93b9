"""A PNG of a few coloured cells, one pixel each, without any library for images."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

from autograder.sketches.colours import Colour


def cells_png(colours: Sequence[Colour], columns: int) -> bytes:
    """`colours` row by row; browsers enlarge it without smoothing."""
    rows = len(colours) // columns
    lines = b"".join(
        b"\0" + b"".join(bytes(c) for c in colours[row * columns : (row + 1) * columns])
        for row in range(rows)
    )
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def cells_url(colours: Sequence[Colour], columns: int) -> str:
    """The same as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(cells_png(colours, columns)).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
