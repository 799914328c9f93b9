"""Checks of notebook 2. Importing the package registers its generators of cases."""

from autograder.checks.rendering import (
    cases_distances,
    cases_fields,
    cases_pixels,
    cases_siren,
    cases_tracing,
)

__all__ = [
    "cases_distances",
    "cases_fields",
    "cases_pixels",
    "cases_siren",
    "cases_tracing",
]
