"""Checks of notebook 5. Importing the package registers its generators of cases."""

from autograder.checks.light_fields import (
    cases_charts,
    cases_fields,
    cases_geometry,
    cases_lines,
    cases_walks,
)

__all__ = ["cases_charts", "cases_fields", "cases_geometry", "cases_lines", "cases_walks"]
