"""Drawing, saving and comparing cases; running checks; the codec between processes; pictures of differences."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.catalogue import Exercise
from autograder.checking import runner
from autograder.checking.cases import Case, Cases, Draw, differences, load_cases, save_cases
from autograder.checking.errors import StudentError, WorkerFault
from autograder.checking.expect import CheckFailed
from autograder.checking.pictures import comparison_png, with_picture
from autograder.checking.runner import Check, run_exercise
from autograder.checking.student import LocalStudent
from autograder.codec import CodecError, decode, encode
from autograder.results import Status

EXERCISE = Exercise("double", "1.1", "Double it", 6, ("double",))


def example_cases(shift: float = 0.0) -> Cases:
    x = torch.arange(3.0) + shift
    inputs = {"x": x, "resolution": (2, 3), "name": "opencv"}
    truth = {"pose": torch.eye(2), "scale": math.inf}
    return Cases([Case("double", "plain", inputs, (2 * x.double(), None), truth)])


def test_cases_survive_the_file(tmp_path: Path) -> None:
    path = tmp_path / "references" / "x.safetensors"
    save_cases(example_cases(), path)
    loaded = load_cases(path)
    assert differences(example_cases(), loaded) == []
    assert loaded.one("double", "plain").inputs["resolution"] == (2, 3)
    assert path.stat().st_mode & 0o044, "the public file must be readable by everyone"
    assert differences(example_cases(), example_cases(1.0)) == [
        "double · plain: expected changed",
        "double · plain: inputs changed",
    ]
    assert differences(Cases([]), loaded) == ["double · plain: new"]
    assert differences(loaded, Cases([])) == ["double · plain: no longer drawn"]


def test_last_digits_are_no_difference() -> None:
    assert differences(example_cases(), example_cases(1e-8)) == []


def test_names_of_cases_are_unique() -> None:
    case = Case("f", "one", {})
    with pytest.raises(ValueError, match="two cases of f are called 'one'"):
        Cases([case, case])


def test_draws_depend_on_seed_and_stream_only() -> None:
    same = [Draw(3, "project").normal(4) for _ in range(2)]
    assert torch.equal(*same)
    assert not torch.equal(same[0], Draw(4, "project").normal(4))
    assert not torch.equal(same[0], Draw(3, "unproject").normal(4))


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -(2**40), 0.1, math.inf, "köln", (1, [2, (3.0,)]), {"a": (None,), 2: "b"}],
)
def test_codec_round_trip(value: Any) -> None:
    tensors: list[torch.Tensor] = []
    assert decode(encode(value, tensors), tensors) == value
    assert tensors == []


def test_codec_keeps_tensors_plain() -> None:
    class Odd(torch.Tensor):
        pass

    tensors: list[torch.Tensor] = []
    strided = torch.arange(6.0).reshape(2, 3).T.requires_grad_()
    result = decode(encode([strided.as_subclass(Odd), torch.ones(2).numpy()], tensors), tensors)
    assert type(result[0]) is torch.Tensor
    assert torch.equal(result[0], strided.detach())
    assert result[1].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "tree",
    [
        {"t": 0},
        {"t": -1},
        {"x": 1},
        {"l": 3},
        {"f": "12"},
        [1],
        {"d": [[{"l": []}, 1]]},
        {"a": 1, "b": 2},
    ],
)
def test_codec_refuses_what_it_does_not_know(tree: Any) -> None:
    with pytest.raises(CodecError):
        decode(tree, [])


def test_codec_refuses_depth_size_and_objects() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    with pytest.raises(CodecError, match="nested deeper"):
        encode(deep, [])
    with pytest.raises(CodecError, match="type module cannot leave"):
        encode(math, [])
    with pytest.raises(CodecError, match="too many parts"):
        decode({"l": [0] * 30_000}, [])
    with pytest.raises(CodecError, match="not a plain dense tensor"):
        encode(torch.eye(3).to_sparse(), [])


def run(monkeypatch: pytest.MonkeyPatch, *functions: Any, namespace: dict[str, Any]) -> Any:
    checks = tuple(
        Check("double", n == 0, f.__name__, f.__doc__ or "t", f) for n, f in enumerate(functions)
    )
    monkeypatch.setattr(runner, "topic_checks", lambda topic: checks)
    return run_exercise("any", EXERCISE, LocalStudent(namespace), example_cases())


def passing(student: Any, cases: Cases) -> None:
    """Fine."""


def failing(student: Any, cases: Cases) -> None:
    """Bad."""
    raise CheckFailed("no good")


def calling(student: Any, cases: Cases) -> None:
    """Calls."""
    student.double(cases.one("double", "plain").inputs["x"])


def test_points_are_shared_and_the_entrance_guards_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, passing, passing, failing, namespace={}).points == 4
    assert run(monkeypatch, failing, passing, passing, namespace={}).points == 0
    assert run(monkeypatch, passing, namespace={}).points == 6
    assert run(monkeypatch, namespace={}).points == 0, "no checks, no points"


def test_three_outcomes_and_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def stub(x: Any) -> Any:
        raise NotImplementedError("Exercise 1.1 is not written yet")

    def broken(x: Any) -> Any:
        return x["no such key"]

    result = run(monkeypatch, calling, namespace={})
    assert result.status == Status.COULD_NOT_RUN
    assert "`double` is not defined" in result.checks[0].message
    result = run(monkeypatch, calling, namespace={"double": stub})
    assert (result.status, result.checks[0].message) == (
        Status.COULD_NOT_RUN,
        "Exercise 1.1 is not written yet",
    )
    result = run(monkeypatch, calling, namespace={"double": broken})
    assert result.status == Status.FAILED
    assert "your code raised IndexError" in result.checks[0].message
    assert 'return x["no such key"]' in result.checks[0].traceback
    assert "student.py" not in result.checks[0].traceback
    result = run(monkeypatch, calling, namespace={"double": 3})
    assert "is a int, not a function" in result.checks[0].message


def test_a_missing_exercise_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def lonely(x: Any) -> Any:
        return homogenize_points(x)  # type: ignore[name-defined]

    (check,) = run(monkeypatch, calling, namespace={"double": lonely}).checks
    assert "answer to exercise 1.1, whose cell is missing" in (check.evidence.hint or "")


def test_mixed_dtypes_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def mixed(x: Any) -> Any:
        return torch.eye(3) @ x.double()

    (check,) = run(monkeypatch, calling, namespace={"double": mixed}).checks
    assert "return float64 for float32 input" in (check.evidence.hint or "")


def test_a_lost_worker_ends_the_exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(student: Any, cases: Cases) -> None:
        """Gone."""
        raise WorkerFault("the process ended")

    result = run(monkeypatch, passing, lost, passing, namespace={})
    assert [c.status for c in result.checks] == [
        Status.PASSED,
        Status.COULD_NOT_RUN,
        Status.COULD_NOT_RUN,
    ]
    assert result.points == 2
    assert "not run: the process ended" in result.checks[2].message


def test_inputs_are_safe_from_in_place_work() -> None:
    x = torch.ones(3)

    def in_place(x: torch.Tensor) -> torch.Tensor:
        return x.mul_(2)

    LocalStudent({"f": in_place}).f(x)
    assert torch.equal(x, torch.ones(3))


def test_gradients_and_their_absence() -> None:
    student = LocalStudent(
        {"square": lambda x: (x**2, None), "cut": lambda x: x.detach(), "constant": lambda x: 3}
    )
    x = torch.tensor([1.0, 2.0])
    assert torch.equal(student.gradient("square", (x,), 0), 2 * x)
    assert torch.equal(
        student.gradient("square", (x,), 0, torch.tensor([0.0, 1.0])), torch.tensor([0.0, 4.0])
    )
    with pytest.raises(StudentError, match="cut off from its input"):
        student.gradient("cut", (x,), 0)
    with pytest.raises(StudentError, match="expected a tensor to differentiate, got int"):
        student.gradient("constant", (x,), 0)


def test_pictures_only_where_images_compare() -> None:
    image = torch.rand(5, 7, 3)
    assert comparison_png(image, 1 - image).startswith(b"\x89PNG")
    failure = CheckFailed("off")
    assert with_picture(failure, image, torch.full((5, 7, 3), torch.nan)).evidence.picture_png
    for other in (None, "x", torch.rand(7, 5, 3), image.to(torch.complex64)):
        assert with_picture(failure, image, other).evidence.picture_png is None
