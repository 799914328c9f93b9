"""What the scenes complain with."""

from __future__ import annotations


class SceneError(ValueError):
    """A part, a scene or a view of it makes no sense; the message says which and what to do."""
