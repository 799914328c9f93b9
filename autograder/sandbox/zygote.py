"""The warm process: imports once what notebooks need, then forks a worker per request.

Started by `launcher.py` with exec, so that it never held a reference value; it never imports checks or solutions.
Run as `python -m autograder.sandbox.zygote DESCRIPTOR`; the descriptor is a socket to the grader.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import resource
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.sandbox import box, kernel, printing
from autograder.sandbox.confine import NOBODY, Confinement, shut_in
from autograder.sandbox.eager import without_compiler
from autograder.sandbox.policy import Limits, Tier
from autograder.sandbox.probe import probe_layers
from autograder.sandbox.view import student_view

CONNECTION = 3  # the worker's descriptor of its wire
NOT_SHUT_IN = 97
_LIBRARIES = (
    "numpy",
    "numpy.random",
    "torch",
    "torch.nn.functional",
    "jaxtyping",
)
_ANSWERS, _PICTURES = "course_lib.solved", "course_lib.viewers"
_MAGICS = "IPython.core.inputtransformer2"  # for cells with magics; loaded when one comes


def main() -> None:
    """A warm process for a grader that is there already."""
    grader = socket.socket(fileno=int(sys.argv[1]))
    serve_grader(grader, import_libraries)


def serve_grader(grader: socket.socket, prepare: Callable[[], None]) -> None:
    """Get warm, say how well workers will be shut in, then serve until the grader hangs up."""
    try:
        prepare()  # before the box is built: inside it our own files no longer exist
        request = json.loads(grader.recv(1 << 16) or b"null")
        if request is None:
            return
        zygote = Zygote(request)
    except Exception:
        grader.send(json.dumps({"error": traceback.format_exc()[-4000:]}).encode())
        raise SystemExit(1) from None
    layers = zygote.plan.layers
    grader.send(json.dumps({"tier": zygote.plan.tier, "layers": vars(layers)}).encode())
    zygote.serve(grader)


class Zygote:
    """One warm process and what it found out about this machine."""

    def __init__(self, request: dict[str, Any]) -> None:
        home = Path(request["home"])
        self._solved: Sequence[str] = request["solved"]
        view = student_view(home, self._solved, [Path(p) for p in request["hidden"]])
        layers = probe_layers(view)
        tier = layers.tier_below(Tier(request["best_tier"]))  # tests ask for weaker ones
        another = layers.root and tier != Tier.D
        drop_user = another and _open_to_all(whole_path=tier != Tier.A)
        if tier == Tier.C and not drop_user:
            tier = Tier.D
        self.plan = Confinement(layers, tier, Limits(**request["limits"]), view, drop_user)
        self._processes = _count_threads(NOBODY if drop_user else os.getuid())
        for name in (
            self._solved
        ):  # inside, their folder cannot be listed, nor any file opened in some tiers
            importlib.import_module(f"{_ANSWERS}.{name}")
        if not tier.at_least(Tier.B):
            for name in (_MAGICS, _PICTURES):  # no file can be opened later
                importlib.import_module(name)
        if tier == Tier.A:
            box.enter_namespaces(layers.root)
            _continue_in_child()
        self._memory = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        _be_first_to_go()
        if tier == Tier.A:
            box.build_root(view)
        sys.path[:] = [p for p in sys.path if Path(p) != home or str(home) in view.readable]
        sys.path.append(str(home))  # course_lib lies there; inside the box nothing else does
        _settle()

    def serve(self, grader: socket.socket) -> None:
        """Fork and reap on request; returns when the grader's end of the socket is closed."""
        while self._answer(grader):
            pass

    def _answer(self, grader: socket.socket) -> bool:
        """Do what one message asks; false where there will be no more."""
        message, descriptors, _, _ = socket.recv_fds(grader, 1 << 12, 2)
        if not message:
            return False
        request = json.loads(message)
        if "reap" in request:
            _, status = os.waitpid(request["reap"], 0)
            grader.send(json.dumps({"status": status}).encode())
            return True
        pid = self._fork(descriptors, grader)
        handle = os.pidfd_open(pid)
        socket.send_fds(grader, [json.dumps({"pid": pid}).encode()], [handle])
        os.close(handle)
        return True

    def _fork(self, descriptors: Sequence[int], grader: socket.socket) -> int:
        data_pages = int(os.pread(self._memory, 200, 0).split()[5])
        data_bytes = data_pages * resource.getpagesize()
        boxed = self.plan.tier == Tier.A
        parent = 0 if boxed else os.getpid()  # a process sees no parent outside its namespace
        if boxed:
            kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            status = NOT_SHUT_IN
            try:
                status = self._be_worker(descriptors, parent, data_bytes)
            finally:
                os._exit(status)
        if boxed:
            kernel.setns(self._own_processes, kernel.CLONE_NEWPID)
        for descriptor in descriptors:
            os.close(descriptor)
        return pid

    def _be_worker(self, descriptors: Sequence[int], parent: int, data_bytes: int) -> int:
        _arrange(descriptors)
        try:
            shut_in(self.plan, parent, data_bytes, self._processes)
        except Exception:
            traceback.print_exc()
            return NOT_SHUT_IN
        from autograder.sandbox.worker import serve

        connection = socket.socket(fileno=CONNECTION)
        connection.sendall(b"R")
        serve(connection, self._solved)
        return 0


