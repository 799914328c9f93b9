"""`python -m autograder` and the console script `autograder`."""

from __future__ import annotations


def main() -> None:
    """Run the command line; it ends the process with the command's exit code."""
    from autograder.cli.app import app

    app()


if __name__ == "__main__":
    main()
