"""Calibrates OpenCV's chessboard stereo photographs and undistorts six pairs to a pinhole.

    python assets/make/chessboard.py /usr/share/doc/opencv-doc/examples/data

Needs opencv-python-headless. Intrinsics, distortion and board poses come from all thirteen pairs;
the right camera's poses follow from the left ones by one `right_from_left`, as for a rigid rig.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

Array = NDArray[np.float64]
DATA = Path(__file__).parents[1] / "data"
CORNERS = (9, 6)  # inner corners along a row, and rows
SQUARE = 0.025  # metres, from left_intrinsics.yml beside the photographs
HEIGHT, WIDTH = 480, 640
VIEWS = tuple(v for v in range(1, 15) if v != 10)  # the package has no pair 10
SHIPPED = (1, 3, 4, 6, 8, 12)  # tilted both ways, near and far
FOCAL = 520.0  # of the undistorted pictures, in pixels: slightly wider, so that no board is cut


def board_points() -> Array:
    """The 54 inner corners, metres: x along a row, y from row to row, z = 0."""
    columns, rows = CORNERS
    grid = np.mgrid[:columns, :rows].T.reshape(-1, 2)
    return np.pad(grid * SQUARE, ((0, 0), (0, 1)))


def find_corners(gray: NDArray[np.uint8]) -> Array:
    """Corners in OpenCV's integer-centre pixels, n 2, refined to sub-pixel."""
    found, corners = cv2.findChessboardCorners(gray, CORNERS)
    if not found:
        raise ValueError("no chessboard found; is this one of the left/right NN.jpg photographs?")
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 100, 1e-4)
    return cv2.cornerSubPix(gray, corners, (5, 5), (-1, -1), stop).reshape(-1, 2).astype(np.float64)


def ideal_matrix() -> Array:
    """Pixel intrinsics of the pictures we ship, OpenCV's integer centres."""
    return np.array([[FOCAL, 0, WIDTH / 2 - 0.5], [0, FOCAL, HEIGHT / 2 - 0.5], [0, 0, 1]])


def normalised(matrix: Array) -> Array:
    """K that maps rays to uv in [0, 1]²; +0.5 as our pixel centres lie at (col + 0.5) / width."""
    half_pixel = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.diag([1 / WIDTH, 1 / HEIGHT, 1]) @ half_pixel @ matrix


def rigid(rotation_vector: Array, translation: Array) -> Array:
    """A 4×4 rigid transform from Rodrigues' vector and a translation."""
    matrix = np.eye(4)
    matrix[:3, :3] = cv2.Rodrigues(rotation_vector)[0]
    matrix[:3, 3] = translation.reshape(3)
    return matrix


def main(source: Path) -> None:
    """Writes chessboard.safetensors and twelve PNGs into assets/data and prints the figures."""
    gray = {
        (side, v): cv2.imread(str(source / f"{side}{v:02}.jpg"), cv2.IMREAD_GRAYSCALE)
        for side in ("left", "right")
        for v in VIEWS
    }
    corners = {key: find_corners(image) for key, image in gray.items()}
    board = board_points().astype(np.float32)
    objects = [board] * len(VIEWS)
    lists = {s: [corners[s, v].astype(np.float32) for v in VIEWS] for s in ("left", "right")}
    single = {s: cv2.calibrateCamera(objects, lists[s], (WIDTH, HEIGHT), None, None) for s in lists}
    stereo = cv2.stereoCalibrateExtended(
        objects,
        lists["left"],
        lists["right"],
        single["left"][1],
        single["left"][2],
        single["right"][1],
        single["right"][2],
        (WIDTH, HEIGHT),
        np.eye(3),
        np.zeros((3, 1)),
        flags=0,
    )
    rms, K_l, d_l, K_r, d_r, R, t, _, _, rvecs, tvecs, per_view = stereo
    print(f"RMS (px): left {single['left'][0]:.3f}, right {single['right'][0]:.3f}, both {rms:.3f}")
    print("per view", np.round(per_view, 3).tolist())
    K_ideal = ideal_matrix()
    tensors: dict[str, NDArray[np.float32]] = {}
    for side, K, d in (("left", K_l, d_l), ("right", K_r, d_r)):
        uv = []
        for v in SHIPPED:
            pixels = cv2.undistortPoints(
                corners[side, v].reshape(-1, 1, 2), K, d, P=K_ideal
            ).reshape(-1, 2)
            uv.append((pixels + 0.5) / (WIDTH, HEIGHT))
            image = cv2.undistort(gray[side, v], K, d, None, K_ideal)
            path = DATA / f"chessboard_{side}_{v:02}.jpg"
            cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 88])
        tensors[f"uv_{side}"] = np.stack(uv)
        tensors[f"K_{side}"] = normalised(K_ideal)
    chosen = [VIEWS.index(v) for v in SHIPPED]
    tensors["left_from_board"] = np.stack([rigid(rvecs[i], tvecs[i]) for i in chosen])
    transform = np.eye(4)
    transform[:3, :3], transform[:3, 3] = R, t.reshape(3)
    tensors["right_from_left"] = transform
    tensors["board"] = board_points()
    tensors["views"] = np.array(SHIPPED)
    print(
        "baseline (mm)",
        np.linalg.norm(t) * 1000,
        "fx fy cx cy",
        K_l[0, 0],
        K_l[1, 1],
        K_l[0, 2],
        K_l[1, 2],
    )
    save_file(
        {
            k: np.ascontiguousarray(v, np.int64 if k == "views" else np.float32)
            for k, v in tensors.items()
        },
        DATA / "chessboard.safetensors",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="folder that holds left01.jpg … right14.jpg")
    main(parser.parse_args().source)
