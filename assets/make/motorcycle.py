"""Halves scikit-image's motorcycle stereo pair and picks matches that both photographs agree on.

    python assets/make/motorcycle.py <site-packages>/skimage/data

Needs numpy, pillow, safetensors and scikit-image 0.16 (later ones download the files). The pair is
Middlebury 2014's "Motorcycle", rectified and reduced by four.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save_file

Array = NDArray[np.float64]
DATA = Path(__file__).parents[1] / "data"
# Pixels of the 500×741 picture; OFFSET is how much further right the right principal point lies.
FOCAL, CENTRE_X, CENTRE_Y, OFFSET = 994.978, 311.193, 254.877, 31.086
BASELINE = 0.193001  # metres
# Middlebury calibrates the full picture with integer pixel centres, and scikit-image divided its
# figures by four: (4 c + 0.5) / 4 is the centre where, as with us, the first pixel's lies at 0.5.
CENTRE_SHIFT = 0.5 / 4
HEIGHT, WIDTH = 250, 370  # after halving; the odd last column is left out
DISPARITY_STEPS = 256  # per pixel, in the 16-bit PNG; 0 means "not known"
MATCHES = 2000


def halved(pixels: NDArray[np.uint8]) -> Array:
    """Mean of 2×2 blocks, in [0, 255]."""
    cropped = pixels[: 2 * HEIGHT, : 2 * WIDTH].astype(np.float64)
    return cropped.reshape(HEIGHT, 2, WIDTH, 2, 3).mean(axis=(1, 3))


def halved_disparity(disparity: Array) -> Array:
    """Lower median of the known values of 2×2 blocks, in new pixels; NaN where none is known.

    A mean would invent depths that float between an object's edge and what is behind it.
    """
    known = np.where(np.isfinite(disparity), disparity, np.nan)[: 2 * HEIGHT, : 2 * WIDTH]
    blocks = known.reshape(HEIGHT, 2, WIDTH, 2).transpose(0, 2, 1, 3).reshape(HEIGHT, WIDTH, 4)
    blocks = np.sort(blocks, axis=-1)  # NaN last
    count = np.isfinite(blocks).sum(axis=-1)
    index = np.maximum(count - 1, 0) // 2
    return np.take_along_axis(blocks, index[..., None], axis=-1)[..., 0] / 2


def intrinsics(centre_x: float) -> Array:
    """Normalised K of one camera; the right one differs in its principal point."""
    u, v = (centre_x + CENTRE_SHIFT) / (2 * WIDTH), (CENTRE_Y + CENTRE_SHIFT) / (2 * HEIGHT)
    return np.array([[FOCAL / (2 * WIDTH), 0, u], [0, FOCAL / (2 * HEIGHT), v], [0, 0, 1]])


def agreeing_matches(left: Array, right: Array, disparity: Array) -> tuple[Array, Array]:
    """Pixel centres of the left picture and where they are seen in the right one, uv, n 2 each.

    Kept: strong texture, not at a depth edge, 5×5 patches that look alike. So all are visible.
    """
    gray_l, gray_r = left.mean(-1), right.mean(-1)
    texture = np.abs(np.gradient(gray_l, axis=1))
    chosen_left, chosen_right = [], []
    order = np.random.default_rng(0).permutation(HEIGHT * WIDTH)
    for row, col in zip(*np.unravel_index(order, (HEIGHT, WIDTH)), strict=True):
        d = disparity[row, col]
        inside = 3 <= row < HEIGHT - 3 and 3 <= col < WIDTH - 3 and np.isfinite(d)
        if not inside or col - d < 4 or texture[row, col] < 4:
            continue
        around = disparity[row - 2 : row + 3, col - 2 : col + 3]
        if not np.isfinite(around).all() or np.ptp(around) > 0.5:
            continue
        patch_l = gray_l[row - 2 : row + 3, col - 2 : col + 3]
        columns = np.arange(col - 2, col + 3) - d
        first = np.floor(columns).astype(int)
        weight = columns - first
        rows = slice(row - 2, row + 3)
        patch_r = gray_r[rows, first] * (1 - weight) + gray_r[rows, first + 1] * weight
        if np.corrcoef(patch_l.ravel(), patch_r.ravel())[0, 1] < 0.97:
            continue
        chosen_left.append(((col + 0.5) / WIDTH, (row + 0.5) / HEIGHT))
        chosen_right.append(((col - d + 0.5) / WIDTH, (row + 0.5) / HEIGHT))
        if len(chosen_left) == MATCHES:
            break
    return np.array(chosen_left), np.array(chosen_right)


def main(source: Path) -> None:
    """Writes two JPEGs, a 16-bit PNG of disparities and motorcycle.safetensors into assets/data."""
    photographs = {
        s: halved(np.asarray(Image.open(source / f"motorcycle_{s}.png"))) for s in ("left", "right")
    }
    for side, pixels in photographs.items():
        picture = Image.fromarray(np.round(pixels).astype(np.uint8))
        picture.save(DATA / f"motorcycle_{side}.jpg", quality=94, subsampling=0, optimize=True)
    disparity = halved_disparity(
        np.load(source / "motorcycle_disp.npz")["arr_0"].astype(np.float64)
    )
    steps = np.nan_to_num(np.round(disparity * DISPARITY_STEPS)).astype(np.uint16)
    Image.fromarray(steps).save(DATA / "motorcycle_disparity.png", optimize=True)
    uv_left, uv_right = agreeing_matches(photographs["left"], photographs["right"], disparity)
    right_from_left = np.eye(4)
    right_from_left[0, 3] = -BASELINE
    tensors = {
        "K_left": intrinsics(CENTRE_X),
        "K_right": intrinsics(CENTRE_X + OFFSET),
        "right_from_left": right_from_left,
        "uv_left": uv_left,
        "uv_right": uv_right,
    }
    save_file(
        {k: np.ascontiguousarray(v, np.float32) for k, v in tensors.items()},
        DATA / "motorcycle.safetensors",
    )
    depth = FOCAL / 2 * BASELINE / (disparity + OFFSET / 2)
    print(
        f"known {np.isfinite(disparity).mean():.3f}, {len(uv_left)} matches, "
        f"depth {np.nanmin(depth):.2f}–{np.nanmax(depth):.2f} m"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    main(parser.parse_args().source)
