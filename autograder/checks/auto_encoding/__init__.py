"""Checks of notebook 3. Importing the package registers its generators of cases."""

from autograder.checks.auto_encoding import (
    cases_cameras,
    cases_codes,
    cases_images,
    cases_networks,
    cases_views,
    cases_volumes,
)

__all__ = [
    "cases_cameras",
    "cases_codes",
    "cases_images",
    "cases_networks",
    "cases_views",
    "cases_volumes",
]
