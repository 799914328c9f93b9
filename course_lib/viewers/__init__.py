"""Pictures of results: every function draws what it is given (points, uv, poses, lines, images)."""

from course_lib.viewers.animation import Animation
from course_lib.viewers.basis import show_basis
from course_lib.viewers.charts import show_curves, show_histograms
from course_lib.viewers.cloud import show_cloud
from course_lib.viewers.code_explorer import CodeExplorer
from course_lib.viewers.conventions import conventions_picture
from course_lib.viewers.epi import show_epi
from course_lib.viewers.epipolar_widget import EpipolarViewer
from course_lib.viewers.film import show_film
from course_lib.viewers.framework import show_framework
from course_lib.viewers.grid import show_grid
from course_lib.viewers.images import film_strip, show_depth, show_difference, show_images
from course_lib.viewers.interpolation import show_interpolation
from course_lib.viewers.latent_grid import show_latent_grid
from course_lib.viewers.latent_map import show_latent_map, show_latent_maps
from course_lib.viewers.latent_plane import LatentPlane
from course_lib.viewers.live_picture import LivePicture
from course_lib.viewers.maps import show_maps
from course_lib.viewers.marching import show_marching
from course_lib.viewers.matches import show_epipolar, show_matches, show_reprojection
from course_lib.viewers.number_explorer import NumberExplorer
from course_lib.viewers.orbit_viewer import OrbitViewer
from course_lib.viewers.orbit_widget import CameraOrbit
from course_lib.viewers.out_of_distribution import show_out_of_distribution
from course_lib.viewers.picture import Picture
from course_lib.viewers.plucker_line import show_line_distance, show_plucker
from course_lib.viewers.quality_and_speed import show_quality_against_speed
from course_lib.viewers.ray_charts import RayChart, show_ray_charts
from course_lib.viewers.ray_profile import show_ray
from course_lib.viewers.reconstructions import show_reconstructions
from course_lib.viewers.scene import show_frusta, show_points, show_pose_path, show_rays
from course_lib.viewers.segmentation import show_segmentation
from course_lib.viewers.slices import show_march, show_slice
from course_lib.viewers.strip import show_strip
from course_lib.viewers.wireframe import show_mesh_wireframe

__all__ = [
    "Animation",
    "CameraOrbit",
    "CodeExplorer",
    "EpipolarViewer",
    "LatentPlane",
    "LivePicture",
    "NumberExplorer",
    "OrbitViewer",
    "Picture",
    "RayChart",
    "conventions_picture",
    "film_strip",
    "show_basis",
    "show_cloud",
    "show_curves",
    "show_depth",
    "show_difference",
    "show_epi",
    "show_epipolar",
    "show_film",
    "show_framework",
    "show_frusta",
    "show_grid",
    "show_histograms",
    "show_images",
    "show_interpolation",
    "show_latent_grid",
    "show_latent_map",
    "show_latent_maps",
    "show_line_distance",
    "show_maps",
    "show_march",
    "show_marching",
    "show_matches",
    "show_mesh_wireframe",
    "show_out_of_distribution",
    "show_plucker",
    "show_points",
    "show_pose_path",
    "show_quality_against_speed",
    "show_ray",
    "show_ray_charts",
    "show_rays",
    "show_reconstructions",
    "show_reprojection",
    "show_segmentation",
    "show_slice",
    "show_strip",
]
