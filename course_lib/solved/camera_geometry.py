# Generated from solutions/01_camera_geometry.py by `autograder handouts build`; do not edit.
"""The published answers of notebook 1 · Camera geometry."""

import math
from itertools import product

import torch
from torch import Tensor

from course_lib.shapes import Bool, Float


def homogenize_points(points: Float[Tensor, "*b d"]) -> Float[Tensor, "*b d+1"]:
    """Append the coordinate w = 1 to points. Batch shape, dtype and device are kept."""
    return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)


def homogenize_directions(directions: Float[Tensor, "*b d"]) -> Float[Tensor, "*b d+1"]:
    """Append the coordinate w = 0 to directions. Batch shape, dtype and device are kept."""
    return torch.cat([directions, torch.zeros_like(directions[..., :1])], dim=-1)


def transform(
    target_from_source: Float[Tensor, "*#b 4 4"], x: Float[Tensor, "*#b 4"]
) -> Float[Tensor, "*b 4"]:
    """Homogeneous vectors `x` of the source frame, in the target frame. Batch dimensions broadcast."""
    return torch.einsum("...ij,...j->...i", target_from_source, x)


def invert_rigid(target_from_source: Float[Tensor, "*b 4 4"]) -> Float[Tensor, "*b 4 4"]:
    """source_from_target of rigid motions (rotation and translation), in closed form, differentiable."""
    rotation, translation = target_from_source[..., :3, :3], target_from_source[..., :3, 3:]
    top = torch.cat([rotation.mT, -rotation.mT @ translation], dim=-1)
    return torch.cat([top, target_from_source[..., 3:, :]], dim=-2)


