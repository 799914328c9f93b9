"""What the notebooks import: set-up, data, the puzzle, pictures. Answers: `course_lib.solved`."""

__version__ = "0.1.0"
COURSE = "Machine learning for inverse graphics"
