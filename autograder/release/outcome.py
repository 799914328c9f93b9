"""What `autograder verify` found out about one property of the course."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograder.handouts.check import Finding

_FORMAT = 1


@dataclass(frozen=True)
class Outcome:
    """One property of one notebook, or of the whole course (`notebook` is "")."""

    notebook: str
    property: str  # "every wrong answer is caught"
    examined: str  # "121 answers, 3 sets of numbers"
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0


def count_findings(outcomes: Iterable[Outcome]) -> int:
    """How many things there are to mend."""
    return sum(len(outcome.findings) for outcome in outcomes)


def to_report(outcomes: Sequence[Outcome], seeds: Sequence[int]) -> dict[str, Any]:
    """Everything as plain data, for `--json`."""
    return {
        "format": _FORMAT,
        "ok": count_findings(outcomes) == 0,
        "hidden_seeds": list(seeds),
        "outcomes": [asdict(outcome) for outcome in outcomes],
    }
