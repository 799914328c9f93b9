"""Where the cameras of a category stand: on a sphere around the object, all directions equally likely."""

from __future__ import annotations

from dataclasses import dataclass

FOCAL = 131.25 / 128  # of the image's width, as in the published ShapeNet renders of SRN


@dataclass(frozen=True)
class CameraRange:
    """Cameras look at `target` from `radius` away; elevations in degrees, uniform in their sine; any azimuth."""

    elevation_low: float
    elevation_high: float
    radius: float = 1.2
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)
    focal: float = FOCAL  # in widths of the image
