"""Check results as a card in a notebook, and as text where there is no browser."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from html import escape

from autograder.results import CheckResult, ExerciseResult, Status
from autograder.sketches import sketch_html

# Sign, word and colour: never colour alone. The colours (Okabe–Ito) keep apart for colour-blind eyes; only signs
# and edges wear them, since no colour is legible as text on both white and black.
SIGNS = {
    Status.PASSED: ("✓", "#009e73"),
    Status.FAILED: ("✗", "#d55e00"),
    Status.COULD_NOT_RUN: ("–", "#7f7f7f"),
}


def results_html(results: Iterable[ExerciseResult], seconds: float) -> str:
    """Cards for exercises; text inherits the notebook's colours, so it reads on light and dark themes."""
    cards = "".join(_card(result) for result in results)
    return f'<div style="max-width:54em;line-height:1.45">{cards}{_footer(seconds)}</div>'


def _footer(seconds: float) -> str:
    return f'<div style="opacity:.7;font-size:.85em">checked in {seconds:.1f} s</div>'


def _card(result: ExerciseResult) -> str:
    sign, colour = SIGNS[result.status]
    passed = sum(check.status == Status.PASSED for check in result.checks)
    head = (
        f'<div><b style="color:{colour}">{sign}</b> <b>{escape(result.title)}</b>'
        f" <code>{escape(result.exercise)}</code> · {passed} of {len(result.checks)} checks passed"
        f" · {result.points:g} of {result.max_points:g} points</div>"
    )
    told = _told(result)
    first = next((check for check in told if check.status == Status.FAILED), None)
    rows = "".join(_row(check, folded=check is not first) for check in told)
    style = f"border-left:5px solid {colour};padding:.4em .9em;margin:.4em 0"
    return f'<div style="{style}">{head}{rows}</div>'


def _told(result: ExerciseResult) -> list[CheckResult]:
    """Each check once; a stub that is not written yet is said once, not once per check."""
    unrun = [c for c in result.checks if c.status == Status.COULD_NOT_RUN]
    if len(unrun) == len(result.checks) and len({c.message for c in unrun}) == 1:
        return unrun[:1]
    return list(result.checks)


def _row(check: CheckResult, *, folded: bool) -> str:
    """What one check found; `folded` leaves the details to a click, so that a card fits on a screen."""
    sign, colour = SIGNS[check.status]
    head = (
        f'<div style="margin-top:.35em"><b style="color:{colour}">{sign}</b> {check.status} · '
        f"{prose(check.title)}</div>"
    )
    if check.message:
        head += f'<div style="margin-left:1.4em"><b>{prose(check.message)}</b></div>'
    details = "".join(_details(check))
    if not details:
        return head
    if folded:
        fold = '<summary style="cursor:pointer;opacity:.8">what was expected, and yours</summary>'
        details = f"<details>{fold}{details}</details>"
    return f'{head}<div style="margin-left:1.4em">{details}</div>'


def _details(check: CheckResult) -> Iterator[str]:
    evidence = check.evidence
    facts = [
        ("expected", evidence.expected),
        ("yours", evidence.actual),
        ("farthest off", evidence.worst),
        ("hint", evidence.hint),
    ]
    table = "".join(
        f'<tr><td style="text-align:left;opacity:.75;white-space:nowrap">{name}</td>'
        f'<td style="text-align:left">{prose(value)}</td></tr>'
        for name, value in facts
        if value
    )
    if table:
        yield f'<table style="border:0">{table}</table>'
    if check.traceback:
        yield f"<pre>{escape(check.traceback)}</pre>"
    if evidence.picture_png:
        data = base64.b64encode(evidence.picture_png).decode("ascii")
        alt = evidence.picture_alt or "expected image, your image, and where they differ"
        yield (
            f'<img style="max-width:100%" src="data:image/png;base64,{data}" '
            f'alt="{escape(alt, quote=True)}">'
        )
    elif evidence.sketch is not None:
        yield sketch_html(evidence.sketch)


def prose(text: str) -> str:
    """Escaped text in which `code` is set as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))


def results_text(results: Iterable[ExerciseResult], seconds: float) -> str:
    """The same as plain text."""
    lines: list[str] = []
    for result in results:
        passed = sum(check.status == Status.PASSED for check in result.checks)
        score = f"{result.points:g} of {result.max_points:g} points"
        lines.append(
            f"{result.title} ({result.exercise}): {passed} of {len(result.checks)} checks, {score}"
        )
        for check in _told(result):
            lines.append(f"  {SIGNS[check.status][0]} {check.status}: {check.title}")
            lines += [f"      {line}" for line in check.message.splitlines()]
            evidence = check.evidence
            facts = (
                ("expected", evidence.expected),
                ("yours", evidence.actual),
                ("farthest off", evidence.worst),
                ("hint", evidence.hint),
            )
            lines += [f"      {name}: {value}" for name, value in facts if value]
            lines += [f"      {line}" for line in check.traceback.splitlines()]
    return "\n".join([*lines, f"checked in {seconds:.1f} s"])
