"""A YAML file that students' programs had a part in: as plain text values, without recursion and without objects.

PyYAML's fast loader recurses in C, so that a deeply nested file ends the process; its parser of events does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

_DEEPEST = 32
_DEEPEST_UNREAD = 5000  # no limit of Python's, but the parser's time grows with the square
_LONGEST_TEXT = 10_000


class YamlError(Exception):
    """The text is not YAML that can be read; the message says where."""


def read_yaml(text: str, wanted: Collection[str]) -> Any:
    """Mappings, lists and texts of a YAML document; tags are ignored, so a time or a number stays text.

    Of the mappings at the second level only the keys in `wanted` are kept: the rest may be many megabytes.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _Reader(yaml.parse(text, Loader=loader), wanted).document()
    except yaml.YAMLError as error:
        raise YamlError(" ".join(str(error).split())[:200]) from None


class _Reader:
    """Builds values from events; depth is bounded before Python's own stack is."""

    def __init__(self, events: Iterator[Any], wanted: Collection[str]) -> None:
        self._events, self._wanted = events, wanted
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        """The first document, None if there is none."""
        for event in self._events:
            if type(event).__name__ not in ("StreamStartEvent", "DocumentStartEvent"):
                return self._value(event, 0)
        return None

    def _value(self, event: Any, depth: int) -> Any:
        import yaml

        if depth > _DEEPEST:
            raise YamlError(f"line {event.start_mark.line + 1}: nested too deeply")
        anchor = getattr(event, "anchor", None)
        value: Any = None
        if isinstance(event, yaml.AliasEvent):
            return self._anchors.get(anchor or "")
        if isinstance(event, yaml.ScalarEvent):
            value = event.value[:_LONGEST_TEXT]
        elif isinstance(event, yaml.MappingStartEvent):
            value = self._mapping(depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                value.append(self._value(item, depth + 1))
        if anchor:
            self._anchors[anchor] = value
        return value

    def _mapping(self, depth: int) -> dict[str, Any]:
        import yaml

        found: dict[str, Any] = {}
        while not isinstance(item := next(self._events), yaml.MappingEndEvent):
            key = self._value(item, depth + 1)
            following = next(self._events)
            if depth == 1 and key not in self._wanted:
                self._skip(following)
            else:
                value = self._value(following, depth + 1)
                if isinstance(key, str):
                    found[key] = value
        return found

    def _skip(self, event: Any) -> None:
        import yaml

        opened = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                opened += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                opened -= 1
            if opened > _DEEPEST_UNREAD:
                raise YamlError(f"line {event.start_mark.line + 1}: nested too deeply")
            if opened <= 0:
                return
            event = next(self._events)
