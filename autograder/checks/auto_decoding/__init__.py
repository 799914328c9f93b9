"""Checks of notebook 4. Importing the package registers its generators of cases."""

from autograder.checks.auto_decoding import (
    cases_codes,
    cases_learning,
    cases_marching,
    cases_networks,
    cases_views,
)

__all__ = ["cases_codes", "cases_learning", "cases_marching", "cases_networks", "cases_views"]
