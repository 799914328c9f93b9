"""Functions of the course that a check passes to student code, such as a signed distance field to be traced.

They travel by name: the worker has course_lib, so no code crosses the wire, and a worker can ask for nothing else.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

GIVEN = "\0given"  # the key of the dictionary that stands for such a function on the wire
_PACKAGE = "course_lib."
_ANSWERS = "course_lib.solved"


@dataclass(frozen=True)
class Given:
    """A function of course_lib, `module:name`, with its first and its named arguments filled in.

    With the name of a class it is an object of it, made of these arguments: a module stays one in a student's hands.
    """

    path: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it here, as a check does to know what to expect."""
        return self.resolve()(*args, **kwargs)

    def resolve(self) -> Callable[..., Any]:
        """The function itself, with its own copies of the arguments. ValueError for a path outside course_lib."""
        function = _find(self.path)
        args, kwargs = copy.deepcopy(self.args), copy.deepcopy(dict(self.kwargs))
        if isinstance(function, type):
            made: Callable[..., Any] = function(*args, **kwargs)
            return made
        return partial(function, *args, **kwargs) if args or kwargs else function

    def lowered(self) -> dict[str, Any]:
        """As plain data for the wire."""
        return {GIVEN: self.path, "args": list(self.args), "kwargs": dict(self.kwargs)}


def given(path: str, *args: Any, **kwargs: Any) -> Given:
    """A function to hand to student code: `given("course_lib.scenes:sphere_distance", radius=0.5)`."""
    _find(path)
    return Given(path, args, kwargs)


def raised(fields: Mapping[str, Any]) -> Callable[..., Any]:
    """The function that `Given.lowered` described."""
    return Given(fields[GIVEN], tuple(fields["args"]), fields["kwargs"]).resolve()


def _find(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    if not module.startswith(_PACKAGE) or module.startswith(_ANSWERS) or name.startswith("_"):
        raise ValueError(f"{path!r} is no public function of course_lib outside course_lib.solved")
    function = getattr(importlib.import_module(module), name, None)
    if not callable(function):
        raise ValueError(f"{module} has no function {name!r}")
    return function  # type: ignore[no-any-return]