def cross_matrix(w: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """[w]ₓ, the matrix with [w]ₓ v = w × v. Given."""
    x, y, z = w.unbind(-1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).unflatten(-1, (3, 3))


def rotation_from_axis_angle(axis_angle: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """Rotation matrices by Rodrigues' formula; the angle in radians is the vector's length.

    Value and gradient are exact at the zero vector, where the result is the identity.
    """
    squared = axis_angle.square().sum(-1)[..., None, None]
    small = squared < 1e-6
    safe = torch.where(small, 1.0, squared)  # safe before the square root: gradients stay finite
    angle = safe.sqrt()
    sine = torch.where(small, 1 - squared / 6, angle.sin() / angle)
    cosine = torch.where(small, 0.5 - squared / 24, (1 - angle.cos()) / safe)
    skew = cross_matrix(axis_angle)
    identity = torch.eye(3, dtype=skew.dtype, device=skew.device)
    return identity + sine * skew + cosine * skew @ skew


def look_at(
    eye: Float[Tensor, "*#b 3"], target: Float[Tensor, "*#b 3"], up: Float[Tensor, "*#b 3"]
) -> Float[Tensor, "*b 4 4"]:
    """world_from_camera of an OpenCV camera at `eye` that looks at `target`, with `up` upwards in its image.

    `up` need not be of unit length, nor perpendicular to the view. Batch dimensions broadcast.

    Raises:
        ValueError: `up` is parallel to the viewing direction, or `eye` coincides with `target`.
    """
    eye, target, up = torch.broadcast_tensors(eye, target, up)
    forward = target - eye
    length = forward.norm(dim=-1, keepdim=True)
    if (length < 1e-8).any():
        raise ValueError("look_at: eye and target coincide, so there is no viewing direction")
    forward = forward / length
    right = torch.linalg.cross(forward, up)
    sine = right.norm(dim=-1, keepdim=True)
    if (sine < 1e-5 * up.norm(dim=-1, keepdim=True).clamp_min(1e-12)).any():
        raise ValueError("look_at: up is parallel to the viewing direction; choose another up")
    right = right / sine
    down = torch.linalg.cross(forward, right)
    pose = torch.stack([right, down, forward, eye], dim=-1)
    bottom = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=pose.dtype, device=pose.device)
    return torch.cat([pose, bottom.expand(*pose.shape[:-2], 1, 4)], dim=-2)


def convert_camera(
    pose: Float[Tensor, "*b 4 4"],
    source: str,
    target: str,
    source_maps: str = "world_from_camera",
    target_maps: str = "world_from_camera",
) -> Float[Tensor, "*b 4 4"]:
    """The same camera in another convention.

    Args:
        pose: rigid camera poses in the source convention.
        source, target: "opencv", "opengl", "blender" or "pytorch3d": the axes of the camera frame.
        source_maps, target_maps: "world_from_camera" or "camera_from_world": what the matrix does.

    Raises:
        ValueError: an unknown convention; the message names it.
    """
    # Where +x, +y, +z of each convention point along OpenCV's axes (right, down, forward).
    signs = {
        "opencv": (1.0, 1.0, 1.0),
        "opengl": (1.0, -1.0, -1.0),
        "blender": (1.0, -1.0, -1.0),
        "pytorch3d": (-1.0, -1.0, 1.0),
    }
    for name in (source, target):
        if name not in signs:
            raise ValueError(f"unknown camera convention {name!r}; known: {', '.join(signs)}")
    for maps in (source_maps, target_maps):
        if maps not in ("world_from_camera", "camera_from_world"):
            raise ValueError(f"a pose maps world_from_camera or camera_from_world, not {maps!r}")
    if source_maps == "camera_from_world":
        pose = invert_rigid(pose)
    flips = [a * b for a, b in zip(signs[source], signs[target], strict=True)]
    pose = pose * torch.tensor([*flips, 1.0], dtype=pose.dtype, device=pose.device)
    return pose if target_maps == "world_from_camera" else invert_rigid(pose)


def project(
    K: Float[Tensor, "*#b 3 3"], xyz: Float[Tensor, "*#b 3"]
) -> tuple[Float[Tensor, "*b 2"], Float[Tensor, "*b"], Bool[Tensor, "*b"]]:
    """Project points of the camera frame into the image.

    Returns:
        uv: image position; any finite value for points that are not in front.
        depth: z in the camera frame, of either sign.
        in_front: depth > 0.
    Gradients are finite everywhere, also at depth 0.
    """
    uvw = torch.einsum("...ij,...j->...i", K, xyz)
    depth = xyz[..., 2].expand(uvw.shape[:-1])
    in_front = depth > 1e-8
    safe = torch.where(in_front, depth, 1.0)  # safe before dividing, for the gradient's sake
    return uvw[..., :2] / safe[..., None], depth, in_front


def unproject(
    K: Float[Tensor, "*#b 3 3"], uv: Float[Tensor, "*#b 2"], depth: Float[Tensor, "*#b"]
) -> Float[Tensor, "*b 3"]:
    """Points of the camera frame that are seen at `uv` and lie at `depth` along the optical axis."""
    rays = torch.einsum("...ij,...j->...i", torch.linalg.inv(K), homogenize_points(uv))
    return rays * depth[..., None]


def pixel_centers(
    resolution: tuple[int, int], device: torch.device | str | None = None
) -> Float[Tensor, "height width 2"]:
    """uv of all pixel centres of an image of `resolution` (height, width), float32: entry [row, col] is (u, v)."""
    height, width = resolution
    v = (torch.arange(height, device=device, dtype=torch.float32) + 0.5) / height
    u = (torch.arange(width, device=device, dtype=torch.float32) + 0.5) / width
    grid_v, grid_u = torch.meshgrid(v, u, indexing="ij")
    return torch.stack([grid_u, grid_v], dim=-1)


def world_rays(
    uv: Float[Tensor, "*#b 2"],
    K: Float[Tensor, "*#b 3 3"],
    world_from_camera: Float[Tensor, "*#b 4 4"],
) -> tuple[Float[Tensor, "*b 3"], Float[Tensor, "*b 3"]]:
    """Origins and unit directions, in the world, of the rays that are seen at `uv`. Batch dimensions broadcast."""
    camera_directions = unproject(K, uv, torch.ones_like(uv[..., 0]))
    directions = transform(world_from_camera, homogenize_directions(camera_directions))[..., :3]
    directions = torch.nn.functional.normalize(directions, dim=-1)
    origins = world_from_camera[..., :3, 3].expand_as(directions)
    return origins, directions


def render_points(
    points: Float[Tensor, "n 3"],
    colors: Float[Tensor, "n 3"],
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "4 4"],
    resolution: tuple[int, int],
    background: float = 1.0,
) -> tuple[Float[Tensor, "height width 3"], Float[Tensor, "height width"]]:
    """Each world point colours the one pixel that it falls into; where several meet, the nearest is seen.

    Returns:
        image: `background` where nothing is seen.
        depth: z in the camera frame of the point that is seen, infinity where there is none.
    """
    height, width = resolution
    camera_from_world = invert_rigid(world_from_camera)
    uv, depth, in_front = project(
        K, transform(camera_from_world, homogenize_points(points))[..., :3]
    )
    inside = in_front & (uv >= 0).all(-1) & (uv < 1).all(-1)
    uv, depth, colors = uv[inside], depth[inside], colors[inside]
    column = (uv[:, 0] * width).long().clamp_max(width - 1)
    row = (uv[:, 1] * height).long().clamp_max(height - 1)
    pixel = row * width + column
    nearest = depth.new_full((height * width,), math.inf)
    nearest = nearest.scatter_reduce(0, pixel, depth, reduce="amin")
    wins = depth == nearest[pixel]
    image = colors.new_full((height * width, 3), background)
    image[pixel[wins]] = colors[wins]
    return image.reshape(height, width, 3), nearest.reshape(height, width)


