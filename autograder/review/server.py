"""The server: on this machine's own address only, until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from autograder.review.app import create_app
from autograder.review.classroom import Classroom
from autograder.review.door import Door
from autograder.review.keys import Keys

LOOPBACK = "127.0.0.1"  # these pages show grades: no other address will do


class PortError(Exception):
    """The port cannot be had; the message says what to do."""


def serve(
    room: Classroom, port: int, *, anonymous: bool = False, ready: Callable[[str], None]
) -> None:
    """Serve until somebody stops it. `ready` is told the link, once it works."""
    try:
        listener = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise PortError(
            f"port {port} cannot be used ({error.strerror}): perhaps another `autograder serve` runs there. "
            "Stop that one, or take any free port with --port 0."
        ) from None
    with listener:
        port = listener.getsockname()[1]
        keys = Keys(f"review-{port}")
        server = make_server(create_app(room, keys, anonymous=anonymous))
        ready(f"http://{LOOPBACK}:{port}/enter?token={keys.token}")
        server.run(sockets=[listener])


def make_server(app: Door) -> uvicorn.Server:
    """A server that says nothing about itself and believes nobody's word on who is calling."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)
