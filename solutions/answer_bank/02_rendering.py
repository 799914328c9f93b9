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

# %% exercise="sdf_normals" wrong="inwards"
_right_normals = sdf_normals
def sdf_normals(sdf, x):
    return -_right_normals(sdf, x)

# %% exercise="sdf_normals" wrong="not normalised"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        return torch.autograd.grad(sdf(x).sum(), x)[0]

# %% exercise="sdf_normals" wrong="normalised over the first dimension"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(x).sum(), x)
    return F.normalize(gradient, dim=0)

# %% exercise="sdf_normals" wrong="normalised over dim=1"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(x).sum(), x)
    return F.normalize(gradient, dim=1 if gradient.ndim > 1 else 0)

# %% exercise="sdf_normals" wrong="one length for all"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(x).sum(), x)
    return gradient / gradient.norm()

# %% exercise="sdf_normals" wrong="one normal for all"
_right_normals = sdf_normals
def sdf_normals(sdf, x):
    normal = _right_normals(sdf, x).reshape(-1, 3).mean(0)
    return F.normalize(normal, dim=-1).expand(x.shape)

# %% exercise="sdf_normals" wrong="differences with a huge step"
def sdf_normals(sdf, x):
    step = 0.1 * torch.eye(3)
    slopes = torch.stack([sdf(x + s) - sdf(x - s) for s in step], -1)
    return F.normalize(slopes, dim=-1)

# %% exercise="sdf_normals" wrong="forward differences in float32"
def sdf_normals(sdf, x):
    step = 1e-5 * torch.eye(3)
    slopes = torch.stack([sdf(x + s) - sdf(x) for s in step], -1)
    return F.normalize(slopes, dim=-1)

# %% exercise="sdf_normals" wrong="fails under no_grad"
def sdf_normals(sdf, x):
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(sdf(x).sum(), x)
    return F.normalize(gradient, dim=-1)

# %% exercise="sdf_normals" wrong="keeps the graph"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        x = x * 1.0 if x.requires_grad else x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(x).sum(), x, create_graph=True)
        return F.normalize(gradient, dim=-1)

# %% exercise="sdf_normals" wrong="the direction from the origin"
def sdf_normals(sdf, x):
    return F.normalize(x, dim=-1)

# %% exercise="sdf_normals" wrong="no batches"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        sdf(x).backward()
    return F.normalize(x.grad, dim=-1)

# %% exercise="sdf_normals" wrong="keeps a graph of its own"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(x).sum(), x, create_graph=True)
    return F.normalize(gradient, dim=-1)

# %% exercise="sdf_normals" right="functional derivatives, vectorised"
def sdf_normals(distance, points):
    flat = points.detach().reshape(-1, 3)
    gradient = torch.func.vmap(torch.func.grad(distance))(flat)
    return (gradient / gradient.norm(dim=1, keepdim=True)).reshape(points.shape)

# %% exercise="sdf_normals" right="backward with ones"
def sdf_normals(sdf, x):
    with torch.enable_grad():
        leaf = x.detach().clone().requires_grad_(True)
        values = sdf(leaf)
        values.backward(torch.ones_like(values))
    slope = leaf.grad
    slope /= slope.square().sum(-1, keepdim=True).sqrt().clamp_min(1e-12)
    return slope

# %% exercise="sdf_normals" right="point by point"
def sdf_normals(sdf, x):
    rows = []
    for point in x.detach().reshape(-1, 3):
        with torch.enable_grad():
            point = point.clone().requires_grad_()
            (g,) = torch.autograd.grad(sdf(point), point)
        rows.append(g / g.norm())
    return torch.stack(rows).reshape(x.shape)

# %% exercise="sdf_normals" right="fine central differences in float64"
def sdf_normals(sdf, x):
    x = x.detach().double()
    step = 1e-4 * torch.eye(3, dtype=torch.float64)
    slopes = torch.stack([sdf(x + s) - sdf(x - s) for s in step], -1)
    return F.normalize(slopes, dim=-1).float()

# %% exercise="sphere_trace" wrong="depth instead of distance"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    distance, hit = _right_trace(sdf, origins, directions, far, steps, epsilon)
    axis = F.normalize(directions.reshape(-1, 3).mean(0), dim=-1)
    return torch.where(hit, distance * (directions * axis).sum(-1), distance), hit

# %% exercise="sphere_trace" wrong="every ray hits"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    distance, hit = _right_trace(sdf, origins, directions, far, steps, epsilon)
    return distance, torch.ones_like(hit)

# %% exercise="sphere_trace" wrong="misses keep where they got to"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        if (sdf(origins) < 0).any():
            raise ValueError("a ray starts inside")
        t = torch.zeros(origins.shape[:-1])
        for _ in range(steps):
            step = sdf(origins + t[..., None] * directions)
            t = torch.where((step >= epsilon) & (t < far), t + step, t)
        return t, (step < epsilon) & (t < far)

# %% exercise="sphere_trace" wrong="NaN behind"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        if (sdf(origins) < 0).any():
            raise ValueError("a ray starts inside")
        t = torch.zeros(origins.shape[:-1])
        for _ in range(2 * steps):
            step = sdf(origins + t[..., None] * directions)
            t = t + step
        hit = step.abs() < epsilon
        return hit * t + ~hit * (far + 0 * t), hit

# %% exercise="sphere_trace" wrong="far is ignored"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    distance, hit = _right_trace(sdf, origins, directions, 1e3, steps, epsilon)
    return torch.where(hit, distance, far), hit

# %% exercise="sphere_trace" wrong="the last step may go beyond far"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        step = sdf(origins)
        if (step < 0).any():
            raise ValueError("a ray starts inside")
        t, hit = torch.zeros_like(step), step < epsilon
        for _ in range(steps):
            t = torch.where(hit | (t >= far), t, t + step)
            step = sdf(origins + t[..., None] * directions)
            hit = hit | (step < epsilon)
        return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" wrong="the far end counts as a hit"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    distance, hit = _right_trace(sdf, origins, directions, 2 * far, steps, epsilon)
    return distance.clamp_max(far), hit

# %% exercise="sphere_trace" wrong="steps of one length"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        if (sdf(origins) < 0).any():
            raise ValueError("a ray starts inside")
        t = torch.linspace(0, far, steps)
        below = sdf(origins[..., None, :] + t[:, None] * directions[..., None, :]) < epsilon
        first = below.double().argmax(-1)
        hit = below.any(-1)
        return torch.where(hit, t[first], far), hit

# %% exercise="sphere_trace" wrong="timid steps do not arrive"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        step = sdf(origins)
        if (step < 0).any():
            raise ValueError("a ray starts inside")
        t, hit = torch.zeros_like(step), step < epsilon
        for _ in range(steps):
            t = torch.where(hit | (t >= far), t, t + 0.05 * step)
            step = sdf(origins + t[..., None] * directions)
            hit = hit | ((step < epsilon) & (t < far))
        return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" wrong="steps too long"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        step = sdf(origins)
        if (step < 0).any():
            raise ValueError("a ray starts inside")
        t, hit = torch.zeros_like(step), step < epsilon
        for _ in range(steps):
            t = torch.where(hit | (t >= far), t, t + 1.5 * step)
            step = sdf(origins + t[..., None] * directions)
            hit = hit | ((step < epsilon) & (t < far))
        return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" wrong="its own tolerance"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    return _right_trace(sdf, origins, directions, far, steps, 1e-4)

# %% exercise="sphere_trace" wrong="no tolerance"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    return _right_trace(sdf, origins, directions, far, steps, 0.0)

# %% exercise="sphere_trace" wrong="a coarse tolerance"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    return _right_trace(sdf, origins, directions, far, steps, max(epsilon, 1e-2))

# %% exercise="sphere_trace" wrong="as many steps as it takes"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    return _right_trace(sdf, origins, directions, far, 10_000, epsilon)

# %% exercise="sphere_trace" wrong="always 64 steps"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    return _right_trace(sdf, origins, directions, far, 64, epsilon)

# %% exercise="sphere_trace" wrong="where the walk ends is a hit"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        if (sdf(origins) < 0).any():
            raise ValueError("a ray starts inside")
        t = torch.zeros(origins.shape[:-1])
        for _ in range(steps):
            t = t + sdf(origins + t[..., None] * directions).clamp_max(far)
        hit = t < far
        return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" wrong="stops when the first ray hits"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        step = sdf(origins)
        if (step < 0).any():
            raise ValueError("a ray starts inside")
        t = torch.zeros_like(step)
        for _ in range(steps):
            if (step < epsilon).any():
                break
            t = t + step
            step = sdf(origins + t[..., None] * directions)
        hit = (step < epsilon) & (t < far)
        return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" wrong="inside is a hit"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        step = sdf(origins)
        t, hit = torch.zeros_like(step), step < epsilon
        for _ in range(steps):
            t = torch.where(hit | (t >= far), t, t + step)
            step = sdf(origins + t[..., None] * directions)
            hit = hit | ((step < epsilon) & (t < far))
        return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" wrong="inside only if all are"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    origins, directions = torch.broadcast_tensors(origins, directions)
    if origins.numel() and (sdf(origins) < 0).all():
        raise ValueError("all rays start inside")
    return _right_trace(lambda x: sdf(x).abs(), origins, directions, far, steps, epsilon)

# %% exercise="sphere_trace" wrong="an error without a reason"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    try:
        return _right_trace(sdf, origins, directions, far, steps, epsilon)
    except ValueError:
        raise ValueError("bad rays") from None

# %% exercise="sphere_trace" wrong="no broadcasting"
_right_trace = sphere_trace
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    if origins.shape != directions.shape:
        origins = origins.reshape(-1, 3)[:1].expand(directions.shape)
    return _right_trace(sdf, origins, directions, far, steps, epsilon)

# %% exercise="sphere_trace" wrong="gradients are recorded"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    origins, directions = torch.broadcast_tensors(origins, directions)
    step = sdf(origins)
    if (step < 0).any():
        raise ValueError("a ray starts inside")
    t, hit = torch.zeros_like(step), step < epsilon
    for _ in range(steps):
        t = torch.where(hit | (t >= far), t, t + step)
        step = sdf(origins + t[..., None] * directions)
        hit = hit | ((step < epsilon) & (t < far))
    return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" right="active rays only"
@torch.no_grad()
def sphere_trace(f, o, d, limit, n=128, eps=1e-4):
    o, d = torch.broadcast_tensors(o, d)
    batch = o.shape[:-1]
    o, d = o.reshape(-1, 3), d.reshape(-1, 3)
    if (f(o) < 0).any():
        raise ValueError("sphere tracing cannot start from within a solid")
    t = o.new_full((len(o),), float(limit))
    hit = torch.zeros(len(o), dtype=torch.bool)
    active, walked = torch.arange(len(o)), o.new_zeros(len(o))
    for _ in range(n + 1):
        if len(active) == 0:
            break
        step = f(o[active] + walked[:, None] * d[active])
        near = step < eps
        t[active[near]], hit[active[near]] = walked[near], True
        active, walked = active[~near], (walked + step)[~near]
        inside_limit = walked < limit
        active, walked = active[inside_limit], walked[inside_limit]
    return t.reshape(batch), hit.reshape(batch)

# %% exercise="sphere_trace" right="float64, test after the walk"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    origins, directions = torch.broadcast_tensors(origins.detach().double(), directions.detach().double())
    t = torch.zeros(directions.shape[:-1], dtype=torch.float64)
    with torch.inference_mode():
        value = sdf(origins)
        if value.lt(0).any():
            raise ValueError("some origins are inside the object")
        for _ in range(steps):
            t = torch.where(value < epsilon, t, (t + value).clamp_max(far))
            value = sdf(origins + t.unsqueeze(-1) * directions)
        hit = (value.abs() < epsilon) & (t < far)
        return torch.where(hit, t, torch.tensor(far, dtype=t.dtype)).float(), hit

