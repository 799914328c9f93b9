"""The zip that a student hands in: the notebook, predictions if any, and a manifest with hashes."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "submission.json"
LARGE = 8_000_000  # bytes; beyond this the packed copy loses its outputs, which grading never reads


def notebook_bytes(content: dict[str, Any]) -> tuple[bytes, bool]:
    """The notebook as a file, and whether its outputs had to be left out."""
    data = _encoded(content)
    if len(data) <= LARGE:
        return data, False
    lean = copy.deepcopy(content)
    for cell in lean.get("cells", []):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
        if isinstance(cell, dict):
            cell.pop("attachments", None)
    metadata = lean.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("widgets", None)  # the saved state of sliders holds pictures too
    return _encoded(lean), True


def predictions(folder: Path) -> dict[str, bytes]:
    """Trained work that is handed in as numbers: predictions/*.safetensors beside the notebook."""
    found = sorted((folder / "predictions").glob("*.safetensors"))
    return {f"predictions/{path.name}": path.read_bytes() for path in found}


def manifest(files: dict[str, bytes], **facts: Any) -> dict[str, Any]:
    """submission.json: the facts, and every file's SHA-256 and size."""
    listed = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in sorted(files.items())
    }
    return {"format": FORMAT, **facts, "files": listed}


def write_zip(path: Path, files: dict[str, bytes], facts: dict[str, Any]) -> None:
    """Writes the archive beside its final place and then renames it: never half a submission."""
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".part", dir=path.parent)
    try:
        with (
            os.fdopen(handle, "wb") as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, data in files.items():
                archive.writestr(name, data)
            archive.writestr(MANIFEST, text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _encoded(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
