"""The command as a person types it: exit codes, what goes to stderr, and a help that loads nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli.app import app

REPOSITORY = Path(__file__).parents[1]
COURSE = '[course]\ntitle = "T"\nversion = "1"\n[release]\nrepository = "owner/name"\n'
SOURCE = '''# %% [markdown]
# # 1 · Toys

# %% exercise="f" title="F" points=1
def f(x):
    """Doc."""
    # BEGIN SOLUTION
    return x + 41
    # END SOLUTION
'''
# What the command line may not load before work starts.
HEAVY = (
    "torch",
    "numpy",
    "matplotlib",
    "jupytext",
    "nbformat",
    "nbclient",
    "jinja2",
    "rich.progress",
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "course.toml").write_text(COURSE)
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "01_toys.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command in this process."""
    result = CliRunner().invoke(app, list(arguments), prog_name="autograder")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def run_python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def test_build_then_check(root: Path) -> None:
    code, out, err = run("handouts", "build")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "  written  notebooks/01_toys.ipynb"
    assert "skipped  assets/references/01_toys.safetensors (no checks in" in out
    assert run("handouts", "build")[1].splitlines()[0] == "unchanged  notebooks/01_toys.ipynb"
    assert run("handouts", "check") == (0, "All generated files agree with their sources.\n", "")


def test_check_tells_what_to_mend_and_leaves_with_1(root: Path) -> None:
    run("handouts", "build")
    (root / "notebooks" / "01_toys.ipynb").unlink()
    code, out, err = run("handouts", "check")
    assert (code, out) == (1, "")
    assert err == (
        "notebooks/01_toys.ipynb: missing\n"
        "  to mend it: autograder handouts build --notebook 01_toys\n"
        "1 finding\n"
    )


def test_execute_waits_until_the_files_agree(root: Path) -> None:
    code, _, err = run("handouts", "check", "--execute")
    assert code == 1
    assert "The notebooks were not run; mend these first." in err


def test_a_mistake_in_a_source_is_a_line_without_a_traceback(root: Path) -> None:
    path = root / "solutions" / "01_toys.py"
    path.write_text(SOURCE.replace(" points=1", ""), encoding="utf-8")
    code, out, err = run("handouts", "build")
    assert (code, out) == (1, "")
    assert err == f"{path.resolve()}:4: exercise 'f' has no points; add points=5\n"


def test_a_file_that_cannot_be_written_is_no_traceback(root: Path) -> None:
    (root / "notebooks").write_text("a file where a folder should be")
    code, _, err = run("handouts", "build")
    assert code == 2
    assert err == f"{root.resolve() / 'notebooks'}: File exists; mend that, then build again\n"


@pytest.mark.parametrize("command", ["build", "check"])
def test_wrong_usage_leaves_with_2(
    root: Path, command: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    code, _, err = run("handouts", command, "--notebook", "01_toy")
    assert (code, err) == (2, "no notebook '01_toy' in solutions/; did you mean 01_toys?\n")
    assert run("handouts", command, "--notbook", "x")[0] == 2
    code, _, err = run("handouts", command, "--root", "nowhere")
    assert (code, err) == (2, "--root nowhere: no such folder\n")
    empty = tmp_path_factory.mktemp("empty")
    code, _, err = run("handouts", command, "--root", str(empty))
    assert (code, err) == (2, f"course.toml: not found in {empty}\n")
    (root / "course.toml").write_text(COURSE.replace("title", "titel"))
    code, _, err = run("handouts", command)
    assert code == 2
    assert err.startswith("course.toml: course.title: is missing")


def test_outside_a_course_the_message_says_so(tmp_path: Path) -> None:
    result = run_python("-m", "autograder", "handouts", "build", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "no course.toml in" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    code, out, _ = run("--version")
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert code == 0
    assert out.strip() in (f"autograder {version}", "autograder 0+not-installed")


def test_unknown_names_of_the_package_are_refused_as_python_does() -> None:
    import autograder

    assert {"check", "submit"} <= set(dir(autograder))
    with pytest.raises(AttributeError, match="has no attribute 'chekc'"):
        _ = autograder.chekc


def _commands() -> list[tuple[str, ...]]:
    """Every command of the app, found and not listed, so that none is forgotten here."""
    found: list[tuple[str, ...]] = [()]
    found += [(c.name or c.callback.__name__,) for c in app.registered_commands if c.callback]
    for group in app.registered_groups:
        assert group.name is not None
        assert group.typer_instance is not None
        found.append((group.name,))
        found += [(group.name, c.name or "") for c in group.typer_instance.registered_commands]
    return found


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_help_documents_exit_codes_and_loads_nothing_heavy(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """Time is not asserted; what costs time is: the modules that a help page has loaded."""
    program = (
        "import sys\n"
        "from autograder.__main__ import main\n"
        f"sys.argv = ['autograder', *{command!r}, '--help']\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert stop.code == 0\n"
        f"loaded = [m for m in {HEAVY!r} if m in sys.modules]\n"
        "print('LOADED', loaded)\n"
    )
    result = run_python("-c", program, cwd=tmp_path)
    assert result.stdout.rstrip().endswith("LOADED []"), result.stdout + result.stderr
    if command != ("handouts",):  # a group only lists its commands
        assert "Exit codes:" in " ".join(result.stdout.split())
