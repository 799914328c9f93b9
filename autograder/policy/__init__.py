"""Late days and penalties, settled in each student's best interest and explained line by line."""

from autograder.policy.model import Attempt, Decision, Standing, Work
from autograder.policy.settle import settle

__all__ = ["Attempt", "Decision", "Standing", "Work", "settle"]
