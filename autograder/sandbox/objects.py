"""Objects that cannot leave the worker (modules, closures, instances) stay on a shelf; their number travels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.checking.errors import RefusedValue
from autograder.checking.given import GIVEN, raised
from autograder.checking.handles import PLAIN, refuse_lazy

HANDLE = "\0handle"  # the one key of the dictionary that stands for an object on the wire
_MOST_PARTS = 20_000


class Shelf:
    """Objects of one worker by number."""

    def __init__(self) -> None:
        self._objects: list[Any] = []
        self._parts = 0

    def put_away(self, value: Any) -> Any:
        """The same value with every object in it replaced by its handle; RefusedValue where it has no end."""
        self._parts = 0
        return self._put_away(value, 16)

    def _put_away(self, value: Any, depth: int) -> Any:
        self._parts += 1
        if self._parts > _MOST_PARTS or depth == 0:
            raise RefusedValue("it is nested too deeply, contains itself, or has too many parts")
        if value is None or isinstance(value, PLAIN):
            return value
        if isinstance(value, list):
            return [self._put_away(item, depth - 1) for item in value]
        if isinstance(value, tuple):
            return tuple(self._put_away(item, depth - 1) for item in value)
        if isinstance(value, dict):
            return {key: self._put_away(item, depth - 1) for key, item in value.items()}
        refuse_lazy(value)
        self._objects.append(value)
        return {HANDLE: len(self._objects) - 1, "class": type(value).__name__}

    def bring_back(self, value: Any) -> Any:
        """The inverse of `put_away`, for arguments."""
        if isinstance(value, list):
            return [self.bring_back(item) for item in value]
        if isinstance(value, tuple):
            return tuple(self.bring_back(item) for item in value)
        if isinstance(value, dict):
            if HANDLE in value:
                return self._objects[value[HANDLE]]
            if GIVEN in value:
                return raised({key: self.bring_back(item) for key, item in value.items()})
            return {key: self.bring_back(item) for key, item in value.items()}
        return value

    def take(self, target: str | int, namespace: Mapping[str, Any]) -> Any:
        """A name's object or a handle's."""
        return namespace[target] if isinstance(target, str) else self._objects[target]
