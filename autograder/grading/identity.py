"""Whose a submission is. What a student writes must never push aside, or pass for, a classmate's work."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.grading.entry import Entry, moment
from autograder.grading.submission import Submission, clean_name
from autograder.student_id import is_placeholder

_ASK = "a person must say whose it is"


@dataclass(frozen=True)
class Claim:
    """A submission under the id that it claims, and the entry that says whose it is."""

    submission: Submission
    entry: Entry


def claim(
    submission: Submission, entry: Entry, manifest: Mapping[str, Any], roster: Mapping[str, str]
) -> Claim:
    """Who a submission is from: the platform's word first, then the manifest's, then the file's name."""
    student = manifest.get("student")
    written = student.get("id") if isinstance(student, dict) else student
    claimed = _listed(clean_name(written), roster) if isinstance(written, str) else ""
    name = student.get("name") if isinstance(student, dict) else None
    created = moment(manifest.get("created"))
    submission = replace(
        submission,
        student=clean_name(entry.student) or claimed or submission.student,
        name=clean_name(entry.name or (name if isinstance(name, str) else "")),
        created=created,
        late=entry.late,
        canvas_id=entry.canvas_id,
        email=entry.email,
        received=entry.received or created,
        clock="lms" if entry.received else "student" if created else "",
    )
    if entry.student:
        return Claim(_note_other_id(submission, entry, claimed), entry)
    if entry.account and any(owner == claimed and ":" not in key for key, owner in roster.items()):
        # The roster knows this student's account on Canvas, and it is another one.
        return Claim(_under_own_name(submission, "whose account did not hand this in"), entry)
    return Claim(submission, entry)


def _listed(written: str, roster: Mapping[str, str]) -> str:
    """The id that a student wrote, as the roster spells it; theirs may be an address, a login or a number."""
    if is_placeholder(written):
        return ""
    keys = (f"{kind}:{written.lower()}" for kind in ("id", "login", "email", "sis"))
    return next((roster[key] for key in keys if key in roster), written)


def settle(claims: Sequence[Claim]) -> list[Submission]:
    """Every submission under its student, older ones marked as superseded, in the order of students and times."""
    by_student: dict[str, list[Claim]] = {}
    for each in claims:
        by_student.setdefault(each.submission.student, []).append(each)
    kept: list[Submission] = []
    disowned: list[Submission] = []
    for student, rivals in by_student.items():
        rightful = _rightful(student, rivals)
        kept += _by_age([c.submission for c in rightful])
        disowned += [
            _under_own_name(c.submission, "as another file does")
            for c in rivals
            if c not in rightful
        ]
    taken = {submission.student for submission in kept}
    for submission in disowned:
        if submission.student in taken:  # only a made-up id can be
            submission = replace(
                submission, student=clean_name(f"{submission.source} ({submission.student})")
            )
        taken.add(submission.student)
        kept.append(submission)
    return sorted(kept, key=lambda s: (s.student.lower(), s.student, s.received, s.source))


def _by_age(submissions: list[Submission]) -> list[Submission]:
    """One student's submissions: all but the latest are superseded, and the latest says that there are others."""
    if len(submissions) < 2:
        return submissions
    *earlier, latest = sorted(submissions, key=lambda s: (s.received, s.source))
    others = ", ".join(s.source for s in earlier[:5])
    note = f"{len(submissions)} submissions: {latest.source} is the latest, after {others}"
    superseded = [replace(s, superseded=True) for s in earlier]
    return [*superseded, replace(latest, remarks=(note, *latest.remarks))]


def _rightful(student: str, rivals: list[Claim]) -> list[Claim]:
    """Those of several claims to one id that are believed; none if nothing tells them apart.

    A platform's word beats all others. Without it, files count whose uploader is named after the id.
    """
    decided = [c for c in rivals if c.entry.student]
    if decided:
        return decided if len({c.entry.account for c in decided}) == 1 else []
    if len({(c.entry.uploader, c.entry.account) for c in rivals}) == 1:
        return rivals
    own = re.compile(rf"{re.escape(student.lower())}(?![^\W_])")
    named = [c for c in rivals if own.match(c.entry.uploader)]
    accounts = {c.entry.account for c in named} - {""}
    return named if len(accounts) <= 1 else []


def _note_other_id(submission: Submission, entry: Entry, claimed: str) -> Submission:
    known = {submission.student.lower(), *entry.known_as, ""}
    if claimed.lower() in known:
        return submission
    note = (
        f"the file says that it is from {claimed!r}; it was handed in by {submission.student!r}, "
        "so it counts for the latter"
    )
    return replace(submission, remarks=(note, *submission.remarks))


def as_decided(submission: Submission, owner: str) -> Submission:
    """A submission as that of the student whom a person gave it to; the account is still its uploader's."""
    if owner == submission.student:
        return submission
    note = f"handed in as {submission.student!r}; a person decided that it is the work of {owner!r}"
    others = tuple(remark for remark in submission.remarks if _ASK not in remark)
    return replace(
        submission, student=owner, name="", canvas_id="", email="", remarks=(note, *others)
    )


def _under_own_name(submission: Submission, reason: str) -> Submission:
    own = clean_name(f"{Path(submission.source).name} (claims to be {submission.student})")
    note = (
        f"claims the student id {submission.student!r}, {reason}: {_ASK}. Its number stands in "
        f"`autograder gradebook show {shlex.quote(own)}`; with it: "
        "autograder gradebook assign NUMBER STUDENT --why …"
    )
    return replace(submission, student=own, remarks=(note, *submission.remarks))
