"""`autograder similarity` as a person runs it: the table, the page, JSON, and what it says about bad input."""

from __future__ import annotations

import json
import stat
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.similarity.alignment import align
from autograder.similarity.passages import read_definitions
from tests.disguises import disguise
from tests.first_published import first_published

REPOSITORY = Path(__file__).parents[1]
NOTEBOOK = "01_camera_geometry"
HOSTILE = "</td><script>alert('boo')</script><img src=x onerror=alert(1)> [bold]{{ 7 * 7 }}"
ANSWER = f'''
import torch
def look_at(eye, target, up):
    """Mine."""
    ahead = target - eye  # {HOSTILE}
    ahead = ahead / ahead.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    right = torch.linalg.cross(ahead, up)
    right = right / right.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    down = torch.linalg.cross(ahead, right)
    print("""{HOSTILE}""")
    rows = torch.stack([right, down, ahead, eye], dim=-1)
    return torch.cat([rows, torch.eye(4)[3:].expand(*rows.shape[:-2], 1, 4)], dim=-2)
'''
OTHER = """
import torch
def look_at(eye, target, up):
    pose = torch.eye(4).repeat(*eye.shape[:-1], 1, 1)
    pose[..., :3, 2] = torch.nn.functional.normalize(target - eye, dim=-1)
    pose[..., :3, 0] = torch.nn.functional.normalize(pose[..., :3, 2].cross(up, -1), dim=-1)
    pose[..., :3, 3] = eye
    return pose
"""


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout, stderr; of the first assignment unless another is named."""
    assignment = () if "--assignment" in arguments else ("--assignment", "a1")
    root = () if "--root" in arguments else ("--root", str(REPOSITORY))
    command = ["similarity", *map(str, arguments), *assignment, *root]
    result = CliRunner().invoke(app, command)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def hand_in(folder: Path, student: str, code: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cell = {"cell_type": "code", "metadata": {}, "source": code, "outputs": []}
    content = {"cells": [cell], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    (folder / f"{student}.ipynb").write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def class_(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    hand_in(folder, "ann", ANSWER)
    hand_in(folder, "bob", disguise(ANSWER, "all"))
    hand_in(folder, "eve", OTHER)
    (folder / "broken.zip").write_bytes(b"PK")
    return folder


class Elements(HTMLParser):
    """Every tag of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_disguised_copy_leads_the_table_and_the_json(class_: Path, tmp_path: Path) -> None:
    code, said, _ = run(class_, "--out", tmp_path / "out")
    assert code == 0
    first = said.splitlines()[1]
    assert "ann" in first
    assert "bob" in first
    assert "never a verdict" in said
    assert "not compared: broken.zip: the zip is damaged" in said
    code, said, _ = run(class_, "--out", tmp_path / "out", "--json")
    found: dict[str, Any] = json.loads(said)
    assert (code, found["works"], found["notebook"]) == (0, 3, NOTEBOOK)
    assert "never a verdict" in found["caution"]
    best = found["pairs"][0]
    assert {best["first"]["student"], best["second"]["student"]} == {"ann", "bob"}
    assert set(best["exercises"]) == {"look_at"}
    assert 0.5 < best["score"] <= best["exercises"]["look_at"] <= 1
    assert all(p["score"] < best["score"] / 2 for p in found["pairs"][1:])


def test_the_page_stands_alone_and_holds_no_markup_of_a_student(
    class_: Path, tmp_path: Path
) -> None:
    run(class_, "--out", tmp_path / "out")
    path = tmp_path / "out" / "similarity.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    page = Elements(path.read_text(encoding="utf-8"))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "link", "iframe", "a"}
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert HOSTILE in page.text
    assert "never a verdict" in page.text
    assert "ann and bob" in page.text.replace("  ", " ")


