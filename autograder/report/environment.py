"""How pages are made: templates in which everything is text unless we wrote it, and the words and signs they share."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.grading.record import Outcome
from autograder.grading.submission import file_name
from autograder.report.charts import histogram
from autograder.results import CheckResult, Evidence, Status
from autograder.sketches import sketch_html

# A sign and a word beside every colour: the page must read without colours, too.
_SIGNS = {
    Status.PASSED: ("✓", "passed"),
    Status.FAILED: ("✗", "failed"),
    Status.COULD_NOT_RUN: ("–", "could not run"),
}


def page_environment(*packages: str) -> Environment:
    """Templates of these packages first, then those of the report."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (*packages, "autograder.report")]),
        autoescape=True,  # everything a student wrote is text, never markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"histogram": histogram, "Status": Status, "Outcome": Outcome}
    filters: dict[str, Callable[..., Any]] = {
        "points": lambda value: f"{value:g}",
        "sign": lambda status: _SIGNS[status][0],
        "word": lambda status: _SIGNS[status][1],
        "slug": lambda status: status.value.replace(" ", "-"),
        "file_name": file_name,
        "data_url": lambda png: "data:image/png;base64," + base64.b64encode(png).decode(),
        "sentence": sentence,
        "alike": alike,
        "drawn": drawn,
        "said": said,
    }
    environment.filters |= filters
    return environment


def sentence(text: str) -> Markup:
    """A message as a sentence, with its `code` set as code. Everything else in it stays text."""
    capital = text[:1].upper() + text[1:] if re.match(r"[a-z]+(?:[ ,]|$)", text) else text
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(capital))))


def drawn(check: CheckResult, alt: str = "") -> Markup:
    """What there is to see of a check: its picture or its sketch, described in words; else nothing."""
    evidence = check.evidence
    if evidence.picture_png:
        words = alt or evidence.picture_alt
        words = words or f"Expected, yours, and the difference, for: {check.title}"
        data = base64.b64encode(evidence.picture_png).decode()
        return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, words)
    if evidence.sketch is not None:
        return Markup(sketch_html(evidence.sketch))
    return Markup("")


def said(comment: str, heading: str) -> Markup:
    """A person's words, told apart from everything that a program says."""
    block = (
        '<blockquote class="said"><p class="soft small">{}</p><p class="prose">{}</p></blockquote>'
    )
    return Markup(block).format(heading, comment)


def alike(checks: Sequence[CheckResult]) -> list[list[CheckResult]]:
    """The checks that did not pass, those with one and the same reason together."""
    groups: dict[tuple[Status, str, str, Evidence], list[CheckResult]] = {}
    for check in checks:
        if check.status != Status.PASSED:
            reason = (check.status, check.message, check.traceback, check.evidence)
            groups.setdefault(reason, []).append(check)
    return list(groups.values())
