"""Grading a class: intake reads, a grader per process checks, the store keeps, the gradebook adds up."""
