"""Checks of notebook 3. Importing the package registers its generators of cases."""

__all__: list[str] = []
