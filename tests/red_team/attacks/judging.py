"""Winning without an answer: by changing the judge, reading its mind, or values that agree with everything."""

from __future__ import annotations

from tests.red_team.attack import Attack, Control

_WRONG = (
    "def homogenize_points(points): return points * 0\nhomogenize_directions = homogenize_points\n"
)
_FAILS = r"has shape|cannot be judged|should be a torch tensor|differ"


def _inside(name: str, source: str, told: str = _FAILS, core: bool = False) -> Attack:
    return Attack(name, source, told, control=Control.INSIDE, core=core)


PATCHING = [
    _inside(
        "every comparison of torch says yes",
        _WRONG
        + """
import torch
def homogenize_points(points):
    torch.allclose = torch.equal = torch.isclose = lambda *a, **k: True
    torch.Tensor.__le__ = lambda a, b: torch.ones_like(a, dtype=torch.bool)  # every error is small
    return torch.zeros(*points.shape[:-1], points.shape[-1] + 1, dtype=points.dtype)
homogenize_directions = homogenize_points
""",
        "differ",
        core=True,
    ),
    _inside(
        "every check of the judge does nothing",
        _WRONG
        + """
import sys
def homogenize_points(points):
    for module in list(sys.modules.values()):
        for name in ("expect_tensor", "expect_close", "matches"):
            if name in getattr(module, "__dict__", {}):
                setattr(module, name, lambda *a, **k: None)
    return points
homogenize_directions = homogenize_points
""",
    ),
    _inside(
        "results claim full points",
        _WRONG
        + """
import autograder.results as results
def homogenize_points(points):
    results.ExerciseResult.points = property(lambda self: 9999.0)
    return points
homogenize_directions = homogenize_points
""",
        "NameError",
    ),
    _inside(
        "the judge's own frames are changed",
        """
        import sys, ctypes
        def homogenize_points(points):
            frame = sys._getframe()
            while frame is not None:
                if "case" in frame.f_locals:
                    case = frame.f_locals["case"]
                    object.__setattr__(case, "expected", points)
                frame = frame.f_back
            return points
        homogenize_directions = homogenize_points
        """,
    ),
    _inside(
        "a trace function swallows the verdict",
        """
        import sys
        def homogenize_points(points):
            def trace(frame, event, argument):
                if event == "call" and frame.f_code.co_name.startswith("expect"):
                    frame.f_locals["actual"] = frame.f_locals.get("expected")
                return trace
            for name in ("autograder.checking.expect",):
                module = sys.modules.get(name)
                if module is not None:
                    module.CheckFailed.__init__ = lambda *a, **k: sys.exit(0)
            sys.settrace(trace)
            return points
        homogenize_directions = homogenize_points
        """,
    ),
    *(
        _inside(
            f"{how} in the middle of the answer",
            f"import os, signal, sys\ndef homogenize_points(points):\n    {code}\n"
            "homogenize_directions = homogenize_points",
            told,
        )
        for how, code, told in (
            ("sys.exit", "sys.exit(0)", "SystemExit"),
            ("os._exit", "os._exit(0)", "exited with status 0"),
            ("an interrupt", "raise KeyboardInterrupt", "KeyboardInterrupt"),
            (
                "a skipped test",
                "__import__('pytest').skip('all is well')",
                "Skipped|No module|Error",
            ),
            ("a generator's end", "raise GeneratorExit", "GeneratorExit"),
            ("a termination", "os.kill(os.getpid(), signal.SIGTERM)", "signal 15|is None"),
        )
    ),
]