# %% exercise="sphere_trace" right="over-relaxed, with a step back (Keinert et al. 2014)"
@torch.no_grad()
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    origins, directions = torch.broadcast_tensors(origins, directions)
    radius = sdf(origins)
    if (radius < 0).any():
        raise ValueError("a ray starts inside the surface")
    t, hit = torch.zeros_like(radius), radius < epsilon
    omega = torch.full_like(radius, 1.2)
    for _ in range(steps):
        moving = ~hit & (t < far)
        ahead = t + torch.where(moving, omega * radius, 0.0)
        value = sdf(origins + ahead[..., None] * directions)
        torn = moving & (omega > 1) & (value.abs() + radius < ahead - t)
        omega = torch.where(torn, 1.0, omega)
        go = moving & ~torn
        t, radius = torch.where(go, ahead, t), torch.where(go, value, radius)
        hit = hit | (go & (value < epsilon) & (t < far))
    return torch.where(hit, t, far), hit

# %% exercise="sphere_trace" right="ray by ray"
def sphere_trace(sdf, origins, directions, far, steps=128, epsilon=1e-4):
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        shape = directions.shape[:-1]
        distances, hits = [], []
        for o, d in zip(origins.reshape(-1, 3), directions.reshape(-1, 3)):
            t, found = 0.0, False
            if sdf(o) < 0:
                raise ValueError("this ray starts inside")
            for _ in range(steps + 1):
                step = float(sdf(o + t * d))
                if step < epsilon:
                    found = True
                    break
                t += step
                if t >= far:
                    break
            distances.append(t if found else far)
            hits.append(found)
        return torch.tensor(distances).reshape(shape), torch.tensor(hits, dtype=torch.bool).reshape(shape)

# %% exercise="differentiable_hit" wrong="no gradient"
def differentiable_hit(sdf, params, origins, directions, distance):
    return distance.detach() + 0 * (params.sum() + origins.sum() + directions.sum())

# %% exercise="differentiable_hit" wrong="detached"
def differentiable_hit(sdf, params, origins, directions, distance):
    return distance.detach()

# %% exercise="differentiable_hit" wrong="no slope"
def differentiable_hit(sdf, params, origins, directions, distance):
    value = sdf(params, origins + distance.detach()[..., None] * directions)
    return distance.detach() - (value - value.detach())

# %% exercise="differentiable_hit" wrong="one more step of the walk"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    return distance + sdf(params, origins + distance[..., None] * directions)

# %% exercise="differentiable_hit" wrong="sign"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (gradient * directions.detach()).sum(-1)
    slope = torch.where(slope < 0, slope.clamp_max(-1e-3), slope.clamp_min(1e-3))
    value = sdf(params, origins + distance[..., None] * directions)
    return distance + (value - value.detach()) / slope

# %% exercise="differentiable_hit" wrong="slope without its sign"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (gradient * directions.detach()).sum(-1).abs().clamp_min(1e-3)
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope

# %% exercise="differentiable_hit" wrong="unit normals for the slope"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (F.normalize(gradient, dim=-1) * directions.detach()).sum(-1).clamp_max(-1e-3)
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope

# %% exercise="differentiable_hit" wrong="rays detached"
_right_hit = differentiable_hit
def differentiable_hit(sdf, params, origins, directions, distance):
    return _right_hit(sdf, params, origins.detach(), directions.detach(), distance)

# %% exercise="differentiable_hit" wrong="directions detached"
_right_hit = differentiable_hit
def differentiable_hit(sdf, params, origins, directions, distance):
    return _right_hit(sdf, params, origins, directions.detach(), distance)

# %% exercise="differentiable_hit" wrong="distance attached"
_right_hit = differentiable_hit
def differentiable_hit(sdf, params, origins, directions, distance):
    return _right_hit(sdf, params, origins, directions, distance) + distance - distance.detach()

# %% exercise="differentiable_hit" wrong="grazing rays blow up"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (gradient * directions.detach()).sum(-1)
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope

# %% exercise="differentiable_hit" wrong="a coarse bound for the slope"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (gradient * directions.detach()).sum(-1).clamp_max(-0.1)
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope

# %% exercise="differentiable_hit" wrong="the field's value instead of the distance"
_right_hit = differentiable_hit
def differentiable_hit(sdf, params, origins, directions, distance):
    return _right_hit(sdf, params, origins, directions, distance) - distance.detach()

# %% exercise="differentiable_hit" wrong="one slope for all rays"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (gradient * directions.detach()).sum(-1).mean().clamp_max(-1e-3)
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope

# %% exercise="differentiable_hit" wrong="rays only ever enter"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        x = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), x).sum(), x)
    slope = -(gradient * directions.detach()).sum(-1).abs().clamp_min(1e-3)
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope

# %% exercise="differentiable_hit" wrong="sign of zero"
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        x = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), x).sum(), x)
    slope = (gradient * directions.detach()).sum(-1)
    slope = slope.sign() * slope.abs().clamp_min(1e-3)
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope

# %% exercise="differentiable_hit" right="one step of Newton's method"
def differentiable_hit(sdf, theta, o, d, t):
    t = t.detach()
    x = (o + t.unsqueeze(-1) * d).detach().requires_grad_(True)
    with torch.enable_grad():
        normal = torch.autograd.grad(sdf(theta, x).sum(), x)[0]
    slope = torch.einsum("...i,...i->...", normal, d.detach()).detach()
    small = slope.abs() < 1e-3
    slope = torch.where(small, torch.where(slope > 0, 1e-3, -1e-3), slope)
    return t - sdf(theta, o + t.unsqueeze(-1) * d) / slope

# %% exercise="differentiable_hit" right="a function with its own backward pass"
class _ImplicitDistance(torch.autograd.Function):
    @staticmethod
    def forward(ctx, distance, value, slope):
        ctx.save_for_backward(slope)
        return distance.clone()
    @staticmethod
    def backward(ctx, upstream):
        (slope,) = ctx.saved_tensors
        return None, -upstream / slope, None
def differentiable_hit(sdf, params, origins, directions, distance):
    distance = distance.detach()
    with torch.enable_grad():
        x = (origins + distance[..., None] * directions).detach().requires_grad_()
        (g,) = torch.autograd.grad(sdf(params, x).sum(), x)
    slope = (g * directions).sum(-1).detach()
    sign = torch.where(slope > 0, torch.ones_like(slope), -torch.ones_like(slope))
    slope = sign * slope.abs().clamp_min(1e-3)
    return _ImplicitDistance.apply(distance, sdf(params, origins + distance[..., None] * directions), slope)

# %% exercise="differentiable_hit" right="slope by the derivative along the ray, a surrogate"
def differentiable_hit(sdf, params, origins, directions, distance):
    with torch.enable_grad():
        t = distance.detach().clone().requires_grad_()
        along = sdf(params.detach(), origins.detach() + t[..., None] * directions.detach())
        (slope,) = torch.autograd.grad(along.sum(), t)
    slope = torch.where(slope <= 0, torch.minimum(slope, slope.new_tensor(-1e-3)), torch.maximum(slope, slope.new_tensor(1e-3)))
    shift = sdf(params, origins + distance.detach()[..., None] * directions) / -slope
    return distance.detach() + shift - shift.detach()

# %% exercise="rasterize" wrong="height and width swapped"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    found = _right_raster(vertices, faces, K, world_from_camera, (resolution[1], resolution[0]), near)
    return tuple(x.transpose(0, 1) for x in found)

# %% exercise="rasterize" wrong="rows and columns mixed in a reshape"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    found = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    h, w = resolution
    return tuple(x.transpose(0, 1).reshape(h, w, *x.shape[2:]) for x in found)

# %% exercise="rasterize" wrong="affine barycentrics"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    z = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[:, 2]
    flat = weights * z[faces][face]
    total = flat.sum(-1, keepdim=True)
    return depth, torch.where(total != 0, flat / torch.where(total != 0, total, 1.0), 0.0), face

# %% exercise="rasterize" wrong="affine depth"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    z = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[:, 2]
    flat = weights * z[faces][face]
    total = flat.sum(-1, keepdim=True)
    flat = flat / torch.where(total != 0, total, 1.0)
    return torch.where(face >= 0, (flat * z[faces][face]).sum(-1), math.inf), weights, face

# %% exercise="rasterize" wrong="back faces culled"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    a, b, c = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[faces][..., :3].unbind(1)
    kept = ((a * torch.linalg.cross(b - a, c - a)).sum(-1) < 0).nonzero()[:, 0]
    depth, weights, face = _right_raster(vertices, faces[kept], K, world_from_camera, resolution, near)
    return depth, weights, torch.cat([kept, kept.new_tensor([-1])])[face]

# %% exercise="rasterize" wrong="front faces culled"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    a, b, c = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[faces][..., :3].unbind(1)
    kept = ((a * torch.linalg.cross(b - a, c - a)).sum(-1) > 0).nonzero()[:, 0]
    depth, weights, face = _right_raster(vertices, faces[kept], K, world_from_camera, resolution, near)
    return depth, weights, torch.cat([kept, kept.new_tensor([-1])])[face]

# %% exercise="rasterize" wrong="painted from far to near"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    z = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[:, 2]
    depth, weights, face = _right_raster(vertices, faces[:0], K, world_from_camera, resolution, near)
    for f in z[faces].mean(1).argsort(descending=True).tolist():
        d, w, s = _right_raster(vertices, faces[f : f + 1], K, world_from_camera, resolution, near)
        seen = s >= 0
        depth, face = torch.where(seen, d, depth), torch.where(seen, f, face)
        weights = torch.where(seen[..., None], w, weights)
    return depth, weights, face

# %% exercise="rasterize" wrong="the last triangle wins"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces[:0], K, world_from_camera, resolution, near)
    for f in range(len(faces)):
        d, w, s = _right_raster(vertices, faces[f : f + 1], K, world_from_camera, resolution, near)
        seen = s >= 0
        depth, face = torch.where(seen, d, depth), torch.where(seen, f, face)
        weights = torch.where(seen[..., None], w, weights)
    return depth, weights, face

# %% exercise="rasterize" wrong="only the first triangle"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    return _right_raster(vertices, faces[:1], K, world_from_camera, resolution, near)

# %% exercise="rasterize" wrong="faces numbered within their portion"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth, weights, torch.where(face >= 0, face % 64, face)

# %% exercise="rasterize" wrong="near is ignored"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    return _right_raster(vertices, faces, K, world_from_camera, resolution)

# %% exercise="rasterize" wrong="near is compared with the distance"
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    h, w = resolution
    rays = unproject(K, pixel_centers(resolution), torch.ones(resolution)).reshape(-1, 3)
    corners = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[..., :3][faces]
    depth, face = torch.full((h * w,), math.inf), torch.full((h * w,), -1)
    weights = torch.zeros(h * w, 3)
    for f, triangle in enumerate(corners.double()):
        if torch.linalg.det(triangle).abs() < 1e-10:
            continue
        solved = torch.linalg.solve(triangle.T, rays.double().T).T.float()
        z = 1 / solved.sum(-1)
        seen = (solved >= 0).all(-1) & (z > 0) & (z * rays.norm(dim=-1) >= near) & (z < depth)
        depth[seen], face[seen], weights[seen] = z[seen], f, (solved * z[:, None])[seen]
    return depth.reshape(h, w), weights.reshape(h, w, 3), face.reshape(h, w)

# %% exercise="rasterize" wrong="a triangle with a corner behind is dropped"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    z = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[:, 2]
    kept = (z[faces] > 0).all(1).nonzero()[:, 0]
    depth, weights, face = _right_raster(vertices, faces[kept], K, world_from_camera, resolution, near)
    return depth, weights, torch.cat([kept, kept.new_tensor([-1])])[face]

# %% exercise="rasterize" wrong="a triangle with a corner before the near plane is dropped"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    z = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[:, 2]
    kept = (z[faces] > (near if near > 0.5 else -math.inf)).all(1).nonzero()[:, 0]
    depth, weights, face = _right_raster(vertices, faces[kept], K, world_from_camera, resolution, near)
    return depth, weights, torch.cat([kept, kept.new_tensor([-1])])[face]

