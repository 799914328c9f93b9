"""A grading process and its warm process, for the price of one `import torch`.

Run as `python -m autograder.grading.warm TO_PARENT TO_GRADER TO_WARM` in a clean environment. It imports torch,
forks the grader, and goes on as the warm process. The order matters: the fork comes before the grader
learns its job, so what stays behind, and every worker forked from it, never held a reference value or a seed.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

from autograder.sandbox import kernel, zygote


def main() -> None:
    """Become two."""
    to_parent, to_grader, to_warm = map(int, sys.argv[1:])
    kernel.die_with_parent(os.getppid())  # a grader that is killed leaves nobody behind
    mine = socket.socket(fileno=to_grader)

    def prepare() -> None:
        import torch

        torch.set_num_threads(1)
        first = os.getpid()
        if os.fork() == 0:
            mine.close()
            _be_grader(to_parent, to_warm, first)
        os.close(to_parent)
        os.close(to_warm)
        zygote.import_libraries()  # the rest, while the grader finds out what to ask

    zygote.serve_grader(mine, prepare)


def _be_grader(to_parent: int, to_warm: int, first: int) -> None:
    kernel.die_with_parent(first)
    kernel.forbid_inspection()
    from autograder.grading.crew import serve

    with suppress(EOFError, OSError, KeyboardInterrupt):
        serve(Connection(to_parent), socket.socket(fileno=to_warm))
    os._exit(0)  # torch takes its time to say goodbye


if __name__ == "__main__":
    main()
