"""What is said where a term cannot be put away."""

from __future__ import annotations


class TermError(Exception):
    """The term cannot be put away; the message says why, what has happened so far, and what to do."""
