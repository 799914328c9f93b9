"""What a student does to a notebook in a browser, whichever front end shows it."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import BrowserContext, Locator, Page, Route, WebSocketRoute
from playwright.sync_api import TimeoutError as Late

from tests.browser.album import Album
from tests.browser.servers import Server

PATIENCE = 120_000.0  # milliseconds that anything may take; nearly everything takes one second
BADGE = '<svg xmlns="http://www.w3.org/2000/svg" width="117" height="20"/>'
# What the front ends say of themselves, which no notebook can help.
# The last one: on a busy machine the classic front end may hear of a widget that is gone, and shows nothing of it.
THEIRS = (
    *("favicon", "WebGL", "sourcemap", "source map", "MathJax", "about:blank"),
    "Comm promise not found",
)


class FrontEnd(ABC):
    """One notebook open in one tab. A context manager: a test that fails leaves a picture of the tab.

    Cells are named by their place in the notebook, from 0.
    """

    name: str  # for people, as "JupyterLab"

    def __init__(self, context: BrowserContext, server: Server, path: str, album: Album) -> None:
        self.context, self.server, self.path, self.album = context, server, path, album
        self.owner = True  # of the kernel, which ends with the tab
        self.complaints: list[str] = []  # of the browser's console, and addresses outside
        self.lines: list[WebSocketRoute] = []  # between the page and its kernel
        self._new_page()

    def _new_page(self) -> None:
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.route_web_socket(re.compile(r"/api/kernels/.*/channels"), self._connect)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        self.page.route(lambda url: not url.startswith(self.server.url), self._outside)

    def __enter__(self) -> Self:
        try:
            self.open()
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None
    ) -> None:
        if kind is not None and not self.page.is_closed():
            self.album.failure(self.page, f"{type(error).__name__}: {error}")
        self.page.close(run_before_unload=False)
        if self.owner:
            self.server.end_kernels(self.path)

    def break_the_line(self) -> None:
        """What a train in a tunnel does: connections to kernels end without a word; new ones may be made."""
        lines, self.lines = self.lines, []
        for line in lines:
            line.close(code=1011, reason="broken by a test")

    def _connect(self, line: WebSocketRoute) -> None:
        self.lines.append(line.connect_to_server())
        self.lines.append(line)

    def _heard(self, message: Any) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(word in text for word in THEIRS):
            self.complaints.append(text)

    def _outside(self, route: Route) -> None:
        """Nothing is fetched from elsewhere, except the badge, which is only a picture."""
        url = route.request.url
        if url.endswith("colab-badge.svg"):
            route.fulfill(body=BADGE, content_type="image/svg+xml")
            return
        self.complaints.append(f"the page asked for {url}")
        route.abort()

    @property
    def file(self) -> Path:
        """The notebook as it lies on the server's disk."""
        return self.server.root / self.path

    def saved(self) -> list[dict[str, Any]]:
        """The cells as last saved."""
        cells: list[dict[str, Any]] = json.loads(self.file.read_text(encoding="utf-8"))["cells"]
        return cells

    def open(self) -> None:
        """Load the notebook and wait for its kernel to be idle."""
        self.load()
        self.wait_idle()

    def reopen(self) -> None:
        """Close the tab and open it again, whatever the kernel does meanwhile."""
        self.page.close(run_before_unload=False)
        self._new_page()
        self.load()

    @abstractmethod
    def load(self) -> None:
        """Go to the notebook's page and wait until its cells are there."""

    @abstractmethod
    def wait_idle(self) -> None:
        """Until the kernel is there and has nothing to do."""

    @abstractmethod
    def take_the_files(self) -> None:
        """In the dialog that asks which version counts: the one on the disk. Wait until it is there."""

    @abstractmethod
    def text(self, index: int) -> str:
        """What stands in a cell."""

    @abstractmethod
    def dismiss(self) -> None:
        """Close the dialog that only tells something."""

    @abstractmethod
    def cell(self, index: int) -> Locator:
        """The cell's place in the page, scrolled into view."""

    @abstractmethod
    def output(self, index: int) -> Locator:
        """All that the cell has put out."""

    @abstractmethod
    def start(self, index: int) -> None:
        """Run a cell by the keyboard, as a student does; does not wait."""

    @abstractmethod
    def busy(self, index: int) -> bool:
        """Whether the cell waits or runs."""

    @abstractmethod
    def done(self, index: int) -> None:
        """Wait until the cell has run and all its outputs are there."""

    @abstractmethod
    def save(self) -> None:
        """Ctrl+S, and wait until the file is written."""

    @abstractmethod
    def dialogs(self) -> list[str]:
        """The text of every dialog that stands in the way."""

    @abstractmethod
    def restart_kernel(self) -> None:
        """What the front end's restart does, confirmed."""

    @abstractmethod
    def dark(self) -> bool:
        """Change to a dark theme; whether the front end has one."""

    @abstractmethod
    def editor(self, index: int) -> Locator:
        """Where the cell's text can be clicked."""

    def paste(self, index: int, text: str) -> None:
        """Replace a cell's text through the clipboard."""
        self.cell(index)
        self.editor(index).click()
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Control+v")

    def run(self, index: int) -> str:
        """Run a cell and wait for its end; the text of its outputs."""
        self.start(index)
        self.done(index)
        return self.output(index).inner_text()

    def wait_for_text(self, index: int, text: str) -> None:
        """Until the cell's output says something."""
        self.output(index).get_by_text(text).first.wait_for()

    def drag(self, picture: Locator, right: float, down: float) -> None:
        """A mouse that goes over a picture with its button held, by shares of its width and height."""
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        assert box is not None, "the picture is not in the page"
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right * box["width"], y + down * box["height"], steps=6)
        self.page.mouse.up()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Look again and again, letting the page work in between; a sentence says what never came."""
        for _ in range(int(PATIENCE / 50)):
            if condition():
                return
            self.page.wait_for_timeout(50)
        raise Late(f"waited {PATIENCE / 1000:.0f} s in vain until {what}")

    def photograph(self, name: str, index: int | None = None) -> None:
        """A picture of the window, or of what one cell has put out, for the album."""
        if index is None:
            self.album.keep(self.page, name)
            return
        self.cell(index)
        output, size = self.output(index), self.page.viewport_size
        box = output.bounding_box()
        assert size is not None, "every window has a size"
        if box is None or not box["height"]:
            return
        # The part of the window that scrolls is smaller than the window: what is higher would be cut.
        tall = int(box["height"]) + 300 > size["height"]
        if tall:
            self.page.set_viewport_size({**size, "height": int(box["height"]) + 300})
        self.album.keep(output, name)
        if tall:
            self.page.set_viewport_size(size)
