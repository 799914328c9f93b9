"""What a notebook holds, reduced to what can be shown: text, pictures, HTML in frames, and notes on the rest."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from markupsafe import Markup

from autograder.review.harmless import harmless
from autograder.review.highlight import highlighted
from autograder.review.outputs import Kind, Output, author_names, read_outputs
from autograder.review.prose import prose
from autograder.review.visible import printed, shortened, visible
from tests.hostile_notebook import HOSTILE_HTML, HOSTILE_TEXT, bomb, hostile
from tests.review_notebook import small_png


def shown(data: dict[str, Any]) -> Output:
    """One output of a cell with this bundle."""
    raw = {
        "cell_type": "code",
        "source": "",
        "outputs": [{"output_type": "display_data", "data": data}],
    }
    [cell] = read_outputs([raw])
    return cell.outputs[0]


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        ({"text/plain": ["a\n", "b"]}, Kind.TEXT, "a\nb"),
        ({"text/html": "<b>x</b>", "text/plain": "x"}, Kind.FRAME, "<b>x</b>"),
        ({"text/markdown": "*x*", "text/plain": "x"}, Kind.PROSE, "*x*"),
        ({"image/png": small_png(), "text/plain": "x"}, Kind.PICTURE, small_png()),
        ({"image/png": small_png()[:76] + "\n" + small_png()[76:]}, Kind.PICTURE, small_png()),
        ({"image/svg+xml": "<svg/>"}, Kind.FRAME, "<svg/>"),
        ({"text/latex": "$x$"}, Kind.TEXT, "$x$"),
        ({"application/javascript": "alert(1)"}, Kind.NOTE, "not shown here (application/javascript)"),
        ({"application/vnd.plotly.v1+json": {}}, Kind.NOTE, "not shown here"),
        ({"application/vnd.jupyter.widget-view+json": {}, "text/html": "x"}, Kind.NOTE, "widget"),
        ({}, Kind.NOTE, "empty"),
        ({"text/html": {"a": 1}, "text/plain": 3}, Kind.FRAME, ""),
        ({3: 4}, Kind.NOTE, "(3)"),
        ({"text/html": "x" * 2_000_001, "text/plain": "plain"}, Kind.TEXT, "HTML of 2 MB"),
        ({"image/svg+xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><svg/>"}, Kind.NOTE, "too involved"),
        ({"image/svg+xml": "<use/>" * 501}, Kind.NOTE, "too involved"),
    ],
)  # fmt: skip
def test_the_richest_form_that_can_be_trusted(data: dict[str, Any], kind: Kind, words: str) -> None:
    found = shown(data)
    assert found.kind == kind
    assert words in found.data


@pytest.mark.parametrize(
    ("mime", "data", "words"),
    [
        ("image/png", 'x" onerror="alert(1)', "damaged"),
        ("image/png", "", "damaged"),
        ("image/png", base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), "damaged"),
        ("image/png", base64.b64encode(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;").decode(), "damaged"),
        ("image/jpeg", small_png(), "damaged"),  # it says another kind than it is
        ("image/png", bomb(), "more than 25 million pixels is not shown"),
        ("image/png", bomb(6_000), "more than 25 million pixels is not shown"),
        ("image/png", base64.b64encode(b"x" * 6_000_001).decode(), "6 MB is not shown"),
        ("image/png", base64.b64encode(b"<svg onload=alert(1)>").decode(), "damaged"),
    ],
)
def test_pictures_that_are_none_or_too_large(mime: str, data: str, words: str) -> None:
    found = shown({mime: data})
    assert found.kind == Kind.NOTE
    assert words in found.data


def test_streams_and_errors_lose_their_colours_and_overwritten_lines() -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["10%\r", "50%\r100%\n", "done\r\n"]},
        {"output_type": "stream", "name": "stderr", "text": "careful"},
        {
            "output_type": "error",
            "ename": "E",
            "evalue": "v",
            "traceback": ["\x1b[0;31mE\x1b[0m: v"],
        },
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": "no list"},
        {"output_type": "stream", "text": "x" * 30_000},
    ]
    [cell] = read_outputs([{"cell_type": "code", "outputs": outputs}])
    assert [(o.kind, o.data) for o in cell.outputs[:4]] == [
        (Kind.TEXT, "100%\ndone\n"),
        (Kind.ERROR, "careful"),
        (Kind.ERROR, "E: v"),
        (Kind.ERROR, "E: v"),
    ]
    assert cell.outputs[4].data.endswith("10,000 more characters are not shown")


def test_a_cell_with_too_many_outputs_says_so() -> None:
    many = [{"output_type": "stream", "text": str(n)} for n in range(100)]
    [cell] = read_outputs([{"cell_type": "code", "outputs": many}])
    assert len(cell.outputs) == 61
    assert cell.outputs[-1] == Output(Kind.NOTE, "40 more outputs of this cell are not shown.")


@pytest.mark.parametrize("raw", [None, 3, [], "x", {}, {"cell_type": 1, "source": 2, "metadata": 3,
    "outputs": 4, "attachments": 5}, {"outputs": [None, 3, {}, {"output_type": "stream", "text": {}}]}])  # fmt: skip
def test_damaged_cells_are_empty_ones(raw: Any) -> None:
    [cell] = read_outputs([raw])
    assert (cell.kind, cell.source, cell.task) == ("raw", "", "")


def test_a_pasted_picture_belongs_to_its_answer() -> None:
    bundle = {"attachments": {"image.png": {"image/png": small_png()}, "bad": 3}}
    [cell] = read_outputs(
        [{"cell_type": "markdown", "source": "![](attachment:image.png)", **bundle}]
    )
    assert [output.kind for output in cell.outputs] == [Kind.PICTURE]


def test_colab_says_who_ran_a_cell() -> None:
    users: list[Any] = [{"displayName": "Ada L.", "userId": "0123"}, {"displayName": 3}, None, "x"]
    cells = [{"metadata": {"executionInfo": {"user": user}}} for user in users]
    assert author_names([*cells, None, {"metadata": 3}]) == {"Ada L.", "0123"}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\u200bx\ufeff", "⟨U+200B⟩x⟨U+FEFF⟩"),
        ("a\x00\x07\x1b\x85", "a⟨U+0000⟩⟨U+0007⟩⟨U+001B⟩⟨U+0085⟩"),
        ("\U000e0041tag", "⟨U+E0041⟩tag"),
        ("ad\u200cmin", "ad⟨U+200C⟩min"),
        ("नर\u200dसिंह", "नर\u200dसिंह"),  # scripts that need it keep it
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("a\tb\r\nc", "a\tb\nc"),
        ("e\u0301" + "x" + "\u0301" * 50, "e\u0301x\u0301\u0301\u0301…"),
        ("K₂ R K₁⁻¹, σ, ×, −", "K₂ R K₁⁻¹, σ, ×, −"),
    ],
)
def test_nothing_unseen_stays_unseen(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_escape_sequences_of_terminals_are_gone() -> None:
    assert (
        printed("\x1b]8;;http://evil.test\x07link\x1b]8;;\x07 \x1b[1;31mred\x1b[0m\x1b[2K")
        == "link red"
    )
    assert printed("\x1b[" + "9" * 100) == "⟨U+001B⟩[" + "9" * 100
    assert shortened("abc", 2) == "ab\n… 1 more characters are not shown"


@pytest.mark.parametrize("make", [prose, highlighted])
def test_words_and_code_are_escaped(make: Any) -> None:
    for text in (*HOSTILE_HTML, HOSTILE_TEXT, "```html\n<script>\n```", "    <script>", "`<b>`", "$<b>$",
                 "[a](javascript:x)", "<javascript:x>", "![a](http://evil.test/x)", "[a]: http://e\n[a]",
                 "'''<b>'''", "# <b>", "&lt;b&gt;", "| a |\n|---|\n| <b> |"):  # fmt: skip
        found = make(text)
        assert isinstance(found, Markup)
        for tag in ("<script", "<img", "<b>", "<a ", "<svg", "<iframe", "<form", "<meta", "<link"):
            assert tag not in found.lower(), text


def test_prose_keeps_formulas_lists_and_tables() -> None:
    found = prose(
        "so $a_1 b_1 \\{x\\}$ and $$\\sum_i x_i$$\n\n- *one*\n- **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    for part in (
        '<code class="math">$a_1 b_1 \\{x\\}$</code>',
        "$$\\sum_i x_i$$",
        "<li><em>one</em>",
        "<td>2</td>",
    ):
        assert part in found
    assert "costs $5 and $6" in prose("costs $5 and $6 <br>").replace("</code>", "").replace(
        '<code class="math">', ""
    )


@pytest.mark.parametrize(
    "text", ["*" * 30_000, "[" * 30_000, ">" * 5_000, "$" * 30_000, "`" * 30_001, "x" * 50_000]
)
def test_prose_made_to_be_slow_ends(text: str) -> None:
    assert prose(text)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<b title=x>a</b><table><tr><td>1</td></tr></table>",
         "<b title=x>a</b><table><tr><td>1</td></tr></table>"),
        ("a < b, a<b, <3, <- and <!-- c -->", "a &lt; b, a&lt;b, &lt;3, &lt;- and <!-- c -->"),
        ("x<LINK rel=preconnect HREF=//e>", "x&lt;LINK rel=preconnect HREF=//e>"),
        ("<a\thref='//e' ping=//e>", "<a\tdata-href='//e' data-ping=//e>"),
        ("<svg><use xlink:href='#a'/></svg>", "<svg><use xlink:data-href='#a'/></svg>"),
        ("<iframe srcdoc='<link>'></iframe>", "&lt;iframe srcdoc='&lt;link>'>&lt;/iframe>"),
        ("<a-link href=x><a\x00href=x>", "&lt;a-link href=x>&lt;a\x00href=x>"),
        ("a<script>x</script >b<SCRIPT src=y></SCRIPT>c",
         "a<i>[a script, not run]</i>b<i>[a script, not run]</i>c"),
        ("a<script>never closed", "a<i>[a script, not run]</i>"),
        ("İ<script>x</script>", "İ&lt;script>x&lt;/script>"),
    ],
)  # fmt: skip
def test_html_keeps_its_looks_and_loses_its_reach(html: str, left: str) -> None:
    assert harmless(html) == left


@pytest.mark.parametrize(
    "text", ["<p>mapping, href and <b>clipping</b> planes", "<td title='a > ping'>mapping</td>",
             "<style>a > b {}</style><!-- <a> --><br/><title>ping</title>mapping", "a > b: mapping"]
)  # fmt: skip
def test_words_between_the_tags_stay_as_they_are(text: str) -> None:
    assert harmless(text).endswith(text[-8:])
    assert (
        "data-" not in harmless(text).replace("title='a > data-ping'", "").partition("<title>")[0]
    )


@pytest.mark.parametrize(
    "html",
    [
        """<p x"=">" href=//e>""",
        """<p title=">" href=//e>""",
        """<p title='">' href=//e>""",
        """<!-- <p title=" --> <a x='">' href=//e>""",
        """<!--> <p title=" --> <a x='">' href=//e>""",
        """<!-- --!> <p title=" --> <a x='">' href=//e>""",
        """<style><p title="</style><a x='">' href=//e>""",
        """<style/><p title="</style><a x='">' href=//e>""",
        """<title><p title="</title><a x='">' href=//e>""",
        """<\u017fpan title="<a x='">' href=//e>""",
        """<p/title=">"/href=//e>""",
        """<p a=b"c=">" href=//e>""",
        """<!doctype html "<a x='>'" href=//e>">""",
        """<p title="<a href=//e>""",
    ],
)
def test_no_odd_spelling_keeps_an_address(html: str) -> None:
    assert " href" not in harmless(html)
    assert "/href" not in harmless(html)


def test_a_whole_hostile_notebook_is_read() -> None:
    cells = read_outputs(json.loads(json.dumps(hostile()))["cells"])
    kinds = {output.kind for cell in cells for output in cell.outputs}
    assert kinds == {Kind.TEXT, Kind.ERROR, Kind.FRAME, Kind.PROSE, Kind.NOTE}


def test_a_huge_notebook_is_shown_as_far_as_a_page_can_bear() -> None:
    long = {"cell_type": "code", "source": "x" * 400_000}
    loud = {
        "cell_type": "code",
        "outputs": [{"output_type": "display_data", "data": {"text/html": "y" * 1_900_000}}],
    }
    cells = read_outputs([long] * 5 + [loud] * 25 + [{"cell_type": "raw", "source": "z"}] * 3_000)
    assert [cell.source == "x" * 400_000 for cell in cells[:5]] == [True, True, True, False, False]
    kinds = [cell.outputs[0].kind for cell in cells[5:30]]
    assert kinds == [Kind.FRAME] * 21 + [Kind.NOTE] * 4
    assert "there are too many" in cells[29].outputs[0].data
    assert len(cells) == 2_001
    assert cells[-1].source == "(The notebook has 1,030 more cells.)"
