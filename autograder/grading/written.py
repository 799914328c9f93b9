"""Answers in prose, found by their cell's id, or by the question's text where an editor dropped the id."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.catalogue import WrittenQuestion
from autograder.grading.notebook_file import read_notebook
from autograder.grading.record import WrittenAnswer
from autograder.grading.submission import Cell, UnreadableError

PLACEHOLDER = "*Write your answer here.*"
_LONGEST = 20_000


def handed_out_prompts(handout: Path) -> dict[str, str]:
    """Question id → its cell's text in the handout; empty if the handout is not there."""
    try:
        cells = read_notebook(handout.read_bytes(), source_mb=20)
    except (OSError, UnreadableError, json.JSONDecodeError):
        return {}
    return {str(c.metadata["written"]): c.source for c in cells if "written" in c.metadata}


def written_answers(
    cells: Sequence[Cell], questions: Sequence[WrittenQuestion], prompts: Mapping[str, str]
) -> tuple[WrittenAnswer, ...]:
    """What was written under each question, without the question itself."""
    return tuple(
        WrittenAnswer(
            q.id, q.number, q.title, q.points, _answer(cells, q.id, prompts.get(q.id, ""))
        )
        for q in questions
    )


def _answer(cells: Sequence[Cell], question: str, prompt: str) -> str:
    head = prompt.partition(PLACEHOLDER)[0].strip()
    texts = [c.source for c in cells if c.metadata.get("written") == question and c.kind != "code"]
    if not texts and head:
        texts = [c.source for c in cells if c.kind == "markdown" and head[:60] in c.source]
    if not texts:
        return ""
    text = texts[-1].strip()
    if head and text.startswith(head):
        text = text[len(head) :]
    return text.replace(PLACEHOLDER, "").strip()[:_LONGEST]