# %% exercise="rasterize" wrong="what is cut away still hides"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, 1e-4)
    cut = depth < near
    return depth.masked_fill(cut, math.inf), weights.masked_fill(cut[..., None], 0.0), face.masked_fill(cut, -1)

# %% exercise="rasterize" wrong="triangles behind the camera are mirrored into view"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    here = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    mirrored = 2 * world_from_camera[:3, 3] - vertices
    there = _right_raster(mirrored, faces, K, world_from_camera, resolution, near)
    nearer = there[0] < here[0]
    return tuple(torch.where(nearer.reshape(*nearer.shape, *[1] * (a.ndim - 2)), b, a) for a, b in zip(here, there))

# %% exercise="rasterize" wrong="corners projected by dividing by |z|"
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    h, w = resolution
    camera = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[:, :3]
    z = camera[:, 2].abs().clamp_min(1e-6)
    uv = ((camera / z[:, None]) @ K.T)[:, :2]
    p = pixel_centers(resolution).reshape(-1, 2)
    depth, face = torch.full((h * w,), math.inf), torch.full((h * w,), -1)
    weights = torch.zeros(h * w, 3)
    def cross(a, b):
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    for f, (i, j, k) in enumerate(faces.tolist()):
        area = cross(uv[j] - uv[i], uv[k] - uv[i])
        if area.abs() < 1e-12:
            continue
        s = torch.stack([cross(uv[k] - uv[j], p - uv[j]), cross(uv[i] - uv[k], p - uv[k]), cross(uv[j] - uv[i], p - uv[i])], -1) / area
        q = s / z[[i, j, k]]
        d = 1 / q.sum(-1)
        seen = (s >= 0).all(-1) & (d >= near) & (d < depth)
        depth[seen], face[seen], weights[seen] = d[seen], f, (q * d[:, None])[seen]
    return depth.reshape(h, w), weights.reshape(h, w, 3), face.reshape(h, w)

# %% exercise="rasterize" wrong="distance instead of depth"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    uv = pixel_centers(resolution)
    return depth * unproject(K, uv, torch.ones(resolution)).norm(dim=-1), weights, face

# %% exercise="rasterize" wrong="corners of pixels instead of centres"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    K = K.clone()
    K[0, 2] += 0.5 / resolution[1]
    K[1, 2] += 0.5 / resolution[0]
    return _right_raster(vertices, faces, K, world_from_camera, resolution, near)

# %% exercise="rasterize" wrong="pixels from 0 to 1, ends included"
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    v, u = torch.meshgrid(*(torch.linspace(0, 1, n) for n in resolution), indexing="ij")
    rays = unproject(K, torch.stack([u, v], -1), torch.ones_like(u)).reshape(-1, 3)
    M = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[faces][..., :3]
    weights = torch.linalg.pinv(M.mT.double()).float() @ rays.T
    total = weights.sum(1)
    inside = (weights >= 0).all(1) & (total > 0) & (total * near <= 1)
    depth = torch.cat([torch.where(inside, 1 / total, math.inf), torch.full_like(rays[None, :, 0], 1e9)])
    closest, face = depth.min(0)
    empty = closest > 1e8
    chosen = torch.cat([weights, torch.zeros_like(rays.T)[None]])[face, :, torch.arange(len(rays))] * closest[:, None]
    h, w = resolution
    return (closest.masked_fill(empty, math.inf).reshape(h, w), chosen.masked_fill(empty[:, None], 0).reshape(h, w, 3),
            face.masked_fill(empty, -1).reshape(h, w))

# %% exercise="rasterize" wrong="faces numbered from one"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth, weights, face + 1

# %% exercise="rasterize" wrong="depth 0 in the background"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth.nan_to_num(posinf=0.0), weights, face

# %% exercise="rasterize" wrong="face 0 in the background"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth, weights, face.clamp_min(0)

# %% exercise="rasterize" wrong="barycentrics NaN in the background"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth, weights / weights.sum(-1, keepdim=True), face

# %% exercise="rasterize" wrong="barycentrics in another order"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth, weights.roll(1, -1), face

# %% exercise="rasterize" wrong="barycentrics not normalised"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth, weights / torch.where(depth.isfinite(), depth, 1.0)[..., None], face

# %% exercise="rasterize" wrong="barycentrics of whichever face comes as the corner's number"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    depth, weights, face = _right_raster(vertices, faces, K, world_from_camera, resolution, near)
    return depth, weights.gather(-1, face.clamp(0, 2)[..., None].expand_as(weights)), face

# %% exercise="rasterize" wrong="the pose the wrong way"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    return _right_raster(vertices, faces, K, invert_rigid(world_from_camera), resolution, near)

# %% exercise="rasterize" wrong="skew forgotten"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    K = K.clone()
    K[0, 1] = 0
    return _right_raster(vertices, faces, K, world_from_camera, resolution, near)

# %% exercise="rasterize" wrong="upside down"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    return tuple(x.flip(0) for x in _right_raster(vertices, faces, K, world_from_camera, resolution, near))

# %% exercise="rasterize" wrong="an empty scene is an error"
_right_raster = rasterize
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    vertices[faces].amin()
    return _right_raster(vertices, faces, K, world_from_camera, resolution, near)

# %% exercise="rasterize" right="every ray against every triangle (Möller and Trumbore)"
def rasterize(points, triangles, K, pose, size, near=0.01):
    h, w = size
    direction = unproject(K, pixel_centers(size), torch.ones(size)) @ pose[:3, :3].T
    direction, eye = direction.reshape(-1, 1, 3), pose[:3, 3]
    best, which = torch.full((h * w,), math.inf), torch.full((h * w,), -1)
    weights = torch.zeros(h * w, 3)
    if len(triangles) == 0:
        return best.reshape(h, w), weights.reshape(h, w, 3), which.reshape(h, w)
    a, b, c = points[triangles].unbind(1)
    e1, e2, s = b - a, c - a, eye - a
    p = torch.linalg.cross(direction, e2.expand(h * w, -1, 3))
    det = (p * e1).sum(-1)
    inverse = torch.where(det.abs() > 1e-12, 1 / det, math.nan)
    v = (p * s).sum(-1) * inverse
    q = torch.linalg.cross(s, e1)
    u = (direction * q).sum(-1) * inverse
    z = (e2 * q).sum(-1) * inverse
    ok = (u >= 0) & (v >= 0) & (u + v <= 1) & (z >= near)
    z = torch.where(ok, z, math.inf)
    best, which = z.min(1)
    pick = which[:, None]
    weights = torch.stack([1 - u.gather(1, pick)[:, 0] - v.gather(1, pick)[:, 0], v.gather(1, pick)[:, 0], u.gather(1, pick)[:, 0]], -1)
    nothing = best.isinf()
    return (best.reshape(h, w), torch.where(nothing[:, None], 0.0, weights).reshape(h, w, 3),
            torch.where(nothing, -1, which).reshape(h, w))

# %% exercise="rasterize" right="triangle by triangle, cut at the near plane, within its bounding box, float64"
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    h, w = resolution
    camera = transform(invert_rigid(world_from_camera.double()), homogenize_points(vertices.double()))[:, :3]
    K64 = K.double()
    centers = pixel_centers(resolution).double()
    depth = torch.full((h, w), math.inf, dtype=torch.float64)
    weights = torch.zeros(h, w, 3, dtype=torch.float64)
    face = torch.full((h, w), -1, dtype=torch.int32)
    def cross(a, b):
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    for f, corners in enumerate(camera[faces.long()]):
        polygon = []  # (point, its weights)
        eye = torch.eye(3, dtype=torch.float64)
        for i in range(3):
            p, q = corners[i], corners[(i + 1) % 3]
            if p[2] >= near:
                polygon.append((p, eye[i]))
            if (p[2] >= near) != (q[2] >= near):
                s = (near - p[2]) / (q[2] - p[2])
                polygon.append((p + s * (q - p), eye[i] + s * (eye[(i + 1) % 3] - eye[i])))
        for j in range(1, len(polygon) - 1):
            pieces = [polygon[0], polygon[j], polygon[j + 1]]
            xyz = torch.stack([p for p, _ in pieces])
            mix = torch.stack([m for _, m in pieces])
            uv = (xyz / xyz[:, 2:] @ K64.T)[:, :2]
            low = (uv.amin(0) * torch.tensor([w, h]) - 1).floor().clamp_min(0)
            high = (uv.amax(0) * torch.tensor([w, h]) + 1).ceil()
            rows = slice(int(low[1]), max(0, min(h, int(high[1]))))
            cols = slice(int(low[0]), max(0, min(w, int(high[0]))))
            area = cross(uv[1] - uv[0], uv[2] - uv[0])
            if area.abs() < 1e-14:
                continue
            at = centers[rows, cols]
            flat = torch.stack([cross(uv[(i + 2) % 3] - uv[(i + 1) % 3], at - uv[(i + 1) % 3]) for i in range(3)], -1) / area
            over = flat / xyz[:, 2]
            z = 1 / over.sum(-1)
            seen = (flat >= -1e-9).all(-1) & (z < depth[rows, cols])
            depth[rows, cols][seen] = z[seen]
            weights[rows, cols][seen] = ((over * z[..., None]) @ mix)[seen]
            face[rows, cols][seen] = f
    return depth.float(), weights.float(), face

# %% exercise="rasterize" right="planes and edges, pixel by pixel of the matrix inverse"
def rasterize(vertices, faces, K, world_from_camera, resolution, near=0.01):
    h, w = resolution
    R, t = world_from_camera[:3, :3].double(), world_from_camera[:3, 3].double()
    corners = ((vertices.double() - t) @ R)[faces]
    rays = torch.cat([pixel_centers(resolution).double(), torch.ones(h, w, 1).double()], -1) @ torch.linalg.inv(K.double()).T
    depth = torch.full((h, w), float("inf"))
    weights, face = torch.zeros(h, w, 3), torch.full((h, w), -1)
    for f, triangle in enumerate(corners):
        if torch.linalg.det(triangle).abs() < 1e-10:
            continue
        solved = torch.linalg.solve(triangle.T, rays.reshape(-1, 3).T).T.reshape(h, w, 3)
        z = 1 / solved.sum(-1)
        seen = (solved > 0).all(-1) & (z > near) & (z < depth)
        depth = torch.where(seen, z.float(), depth)
        face = torch.where(seen, f, face)
        weights = torch.where(seen[..., None], (solved * z[..., None]).float(), weights)
    return depth, weights, face

# %% exercise="shade" wrong="not clamped"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return diffuse + torch.where(lambert > 0, specular * gloss, 0.0)

# %% exercise="shade" wrong="lit from both sides"
_right_shade = shade
def shade(normals, to_light, *rest):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    return _right_shade(torch.where(lambert < 0, -normals, normals), to_light, *rest)

# %% exercise="shade" wrong="darker than ambient behind"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert)
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="highlights on the dark side"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True).clamp_min(0)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    return (albedo * (ambient + (1 - ambient) * lambert) + specular * gloss).clamp(0, 1)

# %% exercise="shade" wrong="Phong's reflected light instead of Blinn's half vector"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    mirrored = 2 * lambert * normals - to_light
    gloss = (mirrored * to_eye).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="half vector not unit"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = (to_light + to_eye) / 2
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="NaN where the eye is opposite to the light"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = to_light + to_eye
    half = half / half.norm(dim=-1, keepdim=True)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="ambient on top"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="ambient without albedo"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = ambient + albedo * (1 - ambient) * lambert.clamp_min(0)
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="highlights tinted by the albedo"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    light = ambient + (1 - ambient) * lambert.clamp_min(0)
    return (albedo * (light + torch.where(lambert > 0, specular * gloss, 0.0))).clamp(0, 1)

# %% exercise="shade" wrong="no highlights"
_right_shade = shade
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    return _right_shade(normals, to_light, to_eye, albedo, ambient, 0.0, shininess)

# %% exercise="shade" wrong="its own shininess"
_right_shade = shade
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    return _right_shade(normals, to_light, to_eye, albedo, ambient, specular, 32.0)

