"""Grading on Gradescope: the zip that instructors upload, and what runs from it in Gradescope's container."""
