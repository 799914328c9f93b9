"""Servers, a browser and what students are given: made once a test run, if the machine has what they need."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.release.contents import contents_of, published
from autograder.release.trained_tasks import released_files
from autograder.settings import load_settings
from tests.browser.album import ROOT as ALBUMS
from tests.browser.album import Album, write_contact_sheet
from tests.browser.cells import REPOSITORY
from tests.browser.classic import Classic
from tests.browser.front_end import FrontEnd
from tests.browser.lab import Lab
from tests.browser.servers import Server, start

COLAB = Path(os.environ.get("COLAB_VENV", REPOSITORY / ".colab"))
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
FRONT_ENDS = {"lab": Lab, "classic": Classic}
Open = Callable[..., FrontEnd]


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What students have once the last notebook is out: no solutions, no answers of that notebook."""
    folder = tmp_path_factory.mktemp("released")
    settings = load_settings(REPOSITORY)
    contents = contents_of(REPOSITORY, settings, len(published(settings)))
    drawn = released_files(REPOSITORY, contents.notebooks)
    for path in contents.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(drawn.get(path) or (REPOSITORY / path).read_bytes())
    return folder


@pytest.fixture(scope="session")
def servers(
    released: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Server]]:
    """Each front end's server, started when first asked for."""
    running: dict[str, Server] = {}

    def serve(name: str) -> Server:
        if name not in running:
            home = tmp_path_factory.mktemp(f"{name}-home")
            work = tmp_path_factory.mktemp(f"{name}-work")
            running[name] = start(_command(name, home), work, home, _environment(name, released))
        return running[name]

    yield serve
    for server in running.values():
        server.stop()


def _command(name: str, home: Path) -> list[str | Path]:
    if name == "classic":
        if not (COLAB / "bin" / "jupyter-notebook").exists():
            pytest.skip("no environment like Colab's here; make colab builds it")
        return [COLAB / "bin" / "python", "-m", "notebook"]
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed; make setup installs it")
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    return [sys.executable, "-m", "jupyterlab", "--expose-app-in-browser"]


def _environment(name: str, released: Path) -> dict[str, str]:
    # Some packages Colab lacks; the course's wheel brings them along.
    places = [released, *([COLAB / "additions"] if name == "classic" else [])]
    return {
        "COURSE_MODE": "smoke",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(map(str, places)),
    }


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """A browser. For one module only: while it runs, other tests of the process cannot use asyncio."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium here (Debian: apt install chromium)")
    flags = FLAGS.split() + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: object) -> Iterator[object]:
    """A browser window without a past, 1400×1000, that may use the clipboard."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})  # type: ignore[attr-defined]
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


def copy_handout(path: Path) -> None:
    """The handout as students download it."""
    path.parent.mkdir()
    shutil.copy(REPOSITORY / "notebooks" / path.name, path)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Browser, server and kernel share a machine with other tests; what fails once may try once more.

    The summary counts it as a rerun, and the album keeps the pictures of both.
    """
    item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def opened(
    window: object, servers: Callable[[str], Server], request: pytest.FixtureRequest
) -> Open:
    """A copy of a handout, in a folder of its own, in a tab that a `with` opens and closes."""
    albums: dict[str, Album] = {}  # tabs of one story share theirs
    again = "-again" if getattr(request.node, "execution_count", 1) > 1 else ""

    def open_notebook(
        front_end: str,
        notebook: str,
        story: str = "",
        write: Callable[[Path], object] = copy_handout,
        folder: str = "",
    ) -> FrontEnd:
        server = servers(front_end)
        folder = (folder or f"{notebook}{story and '-'}{story}") + again
        path = server.root / folder / f"{notebook}.ipynb"
        if not path.exists():
            write(path)
        if folder not in albums:
            earlier = ALBUMS / f"{folder}-again" / front_end
            shutil.rmtree(earlier, ignore_errors=True)
            albums[folder] = Album(folder, front_end)
        place = f"{folder}/{notebook}.ipynb"
        return FRONT_ENDS[front_end](window, server, place, albums[folder])

    return open_notebook


@pytest.fixture(scope="session", autouse=True)
def _contact_sheet() -> Iterator[None]:
    yield
    write_contact_sheet()
