"""Build handouts from one source, check answers in the notebook, grade submissions safely.

A notebook needs `check("exercise")` and `submit()` of this package, and where something is trained
`show_bands("task")` and `export_predictions("task", images)`. They are loaded when first asked for,
so that the command line starts without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.notebook.bands import show_bands
    from autograder.notebook.display import check
    from autograder.notebook.predictions import export_predictions
    from autograder.notebook.submission import submit

    __version__: str

__all__ = ["__version__", "check", "export_predictions", "show_bands", "submit"]

_HOMES = {
    "check": "autograder.notebook.display",
    "export_predictions": "autograder.notebook.predictions",
    "show_bands": "autograder.notebook.bands",
    "submit": "autograder.notebook.submission",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name == "__version__":
        return _installed_version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("inverse-graphics-course")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0+not-installed"
