"""TeX to MathML, which browsers show by themselves: no script, no font from elsewhere."""

from __future__ import annotations

import html
import re
from functools import cache

_SPAN = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<open>[(\[])(?P<tex>.*?)\\[)\]]</(?P=tag)>',
    re.DOTALL,
)
_BARE = re.compile(r"\\\((?P<tex>.+?)\\\)")
_BAR = re.compile(r"<mo((?: (?:fence|stretchy)=\"false\")*)>(&#x0007C;|&#x02016;)</mo>")
# What the converter does not know, in words that it does.
_SPELLINGS = (
    (re.compile(r"\\operatorname\*?\{(\w+)\}"), r"\\mathrm{\1}"),
    (re.compile(r"\\(?:big|Big|bigg|Bigg)[lrm]?(?![A-Za-z])"), ""),
    (re.compile(r"\\tfrac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\arg(?![A-Za-z])"), r"\\mathrm{arg}\\,"),
)


class MathematicsError(Exception):
    """A formula that cannot be converted; the message shows it."""


def with_mathml(page: str) -> str:
    """The page's HTML with every formula as MathML, or MathematicsError."""

    def replace(match: re.Match[str]) -> str:
        return to_mathml(html.unescape(match["tex"]).strip(), display=match["open"] == "[")

    return _SPAN.sub(replace, page)


def title_with_mathml(title: str) -> str:
    """A heading as the table of contents has it: formulas without their marks of HTML."""
    return _BARE.sub(
        lambda match: to_mathml(html.unescape(match["tex"]).strip(), display=False), title
    )


@cache
def to_mathml(tex: str, *, display: bool) -> str:
    """A formula as MathML, with its TeX as alternative text."""
    from latex2mathml.converter import convert

    spelled = tex
    for pattern, by in _SPELLINGS:
        spelled = pattern.sub(by, spelled)
    try:
        made: str = convert(spelled, display="block" if display else "inline")
    except Exception as error:  # the converter has no common base class
        raise MathematicsError(f"cannot convert ${tex}$: {type(error).__name__}: {error}") from None
    if unknown := re.search(r"<m\w+>\\[A-Za-z]+</m\w+>", made):
        raise MathematicsError(f"cannot convert ${tex}$: {unknown[0]} is unknown to the converter")
    # A bar of |x| is no relation: browsers would put the space of one around it.
    made = _BAR.sub(r'<mo lspace="0" rspace="0"\1>\2</mo>', made)
    return made.replace("<math ", f'<math alttext="{html.escape(tex)}" ', 1)
