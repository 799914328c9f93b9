"""Files as a page writes or edits them; an edit that does not fit its file is refused."""

from __future__ import annotations

from pathlib import Path

from docs.walk.blocks import Block, PageError


def write(block: Block, folder: Path) -> None:
    """Write the whole content of the file that the block names."""
    path = folder / block.title
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(block.lines) + "\n", encoding="utf-8")


def edit(block: Block, folder: Path) -> None:
    """Replace the one place that has the block's ` ` and `-` lines by its ` ` and `+` lines."""
    path = folder / block.title
    if not path.is_file():
        raise PageError(f"{block.place}: there is no file {block.title} to edit")
    for line in block.lines:
        if line and line[0] not in " +-":
            raise PageError(
                f"{block.place}: a line of an edit begins with a blank, + or -: {line!r}"
            )
    before = [line[1:] for line in block.lines if not line.startswith("+")]
    after = [line[1:] for line in block.lines if not line.startswith("-")]
    lines = path.read_text(encoding="utf-8").splitlines()
    places = [n for n in range(len(lines)) if lines[n : n + len(before)] == before]
    if len(places) != 1:
        times = "nowhere" if not places else f"in {len(places)} places"
        raise PageError(
            f"{block.place}: the lines to edit stand {times} in {block.title}: {before[0]!r} …"
        )
    start = places[0]
    lines[start : start + len(before)] = after
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