# %% exercise="shade" wrong="light and eye swapped"
_right_shade = shade
def shade(normals, to_light, to_eye, *rest):
    return _right_shade(normals, to_eye, to_light, *rest)

# %% exercise="shade" wrong="direction of the light instead of the way to it"
_right_shade = shade
def shade(normals, to_light, *rest):
    return _right_shade(normals, -to_light, *rest)

# %% exercise="shade" wrong="one sum for all points"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(0, keepdim=True) if normals.ndim > 1 else (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="cut off from the albedo"
_right_shade = shade
def shade(normals, to_light, to_eye, albedo, *rest):
    return _right_shade(normals, to_light, to_eye, albedo.detach(), *rest) + 0 * albedo

# %% exercise="shade" wrong="cut off from the normals in the highlight"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals.detach() * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" wrong="highlights from behind"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).abs() ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)

# %% exercise="shade" right="einsum, a mask times the highlight, float64"
def shade(n, l, e, color, ka=0.2, ks=0.3, power=32.0):
    n64, l64, e64 = (x.double() for x in (n, l, e))
    cosine = torch.einsum("...i,...i->...", n64, l64)[..., None]
    h = l64 + e64
    h = h / torch.sqrt(torch.einsum("...i,...i->...", h, h)[..., None] + 1e-20)
    shine = torch.pow(torch.relu(torch.einsum("...i,...i->...", n64, h)), power)[..., None]
    lit = (cosine > 0).double()
    colors = color * ka + color * (1 - ka) * cosine * lit + ks * shine * lit
    return torch.clip(colors, 0.0, 1.0).to(color.dtype)

# %% exercise="shade" right="through logarithms, in place"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    facing = torch.maximum((normals * to_light).sum(dim=-1), torch.zeros(()))
    half = to_light + to_eye
    half = half / half.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    cosine = (normals * half).sum(dim=-1).clamp_min(1e-30)
    gloss = specular * torch.exp(shininess * torch.log(cosine))
    gloss = torch.where(facing > 0, gloss, torch.zeros_like(gloss))
    result = torch.lerp(facing, torch.ones_like(facing), ambient).unsqueeze(-1) * albedo
    result = result + gloss.unsqueeze(-1)
    return result.clamp_(0, 1)

# %% exercise="shade" right="point by point"
def shade(normals, to_light, to_eye, albedo, ambient=0.2, specular=0.3, shininess=32.0):
    shape = normals.shape
    lights, eyes, colors = (x.expand(shape).reshape(-1, 3) for x in (to_light, to_eye, albedo))
    rows = []
    for n, l, e, c in zip(normals.reshape(-1, 3), lights, eyes, colors):
        color = ambient * c
        if n @ l > 0:
            color = color + (1 - ambient) * (n @ l) * c
            length = (l + e).norm()
            if length > 0 and n @ (l + e) > 0:
                color = color + specular * ((n @ (l + e)) / length) ** shininess
        rows.append(color.clamp(0, 1))
    return torch.stack(rows).reshape(shape)

# %% exercise="positional_encoding" wrong="all zeros"
def positional_encoding(x, octaves):
    return torch.zeros(*x.shape[:-1], 2 * x.shape[-1] * octaves)

# %% exercise="positional_encoding" wrong="no π"
def positional_encoding(x, octaves):
    angle = x[..., None] * 2.0 ** torch.arange(octaves)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-3)

# %% exercise="positional_encoding" wrong="all sines, then all cosines"
def positional_encoding(x, octaves):
    angle = (x[..., None] * (math.pi * 2.0 ** torch.arange(octaves))).flatten(-2)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)

# %% exercise="positional_encoding" wrong="octave by octave instead of coordinate by coordinate"
def positional_encoding(x, octaves):
    angle = x[..., None, :] * (math.pi * 2.0 ** torch.arange(octaves))[:, None]
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-3)

# %% exercise="positional_encoding" wrong="linear frequencies"
def positional_encoding(x, octaves):
    angle = x[..., None] * (math.pi * torch.arange(1, octaves + 1))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-3)

# %% exercise="positional_encoding" wrong="starts at 2π"
def positional_encoding(x, octaves):
    angle = x[..., None] * (2 * math.pi * 2.0 ** torch.arange(octaves))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-3)

# %% exercise="positional_encoding" wrong="includes x itself"
_right_encoding = positional_encoding
def positional_encoding(x, octaves):
    return torch.cat([x, _right_encoding(x, octaves)], dim=-1)

# %% exercise="positional_encoding" wrong="cosine before sine"
def positional_encoding(x, octaves):
    angle = x[..., None] * (math.pi * 2.0 ** torch.arange(octaves))
    return torch.stack([angle.cos(), angle.sin()], dim=-1).flatten(-3)

# %% exercise="positional_encoding" wrong="batch flattened"
def positional_encoding(x, octaves):
    angle = x[..., None] * (math.pi * 2.0 ** torch.arange(octaves))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).reshape(len(x), -1)

# %% exercise="positional_encoding" wrong="detached"
_right_encoding = positional_encoding
def positional_encoding(x, octaves):
    return _right_encoding(x.detach(), octaves)

# %% exercise="positional_encoding" wrong="right for three octaves, then stays at the highest frequency"
def positional_encoding(x, octaves):
    angle = x[..., None] * (math.pi * 2.0 ** torch.arange(octaves).clamp_max(4))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-3)

# %% exercise="positional_encoding" right="double angles"
def positional_encoding(x, octaves):
    sine, cosine, found = torch.sin(math.pi * x), torch.cos(math.pi * x), []
    for _ in range(octaves):
        found += [sine, cosine]
        sine, cosine = 2 * sine * cosine, cosine * cosine - sine * sine
    return torch.stack(found, -1).flatten(-2)

# %% exercise="positional_encoding" right="loops"
def positional_encoding(x, octaves):
    columns = []
    for i in range(x.shape[-1]):
        for k in range(octaves):
            columns.append(torch.sin(2**k * math.pi * x[..., i]))
            columns.append(torch.cos(2**k * math.pi * x[..., i]))
    return torch.stack(columns, dim=-1)

# %% exercise="positional_encoding" right="cosine as a shifted sine, float64 inside"
def positional_encoding(x, octaves):
    angle = torch.einsum("...i,k->...ik", x.double(), math.pi * torch.logspace(0, octaves - 1, octaves, 2, dtype=torch.float64))
    both = angle[..., None] + torch.tensor([0, math.pi / 2])
    return both.sin().reshape(*x.shape[:-1], 2 * octaves * x.shape[-1]).to(x.dtype)

# %% exercise="positional_encoding" right="powers of a complex exponential"
def positional_encoding(x, octaves):
    turn, parts = torch.exp(1j * math.pi * x.double()), []
    for _ in range(octaves):
        parts += [turn.imag, turn.real]
        turn = turn * turn
    return torch.stack(parts, dim=-1).flatten(-2).to(x.dtype)

# %% exercise="siren_layer" wrong="no first-layer rule"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="first-layer rule for all"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        nn.init.uniform_(self.linear.weight, -1 / in_features, 1 / in_features)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="first and hidden exchanged"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = math.sqrt(6 / in_features) / omega if first else 1 / in_features
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="omega missing in the bound"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features)
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="omega in the start, not in the sine"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(self.linear(x))

# %% exercise="siren_layer" wrong="30 whatever omega is"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / 30
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(30 * self.linear(x))

# %% exercise="siren_layer" wrong="omega inside the root"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features / omega)
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="normal instead of uniform"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.normal_(self.linear.weight, std=bound / math.sqrt(3))
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="from zero to the bound only"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, 0, bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="out_features in the bound"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / out_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="cosine"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.cos(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="omega scales W x but not b"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return torch.sin(self.omega * (x @ self.linear.weight.T) + self.linear.bias)

# %% exercise="siren_layer" wrong="omega in front of the sine"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
    def forward(self, x):
        return self.omega * torch.sin(self.linear(x))

# %% exercise="siren_layer" wrong="the same numbers every time"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        with torch.no_grad():
            numbers = torch.rand(self.linear.weight.shape, generator=torch.Generator().manual_seed(0))
            self.linear.weight.copy_((2 * numbers - 1) * bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="start forgotten"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="bias of the first layer drawn like W"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
        if first:
            nn.init.uniform_(self.linear.bias, -bound, bound)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" wrong="bias zeroed"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
        nn.init.zeros_(self.linear.bias)
    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))

# %% exercise="siren_layer" right="rand scaled by hand, F.linear"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features
        if not first:
            bound = (6 / in_features) ** 0.5 / omega
        with torch.no_grad():
            self.linear.weight.copy_((2 * torch.rand(out_features, in_features) - 1) * bound)
    def forward(self, x):
        return F.linear(x, self.omega * self.linear.weight, self.omega * self.linear.bias).sin()

# %% exercise="siren_layer" right="weight replaced by a new parameter, einsum"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        self.omega, self.first = omega, first
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / self.linear.in_features if self.first else math.sqrt(6 / self.linear.in_features) / self.omega
        self.linear.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
    def forward(self, x):
        return torch.sin(self.omega * (torch.einsum("...i,oi->...o", x, self.linear.weight) + self.linear.bias))

# %% exercise="siren_layer" right="numpy draws, complex exponential"
class SirenLayer(nn.Module):
    def __init__(self, in_features, out_features, first=False, omega=30.0):
        super().__init__()
        import numpy
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)
        bound = 1 / in_features if first else numpy.sqrt(6 / in_features) / omega
        drawn = numpy.random.default_rng().uniform(-bound, bound, (out_features, in_features))
        self.linear.weight.data = torch.from_numpy(drawn).float()
    def forward(self, x):
        return torch.exp(1j * (self.omega * self.linear(x))).imag

# %% exercise="voxel_field" wrong="order of coordinates not flipped"
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3)
    values = F.grid_sample(grid[None], where, padding_mode="border", align_corners=True)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" wrong="x and y exchanged"
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid.movedim(1, 2)[None], where, padding_mode="border", align_corners=True)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" wrong="align_corners=False"
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, padding_mode="border", align_corners=False)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" wrong="zeros outside"
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, align_corners=True)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" wrong="reflected outside"
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, padding_mode="reflection", align_corners=True)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" wrong="nearest node"
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, mode="nearest", padding_mode="border", align_corners=True)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" wrong="gradient to one corner only"
_right_voxel = voxel_field
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, mode="nearest", padding_mode="border", align_corners=True)
    nearest = values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))
    return nearest + (_right_voxel(grid, points) - nearest).detach()

# %% exercise="voxel_field" wrong="channels and points not exchanged"
def voxel_field(grid, points):
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, padding_mode="border", align_corners=True)
    return values.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" wrong="one list of points only"
_right_voxel = voxel_field
def voxel_field(grid, points):
    return _right_voxel(grid, points.reshape(-1, 3))

# %% exercise="voxel_field" wrong="the cube is [0, 1]³"
_right_voxel = voxel_field
def voxel_field(grid, points):
    return _right_voxel(grid, 2 * points - 1)

# %% exercise="voxel_field" wrong="points detached"
_right_voxel = voxel_field
def voxel_field(grid, points):
    return _right_voxel(grid, points.detach())

# %% exercise="voxel_field" wrong="as if the grid were cubic"
def voxel_field(grid, points):
    n = max(grid.shape[1:])
    place = ((points.clamp(-1, 1) + 1) / 2 * (n - 1)).reshape(-1, 3)
    low = torch.minimum(place.floor().long(), torch.tensor(grid.shape[1:]) - 2)
    share, total = place - low, 0
    for i in (0, 1):
        for j in (0, 1):
            for k in (0, 1):
                w = (share if i else 1 - share)[:, 0] * (share if j else 1 - share)[:, 1] * (share if k else 1 - share)[:, 2]
                total = total + w[:, None] * grid[:, low[:, 0] + i, low[:, 1] + j, low[:, 2] + k].T
    return total.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" right="eight corners by hand"
