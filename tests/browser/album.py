"""Screenshots as they are taken, in build/screenshots, and a page that shows them all."""

from __future__ import annotations

import html
import re
from pathlib import Path

from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[2] / "build" / "screenshots"


class Album:
    """The pictures of one notebook in one front end: `NOTEBOOK/FRONT-END/01-what-it-shows.png`."""

    def __init__(self, notebook: str, front_end: str, root: Path = ROOT) -> None:
        self.folder = root / notebook / front_end
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.*"):
            old.unlink()
        self._count = 0

    def keep(self, what: Page | Locator, name: str) -> Path:
        """Take a picture; numbered, so that they lie in the order of the story."""
        self._count += 1
        words = re.sub(r"\W+", "-", name.lower()).strip("-")
        path = self.folder / f"{self._count:02}-{words}.png"
        what.screenshot(path=path, animations="disabled")
        return path

    def failure(self, page: Page, why: str) -> None:
        """What the tab showed when a test failed, and why, as far as it still shows anything."""
        self.note(why)
        try:
            self.keep(page, "failed here")
        except Exception as error:  # the page may be gone; the test's own error counts
            self.note(f"no picture: {error}")

    def note(self, text: str) -> None:
        """A line for whoever looks at the pictures."""
        with (self.folder / "notes.txt").open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def write_contact_sheet(root: Path = ROOT) -> Path:
    """index.html over everything that is there: by notebook, then front end, in the order of each story."""
    parts = []
    for folder in sorted({path.parent for path in root.rglob("*.png")}):
        parts.append(f"<h2>{html.escape(str(folder.relative_to(root)))}</h2><div>")
        for path in sorted(folder.glob("*.png")):
            name = html.escape(path.stem)
            place = html.escape(path.relative_to(root).as_posix())
            picture = f'<img loading="lazy" src="{place}" alt="{name}">'
            parts.append(f'<a href="{place}">{picture}<span>{name}</span></a>')
        parts.append("</div>")
    page = root / "index.html"
    page.write_text(_PAGE.replace("BODY", "\n".join(parts)), encoding="utf-8")
    return page


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Notebooks in a browser</title>
<style>
body { font: 15px/1.4 sans-serif; margin: 2em; background: #f4f4f4 }
div { display: flex; flex-wrap: wrap; gap: 12px }
a { width: 300px; background: white; padding: 8px; color: #333; text-decoration: none; overflow-wrap: anywhere }
img { width: 100%; height: 220px; object-fit: contain; object-position: top }
</style><h1>Notebooks in a browser</h1>
BODY
</html>
"""
