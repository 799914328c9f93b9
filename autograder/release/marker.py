"""release.json: by it a folder is known as a release of ours that nobody has changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from autograder.release.contents import Contents

NAME = "release.json"
_FORMAT = 1


def write_marker(folder: Path, version: str, contents: Contents) -> None:
    """Write what the folder holds: stage, notebooks, and the SHA-256 of every file."""
    content = {
        "format": _FORMAT,
        "made_by": "autograder release",
        "version": version,
        "stage": contents.stage,
        "notebooks": list(contents.notebooks),
        "files": _hashes(folder),
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")


def why_not_ours(folder: Path) -> str:
    """Why a folder may not be replaced; "" if it is a release exactly as it was made, or empty."""
    if not folder.is_dir():
        return "it is a file"
    if not any(folder.iterdir()):
        return ""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        listed = dict(content["files"])
        made_by = content["made_by"]
    except FileNotFoundError:
        return f"it holds other things and no {NAME}, so it is no release"
    except (OSError, ValueError, KeyError, TypeError):
        return f"its {NAME} is damaged"
    if made_by != "autograder release":
        return f"its {NAME} was made by something else"
    found = _hashes(folder)
    for name in sorted(found.keys() - listed.keys()):
        return f"{name} in it was put there by somebody else"
    for name in sorted(found.keys() & listed.keys()):
        if found[name] != listed[name]:
            return f"{name} in it was changed since"
    return ""


def _hashes(folder: Path) -> dict[str, str]:
    paths = (p for p in sorted(folder.rglob("*")) if p.is_file() or p.is_symlink())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {
        name: hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()
        for name, path in names.items()
        if name != NAME and "__pycache__" not in path.parts  # whoever tries it out leaves those
    }
