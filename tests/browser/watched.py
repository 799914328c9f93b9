"""Who watches the review page in a browser: what it asks for, what pops up, and an attacker's server that waits."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

from tests.first_published import REPOSITORY
from tests.review_server import Running

SHOTS = REPOSITORY / "build" / "screenshots" / "review"


class Elsewhere:
    """The attacker's server: it answers nothing and knows who has called."""

    def __init__(self, listener: socket.socket) -> None:
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        self.calls: list[bytes] = []
        self._listener = listener
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # the test is over
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(1)
                with contextlib.suppress(OSError), connection:
                    self.calls.append(b"a connection")
                    self.calls.append(connection.recv(200))


class Watched:
    """A page that keeps an account of everything it asks for and everything that pops up."""

    def __init__(self, context: Any, server: Running, elsewhere: Elsewhere) -> None:
        self.server, self.context, self.elsewhere = server, context, elsewhere
        self.requests: list[str] = []  # also those that the browser did not let through
        self.alarms: list[str] = []
        context.set_default_timeout(90_000)  # milliseconds: other tests keep the machine busy
        self.page = context.new_page()
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("page", lambda page: self.alarms.append(f"a new window: {page.url}"))
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.alarms.append(f"an error: {error}"))
        self.page.on("download", lambda file: self.alarms.append(f"a download: {file.url}"))
        self.page.goto(server.link)

    def _dialog(self, dialog: Any) -> None:
        self.alarms.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str) -> Any:
        self.page.goto(self.server.address + path)
        return self.page

    def shot(self, name: str, *, full: bool = False) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=full)

    def assert_quiet(self) -> None:
        assert self.alarms == []
        assert self.elsewhere.calls == []
