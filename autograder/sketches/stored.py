"""Sketches as plain JSON values and back."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from autograder.sketches.sketch import Counts, Curve, Grid, Points, Sketch

_KINDS: dict[str, Callable[..., Sketch]] = {
    kind.__name__.lower(): kind for kind in (Grid, Points, Curve, Counts)
}


def sketch_to_raw(sketch: Sketch | None) -> dict[str, Any] | None:
    """A dictionary with its kind; levels as base64 text."""
    if sketch is None:
        return None
    raw = {f.name: _plain(getattr(sketch, f.name)) for f in fields(sketch)}
    return {"kind": type(sketch).__name__.lower(), **raw}


def sketch_from_raw(raw: dict[str, Any] | None) -> Sketch | None:
    """The inverse; ValueError names a kind or a part that this version does not know."""
    if raw is None:
        return None
    kind = _KINDS.get(str(raw.get("kind")))
    if kind is None:
        raise ValueError(f"no sketch of kind {raw.get('kind')!r}; there are {', '.join(_KINDS)}")
    levels = ("expected", "actual", "error")
    try:
        values: dict[str, Any] = {
            name: base64.b64decode(value) if name in levels else _frozen(value)
            for name, value in raw.items()
            if name != "kind"
        }
        return kind(**values)
    except (TypeError, ValueError) as error:
        # a part too many, one too few, or levels that are none
        raise ValueError(
            f"no sketch of kind {raw['kind']!r} as this version knows it: {error}"
        ) from None


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
