"""A student whose code could not be loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import torch

    from autograder.checking.errors import WorkerFault
    from autograder.checking.handles import Cotangent, Path


class Absent:
    """A `Student` that gives every question the same answer: the fault that kept it away."""

    def __init__(self, fault: WorkerFault) -> None:
        self._fault = fault

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._refuse

    def gradient(
        self,
        name: str,
        args: tuple[Any, ...],
        wrt: int | Path,
        cotangent: Cotangent = None,
        result: int = 0,
    ) -> torch.Tensor:
        """See `Student.gradient`."""
        self._refuse()

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise self._fault
