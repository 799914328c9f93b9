"""The course of this repository is fit for release, whoever asks: root, or an ordinary user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.catalogue import all_notebooks
from tests.red_team.another_user import CANNOT

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534


THIS_USER = "this user"
# What another user changes is how student code is shut in: one notebook tells. All are verified once.
ASKED = [(notebook, THIS_USER) for notebook in all_notebooks()]
ASKED.append((all_notebooks()[0], "an ordinary user"))


@pytest.mark.parametrize(("notebook", "user"), ASKED)
def test_the_course_keeps_its_promises(notebook: str, user: str) -> None:
    home = Path(tempfile.mkdtemp())  # not below pytest's, which only its owner may enter
    command = [sys.executable, "-B", "-m", "autograder", "verify", "--seeds", "1", "-j", "1"]
    command += ["--notebook", notebook]
    if user != THIS_USER:
        if os.getuid() != 0:
            pytest.skip("this user is an ordinary one")
        os.chown(home, NOBODY, NOBODY)
        another = [sys.executable, "-B", "-m", "tests.red_team.another_user", str(NOBODY)]
        command = [*another, str(home), *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    shutil.rmtree(home, ignore_errors=True)
    if done.returncode == CANNOT:
        pytest.skip("this root may not open Python's folder to another user")
    assert done.returncode == 0, done.stdout + done.stderr
