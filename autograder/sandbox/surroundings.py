"""What a notebook expects around it: get_ipython, display, check, Colab. In the worker these do nothing."""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_REFUSAL = (
    "answers are written, not imported: {name} holds published answers of the notebook being graded"
)
_GRADERS = frozenset(["checks", "checking", "grading", "trained"])  # parts of autograder


class Nothing:
    """An object on which every attribute, call and item is again nothing: for magics, widgets and checks."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self

    def __getitem__(self, key: Any) -> Any:
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __bool__(self) -> bool:
        return False


class _RefusedAnswers(importlib.abc.MetaPathFinder):
    """Says why answers cannot be imported. They are not there either way: the box does not show the files."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Raise ImportError for answers that are not published yet; leave other modules to Python."""
        package, _, rest = name.partition(".")
        answers = name.startswith("course_lib.solved.") and name not in self._allowed
        if answers or package == "solutions":
            raise ImportError(_REFUSAL.format(name=name), name=name)
        if package == "autograder" and rest.split(".")[0] in _GRADERS:
            raise ImportError(f"{name} is the grader's and is not there while student code runs")
        return None


def prepare(solved: Sequence[str]) -> None:
    """Put the stand-ins in place. `solved` names notebooks whose answers may be imported."""
    allowed = frozenset(f"course_lib.solved.{name}" for name in solved)
    sys.meta_path.insert(0, _RefusedAnswers(allowed))
    nothing = Nothing()
    for name in ("get_ipython", "display"):
        setattr(builtins, name, nothing)
    for name in ("check", "export_predictions", "show_bands", "submit"):
        setattr(sys.modules["autograder"], name, nothing)
    _stand_in("google")
    _stand_in("google.colab", files=nothing, drive=nothing, output=nothing, userdata=nothing)


def _stand_in(name: str, **members: Any) -> None:
    module = ModuleType(name)
    vars(module).update(members)
    module.__getattr__ = Nothing().__getattr__  # type: ignore[method-assign]
    sys.modules[name] = module
