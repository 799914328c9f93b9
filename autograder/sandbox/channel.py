"""The grader's end of the wire: one deadline per question, no byte believed that came before it was asked."""

from __future__ import annotations

import os
import secrets
import select
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograder.sandbox.wire import (
    HEADER,
    NONCE_BYTES,
    REPLY_JSON_BYTES,
    Kind,
    WireError,
    pack,
    parse_body,
    parse_header,
)

_CHUNK = 1 << 18
MOST_CALL_BACKS = 10_000  # per question; an optimiser of hundreds of steps stays far below

CallBack = Callable[[dict[str, Any], float], dict[str, Any]]  # fields, seconds left → fields


class Silence(Exception):
    """No whole answer within the time."""


class Gone(Exception):
    """The worker closed its end: it exited, crashed or was killed."""


class Channel:
    """Asks questions over a socket and meanwhile drains what the worker prints, keeping its beginning."""

    def __init__(self, connection: socket.socket, output: int, keep_bytes: int) -> None:
        connection.setblocking(False)
        os.set_blocking(output, False)
        self._socket = connection
        self._output = output
        self._keep = keep_bytes
        self._kept = bytearray()
        self._cut = False
        self._output_open = True
        self._nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)

    def ask(
        self,
        kind: Kind,
        fields: Mapping[str, Any],
        seconds: float,
        reply_bytes: int,
        call_back: CallBack | None = None,
    ) -> tuple[Kind, dict[str, Any]]:
        """Send a question and wait for its answer; meanwhile answer the worker's own questions by `call_back`.

        Raises Silence after `seconds`, Gone if the worker ended, WireError for a dishonest answer and
        CodecError where the question itself cannot be sent.
        """
        deadline = time.monotonic() + seconds
        nonce = secrets.token_bytes(NONCE_BYTES)
        question = pack(kind, nonce, fields)
        self._refuse_early_bytes()
        self._send(question, deadline)
        for _ in range(MOST_CALL_BACKS + 1):
            answer, said = self._frame(nonce, deadline, reply_bytes)
            if answer != Kind.CALL_BACK:
                return answer, said
            if call_back is None:
                raise WireError("the worker asks, and nobody allowed it to")
            reply = call_back(said, deadline - time.monotonic())
            self._refuse_early_bytes()
            self._send(pack(Kind.ANSWER, nonce, reply), deadline)
        raise WireError(f"the worker asked more than {MOST_CALL_BACKS:,} questions of its own")

    def _frame(
        self, nonce: bytes, deadline: float, reply_bytes: int
    ) -> tuple[Kind, dict[str, Any]]:
        header = parse_header(
            bytes(self._receive(HEADER.size, deadline)), REPLY_JSON_BYTES, reply_bytes
        )
        if header.nonce != nonce:
            raise WireError("the answer belongs to another question")
        body = self._receive(header.json_bytes, deadline)
        payload = self._receive(header.tensor_bytes, deadline)
        return header.kind, parse_body(bytes(body), payload)

    def forget_printed(self) -> None:
        """Start the text that `printed` returns anew."""
        self.printed()
        self._kept.clear()
        self._cut = False

    def printed(self) -> str:
        """What the worker printed so far, at most the bytes that are kept."""
        if self._output_open:
            self._drain(limit=1 << 24)
        text = self._kept.decode("utf-8", "replace")
        return text + "\n… (the rest was not kept)" if self._cut else text

    def close(self) -> None:
        """Close both descriptors."""
        self._socket.close()
        self._close_output()

    def _close_output(self) -> None:
        if self._output_open:
            self._output_open = False
            os.close(self._output)
            os.close(self._nowhere)

    def _refuse_early_bytes(self) -> None:
        try:
            early = self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError as error:
            raise Gone from error
        if not early:
            raise Gone
        raise WireError("the worker sent an answer before it was asked")

    def _send(self, pieces: Sequence[memoryview], deadline: float) -> None:
        for piece in pieces:
            while len(piece):
                self._wait(select.POLLOUT, deadline)
                try:
                    piece = piece[self._socket.send(piece[:_CHUNK]) :]
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise Gone from error

    def _receive(self, count: int, deadline: float) -> bytearray:
        buffer = bytearray(count)
        view, have = memoryview(buffer), 0
        while have < count:
            self._wait(select.POLLIN, deadline)
            try:
                # recv, not recvmsg: descriptors that come with the bytes are dropped by the kernel
                got = self._socket.recv_into(view[have : have + _CHUNK])
            except BlockingIOError:
                continue
            except OSError as error:
                raise Gone from error
            if got == 0:
                raise Gone
            have += got
        return buffer

    def _wait(self, event: int, deadline: float) -> None:
        """Until the socket is ready for `event`; what is printed meanwhile is drained."""
        poll = select.poll()
        poll.register(self._socket, event)
        if self._output_open:
            poll.register(self._output, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silence
            ready = dict(poll.poll(left * 1000))
            if self._output_open and self._output in ready and not self._drain(limit=1 << 20):
                poll.unregister(self._output)
            if self._socket.fileno() in ready:
                return

    def _drain(self, limit: int) -> bool:
        """Read what was printed; whether more may come."""
        while limit > 0:
            room = self._keep - len(self._kept)
            try:
                count = self._read(room) if room > 0 else self._discard()
            except BlockingIOError:
                return True
            if not count:
                self._close_output()
                return False
            limit -= count
        return True

    def _read(self, room: int) -> int:
        """Read a piece and keep what there is room for; the bytes that were read."""
        chunk = os.read(self._output, 1 << 16)
        self._kept += chunk[:room]
        self._cut |= len(chunk) > room
        return len(chunk)

    def _discard(self) -> int:
        """Let the kernel throw away what nobody keeps: gigabytes of prints cost an exercise little time."""
        count = os.splice(self._output, self._nowhere, 1 << 20, flags=os.SPLICE_F_NONBLOCK)
        self._cut |= count > 0
        return count
