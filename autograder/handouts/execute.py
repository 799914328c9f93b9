"""Running notebooks from top to bottom, as a student would, in a kernel of their own."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.handouts.check import Finding
from autograder.handouts.files import handout_path
from autograder.handouts.notebook import Notebook, handout, solution_notebook, to_json
from autograder.settings import Release
from autograder.source import Source

CELL_SECONDS = 600
UNSAID = ("<Figure size", "<IPython.", "<PIL.")  # what stands for a picture that nobody described
IMAGE = re.compile(r"<img\b[^>]*>")
ALT = re.compile(r"""\balt=(["'])[^"']{3}""")


def check_by_running(root: Path, source: Source, release: Release) -> Iterator[Finding]:
    """The handout may stop at NotImplementedError only; with answers it runs to its end."""
    place = str(handout_path(source))
    error = first_error(handout(source, release), root, source.name)
    if error is not None and not error.startswith("NotImplementedError"):
        yield Finding(place, f"run as a handout, its first error is {error}")
    node, error = run(solution_notebook(source, release), root, source.name)
    if error is not None:
        yield Finding(f"solutions/{source.path.name}", f"run with its answers, it stops: {error}")
    for complaint in complaints(node):
        yield Finding(f"solutions/{source.path.name}", complaint)


def first_error(notebook: Notebook, root: Path, name: str) -> str | None:
    """Run a notebook in smoke mode, in an empty folder; its first error as text, or None."""
    return run(notebook, root, name)[1]


def complaints(node: Notebook) -> Iterator[str]:
    """What is wrong with the outputs of a notebook that ran: a warning, or a picture without words."""
    for cell in node["cells"]:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                yield f"cell {cell['id']} prints a warning: {output['text'].strip()[:200]}"
            data = output.get("data", {})
            words = str(data.get("text/plain", ""))
            pictured = {"image/png", "image/jpeg", "image/svg+xml"} & set(data)
            if pictured and (not words.strip() or words.startswith(UNSAID)):
                yield f"cell {cell['id']} shows a picture without alt text: show it by a viewer of course_lib"
            for image in IMAGE.findall(str(data.get("text/html", ""))):
                if not ALT.search(image):
                    yield f"cell {cell['id']} shows an <img> without alt text"


def run(notebook: Notebook, root: Path, name: str) -> tuple[Notebook, str | None]:
    """Run a notebook in smoke mode, in an empty folder: with its outputs, and its first error if there is one."""
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
            return node, f"{error.ename}: {error.evalue} (in cell {_cell_of_error(node)})"
        except CellTimeoutError:
            return node, f"a cell ran longer than {CELL_SECONDS} s"
        except (DeadKernelError, NoSuchKernel) as error:
            last_words = log.read_text(errors="replace")[-400:].strip()
            return node, f"the kernel is gone: {error} {last_words}"
    return node, None


def _cell_of_error(node: Notebook) -> str:
    for cell in node["cells"]:
        if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
            return str(cell["id"])
    return "unknown"
