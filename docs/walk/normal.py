"""Output as a page shows it: places, times and durations of this run become those of the story."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

HOME = "/home/grace"
NOW = "2026-10-02 19:30"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CLOCK = re.compile(r"\b\d:[0-5]\d:[0-5]\d\b")
_TIME = re.compile(
    r"^(\s*)[0-2]\d:[0-5]\d:[0-5]\d\b", re.MULTILINE
)  # of a moment that was broken in two
_PORT = re.compile(r"(127\.0\.0\.1|localhost):\d{4,5}\b")
_TOKEN = re.compile(r"\b(token=)[\w-]{16,}")


def _story(moment: re.Match[str]) -> str:
    """The story's moment, as long as the one that it stands for, so that tables stay in line."""
    told = f"{NOW}:00"
    return told[: len(moment[0])].replace(" ", "T" if "T" in moment[0] else " ")


def normal(text: str, home: Path) -> list[str]:
    """The lines of an output, without what differs from run to run."""
    text = _ESCAPES.sub("", text.replace("\ufeff", "")).replace(str(home), HOME)
    for day in (-1, 0, 1):  # a walk may cross midnight, and clocks differ by their zones
        date = (datetime.now(UTC) + timedelta(days=day)).date().isoformat()
        text = re.sub(rf"{date.replace('-', '')}T\d{{6}}", "20261002T193000", text)
        text = re.sub(rf"{date}(?:[ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?", _story, text)
    text = _TIME.sub(r"\g<1>19:30:00", text)
    text = _TOKEN.sub(r"\1…", _PORT.sub(r"\1:8400", _CLOCK.sub("0:00:03", text)))
    lines = [line.rpartition("\r")[2].rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines
