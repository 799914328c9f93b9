"""A matplotlib figure that notebooks show once, with a text alternative."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine

from course_lib.style import DPI, WIDTH


class Picture(Figure):
    """A figure that pyplot does not know: no display needed, nothing to close, never shown twice.

    `alt` describes it in words, for screen readers and for terminals. `savefig` and everything else
    of `matplotlib.figure.Figure` works.
    """

    def __init__(self, height: float, alt: str, *, arranged: bool = True) -> None:
        """`height` in inches; `arranged` axes are laid out by matplotlib, others stay as placed."""
        super().__init__(figsize=(WIDTH, height), dpi=DPI, facecolor="white", layout="constrained")
        if not arranged:
            # With no engine at all, saving would give the figure the default one afterwards.
            self.set_layout_engine(PlaceHolderLayoutEngine(True, True))
        FigureCanvasAgg(self)
        self.alt = alt

    def png(self) -> bytes:
        """The picture as PNG bytes."""
        self.draw_without_rendering()  # matplotlib places a colour bar rightly only at the second draw
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=DPI, metadata={"Description": self.alt})
        return buffer.getvalue()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        return png_with_words(self.png(), self.alt)


def png_with_words(png: bytes, alt: str) -> tuple[dict[str, str], dict[str, Any]]:
    """What a notebook shows of a picture: the PNG, and the words that stand for it.

    Front ends prefer the HTML, which is the only form whose alt text reaches a screen reader: JupyterLab, the
    classic notebook and Colab draw a bare PNG without one. The bare PNG is for everything that is no browser.
    """
    data = base64.b64encode(png).decode()
    bundle = {"text/html": image_html(data, alt), "image/png": data, "text/plain": alt}
    return bundle, {"image/png": {"alt": alt}}


def image_html(png_base64: str, alt: str) -> str:
    """An `<img>` with its alt text, never wider than the cell."""
    words = html.escape(" ".join(alt.split()), quote=True)
    return (
        f'<img alt="{words}" style="max-width:100%;height:auto" '
        f'src="data:image/png;base64,{png_base64}">'
    )