def import_libraries() -> None:
    """Import what notebooks import, without starting a thread."""
    import torch

    torch.set_num_threads(1)
    for name in (*_LIBRARIES, *_course_modules()):
        try:
            importlib.import_module(name)
        except ImportError:  # a viewer's own library may be missing on a grader
            continue
    importlib.import_module("autograder.sandbox.worker")
    without_compiler()
    _warm_up()


def _warm_up() -> None:
    """Do once what every worker would do. Outside the box: some of it reads /proc."""
    import torch

    matrix = torch.eye(3, requires_grad=True)
    (matrix @ matrix).sum().backward()  # type: ignore[no-untyped-call]
    for dtype in (torch.float16, torch.bfloat16):  # asks what the processor can do
        torch.ones(3, dtype=dtype).add_(1)
    torch.optim.Adam([matrix]).step()
    torch.autograd.functional.jacobian(torch.sum, torch.ones(3), vectorize=True)  # type: ignore[no-untyped-call]
    plain = matrix.detach()
    for function in (torch.linalg.svd, torch.linalg.eigh, torch.linalg.inv, torch.matrix_exp):
        function(plain)
    torch.nn.functional.conv2d(plain[None, None], plain[None, None])


def _settle() -> None:
    """Leave the garbage collector nothing to write to: what workers share stays shared."""
    gc.collect()
    gc.freeze()


def _arrange(descriptors: Sequence[int]) -> None:
    """Nothing but /dev/null as input, the output pipe and the wire; every other descriptor is closed."""
    import fcntl

    wire, output = (fcntl.fcntl(d, fcntl.F_DUPFD, 64) for d in descriptors)
    silence = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((silence, 0), (output, 1), (output, 2), (wire, CONNECTION)):
        os.dup2(source, target, inheritable=False)
    os.closerange(CONNECTION + 1, 1 << 20)
    printing.take_over({"stdout": 1, "stderr": 2})


def _continue_in_child() -> None:
    """The child is the first process of the new namespace; this one only waits for it."""
    waiting = os.getpid()
    pid = os.fork()
    if pid == 0:
        kernel.die_with_parent(0 if os.getppid() == 0 else waiting)
        return
    os.closerange(3, 1 << 10)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)


def _be_first_to_go() -> None:
    """When memory runs out, the kernel should end a worker and not the grader."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _open_to_all(whole_path: bool) -> bool:
    """Whether another user could still read the standard library and site-packages."""
    import sysconfig

    for name in ("stdlib", "purelib"):
        folder = Path(sysconfig.get_path(name))
        for path in (folder, *(folder.parents if whole_path else ())):
            if path.stat().st_mode & 0o005 != 0o005:
                return False
    return True


def _count_threads(user: int) -> int:
    """How many threads a user runs already: what NPROC counts."""
    count = 0
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and process.stat().st_uid == user:
                count += len(os.listdir(process / "task"))
        except OSError:
            continue
    return count


def _course_modules() -> list[str]:
    """Every module of course_lib but answers and pictures, so that importing them in a worker costs nothing.

    Viewers bring matplotlib and widgets, a quarter of a second that hardly any answer needs.
    """
    import course_lib

    return list(_modules_below("course_lib", course_lib.__path__))


def _modules_below(package: str, folders: Iterable[str]) -> Iterator[str]:
    """Names of a package's modules; unlike `pkgutil.walk_packages`, finding them imports none."""
    for info in pkgutil.iter_modules(folders, f"{package}."):
        if info.name == _PICTURES:
            continue
        yield info.name
        if info.ispkg and info.name != _ANSWERS:  # the package, so that its modules can be refused
            inside = [str(Path(folder) / info.name.rpartition(".")[2]) for folder in folders]
            yield from _modules_below(info.name, inside)


if __name__ == "__main__":
    main()
