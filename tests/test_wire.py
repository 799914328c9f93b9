"""Frames between processes: what goes in comes out, and nothing else gets past the reader."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.channel import Channel, Gone, Silence
from autograder.sandbox.wire import (
    HEADER,
    MAGIC,
    Kind,
    WireError,
    pack,
    parse_body,
    parse_header,
)

NONCE = bytes(range(16))


def travel(fields: dict[str, Any]) -> dict[str, Any]:
    """What a reader makes of a writer's frame."""
    frame = b"".join(pack(Kind.VALUE, NONCE, fields))
    header = parse_header(frame[: HEADER.size], 2**20, 2**24)
    split = HEADER.size + header.json_bytes
    assert len(frame) == split + header.tensor_bytes
    assert (header.kind, header.nonce) == (Kind.VALUE, NONCE)
    return parse_body(frame[HEADER.size : split], bytearray(frame[split:]))


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3),
        torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1),
        torch.tensor(3.5, dtype=torch.float64),
        torch.zeros(0, 3),
        torch.tensor([True, False, True]),
        torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
        torch.tensor([1 + 2j], dtype=torch.complex64),
        torch.tensor([float("nan"), float("inf")]),
        torch.tensor([2**62], dtype=torch.int64),
        torch.ones(3, requires_grad=True),
    ],
    ids=lambda t: f"{t.dtype}-{tuple(t.shape)}",
)
def test_tensors_keep_shape_dtype_and_every_bit(tensor: torch.Tensor) -> None:
    got = travel({"value": tensor})["value"]
    assert got.shape == tensor.shape
    assert got.dtype == tensor.dtype
    assert not got.requires_grad
    same = torch.equal if not tensor.is_floating_point() else torch.allclose
    assert tensor.isnan().any() or same(got, tensor.detach())
    assert torch.equal(got.isnan(), tensor.isnan())


def test_several_tensors_do_not_mix_up() -> None:
    odd = [torch.arange(n, dtype=torch.uint8) for n in (1, 15, 16, 17, 0, 3)]
    got = travel({"many": odd})["many"]
    assert all(torch.equal(a, b) for a, b in zip(got, odd, strict=True))


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), plain, max_size=4))
@settings(max_examples=60, deadline=None)
def test_plain_values_come_back_equal(fields: dict[str, Any]) -> None:
    try:
        frame = pack(Kind.VALUE, NONCE, fields)
    except UnicodeEncodeError:
        return  # half a surrogate pair
    assert frame
    assert travel(fields) == fields


def test_numpy_arrays_come_back_as_numpy_arrays() -> None:
    got = travel({"value": np.arange(4.0)})["value"]
    assert isinstance(got, np.ndarray)
    assert (got == np.arange(4.0)).all()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (HEADER.pack(b"XXXX", 16, NONCE, 0, 0), "does not start as a frame"),
        (HEADER.pack(MAGIC, 99, NONCE, 0, 0), "unknown kind of frame 99"),
        (HEADER.pack(MAGIC, 16, NONCE, 2**32 - 1, 0), "larger than the limit"),
        (HEADER.pack(MAGIC, 16, NONCE, 0, 2**63), "larger than the limit"),
    ],
)
def test_bad_headers_are_named(raw: bytes, message: str) -> None:
    with pytest.raises(WireError, match=message):
        parse_header(raw, 1000, 1000)


def body(value: Any, tensors: Any) -> bytes:
    return json.dumps({"v": value, "t": tensors}).encode()


FLOATS = {"d": [["value", {"t": 0}]]}
BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "not JSON": (b"\xff\xfe", 0),
    "NaN": (b'{"v": NaN, "t": []}', 0),
    "deep": (b"[" * 100_000, 0),
    "no fields": (b"{}", 0),
    "a list": (b"[]", 0),
    "fields that are none": (body(3, []), 0),
    "unknown node": (body({"d": [["value", {"x": 0}]]}, []), 0),
    "two keys": (body({"d": [["value", {"t": 0, "u": []}]]}, [["float32", [1]]]), 16),
    "index out of range": (body({"d": [["value", {"t": 5}]]}, []), 0),
    "negative index": (body({"d": [["value", {"t": -1}]]}, [["float32", [1]]]), 16),
    "odd dictionary": (body({"d": [[1, 2, 3]]}, []), 0),
    "number as key": (body({"d": [[1, 2]]}, []), 0),
    "unknown dtype": (body(FLOATS, [["object", [1]]]), 16),
    "dtype that is a list": (body(FLOATS, [[[], [1]]]), 16),
    "negative size": (body(FLOATS, [["float32", [-1]]]), 16),
    "size that is true": (body(FLOATS, [["float32", [True]]]), 16),
    "size that is a float": (body(FLOATS, [["float32", [1.0]]]), 16),
    "huge size": (body(FLOATS, [["float32", [2**62]]]), 16),
    "sizes that overflow": (body(FLOATS, [["float32", [2**30, 2**30, 2**30]]]), 16),
    "zero beside huge": (body(FLOATS, [["float32", [0, 2**31 - 1, 2**31 - 1, 2**31 - 1]]]), 0),
    "too many dimensions": (body(FLOATS, [["float32", [1] * 40]]), 16),
    "longer than the frame": (body(FLOATS, [["float32", [100]]]), 16),
    "bytes left over": (body(FLOATS, [["float32", [1]]]), 32),
    "surrogate": (b'{"v": {"d": [["value", "\\ud800"]]}, "t": []}', 0),
    "huge number": (b'{"v": ' + b"9" * 10_000 + b', "t": []}', 0),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_dishonest_bodies_are_wire_errors_and_nothing_else(name: str) -> None:
    raw, tensor_bytes = BAD_BODIES[name]
    with pytest.raises(WireError):
        parse_body(raw, bytearray(tensor_bytes))


