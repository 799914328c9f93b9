"""The first cell of every notebook: device, seed, mode, figure style, a table of what runs here."""

from __future__ import annotations

import html
import os
import platform
import random
import re
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

import numpy as np
import torch

from course_lib import __version__
from course_lib.drive import mount_drive
from course_lib.style import use_course_style

Mode = Literal["smoke", "cpu", "gpu"]
MODES: Final[tuple[str, ...]] = get_args(Mode)
BUDGETS: Final = {"smoke": "about a minute", "cpu": "minutes on a CPU", "gpu": "the full run"}
# The wheel sets no lower bounds for these two: pip would replace gigabytes of what others rely on.
LOWEST: Final = {"torch": (2, 6), "numpy": (2, 0)}


@dataclass(frozen=True)
class Session:
    """What `setup` found and chose. Pass `session.device` to tensors you create."""

    device: torch.device
    mode: Mode
    seed: int
    rows: tuple[tuple[str, str], ...]  # the table, name and value
    remarks: tuple[str, ...]  # friendly warnings

    def __repr__(self) -> str:
        return f"Session(device={str(self.device)!r}, mode={self.mode!r}, seed={self.seed})"

    def as_text(self) -> str:
        """The table for a terminal."""
        width = max(len(name) for name, _ in self.rows)
        lines = [f"{name:<{width}}  {value}" for name, value in self.rows]
        return "\n".join([*lines, *(f"Note: {remark}" for remark in self.remarks)])

    def as_html(self) -> str:
        """The table for a notebook; colours are inherited, so it reads on a dark page too."""
        head, body = (
            "".join(
                f"<{tag} style='padding:2px 14px 2px 0;text-align:left'>{html.escape(text)}</{tag}>"
                for text in column
            )
            for tag, column in (
                ("th", [n for n, _ in self.rows]),
                ("td", [v for _, v in self.rows]),
            )
        )
        notes = "".join(f"<p>⚠️ {html.escape(remark)}</p>" for remark in self.remarks)
        return f"<table><tr>{head}</tr><tr>{body}</tr></table>{notes}"


def setup(mode: Mode | None = None, seed: int = 0, *, drive: bool = False) -> Session:
    """Seeds, styles and describes this session; shows the table once.

    `mode` (smoke, cpu or gpu) sets the budget of training cells. Without it COURSE_MODE counts, and
    without that gpu where there is one, else cpu. ValueError names an unknown mode. `drive` asks for
    the student's Google Drive, once: checkpoints that lie there outlive a Colab runtime.
    """
    chosen = _mode(mode)
    random.seed(seed)
    np.random.seed(seed)  # libraries that students use still draw from the global one
    torch.manual_seed(seed)
    use_course_style()
    has_gpu = torch.cuda.is_available()
    device = torch.device("cuda" if has_gpu and chosen == "gpu" else "cpu")
    rows, remarks = _rows(device, chosen), _remarks(chosen, has_gpu)
    if drive:
        from course_lib.training.checkpoints import checkpoint_folder  # training takes a second

        refused = mount_drive()
        rows = (*rows, ("checkpoints", str(checkpoint_folder())))
        remarks += [refused] if refused else []
    session = Session(device, chosen, seed, rows, tuple(remarks))
    _show(session)
    return session


def _mode(mode: str | None) -> Mode:
    fallback = "gpu" if torch.cuda.is_available() else "cpu"
    wanted = mode or os.environ.get("COURSE_MODE", "").strip().lower() or fallback
    if wanted not in MODES:
        where = "setup(mode=…)" if mode else "the environment variable COURSE_MODE"
        raise ValueError(f"{where} is {wanted!r}; use one of {', '.join(MODES)}")
    return cast(Mode, wanted)


def _rows(device: torch.device, mode: Mode) -> tuple[tuple[str, str], ...]:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    return (
        ("course", __version__),
        ("python", platform.python_version()),
        ("torch", torch.__version__),
        ("numpy", np.__version__),
        ("device", name),
        ("mode", f"{mode} ({BUDGETS[mode]})"),
    )


def _remarks(mode: Mode, has_gpu: bool) -> list[str]:
    remarks = []
    for name, version in (("torch", torch.__version__), ("numpy", np.__version__)):
        digits = re.match(r"(\d+)\.(\d+)", version)
        if digits and (int(digits[1]), int(digits[2])) < LOWEST[name]:
            lowest = ".".join(map(str, LOWEST[name]))
            remarks.append(
                f"{name} {version} is older than {lowest}, the oldest that the course was tried with. If a "
                "cell fails, open the notebook in Colab, there with the latest runtime version (Runtime → "
                f"Change runtime type); on your own machine make an environment with {name} {lowest} or later."
            )
    if mode == "gpu" and not has_gpu:
        remarks.append(
            "mode is gpu but no GPU is visible, so tensors live on the CPU. In Colab choose "
            "Runtime → Change runtime type → T4 GPU, or set COURSE_MODE=cpu."
        )
    return remarks


def _show(session: Session) -> None:
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(session.as_text())
        return
    if get_ipython() is None:  # a plain script
        print(session.as_text())
    else:
        table = {"text/html": session.as_html(), "text/plain": session.as_text()}
        display(table, raw=True)  # type: ignore[no-untyped-call]
