"""What the notebooks import: set-up, data, the puzzle, pictures. Answers: `course_lib.solved`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - a copied folder was never asked by pip
    raise ImportError(
        "the course needs Python 3.11 or later; this is "
        + sys.version.split()[0]
        + ". In Colab choose "
        "Runtime → Change runtime type → Runtime version: Latest; on your own machine make an environment with a "
        "newer Python."
    )

__version__ = "0.1.0"
COURSE = "Machine learning for inverse graphics"
