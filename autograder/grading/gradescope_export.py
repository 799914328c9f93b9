"""Gradescope's export: `assignment_1_export/` with a folder per submission, already unpacked, and an index of them.

The index, submission_metadata.yml, is written by Ruby, whose symbols keep their colon:
    submission_409194023:
      :submitters:
      - :name: Jane Doe
        :sid: '123456789'
        :email: jane@example.edu
      :created_at: 2026-04-26 17:34:00.861687000 Z
A group has several submitters. Scores and results, also in there, are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.grading.archive import is_hidden
from autograder.grading.entry import Entry, LayoutError, aliases, moment
from autograder.grading.yaml_events import YamlError, read_yaml

INDEX = "submission_metadata.yml"
_MOST_MB = 256
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?\d* ?(Z|[+-]\d\d:?\d\d)")
_AGAIN = "Download the submissions from Gradescope again (Review Grades → Export Submissions)."


def gradescope_entries(folder: Path, roster: Mapping[str, str]) -> Iterator[Entry]:
    """An entry per submitter of every submission in the index; LayoutError if the index is unusable."""
    index = _read_index(folder / INDEX)
    inside = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.is_symlink())
    for name, said in index.items():
        problem = "" if name in inside else f"the download lacks its folder {name[:80]!r}. {_AGAIN}"
        yield from _of_submission(folder / name, name, said, roster, problem)
    for name in inside:
        if name not in index and not is_hidden(name):
            remark = f"{INDEX} does not say who handed in {name}"
            yield Entry(folder / name, name, uploader=name.lower(), account=name, remarks=(remark,))


def _of_submission(
    path: Path, name: str, said: Any, roster: Mapping[str, str], problem: str
) -> Iterator[Entry]:
    group = [_submitter(person, name, roster) for person in _submitters(said) or [{}]]
    members = ", ".join(one.name or one.student for one in group)
    remarks = (f"handed in as a group: {members}",) if len(group) > 1 else ()
    known_as = frozenset[str]().union(*(one.known_as for one in group))
    for one in group:
        yield Entry(
            path,
            name,
            uploader=one.name.lower() or name.lower(),
            account=one.account,
            student=one.student,
            known_as=known_as,  # any of them may have packed the file
            name=one.name,
            email=one.email,
            received=_received(said),
            remarks=remarks,
            problem=problem,
        )


def _read_index(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > _MOST_MB * 2**20:
            raise LayoutError(
                f"{path}: {size / 2**20:.0f} MB large; at most {_MOST_MB} MB are read. {_AGAIN}"
            )
        index = read_yaml(path.read_text(encoding="utf-8-sig"), (":submitters", ":created_at"))
    except OSError as error:
        raise LayoutError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise LayoutError(f"{path}: not UTF-8 text, from byte {error.start} on. {_AGAIN}") from None
    except YamlError as error:
        raise LayoutError(f"{path}: not valid YAML: {error}. {_AGAIN}") from None
    if not isinstance(index, dict):
        raise LayoutError(f"{path}: lists no submissions. {_AGAIN}")
    return index


def _submitters(said: Any) -> list[Any]:
    found = said.get(":submitters") if isinstance(said, dict) else None
    return (
        [person for person in found if isinstance(person, dict)] if isinstance(found, list) else []
    )


@dataclass(frozen=True)
class _Submitter:
    name: str
    student: str
    account: str
    email: str
    known_as: frozenset[str]


def _submitter(person: Any, folder: str, roster: Mapping[str, str]) -> _Submitter:
    """The student: by the roster if it knows the e-mail address or the id, else the id, else the address."""
    sid, email, name = (_text(person, key) for key in (":sid", ":email", ":name"))
    keys = [f"email:{email}", *(f"{kind}:{sid}" for kind in ("sis", "id", "login"))]
    listed = next((roster[key.lower()] for key in keys if key.lower() in roster), "")
    student = listed or sid or email
    also = {student.lower(), sid.lower(), email.lower(), email.partition("@")[0].lower()} - {""}
    return _Submitter(
        name,
        student,
        (email or sid or folder).lower(),  # addresses are verified, ids are typed in
        email,
        frozenset(also) | (aliases(student, roster) if student else frozenset()),
    )


def _received(said: Any) -> str:
    """When it was handed in. Rails may write its own kind of time, a mapping with the time in UTC."""
    created = said.get(":created_at") if isinstance(said, dict) else None
    if isinstance(created, dict):
        created = created.get("utc")
    match = _TIME.fullmatch(created.strip()) if isinstance(created, str) else None
    if match is None:
        return ""
    date, time, fraction, zone = match.groups()
    return moment(f"{date}T{time}{(fraction or '.0').ljust(7, '0')}{zone.replace('Z', '+00:00')}")


def _text(person: Any, key: str) -> str:
    value = person.get(key)
    return " ".join(value.split()) if isinstance(value, str) and value not in ("null", "~") else ""
