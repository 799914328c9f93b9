"""Where student functions come from: a notebook's own namespace, or (in grading) a proxy with the same interface."""

from __future__ import annotations

import copy
import sys
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from autograder.checking.errors import MissingDefinition, NotWrittenYet, StudentError

_LIBRARIES = (  # code that a student did not write: this package, the standard library, installed packages
    str(Path(__file__).parents[1]),
    sysconfig.get_path("stdlib"),
    sysconfig.get_path("purelib"),
    str(Path(torch.__file__).parents[1]),
)


class Student(Protocol):
    """What a check may ask of a student's code. Calls raise only the errors of `autograder.checking.errors`."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The student's function of that name, taking and returning plain values and CPU tensors."""

    def gradient(
        self, name: str, args: tuple[Any, ...], wrt: int, cotangent: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The gradient of Σ output·cotangent with respect to args[wrt]; the output is the first tensor returned."""


class LocalStudent:
    """Student functions in this very process: for a notebook's own checks and for testing the checks.

    Arguments are deep-copied, so that a function that works in place on its inputs cannot spoil the next check.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*args: Any, **kwargs: Any) -> Any:
            function = self._find(name)
            return _guard(function, *copy.deepcopy(args), **copy.deepcopy(kwargs))

        return call

    def gradient(
        self, name: str, args: tuple[Any, ...], wrt: int, cotangent: torch.Tensor | None = None
    ) -> torch.Tensor:
        """See `Student.gradient`."""
        function = self._find(name)
        gradient: torch.Tensor = _guard(
            output_gradient, function, copy.deepcopy(args), wrt, cotangent
        )
        return gradient

    def _find(self, name: str) -> Callable[..., Any]:
        function = self._namespace.get(name)
        if function is None:
            raise MissingDefinition(f"`{name}` is not defined. Run the cell that defines it.")
        if not callable(function):
            kind = type(function).__name__
            raise MissingDefinition(f"`{name}` is a {kind}, not a function. Was it overwritten?")
        return function  # type: ignore[no-any-return]


def output_gradient(
    function: Callable[..., Any], args: tuple[Any, ...], wrt: int, cotangent: torch.Tensor | None
) -> torch.Tensor:
    """The gradient of Σ output·cotangent with respect to args[wrt]; zeros where the output does not depend on it."""
    leaf = args[wrt].detach().clone().requires_grad_(True)
    with torch.enable_grad():
        output = function(*args[:wrt], leaf, *args[wrt + 1 :])
        first = output[0] if isinstance(output, tuple | list) else output
        if not isinstance(first, torch.Tensor):
            raise TypeError(f"expected a tensor to differentiate, got {type(first).__name__}")
        if not first.requires_grad:
            raise RuntimeError(
                "the result is cut off from its input: no gradient flows "
                "(is there a .detach(), .item(), .numpy() or torch.no_grad() on the way?)"
            )
        weight = torch.ones_like(first) if cotangent is None else cotangent.to(first)
        (gradient,) = torch.autograd.grad((first * weight).sum(), leaf, allow_unused=True)
    return torch.zeros_like(leaf) if gradient is None else gradient.detach()


def _guard(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return function(*args, **kwargs)
    except NotImplementedError as error:
        raise NotWrittenYet(str(error) or "the function raises NotImplementedError") from error
    except Exception as error:
        names = tuple(cls.__name__ for cls in type(error).__mro__)
        raise StudentError(type(error).__name__, str(error), _own_frames(error), names) from error


def _own_frames(error: Exception) -> str:
    """The traceback's frames in the student's own cells, without ours and without the insides of libraries."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_LIBRARIES)]
    lines = "".join(
        f"{_cell_name(frame.filename)}, line {frame.lineno}, in {frame.name}\n    {frame.line}\n"
        for frame in own or frames[-1:]
    )
    return lines + "".join(traceback.format_exception_only(error)).rstrip()


def _cell_name(filename: str) -> str:
    """ "Cell [12]" for code typed into a notebook, as its margin shows it; other files keep their names."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    numbers = getattr(getattr(shell, "compile", None), "_filename_map", {})
    return f"Cell [{numbers[filename]}]" if filename in numbers else filename
