"""The conventions of the library, as they lie beside its code."""

from __future__ import annotations

import re
from pathlib import Path


def conventions_page(root: Path) -> str:
    """course_lib/CONVENTIONS.md; links to files of the repository become their names."""
    text = (root / "course_lib" / "CONVENTIONS.md").read_text(encoding="utf-8")
    return re.sub(r"\[([^\]]+)\]\((?!https?:|#)[^)]+\)", r"\1", text)