def voxel_field(grid, points):
    last = torch.tensor(grid.shape[1:]) - 1
    place = (points.clamp(-1, 1) + 1) / 2 * last
    low = torch.minimum(place.detach().floor().long(), last - 1)
    share, total = place - low, 0
    for i in (0, 1):
        for j in (0, 1):
            for k in (0, 1):
                sides = torch.tensor([i, j, k])
                weight = torch.where(sides == 1, share, 1 - share).prod(-1)
                x, y, z = (low + sides).unbind(-1)
                total = total + weight[..., None] * grid[:, x, y, z].movedim(0, -1)
    return total

# %% exercise="voxel_field" right="one axis after the other"
def voxel_field(grid, points):
    flat = points.reshape(-1, 3).clamp(-1, 1)
    values = grid.expand(len(flat), *grid.shape)
    for axis in range(3):
        n = grid.shape[1 + axis]
        hats = (1 - ((flat[:, axis, None] + 1) / 2 * (n - 1) - torch.arange(n)).abs()).clamp_min(0)
        values = torch.einsum("pcn...,pn->pc...", values, hats)
    return values.reshape(*points.shape[:-1], len(grid))

# %% exercise="voxel_field" right="permuted grid, points as a row of the batch, float64 inside"
def voxel_field(grid, points):
    where = points.double().reshape(1, 1, 1, -1, 3)
    values = F.grid_sample(grid.double().permute(0, 3, 2, 1)[None], where.clamp(-1, 1), align_corners=True)
    return values.reshape(len(grid), -1).movedim(0, -1).reshape(points.shape[:-1] + (len(grid),)).to(grid.dtype)

# %% exercise="hybrid_field" wrong="features added to the decoder's output"
def hybrid_field(planes, decoder, points):
    features = triplane_field(planes, points)
    output = decoder(features)
    return output + features[..., : output.shape[-1]] if output.shape[-1] <= features.shape[-1] else output

# %% exercise="hybrid_field" wrong="features plus decoder of the coordinates"
def hybrid_field(planes, decoder, points):
    return triplane_field(planes, points) + decoder(points)

# %% exercise="hybrid_field" wrong="decoder reads coordinates"
def hybrid_field(planes, decoder, points):
    return decoder(points)

# %% exercise="hybrid_field" wrong="decoder ignored"
def hybrid_field(planes, decoder, points):
    return triplane_field(planes, points)

# %% exercise="hybrid_field" wrong="decoder applied to each plane, then added"
def hybrid_field(planes, decoder, points):
    parts = []
    for p in range(3):
        only = torch.zeros_like(planes)
        only[p] = planes[p]
        parts.append(decoder(triplane_field(only, points)))
    return sum(parts)

# %% exercise="hybrid_field" wrong="features detached"
def hybrid_field(planes, decoder, points):
    return decoder(triplane_field(planes.detach(), points))

# %% exercise="hybrid_field" wrong="planes multiplied"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].prod(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="mean of the planes"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].mean(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="swapped axes"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [0, 1]], flat[:, [0, 2]], flat[:, [1, 2]]])
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="planes in another order"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 1]], flat[:, [2, 0]]])
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="(z, x) instead of (x, z)"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [0, 2]], flat[:, [2, 1]]])
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="the same plane three times"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])
    values = F.grid_sample(planes[:1].expand_as(planes), pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="align_corners=False"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=False)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="zeros outside"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])
    values = F.grid_sample(planes, pairs[:, :, None], align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="nearest node"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])
    values = F.grid_sample(planes, pairs[:, :, None], mode="nearest", padding_mode="border", align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])

# %% exercise="hybrid_field" wrong="concatenated features"
def triplane_field(planes, points):
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].flatten(0, 1).T.reshape(*points.shape[:-1], -1)

# %% exercise="hybrid_field" right="a loop over planes, decoder on flat features"
def triplane_field(planes, points):
    total = 0
    for plane, (first, second) in zip(planes, [(0, 1), (0, 2), (1, 2)]):
        where = torch.stack([points[..., second], points[..., first]], dim=-1).reshape(1, 1, -1, 2)
        found = F.grid_sample(plane[None], where, mode="bilinear", padding_mode="border", align_corners=True)
        total = total + found.reshape(planes.shape[1], -1)
    return total.T.reshape(points.shape[:-1] + planes.shape[1:2])
def hybrid_field(planes, decoder, points):
    output = decoder(triplane_field(planes, points.reshape(-1, 3)))
    return output.reshape(*points.shape[:-1], output.shape[-1])

# %% exercise="hybrid_field" right="hat functions and einsum"
def triplane_field(planes, points):
    n = planes.shape[-1]
    place = (points.clamp(-1, 1) + 1) / 2 * (n - 1)
    x, y, z = (1 - (place[..., None] - torch.arange(n)).abs()).clamp_min(0).unbind(-2)
    return sum(torch.einsum("cij,...i,...j->...c", plane, a, b) for plane, a, b in zip(planes, (x, x, y), (y, z, z)))

# %% exercise="hybrid_field" right="transposed planes, float64 inside"
def triplane_field(planes, points):
    flat = points.double().reshape(-1, 3)
    pairs = torch.stack([flat[:, [0, 1]], flat[:, [0, 2]], flat[:, [1, 2]]]).clamp(-1, 1)
    values = F.grid_sample(planes.double().mT, pairs[:, None], align_corners=True)
    return values[:, :, 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1]).to(planes.dtype)

# %% exercise="stratified_samples" wrong="jitter over the whole ray"
def stratified_samples(near, far, count, jitter=None):
    near, far = torch.broadcast_tensors(near, far)
    if not (near < far).all():
        raise ValueError("near must be smaller than far")
    edges = near[..., None] + (far - near)[..., None] * torch.linspace(0, 1, count + 1)
    if jitter is None:
        return (edges[..., 1:] + edges[..., :-1]) / 2, edges
    return near[..., None] + (far - near)[..., None] * jitter, edges

# %% exercise="stratified_samples" wrong="same jitter for all bins"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    return _right_samples(near, far, count, jitter if jitter is None else jitter[..., :1].expand_as(jitter))

# %% exercise="stratified_samples" wrong="starts of the bins instead of their middles"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    samples, edges = _right_samples(near, far, count, jitter)
    return (edges[..., :-1] if jitter is None else samples), edges

# %% exercise="stratified_samples" wrong="linspace from near to far"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    samples, edges = _right_samples(near, far, count, jitter)
    if jitter is None:
        near, far = torch.broadcast_tensors(near, far)
        samples = near[..., None] + (far - near)[..., None] * torch.linspace(0, 1, count)
    return samples, edges

# %% exercise="stratified_samples" wrong="jitter ignored"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    return _right_samples(near, far, count, jitter if jitter is None else torch.full_like(jitter, 0.5))

# %% exercise="stratified_samples" wrong="jitter around the middle"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    return _right_samples(near, far, count, jitter if jitter is None else jitter + 0.5)

# %% exercise="stratified_samples" wrong="jitter not scaled by the width of a bin"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    samples, edges = _right_samples(near, far, count, jitter)
    return (samples if jitter is None else edges[..., :-1] + jitter), edges

# %% exercise="stratified_samples" wrong="near and far swapped"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    samples, edges = _right_samples(near, far, count, jitter)
    return samples.flip(-1), edges.flip(-1)

# %% exercise="stratified_samples" wrong="no error"
def stratified_samples(near, far, count, jitter=None):
    jitter = torch.full_like(near, 0.5)[..., None] if jitter is None else jitter
    near, far, _ = torch.broadcast_tensors(near, far, jitter[..., 0])
    edges = near[..., None] + (far - near)[..., None] * torch.linspace(0, 1, count + 1)
    return edges[..., :-1] + jitter * edges.diff(dim=-1), edges

# %% exercise="stratified_samples" wrong="error only where near lies beyond far for all rays"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    if (near >= far).all():
        raise ValueError("near must be smaller than far")
    return _right_samples(torch.minimum(near, far - 1e-3), far, count, jitter)

# %% exercise="stratified_samples" wrong="near = far allowed"
def stratified_samples(near, far, count, jitter=None):
    if (near > far).any():
        raise ValueError("near must be smaller than far")
    jitter = torch.full_like(near, 0.5)[..., None] if jitter is None else jitter
    near, far, _ = torch.broadcast_tensors(near, far, jitter[..., 0])
    edges = near[..., None] + (far - near)[..., None] * torch.linspace(0, 1, count + 1)
    return edges[..., :-1] + jitter * edges.diff(dim=-1), edges

# %% exercise="stratified_samples" wrong="one sample per edge"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    samples, edges = _right_samples(near, far, count, jitter)
    return samples, edges[..., :-1]

# %% exercise="stratified_samples" wrong="one near for all"
_right_samples = stratified_samples
def stratified_samples(near, far, count, jitter=None):
    _right_samples(near, far, count, jitter)
    return _right_samples(near.min().expand_as(near), far.max().expand_as(far), count, jitter)

# %% exercise="stratified_samples" right="linspace of indices"
def stratified_samples(near, far, count, jitter=None):
    jitter = torch.tensor([0.5]) if jitter is None else jitter
    batch = torch.broadcast_shapes(near.shape, far.shape, jitter.shape[:-1])
    near, far = near.expand(batch)[..., None], far.expand(batch)[..., None]
    if (near >= far).any():
        raise ValueError("far must lie beyond near")
    i = torch.arange(count, dtype=near.dtype)
    return near + (far - near) * (i + jitter) / count, near + (far - near) * torch.arange(count + 1) / count

# %% exercise="stratified_samples" right="lerp, a loop over bins"
def stratified_samples(near, far, count, jitter=None):
    if not bool(torch.all(far - near > 0)):
        raise ValueError(f"near ({near.max()}) reaches far ({far.min()})")
    share = torch.full((count,), 0.5) if jitter is None else jitter
    zero = torch.zeros_like(share[..., 0])
    near, far = near + zero, far + zero
    edges = [torch.lerp(near, far, torch.tensor(k / count, dtype=near.dtype)) for k in range(count + 1)]
    samples = [torch.lerp(edges[k], edges[k + 1], share[..., k].to(near.dtype)) for k in range(count)]
    return torch.stack(samples, -1), torch.stack(edges, -1)

# %% exercise="stratified_samples" right="weighted mean of edges, float64 inside"
def stratified_samples(near, far, count, jitter=None):
    dtype = near.dtype
    share = torch.as_tensor(0.5).expand(count) if jitter is None else jitter
    near, far, share = near.double()[..., None], far.double()[..., None], share.double()
    if (~(near < far)).any():
        raise ValueError("near and far are out of order")
    edges = torch.linspace(0, 1, count + 1, dtype=torch.float64)
    edges = near * (1 - edges) + far * edges + 0 * share[..., :1]
    return (edges[..., :-1] * (1 - share) + edges[..., 1:] * share).to(dtype), edges.to(dtype)

# %% exercise="alpha_from_density" wrong="1 − exp(+σδ)"
def alpha_from_density(sigma, delta):
    return 1 - torch.exp(sigma * delta)

# %% exercise="alpha_from_density" wrong="linear"
def alpha_from_density(sigma, delta):
    return sigma * delta

# %% exercise="alpha_from_density" wrong="linear, clamped"
def alpha_from_density(sigma, delta):
    return (sigma * delta).clamp(0, 1)

# %% exercise="alpha_from_density" wrong="what passes, not what is absorbed"
def alpha_from_density(sigma, delta):
    return torch.exp(-sigma * delta)

# %% exercise="alpha_from_density" wrong="1 − exp loses thin fog"
def alpha_from_density(sigma, delta):
    return 1 - torch.exp(-sigma * delta)

# %% exercise="alpha_from_density" wrong="delta forgotten"
def alpha_from_density(sigma, delta):
    return -torch.expm1(-sigma) + 0 * delta

# %% exercise="alpha_from_density" wrong="negative"
def alpha_from_density(sigma, delta):
    return torch.expm1(-sigma * delta)

# %% exercise="alpha_from_density" wrong="tanh"
def alpha_from_density(sigma, delta):
    return torch.tanh(sigma * delta)

