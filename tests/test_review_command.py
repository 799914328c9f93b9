"""`autograder serve` as a person runs it: the link, Ctrl-C, and what it refuses."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from autograder.cli.app import app
from tests.first_published import REPOSITORY
from tests.review_class import make_class


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["serve", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_class(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    monkeypatch.delenv("AUTOGRADER_DB", raising=False)
    return tmp_path / "course"


def test_the_link_works_until_ctrl_c_and_a_new_start_has_a_new_one(course: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "autograder",
        "serve",
        "class",
        "--port",
        "0",
        "--who",
        "grace",
    ]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    said = []
    cookie = ""
    for _ in range(2):
        process = subprocess.Popen(
            command, cwd=course, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        lines: list[str] = []
        while not any("token=" in line for line in lines):
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            lines.append(line)
        link = re.search(r"http://127\.0\.0\.1:\d+/enter\?token=\S+", lines[-1])
        assert link is not None
        assert "for grace: open this link (it works until Ctrl-C)" in lines[0]
        with httpx.Client(follow_redirects=True, timeout=60) as client:
            if cookie:  # of the start before
                old = client.get(link[0].partition("/enter")[0], headers={"Cookie": cookie})
                assert "A new link is needed" in old.text
            page = client.get(link[0])
            assert "Camera geometry" in page.text
            cookie = page.history[0].headers["set-cookie"].partition(";")[0]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Stopped. Everything that was saved is in the gradebook." in rest
        assert errors == ""
        said.append(link[0])
    assert said[0] != said[1]


def test_a_port_that_is_taken_is_said(course: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = run("class", "--port", str(port))
    assert code == 2
    assert f"port {port} cannot be used" in said
    assert "--port 0" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("nowhere",),
            "nowhere: no such folder. Name the folder that `autograder grade` was given.",
        ),
        (("course.toml",), "neither a folder of submissions nor a zip"),
        (("class", "--db", "none.db"), "there is no gradebook yet"),
        (("class", "--who", " "), "who decides? Give a name with --who"),
        (("--host", "0.0.0.0"), "No such option: --host"),
        (("--port", "99999"), "--port"),
    ],
)
def test_what_it_cannot_do_is_refused_in_a_sentence(
    course: Path, arguments: tuple[str, ...], words: str
) -> None:
    code, said = run(*arguments)
    assert code == 2
    assert words in " ".join(said.replace("│", " ").split())


def test_without_the_extra_it_says_how_to_install_it(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("autograder.review")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, said = run("class")
    assert code == 2
    assert "pip install 'inverse-graphics-course[grading,web]'" in said


def test_the_command_line_starts_without_the_page() -> None:
    program = (
        "import sys, autograder.cli.app\n"
        "heavy = {'fastapi', 'uvicorn', 'starlette', 'jinja2', 'pygments', 'sqlalchemy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=REPOSITORY)
