"""What the notebooks import: set-up, data, the puzzle and pictures. Answers are only in `course_lib.solved`."""

__version__ = "0.1.0"
COURSE = "Machine learning for inverse graphics"
