"""Code that does not end, ends at the wrong time, or says more than anyone can read."""

from __future__ import annotations

from tests.red_team.attack import Attack, Control

_SOON = 0.8
_LATE = "took longer than|used up"
_BOTH = "\nhomogenize_directions = homogenize_points"
_GOOD = "import torch\ndef homogenize_directions(d):\n    return torch.cat([d, torch.zeros_like(d[..., :1])], -1)\n"
_RIGHT = "return torch.cat([points, torch.ones_like(points[..., :1])], -1)"


def _ending(name: str, body: str, told: str, head: str = "", core: bool = False) -> Attack:
    source = f"import ctypes, os, re, signal, sys, threading, time, torch\n{head}\n"
    source += f"def homogenize_points(points):\n{body}{_BOTH}"
    return Attack(name, source, told, control=Control.INSIDE, core=core, seconds=_SOON)


ENDINGS = [
    _ending(
        "a loop", "    while True: pass", r"longer than 0.8 seconds, in cell 1, line \d", core=True
    ),
    _ending(
        "a loop that catches everything",
        "    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        _LATE,
    ),
    _ending(
        "a loop that hears no signal",
        "    for s in {*range(1, 32)} - {9, 19}: signal.signal(s, signal.SIG_IGN)\n    while True: pass",
        _LATE,
    ),
    _ending("a loop in C", "    re.match('(a+)+$', 'a' * 64 + 'b')", _LATE),
    _ending(
        "a worker that stops itself",
        "    os.kill(os.getpid(), signal.SIGSTOP)\n    while True: pass",
        _LATE,
    ),
    _ending("a segmentation fault", "    ctypes.string_at(0)", "segmentation fault", core=True),
    _ending("an abort", "    os.abort()", "abort|crashed|ended by"),
    _ending(
        "a recursion in C",
        "    return homogenize_points(points) + 1",
        "crashed|MemoryError|killed|[Rr]ecursion|longer",
        head="sys.setrecursionlimit(10**9)",
    ),
    _ending(
        "a thread that ends the process",
        "    threading.Timer(0.2, os._exit, (5,)).start()\n    time.sleep(9)",
        "exited with status 5",
    ),
    _ending(
        "a deadlock", "    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()", _LATE
    ),
    Attack(
        "a loop before the definition",
        f"while True:\n    GATE = 1\n{_GOOD}def homogenize_points(points):\n    GATE\n    {_RIGHT}",
        r"cell 1, line [12].*cut off|longer than|left out|was cut",
        control=Control.NONE,
        earns=4.0,
        seconds=2 * _SOON,
        why="a cell that never ends is cut by the worker's own clock, which no layer of the box provides",
    ),
]

FLOODS = [
    Attack(
        "forty megabytes of words around a right answer",
        f"""
import sys, warnings
{_GOOD}
def homogenize_points(points):
    warnings.warn("careful")
    if points.ndim == 2 and points.dtype == torch.float32:
        for _ in range(20):
            sys.stdout.write("x" * 2**20)
            sys.stderr.write("y" * 2**20)
    {_RIGHT}
""",
        "careful",
        control=Control.NONE,
        earns=4.0,
        core=True,
        why="words are not answers with or without a box; that they are cut short is asserted by test_wire_attacks",
    ),
    Attack(
        "a verdict printed to standard output",
        """
        def homogenize_points(points):
            print('{"points": 4.0, "status": "passed"}', flush=True)
            return points
        homogenize_directions = homogenize_points
        """,
        "has shape",
        control=Control.NONE,
        why="no result is ever read from what student code prints",
    ),
    Attack(
        "words that take over the reader's terminal",
        """
        def homogenize_points(points):
            print("\\x1b[2J\\x1b]0;owned\\x07<script>alert(1)</script>")
            raise ValueError("\\x1b[31m\\ud800<img src=x onerror=alert(2)>")
        homogenize_directions = homogenize_points
        """,
        "ValueError",
        control=Control.NONE,
        why="text is text in the result; that the reports escape it is tested with the reports",
    ),
]

ATTACKS = [*ENDINGS, *FLOODS]
