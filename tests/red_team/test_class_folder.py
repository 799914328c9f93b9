"""Hostile files in the class folder, and one whole run of the command over a class with an attacker in it."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.red_team.attack import HONEST_POINTS, HONEST_TRANSFORM
from tests.red_team.campaign import NOTEBOOK, REPOSITORY
from tests.red_team.ground import Ground

PATIENCE = 120  # seconds, far more than it takes
READ = """
import json, sys
from pathlib import Path
from autograder.grading.intake import Intake
found = Intake(Path(sys.argv[1]), sys.argv[2]).submissions()
print(json.dumps([[s.student, list(s.problems), [c.source for c in s.cells]] for s in found]))
"""


def notebook(*cells: str, **more: Any) -> bytes:
    listed = [{"cell_type": "code", "metadata": {}, "source": c} for c in cells]
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed, **more}
    ).encode()


HONEST = notebook(HONEST_POINTS, HONEST_TRANSFORM)


def zipped(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, target)
    return content.getvalue()


def claim(student: str) -> bytes:
    return json.dumps(
        {"format": 1, "student": {"id": student, "name": "x" * 10**5}, "files": {}}
    ).encode()


def plant(folder: Path, secret: Path) -> None:
    """Everything at once: what one hostile file does must not keep the others from being read."""
    name = f"{NOTEBOOK}.ipynb"
    bombs = {
        "deep": b'{"cells":' + b"[" * 10**6,
        "brackets": b'{"cells":[' + b"[]," * 5_000_000 + b"0]}",
        "digits": b'{"cells":[' + b"9" * 10**6 + b"]}",
        "nan": b'{"cells":[{"cell_type":"code","source":NaN,"metadata":Infinity}]}',
        "keys": b'{"cells":[{"cell_type":"code","source":"x=1"}],"cells":null}',
        "shape": b'{"cells":{"0":{"cell_type":"code","source":[[["x"]]]}}}',
        "surrogate": b'{"cells":[{"cell_type":"code","source":"x = \'\\ud800\'"}]}',
        "nul": b'{"cells":[{"cell_type":"code","source":"x = 1\\u0000"}]}',
    }
    files = {f"{who}.zip": zipped({name: raw}) for who, raw in bombs.items()}
    files |= {
        "slip.zip": zipped(
            {"../../escaped.ipynb": HONEST, "/tmp/escaped.ipynb": HONEST, name: HONEST}
        ),
        "linked.zip": zipped({}, {name: str(secret)}),
        "mallory.zip": zipped({name: notebook("x = 1"), "submission.json": claim("honest")}),
        "honest.zip": zipped({name: HONEST, "submission.json": claim("honest")}),
        "escape\x1b[2J<b>.zip": zipped({name: HONEST}),
        "line\nbreak.ipynb": HONEST,
        "-rf.ipynb": HONEST,
        "..ipynb": HONEST,
        "x" * 240 + ".ipynb": HONEST,
    }
    for file, raw in files.items():
        (folder / file).write_bytes(raw)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.ipynb")).write_bytes(HONEST)
    os.symlink(secret, folder / "link.ipynb")
    os.symlink("/", folder / "root")
    os.symlink(folder, folder / "loop")
    os.symlink("honest.zip", folder / "copycat.zip")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "folder.ipynb").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(folder)  # a socket's path is short
        listener.bind("socket.zip")


def test_no_file_keeps_the_others_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = Ground(tmp_path, harmless=False)
    folder = tmp_path / "class"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)  # and back afterwards
    try:
        secret = Path(ground.aim()["notes"])
        plant(folder, secret)
        os.chdir(tmp_path)
        done = subprocess.run(
            [sys.executable, "-c", READ, str(folder), NOTEBOOK],
            cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert not ground.damage()
        assert ground.token not in done.stdout
    finally:
        ground.clear()
    found = {student: (problems, sources) for student, problems, sources in json.loads(done.stdout)}
    assert found["honest"] == ([], [HONEST_POINTS, HONEST_TRANSFORM])
    assert not {"copycat", "pipe", "socket", "link", "root"} & {
        s for s, (p, _) in found.items() if not p
    }
    assert all(problems or sources for problems, sources in found.values())
    assert all(
        len(p) < 1000 and p.isprintable() for problems, _ in found.values() for p in problems
    )
    assert not (tmp_path / "escaped.ipynb").exists()
    assert not Path("/tmp/escaped.ipynb").exists()


HOSTILE = """
import os, sys
def homogenize_points(points):
    print("\\x1b[2J\\x1b]0;owned\\x07<script>alert(1)</script>")
    raise ValueError("\\x1b[31m<img src=x onerror=alert(2)>=cmd|' /C calc'!A0")
homogenize_directions = homogenize_points
"""


def test_the_command_grades_attacker_and_honest_alike(tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    (folder / "=1+1<script>.ipynb").write_bytes(notebook(HOSTILE, HONEST_TRANSFORM))
    (folder / "honest.ipynb").write_bytes(HONEST)
    command = [sys.executable, "-m", "autograder", "grade", str(folder), "--assignment", "a1"]
    command += [
        "--out",
        str(out),
        "--db",
        f"sqlite:///{tmp_path / 'book.db'}",
        "-j",
        "1",
        "--seed",
        "5",
    ]
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = [json.loads(path.read_text()) for path in (out / "results").glob("*.json")]
    assert sorted(result["points"] for result in results) == [4.0, 8.0]
    assert "\x1b[2J" not in done.stdout + done.stderr
    pages = list(out.rglob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        text = page.read_text()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    for table in out.rglob("*.csv"):
        assert not [
            line for line in table.read_text().splitlines() if line.startswith(("=", "@", "+"))
        ]
