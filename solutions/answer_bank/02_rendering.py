"""Answers to notebook 2 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# %% exercise="sdf_primitives" wrong="radius as diameter"
def sphere_sdf(x, radius):
    return x.norm(dim=-1) - radius / 2

# %% exercise="sdf_primitives" wrong="squared distance"
def sphere_sdf(x, radius):
    return (x * x).sum(-1) - radius**2

# %% exercise="sdf_primitives" wrong="unsigned sphere"
def sphere_sdf(x, radius):
    return (x.norm(dim=-1) - radius).abs()

# %% exercise="sdf_primitives" wrong="positive inside"
def sphere_sdf(x, radius):
    return radius - x.norm(dim=-1)
def box_sdf(x, half_sizes):
    q = x.abs() - half_sizes
    return -(q.clamp_min(0).norm(dim=-1) + q.amax(dim=-1).clamp_max(0))

# %% exercise="sdf_primitives" wrong="box: largest component outside too"
def box_sdf(x, half_sizes):
    return (x.abs() - half_sizes).amax(dim=-1)

# %% exercise="sdf_primitives" wrong="box: zero inside"
def box_sdf(x, half_sizes):
    return (x.abs() - half_sizes).clamp_min(0).norm(dim=-1)

# %% exercise="sdf_primitives" wrong="box: whole sizes"
_right_box = box_sdf
def box_sdf(x, half_sizes):
    return _right_box(x, half_sizes / 2)

# %% exercise="sdf_primitives" wrong="box: one octant"
def box_sdf(x, half_sizes):
    q = x - half_sizes
    return q.clamp_min(0).norm(dim=-1) + q.amax(dim=-1).clamp_max(0)

# %% exercise="sdf_primitives" wrong="box: a cube"
_right_box = box_sdf
def box_sdf(x, half_sizes):
    return _right_box(x, half_sizes[:1].expand(3))

# %% exercise="sdf_primitives" wrong="box: the farthest face inside"
def box_sdf(x, half_sizes):
    q = x.abs() - half_sizes
    inside = (q < 0).all(-1)
    return torch.where(inside, q.amin(dim=-1), q.clamp_min(0).norm(dim=-1))

# %% exercise="sdf_primitives" wrong="box: gradient NaN inside"
def box_sdf(x, half_sizes):
    q = x.abs() - half_sizes
    return torch.sqrt(((q * (q > 0)) ** 2).sum(-1)) + q.amax(dim=-1).clamp_max(0)

# %% exercise="sdf_primitives" wrong="torus about the y axis"
def torus_sdf(x, major, minor):
    from_circle = x[..., [0, 2]].norm(dim=-1) - major
    return torch.stack([from_circle, x[..., 1]], dim=-1).norm(dim=-1) - minor

# %% exercise="sdf_primitives" wrong="torus: radii swapped"
_right_torus = torus_sdf
def torus_sdf(x, major, minor):
    return _right_torus(x, minor, major)

# %% exercise="sdf_primitives" wrong="torus: the circle only"
_right_torus = torus_sdf
def torus_sdf(x, major, minor):
    return _right_torus(x, major, 0.0)

# %% exercise="sdf_primitives" wrong="torus: minor as diameter"
_right_torus = torus_sdf
def torus_sdf(x, major, minor):
    return _right_torus(x, major, minor / 2)

# %% exercise="sdf_primitives" wrong="lists of points only"
def sphere_sdf(x, radius):
    return x.norm(dim=1) - radius

# %% exercise="sdf_primitives" wrong="cut off from the input"
def sphere_sdf(x, radius):
    return x.detach().norm(dim=-1) - radius

# %% exercise="sdf_primitives" right="three clamps, where instead of a sum"
def sphere_sdf(p, r):
    return torch.linalg.vector_norm(p, dim=-1).sub(r)
def box_sdf(p, b):
    q = p.abs() - b
    deepest = torch.maximum(torch.maximum(q[..., 0], q[..., 1]), q[..., 2])
    safe = torch.where(deepest[..., None] > 0, q.clamp_min(0), torch.ones_like(q))
    return torch.where(deepest > 0, safe.square().sum(-1).sqrt(), deepest)
def torus_sdf(p, R, r):
    x, y, z = p.unbind(-1)
    return torch.hypot(torch.hypot(x, y) - R, z) - r

# %% exercise="sdf_primitives" right="in float64"
def sphere_sdf(x, radius):
    return ((x.double() ** 2).sum(-1).sqrt() - radius).to(x.dtype)
_right_box, _right_torus = box_sdf, torus_sdf
def box_sdf(x, half_sizes):
    return _right_box(x.double(), half_sizes.double()).to(x.dtype)
def torus_sdf(x, major, minor):
    return _right_torus(x.double(), major, minor).to(x.dtype)

# %% exercise="sdf_primitives" right="from the nearest point of the surface or circle"
def sphere_sdf(x, radius):
    nearest = radius * F.normalize(x, dim=-1)
    return ((x - nearest) * F.normalize(x, dim=-1)).sum(-1)
def box_sdf(x, half_sizes):
    nearest = torch.minimum(torch.maximum(x, -half_sizes), half_sizes)
    to_face = (half_sizes - x.abs()).min(dim=-1).values
    return torch.where(to_face > 0, -to_face, (x - nearest).norm(dim=-1))
def torus_sdf(x, major, minor):
    flat = x * x.new_tensor([1.0, 1.0, 0.0])
    return (x - major * F.normalize(flat, dim=-1)).norm(dim=-1) - minor

# %% exercise="sdf_operations" wrong="the larger distance: an intersection"
def union_sdf(a, b):
    return torch.maximum(a, b)

# %% exercise="sdf_operations" wrong="nearer by magnitude"
def union_sdf(a, b):
    return torch.where(a.abs() < b.abs(), a, b)

# %% exercise="sdf_operations" wrong="the seam is hollowed"
def smooth_union_sdf(a, b, width):
    h = (0.5 + (b - a) / (2 * width)).clamp(0, 1)
    return a * h + b * (1 - h) + width * h * (1 - h)

# %% exercise="sdf_operations" wrong="a hard minimum"
def smooth_union_sdf(a, b, width):
    return torch.minimum(a, b)

# %% exercise="sdf_operations" wrong="not corrected"
def smooth_union_sdf(a, b, width):
    h = (0.5 + (b - a) / (2 * width)).clamp(0, 1)
    return a * h + b * (1 - h)

# %% exercise="sdf_operations" wrong="not clamped"
def smooth_union_sdf(a, b, width):
    h = 0.5 + (b - a) / (2 * width)
    return a * h + b * (1 - h) - width * h * (1 - h)

# %% exercise="sdf_operations" wrong="a and b confused"
def smooth_union_sdf(a, b, width):
    h = (0.5 + (a - b) / (2 * width)).clamp(0, 1)
    return a * h + b * (1 - h) - width * h * (1 - h)

# %% exercise="sdf_operations" wrong="twice as wide"
_right_smooth = smooth_union_sdf
def smooth_union_sdf(a, b, width):
    return _right_smooth(a, b, 2 * width)

# %% exercise="sdf_operations" wrong="exponential"
def smooth_union_sdf(a, b, width):
    return -width / 4 * torch.logaddexp(-4 * a / width, -4 * b / width)

# %% exercise="sdf_operations" wrong="seam without gradient"
def smooth_union_sdf(a, b, width):
    h = (0.5 + (b - a) / (2 * width)).clamp(0, 1)
    return torch.minimum(a, b) + (a * h + b * (1 - h) - width * h * (1 - h) - torch.minimum(a, b)).detach()

# %% exercise="sdf_operations" wrong="rounding shrinks"
def round_sdf(distance, radius):
    return distance + radius

# %% exercise="sdf_operations" wrong="rounding outside only"
def round_sdf(distance, radius):
    return torch.where(distance > 0, distance - radius, distance)

# %% exercise="sdf_operations" right="polynomial from the minimum"
def union_sdf(first, second):
    return torch.stack([first, second]).amin(0)
def smooth_union_sdf(first, second, k):
    h = (k - (first - second).abs()).clamp_min(0) / k
    return torch.minimum(first, second) - h * h * k / 4
def round_sdf(distance, radius):
    result = distance.clone()
    result -= radius
    return result

# %% exercise="sdf_operations" right="lerp, float64, where"
def union_sdf(a, b):
    return torch.where(a < b, a, b)
def smooth_union_sdf(a, b, width):
    p, q = a.double(), b.double()
    h = torch.clip((width + q - p) / (2 * width), 0.0, 1.0)
    return (torch.lerp(q, p, h) - width * h * (1 - h)).to(a.dtype)
def round_sdf(distance, radius):
    return -radius + distance

# %% exercise="sdf_operations" right="three pieces"
def smooth_union_sdf(a, b, width):
    gap = a - b
    seam = (a + b) / 2 - width / 4 - gap**2 / (4 * width)
    return torch.where(gap <= -width, a, torch.where(gap >= width, b, seam))
