"""Running notebooks from top to bottom, as a student would, in a kernel of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.handouts.check import Finding
from autograder.handouts.files import handout_path
from autograder.handouts.notebook import Notebook, handout, solution_notebook, to_json
from autograder.settings import Release
from autograder.source import Source

CELL_SECONDS = 600


def check_by_running(root: Path, source: Source, release: Release) -> Iterator[Finding]:
    """The handout may stop at NotImplementedError only; with answers it runs to its end."""
    place = str(handout_path(source))
    error = first_error(handout(source, release), root, source.name)
    if error is not None and not error.startswith("NotImplementedError"):
        yield Finding(place, f"run as a handout, its first error is {error}")
    error = first_error(solution_notebook(source, release), root, source.name)
    if error is not None:
        yield Finding(f"solutions/{source.path.name}", f"run with its answers, it stops: {error}")


def first_error(notebook: Notebook, root: Path, name: str) -> str | None:
    """Run a notebook in smoke mode, in an empty folder; its first error as text, or None."""
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    node = nbformat.reads(to_json(notebook), as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory(prefix="handout-") as folder:
        path = Path(folder, f"{name}.ipynb")
        path.write_text(to_json(notebook), encoding="utf-8")
        client = NotebookClient(
            node,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
        )
        environment = {
            **os.environ,
            "COURSE_MODE": "smoke",
            "JPY_SESSION_NAME": str(path),  # as JupyterLab tells a kernel which notebook it runs
            "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])),
        }
        log = Path(folder, "kernel.log")  # chatter, unless the kernel dies
        try:
            with log.open("wb") as stream:
                client.execute(env=environment, stderr=stream)
        except CellExecutionError as error:
            return f"{error.ename}: {error.evalue} (in cell {_cell_of_error(node)})"
        except CellTimeoutError:
            return f"a cell ran longer than {CELL_SECONDS} s"
        except (DeadKernelError, NoSuchKernel) as error:
            last_words = log.read_text(errors="replace")[-400:].strip()
            return f"the kernel is gone: {error} {last_words}"
    return None


def _cell_of_error(node: Notebook) -> str:
    for cell in node["cells"]:
        if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
            return str(cell["id"])
    return "unknown"
