"""`python -m autograder` and the console script `autograder`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; it ends the process with the command's exit code."""
    if sys.argv[1:2] == ["grade"] and not {"--help", "--cluster"} & set(sys.argv):
        from autograder.grading import early

        early.begin()  # even before the command line itself is imported
    from autograder.cli.app import app

    code = 0
    try:
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    if (unused := sys.modules.get("autograder.grading.early")) is not None:
        unused.forget()
    if "torch" in sys.modules:  # it would take another third of a second to say goodbye
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
