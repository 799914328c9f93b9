"""`handouts check` sees exercises without checks, and checks without an exercise."""

from __future__ import annotations

from pathlib import Path

from autograder.handouts.check import check
from autograder.settings import load_settings

ROOT = Path(__file__).parent.parent


def test_renamed_exercises_lose_their_checks_and_are_told(tmp_path: Path) -> None:
    source = (ROOT / "solutions" / "01_camera_geometry.py").read_text(encoding="utf-8")
    (tmp_path / "solutions").mkdir()
    renamed = source.replace('exercise="transform"', 'exercise="transformm"')
    (tmp_path / "solutions" / "01_camera_geometry.py").write_text(renamed, encoding="utf-8")
    (tmp_path / "autograder" / "checks").mkdir(parents=True)
    checks = ROOT / "autograder" / "checks" / "camera_geometry"
    (tmp_path / "autograder" / "checks" / "camera_geometry").symlink_to(checks)
    messages = [finding.message for finding in check(tmp_path, load_settings(ROOT).release)]
    assert "exercise 'transformm' has no checks, so nobody can earn its points" in messages
    assert "there are checks of 'transform', which is no exercise of 01_camera_geometry" in messages