# %% exercise="alpha_from_density" wrong="divided by σ"
def alpha_from_density(sigma, delta):
    return -torch.expm1(-sigma * delta) / sigma * sigma

# %% exercise="alpha_from_density" wrong="first order where the fog is not so thin"
def alpha_from_density(sigma, delta):
    x = sigma * delta
    return torch.where(x < 1e-4, x, 1 - torch.exp(-x))

# %% exercise="alpha_from_density" wrong="lengths of another ray"
def alpha_from_density(sigma, delta):
    return -torch.expm1(-sigma * delta.flip(-1 if delta.ndim else ()))

# %% exercise="alpha_from_density" wrong="never quite opaque"
def alpha_from_density(sigma, delta):
    return -torch.expm1(-(sigma * delta).clamp_max(5))

# %% exercise="alpha_from_density" right="float64 inside"
def alpha_from_density(sigma, delta):
    return (1 - torch.exp(-sigma.double() * delta.double())).to(sigma.dtype)

# %% exercise="alpha_from_density" right="sinh"
def alpha_from_density(sigma, delta):
    half = (sigma * delta / 2).clamp_max(40)
    return 2 * torch.exp(-half) * torch.sinh(half)

# %% exercise="alpha_from_density" right="own derivative"
class _Absorb(torch.autograd.Function):
    @staticmethod
    def forward(ctx, sigma, delta):
        ctx.save_for_backward(sigma, delta)
        return -torch.expm1(-sigma * delta)
    @staticmethod
    def backward(ctx, gradient):
        sigma, delta = ctx.saved_tensors
        passes = gradient * torch.exp(-sigma * delta)
        return (passes * delta).sum_to_size(sigma.shape), (passes * sigma).sum_to_size(delta.shape)
def alpha_from_density(sigma, delta):
    return _Absorb.apply(sigma, delta)

# %% exercise="composite" wrong="inclusive product"
def composite(alpha, values, background=None):
    through = torch.cumprod(1 - alpha, dim=-1)
    transmittance = torch.cat([through[..., :1], through], dim=-1)
    weights = through * alpha
    value = (weights[..., None] * values).sum(-2)
    if background is not None:
        value = value + through[..., -1:] * background
    return value, weights, transmittance

# %% exercise="composite" wrong="last interval missing"
def composite(alpha, values, background=None):
    alpha = torch.cat([alpha[..., :-1], torch.zeros_like(alpha[..., :1])], dim=-1)
    transmittance = torch.cumprod(F.pad(1 - alpha, (1, 0), value=1.0), dim=-1)
    weights = transmittance[..., :-1] * alpha
    value = (weights[..., None] * values).sum(-2)
    return value if background is None else value + transmittance[..., -1:] * background, weights, transmittance

# %% exercise="composite" wrong="background forgotten"
_right_composite = composite
def composite(alpha, values, background=None):
    return _right_composite(alpha, values)

# %% exercise="composite" wrong="background unweighted"
_right_composite = composite
def composite(alpha, values, background=None):
    value, weights, transmittance = _right_composite(alpha, values)
    return value if background is None else value + background, weights, transmittance

# %% exercise="composite" wrong="background weighted by what is absorbed"
_right_composite = composite
def composite(alpha, values, background=None):
    value, weights, transmittance = _right_composite(alpha, values)
    return value if background is None else value + weights.sum(-1, keepdim=True) * background, weights, transmittance

# %% exercise="composite" wrong="background weighted by T of the last sample"
_right_composite = composite
def composite(alpha, values, background=None):
    value, weights, transmittance = _right_composite(alpha, values)
    return value if background is None else value + transmittance[..., -2:-1] * background, weights, transmittance

# %% exercise="composite" wrong="white where there is no background"
_right_composite = composite
def composite(alpha, values, background=None):
    return _right_composite(alpha, values, torch.ones(values.shape[-1]) if background is None else background)

# %% exercise="composite" wrong="normalised weights"
_right_composite = composite
def composite(alpha, values, background=None):
    _, weights, transmittance = _right_composite(alpha, values)
    weights = weights / weights.sum(-1, keepdim=True).clamp_min(1e-8)
    value = (weights[..., None] * values).sum(-2)
    return value if background is None else value + transmittance[..., -1:] * background, weights, transmittance

# %% exercise="composite" wrong="back to front"
_right_composite = composite
def composite(alpha, values, background=None):
    value, weights, transmittance = _right_composite(alpha.flip(-1), values.flip(-2), background)
    return value, weights.flip(-1), transmittance

# %% exercise="composite" wrong="alpha instead of weights"
def composite(alpha, values, background=None):
    transmittance = torch.cumprod(F.pad(1 - alpha, (1, 0), value=1.0), dim=-1)
    value = (alpha[..., None] * values).sum(-2)
    return value if background is None else value + transmittance[..., -1:] * background, alpha, transmittance

# %% exercise="composite" wrong="transmittance of the samples only"
_right_composite = composite
def composite(alpha, values, background=None):
    value, weights, transmittance = _right_composite(alpha, values, background)
    return value, weights, transmittance[..., :-1]

# %% exercise="composite" wrong="division by 1 − α"
def composite(alpha, values, background=None):
    through = torch.cumprod(1 - alpha, dim=-1)
    weights = through / (1 - alpha) * alpha
    transmittance = F.pad(through, (1, 0), value=1.0)
    value = (weights[..., None] * values).sum(-2)
    return value if background is None else value + through[..., -1:] * background, weights, transmittance

# %% exercise="composite" wrong="logarithms: NaN gradients behind opaque samples"
def composite(alpha, values, background=None):
    transmittance = F.pad(torch.log1p(-alpha).cumsum(-1), (1, 0)).exp()
    weights = transmittance[..., :-1] * alpha
    value = (weights[..., None] * values).sum(-2)
    return value if background is None else value + transmittance[..., -1:] * background, weights, transmittance

# %% exercise="composite" wrong="opaque samples clamped"
_right_composite = composite
def composite(alpha, values, background=None):
    return _right_composite(alpha.clamp_max(0.99), values, background)

# %% exercise="composite" wrong="weights detached"
_right_composite = composite
def composite(alpha, values, background=None):
    value, weights, transmittance = _right_composite(alpha, values, background)
    return value, weights.detach(), transmittance

# %% exercise="composite" wrong="transmittance detached in the weights"
def composite(alpha, values, background=None):
    transmittance = torch.cumprod(F.pad(1 - alpha, (1, 0), value=1.0), dim=-1)
    weights = transmittance[..., :-1].detach() * alpha
    value = (weights[..., None] * values).sum(-2)
    return value if background is None else value + transmittance[..., -1:] * background, weights, transmittance

# %% exercise="composite" wrong="every channel summed"
_right_composite = composite
def composite(alpha, values, background=None):
    value, weights, transmittance = _right_composite(alpha, values, background)
    return value.sum(-1, keepdim=True).expand_as(value), weights, transmittance

# %% exercise="composite" wrong="early stop: what gets less than 1 ‰ of the light is left out"
_right_composite = composite
def composite(alpha, values, background=None):
    _, weights, transmittance = _right_composite(alpha, values)
    weights = torch.where(transmittance[..., :-1] > 1e-3, weights, 0.0)
    value = (weights[..., None] * values).sum(-2)
    return value if background is None else value + transmittance[..., -1:] * background, weights, transmittance

# %% exercise="composite" right="a loop over samples, in float64"
def composite(alpha, values, background=None):
    light = torch.ones_like(alpha[..., 0], dtype=torch.float64)
    weights, reaching, value = [], [light], 0
    for i in range(alpha.shape[-1]):
        weights.append(light * alpha[..., i])
        value = value + weights[-1][..., None] * values[..., i, :]
        light = light * (1 - alpha[..., i].double())
        reaching.append(light)
    if background is not None:
        value = value + light[..., None] * background
    dtype = alpha.dtype
    return value.to(dtype), torch.stack(weights, -1).to(dtype), torch.stack(reaching, -1).to(dtype)

# %% exercise="composite" right="einsum, and weights as differences of the transmittance"
def composite(alpha, values, background=None):
    transmittance = torch.cat([torch.ones_like(alpha[..., :1]), (1 - alpha).cumprod(-1)], dim=-1)
    weights = transmittance[..., :-1] - transmittance[..., 1:]
    value = torch.einsum("...n,...nc->...c", weights, values)
    if background is not None:
        value = torch.addcmul(value, transmittance[..., -1:], background.expand_as(value))
    return value, weights, transmittance

# %% exercise="composite" right="the published 1e-10"
def composite(alpha, values, background=None):
    shifted = torch.cat([torch.ones_like(alpha[..., :1]), 1 - alpha + 1e-10], dim=-1)
    transmittance = torch.cumprod(shifted, dim=-1)
    weights = alpha * transmittance[..., :-1]
    value = torch.sum(weights[..., None] * values, dim=-2)
    return value + (0 if background is None else background * transmittance[..., -1, None]), weights, transmittance

# %% exercise="composite" right="own derivative, back to front"
class _Composite(torch.autograd.Function):
    @staticmethod
    def forward(ctx, alpha, values):
        transmittance = torch.cumprod(F.pad(1 - alpha, (1, 0), value=1.0), dim=-1)
        weights = transmittance[..., :-1] * alpha
        ctx.save_for_backward(alpha, values, transmittance, weights)
        return (weights[..., None] * values).sum(-2), weights, transmittance
    @staticmethod
    def backward(ctx, by_value, by_weights, by_transmittance):
        alpha, values, transmittance, weights = ctx.saved_tensors
        by_weights = by_weights + (values * by_value[..., None, :]).sum(-1)
        behind, found = by_transmittance[..., -1], []
        for i in reversed(range(alpha.shape[-1])):
            found.append(transmittance[..., i] * (by_weights[..., i] - behind))
            behind = by_transmittance[..., i] + by_weights[..., i] * alpha[..., i] + behind * (1 - alpha[..., i])
        return torch.stack(found[::-1], dim=-1), weights[..., None] * by_value[..., None, :]
def composite(alpha, values, background=None):
    value, weights, transmittance = _Composite.apply(alpha, values)
    return value if background is None else value + transmittance[..., -1:] * background, weights, transmittance

# %% exercise="expected_depth" wrong="not divided by the sum"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    distance = torch.where(total >= 1e-6, (weights * distances).sum(-1), math.inf)
    return distance, torch.where(total >= 1e-6, (weights * distances).sum(-1) * cosine, math.inf)

# %% exercise="expected_depth" wrong="distance and depth confused"
_right_depth = expected_depth
def expected_depth(weights, distances, cosine):
    distance, depth = _right_depth(weights, distances, cosine)
    return depth, distance

# %% exercise="expected_depth" wrong="depth is the distance"
_right_depth = expected_depth
def expected_depth(weights, distances, cosine):
    distance, _ = _right_depth(weights, distances, cosine)
    return distance, distance

# %% exercise="expected_depth" wrong="divided by the cosine"
_right_depth = expected_depth
def expected_depth(weights, distances, cosine):
    distance, _ = _right_depth(weights, distances, cosine)
    return distance, distance / cosine

# %% exercise="expected_depth" wrong="NaN gradients of empty rays"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    mean = (weights * distances).sum(-1) / total
    distance = torch.where(total >= 1e-6, mean, math.inf)
    return distance, torch.where(total >= 1e-6, mean * cosine, math.inf)

# %% exercise="expected_depth" wrong="zero for empty rays"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    mean = torch.where(total >= 1e-6, (weights * distances).sum(-1) / total.clamp_min(1e-6), 0.0)
    return mean, mean * cosine

# %% exercise="expected_depth" wrong="a small number added to the sum"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    mean = (weights * distances).sum(-1) / (total + 1e-5)
    distance = torch.where(total >= 1e-6, mean, math.inf)
    return distance, torch.where(total >= 1e-6, mean * cosine, math.inf)

