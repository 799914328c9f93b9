"""Text as it is: nothing invisible, nothing that turns the order of what is read, no colours of a terminal."""

from __future__ import annotations

import re

# Controls, characters without width, and those that change the direction of what follows.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_JOINERS = "\u200c\u200d"  # part of many scripts and of emoji: nothing to hide behind there
_PILE = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
                   "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")  # fmt: skip
_ANSI = re.compile(
    r"\x1b\[[0-?]{0,60}[ -/]{0,10}[@-~]|\x1b\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|\x1b[@-Z\\^_]"
)
_LETTERS = 0x2FF  # beyond Latin begin the scripts that need joiners


def visible(text: str) -> str:
    """The text with every unseen character spelt out, such as ⟨U+202E⟩."""
    text = text.replace("\r\n", "\n")
    return _PILE.sub(r"\1…", _UNSEEN.sub(_spelt, text))


def printed(text: str) -> str:
    """What a terminal would have shown in the end: no colours, and of overwritten lines the last state."""
    lines = _ANSI.sub("", text).split("\n")
    return visible("\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines))


def shortened(text: str, most: int) -> str:
    """The beginning of a long text, and how much more there is."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n… {len(text) - most:,} more characters are not shown"


def _spelt(found: re.Match[str]) -> str:
    char, text, at = found[0], found.string, found.start()
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    if char in _JOINERS and len(around) == 2 and all(ord(c) > _LETTERS for c in around):
        return char
    return f"⟨U+{ord(char):04X}⟩"
