"""A notebook's cells with their outputs, each reduced to something that can be shown without trusting it."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from autograder.review.visible import printed, shortened

MOST_TEXT = 20_000  # characters of one output
MOST_FRAME = 2_000_000  # characters of one HTML output
MOST_IMAGE = 6_000_000  # bytes of one picture
MOST_PIXELS = 25_000_000
MOST_OUTPUTS = 60  # of one cell
MOST_CELLS = 2_000
MOST_WORDS = 1_500_000  # characters of all cells
MOST_DATA = 40_000_000  # characters of all outputs
MOST_PARSED = 64 * 2**20  # bytes of a notebook whose outputs are read
_IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


class Kind(StrEnum):
    """How an output is shown."""

    TEXT = "text"
    ERROR = "error"  # a traceback, or what was printed to stderr
    PICTURE = "picture"
    FRAME = "frame"  # HTML or SVG, in a sandboxed frame of its own
    PROSE = "prose"  # markdown
    NOTE = "note"  # our words on something that is not shown


@dataclass(frozen=True)
class Output:
    """One output. `data` is text (of frames their HTML or SVG), or the base64 of a picture."""

    kind: Kind
    data: str
    mime: str = ""
    tall: int = 0  # pixels that a frame probably needs


_TOO_LARGE = Output(
    Kind.NOTE, f"A picture of more than {MOST_PIXELS // 10**6} million pixels is not shown."
)


@dataclass(frozen=True)
class NotebookCell:
    """A cell with everything that is shown of it, counted from 1."""

    number: int
    kind: str  # "code", "markdown" or "raw"
    source: str
    task: str  # the id of an exercise or question that it carries, or ""
    outputs: tuple[Output, ...] = ()


def read_outputs(cells: Sequence[Any]) -> tuple[NotebookCell, ...]:
    """The cells of a notebook, from what JSON has of them; of a huge one so much as a page can bear."""
    found: list[NotebookCell] = []
    words = data = 0
    for number, raw in enumerate(cells[:MOST_CELLS], start=1):
        cell = _cell(number, raw)
        words += len(cell.source)
        data += sum(len(output.data) for output in cell.outputs)
        if words > MOST_WORDS:
            cell = replace(cell, source="(not shown: the notebook is too long)")
        if data > MOST_DATA:
            note = Output(Kind.NOTE, "Outputs are not shown from here on: there are too many.")
            cell = replace(cell, outputs=(note,) if cell.outputs else ())
        found.append(cell)
    if len(cells) > MOST_CELLS:
        more = f"(The notebook has {len(cells) - MOST_CELLS:,} more cells.)"
        found.append(NotebookCell(MOST_CELLS + 1, "raw", more, ""))
    return tuple(found)


def author_names(cells: Sequence[Any]) -> frozenset[str]:
    """Names that Colab writes into a notebook beside its cells: of whoever ran them."""
    found: set[str] = set()
    for cell in cells:
        user: Any = cell
        for key in ("metadata", "executionInfo", "user"):
            user = user.get(key) if isinstance(user, dict) else None
        if isinstance(user, dict):
            names = (user.get("displayName"), user.get("userId"))
            found |= {n for n in names if isinstance(n, str) and 2 <= len(n) <= 100}
    return frozenset(found)


def _cell(number: int, raw: Any) -> NotebookCell:
    if not isinstance(raw, dict):
        return NotebookCell(number, "raw", "", "")
    kind = raw.get("cell_type")
    metadata = raw.get("metadata")
    tags = metadata if isinstance(metadata, dict) else {}
    task = next((tags[k] for k in ("exercise", "written", "trained") if k in tags), "")
    outputs = raw.get("outputs")
    shown = list(_outputs(outputs if isinstance(outputs, list) else []))
    attached = raw.get("attachments")
    if isinstance(attached, dict):
        bundles = [bundle for bundle in attached.values() if isinstance(bundle, dict)]
        shown += [_bundle(bundle) for bundle in bundles[:MOST_OUTPUTS]]
    return NotebookCell(
        number,
        kind if kind in ("code", "markdown") else "raw",
        _text(raw.get("source", raw.get("input", ""))),
        task if isinstance(task, str) else "",
        tuple(shown),
    )


def _outputs(raw: Sequence[Any]) -> Iterator[Output]:
    for output in raw[:MOST_OUTPUTS]:
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == "stream":
            name = Kind.ERROR if output.get("name") == "stderr" else Kind.TEXT
            yield Output(name, shortened(printed(_text(output.get("text"))), MOST_TEXT))
        elif kind == "error":
            lines = output.get("traceback")
            text = (
                "\n".join(line for line in lines if isinstance(line, str))
                if isinstance(lines, list)
                else ""
            )
            text = text or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
            yield Output(Kind.ERROR, shortened(printed(text), MOST_TEXT))
        else:
            data = output.get("data")
            yield _bundle(data if isinstance(data, dict) else {})
    if len(raw) > MOST_OUTPUTS:
        yield Output(
            Kind.NOTE, f"{len(raw) - MOST_OUTPUTS} more outputs of this cell are not shown."
        )


def _bundle(data: Mapping[Any, Any]) -> Output:
    """The richest form of an output that can be shown."""
    plain = shortened(printed(_text(data.get("text/plain"))), MOST_TEXT)
    if "application/vnd.jupyter.widget-view+json" in data:
        return Output(Kind.NOTE, "An interactive widget: it lives in a running notebook only.")
    if "text/html" in data:
        return _frame(_text(data["text/html"]), plain)
    if "text/markdown" in data:
        return Output(Kind.PROSE, shortened(_text(data["text/markdown"]), MOST_TEXT))
    if "image/svg+xml" in data:
        return _drawing(_text(data["image/svg+xml"]))
    for mime in _IMAGES:
        if mime in data:
            return picture(mime, _text(data[mime]))
    if plain:
        return Output(Kind.TEXT, plain)
    if "text/latex" in data:
        return Output(Kind.TEXT, shortened(printed(_text(data["text/latex"])), MOST_TEXT))
    kinds = ", ".join(sorted(str(kind)[:60] for kind in data)[:3])
    return Output(Kind.NOTE, f"An output that is not shown here ({kinds or 'empty'}).")


def _frame(html: str, plain: str) -> Output:
    if len(html) > MOST_FRAME:
        note = f"HTML of {len(html) / 1e6:.0f} MB is not shown."
        return Output(Kind.TEXT, f"{note}\n{plain}") if plain else Output(Kind.NOTE, note)
    return Output(Kind.FRAME, html, "text/html", _height(html))


def _drawing(svg: str) -> Output:
    """SVG as a picture: a page that shows it so runs nothing in it and loads nothing for it."""
    lower = svg.lower()
    if len(svg) > MOST_FRAME or "<!entity" in lower or lower.count("<use") > 500:
        return Output(Kind.NOTE, "A drawing (SVG) that is too large or too involved to be shown.")
    return Output(Kind.FRAME, svg, "image/svg+xml", 420)


def picture(mime: str, encoded: str) -> Output:
    """A picture whose header says what it claims to be, and that it is of a size that a page can show."""
    from PIL import Image

    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return Output(Kind.NOTE, "A picture that is damaged.")
    if len(data) > MOST_IMAGE:
        return Output(Kind.NOTE, f"A picture of {len(data) / 1e6:.0f} MB is not shown.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a bomb: it is measured here, never decoded
            with Image.open(io.BytesIO(data), formats=[_IMAGES[mime]]) as image:
                width, height = image.size
    except Image.DecompressionBombError:
        return _TOO_LARGE
    except Exception:  # whatever a hostile header does to its reader
        return Output(Kind.NOTE, "A picture that is damaged.")
    if width * height > MOST_PIXELS:
        return _TOO_LARGE
    return Output(Kind.PICTURE, base64.b64encode(data).decode(), mime)


def _height(html: str) -> int:
    """A guess at how tall HTML is: no script of ours may look into it."""
    lower = html.lower()
    rows = sum(lower.count(tag) for tag in ("<tr", "<br", "<p", "<li", "<h1", "<h2", "<h3", "<div"))
    words = len(html) // 110 if rows == 0 else 0
    pictures = lower.count("<img") + lower.count("<svg")
    return max(72, min(640, 40 + 24 * (rows + words) + 300 * pictures))


def _text(value: object) -> str:
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode()
