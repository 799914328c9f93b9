"""Hostile submissions: each must cost only its own points and leave the next worker untouched."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.checking.errors import CannotRun, RefusedValue, StudentError, WorkerFault
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Tier
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session

REPOSITORY = Path(__file__).resolve().parents[1]
LIMITS = Limits(call_seconds=2, load_seconds=4, memory_mb=700, reply_mb=16)
HONEST = "import torch\ndef f(x):\n    return 2 * x"


@pytest.fixture(scope="module", params=["A", "B"])
def launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    warm = Launcher(LIMITS, best_tier=Tier(request.param))
    try:
        if warm.tier != request.param:
            pytest.skip(f"this kernel offers tier {warm.tier}, not {request.param}")
        yield warm
    finally:
        warm.close()


def load(session: Session, source: str, number: int = 1) -> tuple[tuple[str, ...], dict[str, str]]:
    """Load a one-cell submission that must define `f`."""
    cells = [(number, textwrap.dedent(source))]
    return session.load(cells, session.plan(cells, {"f": ["f"]})["f"], ["f"])


def run(launcher: Launcher, source: str, *args: Any) -> Any:
    """What `f(*args)` of a one-cell submission comes to: its value or the error that a check would see."""
    with Session(launcher, LIMITS) as session:
        try:
            missing = load(session, source)[1]
            return RemoteStudent(session, LIMITS, missing).f(*args)
        except (StudentError, CannotRun, RefusedValue) as error:
            return error


@pytest.fixture(autouse=True)
def _next_submission_is_untouched(launcher: Launcher) -> Iterator[None]:
    yield
    assert torch.equal(run(launcher, HONEST, torch.ones(2)), torch.full((2,), 2.0))


SECRETS = [
    "solutions/01_camera_geometry.py",
    "pyproject.toml",
    "autograder/codec.py",
    ".git/HEAD",
    "tests/test_sandbox_attacks.py",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_files_of_the_repository_cannot_be_read(launcher: Launcher, secret: str) -> None:
    path = REPOSITORY / secret
    outcome = run(launcher, f"def f():\n    return open({str(path)!r}).read()[:20]")
    assert isinstance(outcome, StudentError)
    assert outcome.type_name in {"PermissionError", "FileNotFoundError"}


@pytest.mark.parametrize(
    "tool", ["os.open(p, os.O_RDONLY)", "open(p, 'rb', buffering=0)", "libc.open(p.encode(), 0)"]
)
def test_no_way_of_opening_reaches_the_repository(launcher: Launcher, tool: str) -> None:
    path = str(REPOSITORY / "pyproject.toml")
    source = f"""
    import os, ctypes
    libc = ctypes.CDLL(None)
    def f():
        p = {path!r}
        got = {tool}
        return got if isinstance(got, int) else 0
    """
    outcome = run(launcher, source)
    assert outcome == -1 or isinstance(outcome, StudentError)


def test_walking_the_file_system_finds_libraries_but_nothing_of_ours(launcher: Launcher) -> None:
    source = """
    import os
    def f():
        found = []
        for start in ("/", "/home", "/proc", "/tmp", "/etc", "..", HERE):
            for folder, inside, files in os.walk(start):
                inside[:] = [n for n in inside if n not in ("usr", "site-packages", "lib", "sys")]
                found += [os.path.join(folder, name) for name in files]
        return [p for p in found if p.endswith((".toml", ".ipynb", ".safetensors", ".md")) or "solution" in p]
    """.replace("HERE", repr(str(REPOSITORY)))
    outcome = run(launcher, source)
    assert outcome == []


def test_published_answers_of_the_graded_notebook_are_refused_by_name(launcher: Launcher) -> None:
    source = """
    from course_lib.solved.camera_geometry import project
    def f():
        return project
    """
    with Session(launcher, LIMITS) as session:
        remarks, missing = load(session, source, number=7)
    assert missing == {}
    assert any("cell 7" in r and "answers are written, not imported" in r for r in remarks)


@pytest.mark.parametrize(
    "folder", [str(REPOSITORY), "/etc", "/usr/lib", "/var/tmp", str(REPOSITORY.parent)]
)
def test_nothing_can_be_written_outside_the_box(launcher: Launcher, folder: str) -> None:
    target = Path(folder) / "written-by-a-worker.txt"
    outcome = run(launcher, f"def f():\n    open({str(target)!r}, 'w').write('x')\n    return 1")
    # In tier A /tmp is the box's own: a file may be written there, and is gone with the worker.
    assert isinstance(outcome, StudentError) or folder == "/tmp"
    assert not target.exists()


def test_library_files_keep_their_modes_and_times(launcher: Launcher) -> None:
    path = torch.__file__
    before = os.stat(path)
    source = f"""
    import os
    def f():
        tried = []
        for act in (lambda: os.chmod({path!r}, 0o777), lambda: os.utime({path!r}, (1, 1)), lambda: os.unlink({path!r})):
            try:
                act(); tried.append("done")
            except OSError:
                tried.append("refused")
        return tried
    """
    assert run(launcher, source) == ["refused"] * 3
    assert os.stat(path).st_mode == before.st_mode
    assert os.stat(path).st_mtime == before.st_mtime


def test_scratch_files_are_gone_for_the_next_worker(launcher: Launcher) -> None:
    write = "def f():\n    open('/tmp/message', 'w').write('answers'); return 1"
    read = "def f():\n    return open('/tmp/message').read()"
    run(launcher, write)
    assert isinstance(run(launcher, read), StudentError)


ENDINGS = {
    "os._exit": ("import os\ndef f():\n    os._exit(0)", "exited with status 0"),
    "segfault": ("import ctypes\ndef f():\n    ctypes.string_at(0)", "segmentation fault"),
    "abort": ("import os\ndef f():\n    os.abort()", "ended|crashed"),
    "closed wire": ("import os, time\ndef f():\n    os.close(3); time.sleep(9)", "while"),
    "loop": (
        "def f():\n    while True:\n        pass",
        r"longer than 2 seconds, in cell 1, line [23]",
    ),
    "loop that catches": (
        "def f():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "longer than 2 seconds",
    ),
    "deaf loop": (
        "import signal\ndef f():\n    for s in range(1, 32):\n"
        "        if s not in (9, 19): signal.signal(s, signal.SIG_IGN)\n    while True: pass",
        "longer than 2 seconds",
    ),
    "loop in C": (
        "import re\ndef f():\n    re.match('(a+)+$', 'a' * 64 + 'b')",
        "longer than 2 seconds",
    ),
    "stopped": (
        "import os, signal\ndef f():\n    os.kill(os.getpid(), signal.SIGSTOP)\n    while True: pass",
        "longer",
    ),
    "loop while loading": (
        "while True:\n    f = 1",
        r"longer than 4 seconds, in cell 1, line [12]",
    ),
    "deep recursion in C": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(n=0):\n    return f(n + 1) + 1",
        "crashed|MemoryError|killed|recursion|longer",
    ),
}


@pytest.mark.parametrize("attack", ENDINGS)
def test_endings_cost_the_exercise_and_say_what_happened(launcher: Launcher, attack: str) -> None:
    source, message = ENDINGS[attack]
    start = time.monotonic()
    outcome = run(launcher, source)
    assert isinstance(outcome, WorkerFault | StudentError)
    assert pytest.raises(type(outcome), match=message)
    with pytest.raises(type(outcome), match=message):
        raise outcome
    assert time.monotonic() - start < 30  # a bound against hanging, not a measurement


def test_sys_exit_is_an_error_of_the_call_only(launcher: Launcher) -> None:
    outcome = run(launcher, "import sys\ndef f():\n    sys.exit(3)")
    assert isinstance(outcome, StudentError)
    assert outcome.type_name == "SystemExit"


MEMORY = {
    "torch": "torch.ones(2**31)",
    "bytes": "len(bytearray(2**31))",
    "growing": "[x for x in iter(lambda: bytearray(2**24), 0)]",
    "shared": "[mmap.mmap(-1, 2**28).write(b'x' * 2**28) for _ in range(16)]",
    "memfd": "os.write(os.memfd_create('x'), b'x' * 2**30)",
    "zero": "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 2**31)",
    "shm": "open('/dev/shm/x', 'wb').write(b'x' * 2**27)",
    "disk": "open('/tmp/x', 'wb').write(b'x' * 2**27)",
    "inodes": "[open(f'/tmp/{i}', 'w') for i in range(100_000)]",
}


@pytest.mark.parametrize("attack", MEMORY)
def test_memory_and_disk_have_an_end(launcher: Launcher, attack: str) -> None:
    source = f"import mmap, os, torch\ndef f():\n    got = {MEMORY[attack]}\n    return 1"
    outcome = run(launcher, source)
    assert isinstance(outcome, StudentError | WorkerFault | RefusedValue), outcome


PROCESSES = {
    "fork": "os.fork()",
    "fork in C": "ctypes.CDLL(None, use_errno=True).fork()",
    "spawn": "subprocess.run(['/bin/true'])",
    "exec": "os.execv(sys.executable, ['python', '-c', ''])",
    "system": "os.system('true')",
}


@pytest.mark.parametrize("attack", PROCESSES)
def test_no_other_process_can_be_started(launcher: Launcher, attack: str) -> None:
    source = f"import ctypes, os, subprocess, sys\ndef f():\n    return {PROCESSES[attack]}"
    outcome = run(launcher, source)
    assert isinstance(outcome, StudentError) or outcome in (-1, 127 << 8), outcome


def test_a_fork_bomb_burns_out(launcher: Launcher) -> None:
    source = """
    import os, threading
    def f():
        for _ in range(10_000):
            try:
                os.fork()
            except OSError:
                pass
        threads = []
        try:
            for _ in range(3_000):
                t = threading.Thread(target=threading.Event().wait, daemon=True)
                t.start()
                threads.append(t)
        except RuntimeError:
            pass
        return len(threads)
    """
    outcome = run(launcher, source)
    assert isinstance(outcome, WorkerFault | StudentError) or outcome < 3_000


def test_the_network_is_not_there(launcher: Launcher) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    for kind in ("socket.SOCK_STREAM", "socket.SOCK_DGRAM"):
        source = f"""
        import socket
        def f():
            s = socket.socket(socket.AF_INET, {kind})
            s.connect(("127.0.0.1", {port}))
            s.send(b"answers")
            return 1
        """
        assert isinstance(run(launcher, source), StudentError)
    listener.close()


def test_no_signal_reaches_another_process(launcher: Launcher) -> None:
    bystander = os.fork()
    if bystander == 0:
        signal.pause()
        os._exit(0)
    source = f"""
    import os, signal
    def f():
        for pid in (os.getppid(), {os.getpid()}, {bystander}, -1, 0, 1):
            try:
                if pid != os.getpid():
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        return 1
    """
    assert run(launcher, source) == 1
    assert os.waitpid(bystander, os.WNOHANG) == (0, 0)
    os.kill(bystander, signal.SIGKILL)
    os.waitpid(bystander, 0)


def test_no_other_process_can_be_looked_into(launcher: Launcher) -> None:
    source = f"""
    import ctypes, os
    def f():
        libc = ctypes.CDLL(None)
        attached = [libc.ptrace(16, pid, 0, 0) for pid in (os.getppid(), {os.getpid()})]
        seen = []
        for path in ("/proc/{os.getpid()}/mem", "/proc/{os.getpid()}/environ", "/proc/self/maps", "/proc/1/root/etc"):
            try:
                seen.append(os.open(path, os.O_RDONLY))
            except OSError:
                pass
        return attached + seen
    """
    assert run(launcher, source) == [-1, -1]


@pytest.mark.parametrize(
    "frame",
    ["b'AGW1' + bytes(200)", "b'x' * 10_000", "bytes.fromhex('4147573110') + bytes(28)"],
)
def test_answers_before_the_question_are_refused(launcher: Launcher, frame: str) -> None:
    source = f"import os\nos.write(3, {frame})\ndef f():\n    return 1\nos.set_blocking(3, False)\n"
    source += "f = f if os.write(3, b'') == 0 else f"
    outcome = run(launcher, source)
    assert isinstance(outcome, WorkerFault) or outcome == 1
    outcome = run(launcher, f"import os\ndef f():\n    return os.write(3, {frame})")
    assert isinstance(outcome, WorkerFault)
    assert "broke the rules of the wire" in str(outcome)


def test_a_forged_answer_in_advance_is_not_believed(launcher: Launcher) -> None:
    source = """
    import os, threading, time
    def later():
        time.sleep(0.2)
        os.write(3, bytes(1000))
    def f(x):
        threading.Thread(target=later, daemon=True).start()
        return x
    """
    with Session(launcher, LIMITS) as session:
        load(session, source)
        student = RemoteStudent(session, LIMITS, {})
        assert student.f(1) == 1
        time.sleep(0.5)
        with pytest.raises(WorkerFault, match="before it was asked"):
            student.f(2)
        with pytest.raises(WorkerFault, match="before it was asked"):
            student.f(3)


VALUES = {
    "expanded": "torch.zeros(1).expand(10**12)",
    "nested": "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
    "cyclic": "loop",
    "bushy": "bush",
    "sparse": "torch.eye(3).to_sparse()",
    "meta": "torch.empty(3, device='meta')",
    "quantized": "torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)",
    "huge integer": "10**400",
    "large": "torch.ones(2**23)",
    "many": "list(range(10**6))",
    "object array": "np.array([object()])",
    "text array": "np.array(['a'])",
}


@pytest.mark.parametrize("name", VALUES)
def test_values_that_cannot_be_judged_are_refused(launcher: Launcher, name: str) -> None:
    source = f"""
    import numpy as np, torch
    loop = []
    loop.append(loop)
    bush = 1
    for _ in range(14): bush = [bush] * 9
    def f():
        return {VALUES[name]}
    """
    outcome = run(launcher, source)
    assert isinstance(outcome, RefusedValue), outcome


def test_a_tensor_that_equals_everything_arrives_as_its_numbers(launcher: Launcher) -> None:
    source = """
    import torch
    torch.allclose = torch.equal = lambda *a, **k: True
    class Always(torch.Tensor):
        def __eq__(self, other): return True
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return super().__torch_function__(func, types, args, kwargs or {})
    def f():
        return torch.zeros(3).as_subclass(Always)
    """
    value = run(launcher, source)
    assert type(value) is torch.Tensor
    assert not torch.equal(value, torch.ones(3))


@pytest.mark.parametrize(
    "value",
    ["float('nan')", "torch.full((2,), float('nan'))", "torch.ones(2, dtype=torch.complex64)"],
)
def test_odd_numbers_arrive_as_they_are(launcher: Launcher, value: str) -> None:
    outcome = run(launcher, f"import torch\ndef f():\n    return {value}")
    assert isinstance(outcome, float | torch.Tensor)
    assert outcome != outcome if isinstance(outcome, float) else outcome.shape == (2,)


def test_output_is_drained_kept_short_and_harmless(launcher: Launcher) -> None:
    source = """
    import sys, warnings
    def f(x):
        warnings.warn("careful")
        print("first words")
        for _ in range(200):
            sys.stdout.write("x" * 2**20)
        return x
    """
    generous = Limits(call_seconds=20, load_seconds=4, memory_mb=700)
    with Session(launcher, generous) as session:
        load(session, source)
        assert RemoteStudent(session, generous, {}).f(5) == 5
        printed = session.printed
    assert "careful" in printed
    assert "first words" in printed
    assert len(printed) < 70_000


HOSTILE_ERRORS = {
    "text": "class E(Exception):\n    def __str__(self): raise E()\n",
    "huge": "class E(Exception):\n    def __str__(self): return 'x' * 10**7\n",
    "surrogate": "class E(Exception):\n    def __str__(self): return '\\ud800'\n",
    "name": "E = type('x' * 10**6, (Exception,), {})\n",
}


@pytest.mark.parametrize("name", HOSTILE_ERRORS)
def test_hostile_exceptions_are_short_plain_text(launcher: Launcher, name: str) -> None:
    outcome = run(launcher, HOSTILE_ERRORS[name] + "def f():\n    raise E()")
    assert isinstance(outcome, StudentError)
    assert len(str(outcome)) + len(outcome.trace) < 10_000
    str(outcome).encode("utf-8")


def test_a_text_with_lone_surrogates_is_refused_not_crashing(launcher: Launcher) -> None:
    outcome = run(launcher, "def f():\n    return '\\ud800'")
    assert isinstance(outcome, RefusedValue | WorkerFault | StudentError)


def test_no_reference_and_no_grader_code_is_in_the_workers_memory(launcher: Launcher) -> None:
    source = """
    import gc, sys
    def f():
        names = [n for n in sys.modules if n.startswith(("autograder.checks", "autograder.grading", "solutions",
                                                         "course_lib.solved."))]
        return names + [type(o).__name__ for o in gc.get_objects() if type(o).__name__ in ("Case", "Cases")]
    """
    assert run(launcher, source) == []


DOOMED_GRADER = """
import os, signal
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Tier
launcher = Launcher(Limits(), best_tier=Tier({tier!r}))
worker = launcher.fork()
print(launcher._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_grader_dies_and_takes_everything_with_it(launcher: Launcher) -> None:
    script = DOOMED_GRADER.format(tier=launcher.tier.value)
    grader = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert grader.returncode == -signal.SIGKILL, grader.stderr
    warm_process = int(grader.stdout)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{warm_process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return  # an orphan that nobody has collected yet
        time.sleep(0.05)
    pytest.fail("the warm process outlived its grader")
