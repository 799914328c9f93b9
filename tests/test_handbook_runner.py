"""What runs the handbook's pages: blocks, edits, what counts as the same output, and that a difference is seen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from docs.walk.blocks import Block, Kind, PageError, read_blocks
from docs.walk.edits import edit, write
from docs.walk.match import agrees, renewed
from docs.walk.normal import normal
from docs.walk.page import walk
from docs.walk.shell import Shell


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A terminal in an empty home."""
    (tmp_path / "home").mkdir()
    (tmp_path / "aside").mkdir()
    return Shell(tmp_path / "home", tmp_path / "aside" / "upstream")


@pytest.mark.parametrize(
    ("shown", "came", "same"),
    [
        ("a\nb", "a\nb", True),
        ("a\nb", "a\nc", False),
        ("a", "a\nb", False),
        ("a\n…", "a", True),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("…\nc", "a\nb\nd", False),
        ("in … s", "in 0.3 s", True),
        ("in … s", "in 0.3 min", False),
        ("… Scheduler at: …", "12:30 - INFO -   Scheduler at:  tcp://127.0.0.1:1", True),
        ("a   b", "a b", True),  # tables are as wide as their content
        ("a b", "ab", False),
        ("3  a1   …", "3  a1   file.zip", True),
        ("a.c", "abc", False),  # a point is a point
        ("", "", True),
    ],
)
def test_what_agrees(shown: str, came: str, same: bool) -> None:
    assert agrees(shown.split("\n"), came.split("\n")) is same


def test_what_a_page_leaves_out_stays_left_out() -> None:
    shown = ["head", "…", "total 3", "end"]
    came = ["head", "x", "y", "total 4", "end"]
    assert renewed(shown, came) == ["head", "…", "end"]
    assert renewed(["a", "b"], ["a", "c", "d"]) == ["a", "c", "d"]
    assert renewed([], ["new"]) == ["new"]
    assert renewed(["in … s"], ["in 2 s"]) == ["in … s"]
    assert agrees(renewed(shown, came), came)


def test_places_times_and_durations_are_those_of_the_story(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    said = (
        f"\ufeffat {tmp_path}/course on {now:%Y-%m-%d %H:%M}\n{now:%Y-%m-%dT%H:%M:%S}\n"
        f"a1-{now:%Y%m%dT%H%M%S}.seed\n\x1b[1mgrading\x1b[0m 0:00:17\n  13:14:15   more  \n"
        "http://127.0.0.1:34567/enter?token=abcdefghijklmnopqrstuvwxyz\nold\rnew\n2026-09-25 23:59\n\n"
    )
    assert normal(said, tmp_path) == [
        "at /home/grace/course on 2026-10-02 19:30",
        "2026-10-02T19:30:00",
        "a1-20261002T193000.seed",
        "grading 0:00:03",
        "  19:30:00   more",
        "http://127.0.0.1:8400/enter?token=…",
        "new",
        "2026-09-25 23:59",
    ]


def test_blocks_of_all_kinds(tmp_path: Path) -> None:
    blocks = read_blocks(
        page(
            tmp_path,
            "# T\n\n<!-- exits 2 -->\n```console\n$ one \\\n> two\nout\n$ three\n```\n\n"
            '```toml title="a.toml"\nx = 1\n```\n\n```diff title="a.toml"\n-x = 1\n+x = 2\n```\n\n'
            "```python\ncheck()\n```\n\n    ```console\n    $ four\n    ```\n",
        )
    )
    assert [block.kind for block in blocks] == [
        Kind.CONSOLE, Kind.FILE, Kind.EDIT, Kind.SHOWN, Kind.CONSOLE,
    ]  # fmt: skip
    commands = blocks[0].commands()
    assert [(command.text, command.shown) for command in commands] == [
        ("one \\\ntwo", ["out"]),
        ("three", []),
    ]
    assert blocks[0].exits == 2
    assert blocks[0].place == "page.md:5"
    assert (blocks[1].title, blocks[1].lines) == ("a.toml", ["x = 1"])
    assert blocks[4].commands()[0].text == "four"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```bash\nls\n```\n", "page.md:1: write commands as ```console"),
        ("```console\n$ ls\n", "page.md:1: this block is never closed"),
        ("```diff\n-a\n```\n", "name the file that is edited"),
        ("<!-- may fail -->\n```console\n$ ls\n```\n", "is not understood: 'may fail'"),
        ("<!-- not run:  -->\n```console\n$ ls\n```\n", "is not understood"),
    ],
)
def test_pages_that_cannot_be_walked(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PageError) as told:
        read_blocks(page(tmp_path, text))
    assert words in str(told.value)


