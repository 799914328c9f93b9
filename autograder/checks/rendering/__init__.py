"""Checks of notebook 2. Importing the package registers its generators of cases."""

from autograder.checks.rendering import cases_distances

__all__ = ["cases_distances"]
