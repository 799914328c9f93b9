"""What students write in markdown, set as prose: no HTML, no links, no pictures from elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_MATH = re.compile(r"\$\$(?:[^$\\]|\\.){1,4000}\$\$|\$(?=\S)(?:[^$\\\n]|\\.){1,1000}\$")
_MOST = 40_000


def prose(text: str) -> Markup:
    """Markdown as HTML of ours. Links stay as they were typed: nobody is led away from here."""
    if len(text) > _MOST:
        return Markup('<pre tabindex="0">{}</pre>').format(text)
    try:
        return Markup(_reader().render(text))
    except RecursionError:
        return Markup('<pre tabindex="0">{}</pre>').format(text)


@lru_cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    reader.enable("table")
    reader.disable(
        ["link", "image", "autolink", "html_inline", "html_block", "reference", "entity"]
    )
    reader.disable("lheading")  # a line of dashes below a sentence makes it no heading
    reader.inline.ruler.before("escape", "math", _math)
    reader.add_render_rule("math", lambda self, tokens, i, options, env: tokens[i].content)
    return reader


def _math(state: StateInline, silent: bool) -> bool:
    """Formulas stay as they were typed: markdown would eat their underscores and backslashes."""
    found = _MATH.match(state.src, state.pos) if state.src[state.pos] == "$" else None
    if found is None:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content = f'<code class="math">{escape(found[0])}</code>'
    state.pos = found.end()
    return True
