"""From the verdicts on banked answers to what there is to mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.handouts.check import Finding
from autograder.release.bank import Judged
from autograder.release.outcome import Outcome


def bank_outcomes(notebook: str, judged: Sequence[Judged], sets: int) -> list[Outcome]:
    """The four properties that judging a bank tells about."""
    own = [j for j in judged if j.banked is None]
    wrong = [j for j in judged if j.banked is not None and not j.banked.right]
    right = [j for j in judged if j.banked is not None and j.banked.right]
    numbers = f"{sets} sets of numbers"

    def outcome(title: str, examined: str, findings: Iterator[Finding]) -> Outcome:
        return Outcome(notebook, title, f"{examined}, {numbers}", tuple(findings))

    return [
        outcome("its own answers pass", f"{len(own)} exercises", _rejected(own)),
        outcome("every wrong answer is caught", f"{len(wrong)} answers", _survivors(wrong)),
        outcome("every other right answer passes", f"{len(right)} answers", _rejected(right)),
        outcome(
            "hidden and public numbers agree", f"{len(judged)} answers", _disagreements(judged)
        ),
    ]


def _survivors(wrong: Sequence[Judged]) -> Iterator[Finding]:
    for judged in wrong:
        broken = _brokenness(judged)
        if broken is not None:
            yield broken
        elif all(verdict.passed for verdict in judged.verdicts):
            yield Finding(
                judged.answer.place,
                f"{_name(judged)} passes every check, so students with this mistake get all points",
                f"add a check or a case that it fails to autograder/checks/ for {judged.answer.exercise!r}, "
                "or remove the answer if it is right",
            )


def _rejected(right: Sequence[Judged]) -> Iterator[Finding]:
    for judged in right:
        broken = _brokenness(judged)
        failed = [verdict for verdict in judged.verdicts if not verdict.passed]
        if broken is not None:
            yield broken
        elif failed and (len(failed) == len(judged.verdicts) or failed[0].fault):
            said = failed[0].fault or "; ".join(failed[0].complaints)
            yield Finding(
                judged.answer.place,
                f"{_name(judged)} does not pass on {_numbers(failed[0].seed)}: {said}",
                "loosen the check so that it accepts this answer, or correct the answer",
            )


def _disagreements(judged: Sequence[Judged]) -> Iterator[Finding]:
    """Answers whose verdict depends on the numbers: students would pass here and fail in grading."""
    for each in judged:
        passed = [v.seed for v in each.verdicts if v.passed]
        failed = [v for v in each.verdicts if not v.passed]
        if not passed or not failed or failed[0].fault:
            continue
        said = "; ".join(failed[0].complaints)
        yield Finding(
            each.answer.place,
            f"{_name(each)} passes on {_listed(passed)}, but not on "
            f"{_listed([v.seed for v in failed])}: {said}",
            f"let every set of numbers for {each.answer.exercise!r} hold the case that tells them apart",
        )


def _brokenness(judged: Judged) -> Finding | None:
    """A fault that says nothing about being right or wrong: code that does not even run."""
    for verdict in judged.verdicts:
        if verdict.fault.startswith("does not run"):
            return _broken(judged, verdict.fault)
        if verdict.fault.startswith("breaks the check"):
            mend = f"let the check of {judged.answer.exercise!r} refuse such a value with a message"
            return Finding(judged.answer.place, f"{_name(judged)} {verdict.fault}", mend)
        unknown = [said for said in verdict.complaints if "NameError: name" in said]
        if unknown:
            return _broken(judged, f"uses what is not defined: {unknown[0]}")
    return None


def _broken(judged: Judged, fault: str) -> Finding:
    return Finding(judged.answer.place, f"{_name(judged)} {fault}", "correct the answer itself")


def _name(judged: Judged) -> str:
    if judged.banked is None:
        return f"the solution of {judged.answer.exercise!r}"
    kind = "right" if judged.banked.right else "wrong"
    return f"the {kind} answer {judged.banked.title!r} to {judged.answer.exercise!r}"


def _listed(seeds: Sequence[str]) -> str:
    return ", ".join(_numbers(seed) for seed in seeds)


def _numbers(seed: str) -> str:
    return "the public numbers" if seed == "public" else f"hidden seed {seed}"
