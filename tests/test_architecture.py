"""Who may import whom, and who may run code: the rules of the house, read off the syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
OURS = ("autograder", "course_lib", "solutions", "tests", "benchmarks")

# The parts of autograder that may import torch when they are imported; the rest starts without.
TORCH_ALLOWED = (
    "autograder.checking",
    "autograder.checks",
    "autograder.codec",
    "autograder.notebook",
    "autograder.sandbox",
    "autograder.grading.reference",
    "autograder.grading.grade_one",
)
# What notebooks may import from autograder.
SHOWN_TO_NOTEBOOKS = ("check", "export_predictions", "show_bands", "submit")
# The only places outside the sandbox that turn text into running code, and why.
EXECUTION_ALLOWED = {
    "autograder.grading.reference": "runs the instructor's own solutions",
    "autograder.release.bench": "runs the instructors' answer bank, a process per answer",
}
# The only module of course_lib outside solved/ that asks for published answers, and only inside functions:
# without them it explains what is missing.
ANSWERS_ALLOWED = "course_lib.scenes.rays"
ANSWERS = "course_lib.solved.camera_geometry"
STARTING_CODE = {"exec", "eval", "compile", "__import__"}
UNSAFE_LOADING = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"}


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(root: Path) -> Iterator[tuple[str, ast.Module]]:
    for folder in ("autograder", "course_lib", "solutions"):
        for path in sorted((root / folder).rglob("*.py")):
            yield module_name(path, root), ast.parse(path.read_text(encoding="utf-8"))


def imports(module: str, tree: ast.AST, *, at_import_time: bool = False) -> Iterator[str]:
    """Dotted names a module imports; with `at_import_time` not those inside functions."""
    for node in _at_import_time(tree) if at_import_time else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:  # relative: count packages up from this module
                anchor = module.split(".")[: -node.level]
                base = ".".join([*anchor, base]).rstrip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _at_import_time(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _at_import_time(node)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def violations(root: Path) -> list[str]:
    """Every breach of design.md's import rules and of the rule on running code."""
    found: list[str] = []
    for module, tree in sources(root):
        early = set(imports(module, tree, at_import_time=True))
        for name in imports(module, tree):
            if module == ANSWERS_ALLOWED and name not in early and within(name, ANSWERS):
                continue
            if reason := _forbidden_import(module, name, root):
                found.append(f"{module} imports {name}: {reason}")
        if within(module, "autograder") and not within(module, *TORCH_ALLOWED):
            for name in imports(module, tree, at_import_time=True):
                if within(name, "torch", "safetensors.torch", "matplotlib"):
                    found.append(f"{module} imports {name}: the command line starts without it")
        if not within(module, "autograder.sandbox", *EXECUTION_ALLOWED):
            found += [f"{module}: {what}" for what in running_code(tree)]
    return found


def _forbidden_import(module: str, name: str, root: Path) -> str | None:
    if within(name, "tests", "solutions"):
        return "nothing imports tests or solutions"
    if within(module, "course_lib.solved"):
        return _forbidden_for_solved(module, name, root)
    if within(module, "course_lib"):
        if within(name, "course_lib.solved"):
            return "course_lib outside solved/ holds no answers"
        if within(name, *OURS) and not within(name, "course_lib"):
            return "course_lib imports nothing of ours but itself"
    shown = ("autograder", *(f"autograder.{name}" for name in SHOWN_TO_NOTEBOOKS))
    if within(module, "solutions") and within(name, "autograder") and name not in shown:
        return f"a notebook sees only {', '.join(SHOWN_TO_NOTEBOOKS)} of autograder"
    return None


def _forbidden_for_solved(module: str, name: str, root: Path) -> str | None:
    if within(name, *OURS) and not within(name, "course_lib"):
        return "solved modules import only course_lib"
    if not within(name, "course_lib.solved") or module == "course_lib.solved":
        return None
    order = {path.stem.partition("_")[2]: path.stem for path in (root / "solutions").glob("*.py")}
    mine, other = module.split(".")[2], [*name.split("."), ""][2]
    return None if order.get(other, "99") < order.get(mine, "00") else "not an earlier notebook"


