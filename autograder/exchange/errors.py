"""What is wrong with a file that was brought in, or with what was asked to be written."""

from __future__ import annotations


class ExchangeError(Exception):
    """The message names the file, the line where there is one, and what to do."""
