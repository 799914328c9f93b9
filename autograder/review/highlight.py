"""Code in colours, made here: as markup in which everything a student wrote is escaped."""

from __future__ import annotations

from markupsafe import Markup, escape

_MOST_COLOURED = 60_000  # characters; longer code is shown without colours
_MOST_SHOWN = 300_000


def highlighted(code: str) -> Markup:
    """Python as HTML of spans with classes; their colours stand in review.css."""
    if len(code) > _MOST_SHOWN:
        more = len(code) - _MOST_SHOWN
        return escape(f"{code[:_MOST_SHOWN]}\n… {more:,} more characters are not shown")
    if len(code) > _MOST_COLOURED:
        return escape(code)
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return Markup(highlight(code, lexer, HtmlFormatter(nowrap=True)))
