"""The names of a car's parts in label images."""

from __future__ import annotations

from typing import Final

LABELS: Final = ("background", "body", "glass", "wheel", "light", "trim")
BODY, GLASS, WHEEL, LIGHT, TRIM = range(1, len(LABELS))
