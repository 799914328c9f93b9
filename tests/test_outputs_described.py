"""A notebook that ran is refused for a warning in a cell, or for a picture that nobody described."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.handouts.execute import complaints
from course_lib.viewers import show_images


def notebook(*outputs: dict[str, Any]) -> Any:
    return {"cells": [{"id": "prose"}, {"id": "seventh", "outputs": list(outputs)}]}


def shown(**data: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {k.replace("_", "/"): v for k, v in data.items()},
    }


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ({"output_type": "stream", "name": "stderr", "text": "UserWarning: slow"}, "a warning: UserWarning: slow"),
        (shown(image_png="AAAA", text_plain="<Figure size 640x480 with 1 Axes>"), "a picture without alt text"),
        (shown(image_png="AAAA"), "a picture without alt text: show it by a viewer"),
        (shown(text_html="<p>hello <img src='data:,'></p>"), "an <img> without alt text"),
        (shown(text_html="<img alt='' src='data:,'>"), "an <img> without alt text"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_cell(output: dict[str, Any], words: str) -> None:
    (complaint,) = complaints(notebook(output))
    assert complaint.startswith("cell seventh ")
    assert words in complaint


def test_what_is_described_passes() -> None:
    data, _ = show_images([[[[0.0, 0, 0]]]], ["a dark pixel"])._repr_mimebundle_()
    assert 'alt="An image: a dark pixel."' in data["text/html"]
    outputs = (
        {"output_type": "display_data", "data": data},
        {"output_type": "stream", "name": "stdout", "text": "fine"},
        shown(text_html="<b>bold</b>", text_plain="bold"),
    )
    assert list(complaints(notebook(*outputs))) == []


def test_hostile_titles_stay_inside_the_alt_text() -> None:
    data, _ = show_images([[[[0.0, 0, 0]]]], ['"><script>x</script>\n'])._repr_mimebundle_()
    assert "<script" not in data["text/html"]
    assert data["text/html"].count(">") == 1
