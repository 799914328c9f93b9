"""A place in a cell's output whose picture is replaced: what a model shows while it trains."""

from __future__ import annotations

from typing import Any

from course_lib.viewers.picture import Picture


class LivePicture:
    """Shows one picture at a time, each in the place of the one before; made for `fit(…, show=…)`.

    The place is where the first picture was shown, however much has been printed since.
    """

    def __init__(self) -> None:
        self._place: Any = None

    def show(self, picture: Picture) -> None:
        """Show the picture, or put it where the last one was."""
        from IPython.display import display

        if self._place is None:
            self._place = display(picture, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._place.update(picture)
