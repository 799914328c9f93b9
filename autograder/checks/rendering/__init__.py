"""Checks of notebook 2. Importing the package registers its generators of cases."""

from autograder.checks.rendering import (
    cases_chunks,
    cases_distances,
    cases_fields,
    cases_pixels,
    cases_samples,
    cases_siren,
    cases_tracing,
    cases_volumes,
)

__all__ = [
    "cases_chunks",
    "cases_distances",
    "cases_fields",
    "cases_pixels",
    "cases_samples",
    "cases_siren",
    "cases_tracing",
    "cases_volumes",
]
