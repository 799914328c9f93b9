"""Checks of the six functions. Importing the package registers its generators of cases."""

from autograder.checks.six_functions import cases_six

__all__ = ["cases_six"]
