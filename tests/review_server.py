"""The review page as it runs: a real server on a free port, and a browser's first steps."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from autograder.gradebook.book import Gradebook
from autograder.gradebook.everybody import everybody
from autograder.grading.entry import known_ids
from autograder.review.app import create_app
from autograder.review.classroom import Classroom
from autograder.review.files import ClassFiles
from autograder.review.keys import Keys
from autograder.review.server import make_server
from autograder.settings import load_settings


@dataclass
class Running:
    """A server and the class behind it."""

    root: Path
    address: str
    keys: Keys
    room: Classroom

    @property
    def link(self) -> str:
        """What the terminal would show."""
        return f"{self.address}/enter?token={self.keys.token}"

    def client(self) -> httpx.Client:
        """A browser that has come by the link."""
        client = httpx.Client(
            base_url=self.address,
            headers={"Origin": self.address},
            follow_redirects=True,
            timeout=60,
        )
        assert client.get(self.link).status_code == 200
        return client

    def key(self, student: str) -> str:
        """What stands for a student in addresses."""
        return self.room.aliases("a1").key(student)

    def item(self, student: str, item: str = "half_pixel") -> str:
        """The page of an answer."""
        return f"/works/a1/items/{item}/{self.key(student)}"

    def person(self, student: str) -> str:
        """The page of a submission."""
        return f"/works/a1/people/{self.key(student)}"


@contextmanager
def serving(
    root: Path,
    *folders: Path,
    who: str = "grace",
    anonymous: bool = False,
    database: str | None = None,
) -> Iterator[Running]:
    """A server on the gradebook at `root`, until the end of the block."""
    with ExitStack() as to_close:
        book = to_close.enter_context(Gradebook.open(database or "gradebook.db", root))
        files = ClassFiles(list(folders), known_ids(everybody(book)))
        to_close.callback(files.close)
        room = Classroom(book, load_settings(root), root, who, files)
        listener = to_close.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        keys = Keys(f"review-{port}")
        server = make_server(create_app(room, keys, anonymous=anonymous))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield Running(root, f"http://127.0.0.1:{port}", keys, room)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive(), "the server does not end"


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form, as a browser would send them."""
    form = page[page.index("<form", page.index('<div id="content"')) :]
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    for name, text in re.findall(r'<textarea[^>]* ?name="(\w+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = text
    return found
