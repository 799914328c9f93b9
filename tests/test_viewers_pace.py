"""How coarse moving pictures are, and how the lines of the script are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.viewers.pace import BUDGET, DIVISORS, Pace
from course_lib.viewers.pointer import Gesture
from tests.orbit_scene import clock


class TestPace:
    def test_a_fast_renderer_is_never_coarse(self) -> None:
        pace = Pace(clock=clock(0.9 * BUDGET))
        assert pace.divisor() == 1
        with pace.measuring(1):
            pass
        assert pace.divisor() == 1

    @pytest.mark.parametrize(
        ("seconds", "divisor"), [(1.1, 2), (4.1, 4), (15.9, 4), (17, 8), (999, 8)]
    )
    def test_a_slow_one_is_as_coarse_as_it_takes(self, seconds: float, divisor: int) -> None:
        pace = Pace(clock=clock(seconds * BUDGET))
        with pace.measuring(1):
            pass
        assert pace.divisor() == divisor

    def test_one_slow_picture_is_no_reason(self) -> None:
        pace = Pace(clock=clock(0.5 * BUDGET, 0.5 * BUDGET, 50 * BUDGET))
        for _ in range(3):
            with pace.measuring(1):
                pass
        assert pace.divisor() == 1

    def test_a_slow_start_is_forgotten_while_moving(self) -> None:
        pace = Pace(clock=clock(*(share * BUDGET for share in (8, 0.1, 0.2, 0.2, 0.8))))
        chosen = []
        with pace.measuring(1):
            pass
        for _ in range(4):
            chosen.append(pace.divisor())
            with pace.measuring(chosen[-1]):
                pass
        assert chosen == [4, 2, 2, 1]

    @given(st.floats(0, 1e6))
    def test_every_duration_has_a_divisor(self, seconds: float) -> None:
        pace = Pace(clock=clock(seconds))
        with pace.measuring(1):
            pass
        assert pace.divisor() in DIVISORS

    def test_what_fails_is_not_measured(self) -> None:
        pace = Pace(clock=clock(99.0))
        with pytest.raises(ValueError, match="x"), pace.measuring(1):
            raise ValueError("x")
        assert pace.divisor() == 1


class TestGestures:
    def test_a_line_is_read(self) -> None:
        assert Gesture.parse("a1 0.5 -0.25 1") == Gesture("a1", 0.5, -0.25, 1.0)
        assert Gesture.parse("a2 0 0 0 0.25 0.5") == Gesture("a2", 0, 0, 0, (0.25, 0.5))

    @given(st.text())
    def test_anything_else_is_nothing(self, line: str) -> None:
        gesture = Gesture.parse(line)
        assert gesture is None or len(line.split()) in (4, 6)

    @pytest.mark.parametrize("line", ["", "a", "a 1 2", "a 1 2 x", "a nan 0 0", "a 1 2 3 4"])
    def test_half_a_line_is_nothing(self, line: str) -> None:
        assert Gesture.parse(line) is None