def triangulate(
    origins: Float[Tensor, "*b views 3"], directions: Float[Tensor, "*b views 3"]
) -> tuple[Float[Tensor, "*b 3"], Bool[Tensor, "*b"]]:
    """The points nearest to `views` rays with unit directions, in the least-squares sense.

    Returns:
        points: finite everywhere.
        reliable: False where the rays are so nearly parallel that the point is undetermined
            (smallest eigenvalue of A / views below 1e-6).

    Raises:
        ValueError: fewer than two rays.
    """
    views = origins.shape[-2]
    if views < 2:
        raise ValueError(f"triangulate needs at least two rays, got {views}")
    identity = torch.eye(3, dtype=origins.dtype, device=origins.device)
    across = identity - directions[..., :, None] * directions[..., None, :]
    A = across.mean(-3)
    b = torch.einsum("...vij,...vj->...i", across, origins) / views
    reliable = torch.linalg.eigvalsh(A)[..., 0] > 1e-6
    A = torch.where(reliable[..., None, None], A, identity)
    return torch.linalg.solve(A, b[..., None])[..., 0], reliable


def fundamental_matrix(
    K_1: Float[Tensor, "*#b 3 3"],
    world_from_camera_1: Float[Tensor, "*#b 4 4"],
    K_2: Float[Tensor, "*#b 3 3"],
    world_from_camera_2: Float[Tensor, "*#b 4 4"],
) -> Float[Tensor, "*b 3 3"]:
    """F with x₂ᵀ F x₁ = 0 for homogeneous uv of the same point, Frobenius norm 1. Batch dimensions broadcast."""
    camera_2_from_camera_1 = invert_rigid(world_from_camera_2) @ world_from_camera_1
    rotation, translation = camera_2_from_camera_1[..., :3, :3], camera_2_from_camera_1[..., :3, 3]
    essential = cross_matrix(translation) @ rotation
    F = torch.linalg.inv(K_2).mT @ essential @ torch.linalg.inv(K_1)
    return F / F.norm(dim=(-2, -1), keepdim=True)


def eight_point(uv_1: Float[Tensor, "n 2"], uv_2: Float[Tensor, "n 2"]) -> Float[Tensor, "3 3"]:
    """F of rank 2 and Frobenius norm 1 with x₂ᵀ F x₁ ≈ 0 for n ≥ 8 matches (Hartley 1997, section 4).

    Works in any unit: uv, or pixels.

    Raises:
        ValueError: fewer than eight matches.
    """
    if len(uv_1) < 8:
        raise ValueError(f"the eight-point algorithm needs at least 8 matches, got {len(uv_1)}")

    def normalizer(uv: Tensor) -> Tensor:
        center = uv.mean(0)
        scale = math.sqrt(2) / (uv - center).norm(dim=-1).mean()
        N = torch.diag(torch.stack([scale, scale, torch.ones_like(scale)]))
        N[:2, 2] = -scale * center
        return N

    N_1, N_2 = normalizer(uv_1), normalizer(uv_2)
    x_1, x_2 = homogenize_points(uv_1) @ N_1.T, homogenize_points(uv_2) @ N_2.T
    A = (x_2[:, :, None] * x_1[:, None, :]).flatten(1)
    F = torch.linalg.svd(A, full_matrices=True)[2][-1].reshape(3, 3)
    U, S, Vh = torch.linalg.svd(F)
    F = N_2.T @ (U[:, :2] * S[:2]) @ Vh[:2] @ N_1
    return F / F.norm()


