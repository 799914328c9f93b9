"""Notebooks for the review page: the handout with something in it."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image

from tests.first_published import FIRST, REPOSITORY


def small_png() -> str:
    """A picture, as notebooks keep it."""
    return base64.b64encode(png_bytes()).decode()


def png_bytes() -> bytes:
    """A picture of 120 × 80 pixels."""
    data = io.BytesIO()
    Image.linear_gradient("L").resize((120, 80)).convert("RGB").save(data, "PNG")
    return data.getvalue()


def handout() -> dict[str, Any]:
    """As students get it."""
    text = (REPOSITORY / "notebooks" / f"{FIRST}.ipynb").read_text(encoding="utf-8")
    notebook: dict[str, Any] = json.loads(text)
    return notebook


def cell(notebook: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    """The cell of an exercise or a question."""
    found: dict[str, Any] = next(c for c in notebook["cells"] if c["metadata"].get(key) == value)
    return found


def answer(notebook: dict[str, Any], text: str) -> None:
    """Write an answer to the first question."""
    asked = cell(notebook, "written", "half_pixel")
    source = "".join(asked["source"])
    asked["source"] = source.replace("*Write your answer here.*", text)


def honest(name: str, student: str, words: str | None = None) -> dict[str, Any]:
    """The handout with code, outputs and an answer, as Colab saves it: its author's name is all over it."""
    notebook = handout()
    for each in notebook["cells"]:
        user = {"executionInfo": {"user": {"displayName": f"{student}zig", "userId": "0123456789"}}}
        each["metadata"].update(user)
    answer(
        notebook, words if words is not None else f"By **{name}**: $a_1 b_1$ is half, 1.5 pixels."
    )
    code = cell(notebook, "exercise", "look_at")
    code["source"] = (
        f"# {name} wrote this, or {student}zig\n"
        f"def look_at(eye, target, up):\n    return max(eye, target)  # {student}\n"
    )
    code["outputs"] = [
        {
            "output_type": "stream",
            "name": "stdout",
            "text": [f"hello from {student}\n", "50%\r100%\n"],
        },
        {"output_type": "display_data", "data": {"image/png": small_png()}},
        {
            "output_type": "execute_result",
            "data": {"text/html": f"<table><tr><td>{student}</td></tr></table>", "text/plain": "t"},
        },
    ]
    stray = {"cell_type": "code", "metadata": {"exercise": student}, "source": "", "outputs": []}
    notebook["cells"].append(stray)
    return notebook
