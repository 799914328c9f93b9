"""Checks of notebook 1. Importing the package registers its generators of cases."""

from autograder.checks.camera_geometry import (
    cases_frames,
    cases_images,
    cases_two_views,
)

__all__ = ["cases_frames", "cases_images", "cases_two_views"]
