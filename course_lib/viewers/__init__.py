"""Pictures of results: every function draws what it is given (points, uv, poses, lines, images)."""

from course_lib.viewers.conventions import conventions_picture
from course_lib.viewers.epipolar_widget import EpipolarViewer
from course_lib.viewers.images import film_strip, show_depth, show_difference, show_images
from course_lib.viewers.matches import show_epipolar, show_matches, show_reprojection
from course_lib.viewers.orbit_widget import CameraOrbit
from course_lib.viewers.picture import Picture
from course_lib.viewers.scene import show_frusta, show_points, show_pose_path, show_rays

__all__ = [
    "CameraOrbit",
    "EpipolarViewer",
    "Picture",
    "conventions_picture",
    "film_strip",
    "show_depth",
    "show_difference",
    "show_epipolar",
    "show_frusta",
    "show_images",
    "show_matches",
    "show_points",
    "show_pose_path",
    "show_rays",
    "show_reprojection",
]
