"""The pages that are made from the course itself, so that they cannot fall behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docs.site.commands import commands_page
from docs.site.conventions import conventions_page
from docs.site.exercises import exercises_page
from docs.site.handouts import handout_pages
from docs.site.settings_keys import settings_page


def generated_pages(root: Path) -> Iterator[tuple[str, str]]:
    """Address and Markdown of each generated page."""
    yield "reference/commands.md", commands_page()
    yield "reference/settings.md", settings_page(root)
    yield "reference/exercises.md", exercises_page(root)
    yield "reference/conventions.md", conventions_page(root)
    yield from handout_pages(root)


def pictures(root: Path) -> list[Path]:
    """The README's pictures, which pages show, too."""
    return sorted((root / "assets" / "pictures").glob("*.png"))
