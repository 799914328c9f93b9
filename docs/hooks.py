"""What MkDocs asks for while it builds: the generated pages, and mathematics that needs no script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # also where `mkdocs` is called by itself

from docs.site.generated import generated_pages, pictures  # noqa: E402
from docs.site.mathematics import title_with_mathml, with_mathml  # noqa: E402

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page


def on_files(files: Files, config: MkDocsConfig, **_: Any) -> Files:
    """Add the pages that are made from the course, and the pictures of the README."""
    from mkdocs.structure.files import File

    for uri, text in generated_pages(ROOT):
        files.append(File.generated(config, uri, content=text))
    for path in pictures(ROOT):
        files.append(File.generated(config, f"assets/pictures/{path.name}", abs_src_path=str(path)))
    return files


def on_page_content(html: str, page: Page, **_: Any) -> str:
    """Formulas as MathML, also those in the table of contents."""
    anchors = list(page.toc)
    while anchors:
        anchor = anchors.pop()
        anchor.title = title_with_mathml(anchor.title)
        anchors += anchor.children
    return with_mathml(html)
