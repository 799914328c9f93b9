"""What a student meets in the notebook: `check()` and `submit()`."""
