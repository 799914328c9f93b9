"""The eye that looks at outputs: each fault is seen, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.looks import ugly

pytestmark = pytest.mark.browser
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAA"
    "SUVORK5CYII="
)

FINE = [
    "<p>words</p>",
    f"<img alt='one pixel' src='{PIXEL}'>",
    "<div style='background:#111;color:#eee'>light on dark</div>",
    "<div style='display:none'><img src='x'></div>",
    "<div data-mime-type='application/vnd.jupyter.stderr'> </div>",
    "<pre style='overflow:auto'>it fits</pre>",
]
FAULTS = [
    ("<div data-mime-type='application/vnd.jupyter.stderr'>UserWarning</div>", "stderr: UserW"),
    ("<div class='output_stderr'>UserWarning</div>", "stderr: UserWarning"),
    ("<div style='height:1200px'></div>", "is 1200 pixels tall, more than a screen"),
    ("<pre style='overflow-y:auto;height:20px'>1\n2\n3\n4</pre>", "scrolls downwards: PRE"),
    ("<pre style='overflow-x:auto;width:50px'>a long line</pre>", "scrolls sideways: PRE"),
    ("<p style='color:#ddd'>whisper</p>", "is faint (1.4 : 1): whisper"),
    ("<div style='background:#111'><b>night</b></div>", "is faint (1.1 : 1): night"),
    (f"<img src='{PIXEL}'>", "picture without words: <img src="),
    (
        f"<img src='{PIXEL}' alt='No description has been provided for this image'>",
        "picture without words",
    ),
    (
        f"<img alt='wide' width='3000' height='9' src='{PIXEL}'>",
        "picture reaches out of the window",
    ),
]


def looked_at(window: Any, html: str) -> list[str]:
    page = window.new_page()
    page.set_content(f"<!doctype html><div id='output'>{html}</div>")
    return ugly(page.locator("#output"), patience=0)


def test_what_is_fine_is_left_alone(window: Any) -> None:
    assert {html: looked_at(window, html) for html in FINE} == {html: [] for html in FINE}


@pytest.mark.parametrize(("html", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_named(window: Any, html: str, said: str) -> None:
    [found] = looked_at(window, html)
    assert found.startswith(said)
