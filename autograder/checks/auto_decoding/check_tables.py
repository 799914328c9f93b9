"""Checks: a table of codes that are learned like weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_error, expect_true
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import waves
from autograder.checks.auto_decoding.normal_draws import expect_normal
from autograder.checks.auto_encoding.modules import build, load, names_by_shape, value_of
from autograder.results import Evidence

ONE_PARAMETER = "one nn.Parameter of shape (count, code_length), or an nn.Embedding; nothing else"


def built(student: Student, *arguments: Any) -> Any:
    """A table with a single parameter: thousands of them, one for each object, would be listed one by one."""
    made = build(student, "LatentTable", *arguments)
    shapes = list(made.parameter_shapes().values())
    if len(shapes) != 1:
        some = ", ".join(map(str, shapes[:3])) + (", …" if len(shapes) > 3 else "")
        evidence = Evidence("1 parameter", f"{len(shapes)}: {some or 'none'}", hint=ONE_PARAMETER)
        raise CheckFailed("LatentTable should have one parameter for all codes.", evidence)
    return made


def table(student: Student, case: Case) -> tuple[Any, str]:
    """A table with the codes of a case, and the student's name of its parameter."""
    made = built(student, *case.truth["arguments"])
    names = load(made, case.truth["parameters"], f"LatentTable ({case.name})", ONE_PARAMETER)
    return made, names["codes"]


def rows(case: Case) -> torch.Tensor:
    """The codes of a case's objects, one after the other, `*b d`."""
    codes, objects = case.truth["parameters"]["codes"].double(), case.inputs["objects"]
    found = [codes[number].tolist() for number in objects.flatten().tolist()]
    return torch.tensor(found, dtype=torch.float64).reshape(*objects.shape, codes.shape[1])


def looks_up(student: Student, case: Case, hint: str) -> None:
    """The codes of a case's objects, exactly: nothing is computed."""
    made, _ = table(student, case)
    answer = made(case.inputs["objects"])
    expect_close(answer, rows(case), f"the codes ({case.name})", tolerance=1e-6, hint=hint)


@checks_exercise("latent_table", entrance=True)
def test_codes_of_objects(student: Student, cases: Cases) -> None:
    """The codes of four of five objects."""
    hint = "number i stands for row i of the table, as it is: nothing is computed"
    looks_up(student, cases.one("LatentTable", "five objects"), hint)


@checks_exercise("latent_table")
def test_any_shape_of_numbers(student: Student, cases: Cases) -> None:
    """One object, none, some of them twice, and batches of batches: `*b` numbers give `*b d`."""
    hint = "index the table with the whole tensor of numbers: the result has its shape, and then d"
    for name in ("a batch of batches", "one object", "no objects", "twice and never"):
        looks_up(student, cases.one("LatentTable", name), hint)


@checks_exercise("latent_table")
def test_only_these_rows_learn(student: Student, cases: Cases) -> None:
    """Gradients reach the rows that were looked up, as often as they were; exactly zero comes to the others."""
    case = cases.one("LatentTable", "twice and never")
    looks_up(student, case, "index the table with the whole tensor of numbers")
    made, name = table(student, case)
    objects = case.inputs["objects"]
    cotangent = waves(*objects.shape, 3)
    expected = torch.zeros(case.truth["arguments"], dtype=torch.float64)
    for number, row in zip(objects.flatten().tolist(), cotangent.reshape(-1, 3), strict=True):
        expected[number] += row.double()
    names_by_shape(made, [tuple(expected.shape)], "LatentTable", ONE_PARAMETER)
    found = made.parameter_gradients((objects,), cotangent).get(name)
    hint = (
        "self.codes is an nn.Parameter and is indexed as it is: no .data, no detach, no arithmetic on it; "
        "an nn.Embedding without sparse, padding_idx and max_norm"
    )
    expect_close(found, expected, "the gradient of the table", tolerance=1e-5, hint=hint)


@checks_exercise("latent_table")
def test_start_of_codes(student: Student, cases: Cases) -> None:
    """Codes start as draws from N(0, spread²), by default from N(0, 0.01²); no two tables start alike."""
    del cases
    hint = "normal draws, times the spread: it is a standard deviation, not a variance"
    drawn = []
    shape = (9000, 80)
    for options, spread in ((), 0.01), ((0.3,), 0.3), ((0.3,), 0.3):
        made = built(student, *shape, *options)
        names = names_by_shape(made, [shape], "LatentTable(9000, 80)", ONE_PARAMETER)
        drawn.append(value_of(made, names[shape][0], "the table"))
        expect_normal(drawn[-1], spread, "the codes", hint)
    message = "two tables start with the very same numbers."
    expect_true(not torch.equal(drawn[1], drawn[2]), message, "draw anew for every table")


@checks_exercise("latent_table")
def test_unknown_objects(student: Student, cases: Cases) -> None:
    """A number that is no object's is an IndexError that names the first such number and how many there are."""
    case = cases.one("LatentTable", "37 objects")
    made, _ = table(student, case)
    known = case.inputs["objects"]
    for unknown, why in [
        ([37], "object 37 of a table of 37 (they are counted from 0)"),
        ([-1], "object -1"),
        ([59, 84, -26], "a long list with 59, then 84, then -26 in it"),
        ([-26, 59], "a long list with -26, then 59 in it"),
    ]:
        # Far into a long list: who prints the list itself does not name them.
        numbers = torch.cat([known[:700], torch.tensor(unknown), known[700:]])
        refuses(made, numbers, (str(unknown[0]), "37"), why)
    refuses(made, torch.tensor(64), ("64",), "object 64, alone")


def refuses(made: Any, numbers: torch.Tensor, words: tuple[str, ...], why: str) -> None:
    """An IndexError whose message holds all the words; if not, why they should be in it."""
    for word in words:
        try:
            expect_error(made, numbers, kind="IndexError", naming=(word,), why=why)
        except CheckFailed as failure:
            hint = f"{why}: name the first number that is below 0 or not below the count, and the count, 37"
            raise CheckFailed(failure.message, replace(failure.evidence, hint=hint)) from None
