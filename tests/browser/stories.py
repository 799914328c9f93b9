"""What a student does with each notebook in the tests: how far, and which viewer is taken in hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One notebook. `viewer` is how the cell of the viewer is known."""

    notebook: str
    viewer: str

    @property
    def assignment(self) -> str:
        """As course.toml calls it."""
        return f"a{int(self.notebook.split('_')[0])}"


STORIES = {
    1: Story("01_camera_geometry", "viewers.CameraOrbit("),
    2: Story("02_rendering", "viewers.OrbitViewer("),
    3: Story("03_auto_encoding", "viewers.LatentPlane("),
    4: Story("04_auto_decoding", "viewers.CodeExplorer("),
    5: Story("05_light_fields", "viewers.CodeExplorer("),
}
