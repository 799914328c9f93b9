"""Photographs of triangle meshes with exact depth and normals, by Embree's ray caster.

Needs trimesh and embreex: pip install 'inverse-graphics-course[assets]'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from course_lib.data.camera_checks import check_intrinsics, check_poses
from course_lib.data.chair_mesh import Mesh
from course_lib.data.posed_views import PosedViews
from course_lib.scenes.painted_mesh import PaintedMesh, mesh_tools
from course_lib.scenes.polytopes import Array, SceneError
from course_lib.scenes.rays import pixel_rays
from course_lib.scenes.shading import BACKGROUND, shaded
from course_lib.shapes import Float, Resolution, Tensor


def photograph_mesh(
    mesh: Mesh | PaintedMesh,
    K: Float[Tensor, "*#views 3 3"],
    world_from_camera: Float[Tensor, "views 4 4"],
    resolution: Resolution,
    *,
    supersample: int = 2,
    near: float | None = None,
    far: float | None = None,
    name: str = "mesh",
) -> PosedViews:
    """Photographs of one mesh, lit as scenes are, in front of white. On the CPU.

    Colours are averaged over `supersample`² rays per pixel; depth (z), normals and labels (the mesh's
    parts) are those of the ray through the pixel's centre. Embree finds the triangle; the hit itself is
    computed in float64 from its plane. Normals are the triangles' own, turned towards the camera where
    the back of a triangle is seen: thin sheets and either winding look right.

    Args:
        near, far: distances that the result states; by default as close as the mesh's box allows.

    Raises:
        MeshToolsMissingError: trimesh or embreex is not installed.
        SceneError: cameras of the wrong shape, an impossible resolution, supersampling, near or far.
        ViewsError: a camera that cannot be one; the message names the view.
    """
    _check_request(K, world_from_camera, resolution, supersample)
    painted = mesh if isinstance(mesh, PaintedMesh) else PaintedMesh.of(mesh)
    caster = _Caster(painted)
    poses = world_from_camera.detach().cpu().double()
    K = K.detach().cpu().double().expand(len(poses), 3, 3)
    height, width = resolution
    fine = (height * supersample, width * supersample)
    images = torch.empty(len(poses), height, width, 3)
    depth, labels = torch.empty(len(poses), height, width), torch.empty(len(poses), height, width)
    normals = torch.empty(len(poses), height, width, 3)
    for i, pose in enumerate(poses):
        colors = caster.cast(*pixel_rays(K[i], pose, fine)).colors
        images[i] = colors.reshape(height, supersample, width, supersample, 3).mean(dim=(1, 3))
        origins, directions = pixel_rays(K[i], pose, resolution)
        seen = caster.cast(origins, directions)
        depth[i] = seen.distance * (directions @ pose[:3, 2])
        normals[i], labels[i] = seen.normals, seen.labels
    low, high = _near_far(painted, poses[:, :3, 3].numpy(), near, far)
    return PosedViews(
        images=images,
        K=K.float(),
        world_from_camera=poses.float(),
        near=low,
        far=high,
        depth=depth,
        normals=normals,
        labels=labels.to(torch.uint8),
        label_names=("background", *painted.names),
        name=name,
    )


@dataclass(frozen=True)
class _Seen:
    """What rays meet, with their shape `*b`."""

    colors: Float[Tensor, "*b 3"]
    distance: Float[Tensor, "*b"]  # inf where nothing is met
    normals: Float[Tensor, "*b 3"]  # 0 there
    labels: Float[Tensor, "*b"]  # 0 there


class _Caster:
    """One mesh, prepared for rays."""

    def __init__(self, painted: PaintedMesh) -> None:
        trimesh = mesh_tools()
        from trimesh.ray.ray_pyembree import RayMeshIntersector

        mesh = trimesh.Trimesh(painted.vertices, painted.faces, process=False)
        self.painted, self.intersector = painted, RayMeshIntersector(mesh)
        self.corners = painted.vertices[painted.faces]
        a, b, c = self.corners.transpose(1, 0, 2)
        self.areas = np.cross(b - a, c - a)  # normals, twice as long as the triangles are large

    def cast(self, origins: Float[Tensor, "*b 3"], directions: Float[Tensor, "*b 3"]) -> _Seen:
        """The nearest triangle along each unit ray."""
        batch = directions.shape[:-1]
        rays = directions.reshape(-1, 3).numpy()
        eyes = origins.expand(*batch, 3).reshape(-1, 3).numpy()
        found = np.asarray(self.intersector.intersects_first(eyes, rays))
        hit = found >= 0
        face, eye, ray = found[hit], eyes[hit], rays[hit]
        area = self.areas[face]
        along = ((self.corners[face, 0] - eye) * area).sum(1) / (ray * area).sum(1)
        point = eye + along[:, None] * ray
        facing = -np.sign((ray * area).sum(1, keepdims=True)) * area
        normal = torch.from_numpy(facing / np.sqrt((area * area).sum(1, keepdims=True)))
        albedo = torch.from_numpy(self.painted.albedo(face, self._barycentric(face, point)))
        colors = torch.full((len(rays), 3), BACKGROUND)
        distance, labels = torch.full((len(rays),), torch.inf), torch.zeros(len(rays))
        normals, where = torch.zeros(len(rays), 3), torch.from_numpy(hit)
        colors[where] = shaded(albedo, normal).float()
        distance[where] = torch.from_numpy(along).float()
        normals[where] = normal.float()
        labels[where] = torch.from_numpy(self.painted.labels[face]).float()
        return _Seen(
            colors.reshape(*batch, 3),
            distance.reshape(batch),
            normals.reshape(*batch, 3),
            labels.reshape(batch),
        )

    def _barycentric(self, face: NDArray[np.int64], point: Array) -> Array:
        """Shares of the corners (m, 3) at points on triangles; they sum to 1."""
        a, b, c = self.corners[face].transpose(1, 0, 2)
        area = self.areas[face]
        size = (area * area).sum(1)
        of_b = (np.cross(point - a, c - a) * area).sum(1) / size
        of_c = (np.cross(b - a, point - a) * area).sum(1) / size
        shares: Array = np.clip(np.stack([1 - of_b - of_c, of_b, of_c], axis=1), 0, 1)
        total: Array = shares.sum(axis=1, keepdims=True)
        return shares / total


def _check_request(
    K: Tensor, world_from_camera: Tensor, resolution: Resolution, supersample: int
) -> None:
    shape = tuple(world_from_camera.shape)
    if len(shape) != 3 or shape[1:] != (4, 4):
        raise SceneError(f"world_from_camera has shape {shape}; a mesh needs (views, 4, 4)")
    if K.shape not in ((3, 3), (1, 3, 3), (shape[0], 3, 3)):
        raise SceneError(f"K has shape {tuple(K.shape)}; give (3, 3), or {(shape[0], 3, 3)}")
    if len(resolution) != 2 or not all(isinstance(n, int) and n >= 1 for n in resolution):
        raise SceneError(
            f"resolution is (height, width), whole numbers of pixels, got {resolution}"
        )
    if not (isinstance(supersample, int) and 1 <= supersample <= 16):
        raise SceneError(f"supersample is a whole number in 1…16, got {supersample}")
    check_poses(world_from_camera)
    check_intrinsics(K, resolution)


def _near_far(
    painted: PaintedMesh, eyes: Array, near: float | None, far: float | None
) -> tuple[float, float]:
    low, high = painted.vertices.min(axis=0), painted.vertices.max(axis=0)
    if not len(eyes):
        eyes = (high + (high - low))[None]
    gap = np.sqrt((np.maximum(low - eyes, eyes - high).clip(0) ** 2).sum(1))
    reach = np.sqrt((np.maximum(high - eyes, eyes - low) ** 2).sum(1))
    far = float(reach.max()) * 1.001 if far is None else far
    near = max(float(gap.min()) * 0.999, 1e-3 * far) if near is None else near
    if not 0 < near < far:
        raise SceneError(f"near and far are distances with 0 < near < far, got {near} and {far}")
    return near, far