# %% exercise="expected_depth" wrong="median"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    passed = (weights.cumsum(-1) < total[..., None] / 2).sum(-1, keepdim=True).clamp_max(weights.shape[-1] - 1)
    median = distances.gather(-1, passed)[..., 0] + 0 * weights.sum(-1)
    return torch.where(total >= 1e-6, median, math.inf), torch.where(total >= 1e-6, median * cosine, math.inf)

# %% exercise="expected_depth" wrong="the heaviest sample"
def expected_depth(weights, distances, cosine):
    seen = weights.sum(-1) >= 1e-6
    heaviest = distances.gather(-1, weights.argmax(-1, keepdim=True))[..., 0] + 0 * weights.sum(-1)
    return torch.where(seen, heaviest, math.inf), torch.where(seen, heaviest * cosine, math.inf)

# %% exercise="expected_depth" wrong="faint rays taken for empty"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    seen = total >= 1e-2
    mean = (weights * distances).sum(-1) / torch.where(seen, total, 1.0)
    return torch.where(seen, mean, math.inf), torch.where(seen, mean * cosine, math.inf)

# %% exercise="expected_depth" wrong="only zero is empty"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    seen = total > 0
    mean = (weights * distances).sum(-1) / torch.where(seen, total, 1.0)
    return torch.where(seen, mean, math.inf), torch.where(seen, mean * cosine, math.inf)

# %% exercise="expected_depth" wrong="the sum is detached"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1).detach()
    seen = total >= 1e-6
    mean = (weights * distances).sum(-1) / torch.where(seen, total, 1.0)
    return torch.where(seen, mean, math.inf), torch.where(seen, mean * cosine, math.inf)

# %% exercise="expected_depth" wrong="depth detached"
_right_depth = expected_depth
def expected_depth(weights, distances, cosine):
    distance, depth = _right_depth(weights, distances, cosine)
    return distance, depth.detach()

# %% exercise="expected_depth" wrong="infinity times the cosine"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    mean = (weights * distances).sum(-1) / total.clamp_min(1e-6)
    distance = torch.where(total < 1e-6, math.inf, mean)
    return distance, distance * cosine

# %% exercise="expected_depth" right="the sum clamped"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    mean = (weights * distances).sum(-1) / total.clamp_min(1e-6)
    return tuple(torch.where(total < 1e-6, math.inf, x) for x in (mean, mean * cosine))

# %% exercise="expected_depth" right="einsum and masked fill"
def expected_depth(weights, distances, cosine):
    total = torch.einsum("...n->...", weights)
    empty = total < 1e-6
    mean = torch.einsum("...n,...n->...", weights, distances) / total.masked_fill(empty, 1.0)
    return mean.masked_fill(empty, float("inf")), (mean * cosine).masked_fill(empty, float("inf"))

# %% exercise="expected_depth" right="normalised weights first, float64 inside"
def expected_depth(weights, distances, cosine):
    w, t, c = weights.double(), distances.double(), cosine.double()
    total = w.sum(-1, keepdim=True)
    seen = total >= 1e-6
    shares = torch.where(seen, w, 0.0) / torch.where(seen, total, 1.0)
    mean = (shares * t).sum(-1)
    infinite = torch.full_like(mean, math.inf)
    seen = seen[..., 0]
    return torch.where(seen, mean, infinite).to(weights.dtype), torch.where(seen, mean * c, infinite).to(weights.dtype)

# %% exercise="expected_depth" right="only the rays that see something"
def expected_depth(weights, distances, cosine):
    total = weights.sum(-1)
    seen = total >= 1e-6
    mean = (weights[seen] * distances[seen]).sum(-1) / total[seen]
    distance = torch.full_like(total, math.inf)
    depth = torch.full_like(total, math.inf)
    return distance.masked_scatter(seen, mean), depth.masked_scatter(seen, mean * cosine[seen])

# %% exercise="importance_samples" wrong="uniform, weights ignored"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    return _right_importance(edges, torch.ones_like(weights), count, u)

# %% exercise="importance_samples" wrong="weights taken to lie at the edges"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    shifted = torch.cat([weights[..., :1], (weights[..., 1:] + weights[..., :-1]) / 2], dim=-1)
    return _right_importance(edges, shifted, count, u)

# %% exercise="importance_samples" wrong="off by one bin"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    return _right_importance(edges, weights.roll(1, -1), count, u)

# %% exercise="importance_samples" wrong="NaN for zero weights"
def importance_samples(edges, weights, count, u=None):
    weights = weights.detach()
    cdf = F.pad((weights / weights.sum(-1, keepdim=True)).cumsum(-1), (1, 0))
    u = ((torch.arange(count) + 0.5) / count).expand(*weights.shape[:-1], count) if u is None else u
    right = torch.searchsorted(cdf, u.contiguous(), right=True).clamp(1, weights.shape[-1])
    low, high = cdf.gather(-1, right - 1), cdf.gather(-1, right)
    start, end = edges.detach().gather(-1, right - 1), edges.detach().gather(-1, right)
    return start + ((u - low) / torch.where(high > low, high - low, 1.0)).clamp(0, 1) * (end - start)

# %% exercise="importance_samples" wrong="nearest edge"
def importance_samples(edges, weights, count, u=None):
    weights = torch.where(weights.sum(-1, keepdim=True) > 0, weights, 1.0).detach()
    cdf = F.pad((weights / weights.sum(-1, keepdim=True)).cumsum(-1), (1, 0))
    u = ((torch.arange(count) + 0.5) / count).expand(*weights.shape[:-1], count) if u is None else u
    right = torch.searchsorted(cdf, u.contiguous(), right=True).clamp(1, weights.shape[-1])
    return edges.gather(-1, right - 1)

# %% exercise="importance_samples" wrong="middle of the bin"
def importance_samples(edges, weights, count, u=None):
    weights = torch.where(weights.sum(-1, keepdim=True) > 0, weights, 1.0).detach()
    cdf = F.pad((weights / weights.sum(-1, keepdim=True)).cumsum(-1), (1, 0))
    u = ((torch.arange(count) + 0.5) / count).expand(*weights.shape[:-1], count) if u is None else u
    right = torch.searchsorted(cdf, u.contiguous(), right=True).clamp(1, weights.shape[-1])
    return (edges.gather(-1, right - 1) + edges.gather(-1, right)) / 2

# %% exercise="importance_samples" wrong="adds 1e-2 to the weights"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    return _right_importance(edges, weights + 1e-2, count, u)

# %% exercise="importance_samples" wrong="adds 1e-5 to the weights: faint rays are sampled evenly"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    return _right_importance(edges, weights + 1e-5, count, u)

# %% exercise="importance_samples" wrong="u ignored"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    return _right_importance(edges, weights, count)

# %% exercise="importance_samples" wrong="samples at i / count"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    if u is None:
        u = (torch.arange(count) / count).expand(*weights.shape[:-1], count)
    return _right_importance(edges, weights, count, u)

# %% exercise="importance_samples" wrong="linspace from 0 to 1"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    if u is None:
        u = torch.linspace(0, 1, count).expand(*weights.shape[:-1], count)
    return _right_importance(edges, weights, count, u)

# %% exercise="importance_samples" wrong="weights not normalised"
def importance_samples(edges, weights, count, u=None):
    weights = weights.detach()
    cdf = F.pad(weights.cumsum(-1), (1, 0))
    u = ((torch.arange(count) + 0.5) / count).expand(*weights.shape[:-1], count) if u is None else u
    right = torch.searchsorted(cdf, u.contiguous(), right=True).clamp(1, weights.shape[-1])
    low, high = cdf.gather(-1, right - 1), cdf.gather(-1, right)
    start, end = edges.detach().gather(-1, right - 1), edges.detach().gather(-1, right)
    return start + ((u - low) / torch.where(high > low, high - low, 1.0)).clamp(0, 1) * (end - start)

# %% exercise="importance_samples" wrong="weights times the width of their bins"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    return _right_importance(edges, weights * edges.diff(dim=-1), count, u)

# %% exercise="importance_samples" wrong="linear between all edges, whatever the bin"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    even = edges[..., :1] + (edges[..., -1:] - edges[..., :1]) * torch.linspace(0, 1, edges.shape[-1])
    return _right_importance(even, weights, count, u)

# %% exercise="importance_samples" wrong="the first ray's bins for all rays"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    n = weights.shape[-1]
    return _right_importance(edges.reshape(-1, n + 1)[:1].expand_as(edges.reshape(-1, n + 1)).reshape(edges.shape), weights, count, u)

# %% exercise="importance_samples" wrong="sorted"
_right_importance = importance_samples
def importance_samples(edges, weights, count, u=None):
    return _right_importance(edges, weights, count, u).sort(-1).values

# %% exercise="importance_samples" wrong="gradients to the weights"
def importance_samples(edges, weights, count, u=None):
    total = weights.sum(-1, keepdim=True)
    pdf = torch.where(total > 0, weights / torch.where(total > 0, total, 1.0), 1 / weights.shape[-1])
    cdf = F.pad(pdf.cumsum(-1), (1, 0))
    u = ((torch.arange(count) + 0.5) / count).expand(*weights.shape[:-1], count) if u is None else u
    right = torch.searchsorted(cdf.detach(), u.contiguous(), right=True).clamp(1, weights.shape[-1])
    low, high = cdf.gather(-1, right - 1), cdf.gather(-1, right)
    start, end = edges.gather(-1, right - 1), edges.gather(-1, right)
    return start + ((u - low) / torch.where(high > low, high - low, 1.0)).clamp(0, 1) * (end - start)

# %% exercise="importance_samples" right="searchsorted by comparison, no_grad"
@torch.no_grad()
def importance_samples(edges, weights, count, u=None):
    weights = torch.where((weights == 0).all(-1, keepdim=True), 1.0, weights)
    upper = weights.cumsum(-1) / weights.sum(-1, keepdim=True)
    if u is None:
        u = torch.linspace(0.5 / count, 1 - 0.5 / count, count).expand(weights.shape[:-1] + (count,))
    bins = (u[..., None] >= upper[..., None, :]).sum(-1).clamp_max(weights.shape[-1] - 1)
    lower = torch.cat([torch.zeros_like(upper[..., :1]), upper[..., :-1]], dim=-1)
    low, high = lower.gather(-1, bins), upper.gather(-1, bins)
    start, end = edges[..., :-1].gather(-1, bins), edges[..., 1:].gather(-1, bins)
    return torch.lerp(start, end, ((u - low) / (high - low).clamp_min(1e-12)).clamp(0, 1))

# %% exercise="importance_samples" right="numpy's interp, ray by ray"
def importance_samples(edges, weights, count, u=None):
    import numpy
    n, rows = weights.shape[-1], []
    shares = None if u is None else u.reshape(-1, count)
    for k, (e, w) in enumerate(zip(edges.detach().reshape(-1, n + 1), weights.detach().reshape(-1, n))):
        w = w.double().numpy()
        w = w / w.sum() if w.sum() > 0 else numpy.full(n, 1 / n)
        cdf = numpy.concatenate([[0], numpy.cumsum(w)])
        wanted = (numpy.arange(count) + 0.5) / count if shares is None else shares[k].double().numpy()
        rows.append(torch.from_numpy(numpy.interp(wanted, cdf, e.double().numpy())))
    return torch.stack(rows).reshape(*weights.shape[:-1], count).to(edges.dtype)

# %% exercise="importance_samples" right="float64 inside, sums of clamped parts"
def importance_samples(edges, weights, count, u=None):
    e, w = edges.detach().double(), weights.detach().double()
    w = torch.where(w.sum(-1, keepdim=True) > 0, w, torch.ones_like(w))
    w = w / w.sum(-1, keepdim=True)
    if u is None:
        u = (2 * torch.arange(count) + 1).expand(*w.shape[:-1], count) / (2 * count)
    before = w.cumsum(-1) - w
    inside = ((u.double()[..., None] - before[..., None, :]) / torch.where(w > 0, w, math.inf)[..., None, :]).clamp(0, 1)
    passed = u.double()[..., None] >= (before + w)[..., None, :]
    inside = torch.where((w > 0)[..., None, :], inside, passed.double())
    return (e[..., :1] + (inside * e.diff(dim=-1)[..., None, :]).sum(-1)).to(edges.dtype)

