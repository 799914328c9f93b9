"""A notebook that trains for as long as a test wants it to: it holds still while a file called `hold` is there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import nbformat

from course_lib.training import FitConfig
from course_lib.training.identity import checkpoint_path

PREPARE, TRAIN, AFTER = 0, 1, 2  # the cells
STEPS: Final = 200
HELD: Final = 60  # steps that are made before it holds still
CELLS: Final = (
    f"""\
import os, time
from pathlib import Path
import torch
from course_lib.training import FitConfig, fit

weights = torch.zeros(2, requires_grad=True)
config = FitConfig(steps={STEPS}, checkpoint_seconds=0)
counted = []


def loss(generator):
    counted.append(1)
    while len(counted) > {HELD} and Path("hold").exists():
        time.sleep(0.01)
    return (weights - torch.rand(2, generator=generator)).square().mean()


print("process", os.getpid())""",
    """\
history = fit(loss, [weights], config, checkpoint="line")
print("trained", len(history.losses), "steps")""",
    """\
print("afterwards", len(history.losses), "steps")""",
)


def write_notebook(path: Path) -> None:
    """The notebook, ready to be opened."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(CELLS)],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def checkpoint_in(folder: Path) -> Path:
    """Where the run's checkpoint lies."""
    return folder / checkpoint_path("line", FitConfig(steps=STEPS))


def hold(folder: Path) -> None:
    """Let the training stop at a step until `go_on`."""
    (folder / "hold").touch()


def go_on(folder: Path) -> None:
    """Let it train to its end."""
    (folder / "hold").unlink()
