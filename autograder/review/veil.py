"""Names, ids, addresses and file names of students hidden in whatever text they stand.

What a student spells so that no machine finds it (letters apart, a picture of a name) stays: this keeps graders
from knowing whose work they read, it does not keep a student from telling them. Of the author every part of the name
is hidden; of classmates the whole name, ids and addresses, but no first or last name by itself: in a class of
hundreds those are too many of a language's words ("Mark", "May", "Young").
"""

from __future__ import annotations

import builtins
import html
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from autograder.gradebook.sheet import StudentInfo

SOMEBODY = "[somebody]"  # a classmate
_CODE_WORDS = {word.casefold() for word in (*keyword.kwlist, *dir(builtins))}
_SHORTEST = 3
_SHORTEST_NUMBER = 5  # fewer digits are any number
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = (
    "'",
    "’",
    "&#x27;",
    "&#39;",
    "&apos;",
    "&rsquo;",
    "&#8217;",
)  # as HTML spells them, too
_SUFFIXES = re.compile(r"\.(?:zip|ipynb|json)$", re.I)


@dataclass(frozen=True)
class _Names:
    """Names to be found in a text, looked up by their first word: a class has thousands, a page many words."""

    by_word: Mapping[str, re.Pattern[str]]
    odd: re.Pattern[str] | None  # those that begin with no word

    def replaced(self, text: str, by: str) -> str:
        """The text with something else in their places."""
        if self.odd is not None:
            text = self.odd.sub(lambda _: by, text)
        kept: list[str] = []
        at = 0
        for word in _WORD.finditer(text):
            start = word.start()
            pattern = self.by_word.get(word[0].lower()) if start >= at else None
            found = pattern.match(text, start) if pattern is not None else None
            if found is not None:
                kept += [text[at:start], by]
                at = found.end()
        return "".join([*kept, text[at:]])


_NOBODY = _Names({}, None)


@dataclass(frozen=True)
class Veil:
    """Hides one student behind another name, and classmates altogether."""

    own: _Names = _NOBODY
    alias: str = ""
    others: _Names = _NOBODY

    def __call__(self, text: str) -> str:
        """The text without anybody's name in it."""
        text = self.others.replaced(
            text, SOMEBODY
        )  # first: a classmate may be called like an alias
        return self.own.replaced(text, self.alias)


NO_VEIL = Veil()


def hide(
    student: StudentInfo,
    alias: str,
    also: Iterable[str],
    classmates: Iterable[StudentInfo],
    words: Collection[str],
) -> Veil:
    """A veil for a student's work. `also` are further names of theirs: of files, as their notebook says it.

    `words` are those of the handout, in lower case: where a name is one of them ("ray"), the plain word stays.
    """
    mine = {*_names(student), *(name for other in also for name in (other, _stem(other)))}
    whole = {name for name in mine if _telling(name)}
    parts = {part for name in (student.name, *also) for part in re.split(r"[\s,._@-]+", name)}
    parts |= {piece for part in parts for piece in re.split("['’]", part)}
    parts = {p for p in parts if re.sub("['’]", "", p).isalpha() and len(p) >= _SHORTEST} - whole
    # A part of a name may be an everyday word: small letters are left alone where the handout has it.
    theirs = {n for other in classmates if other.id != student.id for n in _names(other)}
    theirs = {n for n in theirs if _telling(n) and n.casefold() not in words} - whole
    theirs -= {n for n in theirs if n.casefold() in _CODE_WORDS}
    return Veil(_find(whole | parts, words), alias, _find(theirs, words))


def _names(student: StudentInfo) -> set[str]:
    accounts = (student.canvas_id, student.sis_user_id, student.sis_login_id)
    first, _, last = student.name.partition(" ")
    turned = f"{last}, {first}" if last else ""
    local = student.email.partition("@")[0]
    return {student.id, student.name, turned, student.email, local, *accounts}


def _stem(name: str) -> str:
    return _SUFFIXES.sub("", name)


def _telling(name: str) -> bool:
    """Whether a name is long enough that hiding it hides nothing else."""
    return len(name) >= (_SHORTEST_NUMBER if name.isdigit() else 2)


def _find(names: Iterable[str], words: Collection[str]) -> _Names:
    """Each name as a whole word (an underscore ends one), longest first, also without or with loose accents."""
    loose = partial(unicodedata.normalize, "NFD")  # as macOS writes the names of files
    spelt = {form for name in names for form in (name, _plain(name), loose(name)) if form.strip()}
    spelt |= {form for name in spelt for form in _spellings(name)}
    by_word: dict[str, list[str]] = {}
    for name in sorted(spelt, key=lambda name: (-len(name), name)):
        first = _WORD.match(name)
        by_word.setdefault(first[0].lower() if first else "", []).append(_one(name, words))
    odd = by_word.pop("", None)
    return _Names(
        {word: re.compile("|".join(forms)) for word, forms in by_word.items()},
        re.compile("|".join(odd)) if odd else None,
    )


def _one(name: str, words: Collection[str]) -> str:
    inside = re.escape(name)
    if name.casefold() not in words and name.casefold() not in _CODE_WORDS:
        return rf"(?i:(?<![^\W_]){inside}(?![^\W_]))"
    # An everyday word: only as a name is written, or in quotation marks.
    capital = rf"(?<![^\W_]){re.escape(name.capitalize())}(?![^\W_])"
    return (
        rf"(?:{capital}|(?i:(?<=[\"'@]){inside}(?=[\"'@]))|(?i:(?<=_){inside}(?=\.(?:zip|ipynb))))"
    )


def _spellings(name: str) -> set[str]:
    """A name as HTML spells it, and with each kind of apostrophe."""
    kept = {html.escape(name)}
    if "'" in name or "’" in name:
        straight = html.escape(name.replace("’", "'"), quote=False)
        kept |= {straight.replace("'", apostrophe) for apostrophe in _APOSTROPHES}
    return kept


def _plain(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name)
    return "".join(c for c in parts if not unicodedata.combining(c))
