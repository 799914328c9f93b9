"""How long it takes to photograph scenes: 1,000 views of each category, and one view as a viewer asks for it."""

from __future__ import annotations

import torch

from benchmarks.timing import Figure, median_seconds
from course_lib.scenes import CATEGORIES, LazyViews, photograph, posed_views
from course_lib.scenes.canvas import sampling_pattern
from course_lib.scenes.packing import pack
from course_lib.scenes.rays import ray_matrices
from course_lib.scenes.silhouettes import Cameras, sightings
from course_lib.scenes.tiles import PRODUCT_AT_ONCE, plane_tests

OBJECTS, VIEWS, RESOLUTION, SUPERSAMPLE = 20, 50, (64, 64), 2
# Seconds on one core that a first ray caster took, which tested all parts wherever a ray met the object's box.
BEFORE = {"shepard_metzler": 4.8, "chairs": 6.1, "cars": 16.6}
ALLOWANCE = 1.3
ORBIT = (128, 128)


def figures() -> list[Figure]:
    """Seconds per 1,000 views with depth, normals and labels, views per second, work, one view for a viewer."""
    torch.set_num_threads(1)
    found: list[Figure] = []
    for name in CATEGORIES:
        found += _category(name)
    return found


def _category(name: str) -> list[Figure]:
    views = posed_views(name, OBJECTS, VIEWS, RESOLUTION, supersample=SUPERSAMPLE)
    scenes = [views.scene(index) for index in range(OBJECTS)]
    poses = torch.stack([views.poses(index) for index in range(OBJECTS)])
    seconds = median_seconds(
        lambda: photograph(scenes, views.K, poses, RESOLUTION, supersample=SUPERSAMPLE)
    )
    tests, all_tests = _plane_tests(views, poses)
    before = BEFORE.get(name)
    limit = None if before is None else ALLOWANCE * before
    least = _least_seconds(tests)
    objects = median_seconds(lambda: [views.scene(i).extents for i in range(OBJECTS)]) / OBJECTS
    found = [
        Figure(
            f"{name}, 1,000 views 64×64", seconds, "s", limit, least, "products and pictures alone"
        ),
        Figure(f"{name}, views per second", OBJECTS * VIEWS / seconds, "/s"),
        Figure(f"{name}, planes met of all planes × rays", 100 * tests / all_tests, "%"),
        Figure(f"{name}, making an object", 1e3 * objects, "ms"),
    ]
    if before is not None:
        found.insert(1, Figure(f"{name}, times as fast as all parts", before / seconds, "×"))
    one = median_seconds(
        lambda: photograph(scenes[0], views.K, poses[0, :1], ORBIT, supersample=1, geometry=False)
    )
    return [*found, Figure(f"{name}, one view 128×128 for a viewer", 1e3 * one, "ms", 40.0)]


def _plane_tests(views: LazyViews, poses: torch.Tensor) -> tuple[int, int]:
    """Plane evaluations of all views, and how many there would be without looking where parts are."""
    pattern = sampling_pattern(RESOLUTION, SUPERSAMPLE, True, torch.device("cpu"))
    per_view = RESOLUTION[0] * RESOLUTION[1] * (SUPERSAMPLE**2 + 1)
    tests = all_tests = 0
    for index, pose in enumerate(poses.double()):
        table = pack([views.scene(index)])
        one = torch.zeros(VIEWS, dtype=torch.long)
        cameras = Cameras(pose[:, :3, 3], ray_matrices(views.K.double(), pose), one)
        tests += plane_tests(sightings(table, cameras), pattern.tiling)
        all_tests += VIEWS * per_view * len(table.offsets)
    return tests, all_tests


def _least_seconds(tests: int) -> float:
    """Seconds for the matrix products of so many evaluations, and for writing the pictures: what must be done."""
    samples = sampling_pattern(RESOLUTION, SUPERSAMPLE, True, torch.device("cpu")).tiling.samples
    coefficients = torch.randn(PRODUCT_AT_ONCE // samples.shape[1], 3)
    rounds = max(1, tests // (len(coefficients) * samples.shape[1]))
    batch = (OBJECTS, VIEWS, *RESOLUTION)

    def products_and_pictures() -> None:
        for _ in range(rounds):
            coefficients @ samples
        torch.ones(*batch, 3), torch.ones(*batch), torch.ones(*batch, 3)
        torch.ones(batch, dtype=torch.uint8)

    return median_seconds(products_and_pictures, runs=3)
