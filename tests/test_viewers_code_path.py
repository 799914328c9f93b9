"""Codes that sliders lead to, and what is said of codes, names and directions that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.viewers import CodeExplorer
from course_lib.viewers.code_path import MEAN, CodeSpace
from tests.orbit_scene import look_at

CODES = torch.tensor([[-4.0, 1, 0], [6, 3, 0], [1, 2, 9], [3, -2, 3]])
DIRECTIONS = torch.tensor([[0.6, 0.8, 0], [0, 0, -1.0]])


@given(
    st.integers(0, 3), st.integers(0, 3), st.floats(0, 1), st.floats(-2.5, 2.5), st.floats(-2, 2)
)
def test_sliders_move_independently(
    start: int, end: int, share: float, first: float, second: float
) -> None:
    """Wherever it is, the way along the directions adds to the way between."""
    space = CodeSpace.of(CODES, None, DIRECTIONS, [2.0, 3.0])
    code = space.at(f"object {start}", f"object {end}", share, (first, second))
    way = CODES.numpy()[start] + share * (CODES.numpy()[end] - CODES.numpy()[start])
    np.testing.assert_allclose(
        code - way, [1.2 * first, 1.6 * first, -3 * second], rtol=0, atol=1e-5
    )


def test_known_codes_are_reached_exactly() -> None:
    space = CodeSpace.of(CODES / 3, None, None, None)
    for i in range(4):
        for other in ("object 0", "object 2", MEAN):
            np.testing.assert_array_equal(space.at(other, f"object {i}", 1, ()), CODES[i] / 3)
            np.testing.assert_array_equal(space.at(f"object {i}", other, 0, ()), CODES[i] / 3)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "one code": ({"codes": CODES[0]}, r"codes must have shape \(n d\); got \(3,\)"),
    "no code": ({"codes": CODES[:0]}, r"codes is empty: its shape is \(0, 3\)"),
    "lost codes": (
        {"codes": CODES / CODES},
        r"codes\[0\] is not finite, as are 2 of 4 codes\. Did training diverge",
    ),
    "one direction": ({"directions": [1, 0, 0]}, r"directions must have shape \(k 3\); got \(3,\)"),
    "columns": ({"directions": DIRECTIONS.T}, r"directions must have shape \(k 3\); got \(3, 2\)"),
    "many": (
        {"directions": torch.eye(3).repeat(3, 1)},
        r"directions has 9 rows; sliders take 1 to 8, as directions\[:8\]",
    ),
    "no unit": (
        {"directions": 2 * DIRECTIONS},
        r"directions\[0\] has length 2; give unit vectors as rows",
    ),
    "flat": (
        {"codes": CODES[:1]},
        r"scale of directions\[0\] is 0: the codes do not differ along it",
    ),
    "scales": ({"scales": [1, 2, 3]}, r"scales must have shape \(2\); got \(3,\)"),
    "negative": ({"scales": [1, -2]}, r"scale of directions\[1\] is -2: give a number above 0"),
    "scales of nothing": ({"directions": None, "scales": [1]}, "scales has no directions"),
    "few names": ({"names": ["car"]}, "names has 1 names for 4 codes; give one per code"),
    "a name": ({"names": "cars!"}, "names is the text 'cars!'; give a list"),
    "twins": ({"names": ["a", "b", "b", "c"]}, "names has 'b' twice"),
    "the mean": ({"names": ["a", "b", "mean code", "c"]}, "names has 'mean code' twice, or as"),
    "beyond": ({"start": 4}, r"start is 4, but there are 4 codes; give 0 … 3, a name, or None"),
    "below": ({"end": -1}, r"end is -1, but there are 4 codes"),
    "half": ({"end": 1.5}, r"end is 1.5, but there are 4 codes"),
    "unknown": (
        {"end": "cat"},
        "end is 'cat', but the codes are called mean code, object 0, object 1, object 2, …",
    ),
    "resolution": ({"resolution": (0, 4)}, r"resolution is \(0, 4\); give"),
}


def explore(codes: Any, **options: Any) -> CodeExplorer:
    return CodeExplorer(lambda *_: {}, codes, look_at, **options)


@pytest.mark.parametrize("wrong", WRONG)
def test_says_which_argument_is_wrong(wrong: str) -> None:
    options, message = WRONG[wrong]
    with pytest.raises((ValueError, LookupError), match=message):
        explore(**{"codes": CODES, "directions": DIRECTIONS} | options)