def estimate_pose(
    points: Float[Tensor, "n 3"],
    uv: Float[Tensor, "n 2"],
    K: Float[Tensor, "3 3"],
    initial_world_from_camera: Float[Tensor, "4 4"],
) -> Float[Tensor, "4 4"]:
    """world_from_camera that explains where world points appear in the image, found by optimisation.

    Converges from starting poses that are turned by as much as 50°. Deterministic; a second at most.
    """
    ones = torch.ones_like(uv[:, 0])
    seen = torch.nn.functional.normalize(unproject(K, uv, ones), dim=-1)

    def moved(motion: Tensor, world_from_camera: Tensor) -> Tensor:
        rotation = rotation_from_axis_angle(motion[:3])
        step = torch.cat([rotation, motion[3:, None]], dim=1)
        return world_from_camera @ torch.cat([step, world_from_camera[3:]], dim=0)

    def residual(motion: Tensor, world_from_camera: Tensor) -> Tensor:
        camera_from_world = invert_rigid(moved(motion, world_from_camera))
        xyz = transform(camera_from_world, homogenize_points(points))[:, :3]
        return (torch.nn.functional.normalize(xyz, dim=-1) - seen).flatten()

    pose, damping, still = initial_world_from_camera, 1e-2, torch.zeros(6).to(points)
    for _ in range(40):
        r = residual(still, pose)
        J = torch.autograd.functional.jacobian(
            lambda m, at=pose: residual(m, at), still, vectorize=True
        )
        normal = J.T @ J
        motion = -torch.linalg.solve(normal + damping * torch.eye(6).to(normal), J.T @ r)
        if residual(motion, pose).square().sum() < r.square().sum():
            pose, damping = moved(motion, pose), damping / 10
        else:
            damping = damping * 10
        if motion.norm() < 1e-5:
            break
    return pose


def find_convention(
    images: Float[Tensor, "v h w 3"],
    poses: Float[Tensor, "v 4 4"],
    K: Float[Tensor, "3 3"],
    points: Float[Tensor, "n 3"],
    colors: Float[Tensor, "n 3"],
) -> tuple[str, str]:
    """The convention in which `poses` are written, so that the points, rendered with them, give the images.

    Returns:
        axes: where +x, +y, +z of the camera point, such as "RDF" (OpenCV): one of 24 right-handed names.
        maps: "world_from_camera" or "camera_from_world": what the matrices do.
    """
    arrow = {
        "R": (1, 0, 0),
        "L": (-1, 0, 0),
        "D": (0, 1, 0),
        "U": (0, -1, 0),
        "F": (0, 0, 1),
        "B": (0, 0, -1),
    }
    resolution = (images.shape[1], images.shape[2])
    best, answer = math.inf, ("RDF", "world_from_camera")
    for letters in product("RLUDFB", repeat=3):
        opencv_from_unknown = torch.tensor(
            [arrow[letter] for letter in letters], dtype=poses.dtype
        ).T
        if torch.linalg.det(opencv_from_unknown) < 0.5:
            continue  # left-handed, or the same axis twice
        for maps in ("world_from_camera", "camera_from_world"):
            world_from_unknown = poses if maps == "world_from_camera" else invert_rigid(poses)
            world_from_opencv = world_from_unknown.clone()
            world_from_opencv[:, :3, :3] = world_from_unknown[:, :3, :3] @ opencv_from_unknown.T
            error = 0.0
            for image, pose in zip(images, world_from_opencv, strict=True):
                drawn, _ = render_points(points, colors, K, pose, resolution)
                error += float((drawn - image).square().mean())
                if error >= best:
                    break  # further views cannot mend it
            if error < best:
                best, answer = error, ("".join(letters), maps)
    return answer
