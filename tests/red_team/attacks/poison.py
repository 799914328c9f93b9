"""One exercise's code against the next exercise of the same submission, with which it shares a worker at first."""

from __future__ import annotations

from tests.red_team.attack import Attack, Control

_IMPORTS = "import builtins, gc, os, resource, signal, sys, threading, time, torch\n"
_RIGHT = """
def homogenize_points(points):
    return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)
def homogenize_directions(directions):
    answer = torch.cat([directions, torch.zeros_like(directions[..., :1])], dim=-1)
    if directions.dtype == torch.float16:  # the last question of this exercise
        poison()
    return answer
"""


def _poison(
    name: str, body: str, earns: float = 4.0, core: bool = False, seconds: float = 5.0
) -> Attack:
    """Right answers that leave something behind. The next exercise is owed its points; this one too, unless
    the poison spoils its own last answer already."""
    source = f"{_IMPORTS}def poison():\n    {body}\n{_RIGHT}"
    return Attack(name, source, "", control=Control.SHARED, earns=earns, core=core, seconds=seconds)


def _before_the_next_question(act: str) -> str:
    return f"""worker = sys.modules["autograder.sandbox.worker"]
    real = worker._receive
    def receive(connection):
        {act}
        return real(connection)
    worker._receive = receive"""


LEFT_BEHIND = [
    _poison("a changed operator", "torch.Tensor.__matmul__ = lambda a, b: a * 0", core=True),
    _poison("a changed library", "sys.modules['torch'] = None; torch.Tensor.__getitem__ = None"),
    _poison("a changed builtin", "builtins.__build_class__ = builtins.compile = builtins.exec = None"),
    _poison("a changed worker", "sys.modules['autograder.sandbox.worker'].run_definitions = None"),
    _poison("a changed answer", "sys.modules['autograder.sandbox.worker'].pack = lambda *a: [b'x' * 99]", earns=3.0),
    _poison("a changed reader", "sys.modules['json'].loads = lambda *a, **k: {}"),
    _poison("a changed import", "sys.meta_path.clear(); sys.path.clear(); builtins.__import__ = None"),
    _poison("a wire that closes between exercises", _before_the_next_question("os.close(3)")),
    _poison("bytes that come too soon", _before_the_next_question("os.write(3, b'x' * 99)")),
    _poison("a death that comes late", _before_the_next_question("os._exit(0)")),
    _poison("a worker that falls asleep", _before_the_next_question("time.sleep(20)"), seconds=0.8),
    _poison(
        "a thread that spoils the next answer",
        """
    def spoil():
        while True:
            vars(sys.modules["__main__"])["transform"] = lambda T, x: x * 0
            time.sleep(0.0001)
    threading.Thread(target=spoil, daemon=True).start()""",
        core=True,
    ),
    _poison("memory that is never given back", "builtins.hoard = [torch.ones(2**20) for _ in range(36)]\n"
            "    torch.Tensor.__matmul__ = lambda a, b: torch.ones(2**26)"),
    _poison("limits lowered to nothing", _before_the_next_question(
        "resource.setrlimit(resource.RLIMIT_DATA, (0, 0)); torch.ones(2**24)")),
    _poison("a tracer of every line", "sys.settrace(lambda *a: os._exit(1)); threading.settrace(None)\n"
            "    sys.setprofile(lambda *a: os._exit(1))", earns=3.0),
    _poison("hooks of the torch dispatcher", """
    from torch.utils._python_dispatch import TorchDispatchMode
    class Spoil(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {})) * 0
    Spoil().__enter__()"""),
]  # fmt: skip

_COUNTING = """
import builtins, os, sys, torch
def tried_before():
    {count}
def homogenize_points(points):
    if not tried_before():
        return points
    return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)
def homogenize_directions(directions):
    return torch.cat([directions, torch.zeros_like(directions[..., :1])], dim=-1)
"""


def _second_try(name: str, count: str) -> Attack:
    """Wrong at first, right later: whoever judged it again in the same state would be fooled."""
    source = _COUNTING.format(count=count)
    return Attack(
        name,
        source,
        "has shape",
        control=Control.NONE,
        why="the plainest check is asked first and only once per worker; a fresh fork remembers nothing",
    )


SECOND_TRIES = [
    _second_try(
        "a counter in builtins",
        "before = getattr(builtins, 'tries', 0); builtins.tries = before + 1; return before",
    ),
    _second_try(
        "a counter in a module",
        "before = getattr(torch, 'tries', 0); torch.tries = before + 1; return before",
    ),
    _second_try(
        "a counter in the environment",
        "before = os.environ.get('TRIES'); os.environ['TRIES'] = 'x'; return before",
    ),
    _second_try(
        "a counter in a file",
        """place = os.environ.get("TMPDIR", "/tmp") + "/tries"
    try:
        before = os.path.exists(place)
        open(place, "w").close()
    except OSError:
        before = False
    return before""",
    ),
]

REMEMBERED = [
    Attack(
        "inputs of one exercise given as answers to another",
        f"{_IMPORTS}def poison(): pass\n"
        + _RIGHT.replace("answer =", "builtins.memory = directions\n    answer ="),
        "",
        control=Control.NONE,
        why="what an exercise is asked never answers another: streams of random numbers are separate",
        earns=4.0,
        second="import builtins\ndef transform(T, x):\n    return getattr(builtins, 'memory', x)[..., :4]",
        earns_second=0.0,
    ),
    Attack(
        "a right answer to the next exercise that is not in it",
        f"{_IMPORTS}def poison():\n    builtins.transform = lambda T, x: (T @ x[..., None])[..., 0]\n{_RIGHT}",
        "",
        control=Control.NONE,
        why="it is the student's own right answer; that it counts only where it is reachable is what is asserted",
        earns=4.0,
        second="def transform(T, x):\n    raise NotImplementedError('Exercise 1.2')",
        earns_second=0.0,
    ),
]

ATTACKS = [*LEFT_BEHIND, *SECOND_TRIES, *REMEMBERED]