def test_output_before_any_command_is_refused(tmp_path: Path) -> None:
    (block,) = read_blocks(page(tmp_path, "```console\nhello\n```\n"))
    with pytest.raises(PageError, match=r"page\.md:2: a console block begins with"):
        block.commands()


def change(folder: Path, *lines: str) -> None:
    edit(Block(folder / "p.md", 3, 4, Kind.EDIT, list(lines), "a.txt"), folder)


def test_files_are_written_and_edited_in_one_place(tmp_path: Path) -> None:
    write(Block(tmp_path / "p.md", 1, 2, Kind.FILE, ["a", "b", "a", "c"], "sub/a.txt"), tmp_path)
    change(tmp_path / "sub", " a", "-c", "+d", "+e")
    assert (tmp_path / "sub/a.txt").read_text() == "a\nb\na\nd\ne\n"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("-a", "+z"), "stand in 2 places in a.txt: 'a'"),
        (("-q", "+z"), "stand nowhere in a.txt"),
        (("a",), "a line of an edit begins with a blank, + or -: 'a'"),
    ],
)
def test_edits_that_do_not_fit(tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    (tmp_path / "a.txt").write_text("a\nb\na\n")
    with pytest.raises(PageError) as told:
        change(tmp_path, *lines)
    assert words in str(told.value)
    assert (tmp_path / "a.txt").read_text() == "a\nb\na\n"


def test_an_edit_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"p\.md:4: there is no file a\.txt to edit"):
        change(tmp_path, "-a")


def test_a_walk_sees_a_difference_and_writes_it_on_request(tmp_path: Path, shell: Shell) -> None:
    path = page(
        tmp_path, "```console\n$ cd /; mkdir -p ~/x && cd ~/x\n$ echo new; pwd\nold\n```\n\nText.\n"
    )
    walked = walk([path], shell)
    assert walked.commands == 2
    (difference,) = walked.differences
    assert "page.md:2: $ echo new; pwd" in difference
    assert "-old" in difference
    assert "+/home/grace/x" in difference
    assert "old" in path.read_text(), "only --update writes"
    walk([path], shell, update=True)
    assert path.read_text().endswith("$ echo new; pwd\nnew\n/home/grace/x\n```\n\nText.\n")
    assert not walk([path], shell).differences


def test_a_command_that_fails_ends_the_walk(tmp_path: Path, shell: Shell) -> None:
    path = page(tmp_path, "```console\n$ echo why >&2; exit 3\n```\n")
    with pytest.raises(PageError) as told:
        walk([path], shell)
    assert "page.md:2: `echo why >&2; exit 3` exits with 3, the page says 0:\n    why" in str(
        told.value
    )
    expected = page(tmp_path, "<!-- exits 3 -->\n```console\n$ echo why >&2; exit 3\nwhy\n```\n")
    assert not walk([expected], shell).differences


def test_programs_beside_the_rest_are_stopped_at_the_page_s_end(
    tmp_path: Path, shell: Shell
) -> None:
    text = (
        "<!-- runs beside the rest -->\n```console\n$ sh -c 'echo $$ > pid; echo up; exec sleep 600'\nup\n```\n"
        "```console\n$ kill -0 $(cat pid) && echo alive\nalive\n```\n"
        "<!-- runs until stopped -->\n```console\n$ sh -c 'echo ready; exec sleep 600'\nready\n```\n"
        "<!-- not run: for a reason -->\n```console\n$ exit 1\n```\n"
        "<!-- needs postgresql -->\n```console\n$ exit 1\n```\n"
    )
    walked = walk([page(tmp_path, text)], shell)
    assert not walked.differences
    assert [each.partition(": ")[2] for each in walked.not_run] == ["for a reason"]
    assert [each.partition(": ")[2] for each in walked.lacking] == ["postgresql is not here"]
    assert shell.run("kill -0 $(cat pid) 2>/dev/null")[0] != 0
