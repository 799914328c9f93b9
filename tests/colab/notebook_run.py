"""A notebook run on Colab's packages as a student runs it: in a folder of its own, the course from its wheel."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from autograder.handouts.notebook import Notebook, to_json
from tests.colab.environment import Environment


@dataclass(frozen=True)
class Ran:
    """A notebook with its outputs, as far as it came."""

    cells: list[dict[str, Any]]
    error: str | None  # "NameError: …", of the first cell that raised
    folder: Path
    widget_modules: frozenset[str]  # which JavaScript modules draw the widgets that were made

    def outputs(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """Outputs of a type, each with the id of its cell."""
        return [
            (cell["id"], output)
            for cell in self.cells
            for output in cell.get("outputs", [])
            if output["output_type"] == kind
        ]

    def streamed(self, name: str) -> list[str]:
        """What went to stdout or stderr, each with its cell."""
        found = [(cell, o) for cell, o in self.outputs("stream") if o["name"] == name]
        return [f"{cell}: {output['text']}" for cell, output in found]

    def texts(self) -> list[str]:
        """The plain-text form of whatever was displayed."""
        kinds = ("display_data", "execute_result")
        shown = [output for kind in kinds for _, output in self.outputs(kind)]
        return [str(output["data"].get("text/plain", "")) for output in shown]


def run(
    notebook: Notebook, name: str, environment: Environment, folder: Path, **variables: str
) -> Ran:
    """Run it from top to bottom in smoke mode, up to the first cell that raises."""
    path = folder / "notebook" / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(to_json(notebook), encoding="utf-8")
    node = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]
    kernel = environment.kernel(folder / "jupyter")
    # nbclient looks for kernels where this process would: the new one's folder comes first.
    before = os.environ.get("JUPYTER_PATH")
    os.environ.update(kernel)
    try:
        client = NotebookClient(
            node, timeout=600, kernel_name="colab", resources={"metadata": {"path": path.parent}}
        )
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        said = {"COURSE_MODE": "smoke", "JPY_SESSION_NAME": str(path), "OMP_NUM_THREADS": "1"}
        error = None
        with (folder / "kernel.log").open("wb") as log:
            try:
                client.execute(env={**clean, **said, **variables}, stderr=log)
            except CellExecutionError as raised:
                error = f"{raised.ename}: {raised.evalue}"
    finally:
        os.environ.pop("JUPYTER_PATH")
        if before is not None:
            os.environ["JUPYTER_PATH"] = before
    states = node["metadata"].get("widgets", {}).values()
    models = [model for state in states for model in state["state"].values()]
    modules = frozenset(model["model_module"] for model in models)
    return Ran(node["cells"], error, path.parent, modules)
