"""Checks of notebook 4. Importing the package registers its generators of cases."""

from autograder.checks.auto_decoding import cases_marching, cases_networks

__all__ = ["cases_marching", "cases_networks"]
