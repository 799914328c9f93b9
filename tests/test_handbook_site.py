"""The handbook as a site: it builds without a warning, asks no other machine for anything, and lacks nothing."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
import typing
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import autograder
import course_lib.setup
from autograder.catalogue import all_notebooks, load_catalogue
from course_lib.setup import Mode
from docs.site.commands import commands_page, every_command
from docs.site.exercises import exercises_page, read_checks
from docs.site.handouts import handout_page
from docs.site.mathematics import MathematicsError, to_mathml, with_mathml
from docs.site.settings_keys import read_dataclasses, settings_page
from docs.walk.blocks import Kind, read_blocks
from docs.walk.walks import PAGES

ROOT = Path(__file__).resolve().parents[1]
_QUOTED = re.compile(r"`(autograder(?: [^`]*)?)`")


class Loaded(HTMLParser):
    """What a page makes a browser load by itself, and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.without_alt: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        if tag in ("script", "img", "iframe", "source", "video") and "src" in found:
            self.loads.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "preconnect", "icon", "preload"):
            self.loads.append(found["href"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "img" and not found.get("alt"):
            self.without_alt.append(found.get("src", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, Loaded]]:
    """Every page of the built site by its address."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        pages[path.relative_to(folder).as_posix()] = (text, Loaded(text))
    assert (folder / "assets/pictures/notebook_1.png").is_file()
    return pages


def test_every_page_is_there(site: dict[str, tuple[str, Loaded]]) -> None:
    written = {
        path.relative_to(PAGES).with_suffix(".html").as_posix() for path in PAGES.rglob("*.md")
    }
    made = {f"handouts/{name}.html" for name in all_notebooks()}
    made |= {
        f"reference/{name}.html" for name in ("commands", "settings", "exercises", "conventions")
    }
    assert written | made | {"handouts/index.html", "404.html"} == set(site)


def test_no_page_asks_another_machine(site: dict[str, tuple[str, Loaded]]) -> None:
    asked = {
        (page, address)
        for page, (_, loaded) in site.items()
        for address in loaded.loads
        if urlsplit(address).scheme or address.startswith("//")
    }
    assert not asked


def test_links_lead_somewhere(site: dict[str, tuple[str, Loaded]]) -> None:
    lost = []
    for page, (_, loaded) in site.items():
        if page == "404.html":  # its links are written from the site's root
            continue
        for link in loaded.links:
            parts = urlsplit(link)
            if parts.scheme or not (parts.path or parts.fragment):
                continue
            target = os.path.normpath(
                (Path(page).parent / unquote(parts.path)) if parts.path else page
            )
            if target not in site or (
                parts.fragment and unquote(parts.fragment) not in site[target][1].ids
            ):
                lost.append((page, link))
    assert not lost


def test_pictures_have_words_for_those_who_do_not_see_them(
    site: dict[str, tuple[str, Loaded]],
) -> None:
    assert not [
        (page, loaded.without_alt) for page, (_, loaded) in site.items() if loaded.without_alt
    ]


def test_handouts_show_their_formulas_and_no_answer(site: dict[str, tuple[str, Loaded]]) -> None:
    for name in all_notebooks():
        text, _ = site[f"handouts/{name}.html"]
        prose = re.sub(r"<(pre|code)\b.*?</\1>", "", text, flags=re.DOTALL)
        assert text.count("<math ") >= 20
        assert "arithmatex" not in text
        assert "\\(" not in prose
        assert not re.search(r"(?<!\\)\$[^$<]{1,80}\\[a-z]", prose), "TeX is left in the text"
        assert "is not written yet" in text
        for exercise in load_catalogue(name).graded:
            assert f"Exercise {exercise.number} · " in text


def test_a_handout_s_page_holds_every_cell() -> None:
    for name in all_notebooks():
        made = handout_page(ROOT, load_catalogue(name))
        cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"]
        for cell in cells[1:]:
            for line in "".join(cell["source"]).splitlines():
                assert line in made


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        (r"\frac{1}{2}", ("<mfrac>",)),
        (r"\arg\min_z \lVert x\rVert^2", ("arg", "min", "<msup")),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", ("<mtable>", "<mtd><mn>4</mn></mtd>")),
        (r"a < b", ("&lt;",)),
        (r"|x|", ('<mo lspace="0" rspace="0" stretchy="false">&#x0007C;</mo>',)),
    ],
)
def test_mathematics(tex: str, parts: tuple[str, ...]) -> None:
    made = to_mathml(tex, display=False)
    assert made.startswith("<math ")
    assert all(part in made for part in parts), made


def test_mathematics_that_cannot_be_shown_is_refused() -> None:
    with pytest.raises(MathematicsError, match=r"cannot convert \$\\nosuch x\$"):
        to_mathml(r"\nosuch x", display=False)


def test_formulas_in_a_page_are_exchanged_where_they_stand() -> None:
    page = '<p>a <span class="arithmatex">\\(x &lt; y\\)</span> b</p><div class="arithmatex">\\[z\\]</div>'
    made = with_mathml(page)
    assert re.fullmatch(
        r'<p>a <math [^>]*display="inline".*</math> b</p><math .*display="block".*', made
    )


def test_every_command_has_its_section() -> None:
    page = commands_page()
    for name, command in every_command():
        if name != "autograder":
            assert re.search(rf"^###? {name}$", page, re.MULTILINE), name
        for each in command.params:
            if each.param_type_name == "option" and not hasattr(command, "commands"):
                assert max(each.opts, key=len) in page
            assert each.help or each.name in ("version", "help"), f"{name}: {each.name} has no help"


def commands_quoted() -> list[tuple[str, str]]:
    """Every command that a page or the README names or shows, with its page."""
    found = []
    for path in [*sorted(PAGES.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        found += [(path.name, match[1]) for match in _QUOTED.finditer(path.read_text("utf-8"))]
    for path in sorted(PAGES.rglob("*.md")):
        for block in read_blocks(path):
            if block.kind is Kind.CONSOLE:
                found += [
                    (path.name, c.text) for c in block.commands() if c.text.startswith("autograder")
                ]
    return found


def test_commands_that_are_named_exist_with_their_options() -> None:
    known = dict(every_command())
    for page, text in commands_quoted():
        words = text.replace("\\\n", " ").split()
        name = next(" ".join(words[:n]) for n in (3, 2, 1) if " ".join(words[:n]) in known)
        assert name != "autograder" or len(words) == 1 or words[1].startswith("-") or "|" in text, (
            page,
            text,
        )
        options = {o for p in known[name].params for o in p.opts} | {"--help"}
        if not hasattr(known[name], "commands"):
            used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
            assert used <= options, (page, text)


def test_every_key_of_the_syllabus_is_explained() -> None:
    page = settings_page(ROOT)
    raw = tomllib.loads((ROOT / "course.toml").read_text())
    for table, content in raw.items():
        entries = content if isinstance(content, list) else [content]
        assert (f"## [[{table}]]" if isinstance(content, list) else f"## [{table}]") in page
        for key in {key for entry in entries for key in entry}:
            assert f"| `{key}` |" in page, key


def test_defaults_and_comments_come_from_the_code() -> None:
    source = '@dataclass\nclass A:\n    """Of a."""\n    x: float = 0.5  # in m\n    y: str | None = None\n    z: int\n'
    ((name, docstring, keys),) = read_dataclasses(source)
    assert (name, docstring) == ("A", "Of a.")
    assert [(k.name, k.kind, k.default, k.optional, k.comment) for k in keys] == [
        ("x", "number", "0.5", True, "in m"),
        ("y", "text", "", True, ""),
        ("z", "whole number", "", False, ""),
    ]


def test_every_exercise_is_listed_with_its_entrance() -> None:
    page = exercises_page(ROOT)
    for name in all_notebooks():
        catalogue = load_catalogue(name)
        checks = list(read_checks(ROOT / "autograder/checks" / catalogue.topic))
        for exercise in catalogue.exercises:
            theirs = [check for check in checks if check.exercise == exercise.id]
            assert sum(check.entrance for check in theirs) == 1, exercise.id
            assert f"### {exercise.number} · {exercise.title}" in page
        assert {check.exercise for check in checks} == {e.id for e in catalogue.exercises}


def test_what_students_are_told_to_call_can_be_called() -> None:
    text = (PAGES / "students.md").read_text("utf-8")
    spans = [*re.findall(r"`([a-z_]+\([^`]*\))`", text), "check('x')"]
    spans += ["\n".join(b.lines) for b in read_blocks(PAGES / "students.md")]
    called = set()
    for span in spans:
        for node in ast.walk(ast.parse(span)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = node.func.id
                if name != "NotImplementedError":
                    called.add(name)
                    given = inspect.signature(
                        getattr(course_lib.setup if name == "setup" else autograder, name)
                    )
                    given.bind(*node.args, **{k.arg: k.value for k in node.keywords if k.arg})
    assert called == {"check", "setup", "show_bands", "export_predictions", "submit"}
    accepted = inspect.signature(autograder.export_predictions).parameters
    assert "leaderboard_name" in accepted
    modes = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert modes == list(typing.get_args(Mode))
