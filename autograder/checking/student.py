"""Where student functions come from: a notebook's own namespace, or (in grading) a proxy with the same interface."""

from __future__ import annotations

import copy
import sys
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from functools import partial, reduce
from pathlib import Path
from typing import Any, Protocol

import torch

from autograder.checking import handles
from autograder.checking.errors import MissingDefinition, NotWrittenYet, RefusedValue, StudentError
from autograder.checking.given import Given
from course_lib.withheld import checking

_LIBRARIES = (  # code that a student did not write: this package, the standard library, installed packages
    str(Path(__file__).parents[1]),
    sysconfig.get_path("stdlib"),
    sysconfig.get_path("purelib"),
    str(Path(torch.__file__).parents[1]),
)


class Student(Protocol):
    """What a check may ask of a student's code. Calls raise only the errors of `autograder.checking.errors`."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The student's function or class of that name.

        It takes plain values, CPU tensors, handles and `given` functions, and returns plain values, CPU tensors and,
        for everything else, handles (`autograder.checking.handles.Handle`).
        """

    def gradient(
        self,
        name: str,
        args: tuple[Any, ...],
        wrt: int | handles.Path,
        cotangent: handles.Cotangent = None,
        result: int = 0,
    ) -> torch.Tensor:
        """The gradient of Σ output·cotangent with respect to args[wrt], or to the first argument it is filled with.

        The latter for a `given` function, such as a renderer with its parameters; `result` is which of several results.
        `wrt` may be a path into nested lists, (0, 2, 1) for args[0][2][1]; a list of cotangents is for all results.
        """


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
            with checking(name):
                return _call(function, *args, **kwargs)

        return call

    def gradient(
        self,
        name: str,
        args: tuple[Any, ...],
        wrt: int | handles.Path,
        cotangent: handles.Cotangent = None,
        result: int = 0,
    ) -> torch.Tensor:
        """See `Student.gradient`."""
        function = self._find(name)
        with checking(name):
            gradient: torch.Tensor = _call(output_gradient, function, args, wrt, cotangent, result)
        return gradient

    def _find(self, name: str) -> Callable[..., Any]:
        function = self._namespace.get(name)
        if function is None:
            raise MissingDefinition(f"`{name}` is not defined. Run the cell that defines it.")
        if not callable(function):
            kind = type(function).__name__
            raise MissingDefinition(f"`{name}` is a {kind}, not a function. Was it overwritten?")
        return function  # type: ignore[no-any-return]


class LocalObject:
    """A `Handle` for an object in this process."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self.class_name = type(value).__name__

    def __repr__(self) -> str:
        return f"<{self.class_name} object of the student>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _call(self._value, *args, **kwargs)

    def method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """See `Handle.method`."""
        return _call(lambda *a, **k: getattr(self._value, name)(*a, **k), *args, **kwargs)

    def attribute(self, name: str) -> Any:
        """See `Handle.attribute`."""
        return _call(lambda: getattr(self._value, name))

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """See `Handle.parameter_shapes`."""
        shapes: dict[str, tuple[int, ...]] = _call(handles.parameter_shapes, self)
        return shapes

    def load_parameters(self, values: Mapping[str, torch.Tensor]) -> None:
        """See `Handle.load_parameters`."""
        _call(handles.load_parameters, self, values)

    def gradient(
        self,
        args: tuple[Any, ...],
        wrt: int | handles.Path,
        cotangent: handles.Cotangent = None,
    ) -> torch.Tensor:
        """See `Handle.gradient`."""
        gradient: torch.Tensor = _call(output_gradient, self, args, wrt, cotangent)
        return gradient

    def parameter_gradients(
        self, args: tuple[Any, ...], cotangent: handles.Cotangent = None
    ) -> dict[str, torch.Tensor]:
        """See `Handle.parameter_gradients`."""
        found: dict[str, torch.Tensor] = _call(handles.parameter_gradients, self, args, cotangent)
        return found


def output_gradient(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    wrt: int | handles.Path,
    cotangent: handles.Cotangent,
    result: int = 0,
) -> torch.Tensor:
    """See `Student.gradient`; zeros where the output does not depend on it."""
    path = (wrt,) if isinstance(wrt, int) else tuple(wrt)
    held: Any = reduce(lambda value, index: value[index], path, args)
    filled = isinstance(held, partial)
    leaf = (held.args[0] if filled else held).detach().clone().requires_grad_(True)
    varied = partial(held.func, leaf, *held.args[1:], **held.keywords) if filled else leaf
    with torch.enable_grad():
        output = function(*_replaced(args, path, varied))
        total = handles.weighted_sum(output, cotangent, result)
        (gradient,) = torch.autograd.grad(total, leaf, allow_unused=True)
    return torch.zeros_like(leaf) if gradient is None else gradient.detach()


def _replaced(values: Any, path: handles.Path, new: Any) -> Any:
    """Nested lists and tuples with one value exchanged."""
    if not path:
        return new
    items = list(values)
    items[path[0]] = _replaced(items[path[0]], path[1:], new)
    return type(values)(items)


def _call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a student's function as a worker would: with copies, and with handles for what is not plain."""
    value = _guard(function, *_bring(args), **_bring(kwargs))
    try:
        return _hand_over(value)
    except RecursionError:
        raise RefusedValue("it is nested too deeply or contains itself") from None


def _bring(value: Any) -> Any:
    """Arguments as student code gets them: tensors copied, handles and given functions resolved."""
    if isinstance(value, LocalObject):
        return value._value
    if isinstance(value, Given):
        return value.resolve()
    if type(value) in (list, tuple):
        return type(value)(_bring(item) for item in value)
    if type(value) is dict:
        return {key: _bring(item) for key, item in value.items()}
    return value if callable(value) else copy.deepcopy(value)


def _hand_over(value: Any) -> Any:
    """Results as checks get them: whatever is not plain becomes a handle."""
    if value is None or isinstance(value, handles.PLAIN):
        return value
    if isinstance(value, list | tuple):
        items = [_hand_over(item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: _hand_over(item) for key, item in value.items()}
    handles.refuse_lazy(value)
    return LocalObject(value)


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
