"""What can be wrong with a source notebook: always a file, a line and a sentence."""

from __future__ import annotations

from pathlib import Path


class SourceError(Exception):
    """One mistake in a source notebook; prints as `path:line: message`, as compilers do."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(path, line, message)
        self.path, self.line, self.message = path, line, message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class InvalidSourceError(Exception):
    """All the mistakes of one source notebook, in the order of their lines."""

    def __init__(self, errors: tuple[SourceError, ...]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class Problems:
    """Collects the mistakes of one file, so that an author sees all of them at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._errors: list[SourceError] = []

    def add(self, line: int, message: str) -> None:
        """Note a mistake; reading goes on."""
        self._errors.append(SourceError(self.path, line, message))

    def raise_if_any(self) -> None:
        """InvalidSourceError with everything noted so far, or nothing."""
        if self._errors:
            raise InvalidSourceError(tuple(sorted(self._errors, key=lambda error: error.line)))
