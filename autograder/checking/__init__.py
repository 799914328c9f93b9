"""The framework in which checks are written and run, in a notebook and in grading alike."""
