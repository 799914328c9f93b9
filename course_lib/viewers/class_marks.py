"""How up to ten classes are told apart on paper: by colour, and by their digit or a shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from course_lib.style import CYCLE

# Three more than the course's cycle. The closest two of all ten are 26 apart in CIE Lab, 18 for those who
# lack one kind of cone (Machado et al. 2009), which is no closer than the first seven are.
COLORS: Final = (*CYCLE, "#802000", "#3A22D8", "#5A5A5A")
SHAPES: Final = ("o", "s", "^", "D", "v", "P", "X", "<", "*", ">")  # for names that are no glyph


@dataclass(frozen=True)
class ClassMark:
    """One class: what it is called, how it is drawn, and which points belong to it."""

    name: str
    color: str
    marker: str  # as matplotlib knows it
    members: NDArray[np.bool_]

    @property
    def is_glyph(self) -> bool:
        """Whether the name itself is drawn."""
        return self.marker.startswith("$")


def class_marks(labels: Any, count: int) -> list[ClassMark]:
    """A mark for every class in `labels` (`n` numbers or words), in sorted order.

    ValueError if there are not `count` labels, or more than ten classes.
    """
    array = np.asarray(labels.detach().cpu() if hasattr(labels, "detach") else labels)
    if array.shape != (count,):
        raise ValueError(
            f"labels must have shape ({count}), one per code; got {tuple(array.shape)}"
        )
    kinds, which = np.unique(array, return_inverse=True)
    if len(kinds) > len(COLORS):
        raise ValueError(
            f"labels has {len(kinds)} classes; at most {len(COLORS)} can be told apart. Draw fewer, "
            "or merge some"
        )
    names = [_name(kind) for kind in kinds.tolist()]
    glyphs = all(len(name) == 1 and name.isalnum() for name in names)
    return [
        ClassMark(name, color, rf"$\mathbf{{{name}}}$" if glyphs else shape, which == i)
        for i, (name, color, shape) in enumerate(zip(names, COLORS, SHAPES, strict=False))
    ]


def _name(kind: Any) -> str:
    """The digit three is 3, also when it came as 3.0."""
    return str(int(kind)) if isinstance(kind, float) and kind.is_integer() else str(kind)
