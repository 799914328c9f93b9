"""`RemoteStudent`: the `Student` that checks see in grading. Every call crosses to the worker and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from autograder.checking.errors import MissingDefinition, RefusedValue
from autograder.checking.given import Given
from autograder.checking.handles import Cotangent, Path
from autograder.sandbox.objects import HANDLE
from autograder.sandbox.policy import Limits
from autograder.sandbox.session import Session
from autograder.sandbox.wire import Kind

_MAX_DEPTH = 16


class RemoteStudent:
    """Implements `autograder.checking.student.Student` for one worker."""

    def __init__(self, session: Session, limits: Limits, missing: Mapping[str, str]) -> None:
        self._session = session
        self._limits = limits
        self._missing = dict(missing)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._require(name)
            return self._ask(Kind.CALL, name, f"`{name}`", args=args, kwargs=kwargs)

        return call

    def gradient(
        self,
        name: str,
        args: tuple[Any, ...],
        wrt: int | Path,
        cotangent: Cotangent = None,
        result: int = 0,
    ) -> torch.Tensor:
        """See `Student.gradient`. Automatic differentiation runs in the worker."""
        self._require(name)
        doing = f"the gradient of `{name}`"
        asked = {"args": args, "wrt": wrt, "cotangent": cotangent, "result": result}
        return _a_tensor(self._ask(Kind.GRADIENT, name, doing, **asked), doing)

    def _require(self, name: str) -> None:
        if name in self._missing:
            raise MissingDefinition(self._missing[name])

    def _ask(self, kind: Kind, target: str | int, doing: str, **fields: Any) -> Any:
        sent = {name: _lower(value) for name, value in fields.items()}
        value = self._session.ask(
            kind, {"target": target, **sent}, self._limits.call_seconds, doing
        )
        return _raise_handles(value, self)


class RemoteObject:
    """An object that stays in the worker: call it, call its methods, read its attributes, or pass it back."""

    def __init__(self, owner: RemoteStudent, number: int, class_name: str) -> None:
        self._owner = owner
        self._number = number
        self.class_name = class_name

    def __repr__(self) -> str:
        return f"<{self.class_name} object of the student>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask(Kind.CALL, f"a {self.class_name}", args=args, kwargs=kwargs)

    def method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The result of one of its methods."""
        doing = f"`{self.class_name}.{name}`"
        return self._ask(Kind.CALL, doing, method=name, args=args, kwargs=kwargs)

    def attribute(self, name: str) -> Any:
        """The value of one of its attributes."""
        return self._ask(Kind.READ, f"`{self.class_name}.{name}`", attribute=name)

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """See `Handle.parameter_shapes`."""
        found = self._operate("parameter_shapes", "reading the parameters")
        if not _all_named(found, tuple):
            raise RefusedValue(f"the parameters of {self!r} cannot be read")
        return {name: tuple(int(n) for n in shape) for name, shape in found.items()}

    def load_parameters(self, values: Mapping[str, torch.Tensor]) -> None:
        """See `Handle.load_parameters`."""
        self._operate("load_parameters", "loading parameters", dict(values))

    def gradient(
        self, args: tuple[Any, ...], wrt: int | Path, cotangent: Cotangent = None
    ) -> torch.Tensor:
        """See `Handle.gradient`."""
        doing = f"the gradient of a {self.class_name}"
        asked = {"args": args, "wrt": wrt, "cotangent": cotangent, "result": 0}
        return _a_tensor(self._ask(Kind.GRADIENT, doing, **asked), doing)

    def parameter_gradients(
        self, args: tuple[Any, ...], cotangent: Cotangent = None
    ) -> dict[str, torch.Tensor]:
        """See `Handle.parameter_gradients`."""
        doing = f"the parameters' gradients of a {self.class_name}"
        found = self._operate("parameter_gradients", doing, args, cotangent)
        if not _all_named(found, torch.Tensor):
            raise RefusedValue(f"{doing} are no tensors")
        return dict(found)

    def _operate(self, operation: str, doing: str, *args: Any) -> Any:
        return self._ask(Kind.OPERATE, doing, operation=operation, args=args)

    def _ask(self, kind: Kind, doing: str, **fields: Any) -> Any:
        return self._owner._ask(kind, self._number, doing, **fields)


def _a_tensor(value: Any, doing: str) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        raise RefusedValue(f"{doing} is a {type(value).__name__}, not a tensor")
    return value


def _all_named(found: Any, kind: type) -> bool:
    return isinstance(found, dict) and all(
        isinstance(name, str) and isinstance(value, kind) for name, value in found.items()
    )


def _lower(value: Any) -> Any:
    """Arguments for the wire: remote objects become their handles, given functions their names."""
    if isinstance(value, RemoteObject):
        return {HANDLE: value._number}
    if isinstance(value, Given):
        return _lower(value.lowered())
    if isinstance(value, list | tuple) and not isinstance(value, torch.Size):
        return type(value)(_lower(item) for item in value)
    if isinstance(value, dict):
        return {key: _lower(item) for key, item in value.items()}
    return value


def _raise_handles(value: Any, owner: RemoteStudent) -> Any:
    """Values from the wire: handles become remote objects. A forged handle names an object of the forger's own."""
    if isinstance(value, list | tuple):
        return type(value)(_raise_handles(item, owner) for item in value)
    if isinstance(value, dict):
        number = value.get(HANDLE)
        if type(number) is int:
            return RemoteObject(owner, number, str(value.get("class", "object"))[:60])
        return {key: _raise_handles(item, owner) for key, item in value.items()}
    return value
