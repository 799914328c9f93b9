"""Rubrics: those of the course hold, and a mistake in one is told where it stands."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from autograder.catalogue import all_notebooks, load_catalogue
from autograder.review.rubric import Criterion, models_of, read_rubric
from tests.first_published import FIRST, REPOSITORY


@pytest.mark.parametrize("notebook", all_notebooks())
def test_every_question_of_the_course_has_a_rubric_that_adds_up(notebook: str) -> None:
    models = models_of(REPOSITORY, notebook)
    questions = load_catalogue(notebook).written
    for question in questions:
        model = models[question.id]
        assert model.problem == ""
        assert sum(one.points for one in model.criteria) == question.points
        assert model.prompt
        assert model.answer
        assert "BEGIN SOLUTION" not in model.prompt + model.answer
    path = REPOSITORY / "solutions" / "rubrics" / f"{notebook}.toml"
    assert set(tomllib.loads(path.read_text())) == {question.id for question in questions}


def test_exercises_have_the_author_s_code() -> None:
    model = models_of(REPOSITORY, FIRST)["look_at"]
    assert "def look_at(" in model.answer
    assert model.criteria == ()


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (3, "write criteria = ["),
        ({}, "write criteria = ["),
        ({"criteria": []}, "write criteria = ["),
        ({"criteria": [3]}, "3 is no criterion"),
        ({"criteria": [{"points": True, "text": "x"}]}, "is no criterion"),
        ({"criteria": [{"points": -1, "text": "x"}]}, "is no criterion"),
        ({"criteria": [{"points": 2, "text": " "}]}, "is no criterion"),
        (
            {"criteria": [{"points": "2", "text": "x"}]},
            'write { points = 1, text = "what earns it" }',
        ),
        ({"criteria": [{"points": 1.5, "text": "x"}]}, "add up to 1.5 points, the question to 2"),
    ],
)
def test_a_rubric_that_cannot_be_used_says_why(raw: object, problem: str) -> None:
    criteria, told = read_rubric(raw, 2.0)
    assert criteria == ()
    assert problem in told


def test_thirds_add_up() -> None:
    raw = {"criteria": [{"points": 0.1, "text": "a"}, {"points": 0.2, "text": "b"}]}
    assert read_rubric(raw, 0.3) == ((Criterion(0.1, "a"), Criterion(0.2, "b")), "")


def test_a_file_that_changes_is_read_again_and_a_broken_one_breaks_nothing(tmp_path: Path) -> None:
    assert models_of(tmp_path, FIRST) == {}, "a release has no sources"
    (tmp_path / "solutions" / "rubrics").mkdir(parents=True)
    shutil.copy(REPOSITORY / "solutions" / f"{FIRST}.py", tmp_path / "solutions")
    assert models_of(tmp_path, FIRST)["half_pixel"].criteria == ()
    rubric = tmp_path / "solutions" / "rubrics" / f"{FIRST}.toml"
    rubric.write_text('[half_pixel]\ncriteria = [{ points = 2, text = "all of it" }]')
    assert models_of(tmp_path, FIRST)["half_pixel"].criteria == (Criterion(2.0, "all of it"),)
    rubric.write_text("[half_pixel]\ncriteria = [{ points = 3, text = 'too much' }]")
    import os

    os.utime(rubric, ns=(1, 1))
    problem = models_of(tmp_path, FIRST)["half_pixel"].problem
    assert problem.startswith(f"{FIRST}.toml, [half_pixel]: the criteria add up to 3 points")
    rubric.write_text("no toml")
    os.utime(rubric, ns=(2, 2))
    model = models_of(tmp_path, FIRST)["half_pixel"]
    assert model.problem.startswith(f"{FIRST}.toml cannot be read: ")
    assert model.prompt, "what the question asks is still shown"