def running_code(tree: ast.AST) -> Iterator[str]:
    """Uses of exec, eval, compile, pickle and torch.load, however they are spelt."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.removeprefix("builtins.") in STARTING_CODE:
                yield f"line {node.lineno} calls {called}"
            if called in ("torch.load", "torch.jit.load", "runpy.run_path", "runpy.run_module"):
                yield f"line {node.lineno} calls {called}"
            for keyword in node.keywords:
                if keyword.arg == "allow_pickle" and ast.unparse(keyword.value) != "False":
                    yield f"line {node.lineno} allows pickles"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            roots = {alias.name.partition(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                roots = {f"{node.module}.{alias.name}" for alias in node.names} | {
                    (node.module or "").partition(".")[0]
                }
            for name in sorted(roots & (UNSAFE_LOADING | {"torch.load", "runpy", "builtins.exec"})):
                yield f"line {node.lineno} imports {name}"


def test_the_repository_keeps_its_rules() -> None:
    assert list(sources(REPOSITORY)), "found no modules: the test looks in the wrong place"
    assert violations(REPOSITORY) == []


@pytest.mark.parametrize(
    ("path", "code", "complaint"),
    [
        ("course_lib/rays.py", "import autograder", "nothing of ours but itself"),
        ("course_lib/rays.py", "def f():\n    from autograder import check", "nothing of ours"),
        ("course_lib/rays.py", "from course_lib.solved.toy import f", "holds no answers"),
        ("course_lib/rays.py", "from .solved import toy", "holds no answers"),
        ("course_lib/scenes/rays.py", "from course_lib.solved import camera_geometry", "no answers"),
        ("course_lib/scenes/rays.py", "def f():\n    from course_lib.solved import toy", "no answers"),
        ("course_lib/scenes/cars.py",
         "def f():\n    from course_lib.solved import camera_geometry", "no answers"),
        ("course_lib/solved/toy.py", "from autograder import check", "import only course_lib"),
        ("course_lib/solved/toy.py", "from course_lib.solved.late import f", "not an earlier"),
        ("course_lib/solved/toy.py", "from course_lib.solved import late", "not an earlier"),
        ("autograder/results.py", "import torch", "starts without it"),
        ("autograder/cli/grade.py", "try:\n    import torch.nn\nexcept ImportError:\n    pass",
         "starts without it"),
        ("autograder/cli/grade.py", "class A:\n    import torch", "starts without it"),
        ("autograder/report/page.py", "from tests.test_cli import run", "nothing imports tests"),
        ("autograder/report/page.py", "import solutions", "nothing imports tests or solutions"),
        ("solutions/01_toy.py", "from autograder.checking.cases import draw_cases", "sees only"),
        ("autograder/checks/toy/check_f.py", "def check(s):\n    exec(s)", "line 2 calls exec"),
        ("autograder/grading/batch.py", "import pickle", "imports pickle"),
        ("autograder/grading/batch.py", "def f():\n    from torch import load", "imports torch.load"),
        ("autograder/grading/batch.py", "def f(p):\n    return torch.load(p)", "calls torch.load"),
        ("autograder/grading/batch.py", "def f(p):\n    np.load(p, allow_pickle=True)", "pickles"),
        ("autograder/grading/batch.py", "import builtins\nbuiltins.eval('1')", "calls builtins.eval"),
    ],
)  # fmt: skip
def test_the_guard_fails_on_a_bad_tree(
    tmp_path: Path, path: str, code: str, complaint: str
) -> None:
    for notebook in ("01_toy.py", "02_late.py"):
        (tmp_path / "solutions").mkdir(exist_ok=True)
        (tmp_path / "solutions" / notebook).write_text("")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(code)
    found = violations(tmp_path)
    assert len(found) == 1, found
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("course_lib/solved/late.py", "from course_lib.solved.toy import f\nimport course_lib.shapes"),
        ("course_lib/scenes/rays.py", "def f():\n    from course_lib.solved import camera_geometry"),
        ("autograder/results.py", "def f():\n    import torch"),
        ("autograder/results.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"),
        ("autograder/codec.py", "import torch"),
        ("autograder/sandbox/worker.py", "exec('x = 1')"),
        ("solutions/01_toy.py", "from autograder import check, export_predictions, show_bands, submit"),
        ("solutions/01_toy.py", "from autograder import check, submit\nimport torch, course_lib"),
        ("autograder/grading/batch.py", "import re\nPATTERN = re.compile('x')\nmodel.eval()"),
    ],
)  # fmt: skip
def test_the_guard_lets_good_trees_pass(tmp_path: Path, path: str, code: str) -> None:
    for notebook in ("01_toy.py", "02_late.py"):
        (tmp_path / "solutions").mkdir(exist_ok=True)
        (tmp_path / "solutions" / notebook).write_text("")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(code)
    assert violations(tmp_path) == []


def test_every_exception_to_the_rules_is_still_needed() -> None:
    modules = dict(sources(REPOSITORY))
    for module in EXECUTION_ALLOWED:
        if module in modules:
            assert list(running_code(modules[module])), f"{module} no longer runs code"


def test_importing_the_packages_loads_no_torch() -> None:
    import subprocess

    program = (
        "import sys, autograder, autograder.catalogue, autograder.results, autograder.settings\n"
        "import autograder.source, autograder.handouts.build, autograder.handouts.check\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=REPOSITORY)
