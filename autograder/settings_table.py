"""Reading one TOML table key by key: typed, and with the full key in every complaint."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
_MISSING: Any = object()
_KINDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "an array of tables",
    dict: "a table",
    datetime: "a date with time",
}


class SettingsError(Exception):
    """`course.toml` cannot be used; the message names the file, the key and the reason."""


class Table:
    """A TOML table that remembers where it stands and which of its keys were asked for."""

    def __init__(self, file: str, place: str, values: dict[str, Any]) -> None:
        self._file, self._place, self._values = file, place, values
        self._known: set[str] = set()

    def fail(self, key: str, reason: str) -> NoReturn:
        """Raise SettingsError for a key of this table."""
        place = f"{self._place}.{key}" if self._place else key
        raise SettingsError(f"{self._file}: {place}: {reason}")

    def text(self, key: str, default: str = _MISSING) -> str:
        """A piece of text that is not blank."""
        value: str = self._get(key, str, default)
        if not value.strip():
            self.fail(key, "must not be empty")
        return value

    def flag(self, key: str, default: bool = _MISSING) -> bool:
        """True or false."""
        value: bool = self._get(key, bool, default)
        return value

    def whole(self, key: str, default: int = _MISSING, *, least: int) -> int:
        """A whole number, at least `least`."""
        value: int = self._get(key, int, default)
        if value < least:
            self.fail(key, f"must be at least {least}, not {value}")
        return value

    def number(
        self,
        key: str,
        default: float = _MISSING,
        *,
        least: float = -math.inf,
        above: float = -math.inf,
    ) -> float:
        """A finite number, at least `least` and greater than `above`."""
        value = float(self._get(key, float, default))
        if not math.isfinite(value):
            self.fail(key, f"must be a finite number, not {value}")
        if value < least:
            self.fail(key, f"must be at least {least:g}, not {value:g}")
        if value <= above:
            self.fail(key, f"must be greater than {above:g}, not {value:g}")
        return value

    def percent(self, key: str) -> float:
        """A number between 0 and 100."""
        value = self.number(key, least=0)
        if value > 100:
            self.fail(key, f"is a percentage between 0 and 100, not {value:g}")
        return value

    def moment(self, key: str) -> datetime:
        """A date with time and time zone."""
        value: datetime = self._get(key, datetime, _MISSING)
        if value.tzinfo is None:
            self.fail(
                key,
                f"{value.isoformat()} has no time zone; write {value.isoformat()}-05:00 for UTC-5",
            )
        return value

    def optional(self, key: str, read: Callable[[str], T]) -> T | None:
        """`read(key)` if the key is there, else None."""
        self._known.add(key)
        return read(key) if key in self._values else None

    def table(self, key: str, *, required: bool = True) -> Table:
        """The table under `key`; an empty one if it may be absent."""
        return Table(
            self._file, self._join(key), self._get(key, dict, _MISSING if required else {})
        )

    def tables(self, key: str) -> list[Table]:
        """The tables of a `[[key]]` array; an empty list if there is none."""
        entries = self._get(key, list, [])
        for index, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self.fail(f"{key}[{index}]", f"must be a table ([[{key}]]), not {_describe(entry)}")
        return [
            Table(self._file, f"{self._join(key)}[{i}]", entry) for i, entry in enumerate(entries)
        ]

    def refuse_unknown_keys(self) -> None:
        """SettingsError for the first key that nobody asked for; call it after all the reads."""
        for key in self._values:
            if key not in self._known:
                known = ", ".join(sorted(self._known))
                self.fail(
                    key, f"unknown key{self.nearest(key, self._known) or f'; known here: {known}'}"
                )

    def nearest(self, word: str, known: Iterable[str]) -> str:
        """`; did you mean "x"?` for the known word most like `word`, or nothing."""
        match = difflib.get_close_matches(word, list(known), n=1)
        return f'; did you mean "{match[0]}"?' if match else ""

    def _join(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key

    def _get(self, key: str, kind: type, default: Any) -> Any:
        self._known.add(key)
        if key not in self._values:
            if default is _MISSING:
                self._fail_missing(key, kind)
            return default
        value = self._values[key]
        accepted = (int, float) if kind is float else kind
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            self.fail(key, f"must be {_KINDS[kind]}, not {_describe(value)}")
        return value

    def _fail_missing(self, key: str, kind: type) -> NoReturn:
        unread = [k for k in self._values if k not in self._known]
        typo = difflib.get_close_matches(key, unread, n=1)
        hint = f'; is "{typo[0]}" a misspelling of it?' if typo else ""
        self.fail(key, f"is missing ({_KINDS[kind]}){hint}")


def _describe(value: Any) -> str:
    """How a TOML value of the wrong kind is called in a message."""
    kind = next(
        (name for type_, name in _KINDS.items() if type(value) is type_), type(value).__name__
    )
    return f"{kind} ({value!r})" if isinstance(value, str | int | float) else kind
