"""What `autograder doctor` finds out: versions, the course's files, and the sandbox tried for real."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.catalogue import TrainedExercise
from autograder.settings import Settings, SettingsError, find_root, load_settings

_LIBRARIES = ("torch", "numpy", "matplotlib", "jupytext", "Jinja2", "safetensors")
_ENOUGH_MEMORY_GB = 3.0


@dataclass(frozen=True)
class Finding:
    """One row of the doctor's table."""

    good: bool | None  # None: worth knowing, and nothing is wrong
    what: str
    text: str


def findings(root: Path | None) -> Iterator[Finding]:
    """Everything worth knowing about this machine, in the order in which it matters."""
    yield Finding(True, "Python", f"{platform.python_version()} on {platform.system()}")
    yield from _libraries()
    yield _processors()
    yield _memory()
    yield _figures()
    yield from _course(root)
    yield from _sandbox()


def _libraries() -> Iterator[Finding]:
    for name in _LIBRARIES:
        try:
            yield Finding(True, name, version(name))
        except PackageNotFoundError:
            yield Finding(False, name, "not installed; run `make setup`")


def _processors() -> Finding:
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        usable = os.cpu_count() or 1
    return Finding(True, "cores", f"{usable} usable: as many submissions at a time")


def _memory() -> Finding:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    text = f"{total:.1f} GB; grading needs about 0.6 GB per process, more for large answers"
    return Finding(None if total < _ENOUGH_MEMORY_GB else True, "memory", text)


def _figures() -> Finding:
    """Whether the report's pictures can be drawn."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import font_manager

        path = font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    except (ImportError, ValueError, OSError) as error:
        return Finding(False, "figures", f"matplotlib or its font is missing: {error}")
    return Finding(True, "figures", f"drawn with {Path(path).name}")


def _course(root: Path | None) -> Iterator[Finding]:
    try:
        place = root or find_root()
        settings = load_settings(place)
    except SettingsError as error:
        yield Finding(False, "course.toml", str(error))
        return
    yield Finding(True, "course.toml", f"{settings.course.title}, {settings.course.version}")
    yield from _notebooks(place, settings)


def _notebooks(root: Path, settings: Settings) -> Iterator[Finding]:
    from autograder.catalogue import load_catalogue

    for assignment in settings.assignments:
        if assignment.notebook is None:
            continue
        what = f"assignment {assignment.id}"
        try:
            catalogue = load_catalogue(assignment.notebook)
        except FileNotFoundError as error:
            yield Finding(False, what, str(error))
            continue
        count = f"{len(catalogue.graded)} exercises, {len(catalogue.written)} questions"
        if (root / "solutions" / f"{assignment.notebook}.py").is_file():
            yield Finding(True, what, f"{assignment.notebook}: {count}")
        else:
            yield Finding(None, what, f"{count}; no solutions here, so it cannot be graded here")
            continue
        for exercise in catalogue.trained:
            yield _hidden_views(root, catalogue.notebook, exercise)


def _hidden_views(root: Path, notebook: str, exercise: TrainedExercise) -> Finding:
    """Whether the hidden views of what was released are here."""
    from autograder.trained.kept import KeptTaskError, kept_path, read_kept

    what = f"task {exercise.id}"
    try:
        kept = read_kept(root, notebook, exercise)
    except KeptTaskError as error:
        return Finding(False, what, str(error))
    path = kept_path(notebook, exercise.id)
    if kept is None:
        advice = "graded by the development drawing, whose hidden views everybody can draw"
        return Finding(
            None, what, f"{path} is not here: never released from here, or lost; {advice}"
        )
    return Finding(True, what, f"hidden views of release {kept.hidden.fingerprint} in {path}")


def _sandbox() -> Iterator[Finding]:
    from autograder.sandbox.launcher import Launcher, SandboxError
    from autograder.sandbox.policy import Limits, Tier
    from autograder.sandbox.session import Session

    start = time.perf_counter()
    limits = Limits()
    launcher = Launcher(limits)
    try:
        layers, tier = launcher.layers, launcher.tier
        warm = time.perf_counter() - start
        with Session(launcher, limits):
            ready = time.perf_counter() - start - warm
    except SandboxError as error:
        yield Finding(False, "sandbox", str(error))
        return
    finally:
        launcher.close()
    kind = {"root": "as root", "user": "by user namespaces"}.get(layers.namespaces)
    yield Finding(bool(kind) or None, "namespaces", kind or "not allowed here (a container?)")
    landlock = f"version {layers.landlock}" if layers.landlock else "the kernel has none"
    yield Finding(bool(layers.landlock) or None, "Landlock", landlock)
    seccomp = "system calls are filtered" if layers.seccomp else "no filter on this machine"
    yield Finding(layers.seccomp or None, "seccomp", seccomp)
    yield Finding(True, "user", f"uid {os.getuid()}")
    official = tier.at_least(Tier.B)
    text = (
        f"tier {tier}: {tier.meaning}. Warm after {warm:.1f} s, a worker in {1000 * ready:.0f} ms"
    )
    yield Finding(True if official else None, "sandbox", text)
