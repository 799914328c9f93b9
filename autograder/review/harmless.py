"""A student's HTML without what could reach out of its frame.

Sandbox and content policy already keep it from running, loading and sending anything. But browsers connect ahead of
time to whatever a `<link>` or a hovered link names, and no policy forbids that. So tags that need not be there become
text, and addresses of links lose their name. Tags and attributes can be spelt in one way only (unlike text, they know
no character references), so nothing has to be parsed to find them all. Where a tag ends is another matter: as long as
everything is spelt as in a textbook, text between the tags stays as it is; from the first oddity on, what looks like
an address loses its name in the text, too.
"""

from __future__ import annotations

import re

_TAGS = """
a abbr article aside b blockquote body br caption center cite code col colgroup dd del details div dl dt em
figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i img ins kbd label li main mark meter ol
p pre progress q s samp section small span strike strong style sub summary sup table tbody td tfoot th thead
time title tr tt u ul var svg g path rect circle ellipse line polyline polygon text tspan defs desc clippath
lineargradient radialgradient stop pattern marker mask symbol use math mrow mi mo mn ms mtext mspace msup msub
msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd
"""
_OTHER_TAG = re.compile(
    rf"<(?!/?(?:{'|'.join(_TAGS.split())})(?![^\s/>])|!--|!doctype)", re.I | re.A
)
_ADDRESS = re.compile("(?=href|srcdoc|ping)", re.I)
_SPACE = "[ \t\n\f\r]"
_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++)"""
_ATTRIBUTES = rf"""(?:{_SPACE}++[^\s"'<>/=]++(?:{_SPACE}*+={_SPACE}*+{_VALUE})?+)*+{_SPACE}*+"""
# What browsers end where this ends: a tag; one whose content is no HTML, with it; a comment; a doctype.
_TEXTBOOK = re.compile(
    rf"<(?P<raw>style|title){_ATTRIBUTES}>[^<]*+</(?P=raw){_SPACE}*+>"
    rf"|</?(?!(?:style|title)[^a-z0-9])[a-z][a-z0-9]*+{_ATTRIBUTES}/?>"
    r"|<!--(?!-?>)(?:(?!--!?>)[^\0])*+-->"
    r"""|<!doctype[^<>"']*+>""",
    re.I | re.A,  # to a browser only ASCII letters begin a tag
)
_NOTE = "<i>[a script, not run]</i>"


def harmless(html: str) -> str:
    """The HTML with its looks, without scripts, links and tags that no output needs."""
    html = _OTHER_TAG.sub("&lt;", _without_scripts(html))
    kept, at = [], 0
    while (start := html.find("<", at)) >= 0:
        kept.append(html[at:start])
        found = _TEXTBOOK.match(html, start)
        end = found.end() if found else len(html)
        kept.append(_ADDRESS.sub("data-", html[start:end]))
        at = end
    return "".join([*kept, html[at:]])


def _without_scripts(html: str) -> str:
    """Scripts are long, and their text tells nothing: a note stands for each."""
    lower, kept, at = html.lower(), [], 0
    if len(lower) != len(html):  # a letter whose small form is longer: then positions do not agree
        return html
    while (start := lower.find("<script", at)) >= 0:
        end = lower.find("</script", start)
        end = lower.find(">", end) if end >= 0 else -1
        kept += [html[at:start], _NOTE]
        if end < 0:
            return "".join(kept)
        at = end + 1
    return "".join([*kept, html[at:]])