KNOWING = [
    _inside(
        "expected values from the caller's frames",
        """
        import sys
        def homogenize_points(points):
            frame = sys._getframe()
            while frame is not None:
                case = frame.f_locals.get("case")
                if getattr(case, "expected", None) is not None:
                    return case.expected.to(points.dtype)
                frame = frame.f_back
            raise LookupError("no frame knows")
        homogenize_directions = homogenize_points
        """,
        "no frame knows",
        core=True,
    ),
    _inside(
        "expected values from the garbage collector",
        """
        import gc
        def homogenize_points(points):
            for thing in gc.get_objects():
                expected = getattr(thing, "expected", None) if type(thing).__name__ == "Case" else None
                if hasattr(expected, "to"):
                    inputs = next(iter(thing.inputs.values()), None)
                    alike = getattr(inputs, "shape", None) == points.shape
                    if alike and bool((inputs == points).all()):
                        return expected.to(points.dtype)
            raise LookupError("nothing in memory knows")
        homogenize_directions = homogenize_points
        """,
        "nothing in memory knows",
    ),
    _inside(
        "the published answer by import",
        """
        from course_lib.solved.camera_geometry import homogenize_points, homogenize_directions
        """,
        "answers are written, not imported|is not defined|could not be defined|No module",
        core=True,
    ),
    _inside(
        "the published answer by another way to import",
        """
        import sys, importlib, importlib.util, pathlib, course_lib
        sys.meta_path[:] = [f for f in sys.meta_path if "Refused" not in type(f).__name__]
        def homogenize_points(points):
            module = importlib.import_module("course_lib.solved.camera_geometry")
            return module.homogenize_points(points)
        def homogenize_directions(points):
            return importlib.import_module("course_lib.solved.camera_geometry").homogenize_directions(points)
        """,
        "ModuleNotFoundError|PermissionError|ImportError|FileNotFoundError",
    ),
    _inside(
        "the grader's own reading of the solution",
        """
        import pathlib, autograder
        from autograder.grading.reference import load_reference
        def homogenize_points(points):
            home = pathlib.Path(autograder.__file__).parents[1]
            return load_reference(home / "solutions" / "01_camera_geometry.py")["homogenize_points"](points)
        def homogenize_directions(points):
            home = pathlib.Path(autograder.__file__).parents[1]
            return load_reference(home / "solutions" / "01_camera_geometry.py")["homogenize_directions"](points)
        """,
        "is the grader's|NameError|No module",
    ),
    _inside(
        "modules that only a grader needs",
        """
        import os, sys
        def homogenize_points(points):
            secret = ("autograder.checks", "autograder.grading", "solutions", "course_lib.solved.")
            if any(name.startswith(secret) for name in sys.modules):
                os._exit(0)
            raise LookupError("no such module is here")
        homogenize_directions = homogenize_points
        """,
        "no such module is here",
    ),
    _inside(
        "the reference's numbers from the process's memory",
        """
        import hashlib
        def attack(aim):
            mask = bytes(b ^ 0x5A for b in bytes.fromhex(aim["needle"]))
            with open("/proc/self/maps") as maps:
                areas = [line.split() for line in maps]
            with open("/proc/self/mem", "rb", 0) as memory:
                for where, rights, *_ in areas:
                    first, last = (int(x, 16) for x in where.split("-"))
                    if not rights.startswith("rw") or last - first > 2**28:
                        continue
                    try:
                        memory.seek(first)
                        data = memory.read(last - first)
                    except (OSError, ValueError):
                        continue
                    at = data.find(mask)
                    while at >= 0:
                        after = data[at + len(mask):at + len(mask) + 16]
                        if hashlib.sha256(after).hexdigest() == aim["digest"]:
                            __import__("os")._exit(0)
                        at = data.find(mask, at + 1)
        """,
        "PermissionError|FileNotFoundError",
    ),
]

AGREEING = [
    _inside(
        "an object that is a tensor to whoever asks",
        """
        import torch
        class Always:
            __class__ = torch.Tensor
            shape = property(lambda self: __import__("sys")._getframe(1).f_locals.get("shape"))
            def __getattr__(self, name): __import__("os")._exit(0)
            def __eq__(self, other): return True
        def homogenize_points(points):
            return Always()
        homogenize_directions = homogenize_points
        """,
        r"should be a torch tensor|cannot be judged|exited",
    ),
    _inside(
        "a tensor subclass with its own mathematics",
        """
        import torch
        class Agreeable(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func.__name__ in ("any", "__invert__", "all"):
                    return torch.zeros((), dtype=torch.bool)
                with torch._C.DisableTorchFunctionSubclass():
                    out = func(*args, **(kwargs or {}))
                return out.as_subclass(cls) if isinstance(out, torch.Tensor) else out
        def homogenize_points(points):
            shape = (*points.shape[:-1], points.shape[-1] + 1)
            return torch.full(shape, 7.0, dtype=points.dtype).as_subclass(Agreeable)
        homogenize_directions = homogenize_points
        """,
        "differ",
        core=True,
    ),
    _inside(
        "a huge expanded tensor",
        """
        import torch
        def homogenize_points(points):
            return torch.zeros(1, dtype=points.dtype).expand(*points.shape[:-1], points.shape[-1] + 1, 10**12)
        homogenize_directions = lambda points: __import__("os")._exit(0) or points
        """,
        "cannot be judged|cannot be sent",
    ),
]

ATTACKS = [*PATCHING, *KNOWING, *AGREEING]
