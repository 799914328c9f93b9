"""The names of a chair's parts in label images."""

from __future__ import annotations

from typing import Final

LABELS: Final = ("background", "seat", "back", "leg", "arm")
SEAT, BACK, LEG, ARM = range(1, len(LABELS))