# %% exercise="density_from_sdf" wrong="sign flipped"
_right_density = density_from_sdf
def density_from_sdf(sdf, beta):
    return _right_density(-sdf, beta)

# %% exercise="density_from_sdf" wrong="logistic distribution"
def density_from_sdf(sdf, beta):
    return torch.sigmoid(-sdf / beta) / beta

# %% exercise="density_from_sdf" wrong="1/β missing"
_right_density = density_from_sdf
def density_from_sdf(sdf, beta):
    return _right_density(sdf, beta) * beta

# %% exercise="density_from_sdf" wrong="overflow"
def density_from_sdf(sdf, beta):
    inside, outside = 1 - 0.5 * torch.exp(sdf / beta), 0.5 * torch.exp(-sdf / beta)
    return torch.where(sdf > 0, outside, inside) / beta

# %% exercise="density_from_sdf" wrong="overflow in a product with the mask"
def density_from_sdf(sdf, beta):
    out = (sdf > 0).to(sdf.dtype)
    return (out * 0.5 * torch.exp(-sdf / beta) + (1 - out) * (1 - 0.5 * torch.exp(sdf / beta))) / beta

# %% exercise="density_from_sdf" wrong="half missing"
def density_from_sdf(sdf, beta):
    whole = torch.exp(-sdf.abs() / beta)
    return torch.where(sdf > 0, whole, 1 - whole) / beta

# %% exercise="density_from_sdf" wrong="density of the distribution, not its integral"
def density_from_sdf(sdf, beta):
    return torch.exp(-sdf.abs() / beta) / (2 * beta)

# %% exercise="density_from_sdf" wrong="β as a rate"
_right_density = density_from_sdf
def density_from_sdf(sdf, beta):
    return _right_density(sdf, 1 / beta)

# %% exercise="density_from_sdf" wrong="Gaussian"
def density_from_sdf(sdf, beta):
    return 0.5 * torch.erfc(sdf / beta) / beta

# %% exercise="density_from_sdf" wrong="clamped a few β away"
_right_density = density_from_sdf
def density_from_sdf(sdf, beta):
    return _right_density(torch.minimum(torch.maximum(sdf, -2 * torch.as_tensor(beta)), 2 * torch.as_tensor(beta)), beta)

# %% exercise="density_from_sdf" wrong="β cut off from its gradient"
_right_density = density_from_sdf
def density_from_sdf(sdf, beta):
    return _right_density(sdf, torch.as_tensor(beta).item())

# %% exercise="density_from_sdf" wrong="solid from the start"
def density_from_sdf(sdf, beta):
    return torch.where(sdf > 0, 0.0 * sdf, 1.0 + 0.0 * sdf) / beta

# %% exercise="density_from_sdf" right="the published expm1"
def density_from_sdf(sdf, beta):
    return (0.5 + 0.5 * sdf.sign() * torch.expm1(-sdf.abs() / beta)) / beta

# %% exercise="density_from_sdf" right="torch.distributions"
def density_from_sdf(sdf, beta):
    scale = torch.as_tensor(beta, dtype=sdf.dtype)
    return torch.distributions.Laplace(torch.zeros_like(scale), scale, validate_args=False).cdf(-sdf) / scale

# %% exercise="density_from_sdf" right="two clamped branches"
def density_from_sdf(sdf, beta):
    outside = 0.5 * torch.exp(-sdf.clamp_min(0) / beta)
    inside = 1 - 0.5 * torch.exp(sdf.clamp_max(0) / beta)
    return torch.where(sdf > 0, outside, inside) / beta

# %% exercise="render_chunked" wrong="last partial chunk lost"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch, o, d = directions.shape[:-1], origins.reshape(-1, 3), directions.reshape(-1, 3)
    pieces = [checkpoint(render, o[k : k + chunk], d[k : k + chunk], use_reentrant=False) for k in range(0, len(o) - chunk + 1, chunk)]
    return tuple(torch.cat(parts).reshape(batch + parts[0].shape[1:]) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="last chunk filled up"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins.reshape(-1, 3), directions.reshape(-1, 3)
    more = -len(o) % chunk
    o, d = torch.cat([o, o[-1:].expand(more, 3)]), torch.cat([d, d[-1:].expand(more, 3)])
    pieces = [checkpoint(render, *rays, use_reentrant=False) for rays in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat(parts) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="batch shape lost"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins.reshape(-1, 3), directions.reshape(-1, 3)
    pieces = [checkpoint(render, *rays, use_reentrant=False) for rays in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat(parts) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="chunks of rows"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    pieces = [checkpoint(render, *rays, use_reentrant=False) for rays in zip(origins.split(chunk), directions.split(chunk))]
    return tuple(torch.cat(parts) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="chunks side by side"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch, o, d = directions.shape[:-1], origins.reshape(-1, 3), directions.reshape(-1, 3)
    steps = -(-len(o) // chunk)
    pieces = [checkpoint(render, o[k::steps], d[k::steps], use_reentrant=False) for k in range(steps)]
    return tuple(torch.cat(parts).reshape(batch + parts[0].shape[1:]) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="all at once"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    parts = render(origins.reshape(-1, 3), directions.reshape(-1, 3))
    return tuple(part.reshape(origins.shape[:-1] + part.shape[1:]) for part in parts)

# %% exercise="render_chunked" wrong="no checkpoint"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch, o, d = directions.shape[:-1], origins.reshape(-1, 3), directions.reshape(-1, 3)
    pieces = [render(*rays) for rays in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat(parts).reshape(batch + parts[0].shape[1:]) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="reentrant checkpoint"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch, o, d = directions.shape[:-1], origins.reshape(-1, 3), directions.reshape(-1, 3)
    pieces = [checkpoint(render, *rays, use_reentrant=True) for rays in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat(parts).reshape(batch + parts[0].shape[1:]) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="checkpoint around every second chunk only"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch, o, d = directions.shape[:-1], origins.reshape(-1, 3), directions.reshape(-1, 3)
    pieces = []
    for k, rays in enumerate(zip(o.split(chunk), d.split(chunk))):
        pieces.append(render(*rays) if k % 2 else checkpoint(render, *rays, use_reentrant=False))
    return tuple(torch.cat(parts).reshape(batch + parts[0].shape[1:]) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="checkpoint only where the rays ask for gradients"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch, pieces = origins.shape[:-1], []
    for o, d in zip(origins.reshape(-1, 3).split(chunk), directions.reshape(-1, 3).split(chunk)):
        asks = o.requires_grad or d.requires_grad
        pieces.append(checkpoint(render, o, d, use_reentrant=False) if asks else render(o, d))
    return tuple(torch.cat(x).reshape(batch + x[0].shape[1:]) for x in zip(*pieces))

# %% exercise="render_chunked" wrong="detached"
_right_chunked = render_chunked
def render_chunked(render, origins, directions, chunk):
    with torch.no_grad():
        return _right_chunked(render, origins, directions, chunk)

# %% exercise="render_chunked" wrong="one checkpoint around the loop"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch = directions.shape[:-1]
    def loop(o, d):
        pieces = [render(*rays) for rays in zip(o.split(chunk), d.split(chunk))]
        return tuple(torch.cat(parts) for parts in zip(*pieces))
    parts = checkpoint(loop, origins.reshape(-1, 3), directions.reshape(-1, 3), use_reentrant=False)
    return tuple(part.reshape(batch + part.shape[1:]) for part in parts)

# %% exercise="render_chunked" wrong="the first result only"
_right_chunked = render_chunked
def render_chunked(render, origins, directions, chunk):
    return _right_chunked(render, origins, directions, chunk)[0]

# %% exercise="render_chunked" wrong="no broadcasting"
def render_chunked(render, origins, directions, chunk):
    batch, o, d = directions.shape[:-1], origins.reshape(-1, 3), directions.reshape(-1, 3)
    pieces = [checkpoint(render, *rays, use_reentrant=False) for rays in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat(parts).reshape(batch + parts[0].shape[1:]) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="every result a colour"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch, o, d = directions.shape[:-1], origins.reshape(-1, 3), directions.reshape(-1, 3)
    pieces = [checkpoint(render, *rays, use_reentrant=False) for rays in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat(parts).reshape(*batch, -1) for parts in zip(*pieces))

# %% exercise="render_chunked" wrong="ray by ray"
_right_chunked = render_chunked
def render_chunked(render, origins, directions, chunk):
    return _right_chunked(render, origins, directions, 1)

# %% exercise="render_chunked" wrong="chunk is the number of chunks"
_right_chunked = render_chunked
def render_chunked(render, origins, directions, chunk):
    rays = torch.broadcast_tensors(origins, directions)[0][..., 0].numel()
    return _right_chunked(render, origins, directions, -(-rays // chunk))

# %% exercise="render_chunked" right="chunks of equal size, filled in place without gradients"
def render_chunked(render, origins, directions, chunk):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins.flatten(0, -2) if origins.ndim > 1 else origins[None], directions.flatten(0, -2) if directions.ndim > 1 else directions[None]
    count = -(-len(o) // chunk)
    columns = None
    for rays in zip(torch.tensor_split(o, count), torch.tensor_split(d, count)):
        results = checkpoint(render, *rays, use_reentrant=False)
        columns = columns or [[] for _ in results]
        for column, result in zip(columns, results):
            column.append(result)
    return [torch.cat(column).unflatten(0, directions.shape[:-1]) if directions.ndim > 1 else torch.cat(column)[0] for column in columns]

# %% exercise="render_chunked" wrong="own recomputation, which forgets what the renderer itself learns"
class _Again(torch.autograd.Function):
    @staticmethod
    def forward(ctx, render, o, d):
        ctx.render = render
        ctx.save_for_backward(o, d)
        with torch.no_grad():
            return tuple(render(o, d))
    @staticmethod
    def backward(ctx, *gradients):
        o, d = (x.detach().requires_grad_() for x in ctx.saved_tensors)
        with torch.enable_grad():
            results = ctx.render(o, d)
            total = sum((r * g).sum() for r, g in zip(results, gradients))
            found = torch.autograd.grad(total, (o, d), allow_unused=True)
        return None, *found
def render_chunked(render, origins, directions, chunk):
    batch = torch.broadcast_shapes(origins.shape, directions.shape)[:-1]
    o, d = origins.expand(*batch, 3).reshape(-1, 3), directions.expand(*batch, 3).reshape(-1, 3)
    pieces = [_Again.apply(render, o[k : k + chunk], d[k : k + chunk]) for k in range(0, len(o), chunk)]
    return tuple(torch.cat(parts).view(batch + parts[0].shape[1:]) for parts in zip(*pieces))

# %% exercise="render_chunked" right="ranges of a flat index, checkpoint only where gradients are recorded"
def render_chunked(render, origins, directions, chunk):
    batch = torch.broadcast_shapes(origins.shape, directions.shape)[:-1]
    rays = torch.cat([origins.expand(*batch, 3), directions.expand(*batch, 3)], dim=-1).reshape(-1, 6)
    call = (lambda *a: checkpoint(render, *a, use_reentrant=False)) if torch.is_grad_enabled() else render
    found = [call(*rays[k : k + chunk].split(3, dim=1)) for k in range(0, len(rays), chunk)]
    return tuple(torch.cat(column, dim=0).reshape(batch + column[0].shape[1:]) for column in map(list, zip(*found)))

# %% exercise="render_chunked" right="a trial ray tells the shapes"
def render_chunked(render, origins, directions, chunk):
    origins, directions = (x.contiguous() for x in torch.broadcast_tensors(origins, directions))
    o, d = origins.view(-1, 3), directions.view(-1, 3)
    with torch.no_grad():
        shapes = [part.shape[1:] for part in render(o[:1], d[:1])]
    pieces = [checkpoint(render, a, b, use_reentrant=False) for a, b in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat([p[k] for p in pieces]).reshape(directions.shape[:-1] + s) for k, s in enumerate(shapes))
