"""Procedural scenes with exact colours, depth, normals and labels: same seed, same scene, on every machine."""

from course_lib.scenes.cameras import CameraRange, intrinsics, orbit_poses
from course_lib.scenes.catalogue import CATEGORIES, find_category, make_scene, random_generator
from course_lib.scenes.category import Category
from course_lib.scenes.distance import scene_distance
from course_lib.scenes.lazy import LazyViews, posed_views
from course_lib.scenes.photograph import photograph
from course_lib.scenes.polytopes import Part, Scene, SceneError
from course_lib.scenes.raycast import Hits, cast
from course_lib.scenes.rays import AnswersMissingError
from course_lib.scenes.shading import shaded

__all__ = [
    "CATEGORIES",
    "AnswersMissingError",
    "CameraRange",
    "Category",
    "Hits",
    "LazyViews",
    "Part",
    "Scene",
    "SceneError",
    "cast",
    "find_category",
    "intrinsics",
    "make_scene",
    "orbit_poses",
    "photograph",
    "posed_views",
    "random_generator",
    "scene_distance",
    "shaded",
]
