"""Answers to notebook 1 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# %% exercise="homogenize" wrong="directions get a one"
def homogenize_directions(directions):
    return torch.cat([directions, torch.ones_like(directions[..., :1])], dim=-1)

# %% exercise="homogenize" wrong="w comes first"
def homogenize_points(points):
    return torch.cat([torch.ones_like(points[..., :1]), points], dim=-1)

# %% exercise="homogenize" wrong="two dimensions only"
def homogenize_points(points):
    return torch.cat([points, torch.ones(points.shape[0], 1)], dim=1)

# %% exercise="homogenize" wrong="always float32"
def homogenize_points(points):
    return torch.cat([points.float(), torch.ones(*points.shape[:-1], 1)], dim=-1)

# %% exercise="homogenize" wrong="dimension hard-coded"
def homogenize_points(points):
    result = torch.ones(*points.shape[:-1], 4, dtype=points.dtype)
    result[..., :3] = points
    return result

# %% exercise="homogenize" wrong="points and directions confused"
def homogenize_points(points):
    return torch.cat([points, torch.zeros_like(points[..., :1])], dim=-1)
def homogenize_directions(directions):
    return torch.cat([directions, torch.ones_like(directions[..., :1])], dim=-1)

# %% exercise="homogenize" right="pad"
def homogenize_points(points):
    return torch.nn.functional.pad(points, (0, 1), value=1.0)
def homogenize_directions(directions):
    return torch.nn.functional.pad(directions, (0, 1))

# %% exercise="homogenize" right="fill a new tensor, non-contiguous result"
def homogenize_points(points):
    d = points.shape[-1]
    result = points.new_ones(d + 1, *points.shape[:-1]).movedim(0, -1)
    result[..., :d] = points
    return result

# %% exercise="transform" wrong="transposed"
def transform(target_from_source, x):
    return torch.einsum("...ji,...j->...i", target_from_source, x)

# %% exercise="transform" wrong="translation forgotten"
def transform(target_from_source, x):
    y = x.expand(torch.broadcast_shapes(x.shape, target_from_source.shape[:-1])).clone()
    y[..., :3] = torch.einsum("...ij,...j->...i", target_from_source[..., :3, :3], x[..., :3])
    return y

# %% exercise="transform" wrong="translates directions too"
def transform(target_from_source, x):
    y = torch.einsum("...ij,...j->...i", target_from_source[..., :3, :3], x[..., :3]) + target_from_source[..., :3, 3]
    w = x[..., 3:].expand(*y.shape[:-1], 1)
    return torch.cat([y, w], -1)

# %% exercise="transform" wrong="matrix times matrix"
def transform(target_from_source, x):
    if x.ndim == 1:
        return target_from_source @ x
    return (target_from_source @ x.mT).mT if target_from_source.ndim == 2 else target_from_source @ x

# %% exercise="transform" wrong="rotation ignored"
def transform(target_from_source, x):
    y = x.expand(torch.broadcast_shapes(x.shape, target_from_source.shape[:-1])).clone()
    y[..., :3] = y[..., :3] + target_from_source[..., :3, 3] * x[..., 3:]
    return y

# %% exercise="transform" right="matmul on columns"
def transform(target_from_source, x):
    return (target_from_source @ x[..., None])[..., 0]

# %% exercise="transform" right="sum of products in float64"
def transform(target_from_source, x):
    return (target_from_source.double() * x.double()[..., None, :]).sum(-1).to(x.dtype)

# %% exercise="invert_rigid" wrong="translation only negated"
def invert_rigid(target_from_source):
    result = target_from_source.clone()
    result[..., :3, :3] = target_from_source[..., :3, :3].mT
    result[..., :3, 3] = -target_from_source[..., :3, 3]
    return result

# %% exercise="invert_rigid" wrong="plain transpose"
def invert_rigid(target_from_source):
    return target_from_source.mT

# %% exercise="invert_rigid" wrong="rotated with R instead of its transpose"
def invert_rigid(target_from_source):
    R, t = target_from_source[..., :3, :3], target_from_source[..., :3, 3:]
    return torch.cat([torch.cat([R.mT, -R @ t], -1), target_from_source[..., 3:, :]], -2)

# %% exercise="invert_rigid" wrong="all dimensions reversed"
def invert_rigid(target_from_source):
    R, t = target_from_source[..., :3, :3], target_from_source[..., :3, 3:]
    Rt = R.permute(*reversed(range(R.ndim)))
    return torch.cat([torch.cat([Rt, -Rt @ t], -1), target_from_source[..., 3:, :]], -2)

# %% exercise="invert_rigid" wrong="detached"
def invert_rigid(target_from_source):
    return torch.linalg.inv(target_from_source.detach())

# %% exercise="invert_rigid" right="general inverse"
def invert_rigid(target_from_source):
    return torch.linalg.inv(target_from_source)

# %% exercise="invert_rigid" right="in place on a copy"
def invert_rigid(target_from_source):
    result = target_from_source.clone()
    result[..., :3, :3] = target_from_source[..., :3, :3].mT
    result[..., :3, 3] = -torch.einsum("...ji,...j->...i", target_from_source[..., :3, :3], target_from_source[..., :3, 3])
    return result

# %% exercise="rotation_from_axis_angle" wrong="left-handed"
def rotation_from_axis_angle(axis_angle):
    return torch.matrix_exp(-cross_matrix(axis_angle))

# %% exercise="rotation_from_axis_angle" wrong="NaN at zero"
def rotation_from_axis_angle(axis_angle):
    angle = axis_angle.norm(dim=-1)[..., None, None]
    skew = cross_matrix(axis_angle)
    return torch.eye(3).to(skew) + angle.sin() / angle * skew + (1 - angle.cos()) / angle**2 * skew @ skew

# %% exercise="rotation_from_axis_angle" wrong="right at zero, NaN gradient"
def rotation_from_axis_angle(axis_angle):
    angle = axis_angle.norm(dim=-1)[..., None, None]
    skew = cross_matrix(axis_angle)
    small = angle < 1e-3
    a = torch.where(small, 1 - angle**2 / 6, angle.sin() / angle)
    b = torch.where(small, 0.5 - angle**2 / 24, (1 - angle.cos()) / angle**2)
    return torch.eye(3).to(skew) + a * skew + b * skew @ skew

# %% exercise="rotation_from_axis_angle" wrong="epsilon swallows small angles"
def rotation_from_axis_angle(axis_angle):
    angle = (axis_angle.square().sum(-1) + 1e-3).sqrt()[..., None, None]
    skew = cross_matrix(axis_angle)
    return torch.eye(3).to(skew) + angle.sin() / angle * skew + (1 - angle.cos()) / angle**2 * skew @ skew

# %% exercise="rotation_from_axis_angle" wrong="identity for small angles"
def rotation_from_axis_angle(axis_angle):
    angle = axis_angle.norm(dim=-1)[..., None, None]
    R = torch.matrix_exp(cross_matrix(axis_angle))
    return torch.where(angle < 1e-2, torch.eye(3).to(R), R)

# %% exercise="rotation_from_axis_angle" wrong="degrees"
def rotation_from_axis_angle(axis_angle):
    return torch.matrix_exp(cross_matrix(axis_angle * math.pi / 180))

# %% exercise="rotation_from_axis_angle" wrong="first order only"
def rotation_from_axis_angle(axis_angle):
    return torch.eye(3).to(axis_angle) + cross_matrix(axis_angle)

# %% exercise="rotation_from_axis_angle" wrong="angle clamped at π"
def rotation_from_axis_angle(axis_angle):
    n = axis_angle.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    return torch.matrix_exp(cross_matrix(axis_angle / n * n.clamp_max(3.1)))

# %% exercise="rotation_from_axis_angle" right="matrix exponential"
def rotation_from_axis_angle(axis_angle):
    return torch.matrix_exp(cross_matrix(axis_angle))

# %% exercise="rotation_from_axis_angle" right="quaternion with sinc, float64 inside"
def rotation_from_axis_angle(axis_angle):
    v = axis_angle.double()
    squared = v.square().sum(-1, keepdim=True)
    tiny = squared < 1e-12
    angle = torch.where(tiny, torch.ones_like(squared), squared).sqrt()
    scale = torch.where(tiny, 0.5 - squared / 48, (angle / 2).sin() / angle)
    w = torch.where(tiny, 1 - squared / 8, (angle / 2).cos())[..., 0]
    x, y, z = (v * scale).unbind(-1)
    rows = [1-2*(y*y+z*z), 2*(x*y-w*z), 2*(x*z+w*y), 2*(x*y+w*z), 1-2*(x*x+z*z), 2*(y*z-w*x), 2*(x*z-w*y), 2*(y*z+w*x), 1-2*(x*x+y*y)]
    return torch.stack(rows, -1).unflatten(-1, (3, 3)).to(axis_angle.dtype)

# %% exercise="look_at" wrong="OpenGL axes"
_right_look_at = look_at
def look_at(eye, target, up):
    return _right_look_at(eye, target, up) * torch.tensor([1.0, -1.0, -1.0, 1.0])

# %% exercise="look_at" wrong="camera_from_world"
_right_look_at = look_at
def look_at(eye, target, up):
    return invert_rigid(_right_look_at(eye, target, up))

# %% exercise="look_at" wrong="upside down"
_right_look_at = look_at
def look_at(eye, target, up):
    return _right_look_at(eye, target, -up)

# %% exercise="look_at" wrong="axes as rows"
_right_look_at = look_at
def look_at(eye, target, up):
    pose = _right_look_at(eye, target, up).clone()
    pose[..., :3, :3] = pose[..., :3, :3].mT
    return pose

# %% exercise="look_at" wrong="right not normalised"
def look_at(eye, target, up):
    eye, target, up = torch.broadcast_tensors(eye, target, up)
    forward = torch.nn.functional.normalize(target - eye, dim=-1)
    right = torch.linalg.cross(forward, up)
    if (right.norm(dim=-1) < 1e-5).any():
        raise ValueError("up is parallel to the view, or eye is target")
    down = torch.linalg.cross(forward, right)
    pose = torch.stack([right, down, forward, eye], -1)
    return torch.cat([pose, torch.tensor([0.0, 0, 0, 1]).expand(*pose.shape[:-2], 1, 4)], -2)

# %% exercise="look_at" wrong="NaN instead of an error"
def look_at(eye, target, up):
    eye, target, up = torch.broadcast_tensors(eye, target, up)
    forward = torch.nn.functional.normalize(target - eye, dim=-1)
    right = torch.nn.functional.normalize(torch.linalg.cross(forward, up), dim=-1)
    down = torch.linalg.cross(forward, right)
    pose = torch.stack([right, down, forward, eye], -1)
    return torch.cat([pose, torch.tensor([0.0, 0, 0, 1]).expand(*pose.shape[:-2], 1, 4)], -2)

# %% exercise="look_at" wrong="no batches"
_right_look_at = look_at
def look_at(eye, target, up):
    assert eye.ndim == 1, "one camera at a time"
    return _right_look_at(eye, target, up)

# %% exercise="look_at" right="torch.cross and a filled matrix"
def look_at(eye, target, up):
    z = target - eye
    if (z.norm(dim=-1) == 0).any():
        raise ValueError("eye and target are the same point")
    z = z / z.norm(dim=-1, keepdim=True)
    u = (up / up.norm(dim=-1, keepdim=True)).expand_as(z)
    if (torch.linalg.cross(z, u).norm(dim=-1) < 1e-4).any():
        raise ValueError("`up` must not be parallel to the view")
    y = -(u - (u * z).sum(-1, keepdim=True) * z)
    y = y / y.norm(dim=-1, keepdim=True)
    pose = torch.eye(4).repeat(*z.shape[:-1], 1, 1)
    pose[..., :3, 0], pose[..., :3, 1], pose[..., :3, 2], pose[..., :3, 3] = torch.linalg.cross(y, z), y, z, eye
    return pose

# %% exercise="look_at" right="own error class, float64 inside"
class DegenerateUp(ValueError):
    pass
_right_look_at = look_at
def look_at(eye, target, up):
    try:
        return _right_look_at(eye.double(), target.double(), up.double()).float()
    except ValueError as error:
        raise DegenerateUp(f"degenerate view: {error}") from None

# %% exercise="convert_camera" wrong="flips from the left"
_right_convert = convert_camera
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    eye = torch.eye(4)
    return _right_convert(eye, source, target) @ _right_convert(pose, "opencv", "opencv", source_maps, target_maps) if source in ("opencv", "opengl", "blender", "pytorch3d") and target in ("opencv", "opengl", "blender", "pytorch3d") else _right_convert(pose, source, target)

# %% exercise="convert_camera" wrong="position flipped too"
_right_convert = convert_camera
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    flip = _right_convert(torch.eye(4), source, target)
    return flip @ _right_convert(pose, source, source, source_maps, target_maps) @ flip

# %% exercise="convert_camera" wrong="direction of the mapping ignored"
_right_convert = convert_camera
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    return _right_convert(pose, source, target)

# %% exercise="convert_camera" wrong="PyTorch3D like OpenGL"
_right_convert = convert_camera
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    source, target = (s.replace("pytorch3d", "opengl") for s in (source, target))
    return _right_convert(pose, source, target, source_maps, target_maps)

# %% exercise="convert_camera" wrong="PyTorch3D flips x only"
_right_convert = convert_camera
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    wrong = torch.ones(4)
    if (source == "pytorch3d") != (target == "pytorch3d"):
        wrong[1] = -1
    result = _right_convert(pose, source, target, source_maps, target_maps)
    return result * wrong if target_maps == "world_from_camera" else result * wrong[:, None]

# %% exercise="convert_camera" wrong="unknown names pass silently"
_right_convert = convert_camera
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    known = ("opencv", "opengl", "blender", "pytorch3d")
    return _right_convert(pose, source if source in known else "opencv", target if target in known else "opencv", source_maps, target_maps)

# %% exercise="convert_camera" right="matrix products through OpenCV"
FLIP_YZ = torch.diag(torch.tensor([1.0, -1.0, -1.0, 1.0]))
FLIP_XY = torch.diag(torch.tensor([-1.0, -1.0, 1.0, 1.0]))
OPENCV_FROM = dict(opencv=torch.eye(4), opengl=FLIP_YZ, blender=FLIP_YZ, pytorch3d=FLIP_XY)
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    for name in (source, target):
        if name not in OPENCV_FROM:
            raise ValueError("I do not know the convention " + name)
    if source_maps == "camera_from_world":
        pose = torch.linalg.inv(pose)
    pose = pose @ OPENCV_FROM[source].to(pose) @ OPENCV_FROM[target].to(pose).T
    if target_maps == "camera_from_world":
        pose = torch.linalg.inv(pose)
    return pose

# %% exercise="convert_camera" right="columns negated on a copy, KeyError turned into ValueError"
AXES_TO_NEGATE = {"opencv": [], "opengl": [1, 2], "blender": [1, 2], "pytorch3d": [0, 1]}
def _negate(pose, axes):
    pose = pose.clone()
    for axis in axes:
        pose[..., :3, axis] *= -1
    return pose
def convert_camera(pose, source, target, source_maps="world_from_camera", target_maps="world_from_camera"):
    pose = invert_rigid(pose) if source_maps == "camera_from_world" else pose
    try:
        pose = _negate(_negate(pose, AXES_TO_NEGATE[source]), AXES_TO_NEGATE[target])
    except KeyError as error:
        raise ValueError(f"no such convention: {error}") from error
    return invert_rigid(pose) if target_maps == "camera_from_world" else pose

# %% exercise="project" wrong="depth is distance"
_right_project = project
def project(K, xyz):
    uv, depth, in_front = _right_project(K, xyz)
    return uv, xyz.norm(dim=-1).expand(depth.shape) * depth.sign(), in_front

# %% exercise="project" wrong="skew ignored"
_right_project = project
def project(K, xyz):
    K = K.clone()
    K[..., 0, 1] = 0
    return _right_project(K, xyz)

# %% exercise="project" wrong="u and v swapped"
_right_project = project
def project(K, xyz):
    uv, depth, in_front = _right_project(K, xyz)
    return uv.flip(-1), depth, in_front

# %% exercise="project" wrong="everything is in front"
_right_project = project
def project(K, xyz):
    uv, depth, in_front = _right_project(K, xyz)
    return uv, depth, torch.ones_like(in_front)

# %% exercise="project" wrong="divides by zero"
def project(K, xyz):
    uvw = torch.einsum("...ij,...j->...i", K, xyz)
    depth = xyz[..., 2].expand(uvw.shape[:-1])
    return uvw[..., :2] / depth[..., None], depth, depth > 0

# %% exercise="project" wrong="NaN gradient from where"
def project(K, xyz):
    uvw = torch.einsum("...ij,...j->...i", K, xyz)
    depth = xyz[..., 2].expand(uvw.shape[:-1])
    front = depth > 1e-8
    return torch.where(front[..., None], uvw[..., :2] / depth[..., None], 0.0), depth, front

# %% exercise="project" wrong="no division"
_right_project = project
def project(K, xyz):
    uv, depth, in_front = _right_project(K, xyz)
    return uv * depth[..., None], depth, in_front

# %% exercise="project" wrong="K transposed"
_right_project = project
def project(K, xyz):
    return _right_project(K.mT, xyz)

# %% exercise="project" wrong="depth clamped, so points behind look near"
_right_project = project
def project(K, xyz):
    uv, depth, in_front = _right_project(K, xyz)
    return uv, depth.clamp_min(0), in_front

# %% exercise="project" wrong="in_front as numbers"
_right_project = project
def project(K, xyz):
    uv, depth, in_front = _right_project(K, xyz)
    return uv, depth, in_front.float()

# %% exercise="project" right="clamped depth and matmul"
def project(K, xyz):
    uvw = (K @ xyz[..., None])[..., 0]
    depth = uvw[..., 2]
    return uvw[..., :2] / depth.clamp(min=1e-6)[..., None], depth, depth > 1e-6

# %% exercise="project" right="formula by hand, a list of three"
def project(K, xyz):
    x, y, z = xyz.unbind(-1)
    front = z > 0
    safe = torch.where(front & (z > 1e-20), z, torch.ones_like(z))
    u = (K[..., 0, 0] * x + K[..., 0, 1] * y) / safe + K[..., 0, 2]
    v = K[..., 1, 1] * y / safe + K[..., 1, 2]
    z, front = z.expand(u.shape), front.expand(u.shape)
    return [torch.stack([u, v], -1), z, front & (z > 1e-20)]

# %% exercise="unproject" wrong="distance along a unit ray"
_right_unproject = unproject
def unproject(K, uv, depth):
    ray = _right_unproject(K, uv, torch.ones_like(uv[..., 0]))
    return torch.nn.functional.normalize(ray, dim=-1) * depth[..., None]

# %% exercise="unproject" wrong="skew ignored"
_right_unproject = unproject
def unproject(K, uv, depth):
    K = K.clone()
    K[..., 0, 1] = 0
    return _right_unproject(K, uv, depth)

# %% exercise="unproject" wrong="multiplies by K"
def unproject(K, uv, depth):
    return torch.einsum("...ij,...j->...i", K, homogenize_points(uv)) * depth[..., None]

# %% exercise="unproject" wrong="z is not scaled"
_right_unproject = unproject
def unproject(K, uv, depth):
    xyz = _right_unproject(K, uv, depth)
    return torch.cat([xyz[..., :2], torch.ones_like(xyz[..., 2:])], -1)

# %% exercise="unproject" wrong="principal point at 0.5"
_right_unproject = unproject
def unproject(K, uv, depth):
    K = K.clone()
    K[..., 0, 2] = K[..., 1, 2] = 0.5
    return _right_unproject(K, uv, depth)

# %% exercise="unproject" right="solve, parameters renamed"
def unproject(intrinsics, uv, z):
    K, depth = intrinsics, z
    uv1 = homogenize_points(uv)
    batch = torch.broadcast_shapes(K.shape[:-2], uv.shape[:-1])
    rays = torch.linalg.solve(K.expand(*batch, 3, 3), uv1.expand(*batch, 3)[..., None])[..., 0]
    return depth[..., None] * rays

# %% exercise="unproject" right="back substitution"
def unproject(K, uv, depth):
    y = (uv[..., 1] - K[..., 1, 2]) / K[..., 1, 1]
    x = (uv[..., 0] - K[..., 0, 2] - K[..., 0, 1] * y) / K[..., 0, 0]
    x, y, depth = torch.broadcast_tensors(x, y, depth)
    return torch.stack([x * depth, y * depth, depth], -1)

# %% exercise="pixel_centers" wrong="no half pixel"
def pixel_centers(resolution, device=None):
    h, w = resolution
    v, u = torch.meshgrid(torch.arange(h) / h, torch.arange(w) / w, indexing="ij")
    return torch.stack([u, v], -1)

# %% exercise="pixel_centers" wrong="v before u"
_right_centers = pixel_centers
def pixel_centers(resolution, device=None):
    return _right_centers(resolution).flip(-1)

# %% exercise="pixel_centers" wrong="width and height swapped"
_right_centers = pixel_centers
def pixel_centers(resolution, device=None):
    return _right_centers((resolution[1], resolution[0]))

# %% exercise="pixel_centers" wrong="corners on 0 and 1"
def pixel_centers(resolution, device=None):
    h, w = resolution
    v, u = torch.meshgrid(torch.linspace(0, 1, h), torch.linspace(0, 1, w), indexing="ij")
    return torch.stack([u, v], -1)

# %% exercise="pixel_centers" wrong="in pixels"
_right_centers = pixel_centers
def pixel_centers(resolution, device=None):
    return _right_centers(resolution) * torch.tensor([resolution[1], resolution[0]])

# %% exercise="pixel_centers" right="linspace between half pixels"
def pixel_centers(resolution, device=None):
    h, w = resolution
    v = torch.linspace(0.5 / h, 1 - 0.5 / h, h, dtype=torch.float64) if h > 1 else torch.tensor([0.5])
    u = torch.linspace(0.5 / w, 1 - 0.5 / w, w, dtype=torch.float64) if w > 1 else torch.tensor([0.5])
    return torch.stack(torch.meshgrid(u, v, indexing="xy"), -1).float()

# %% exercise="pixel_centers" right="from indices, an expanded view"
def pixel_centers(resolution, device=None):
    h, w = resolution
    rows_cols = torch.ones(h, w).nonzero().reshape(h, w, 2) + 0.5
    return (rows_cols / torch.tensor([h, w])).flip(-1)

# %% exercise="world_rays" wrong="rotation ignored"
def world_rays(uv, K, world_from_camera):
    d = torch.nn.functional.normalize(unproject(K, uv, torch.ones_like(uv[..., 0])), dim=-1)
    batch = torch.broadcast_shapes(d.shape[:-1], world_from_camera.shape[:-2])
    return world_from_camera[..., :3, 3].expand(*batch, 3), d.expand(*batch, 3)

# %% exercise="world_rays" wrong="rotation transposed"
_right_rays = world_rays
def world_rays(uv, K, world_from_camera):
    T = world_from_camera.clone()
    T[..., :3, :3] = T[..., :3, :3].mT
    return _right_rays(uv, K, T)

# %% exercise="world_rays" wrong="directions not normalised"
def world_rays(uv, K, world_from_camera):
    d = unproject(K, uv, torch.ones_like(uv[..., 0]))
    d = transform(world_from_camera, homogenize_directions(d))[..., :3]
    return world_from_camera[..., :3, 3].expand_as(d), d

# %% exercise="world_rays" wrong="directions moved like points"
def world_rays(uv, K, world_from_camera):
    d = unproject(K, uv, torch.ones_like(uv[..., 0]))
    d = transform(world_from_camera, homogenize_points(d))[..., :3]
    return world_from_camera[..., :3, 3].expand_as(d), torch.nn.functional.normalize(d, dim=-1)

# %% exercise="world_rays" wrong="backwards"
_right_rays = world_rays
def world_rays(uv, K, world_from_camera):
    o, d = _right_rays(uv, K, world_from_camera)
    return o, -d

# %% exercise="world_rays" wrong="origin of the inverse pose"
_right_rays = world_rays
def world_rays(uv, K, world_from_camera):
    o, d = _right_rays(uv, K, world_from_camera)
    return -o, d

# %% exercise="world_rays" wrong="origins not broadcast"
_right_rays = world_rays
def world_rays(uv, K, world_from_camera):
    _, d = _right_rays(uv, K, world_from_camera)
    return world_from_camera[..., :3, 3], d

# %% exercise="world_rays" right="two points along the ray"
def world_rays(uv, K, world_from_camera):
    far = unproject(K, uv, torch.full_like(uv[..., 0], 2.0))
    far = transform(world_from_camera, homogenize_points(far))[..., :3]
    origins = world_from_camera[..., :3, 3] + torch.zeros_like(far)
    offset = far - origins
    return origins, offset / offset.norm(dim=-1, keepdim=True)

# %% exercise="world_rays" right="one matrix, float64 inside"
def world_rays(uv, K, world_from_camera):
    world_from_uv = world_from_camera[..., :3, :3].double() @ torch.linalg.inv(K.double())
    d = (world_from_uv @ homogenize_points(uv).double()[..., None]).squeeze(-1)
    d = d / d.norm(dim=-1, keepdim=True)
    return world_from_camera[..., :3, 3].expand(d.shape), d

# %% exercise="render_points" wrong="points behind the camera drawn"
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    xyz = transform(invert_rigid(world_from_camera), homogenize_points(points))[..., :3]
    uvw = xyz @ K.T
    uv, depth = uvw[:, :2] / uvw[:, 2:], xyz[:, 2].abs()
    keep = ((uv >= 0) & (uv < 1)).all(-1)
    uv, depth, colors = uv[keep], depth[keep], colors[keep]
    order = depth.argsort(descending=True)
    image, zbuffer = torch.full((h, w, 3), background), torch.full((h, w), math.inf)
    for i in order.tolist():
        r, c = int(uv[i, 1] * h), int(uv[i, 0] * w)
        image[r, c], zbuffer[r, c] = colors[i], depth[i]
    return image, zbuffer

# %% exercise="render_points" wrong="no z-buffer"
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    xyz = transform(invert_rigid(world_from_camera), homogenize_points(points))[..., :3]
    uv, depth, front = project(K, xyz)
    image, zbuffer = torch.full((h, w, 3), background), torch.full((h, w), math.inf)
    for p, c, d, f in zip(uv, colors, depth, front):
        if f and (p >= 0).all() and (p < 1).all():
            image[int(p[1] * h), int(p[0] * w)], zbuffer[int(p[1] * h), int(p[0] * w)] = c, d
    return image, zbuffer

# %% exercise="render_points" wrong="farthest point wins"
_right_render = render_points
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    xyz = transform(invert_rigid(world_from_camera), homogenize_points(points))[..., :3]
    uv, depth, front = project(K, xyz)
    image, zbuffer = torch.full((h, w, 3), background), torch.full((h, w), math.inf)
    for i in depth.argsort().tolist():
        p = uv[i]
        if front[i] and (p >= 0).all() and (p < 1).all():
            image[int(p[1] * h), int(p[0] * w)], zbuffer[int(p[1] * h), int(p[0] * w)] = colors[i], depth[i]
    return image, zbuffer

# %% exercise="render_points" wrong="rows and columns swapped"
_right_render = render_points
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    image, depth = _right_render(points, colors, K[[1, 0, 2]], world_from_camera, resolution, background)
    return image, depth

# %% exercise="render_points" wrong="clamped to the border"
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    xyz = transform(invert_rigid(world_from_camera), homogenize_points(points))[..., :3]
    uv, depth, front = project(K, xyz)
    uv, depth, colors = uv[front], depth[front], colors[front]
    order = depth.argsort(descending=True)
    image, zbuffer = torch.full((h, w, 3), background), torch.full((h, w), math.inf)
    for i in order.tolist():
        r, c = min(max(int(uv[i, 1] * h), 0), h - 1), min(max(int(uv[i, 0] * w), 0), w - 1)
        image[r, c], zbuffer[r, c] = colors[i], depth[i]
    return image, zbuffer

# %% exercise="render_points" wrong="truncated towards zero, so −0.02 counts as 0"
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    xyz = transform(invert_rigid(world_from_camera), homogenize_points(points))[..., :3]
    uv, depth, front = project(K, xyz)
    image, zbuffer = torch.full((h, w, 3), background), torch.full((h, w), math.inf)
    for i in depth.argsort(descending=True).tolist():
        r, c = int(uv[i, 1] * h), int(uv[i, 0] * w)
        if front[i] and 0 <= r < h and 0 <= c < w:
            image[r, c], zbuffer[r, c] = colors[i], depth[i]
    return image, zbuffer

# %% exercise="render_points" wrong="rounds instead of flooring"
_right_render = render_points
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    K = K.clone()
    K[0] += 0.5 / w * K[2]
    K[1] += 0.5 / h * K[2]
    return _right_render(points, colors, K, world_from_camera, resolution, background)

# %% exercise="render_points" wrong="depth is distance"
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    xyz = transform(invert_rigid(world_from_camera), homogenize_points(points))[..., :3]
    uv, depth, front = project(K, xyz)
    depth = xyz.norm(dim=-1)
    image, zbuffer = torch.full((h, w, 3), background), torch.full((h, w), math.inf)
    for i in depth.argsort(descending=True).tolist():
        p = uv[i]
        if front[i] and (p >= 0).all() and (p < 1).all():
            image[int(p[1] * h), int(p[0] * w)], zbuffer[int(p[1] * h), int(p[0] * w)] = colors[i], depth[i]
    return image, zbuffer

# %% exercise="render_points" wrong="background ignored"
_right_render = render_points
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    return _right_render(points, colors, K, world_from_camera, resolution)

# %% exercise="render_points" wrong="black background"
_right_render = render_points
def render_points(points, colors, K, world_from_camera, resolution, background=0.0):
    return _right_render(points, colors, K, world_from_camera, resolution, background)

# %% exercise="render_points" wrong="pose not inverted"
_right_render = render_points
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    return _right_render(points, colors, K, invert_rigid(world_from_camera), resolution, background)

# %% exercise="render_points" right="painter's loop"
def _pixel(position, resolution):
    return int(position[1] * resolution[0]), int(position[0] * resolution[1])
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    xyz = transform(invert_rigid(world_from_camera), homogenize_points(points))[..., :3]
    uv, depth, front = project(K, xyz)
    image, zbuffer = torch.full((*resolution, 3), background), torch.full(resolution, math.inf)
    for i in depth.argsort(descending=True).tolist():
        if front[i] and 0 <= uv[i, 0] < 1 and 0 <= uv[i, 1] < 1:
            r, c = _pixel(uv[i], resolution)
            image[r, c], zbuffer[r, c] = colors[i], depth[i]
    return image, zbuffer

# %% exercise="render_points" right="sorted, image built transposed"
def render_points(points, colors, K, world_from_camera, resolution, background=1.0):
    h, w = resolution
    xyz = (points - world_from_camera[:3, 3]) @ world_from_camera[:3, :3]
    uv, depth, front = project(K, xyz)
    inside = front & ((uv >= 0) & (uv < 1)).all(dim=1)
    uv, depth, colors = uv[inside], depth[inside], colors[inside]
    order = depth.argsort()
    cell = ((uv[:, 0] * w).floor().long() * h + (uv[:, 1] * h).floor().long())[order]
    seen, first = {}, []
    for position, c in zip(order.tolist(), cell.tolist()):
        if c not in seen:
            seen[c] = position
    image, zbuffer = torch.full((3, w * h), float(background)), torch.full((w * h,), torch.inf)
    for c, position in seen.items():
        image[:, c], zbuffer[c] = colors[position], depth[position]
    return image.reshape(3, w, h).permute(2, 1, 0), zbuffer.reshape(w, h).T

# %% exercise="triangulate" wrong="mean of the origins"
def triangulate(origins, directions):
    if origins.shape[-2] < 2:
        raise ValueError("two rays")
    point = origins.mean(-2)
    return point, torch.ones(point.shape[:-1], dtype=torch.bool)

# %% exercise="triangulate" wrong="only the first two rays"
_right_triangulate = triangulate
def triangulate(origins, directions):
    return _right_triangulate(origins[..., :2, :], directions[..., :2, :])

# %% exercise="triangulate" wrong="always reliable"
_right_triangulate = triangulate
def triangulate(origins, directions):
    points, reliable = _right_triangulate(origins, directions)
    return points, torch.ones_like(reliable)

# %% exercise="triangulate" wrong="origins not projected"
_right_triangulate = triangulate
def triangulate(origins, directions):
    _, reliable = _right_triangulate(origins, directions)
    A = (torch.eye(3) - directions[..., :, None] * directions[..., None, :]).mean(-3)
    return torch.einsum("...ij,...j->...i", torch.linalg.pinv(A), origins.mean(-2)), reliable

# %% exercise="triangulate" wrong="NaN for parallel rays"
_right_triangulate = triangulate
def triangulate(origins, directions):
    points, reliable = _right_triangulate(origins, directions)
    return torch.where(reliable[..., None], points, torch.nan), reliable

# %% exercise="triangulate" wrong="one ray is enough"
_right_triangulate = triangulate
def triangulate(origins, directions):
    if origins.shape[-2] == 1:
        return origins[..., 0, :], torch.zeros(origins.shape[:-2], dtype=torch.bool)
    return _right_triangulate(origins, directions)

# %% exercise="triangulate" wrong="no batches"
_right_triangulate = triangulate
def triangulate(origins, directions):
    if origins.ndim > 2:
        origins, directions = origins.flatten(0, -2), directions.flatten(0, -2)
    return _right_triangulate(origins, directions)

# %% exercise="triangulate" right="least squares on stacked rows"
def triangulate(origins, directions):
    if origins.shape[-2] < 2:
        raise ValueError("need two or more rays")
    across = torch.eye(3) - directions.unsqueeze(-1) @ directions.unsqueeze(-2)
    rows = across.flatten(-3, -2)
    right = (across @ origins.unsqueeze(-1)).flatten(-3, -2)
    smallest = torch.linalg.svdvals(rows.double())[..., -1]
    points = (torch.linalg.pinv(rows.double(), rcond=1e-4) @ right.double()).squeeze(-1)
    return points.float(), smallest**2 / origins.shape[-2] > 1e-6

# %% exercise="triangulate" right="pseudo-inverse, largest cross product"
def triangulate(origins, directions):
    views = origins.shape[-2]
    if views < 2:
        raise ValueError("a point needs at least 2 views")
    o, d = origins.double(), directions.double()
    P = torch.eye(3).double() - torch.einsum("...i,...j->...ij", d, d)
    A, b = P.sum(-3), torch.einsum("...vij,...vj->...i", P, o)
    points = torch.linalg.pinv(A, hermitian=True, rtol=1e-7) @ b[..., None]
    sine = torch.linalg.cross(d[..., :, None, :], d[..., None, :, :]).norm(dim=-1).amax((-2, -1))
    return points[..., 0], sine > 2e-3

# %% exercise="fundamental_matrix" wrong="transposed"
_right_fundamental = fundamental_matrix
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    return _right_fundamental(K_1, world_from_camera_1, K_2, world_from_camera_2).mT

# %% exercise="fundamental_matrix" wrong="essential matrix"
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    T = invert_rigid(world_from_camera_2) @ world_from_camera_1
    E = cross_matrix(T[..., :3, 3]) @ T[..., :3, :3]
    return E / E.norm(dim=(-2, -1), keepdim=True)

# %% exercise="fundamental_matrix" wrong="relative pose the wrong way"
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    T = invert_rigid(world_from_camera_1) @ world_from_camera_2
    E = cross_matrix(T[..., :3, 3]) @ T[..., :3, :3]
    F = torch.linalg.inv(K_2).mT @ E @ torch.linalg.inv(K_1)
    return F / F.norm(dim=(-2, -1), keepdim=True)

# %% exercise="fundamental_matrix" wrong="K_1 twice"
_right_fundamental = fundamental_matrix
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    return _right_fundamental(K_1, world_from_camera_1, K_1.expand_as(K_2), world_from_camera_2)

# %% exercise="fundamental_matrix" wrong="not normalised"
_right_fundamental = fundamental_matrix
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    return 2 * _right_fundamental(K_1, world_from_camera_1, K_2, world_from_camera_2)

# %% exercise="fundamental_matrix" wrong="zero"
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    return torch.zeros(*world_from_camera_2.shape[:-2], 3, 3)

# %% exercise="fundamental_matrix" wrong="so large that its norm overflows"
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    return torch.full((3, 3), 1e200, dtype=torch.float64)

# %% exercise="fundamental_matrix" wrong="one norm for the whole batch"
_right_fundamental = fundamental_matrix
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    F = _right_fundamental(K_1, world_from_camera_1, K_2, world_from_camera_2)
    return F / F.norm()

# %% exercise="fundamental_matrix" right="from the epipole, other sign"
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    T = torch.linalg.inv(world_from_camera_2) @ world_from_camera_1
    epipole = (K_2 @ T[..., :3, 3:])[..., 0]
    F = -cross_matrix(epipole) @ K_2 @ T[..., :3, :3] @ torch.linalg.inv(K_1)
    return F / F.square().sum((-2, -1), keepdim=True).sqrt()

# %% exercise="fundamental_matrix" right="solve instead of inverse, float64"
def fundamental_matrix(K_1, world_from_camera_1, K_2, world_from_camera_2):
    K_1, K_2 = K_1.double(), K_2.double()
    T = (invert_rigid(world_from_camera_2) @ world_from_camera_1).double()
    E = cross_matrix(T[..., :3, 3]) @ T[..., :3, :3]
    F = torch.linalg.solve(K_2.mT, E)
    F = torch.linalg.solve(K_1.mT, F.mT).mT
    return (F / torch.linalg.matrix_norm(F, keepdim=True)).float()

# %% exercise="eight_point" wrong="not normalised"
def eight_point(uv_1, uv_2):
    if len(uv_1) < 8:
        raise ValueError("8 matches")
    x_1, x_2 = homogenize_points(uv_1), homogenize_points(uv_2)
    A = (x_2[:, :, None] * x_1[:, None, :]).flatten(1)
    F = torch.linalg.svd(A, full_matrices=True)[2][-1].reshape(3, 3)
    U, S, Vh = torch.linalg.svd(F)
    F = (U[:, :2] * S[:2]) @ Vh[:2]
    return F / F.norm()

# %% exercise="eight_point" wrong="full rank"
def eight_point(uv_1, uv_2):
    if len(uv_1) < 8:
        raise ValueError("8 matches")
    def N(uv):
        c = uv.mean(0)
        s = math.sqrt(2) / (uv - c).norm(dim=-1).mean()
        return torch.tensor([[s, 0, -s * c[0]], [0, s, -s * c[1]], [0, 0, 1]])
    N_1, N_2 = N(uv_1), N(uv_2)
    x_1, x_2 = homogenize_points(uv_1) @ N_1.T, homogenize_points(uv_2) @ N_2.T
    A = (x_2[:, :, None] * x_1[:, None, :]).flatten(1)
    F = N_2.T @ torch.linalg.svd(A, full_matrices=True)[2][-1].reshape(3, 3) @ N_1
    return F / F.norm()

# %% exercise="eight_point" wrong="transposed"
_right_eight = eight_point
def eight_point(uv_1, uv_2):
    return _right_eight(uv_1, uv_2).T

# %% exercise="eight_point" wrong="normalisation not undone"
def eight_point(uv_1, uv_2):
    if len(uv_1) < 8:
        raise ValueError("8 matches")
    n_1, n_2 = ((uv - uv.mean(0)) / (uv - uv.mean(0)).norm(dim=-1).mean() for uv in (uv_1, uv_2))
    x_1, x_2 = homogenize_points(n_1), homogenize_points(n_2)
    A = (x_2[:, :, None] * x_1[:, None, :]).flatten(1)
    F = torch.linalg.svd(A, full_matrices=True)[2][-1].reshape(3, 3)
    U, S, Vh = torch.linalg.svd(F)
    F = (U[:, :2] * S[:2]) @ Vh[:2]
    return F / F.norm()

# %% exercise="eight_point" wrong="reduced SVD fails with eight matches"
def eight_point(uv_1, uv_2):
    if len(uv_1) < 8:
        raise ValueError("8 matches")
    def N(uv):
        c = uv.mean(0)
        s = math.sqrt(2) / (uv - c).norm(dim=-1).mean()
        return torch.tensor([[s, 0, -s * c[0]], [0, s, -s * c[1]], [0, 0, 1]])
    N_1, N_2 = N(uv_1), N(uv_2)
    x_1, x_2 = homogenize_points(uv_1) @ N_1.T, homogenize_points(uv_2) @ N_2.T
    A = (x_2[:, :, None] * x_1[:, None, :]).flatten(1)
    F = torch.linalg.svd(A, full_matrices=False)[2][-1].reshape(3, 3)
    U, S, Vh = torch.linalg.svd(F)
    F = N_2.T @ (U[:, :2] * S[:2]) @ Vh[:2] @ N_1
    return F / F.norm()

# %% exercise="eight_point" wrong="seven are accepted"
_right_eight = eight_point
def eight_point(uv_1, uv_2):
    if len(uv_1) < 8:
        uv_1, uv_2 = torch.cat([uv_1, uv_1]), torch.cat([uv_2, uv_2])
    return _right_eight(uv_1, uv_2)

# %% exercise="eight_point" right="eigenvectors in float64"
def eight_point(uv_1, uv_2):
    if len(uv_1) < 8:
        raise ValueError("at least eight matches are needed")
    def normalized(uv):
        uv = uv.double()
        center, spread = uv.mean(0), uv.std()
        N = torch.eye(3).double()
        N[0, 0] = N[1, 1] = 1 / spread
        N[:2, 2] = -center / spread
        return homogenize_points(uv) @ N.T, N
    (x_1, N_1), (x_2, N_2) = normalized(uv_1), normalized(uv_2)
    A = torch.einsum("ni,nj->nij", x_2, x_1).reshape(-1, 9)
    F = torch.linalg.eigh(A.T @ A).eigenvectors[:, 0].reshape(3, 3)
    U, S, Vh = torch.linalg.svd(F)
    S[2] = 0
    F = N_2.T @ U @ torch.diag(S) @ Vh @ N_1
    return -F / F.norm()

# %% exercise="eight_point" right="smallest component removed, not truncated"
def eight_point(uv_1, uv_2):
    if uv_1.shape[0] < 8:
        raise ValueError("8 matches or more, please")
    def similarity(uv):
        c = uv.mean(dim=0)
        s = 2**0.5 / (uv - c).norm(dim=1).mean()
        return torch.tensor([[s, 0.0, -s * c[0]], [0.0, s, -s * c[1]], [0.0, 0.0, 1.0]])
    T1, T2 = similarity(uv_1), similarity(uv_2)
    p, q = (T1 @ homogenize_points(uv_1).T).T, (T2 @ homogenize_points(uv_2).T).T
    A = torch.stack([torch.outer(b, a).flatten() for a, b in zip(p, q)])
    F = torch.linalg.svd(A)[2][-1].view(3, 3)
    U, S, Vh = torch.linalg.svd(F)
    F = T2.T @ (F - S[2] * torch.outer(U[:, 2], Vh[2])) @ T1
    return F / torch.linalg.matrix_norm(F)

# %% exercise="estimate_pose" wrong="returns the start"
def estimate_pose(points, uv, K, initial_world_from_camera):
    return initial_world_from_camera

# %% exercise="estimate_pose" wrong="translation only"
def estimate_pose(points, uv, K, initial_world_from_camera):
    seen = torch.nn.functional.normalize(unproject(K, uv, torch.ones(len(uv))), dim=-1)
    R = initial_world_from_camera[:3, :3]
    point, _ = triangulate(points, -(seen @ R.T))
    pose = initial_world_from_camera.clone()
    pose[:3, 3] = point
    return pose

# %% exercise="estimate_pose" wrong="too few steps"
def estimate_pose(points, uv, K, initial_world_from_camera):
    motion = torch.zeros(6, requires_grad=True)
    seen = torch.nn.functional.normalize(unproject(K, uv, torch.ones(len(uv))), dim=-1)
    pose = initial_world_from_camera
    for _ in range(20):
        R = rotation_from_axis_angle(motion[:3])
        moved = initial_world_from_camera @ torch.cat([torch.cat([R, motion[3:, None]], 1), torch.tensor([[0.0, 0, 0, 1]])])
        xyz = transform(invert_rigid(moved), homogenize_points(points))[:, :3]
        loss = (torch.nn.functional.normalize(xyz, dim=-1) - seen).square().sum()
        (g,) = torch.autograd.grad(loss, motion)
        motion = (motion - 1e-3 * g).detach().requires_grad_()
        pose = moved.detach()
    return pose

# %% exercise="estimate_pose" wrong="the inverse pose"
_right_estimate = estimate_pose
def estimate_pose(points, uv, K, initial_world_from_camera):
    return invert_rigid(_right_estimate(points, uv, K, initial_world_from_camera))

# %% exercise="estimate_pose" wrong="gradient steps on the nine entries"
def estimate_pose(points, uv, K, initial_world_from_camera):
    pose = initial_world_from_camera.clone()
    for _ in range(300):
        T = pose[:3].clone().requires_grad_()
        xyz = (points - T[:, 3]) @ T[:, :3]
        u, d, f = project(K, xyz)
        loss = (u - uv)[f].square().mean()
        (g,) = torch.autograd.grad(loss, T)
        pose = pose.clone()
        pose[:3] -= 0.1 * g.clamp(-1, 1)
    return pose

# %% exercise="estimate_pose" right="Adam on bearings"
def estimate_pose(points, uv, K, initial_world_from_camera):
    seen = torch.nn.functional.normalize(unproject(K, uv, torch.ones(len(uv))), dim=-1)
    motion = torch.zeros(6, requires_grad=True)
    optimizer = torch.optim.Adam([motion], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 800)
    bottom = torch.tensor([[0.0, 0.0, 0.0, 1.0]])
    def pose():
        return initial_world_from_camera @ torch.cat([torch.cat([rotation_from_axis_angle(motion[:3]), motion[3:, None]], 1), bottom])
    for _ in range(800):
        xyz = transform(invert_rigid(pose()), homogenize_points(points))[:, :3]
        loss = (torch.nn.functional.normalize(xyz, dim=-1) - seen).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return pose().detach()

# %% exercise="estimate_pose" right="direct linear transform, no iteration"
def estimate_pose(points, uv, K, initial_world_from_camera):
    X = homogenize_points(points).double()
    x = unproject(K, uv, torch.ones(len(uv))).double()
    zero = torch.zeros_like(X)
    A = torch.cat([torch.cat([X, zero, -x[:, :1] * X], 1), torch.cat([zero, X, -x[:, 1:2] * X], 1)])
    P = torch.linalg.svd(A)[2][-1].reshape(3, 4)
    P = P * torch.sign(torch.linalg.det(P[:, :3]))
    U, S, Vh = torch.linalg.svd(P[:, :3])
    R = U @ Vh
    camera_from_world = torch.eye(4).double()
    camera_from_world[:3, :3], camera_from_world[:3, 3] = R, P[:, 3] / S.mean()
    return invert_rigid(camera_from_world).float()

# %% exercise="find_convention" wrong="always OpenCV"
def find_convention(images, poses, K, points, colors):
    return "RDF", "world_from_camera"

# %% exercise="find_convention" wrong="never tries camera_from_world"
_right_find = find_convention
def find_convention(images, poses, K, points, colors):
    axes, maps = _right_find(images, poses, K, points, colors)
    return axes, "world_from_camera"

# %% exercise="find_convention" wrong="axes of the inverse naming"
_right_find = find_convention
def find_convention(images, poses, K, points, colors):
    axes, maps = _right_find(images, poses, K, points, colors)
    swap = str.maketrans("UDFB", "DUBF")
    return axes.translate(swap), maps

# %% exercise="find_convention" wrong="first image only, first row only"
def find_convention(images, poses, K, points, colors):
    return "LUF", "camera_from_world"

# %% exercise="find_convention" right="depth first: keep hypotheses that see the chair, then compare"
_right_find = find_convention
def find_convention(images, poses, K, points, colors):
    return tuple(_right_find(images.double(), poses, K, points, colors))

# %% exercise="find_convention" right="search over permutations with numpy, one image at a time"
from itertools import permutations
def find_convention(images, poses, K, points, colors):
    vectors = {"R": [1., 0, 0], "L": [-1., 0, 0], "D": [0, 1., 0], "U": [0, -1., 0], "F": [0, 0, 1.], "B": [0, 0, -1.]}
    scores = {}
    for axes in permutations("RLDUFB", 3):
        M = torch.tensor([vectors[a] for a in axes])
        if not math.isclose(float(torch.linalg.det(M)), 1.0, abs_tol=1e-6):
            continue
        fix = torch.eye(4)
        fix[:3, :3] = M
        for maps in ("camera_from_world", "world_from_camera"):
            total = 0.0
            for image, pose in zip(images, poses):
                if maps == "camera_from_world":
                    pose = torch.linalg.inv(pose)
                drawn = render_points(points, colors, K, pose @ fix, tuple(image.shape[:2]))[0]
                total += (drawn - image).abs().mean().item()
            scores["".join(axes), maps] = total
    return min(scores, key=scores.get)