@given(st.binary(max_size=200), st.binary(max_size=64))
@settings(max_examples=200, deadline=None)
def test_garbage_never_does_more_than_a_wire_error(raw: bytes, payload: bytes) -> None:
    try:
        fields = parse_body(raw, bytearray(payload))
    except WireError:
        return
    assert isinstance(fields, dict)


def test_booleans_are_normalised() -> None:
    value = parse_body(body(FLOATS, [["bool", [3]]]), bytearray([2, 0, 255] + [0] * 13))["value"]
    assert value.tolist() == [True, False, True]
    assert value.view(torch.uint8).tolist() == [1, 0, 1]


@pytest.fixture
def wire() -> Any:
    import os

    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    channel = Channel(ours, reading, keep_bytes=100)
    yield channel, theirs, writing
    channel.close()
    theirs.close()
    os.close(writing)


def answer(theirs: socket.socket, reply: Callable[[bytes], bytes]) -> threading.Thread:
    """Read one question in a thread and send what `reply` makes of its nonce."""

    def work() -> None:
        question = theirs.recv(1 << 16)
        theirs.sendall(reply(HEADER.unpack(question[: HEADER.size])[2]))

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_an_answer_with_another_nonce_is_refused(wire: Any) -> None:
    channel, theirs, _ = wire
    thread = answer(theirs, lambda nonce: b"".join(pack(Kind.VALUE, bytes(16), {"value": 1})))
    with pytest.raises(WireError, match="another question"):
        channel.ask(Kind.CALL, {}, 5, 1000)
    thread.join()


def test_an_honest_answer_arrives(wire: Any) -> None:
    channel, theirs, _ = wire
    thread = answer(theirs, lambda nonce: b"".join(pack(Kind.VALUE, nonce, {"value": (1, "a")})))
    assert channel.ask(Kind.CALL, {}, 5, 1000) == (Kind.VALUE, {"value": (1, "a")})
    thread.join()


def test_an_answer_larger_than_allowed_is_refused_before_it_is_read(wire: Any) -> None:
    channel, theirs, _ = wire
    thread = answer(theirs, lambda nonce: HEADER.pack(MAGIC, Kind.VALUE, nonce, 10, 2**40))
    with pytest.raises(WireError, match="larger than the limit"):
        channel.ask(Kind.CALL, {}, 5, 1000)
    thread.join()


def test_bytes_before_the_question_are_refused(wire: Any) -> None:
    channel, theirs, _ = wire
    theirs.sendall(b"early")
    with pytest.raises(WireError, match="before it was asked"):
        channel.ask(Kind.CALL, {}, 5, 1000)


def test_dripping_does_not_stretch_the_deadline(wire: Any) -> None:
    channel, theirs, _ = wire
    stop = threading.Event()

    def drip() -> None:
        nonce = HEADER.unpack(theirs.recv(1 << 16)[: HEADER.size])[2]
        for byte in HEADER.pack(MAGIC, Kind.VALUE, nonce, 1000, 0) + bytes(1000):
            if stop.wait(0.05):
                return
            theirs.send(bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    start = time.monotonic()
    with pytest.raises(Silence):
        channel.ask(Kind.CALL, {}, 0.4, 1000)
    assert time.monotonic() - start < 30
    stop.set()
    thread.join()


def test_a_closed_wire_is_gone_not_silence(wire: Any) -> None:
    channel, theirs, _ = wire
    theirs.close()
    with pytest.raises(Gone):
        channel.ask(Kind.CALL, {}, 5, 1000)


def test_output_beyond_the_limit_is_cut_and_says_so(wire: Any) -> None:
    import os

    channel, _, writing = wire
    os.write(writing, b"a" * 60)
    assert channel.printed() == "a" * 60
    os.write(writing, b"b" * 60)
    assert channel.printed() == "a" * 60 + "b" * 40 + "\n… (the rest was not kept)"
