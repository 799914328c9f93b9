"""Which assignment a command means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.cli.errors import fail

if TYPE_CHECKING:
    from autograder.settings import Assignment, Settings


def published_assignment(settings: Settings, wanted: str | None) -> tuple[Assignment, str]:
    """The assignment asked for, or the only one that is published, and its notebook."""
    from autograder.settings import SettingsError

    published = [a for a in settings.assignments if a.notebook is not None]
    if wanted is None and len(published) != 1:
        known = ", ".join(a.id for a in published) or "none"
        fail(f"--assignment is needed: course.toml publishes {known}")
    try:
        chosen = settings.assignment(wanted) if wanted is not None else published[0]
    except SettingsError as error:
        fail(error)
    if chosen.notebook is None:
        fail(f"assignment {chosen.id!r} has no notebook in course.toml yet")
    return chosen, chosen.notebook
