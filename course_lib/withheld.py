"""Functions of the library that students also write themselves: while theirs is checked, the library's refuses."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_checked: list[str] = []  # the students' functions that are being checked, innermost last


class WithheldError(RuntimeError):
    """An answer called the library's function instead of computing; the message says so."""


def withheld_from(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function that is no answer to the exercise `name`: called from such an answer, it raises WithheldError.

    Everywhere else, in a training cell or in another exercise's answer, it does what it does.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if name in _checked:
                raise WithheldError(
                    f"`{name}` calls {function.__module__}.{function.__name__}, but computing that is what this "
                    "exercise is about: write it with operations on tensors"
                )
            return function(*args, **kwargs)

        del call.__wrapped__  # no second way in
        return call

    return decorate


@contextmanager
def checking(name: object) -> Iterator[None]:
    """While a student's function of that name is called; anything but a name withholds nothing."""
    _checked.append(name if isinstance(name, str) else "")
    try:
        yield
    finally:
        _checked.pop()
