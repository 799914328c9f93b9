"""What `check()` shows: cards and text, for right, wrong, unwritten and unknown exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.grading.reference import load_reference
from autograder.notebook.display import check, run_checks

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    return load_reference(ROOT / "solutions" / "01_camera_geometry.py")


def test_all_public_checks_pass(solved: dict[str, Any]) -> None:
    report = run_checks(None, solved)
    assert len(report.results) == 16
    assert all(r.points == r.max_points for r in report.results), repr(report)
    assert "✓" in report._repr_html_()


def test_stub_is_told_once(solved: dict[str, Any]) -> None:
    def project(K: Any, xyz: Any) -> Any:
        raise NotImplementedError("Exercise 1.7 `project` is not written yet.")

    text = repr(run_checks("project", {**solved, "project": project}))
    assert text.count("Exercise 1.7 `project` is not written yet.") == 1
    assert "could not run" in text


def test_wrong_image_comes_with_a_picture(solved: dict[str, Any]) -> None:
    def render_points(*args: Any, **kwargs: Any) -> Any:
        image, depth = solved["render_points"](*args, **kwargs)
        return image.flip(1), depth

    html = run_checks("render_points", {**solved, "render_points": render_points})._repr_html_()
    assert "data:image/png;base64," in html
    assert 'alt="Expected image, yours and their difference, ' in html


def test_only_the_first_failure_is_laid_open(solved: dict[str, Any]) -> None:
    def look_at(*args: Any, **kwargs: Any) -> Any:
        return solved["look_at"](*args, **kwargs).flip(-1)

    (result,) = (report := run_checks("look_at", {**solved, "look_at": look_at})).results
    failed = [c for c in result.checks if c.message]
    html = report._repr_html_()
    assert len(failed) >= 3
    assert html.count("<details>") == len(failed) - 1  # a card fits on a screen
    assert html.index('role="img"') < html.index("<details>")
    assert html.count('role="img"') == sum(c.evidence.sketch is not None for c in failed)


def test_student_text_is_escaped(solved: dict[str, Any]) -> None:
    def transform(target_from_source: Any, x: Any) -> Any:
        raise ValueError("<script>alert(1)</script>")

    html = run_checks("transform", {**solved, "transform": transform})._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_function_names_find_their_exercise(solved: dict[str, Any]) -> None:
    (result,) = run_checks("homogenize_directions", solved).results
    assert result.exercise == "homogenize"


def test_unknown_names_get_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError, match="Did you mean 'project'"):
        run_checks("projekt", {})
    check("nonsense")
    assert "There is no exercise called 'nonsense'" in capsys.readouterr().out


def test_outside_a_notebook_the_callers_names_count(capsys: pytest.CaptureFixture[str]) -> None:
    check("homogenize")
    assert "`homogenize_points` is not defined" in capsys.readouterr().out
    names: dict[str, Any] = {"check": check, "torch": torch}
    exec(
        "def homogenize_points(points):\n    return points\n"
        "homogenize_directions = homogenize_points\n"
        "check('homogenize')",
        names,
    )
    assert "has shape (5, 3), expected (5, 4)" in capsys.readouterr().out
