"""Everything runs eagerly: torch's compiler is not loaded, which saves a worker a second and 500 modules.

Every optimiser and every checkpoint imports torch._dynamo at its first step, only to tell the compiler to keep off
and to read a setting that matters to it alone. In its place stands a module that knows those answers; whoever asks
it for anything else gets the real one.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

_NAME = "torch._dynamo"


class Uncompiled(ModuleType):
    """`torch._dynamo` as long as nobody needs it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(_NAME) is self:
            del sys.modules[_NAME]
        return getattr(importlib.import_module(_NAME), name)


class Settings:
    """`torch._dynamo.config`: the one setting that torch.utils.checkpoint reads. All others are the real ones."""

    error_on_nested_fx_trace = True

    def __getattr__(self, name: str) -> Any:
        return getattr(_real_settings(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_real_settings(), name, value)


def _real_settings() -> ModuleType:
    return importlib.import_module(f"{_NAME}.config")


def without_compiler() -> None:
    """Put the stand-in in place, and make `torch.compile` return the function as it is. Before any optimiser runs."""
    import torch

    if _NAME in sys.modules:
        return
    stand_in = Uncompiled(_NAME)
    vars(stand_in).update(disable=_unchanged, graph_break=_nothing, config=Settings())
    sys.modules[_NAME] = stand_in
    torch._dynamo = stand_in
    torch.compile = _unchanged  # type: ignore[assignment]


def _unchanged(function: Any = None, *_: Any, **__: Any) -> Any:
    """A decorator, with or without arguments, that changes nothing."""

    def decorate(decorated: Callable[..., Any]) -> Callable[..., Any]:
        return decorated

    return decorate if function is None else function


def _nothing(*_: Any, **__: Any) -> None:
    return None