def test_matching_lines_carry_the_same_number_on_both_sides() -> None:
    one = "def f(a):\n    b = a.sqrt()\n    return b.cumsum(0) @ b\n"
    other = "def f(x):\n    pass\n    y = 1\n    z = x.sqrt()\n    return z.cumsum(0) @ z\n"
    passages = [[read_definitions([(n, c)]).passages["f"]] for n, c in ((3, one), (8, other))]
    left, right, blocks = align(
        passages[0],
        passages[1],
        (
            {1: frozenset({(3, 2)}), 2: frozenset({(3, 3)}), 3: frozenset({(3, 1)})},
            {1: frozenset({(8, 4)}), 2: frozenset({(8, 5)}), 4: frozenset({(8, 1)})},
        ),
        {1: 2.0, 2: 3.0},
    )
    assert blocks == 1
    assert [(line.number, line.block, line.partner) for line in left[0].lines] == [
        (1, 0, None),
        (2, 1, (8, 4)),
        (3, 1, (8, 5)),
    ]
    assert [(line.block, line.partner) for line in right[0].lines] == [
        (0, None),
        (0, None),
        (0, None),
        (1, (3, 2)),
        (1, (3, 3)),
    ]


def test_earlier_years_and_the_published_answer_are_searched(class_: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "class_2025"
    hand_in(earlier, "old hand", disguise(OTHER, "rename"))
    hand_in(earlier, "bystander", disguise(OTHER, "rename", seed=5))
    published = read_published("estimate_pose")
    hand_in(class_, "reader", disguise(published, "all"))
    _, said, _ = run(class_, "--earlier", earlier, "--out", tmp_path / "out", "--json")
    pairs = json.loads(said)["pairs"]
    found = {(p["first"]["student"], p["second"]["student"], p["second"]["earlier"]) for p in pairs}
    assert ("eve", "old hand", "class_2025") in found
    assert not [p for p in pairs if p["first"]["earlier"]]
    reader = next(p for p in pairs if p["first"]["student"] == "reader")
    assert reader["second"] == {
        "student": None, "published": True, "earlier": None, "source": f"{NOTEBOOK}.py",
    }  # fmt: skip
    assert reader["exercises"]["estimate_pose"] > 0.6


def test_earlier_folders_of_one_name_are_told_apart(class_: Path, tmp_path: Path) -> None:
    for year in ("2024", "2025"):
        hand_in(tmp_path / year / "a1", "old hand", disguise(OTHER, "rename"))
    options = [o for year in ("2024", "2025") for o in ("--earlier", tmp_path / year / "a1")]
    _, said, _ = run(class_, *options, "--out", tmp_path / "out", "--json")
    found = {p["second"]["earlier"] for p in json.loads(said)["pairs"]}
    assert {"2024/a1", "2025/a1"} <= found


def read_published(exercise: str) -> str:
    from autograder.source import read_source

    cells = read_source(REPOSITORY / "solutions" / f"{NOTEBOOK}.py").cells
    return next("\n".join(c.lines) for c in cells if c.task and c.task.id == exercise)


def test_names_that_look_like_markup_are_only_names(class_: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(class_ / "zed.zip", "w") as archive:
        archive.write(class_ / "ann.ipynb", "01_camera_geometry.ipynb")
        archive.writestr("submission.json", json.dumps({"student": {"id": "[/red]", "name": "Z"}}))
    code, said, _ = run(class_, "--out", tmp_path / "out")
    assert code == 0
    assert "[/red]" in said


def test_nothing_of_a_submission_is_run(tmp_path: Path) -> None:
    folder, trace = tmp_path / "class", tmp_path / "trace"
    for student in ("ann", "bob"):
        hand_in(folder, student, f"open({str(trace)!r}, 'w')\n{ANSWER}\nraise SystemExit(3)\n")
    assert run(folder, "--out", tmp_path / "out")[0] == 0
    assert not trace.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{tmp}/nowhere"], "nowhere: no such folder. Name a folder that holds submissions."),
        (["{tmp}/class/eve.ipynb"], "eve.ipynb is neither a folder of submissions nor a zip"),
        (["{tmp}/class", "--earlier", "{tmp}/old"], "old: no such folder"),
        (["{tmp}/class", "--assignment", "a9"], "a9"),
        (["{tmp}/class", "--assignment", "a3", "--root", "{tmp}/course"], "'a3' has no notebook in course.toml yet"),
        (["{tmp}/class", "--out", "{tmp}/class/eve.ipynb"], "is a file. Name a folder for the page"),
        (["{tmp}/empty"], "holds no submission that can be read"),
    ],
)  # fmt: skip
def test_mistakes_are_told_without_a_traceback(
    class_: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    first_published(tmp_path / "course")
    code, said, complained = run(*(a.format(tmp=tmp_path) for a in arguments))
    assert (code, said) == (2, "")
    assert message in complained
    assert "Traceback" not in complained
