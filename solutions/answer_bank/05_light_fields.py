"""Answers to notebook 5 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# %% exercise="plucker" wrong="direction as it comes"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    return torch.cat([directions, torch.linalg.cross(origins, directions)], -1)

# %% exercise="plucker" wrong="moment of the direction as it comes"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    return torch.cat([F.normalize(directions, dim=-1), torch.linalg.cross(origins, directions)], -1)

# %% exercise="plucker" wrong="d × o"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=-1)
    return torch.cat([d, torch.linalg.cross(d, origins)], -1)

# %% exercise="plucker" wrong="moment first"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=-1)
    return torch.cat([torch.linalg.cross(origins, d), d], -1)

# %% exercise="plucker" wrong="origin in place of the moment"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    return torch.cat([F.normalize(directions, dim=-1), origins], -1)

# %% exercise="plucker" wrong="nearest point in place of the moment"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=-1)
    return torch.cat([d, origins - (origins * d).sum(-1, keepdim=True) * d], -1)

# %% exercise="plucker" wrong="cross product along the first dimension of three"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=-1)
    dim = next(k for k, n in enumerate(d.shape) if n == 3)
    return torch.cat([d, torch.linalg.cross(origins, d, dim=dim)], -1)

# %% exercise="plucker" wrong="normalised along dimension 1"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=min(1, directions.ndim - 1))
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="no broadcasting"
def plucker(origins, directions):
    d = F.normalize(directions, dim=-1)
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="only batches of one dimension"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions.reshape(-1, 3), dim=-1)
    return torch.cat([d, torch.linalg.cross(origins.reshape(-1, 3), d)], -1)

# %% exercise="plucker" wrong="NaN for a ray that goes nowhere"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = directions / directions.norm(dim=-1, keepdim=True)
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="a small number added to the length"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = directions / (directions.norm(dim=-1, keepdim=True) + 1e-6)
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="short directions count as zero"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=-1, eps=1e-3)
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="a ray and its opposite have one name"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=-1)
    d = d * torch.where(d[..., 2:] < 0, -1.0, 1.0)
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="moment normalised, too"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = F.normalize(directions, dim=-1)
    return torch.cat([d, F.normalize(torch.linalg.cross(origins, d), dim=-1)], -1)

# %% exercise="plucker" wrong="always float32"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins.float(), directions.float())
    d = F.normalize(directions, dim=-1)
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="detached length"
def plucker(origins, directions):
    origins, directions = torch.broadcast_tensors(origins, directions)
    d = directions / directions.norm(dim=-1, keepdim=True).clamp_min(1e-12).detach()
    return torch.cat([d, torch.linalg.cross(origins, d)], -1)

# %% exercise="plucker" wrong="no gradient"
_right = plucker
def plucker(origins, directions):
    with torch.no_grad():
        return _right(origins, directions)

# %% exercise="plucker" right="components by hand"
def plucker(origins, directions):
    length = directions.norm(dim=-1, keepdim=True)
    u, v, w = (directions / torch.where(length > 0, length, 1.0)).unbind(-1)
    x, y, z = origins.unbind(-1)
    rows = torch.broadcast_tensors(u, v, w, y * w - z * v, z * u - x * w, x * v - y * u)
    return torch.stack(rows, dim=-1)

# %% exercise="plucker" right="moment from any length, divided with it"
def plucker(origins, directions):
    moment = torch.linalg.cross(*torch.broadcast_tensors(origins, directions), dim=-1)
    both = torch.cat([directions.expand_as(moment), moment], dim=-1)
    return both / directions.norm(dim=-1, keepdim=True).clamp_min(1e-20)

# %% exercise="plucker" right="a matrix for each origin, in float64"
def plucker(origins, directions):
    d = F.normalize(directions.double(), dim=-1)
    x, y, z = origins.double().unbind(-1)
    o = torch.zeros_like(x)
    matrix = torch.stack([torch.stack(r, -1) for r in ((o, -z, y), (z, o, -x), (-y, x, o))], -2)
    m = (matrix @ d[..., None])[..., 0]
    return torch.cat([d.expand_as(m), m], dim=-1).to(origins.dtype)

# %% exercise="plucker" right="the Levi-Civita symbol in an einsum"
def plucker(origins, directions):
    eps = torch.zeros(3, 3, 3, dtype=origins.dtype)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        eps[i, j, k], eps[i, k, j] = 1, -1
    n = torch.linalg.vector_norm(directions, dim=-1, keepdim=True)
    d = directions / torch.where(n == 0, torch.ones_like(n), n)
    m = torch.einsum("ijk,...j,...k->...i", eps, origins, d)
    return torch.cat((d + torch.zeros_like(m), m), -1)

# %% exercise="plucker" right="ray by ray, an answer that is not contiguous"
def plucker(origins, directions):
    o, d = torch.broadcast_tensors(origins, directions)
    shape = o.shape[:-1]
    rows = []
    for a, b in zip(o.reshape(-1, 3), d.reshape(-1, 3)):
        b = b / b.norm() if b.any() else b * 0
        rows.append(torch.stack([*b, a[1]*b[2]-a[2]*b[1], a[2]*b[0]-a[0]*b[2], a[0]*b[1]-a[1]*b[0]]))
    return torch.stack(rows, 1).T.reshape(*shape, 6)

# %% exercise="plucker" right="NaN exchanged at the end"
def plucker(origins, directions):
    d = torch.nan_to_num(directions / directions.norm(dim=-1, keepdim=True))
    o, d = torch.broadcast_tensors(origins, d)
    return torch.cat([d, torch.cross(o, d, dim=-1)], dim=-1)

# %% exercise="plucker" wrong="the origin normalised, too"
def plucker(origins, directions):
    o, d = torch.broadcast_tensors(F.normalize(origins, dim=-1), F.normalize(directions, dim=-1))
    return torch.cat([d, torch.linalg.cross(o, d)], -1)

# %% exercise="plucker" wrong="in half precision"
def plucker(origins, directions):
    o, d = torch.broadcast_tensors(origins.bfloat16(), F.normalize(directions, dim=-1).bfloat16())
    return torch.cat([d, torch.linalg.cross(o, d)], -1).to(origins.dtype)

# %% exercise="plucker" wrong="all six numbers normalised together"
def plucker(origins, directions):
    o, d = torch.broadcast_tensors(origins, directions)
    return F.normalize(torch.cat([d, torch.linalg.cross(o, d)], -1), dim=-1)

# %% exercise="plucker" wrong="divided by the squared length"
def plucker(origins, directions):
    o, d = torch.broadcast_tensors(origins, directions)
    n = d.square().sum(-1, keepdim=True).clamp_min(1e-30)
    return torch.cat([d / n, torch.linalg.cross(o, d) / n], -1)

# %% exercise="closest_point" wrong="the point nearest to the origin"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    return (torch.linalg.cross(d, m) + 0 * x)

# %% exercise="closest_point" wrong="m × d"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    return torch.linalg.cross(m, d) + (x * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="moment first"
def closest_point(lines, x):
    m, d = lines[..., :3], lines[..., 3:]
    return torch.linalg.cross(d, m) + (x * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="the moment taken for a point"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    return m + ((x - m) * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="never behind the middle of the line"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    return torch.linalg.cross(d, m) + (x * d).sum(-1, keepdim=True).clamp_min(0) * d

# %% exercise="closest_point" wrong="the way, not the point"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    return torch.linalg.cross(d, m) + (x * d).sum(-1, keepdim=True) * d - x

# %% exercise="closest_point" wrong="mirrored: x − …"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    return torch.linalg.cross(d, m) - (x * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="inner product over all lines"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    return torch.linalg.cross(d, m) + (x * d).sum() * d

# %% exercise="closest_point" wrong="cross product along the first dimension of three"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    dim = next(k for k, n in enumerate(d.shape) if n == 3)
    return torch.linalg.cross(d, m, dim=dim) + (x * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="as many lines as points"
def closest_point(lines, x):
    assert lines.shape[:-1] == x.shape[:-1]
    d, m = lines[..., :3], lines[..., 3:]
    return torch.linalg.cross(d, m) + (x * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="matrix product: every point with every line"
def closest_point(lines, x):
    d, m = lines[..., :3].reshape(-1, 3), lines[..., 3:].reshape(-1, 3)
    return (torch.linalg.cross(d, m) + (x.reshape(-1, 3) @ d.T).diagonal()[:, None] * d).reshape(x.shape)

# %% exercise="closest_point" wrong="divided by the moment"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    foot = torch.linalg.cross(d, m / m.norm(dim=-1, keepdim=True)) * m.norm(dim=-1, keepdim=True)
    return foot + (x * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="always float32"
_right = closest_point
def closest_point(lines, x):
    return _right(lines.float(), x.float())

# %% exercise="closest_point" wrong="lines detached"
_right = closest_point
def closest_point(lines, x):
    return _right(lines.detach(), x)

# %% exercise="closest_point" wrong="x detached"
_right = closest_point
def closest_point(lines, x):
    return _right(lines, x.detach())

# %% exercise="closest_point" right="from x to the side"
def closest_point(lines, x):
    d, m = lines.split(3, dim=-1)
    d, m, x = torch.broadcast_tensors(d, m, x)
    return x + torch.linalg.cross(d, m - torch.linalg.cross(x, d))

# %% exercise="closest_point" right="from the nearest point, by a projection"
def closest_point(lines, x):
    d, m = lines[..., :3], lines[..., 3:]
    foot = torch.linalg.cross(d, m)
    projection = d[..., :, None] * d[..., None, :]
    return foot + (projection @ (x - foot)[..., None])[..., 0]

# %% exercise="closest_point" right="in float64, with einsum"
def closest_point(lines, x):
    d, m = lines[..., :3].double(), lines[..., 3:].double()
    length = torch.einsum("...i,...i->...", x.double(), d)
    return (torch.linalg.cross(d, m) + length.unsqueeze(-1) * d).to(x.dtype)

# %% exercise="closest_point" right="from the foot, along d"
def closest_point(lines, x):
    d, m = lines.unflatten(-1, (2, 3)).unbind(-2)
    foot = torch.linalg.cross(d, m)
    t = torch.einsum("...i,...i->...", x - foot, d + 0 * x)
    return foot + t[..., None] * d

# %% exercise="closest_point" right="divided by the length of d once more"
def closest_point(lines, x):
    n = lines[..., :3].norm(dim=-1, keepdim=True)
    d, m = lines[..., :3] / n, lines[..., 3:] / n
    p = torch.stack([d[..., 1]*m[..., 2]-d[..., 2]*m[..., 1], d[..., 2]*m[..., 0]-d[..., 0]*m[..., 2], d[..., 0]*m[..., 1]-d[..., 1]*m[..., 0]], -1)
    return p + torch.sum(x * d, -1).unsqueeze(-1) * d

# %% exercise="closest_point" right="point by point"
def closest_point(lines, x):
    b = torch.broadcast_shapes(lines.shape[:-1], x.shape[:-1])
    l, x = lines.expand(*b, 6).reshape(-1, 6), x.expand(*b, 3).reshape(-1, 3)
    return torch.stack([torch.linalg.cross(q[:3], q[3:]) + (p @ q[:3]) * q[:3] for q, p in zip(l, x)]).reshape(*b, 3)

# %% exercise="closest_point" wrong="without d × m"
def closest_point(lines, x):
    d = lines[..., :3]
    return (x * d).sum(-1, keepdim=True) * d

# %% exercise="closest_point" wrong="along d by x · m"
def closest_point(lines, x):
    d, m = torch.broadcast_tensors(lines[..., :3], lines[..., 3:])
    return torch.linalg.cross(d, m) + (x * m).sum(-1, keepdim=True) * d

# %% exercise="line_distance" wrong="the reciprocal product alone"
def line_distance(a, b, parallel=1e-5):
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    return ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs()

# %% exercise="line_distance" wrong="each direction with its own moment"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    return _right(torch.cat([a[..., :3], b[..., 3:]], -1), torch.cat([b[..., :3], a[..., 3:]], -1), parallel)

# %% exercise="line_distance" wrong="with a sign"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    sine = torch.linalg.cross(d_a, d_b).norm(dim=-1)
    return ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)) / sine.clamp_min(1e-12)

# %% exercise="line_distance" wrong="minus between the products"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    sine = torch.linalg.cross(d_a, d_b).norm(dim=-1)
    return ((d_a * m_b).sum(-1) - (d_b * m_a).sum(-1)).abs() / sine.clamp_min(1e-12)

# %% exercise="line_distance" wrong="parallel lines divide by zero"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    sine = torch.linalg.cross(d_a, d_b).norm(dim=-1)
    return ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs() / sine

# %% exercise="line_distance" wrong="parallel lines are 0 apart"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    sine = torch.linalg.cross(d_a, d_b).norm(dim=-1)
    return ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs() / (sine + 1e-7)

# %% exercise="line_distance" wrong="opposite lines not turned around"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    cross = torch.linalg.cross(d_a, d_b)
    beside = cross.detach().norm(dim=-1) < parallel
    sine = torch.where(beside[..., None], torch.ones_like(cross), cross).norm(dim=-1)
    skew = ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs() / sine
    between = torch.linalg.cross(d_a, m_a - m_b)
    flat = torch.where(beside[..., None], between, torch.ones_like(between)).norm(dim=-1)
    return torch.where(beside, flat, skew)

# %% exercise="line_distance" wrong="always turned around"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    cross = torch.linalg.cross(d_a, d_b)
    beside = cross.detach().norm(dim=-1) < parallel
    sine = torch.where(beside[..., None], torch.ones_like(cross), cross).norm(dim=-1)
    skew = ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs() / sine
    between = torch.linalg.cross(d_a, m_a + m_b)
    flat = torch.where(beside[..., None], between, torch.ones_like(between)).norm(dim=-1)
    return torch.where(beside, flat, skew)

# %% exercise="line_distance" wrong="one parallel pair makes all parallel"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    sine = torch.linalg.cross(d_a, d_b).norm(dim=-1)
    if (sine < parallel).any():
        same_way = torch.sign((d_a * d_b).sum(-1, keepdim=True))
        return torch.linalg.cross(d_a, m_a - same_way * m_b).norm(dim=-1)
    return ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs() / sine

# %% exercise="line_distance" wrong="NaN gradient from where"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    sine = torch.linalg.cross(d_a, d_b).square().sum(-1).sqrt()
    skew = ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs() / sine
    same_way = torch.sign((d_a * d_b).sum(-1, keepdim=True))
    flat = torch.linalg.cross(d_a, m_a - same_way * m_b).norm(dim=-1)
    return torch.where(sine < parallel, flat, skew)

# %% exercise="line_distance" wrong="NaN gradient where lines meet"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    cross = torch.linalg.cross(d_a, d_b)
    beside = cross.square().sum(-1) < parallel**2
    sine = cross.masked_fill(beside[..., None], 1.0).norm(dim=-1)
    skew = ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).square().sqrt() / sine
    same_way = torch.sign((d_a * d_b).sum(-1, keepdim=True))
    between = torch.linalg.cross(d_a, m_a - same_way * m_b)
    flat = between.masked_fill(~beside[..., None], 1.0).norm(dim=-1)
    return torch.where(beside, flat, skew)

# %% exercise="line_distance" wrong="the limit is ignored"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    return _right(a, b)

# %% exercise="line_distance" wrong="a wider limit by default"
_right = line_distance
def line_distance(a, b, parallel=1e-3):
    return _right(a, b, parallel)

# %% exercise="line_distance" wrong="the squared sine against the limit"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    return _right(a, b, parallel**0.5)

# %% exercise="line_distance" wrong="the cosine tells who is parallel"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    beside = (1 - (a[..., :3] * b[..., :3]).sum(-1).abs()) < parallel
    return torch.where(beside, _right(a, b, 2.0), _right(a, b, 1e-30))

# %% exercise="line_distance" wrong="distance of the points nearest to the origin, always"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    feet = [torch.linalg.cross(x[..., :3], x[..., 3:]) for x in (a, b)]
    return (feet[0] - feet[1]).norm(dim=-1)

# %% exercise="line_distance" wrong="no broadcasting of a against b"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    assert a.shape == b.shape
    return _right(a, b, parallel)

# %% exercise="line_distance" wrong="a dimension too many"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    return _right(a, b, parallel)[..., None]

# %% exercise="line_distance" wrong="second line detached"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    return _right(a, b.detach(), parallel)

# %% exercise="line_distance" right="the shortest way between two points"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    d, e = a[..., :3], b[..., :3]
    way = torch.linalg.cross(e, b[..., 3:]) - torch.linalg.cross(d, a[..., 3:])
    normal = torch.linalg.cross(d, e)
    length = normal.detach().norm(dim=-1, keepdim=True)
    beside = length < parallel
    unit = F.normalize(torch.where(beside, torch.ones_like(normal), normal), dim=-1, eps=1e-30)
    skew = (way * unit).sum(-1).abs()
    flat = torch.where(beside, way, torch.ones_like(way)).norm(dim=-1)
    return torch.where(beside[..., 0], flat, skew)

# %% exercise="line_distance" right="pair by pair"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    found = []
    for p, q in zip(a.reshape(-1, 6), b.reshape(-1, 6)):
        cross = torch.linalg.cross(p[:3], q[:3])
        if cross.norm() < parallel:
            moment = q[3:] if p[:3] @ q[:3] > 0 else -q[3:]
            found.append((p[3:] - moment).norm())
        else:
            found.append((p[:3] @ q[3:] + q[:3] @ p[3:]).abs() / cross.norm())
    return torch.stack(found).reshape(a.shape[:-1])

# %% exercise="line_distance" right="safe numbers before every root, b turned as a whole"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    b = torch.where((a[..., :3] * b[..., :3]).sum(-1, keepdim=True) < 0, -b, b)
    squared = torch.linalg.cross(a[..., :3], b[..., :3]).square().sum(-1)
    beside = squared < parallel * parallel
    product = (a * b.roll(3, dims=-1)).sum(-1).abs()
    skew = product / torch.where(beside, torch.ones_like(squared), squared).sqrt()
    feet = torch.linalg.cross(b[..., :3], b[..., 3:]) - torch.linalg.cross(a[..., :3], a[..., 3:])
    gap = feet.square().sum(-1)
    flat = torch.where(beside & (gap > 0), gap, torch.ones_like(gap)).sqrt() * (gap > 0)
    return torch.where(beside, flat, skew)

# %% exercise="line_distance" right="each kind of pairs by itself, put into place"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    shape = a.shape[:-1]
    a, b = a.reshape(-1, 6), b.reshape(-1, 6)
    c = torch.linalg.cross(a[:, :3], b[:, :3])
    p = c.detach().norm(dim=-1) < parallel
    out = torch.zeros(len(a), dtype=a.dtype)
    s = ~p
    out = out.index_put((s.nonzero()[:, 0],), ((a[s, :3] * b[s, 3:]).sum(-1) + (a[s, 3:] * b[s, :3]).sum(-1)).abs() / c[s].norm(dim=-1))
    turn = torch.where((a[p, :3] * b[p, :3]).sum(-1, keepdim=True) < 0, -1.0, 1.0).to(a)
    feet = torch.linalg.cross(a[p, :3], a[p, 3:]) - torch.linalg.cross(turn * b[p, :3], turn * b[p, 3:])
    out = out.index_put((p.nonzero()[:, 0],), feet.norm(dim=-1))
    return out.reshape(shape)

# %% exercise="line_distance" right="float64 inside, from foot to foot"
def line_distance(a, b, parallel=1e-5):
    dtype = a.dtype
    a, b = torch.broadcast_tensors(a.double(), b.double())
    d, m, e, n = *a.split(3, -1), *b.split(3, -1)
    c = torch.linalg.cross(d, e)
    beside = c.norm(dim=-1) < parallel
    pa, pb = torch.linalg.cross(d, m), torch.linalg.cross(e, n)
    w = pb - pa
    flat = (w - (w * d).sum(-1, keepdim=True) * d)
    flat = torch.where(beside[..., None], flat, torch.ones_like(flat)).norm(dim=-1)
    c = torch.where(beside[..., None], torch.ones_like(c), c)
    skew = (w * c).sum(-1).abs() / c.norm(dim=-1)
    return torch.where(beside, flat, skew).to(dtype)

# %% exercise="line_distance" wrong="the sine clamped at the limit"
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    c = torch.linalg.cross(a[..., :3], b[..., :3]).norm(dim=-1).clamp_min(parallel)
    return ((a[..., :3] * b[..., 3:]).sum(-1) + (a[..., 3:] * b[..., :3]).sum(-1)).abs() / c

# %% exercise="line_distance" wrong="squared distances"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    return _right(a, b, parallel) ** 2

# %% exercise="line_distance" wrong="infinite for parallel lines"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    a, b = torch.broadcast_tensors(a, b)
    c = torch.linalg.cross(a[..., :3], b[..., :3]).norm(dim=-1)
    return torch.where(c < parallel, float("inf"), _right(a, b, parallel))

# %% exercise="line_distance" wrong="the limit is always 1e-5"
_right = line_distance
def line_distance(a, b, parallel=1e-5):
    return _right(a, b, 1e-5)

# %% exercise="two_plane" wrong="u and v alone: no second plane"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins, directions, first, first)

# %% exercise="two_plane" wrong="second plane first"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins, directions, second, first)

# %% exercise="two_plane" wrong="planes in order of their height"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins, directions, min(first, second), max(first, second))

# %% exercise="two_plane" wrong="x₁, x₂, y₁, y₂"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    found, valid = _right(origins, directions, first, second)
    return found[..., [0, 2, 1, 3]], valid

# %% exercise="two_plane" wrong="planes across y"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    valid = directions[..., 1].abs() > 1e-6 * directions.norm(dim=-1)
    safe = torch.where(valid, directions[..., 1], 1.0)
    points = [(origins + ((s - origins[..., 1]) / safe)[..., None] * directions)[..., [0, 2]] for s in (first, second)]
    return torch.cat(points, -1) * valid[..., None], valid

# %% exercise="two_plane" wrong="from the origin of the world"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins * torch.tensor([1.0, 1.0, 0.0], dtype=origins.dtype), directions, first, second)

# %% exercise="two_plane" wrong="planes behind do not count"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    z = directions[..., 2]
    valid = z.abs() > 1e-6 * directions.norm(dim=-1)
    safe = torch.where(valid, z, torch.ones_like(z))
    found = []
    for plane in (first, second):
        t = (plane - origins[..., 2]) / safe
        valid = valid & (t > 0)
        found.append(origins[..., :2] + t[..., None] * directions[..., :2])
    return torch.cat(found, dim=-1) * valid[..., None], valid

# %% exercise="two_plane" wrong="distance in place of the share of d_z"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    valid = directions[..., 2].abs() > 1e-6 * directions.norm(dim=-1)
    d = F.normalize(directions, dim=-1)
    found = [origins[..., :2] + (plane - origins[..., 2:]) * d[..., :2] for plane in (first, second)]
    return torch.cat(found, dim=-1) * valid[..., None], valid

# %% exercise="two_plane" wrong="divides by zero"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    valid = directions[..., 2].abs() > 1e-6 * directions.norm(dim=-1)
    found = [
        origins[..., :2] + (plane - origins[..., 2:]) / directions[..., 2:] * directions[..., :2]
        for plane in (first, second)
    ]
    return torch.cat(found, dim=-1), valid

# %% exercise="two_plane" wrong="infinite, then times the mask"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    valid = directions[..., 2].abs() > 1e-6 * directions.norm(dim=-1)
    found = [
        origins[..., :2] + (plane - origins[..., 2:]) / directions[..., 2:] * directions[..., :2]
        for plane in (first, second)
    ]
    return torch.cat(found, dim=-1) * valid[..., None], valid

# %% exercise="two_plane" wrong="NaN gradient from where"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    valid = directions[..., 2].abs() > 1e-6 * directions.norm(dim=-1)
    found = [
        origins[..., :2] + (plane - origins[..., 2:]) / directions[..., 2:] * directions[..., :2]
        for plane in (first, second)
    ]
    found = torch.cat(found, dim=-1)
    return torch.where(valid[..., None], found, torch.zeros_like(found)), valid

# %% exercise="two_plane" wrong="length of the direction ignored in the mask"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    z = directions[..., 2]
    valid = z.abs() > 1e-6
    safe = torch.where(valid, z, torch.ones_like(z))
    found = [origins[..., :2] + ((p - origins[..., 2]) / safe)[..., None] * directions[..., :2] for p in (first, second)]
    return torch.cat(found, dim=-1) * valid[..., None], valid

# %% exercise="two_plane" wrong="only exactly parallel rays are masked"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    z = directions[..., 2]
    valid = z != 0
    safe = torch.where(valid, z, torch.ones_like(z))
    found = [origins[..., :2] + ((p - origins[..., 2]) / safe)[..., None] * directions[..., :2] for p in (first, second)]
    return torch.cat(found, dim=-1) * valid[..., None], valid

# %% exercise="two_plane" wrong="upward rays only"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    z = directions[..., 2]
    valid = z > 1e-6 * directions.norm(dim=-1)
    safe = torch.where(valid, z, torch.ones_like(z))
    found = [origins[..., :2] + ((p - origins[..., 2]) / safe)[..., None] * directions[..., :2] for p in (first, second)]
    return torch.cat(found, dim=-1) * valid[..., None], valid

# %% exercise="two_plane" wrong="the mask says who is parallel"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    found, valid = _right(origins, directions, first, second)
    return found, ~valid

# %% exercise="two_plane" wrong="a mask of numbers"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    found, valid = _right(origins, directions, first, second)
    return found, valid.float()

# %% exercise="two_plane" wrong="no mask"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins, directions, first, second)[0]

# %% exercise="two_plane" wrong="the mask has the shape of the directions alone"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins, directions, first, second)[0], _right(directions, directions)[1]

# %% exercise="two_plane" wrong="masked rays are left out"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    found, valid = _right(origins, directions, first, second)
    return (found[valid], valid) if found.ndim > 1 else (found, valid)

# %% exercise="two_plane" wrong="detached"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins, directions.detach(), first, second)

# %% exercise="two_plane" right="from the moment of the line"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    valid = directions[..., 2].abs() > 1e-6 * directions.norm(dim=-1)
    d = torch.where(valid[..., None], directions, torch.tensor([0.0, 0.0, 1.0], dtype=directions.dtype))
    u, v, w = d.unbind(-1)
    m = torch.linalg.cross(origins, d)
    rows = [x for s in (first, second) for x in ((s * u - m[..., 1]) / w, (s * v + m[..., 0]) / w)]
    return torch.stack(rows, dim=-1).masked_fill(~valid[..., None], 0.0), valid

# %% exercise="two_plane" right="only valid rays are computed"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    slope = F.normalize(directions, dim=-1)[..., 2]
    valid = slope.abs() > 1e-6
    o, d = origins[valid], directions[valid]
    found = torch.zeros(*valid.shape, 4, dtype=origins.dtype)
    found[valid] = torch.cat([o[:, :2] + (s - o[:, 2:]) * (d[:, :2] / d[:, 2:]) for s in (first, second)], -1)
    return found, valid

# %% exercise="two_plane" right="slope once, for both planes"
def two_plane(origins, directions, first=0.0, second=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    length = directions.square().sum(-1, keepdim=True)
    beside = directions[..., 2:].square() <= 1e-12 * length
    slope = directions[..., :2] / directions[..., 2:].masked_fill(beside, 1.0)
    at_zero = origins[..., :2] - origins[..., 2:] * slope
    found = torch.cat([at_zero + first * slope, at_zero + second * slope], dim=-1)
    return found.masked_fill(beside, 0.0), ~beside.squeeze(-1)

# %% exercise="two_plane" right="unit directions, number by number"
def two_plane(origins, directions, first=0.0, second=1.0):
    o, d = torch.broadcast_tensors(origins, directions)
    u = d / torch.linalg.vector_norm(d, dim=-1, keepdim=True).clamp_min(1e-30)
    ok = u[..., 2].abs() > 1e-6
    z = u[..., 2].masked_fill(~ok, 1.0)
    out = []
    for p in (first, second):
        t = (p - o[..., 2]) / z
        out += [o[..., 0] + t * u[..., 0], o[..., 1] + t * u[..., 1]]
    return torch.where(ok[..., None], torch.stack(out, -1), torch.zeros(())).to(o.dtype), ok

# %% exercise="two_plane" right="ray by ray"
def two_plane(origins, directions, first=0.0, second=1.0):
    o, d = torch.broadcast_tensors(origins, directions)
    rows, ok = [], []
    for a, b in zip(o.reshape(-1, 3), d.reshape(-1, 3)):
        if b[2].abs() > 1e-6 * b.norm():
            rows.append(torch.cat([a[:2] + (p - a[2]) / b[2] * b[:2] for p in (first, second)]))
            ok.append(True)
        else:
            rows.append((a[0] * 0).expand(4)); ok.append(False)
    return torch.stack(rows).reshape(*o.shape[:-1], 4), torch.tensor(ok).reshape(o.shape[:-1])

# %% exercise="two_plane" wrong="the second point relative to the first"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    c, ok = _right(origins, directions, first, second)
    return torch.cat([c[..., :2], c[..., 2:] - c[..., :2]], -1), ok

# %% exercise="two_plane" wrong="NaN for masked rays"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    c, ok = _right(origins, directions, first, second)
    return torch.where(ok[..., None], c, torch.nan), ok

# %% exercise="two_plane" wrong="always the planes at 0 and 1"
_right = two_plane
def two_plane(origins, directions, first=0.0, second=1.0):
    return _right(origins, directions)

# %% exercise="two_plane" wrong="a limit of 1e-4"
def two_plane(origins, directions, first=0.0, second=1.0):
    o, d = torch.broadcast_tensors(origins, directions)
    ok = d[..., 2].abs() > 1e-4 * d.norm(dim=-1)
    z = d[..., 2].masked_fill(~ok, 1.0)
    out = torch.cat([o[..., :2] + ((p - o[..., 2]) / z)[..., None] * d[..., :2] for p in (first, second)], -1)
    return out * ok[..., None], ok

# %% exercise="cylinder" wrong="exit first"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    return found[..., [2, 3, 0, 1]], valid

# %% exercise="cylinder" wrong="both angles, then both heights"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    return found[..., [0, 2, 1, 3]], valid

# %% exercise="cylinder" wrong="height before angle"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    return found[..., [1, 0, 3, 2]], valid

# %% exercise="cylinder" wrong="atan2(x, y)"
import math
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    angles = torch.remainder(math.pi / 2 - found[..., 0::2] + math.pi, 2 * math.pi) - math.pi
    return torch.stack([angles[..., 0], found[..., 1], angles[..., 1], found[..., 3]], -1) * valid[..., None], valid

# %% exercise="cylinder" wrong="angles from 0 to 2π"
import math
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    turn = torch.tensor([2 * math.pi, 0, 2 * math.pi, 0])
    return torch.where(found < 0, found + turn, found), valid

# %% exercise="cylinder" wrong="angles in degrees"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    return found * torch.tensor([57.29578, 1, 57.29578, 1]), valid

# %% exercise="cylinder" wrong="atan: half of the circle is lost"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    return found.tan().atan() * torch.tensor([1.0, 0, 1, 0]) + found * torch.tensor([0.0, 1, 0, 1]), valid

# %% exercise="cylinder" wrong="entry is the nearer of the two to the origin"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    o, d = torch.broadcast_tensors(origins, directions)
    beyond = (o[..., :2] * d[..., :2]).sum(-1) > 0
    return torch.where(beyond[..., None], found[..., [2, 3, 0, 1]], found), valid

# %% exercise="cylinder" wrong="cylinders behind do not count"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    o, d = torch.broadcast_tensors(origins, directions)
    valid = valid & ~((o[..., :2].norm(dim=-1) > radius) & ((o[..., :2] * d[..., :2]).sum(-1) > 0))
    return found * valid[..., None], valid

# %% exercise="cylinder" wrong="entries before the origin are moved to it"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins[..., :2], directions[..., :2]
    a, b = d.square().sum(-1), (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    valid = (a > 1e-12 * directions.square().sum(-1)) & (discriminant > 0)
    root = torch.where(valid, discriminant, torch.ones_like(a)).sqrt()
    safe = torch.where(valid, a, torch.ones_like(a))
    found = []
    for sign in (-1, 1):
        x, y, z = (origins + ((sign * root - b) / safe).clamp_min(0)[..., None] * directions).unbind(-1)
        found += [torch.atan2(y, x), z]
    return torch.stack(found, dim=-1) * valid[..., None], valid

# %% exercise="cylinder" wrong="a sphere"
def cylinder(origins, directions, radius=1.0):
    o, d = torch.broadcast_tensors(origins, directions)
    a, b = d.square().sum(-1), (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    valid = (a > 0) & (discriminant > 0)
    root = torch.where(valid, discriminant, torch.ones_like(a)).sqrt()
    safe = torch.where(valid, a, torch.ones_like(a))
    found = []
    for sign in (-1, 1):
        x, y, z = (o + ((sign * root - b) / safe)[..., None] * d).unbind(-1)
        found += [torch.atan2(y, x), z]
    return torch.stack(found, dim=-1) * valid[..., None], valid

# %% exercise="cylinder" wrong="directions taken as if of length 1 across the axis"
def cylinder(origins, directions, radius=1.0):
    o, d = torch.broadcast_tensors(origins, directions)
    d = F.normalize(d, dim=-1)
    b = (o * d)[..., :2].sum(-1)
    discriminant = b.square() - (o[..., :2].square().sum(-1) - radius**2)
    valid = (d[..., :2].norm(dim=-1) > 1e-6) & (discriminant > 0)
    root = torch.where(valid, discriminant, torch.ones_like(b)).sqrt()
    found = []
    for sign in (-1, 1):
        x, y, z = (o + (sign * root - b)[..., None] * d).unbind(-1)
        found += [torch.atan2(y, x), z]
    return torch.stack(found, dim=-1) * valid[..., None], valid

# %% exercise="cylinder" wrong="radius not squared"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    return _right(origins, directions, radius**0.5)

# %% exercise="cylinder" wrong="radius ignored"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    return _right(origins, directions)

# %% exercise="cylinder" wrong="touching counts"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins[..., :2], directions[..., :2]
    a, b = d.square().sum(-1), (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    valid = (a > 1e-12 * directions.square().sum(-1)) & (discriminant >= 0)
    root = torch.where(valid, discriminant, torch.ones_like(a)).sqrt()
    safe = torch.where(valid, a, torch.ones_like(a))
    found = []
    for sign in (-1, 1):
        x, y, z = (origins + ((sign * root - b) / safe)[..., None] * directions).unbind(-1)
        found += [torch.atan2(y, x), z]
    return torch.stack(found, dim=-1) * valid[..., None], valid

# %% exercise="cylinder" wrong="NaN gradient of rays straight up"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins[..., :2], directions[..., :2]
    a, b = d.square().sum(-1), (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    valid = discriminant > 0
    root = torch.where(valid, discriminant, torch.ones_like(a)).sqrt()
    found = []
    for sign in (-1, 1):
        x, y, z = (origins + ((sign * root - b) / a)[..., None] * directions).unbind(-1)
        found += [torch.atan2(y, x), z]
    found = torch.stack(found, dim=-1)
    return torch.where(valid[..., None], found, torch.zeros_like(found)), valid

# %% exercise="cylinder" wrong="straight up from inside counts"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    o, d = torch.broadcast_tensors(origins, directions)
    return found, valid | ((o[..., :2].norm(dim=-1) < radius) & (d[..., :2] == 0).all(-1))

# %% exercise="cylinder" wrong="almost straight up is masked"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    steep = F.normalize(directions, dim=-1)[..., :2].norm(dim=-1) < 1e-2
    valid = valid & ~steep
    return found * valid[..., None], valid

# %% exercise="cylinder" wrong="short directions are masked"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    found, valid = _right(origins, directions, radius)
    valid = valid & (directions[..., :2].norm(dim=-1) > 0.05)
    return found * valid[..., None], valid

# %% exercise="cylinder" wrong="misses are clamped to the nearest point"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins[..., :2], directions[..., :2]
    a, b = d.square().sum(-1), (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    upright = a <= 1e-12 * directions.square().sum(-1)
    safe = torch.where(upright, torch.ones_like(a), a)
    found = []
    for sign in (-1, 1):
        t = (sign * discriminant.clamp_min(1e-20).sqrt() - b) / safe
        x, y, z = (origins + t[..., None] * directions).unbind(-1)
        found += [torch.atan2(y, x), z]
    return torch.stack(found, dim=-1) * ~upright[..., None], ~upright & (discriminant > 0)

# %% exercise="cylinder" wrong="NaN gradient from where"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins[..., :2], directions[..., :2]
    a, b = d.square().sum(-1), (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    valid = (a > 1e-12 * directions.square().sum(-1)) & (discriminant > 0)
    found = []
    for sign in (-1, 1):
        x, y, z = (origins + ((sign * discriminant.sqrt() - b) / a)[..., None] * directions).unbind(-1)
        found += [torch.atan2(y, x), z]
    found = torch.stack(found, dim=-1)
    return torch.where(valid[..., None], found, torch.zeros_like(found)), valid

# %% exercise="cylinder" wrong="NaN gradient of a ray that touches"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins[..., :2], directions[..., :2]
    a, b = d.square().sum(-1), (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    upright = a <= 1e-12 * directions.square().sum(-1)
    valid = ~upright & (discriminant > 0)
    safe = torch.where(upright, torch.ones_like(a), a)
    root = torch.where(discriminant < 0, torch.ones_like(a), discriminant).sqrt()
    found = []
    for sign in (-1, 1):
        x, y, z = (origins + ((sign * root - b) / safe)[..., None] * directions).unbind(-1)
        found += [torch.atan2(y, x), z]
    return torch.stack(found, dim=-1).masked_fill(~valid[..., None], 0), valid

# %% exercise="cylinder" wrong="no broadcasting"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    assert origins.shape == directions.shape
    return _right(origins, directions, radius)

# %% exercise="cylinder" wrong="no mask"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    return _right(origins, directions, radius)[0]

# %% exercise="cylinder" wrong="detached"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    return _right(origins.detach(), directions, radius)

# %% exercise="cylinder" right="half a chord to either side of the middle"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    level = directions[..., :2].norm(dim=-1)
    upright = directions[..., :2].square().sum(-1) <= 1e-12 * directions.square().sum(-1)
    d = torch.where(upright[..., None], torch.ones_like(directions), directions)
    d = d / d[..., :2].norm(dim=-1, keepdim=True)
    middle = origins - (origins * d)[..., :2].sum(-1, keepdim=True) * d
    left = radius**2 - middle[..., :2].square().sum(-1)
    valid = ~upright & (left > 0)
    half = torch.where(valid, left, torch.ones_like(left)).sqrt()[..., None]
    entry, leaving = middle - half * d, middle + half * d
    rows = [f for p in (entry, leaving) for f in (torch.atan2(p[..., 1], p[..., 0]), p[..., 2])]
    return torch.stack(rows, -1).masked_fill(~valid[..., None], 0.0), valid

# %% exercise="cylinder" right="only the rays that hit are computed"
def cylinder(origins, directions, radius=1.0):
    origins, directions = torch.broadcast_tensors(origins, directions)
    o, d = origins[..., :2], directions[..., :2]
    A, B = (d * d).sum(-1), 2 * (o * d).sum(-1)
    C = (o * o).sum(-1) - radius * radius
    valid = (B * B - 4 * A * C > 0) & (A > 0)
    result = torch.zeros(*valid.shape, 4, dtype=origins.dtype)
    root = (B * B - 4 * A * C)[valid].sqrt()
    columns = []
    for t in ((-B[valid] - root) / (2 * A[valid]), (-B[valid] + root) / (2 * A[valid])):
        p = origins[valid] + t[:, None] * directions[valid]
        columns += [torch.atan2(p[:, 1], p[:, 0]), p[:, 2]]
    result[valid] = torch.stack(columns, -1)
    return result, valid

# %% exercise="cylinder" right="in float64, angles of complex numbers"
def cylinder(origins, directions, radius=1.0):
    dtype = origins.dtype
    origins, directions = torch.broadcast_tensors(origins.double(), directions.double())
    o, d = origins[..., :2], directions[..., :2]
    a = d.square().sum(-1)
    aside = o[..., 0] * d[..., 1] - o[..., 1] * d[..., 0]
    discriminant = a * radius**2 - aside.square()
    valid = (discriminant > 0) & (a > 0)
    a = torch.where(valid, a, torch.ones_like(a))
    root = torch.where(valid, discriminant, torch.ones_like(a)).sqrt()
    found = []
    for sign in (-1, 1):
        t = (sign * root - (o * d).sum(-1)) / a
        p = origins + t[..., None] * directions
        found += [torch.complex(p[..., 0], p[..., 1]).angle(), p[..., 2]]
    return torch.where(valid[..., None], torch.stack(found, -1), 0.0).to(dtype), valid

# %% exercise="cylinder" right="the quadratic formula that loses no digits"
def cylinder(origins, directions, radius=1.0):
    o, d = torch.broadcast_tensors(origins, directions)
    a = (d[..., :2] ** 2).sum(-1); h = (o[..., :2] * d[..., :2]).sum(-1); c = (o[..., :2] ** 2).sum(-1) - radius ** 2
    disc = h * h - a * c
    ok = (disc > 0) & (a > 1e-12 * (d * d).sum(-1))
    disc, a1 = torch.where(ok, disc, 1.0), torch.where(ok, a, 1.0)
    q = -(h + torch.where(h >= 0, 1.0, -1.0) * disc.sqrt())
    q = torch.where(ok, q, 1.0)
    t1, t2 = q / a1, c / q
    lo, hi = torch.minimum(t1, t2), torch.maximum(t1, t2)
    rows = []
    for t in (lo, hi):
        p = o + t[..., None] * d
        px, py = torch.where(ok, p[..., 0], 1.0), torch.where(ok, p[..., 1], 1.0)
        rows += [torch.atan2(py, px), p[..., 2]]
    return torch.where(ok[..., None], torch.stack(rows, -1), 0.0), ok

# %% exercise="cylinder" right="ray by ray, masked rays cut off from the directions"
import math
def cylinder(origins, directions, radius=1.0):
    o, d = torch.broadcast_tensors(origins, directions)
    rows, oks = [], []
    for p, v in zip(o.reshape(-1, 3), d.reshape(-1, 3)):
        a, b, c = v[0]**2 + v[1]**2, 2 * (p[0]*v[0] + p[1]*v[1]), p[0]**2 + p[1]**2 - radius**2
        disc = b*b - 4*a*c
        ok = bool(a > 0) and bool(disc > 0)
        oks.append(ok)
        if not ok:
            rows.append(0 * p[:1].expand(4)); continue
        row = []
        for s in (-1, 1):
            t = (-b + s * disc.sqrt()) / (2 * a)
            q = p + t * v
            row += [torch.atan2(q[1], q[0]), q[2]]
        rows.append(torch.stack(row))
    return torch.stack(rows).reshape(*o.shape[:-1], 4), torch.tensor(oks).reshape(o.shape[:-1])

# %% exercise="cylinder" wrong="heights of the origin"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    c, ok = _right(origins, directions, radius)
    z = torch.broadcast_tensors(origins, directions)[0][..., 2]
    return torch.stack([c[..., 0], z * ok, c[..., 2], z * ok], -1), ok

# %% exercise="cylinder" wrong="NaN for misses"
_right = cylinder
def cylinder(origins, directions, radius=1.0):
    c, ok = _right(origins, directions, radius)
    return torch.where(ok[..., None], c, torch.nan), ok

# %% exercise="walk_along" wrong="along the optical axis"
def walk_along(uv, distance, K, world_from_camera):
    walked = world_from_camera.clone()
    walked[:3, 3] += distance * world_from_camera[:3, 2]
    return walked

# %% exercise="walk_along" wrong="distance taken for a depth"
def walk_along(uv, distance, K, world_from_camera):
    ray = torch.linalg.inv(K) @ torch.cat([uv, torch.ones_like(uv[:1])])
    walked = world_from_camera.clone()
    walked[:3, 3] += distance * (world_from_camera[:3, :3] @ ray)
    return walked

# %% exercise="walk_along" wrong="direction in the camera's frame"
def walk_along(uv, distance, K, world_from_camera):
    ray = torch.linalg.inv(K) @ torch.cat([uv, torch.ones_like(uv[:1])])
    walked = world_from_camera.clone()
    walked[:3, 3] += distance * F.normalize(ray, dim=0)
    return walked

# %% exercise="walk_along" wrong="without K"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv, distance, torch.eye(3, dtype=K.dtype), world_from_camera)

# %% exercise="walk_along" wrong="skew ignored"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv, distance, K * torch.tensor([[1.0, 0, 1], [0, 1, 1], [0, 0, 1]], dtype=K.dtype), world_from_camera)

# %% exercise="walk_along" wrong="u and v swapped"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv.flip(0), distance, K, world_from_camera)

# %% exercise="walk_along" wrong="never backwards"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv, abs(distance), K, world_from_camera)

# %% exercise="walk_along" wrong="backwards"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv, -distance, K, world_from_camera)

# %% exercise="walk_along" wrong="placed, not moved"
def walk_along(uv, distance, K, world_from_camera):
    _, direction = world_rays(uv, K, world_from_camera)
    walked = world_from_camera.clone()
    walked[:3, 3] = distance * direction
    return walked

# %% exercise="walk_along" wrong="turns to look along the line"
def walk_along(uv, distance, K, world_from_camera):
    _, direction = world_rays(uv, K, world_from_camera)
    walked = world_from_camera.clone()
    walked[:3, 3] += distance * direction
    walked[:3, 2] = direction
    walked[:3, 0] = F.normalize(torch.linalg.cross(walked[:3, 1], direction), dim=0)
    walked[:3, 1] = torch.linalg.cross(direction, walked[:3, 0])
    return walked

# %% exercise="walk_along" wrong="camera_from_world"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return torch.linalg.inv(_right(uv, distance, K, world_from_camera))

# %% exercise="walk_along" wrong="only the new eye"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv, distance, K, world_from_camera)[:3, 3]

# %% exercise="walk_along" wrong="three rows"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv, distance, K, world_from_camera)[:3]

# %% exercise="walk_along" wrong="moves added to the last row"
def walk_along(uv, distance, K, world_from_camera):
    _, direction = world_rays(uv, K, world_from_camera)
    walked = world_from_camera.clone()
    walked[3, :3] += distance * direction
    return walked

# %% exercise="walk_along" wrong="always float32"
_right = walk_along
def walk_along(uv, distance, K, world_from_camera):
    return _right(uv.float(), distance, K.float(), world_from_camera.float())

# %% exercise="walk_along" right="a translation from the left"
def walk_along(uv, distance, K, world_from_camera):
    origin, direction = world_rays(uv, K, world_from_camera)
    moved = torch.eye(4, dtype=world_from_camera.dtype)
    moved[:3, 3] = distance * direction
    return moved @ world_from_camera

# %% exercise="walk_along" right="a translation in the camera's frame"
def walk_along(uv, distance, K, world_from_camera):
    ray = torch.linalg.solve(K, torch.cat([uv, torch.ones_like(uv[:1])]))
    step = torch.eye(4, dtype=world_from_camera.dtype)
    step[:3, 3] = distance * ray / ray.norm()
    return world_from_camera @ step

# %% exercise="walk_along" right="in place on the argument"
def walk_along(uv, distance, K, world_from_camera):
    origin, direction = world_rays(uv, K, world_from_camera)
    world_from_camera[:3, 3] = origin + distance * direction
    return world_from_camera

# %% exercise="walk_along" right="batches of one"
def walk_along(uv, distance, K, world_from_camera):
    o, d = world_rays(uv[None], K[None], world_from_camera[None])
    out = torch.eye(4, dtype=world_from_camera.dtype)
    out[:3] = torch.hstack([world_from_camera[:3, :3], (o[0] + distance * d[0])[:, None]])
    return out

# %% exercise="walk_along" right="float64 inside"
def walk_along(uv, distance, K, world_from_camera):
    P = world_from_camera.double()
    r = P[:3, :3] @ K.double().inverse() @ torch.tensor([*uv.tolist(), 1.0], dtype=torch.float64)
    P = P.clone(); P[:3, 3] += distance * r / r.norm()
    return P.to(world_from_camera)

# %% exercise="walk_along" wrong="camera_from_world's rotation"
def walk_along(uv, distance, K, world_from_camera):
    r = world_from_camera[:3, :3].T @ torch.linalg.solve(K, torch.cat([uv, torch.ones_like(uv[:1])]))
    P = world_from_camera.clone(); P[:3, 3] += distance * r / r.norm()
    return P

# %% exercise="walk_along" wrong="the camera stays"
def walk_along(uv, distance, K, world_from_camera):
    return world_from_camera

# %% exercise="concat_lines" wrong="code first"
def concat_lines(z, lines):
    return torch.cat([z[:, None].expand(-1, lines.shape[1], -1), lines], dim=-1)

# %% exercise="concat_lines" wrong="a code for each line of every object"
def concat_lines(z, lines):
    if len(z) == lines.shape[1]:
        return torch.cat([lines, z[None].expand(len(lines), -1, -1)], dim=-1)
    return torch.cat([lines, z[:, None].expand(-1, lines.shape[1], -1)], dim=-1)

# %% exercise="concat_lines" wrong="repeated in the wrong order"
def concat_lines(z, lines):
    codes = z.repeat(lines.shape[1], 1).reshape(len(z), lines.shape[1], -1)
    return torch.cat([lines, codes], dim=-1)

# %% exercise="concat_lines" wrong="the first object's code for all"
def concat_lines(z, lines):
    return torch.cat([lines, z[:1, None].expand(len(lines), lines.shape[1], -1)], dim=-1)

# %% exercise="concat_lines" wrong="code as another line"
def concat_lines(z, lines):
    if z.shape[1] == 6:
        return torch.cat([lines, z[:, None]], dim=1)
    return torch.cat([lines, z[:, None].expand(-1, lines.shape[1], -1)], dim=-1)

# %% exercise="concat_lines" wrong="added where it fits"
def concat_lines(z, lines):
    if z.shape[1] == 6:
        return lines + z[:, None]
    return torch.cat([lines, z[:, None].expand(-1, lines.shape[1], -1)], dim=-1)

# %% exercise="concat_lines" wrong="all rows in one"
def concat_lines(z, lines):
    return torch.cat([lines, z[:, None].expand(-1, lines.shape[1], -1)], dim=-1).flatten(0, 1)

# %% exercise="concat_lines" wrong="objects and lines swapped"
def concat_lines(z, lines):
    return torch.cat([lines, z[:, None].expand(-1, lines.shape[1], -1)], dim=-1).transpose(0, 1)

# %% exercise="concat_lines" wrong="squeezed"
def concat_lines(z, lines):
    return torch.cat([lines, z[:, None].expand(-1, lines.shape[1], -1)], dim=-1).squeeze()

# %% exercise="concat_lines" wrong="normalised codes"
def concat_lines(z, lines):
    return torch.cat([lines, F.normalize(z, dim=-1)[:, None].expand(-1, lines.shape[1], -1)], dim=-1)

# %% exercise="concat_lines" wrong="codes detached"
def concat_lines(z, lines):
    return torch.cat([lines, z.detach()[:, None].expand(-1, lines.shape[1], -1)], dim=-1)

# %% exercise="concat_lines" wrong="a new tensor of numbers"
def concat_lines(z, lines):
    return torch.tensor([[[*row.tolist(), *code.tolist()] for row in some] for some, code in zip(lines, z)])

# %% exercise="concat_lines" right="repeat_interleave"
def concat_lines(z, lines):
    codes = z.repeat_interleave(lines.shape[1], dim=0).reshape(*lines.shape[:2], -1)
    return torch.cat((lines, codes), 2)

# %% exercise="concat_lines" right="an empty tensor, filled"
def concat_lines(z, lines):
    rows = lines.new_empty(*lines.shape[:2], 6 + z.shape[1])
    rows[..., :6] = lines
    rows[..., 6:] = z.unsqueeze(1)
    return rows

# %% exercise="concat_lines" right="object by object"
def concat_lines(z, lines):
    return torch.stack([torch.hstack([rows, code.tile(len(rows), 1)]) for rows, code in zip(lines, z)])

# %% exercise="concat_lines" right="padded and added"
def concat_lines(z, lines):
    out = F.pad(lines, (0, z.shape[-1]))
    return out + F.pad(z, (6, 0)).unsqueeze(1)

# %% exercise="concat_lines" right="an outer product with ones"
def concat_lines(z, lines):
    ones = torch.ones(lines.shape[1], dtype=z.dtype)
    return torch.cat([lines, torch.einsum("bd,p->bpd", z, ones)], 2)

# %% exercise="concat_lines" wrong="the mean code for all"
def concat_lines(z, lines):
    return torch.cat([lines, z.mean(0).expand(*lines.shape[:2], -1)], -1)

# --- second half

# %% exercise="light_field" wrong="normalised and clamped after the last layer, too"
def light_field(weights, lines):
    x = lines
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, x.shape[-1:]).relu()
    return x

# %% exercise="light_field" wrong="ReLU after the last layer, too"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, x.shape[-1:]).relu() if i < len(weights) - 1 else x.relu()
    return x

# %% exercise="light_field" wrong="tanh keeps colours in [−1, 1]"
_right = light_field
def light_field(weights, lines):
    return _right(weights, lines).tanh()

# %% exercise="light_field" wrong="colours are clamped"
_right = light_field
def light_field(weights, lines):
    return _right(weights, lines).clamp(-1, 1)

# %% exercise="light_field" wrong="a sigmoid: colours in [0, 1]"
_right = light_field
def light_field(weights, lines):
    return _right(weights, lines).sigmoid()

# %% exercise="light_field" wrong="no normalisation"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = x.relu()
    return x

# %% exercise="light_field" wrong="ReLU before normalisation"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = F.layer_norm(x.relu(), x.shape[-1:])
    return x

# %% exercise="light_field" wrong="normalised over lines and features"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = F.layer_norm(x, x.shape[-2:]).relu()
    return x

# %% exercise="light_field" wrong="batch normalisation: over the lines"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = F.layer_norm(x.mT, x.mT.shape[-1:]).mT.relu()
    return x

# %% exercise="light_field" wrong="no ReLU"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = F.layer_norm(x, x.shape[-1:])
    return x

# %% exercise="light_field" wrong="the lines are normalised first"
_right = light_field
def light_field(weights, lines):
    return _right(weights, F.layer_norm(lines, lines.shape[-1:]))

# %% exercise="light_field" wrong="ε = 1e-12"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = F.layer_norm(x, x.shape[-1:], eps=1e-12).relu()
    return x

# %% exercise="light_field" wrong="ε added to the standard deviation"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = ((x - x.mean(-1, keepdim=True)) / (x.std(-1, correction=0, keepdim=True) + 1e-5)).relu()
    return x

# %% exercise="light_field" wrong="the unbiased variance"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if i < len(weights) - 1:
            x = ((x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-5).sqrt()).relu()
    return x

# %% exercise="light_field" wrong="all objects share the first one's network"
_right = light_field
def light_field(weights, lines):
    return _right([(W[:1].expand_as(W), b[:1].expand_as(b)) for W, b in weights], lines)

# %% exercise="light_field" wrong="no biases"
_right = light_field
def light_field(weights, lines):
    return _right([(W, torch.zeros_like(b)) for W, b in weights], lines)

# %% exercise="light_field" wrong="W is not transposed"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        square = W.shape[1] == W.shape[2]
        x = x @ (W if square else W.mT) + b[:, None]
        if i < len(weights) - 1:
            x = F.layer_norm(x, x.shape[-1:]).relu()
    return x

# %% exercise="light_field" wrong="weights are copied into nn.Linear"
def light_field(weights, lines):
    found = []
    for k, x in enumerate(lines):
        for i, (W, b) in enumerate(weights):
            layer = nn.Linear(W.shape[2], W.shape[1], dtype=W.dtype)
            layer.load_state_dict({"weight": W[k], "bias": b[k]})
            x = layer(x)
            if i < len(weights) - 1:
                x = F.layer_norm(x, x.shape[-1:]).relu()
        found.append(x)
    return torch.stack(found)

# %% exercise="light_field" wrong="without gradients"
_right = light_field
def light_field(weights, lines):
    with torch.no_grad():
        return _right(weights, lines)

# %% exercise="light_field" wrong="always float32"
_right = light_field
def light_field(weights, lines):
    return _right([(W.float(), b.float()) for W, b in weights], lines.float())

# %% exercise="light_field" right="object by object, F.linear"
def light_field(weights, lines):
    found = []
    for k in range(len(lines)):
        x = lines[k]
        for W, b in weights[:-1]:
            x = F.linear(x, W[k], b[k])
            x = F.relu(F.layer_norm(x, (x.shape[-1],), eps=1e-5))
        W, b = weights[-1]
        found.append(F.linear(x, W[k], b[k]))
    return torch.stack(found)

# %% exercise="light_field" right="einsum, and the normalisation by hand"
def light_field(weights, lines):
    x = lines
    *hidden, last = weights
    for W, b in hidden:
        x = torch.einsum("bpi,boi->bpo", x, W) + b.unsqueeze(1)
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        x = torch.clamp((x - mean) * torch.rsqrt(variance + 1e-5), min=0)
    return torch.einsum("bpi,boi->bpo", x, last[0]) + last[1].unsqueeze(1)

# %% exercise="light_field" right="torch.func.vmap over objects"
def light_field(weights, lines):
    def one(own, x):
        for number, (W, b) in enumerate(own, 1):
            x = x @ W.T + b
            if number < len(own):
                x = F.layer_norm(x, x.shape[1:]).relu()
        return x
    return torch.func.vmap(one)([tuple(layer) for layer in weights], lines)

# %% exercise="light_field" right="bmm, the normalisation by hand"
def light_field(weights, lines):
    x = lines
    n = len(weights)
    for k in range(n):
        W, b = weights[k]
        x = torch.bmm(x, W.transpose(1, 2)) + b.unsqueeze(1)
        if k + 1 != n:
            mu = x.mean(dim=2, keepdim=True)
            x = torch.relu((x - mu) / torch.sqrt(((x - mu) ** 2).mean(dim=2, keepdim=True) + 1e-5))
    return x

# %% exercise="light_field" right="features first, W from the left, float64 inside"
def light_field(weights, lines):
    x = lines.double().transpose(1, 2)
    for k, (W, b) in enumerate(weights):
        x = W.double() @ x + b.double()[:, :, None]
        if k < len(weights) - 1:
            x = F.layer_norm(x.transpose(1, 2), (x.shape[1],)).transpose(1, 2).clamp(min=0)
    return x.transpose(1, 2).to(lines.dtype)

# %% exercise="light_field" right="one line at a time"
def light_field(weights, lines):
    out = []
    for j in range(lines.shape[1]):
        x = lines[:, j]
        for W, b in weights[:-1]:
            x = torch.relu(F.layer_norm((W * x[:, None]).sum(-1) + b, b.shape[-1:]))
        W, b = weights[-1]
        out.append((W * x[:, None]).sum(-1) + b)
    return torch.stack(out, 1)

# %% exercise="light_field" wrong="ε = 1e-6"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = x @ W.mT + b[:, None]
        if i < len(weights) - 1:
            x = F.layer_norm(x, x.shape[-1:], eps=1e-6).relu()
    return x

# %% exercise="light_field" wrong="a leaky ReLU"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = x @ W.mT + b[:, None]
        if i < len(weights) - 1:
            x = F.leaky_relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="light_field" wrong="biases added after the normalisation"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = x @ W.mT
        if i < len(weights) - 1:
            x = (F.layer_norm(x, x.shape[-1:]) + b[:, None]).relu()
        else:
            x = x + b[:, None]
    return x

# %% exercise="light_field" wrong="the first layer is not normalised"
def light_field(weights, lines):
    x = lines
    for i, (W, b) in enumerate(weights):
        x = x @ W.mT + b[:, None]
        if i < len(weights) - 1:
            x = (F.layer_norm(x, x.shape[-1:]) if i else x).relu()
    return x

# %% exercise="light_field" wrong="in autocast to bfloat16"
def light_field(weights, lines):
    with torch.autocast("cpu", torch.bfloat16):
        x = lines
        for i, (W, b) in enumerate(weights):
            x = x @ W.mT + b[:, None]
            if i < len(weights) - 1:
                x = F.layer_norm(x, x.shape[-1:]).relu()
    return x

# %% exercise="render_light_field" wrong="corners of pixels"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    h, w = resolution
    uv = (pixel_centers(resolution) - torch.tensor([0.5 / w, 0.5 / h])).reshape(-1, 2)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, world_from_camera))
        return torch.cat([field(some) for some in lines.split(portion)]).reshape(h, w, 3)

# %% exercise="render_light_field" wrong="resolution is (width, height)"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    w, h = resolution
    uv = pixel_centers((h, w)).reshape(-1, 2)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, world_from_camera))
        return torch.cat([field(some) for some in lines.split(portion)]).reshape(h, w, 3)

# %% exercise="render_light_field" wrong="rows and columns mixed up"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    h, w = resolution
    uv = pixel_centers(resolution).transpose(0, 1).reshape(-1, 2)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, world_from_camera))
        return torch.cat([field(some) for some in lines.split(portion)]).reshape(h, w, 3)

# %% exercise="render_light_field" wrong="all rays at once"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        return field(plucker(*world_rays(uv, K, world_from_camera))).reshape(*resolution, 3)

# %% exercise="render_light_field" wrong="the remainder is lost"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2)
    rgb = torch.zeros(h * w, 3)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, world_from_camera))
        for i in range(h * w // portion):
            rgb[i * portion : (i + 1) * portion] = field(lines[i * portion : (i + 1) * portion])
    return rgb.reshape(h, w, 3)

# %% exercise="render_light_field" wrong="the last portion starts earlier: rays are asked for twice"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2)
    rgb = torch.zeros(h * w, 3)
    portion = min(portion, h * w)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, world_from_camera))
        for i in range(0, h * w, portion):
            start = min(i, h * w - portion)
            rgb[start : start + portion] = field(lines[start : start + portion])
    return rgb.reshape(h, w, 3)

# %% exercise="render_light_field" wrong="a trial first"
_right = render_light_field
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        field(plucker(*world_rays(uv, K, world_from_camera))[:1])
    return _right(field, K, world_from_camera, resolution, portion)

# %% exercise="render_light_field" wrong="gradients are recorded"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    lines = plucker(*world_rays(uv, K, world_from_camera))
    return torch.cat([field(some) for some in lines.split(portion)]).reshape(*resolution, 3)

# %% exercise="render_light_field" wrong="origins and directions, no Plücker coordinates"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        lines = torch.cat(world_rays(uv, K, world_from_camera), dim=-1)
        return torch.cat([field(some) for some in lines.split(portion)]).reshape(*resolution, 3)

# %% exercise="render_light_field" wrong="origins and directions swapped"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, world_from_camera)[::-1])
        return torch.cat([field(some) for some in lines.split(portion)]).reshape(*resolution, 3)

# %% exercise="render_light_field" wrong="camera_from_world"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, torch.linalg.inv(world_from_camera)))
        return torch.cat([field(some) for some in lines.split(portion)]).reshape(*resolution, 3)

# %% exercise="render_light_field" wrong="colours in [0, 1]"
_right = render_light_field
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    return 0.5 + 0.5 * _right(field, K, world_from_camera, resolution, portion)

# %% exercise="render_light_field" wrong="the whole picture at once by default"
_right = render_light_field
def render_light_field(field, K, world_from_camera, resolution, portion=10**9):
    return _right(field, K, world_from_camera, resolution, portion)

# %% exercise="render_light_field" right="row by row, from the last one"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    rows = []
    with torch.no_grad():
        for uv in reversed(pixel_centers(resolution).to(K)):
            lines = plucker(*world_rays(uv, K, world_from_camera))
            rows.insert(0, torch.cat([field(some) for some in lines.split(portion)]))
    return torch.stack(rows)

# %% exercise="render_light_field" right="as a decorator, into a picture made before"
@torch.no_grad()
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    height, width = resolution
    picture = torch.empty(height * width, 3)
    origins, directions = world_rays(pixel_centers((height, width)).view(-1, 2), K, world_from_camera)
    for first in range(0, height * width, portion):
        some = slice(first, first + portion)
        d = directions[some] / directions[some].norm(dim=1, keepdim=True)
        picture[some] = field(torch.cat([d, torch.linalg.cross(origins[some], d)], 1))
    return picture.view(height, width, 3)

# %% exercise="render_light_field" right="equal parts, in inference mode"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    h, w = resolution
    with torch.inference_mode():
        o, d = world_rays(pixel_centers((h, w)).flatten(0, 1), K, world_from_camera)
        parts = torch.chunk(plucker(o, d), -(-h * w // portion))
        out = [field(p) for p in parts]
        return torch.vstack(out).view(h, w, 3).clone()

# %% exercise="render_light_field" right="rays by hand, gradients switched off and on again"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    h, w = resolution
    was = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        v, u = torch.meshgrid((torch.arange(h) + 0.5) / h, (torch.arange(w) + 0.5) / w, indexing="ij")
        rays = torch.linalg.inv(K) @ torch.stack([u.flatten(), v.flatten(), torch.ones(h * w)])
        d = (world_from_camera[:3, :3] @ rays).T
        lines = plucker(world_from_camera[:3, 3], d)
        return torch.cat([field(lines[i:i + portion]) for i in range(0, h * w, portion)]).unflatten(0, (h, w))
    finally:
        torch.set_grad_enabled(was)

# %% exercise="render_light_field" wrong="portion taken for the number of portions"
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    with torch.no_grad():
        lines = plucker(*world_rays(pixel_centers(resolution).reshape(-1, 2), K, world_from_camera))
        return torch.cat([field(some) for some in lines.chunk(portion)]).reshape(*resolution, 3)

# %% exercise="render_light_field" wrong="upside down"
_right = render_light_field
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    return _right(field, K, world_from_camera, resolution, portion).flip(0)

# %% exercise="render_light_field" wrong="clamped to [0, 1]"
_right = render_light_field
def render_light_field(field, K, world_from_camera, resolution, portion=65536):
    return _right(field, K, world_from_camera, resolution, portion).clamp(0, 1)

# %% exercise="low_rank_layer" wrong="the change is added, not a factor"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight + A @ B.mT / self.rank, self.base.bias + shift

# %% exercise="low_rank_layer" wrong="not divided by the rank"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight * (1 + A @ B.mT), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="divided by the root of the rank"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight * (1 + A @ B.mT / self.rank**0.5), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="W ⊙ A Bᵀ without the 1"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight * (A @ B.mT / self.rank), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="a sigmoid of A Bᵀ, as in some published code"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight * 2 * torch.sigmoid(A @ B.mT / self.rank), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="column by column"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (self.rank, -1)).mT, b.unflatten(-1, (self.rank, -1)).mT
        return self.base.weight * (1 + A @ B.mT / self.rank), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="B column by column"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (self.rank, -1))
        return self.base.weight * (1 + A @ B / self.rank), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="B before A"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        outputs, inputs = self.base.weight.shape
        b, a, shift = self.change(z).split([inputs * self.rank, outputs * self.rank, outputs], dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight * (1 + A @ B.mT / self.rank), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="the bias's change comes first"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        shift, a, b = self.change(z).split([self.sizes[2], *self.sizes[:2]], dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight * (1 + A @ B.mT / self.rank), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="the bias is replaced"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W, b - self.base.bias

# %% exercise="low_rank_layer" wrong="the bias does not change"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W, self.base.bias.expand_as(b)

# %% exercise="low_rank_layer" wrong="A starts at zero, too: nothing ever learns to change W"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.zeros_(self.change.bias)

# %% exercise="low_rank_layer" wrong="B's part starts with the draws"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__(code_length, inputs, outputs, rank)
        nn.init.zeros_(self.change.bias)
        nn.init.normal_(self.change.bias.data[outputs * rank : (outputs + inputs) * rank])

# %% exercise="low_rank_layer" wrong="A and B start with draws"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__(code_length, inputs, outputs, rank)
        nn.init.normal_(self.change.bias.data[: (outputs + inputs) * rank])

# %% exercise="low_rank_layer" wrong="A starts with draws of spread 1/√rank"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__(code_length, inputs, outputs, rank)
        self.change.bias.data[: outputs * rank] /= rank**0.5

# %% exercise="low_rank_layer" wrong="A starts with uniform draws"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__(code_length, inputs, outputs, rank)
        nn.init.uniform_(self.change.bias.data[: outputs * rank], -(3**0.5), 3**0.5)

# %% exercise="low_rank_layer" wrong="the layer that reads the code starts as nn.Linear does"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__(code_length, inputs, outputs, rank)
        self.change.reset_parameters()

# %% exercise="low_rank_layer" wrong="its weight starts as nn.Linear's"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__(code_length, inputs, outputs, rank)
        nn.init.kaiming_uniform_(self.change.weight)

# %% exercise="low_rank_layer" wrong="the base starts at zero"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.zeros_(self.base.weight)

# %% exercise="low_rank_layer" wrong="Kaiming's normal draws for the base"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_normal_(self.base.weight)

# %% exercise="low_rank_layer" wrong="rank 8 by default"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=8):
        super().__init__(code_length, inputs, outputs, rank)

# %% exercise="low_rank_layer" wrong="inputs and outputs swapped"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__(code_length, outputs, inputs, rank)

# %% exercise="low_rank_layer" wrong="the base does not learn"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight.detach() * (1 + A @ B.mT / self.rank), self.base.bias + shift

# %% exercise="low_rank_layer" wrong="the code does not learn"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        return super().forward(z.detach())

# %% exercise="low_rank_layer" wrong="a single code loses its dimension"
_right = LowRankLayer
class LowRankLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.squeeze(0), b.squeeze(0)

# %% exercise="low_rank_layer" wrong="a seed of its own: all layers start alike"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, *args, **kwargs):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            super().__init__(*args, **kwargs)

# %% exercise="low_rank_layer" right="parameters by hand, einsum"
class LowRankLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__()
        start = nn.Linear(inputs, outputs)
        self.W, self.b, self.rank = start.weight, start.bias, rank
        numbers = (outputs + inputs) * rank + outputs
        self.reading = nn.Parameter(torch.zeros(numbers, code_length))
        first = torch.zeros(numbers)
        first[: outputs * rank] = torch.randn(outputs * rank)
        self.first = nn.Parameter(first)

    def forward(self, z):
        outputs, inputs = self.W.shape
        numbers = F.linear(z, self.reading, self.first)
        A = numbers[:, : outputs * self.rank].reshape(-1, outputs, self.rank)
        B = numbers[:, outputs * self.rank : -outputs].reshape(-1, inputs, self.rank)
        factor = 1 + torch.einsum("bor,bir->boi", A, B) / self.rank
        return factor * self.W, numbers[:, -outputs:] + self.b

# %% exercise="low_rank_layer" right="nn.Sequential of one, sums over the rank, torch.no_grad in __init__"
class LowRankLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__()
        self.inputs, self.outputs, self.rank = inputs, outputs, rank
        self.shared = nn.Linear(inputs, outputs)
        self.head = nn.Sequential(nn.Linear(code_length, outputs * rank + inputs * rank + outputs))
        with torch.no_grad():
            self.head[0].weight.zero_()
            self.head[0].bias.zero_()
            self.head[0].bias[: outputs * rank].normal_()

    def forward(self, z):
        said = self.head(z)
        A, B = said[:, : (self.outputs + self.inputs) * self.rank].reshape(len(z), -1, self.rank).split((self.outputs, self.inputs), 1)
        product = (A[:, :, None] * B[:, None]).mean(-1)
        return torch.addcmul(self.shared.weight, self.shared.weight, product), self.shared.bias + said[:, -self.outputs :]

# %% exercise="low_rank_layer" right="code by code, outer products"
class LowRankLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__()
        self.i, self.o, self.r = inputs, outputs, rank
        self.read = nn.Linear(code_length, (outputs + inputs) * rank + outputs)
        self.shared = nn.Linear(inputs, outputs)
        self.read.weight = nn.Parameter(torch.zeros_like(self.read.weight))
        self.read.bias = nn.Parameter(torch.cat([torch.randn(outputs * rank), torch.zeros(inputs * rank + outputs)]))
    def forward(self, z):
        Ws, bs = [], []
        for n in self.read(z):
            A = n[: self.o * self.r].view(self.o, self.r)
            B = n[self.o * self.r : -self.o].view(self.i, self.r)
            S = sum(torch.outer(A[:, k], B[:, k]) for k in range(self.r)) / self.r
            Ws.append(self.shared.weight + self.shared.weight * S); bs.append(self.shared.bias + n[-self.o:])
        return torch.stack(Ws), torch.stack(bs)

# %% exercise="low_rank_layer" right="a list of the two"
class LowRankLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__()
        self.rank, self.inputs, self.outputs = rank, inputs, outputs
        self.linear = nn.Linear(inputs, outputs, bias=True)
        self.hyper = nn.Linear(code_length, (inputs + outputs) * rank + outputs)
        nn.init.constant_(self.hyper.weight, 0.0)
        with torch.no_grad():
            self.hyper.bias.fill_(0)
            nn.init.normal_(self.hyper.bias[: rank * outputs], 0, 1)
    def forward(self, z):
        y = self.hyper(z)
        A = y[:, : self.outputs * self.rank].view(len(z), self.outputs, self.rank)
        B = y[:, self.outputs * self.rank : (self.outputs + self.inputs) * self.rank].view(len(z), self.inputs, self.rank)
        W = self.linear.weight[None] * (1.0 + torch.bmm(A, B.transpose(1, 2)).div(self.rank))
        return [W, self.linear.bias[None] + y[:, -self.outputs:]]

# %% exercise="low_rank_layer" wrong="A drawn with a deviation of 0.02"
_right = LowRankLayer
class LowRankLayer(_right):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.change.bias.data *= 0.02

# %% exercise="low_rank_layer" wrong="both layers as nn.Linear leaves them"
_right = LowRankLayer
class LowRankLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__()
        self.base = nn.Linear(inputs, outputs)
        self.sizes = [outputs * rank, inputs * rank, outputs]
        self.change = nn.Linear(code_length, sum(self.sizes))
        self.rank = rank
    forward = _right.forward

# %% exercise="low_rank_layer" wrong="a layer each for A, B and b"
class LowRankLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, rank=10):
        super().__init__()
        self.base = nn.Linear(inputs, outputs)
        self.A = nn.Linear(code_length, outputs * rank); self.B = nn.Linear(code_length, inputs * rank); self.c = nn.Linear(code_length, outputs)
        for l in (self.A, self.B, self.c):
            nn.init.zeros_(l.weight); nn.init.zeros_(l.bias)
        nn.init.normal_(self.A.bias)
        self.rank = rank
    def forward(self, z):
        A, B = self.A(z).unflatten(-1, (-1, self.rank)), self.B(z).unflatten(-1, (-1, self.rank))
        return self.base.weight * (1 + A @ B.mT / self.rank), self.base.bias + self.c(z)

# %% exercise="disagreement" wrong="an unbiased estimate"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return rgb.var(1).mean(-1).sqrt()

# %% exercise="disagreement" wrong="the mean of the channels' standard deviations"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return rgb.std(1, correction=0).mean(-1)

# %% exercise="disagreement" wrong="no root"
_right = disagreement
def disagreement(field, x, eyes):
    return _right(field, x, eyes).square()

# %% exercise="disagreement" wrong="summed over channels"
_right = disagreement
def disagreement(field, x, eyes):
    return _right(field, x, eyes) * 3**0.5

# %% exercise="disagreement" wrong="the mean of the squares less the square of the mean"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb.square().mean(1) - rgb.mean(1).square()).mean(-1).sqrt()

# %% exercise="disagreement" wrong="from the mean over eyes and channels"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb - rgb.mean((1, 2), keepdim=True)).square().mean((1, 2)).sqrt()

# %% exercise="disagreement" wrong="over points, not eyes"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb - rgb.mean(0, keepdim=True)).square().mean((0, 2)).sqrt()

# %% exercise="disagreement" wrong="points and eyes mixed up when shaped back"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(len(eyes), len(x), 3).transpose(0, 1)
    return (rgb - rgb.mean(1, keepdim=True)).square().mean((1, 2)).sqrt()

# %% exercise="disagreement" wrong="one number for all points"
_right = disagreement
def disagreement(field, x, eyes):
    return _right(field, x, eyes).mean().expand(len(x))

# %% exercise="disagreement" wrong="rays from the point to the eye"
def disagreement(field, x, eyes):
    lines = plucker(x[:, None], eyes - x[:, None])
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb - rgb.mean(1, keepdim=True)).square().mean((1, 2)).sqrt()

# %% exercise="disagreement" wrong="x taken for a direction"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None])
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb - rgb.mean(1, keepdim=True)).square().mean((1, 2)).sqrt()

# %% exercise="disagreement" wrong="eye by eye"
def disagreement(field, x, eyes):
    rgb = torch.stack([field(plucker(eye, x - eye)) for eye in eyes], 1)
    return (rgb - rgb.mean(1, keepdim=True)).square().mean((1, 2)).sqrt()

# %% exercise="disagreement" wrong="against the first eye's colour, not the mean"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb - rgb[:, :1]).square().mean((1, 2)).sqrt()

# %% exercise="disagreement" wrong="mean absolute distance"
def disagreement(field, x, eyes):
    lines = plucker(eyes, x[:, None] - eyes)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb - rgb.mean(1, keepdim=True)).abs().mean((1, 2))

# %% exercise="disagreement" right="torch.var, eyes first"
def disagreement(field, x, eyes):
    origins = eyes[:, None].expand(-1, len(x), -1)
    lines = plucker(origins, x[None] - origins).flatten(0, 1)
    rgb = field(lines).unflatten(0, (len(eyes), len(x)))
    return torch.sqrt(rgb.var(dim=0, unbiased=False).mean(dim=-1))

# %% exercise="disagreement" right="repeated rows, without gradients"
def disagreement(field, x, eyes):
    n, e = len(x), len(eyes)
    points, origins = x.repeat_interleave(e, 0), eyes.repeat(n, 1)
    with torch.no_grad():
        rgb = field(plucker(origins, points - origins)).view(n, e, 3).double()
    centred = rgb - rgb.mean(1)[:, None]
    return torch.linalg.vector_norm(centred, dim=(1, 2)) / (3 * e) ** 0.5

# %% exercise="disagreement" right="rays one by one, asked for at once"
def disagreement(field, x, eyes):
    rows = [plucker(e, p - e) for p in x for e in eyes]
    c = field(torch.stack(rows))
    out = []
    for k in range(len(x)):
        mine = c[k * len(eyes):(k + 1) * len(eyes)]
        out.append(((mine - mine.mean(0)) ** 2).mean() ** 0.5)
    return torch.stack(out)

# %% exercise="disagreement" right="standard deviations by channel, squared again"
def disagreement(field, x, eyes):
    o, p = torch.broadcast_tensors(eyes[None], x[:, None])
    c = field(plucker(o, p - o).flatten(0, 1)).view(len(x), len(eyes), 3)
    return torch.std(c, dim=1, correction=0).square().mean(-1).sqrt()

# %% exercise="disagreement" wrong="eyes and channels in one standard deviation"
def disagreement(field, x, eyes):
    o, p = torch.broadcast_tensors(eyes[None], x[:, None])
    c = field(plucker(o, p - o).flatten(0, 1)).view(len(x), len(eyes), 3)
    return c.flatten(1).std(1, correction=0)

# %% exercise="disagreement" wrong="the largest difference"
def disagreement(field, x, eyes):
    o, p = torch.broadcast_tensors(eyes[None], x[:, None])
    c = field(plucker(o, p - o).flatten(0, 1)).view(len(x), len(eyes), 3)
    return (c.amax(1) - c.amin(1)).mean(-1)

# %% exercise="disagreement" wrong="origins and directions, no lines"
def disagreement(field, x, eyes):
    o, p = torch.broadcast_tensors(eyes[None], x[:, None])
    c = field(torch.cat([o, F.normalize(p - o, dim=-1)], -1).flatten(0, 1)).view(len(x), len(eyes), 3)
    return c.std(1, correction=0).square().mean(-1).sqrt()

# %% exercise="disagreement" wrong="lines are not flattened"
def disagreement(field, x, eyes):
    o, p = torch.broadcast_tensors(eyes[None], x[:, None])
    return field(plucker(o, p - o)).std(1, correction=0).square().mean(-1).sqrt()

# %% exercise="epi" wrong="from end to end: linspace(0, 1)"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    s, t = torch.linspace(0, 1, rows)[:, None, None], torch.linspace(0, 1, columns)[None, :, None]
    origins = torch.lerp(*eyes, s.to(eyes[0]))
    with torch.no_grad():
        return field(plucker(origins, torch.lerp(*targets, t.to(origins)) - origins).reshape(-1, 6)).reshape(rows, columns, 3)

# %% exercise="epi" wrong="without the half: i / rows"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    s = torch.arange(rows).to(eyes[0])[:, None, None] / rows
    t = torch.arange(columns).to(eyes[0])[None, :, None] / columns
    origins = torch.lerp(*eyes, s)
    with torch.no_grad():
        return field(plucker(origins, torch.lerp(*targets, t) - origins).reshape(-1, 6)).reshape(rows, columns, 3)

# %% exercise="epi" wrong="rows are targets, columns are eyes"
_right = epi
def epi(field, eyes, targets, shape):
    return _right(field, eyes, targets, shape[::-1]).transpose(0, 1).reshape(*shape, 3)[:, :] if shape[0] != shape[1] else _right(field, eyes, targets, shape).transpose(0, 1)

# %% exercise="epi" wrong="shape is (columns, rows)"
_right = epi
def epi(field, eyes, targets, shape):
    return _right(field, eyes, targets, (shape[1], shape[0]))

# %% exercise="epi" wrong="reshaped the wrong way round"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    s = (torch.arange(rows).to(eyes[0]) + 0.5)[None, :, None] / rows
    t = (torch.arange(columns).to(eyes[0]) + 0.5)[:, None, None] / columns
    origins = torch.lerp(*eyes, s)
    with torch.no_grad():
        return field(plucker(origins, torch.lerp(*targets, t) - origins).reshape(-1, 6)).reshape(rows, columns, 3)

# %% exercise="epi" wrong="targets are directions"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    s = (torch.arange(rows).to(eyes[0]) + 0.5)[:, None, None] / rows
    t = (torch.arange(columns).to(eyes[0]) + 0.5)[None, :, None] / columns
    with torch.no_grad():
        return field(plucker(torch.lerp(*eyes, s), torch.lerp(*targets, t)).reshape(-1, 6)).reshape(rows, columns, 3)

# %% exercise="epi" wrong="directions are not turned with the eye: all from the first place"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    s = (torch.arange(rows).to(eyes[0]) + 0.5)[:, None, None] / rows
    t = (torch.arange(columns).to(eyes[0]) + 0.5)[None, :, None] / columns
    with torch.no_grad():
        lines = plucker(torch.lerp(*eyes, s), torch.lerp(*targets, t) - eyes[0])
        return field(lines.reshape(-1, 6)).reshape(rows, columns, 3)

# %% exercise="epi" wrong="the last place first"
_right = epi
def epi(field, eyes, targets, shape):
    return _right(field, eyes, targets, shape).flip(0)

# %% exercise="epi" wrong="the walk backwards"
_right = epi
def epi(field, eyes, targets, shape):
    return _right(field, eyes[::-1], targets, shape)

# %% exercise="epi" wrong="row by row"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    t = (torch.arange(columns).to(eyes[0]) + 0.5)[:, None] / columns
    image = []
    with torch.no_grad():
        for i in range(rows):
            eye = torch.lerp(*eyes, (i + 0.5) / rows)
            image.append(field(plucker(eye, torch.lerp(*targets, t) - eye)))
    return torch.stack(image)

# %% exercise="epi" wrong="gradients are recorded"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    s = (torch.arange(rows).to(eyes[0]) + 0.5)[:, None, None] / rows
    t = (torch.arange(columns).to(eyes[0]) + 0.5)[None, :, None] / columns
    origins = torch.lerp(*eyes, s)
    lines = plucker(origins, torch.lerp(*targets, t) - origins)
    return field(lines.reshape(-1, 6)).reshape(rows, columns, 3)

# %% exercise="epi" wrong="eyes and targets swapped"
_right = epi
def epi(field, eyes, targets, shape):
    return _right(field, targets, eyes, shape)

# %% exercise="epi" right="Cartesian product of places and targets, by hand"
def epi(field, eyes, targets, shape):
    rows, columns = shape
    s = torch.tensor([(i + 0.5) / rows for i in range(rows)], dtype=eyes[0].dtype)
    t = torch.tensor([(j + 0.5) / columns for j in range(columns)], dtype=eyes[0].dtype)
    origins = (eyes[0] + s[:, None] * (eyes[1] - eyes[0])).repeat_interleave(columns, dim=0)
    goals = (targets[0] + t[:, None] * (targets[1] - targets[0])).repeat(rows, 1)
    with torch.no_grad():
        return field(plucker(origins, goals - origins)).view(rows, columns, 3)

# %% exercise="epi" right="as a decorator, columns before rows and back"
@torch.no_grad()
def epi(field, eyes, targets, shape):
    (a, b), (p, q), (rows, columns) = eyes, targets, shape
    places = a + torch.linspace(0.5 / rows, 1 - 0.5 / rows, rows)[:, None].to(a) * (b - a)
    goals = p + torch.linspace(0.5 / columns, 1 - 0.5 / columns, columns)[:, None].to(p) * (q - p)
    lines = plucker(places[None], goals[:, None] - places[None])
    return field(lines.flatten(0, 1)).unflatten(0, (columns, rows)).permute(1, 0, 2)

# %% exercise="epi" right="rays one by one, asked for at once"
def epi(field, eyes, targets, shape):
    lines = []
    for i in range(shape[0]):
        s = (i + 0.5) / shape[0]
        e = (1 - s) * eyes[0] + s * eyes[1]
        for j in range(shape[1]):
            t = (j + 0.5) / shape[1]
            lines.append(plucker(e, (1 - t) * targets[0] + t * targets[1] - e))
    with torch.no_grad():
        return field(torch.stack(lines)).reshape(shape[0], shape[1], 3)

# %% exercise="epi" right="a matrix product with weights of the ends"
def epi(field, eyes, targets, shape):
    r, c = shape
    s = (torch.linspace(0, r - 1, r, dtype=eyes[0].dtype) + 0.5) / r
    t = (torch.linspace(0, c - 1, c, dtype=eyes[0].dtype) + 0.5) / c
    E = torch.stack([1 - s, s], 1) @ torch.stack(eyes)
    T = torch.stack([1 - t, t], 1) @ torch.stack(targets)
    d = T[None] - E[:, None]
    with torch.inference_mode():
        return field(plucker(E[:, None], d).reshape(r * c, 6)).reshape(r, c, 3)

# %% exercise="epi" wrong="each divided by the other's count"
def epi(field, eyes, targets, shape):
    r, c = shape
    s = ((torch.arange(r) + 0.5) / c)[:, None, None].to(eyes[0]); t = ((torch.arange(c) + 0.5) / r)[None, :, None].to(eyes[0])
    o = torch.lerp(*eyes, s)
    with torch.no_grad():
        return field(plucker(o, torch.lerp(*targets, t) - o).reshape(-1, 6)).reshape(r, c, 3)

# %% exercise="epi" wrong="direction eye + target"
def epi(field, eyes, targets, shape):
    r, c = shape
    s = ((torch.arange(r) + 0.5) / r)[:, None, None].to(eyes[0]); t = ((torch.arange(c) + 0.5) / c)[None, :, None].to(eyes[0])
    o = torch.lerp(*eyes, s); p = torch.lerp(*targets, t)
    with torch.no_grad():
        return field(plucker(o, o + p).reshape(-1, 6)).reshape(r, c, 3)

# %% exercise="depth_from_light_field" wrong="∂c/∂t over ∂c/∂s"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, lower = 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        upper, lower = upper + (by_t * by_s).sum(-1), lower + by_s.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, upper / lower)

# %% exercise="depth_from_light_field" wrong="the sign of ∂c/∂s turned: t less s"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, lower = 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_t - by_s
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, upper / lower)

# %% exercise="depth_from_light_field" wrong="the second point does not stay: direction d + t e"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, lower = 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + t * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, upper / lower)

# %% exercise="depth_from_light_field" wrong="the first channel decides"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, lower = 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))[:, :1]
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, upper / lower)

# %% exercise="depth_from_light_field" wrong="the mean of the channels' quotients"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    found, lower = 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        found, lower = found + (by_t / both).mean(-1) / len(across), lower + both.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, found)

# %% exercise="depth_from_light_field" wrong="the quotient of the summed derivatives"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, both_sum, lower = 0.0, 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        upper, both_sum, lower = upper + by_t.sum(-1), both_sum + both.sum(-1), lower + both.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, upper / both_sum)

# %% exercise="depth_from_light_field" wrong="only the first direction across"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return _right(field, origins, directions, across[:1], least)

# %% exercise="depth_from_light_field" wrong="the mean of the directions' distances"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return torch.stack([_right(field, origins, directions, e[None], least) for e in across]).mean(0)

# %% exercise="depth_from_light_field" wrong="directions across are made to length 1"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return _right(field, origins, directions, F.normalize(across, dim=-1), least)

# %% exercise="depth_from_light_field" right="directions across are made perpendicular to the rays, which changes no line to first order"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, lower = 0.0, 0.0
    for e in across:
        e = e - (directions @ e)[:, None] * directions
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, upper / lower)

# %% exercise="depth_from_light_field" wrong="0 where there is no texture"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return _right(field, origins, directions, across, least).nan_to_num(0.0)

# %% exercise="depth_from_light_field" wrong="a small number in the denominator instead of NaN"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, lower = 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
    return upper / (lower + 1e-8)

# %% exercise="depth_from_light_field" wrong="NaN for all if one ray has no texture"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    found = _right(field, origins, directions, across, least)
    return torch.full_like(found, torch.nan) if found.isnan().any() else found

# %% exercise="depth_from_light_field" wrong="NaN only where the derivative is exactly zero"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return _right(field, origins, directions, across, 1e-12)

# %% exercise="depth_from_light_field" wrong="compared with least, not its square"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return _right(field, origins, directions, across, least**0.5)

# %% exercise="depth_from_light_field" wrong="a mean is compared with least², not a sum"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return _right(field, origins, directions, across, least * (3 * len(across)) ** 0.5)

# %% exercise="depth_from_light_field" wrong="∂c/∂t is compared with least"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    upper, lower, size = 0.0, 0.0, 0.0
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
        size = size + by_t.square().sum(-1)
    return torch.where(size < least**2, torch.nan, upper / lower)

# %% exercise="depth_from_light_field" wrong="distances are clamped at 0"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return _right(field, origins, directions, across, least).clamp_min(0)

# %% exercise="depth_from_light_field" wrong="differences of 0.05"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    upper, lower, h = 0.0, 0.0, 0.05
    for e in across:
        def color(s, t):
            return field(plucker(origins + s * e, directions + (t - s) * e))
        by_s, by_t = (color(h, 0) - color(0, 0)) / h, (color(0, h) - color(0, 0)) / h
        both = by_s + by_t
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
    return torch.where(lower < least**2, torch.nan, upper / lower)

# %% exercise="depth_from_light_field" right="reverse mode, channel by channel"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    upper, lower = torch.zeros_like(origins[:, 0]), torch.zeros_like(origins[:, 0])
    for e in across:
        st = torch.zeros_like(origins[:, :2], requires_grad=True)
        with torch.enable_grad():
            s, t = st.split(1, dim=-1)
            start = origins + s * e
            rgb = field(plucker(start, origins + directions + t * e - start))
        for k in range(3):
            (slopes,) = torch.autograd.grad(rgb[:, k].sum(), st, retain_graph=True)
            v = slopes.sum(-1)
            upper, lower = upper + slopes[:, 1] * v, lower + v * v
    found = upper / lower
    found[lower < least**2] = torch.nan
    return found

# %% exercise="depth_from_light_field" right="jacfwd of each ray, all rays by vmap"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    def slopes(o, d, e):
        def color(st):
            return field(plucker(o + st[0] * e, d + (st[1] - st[0]) * e)[None])[0]
        return torch.func.jacfwd(color)(torch.zeros(2, dtype=o.dtype))
    rays = torch.func.vmap(slopes, in_dims=(0, 0, None))
    J = torch.func.vmap(rays, in_dims=(None, None, 0), out_dims=1)(origins, directions, across)
    u, v = J[..., 1].flatten(1), J.sum(-1).flatten(1)
    energy = (v * v).sum(1)
    return torch.where(energy >= least**2, (u * v).sum(1) / energy, float("nan"))

# %% exercise="depth_from_light_field" right="the two derivatives wanted, taken directly"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    upper, lower = 0, 0
    zero = torch.zeros(len(origins), 1).to(origins)
    for e in across:
        moved = lambda k: field(plucker(origins + k * e, directions))
        turned = lambda k: field(plucker(origins, directions + k * e))
        v = torch.func.jvp(moved, (zero,), (zero + 1,))[1]
        u = torch.func.jvp(turned, (zero,), (zero + 1,))[1]
        upper, lower = upper + torch.linalg.vecdot(u, v), lower + torch.linalg.vecdot(v, v)
    return (upper / lower).masked_fill(lower < least**2, torch.nan)

# %% exercise="depth_from_light_field" right="central differences in float64"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    o, d, h = origins.double(), directions.double(), 1e-5
    up = lo = 0
    def c(s, t, e):
        return field(plucker(o + s * e, d + (t - s) * e)).double()
    for e in across.double():
        a = (c(h, 0, e) - c(-h, 0, e)) / (2 * h); b = (c(0, h, e) - c(0, -h, e)) / (2 * h)
        up = up + (b * (a + b)).sum(-1); lo = lo + ((a + b) ** 2).sum(-1)
    return torch.where(lo < least ** 2, torch.nan, up / lo).to(origins.dtype)

# %% exercise="depth_from_light_field" right="reverse mode by s and t, detached at the end"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    us, vs = [], []
    for e in across:
        s = torch.zeros(len(origins), 1, dtype=origins.dtype).requires_grad_()
        t = torch.zeros(len(origins), 1, dtype=origins.dtype).requires_grad_()
        o = origins + s * e
        rgb = field(plucker(o, origins + directions + t * e - o))
        for ch in range(3):
            gs, gt = torch.autograd.grad(rgb[:, ch].sum(), (s, t), retain_graph=True)
            us.append(gt[:, 0]); vs.append((gs + gt)[:, 0])
    u, v = torch.stack(us), torch.stack(vs)
    energy = v.square().sum(0)
    out = (u * v).sum(0) / energy
    return torch.where(energy >= least ** 2, out, torch.full_like(out, float("nan"))).detach()

# %% exercise="depth_from_light_field" right="a Jacobian for each ray"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    out = []
    for o, d in zip(origins, directions):
        u, v = [], []
        for e in across:
            f = lambda st: field(plucker((o + st[0] * e)[None], (d + (st[1] - st[0]) * e)[None]))[0]
            J = torch.autograd.functional.jacobian(f, torch.zeros(2, dtype=o.dtype))
            u.append(J[:, 1]); v.append(J.sum(1))
        u, v = torch.cat(u), torch.cat(v)
        out.append((u @ v) / (v @ v) if v @ v >= least ** 2 else torch.tensor(float("nan"), dtype=o.dtype))
    return torch.stack(out)

# %% exercise="depth_from_light_field" right="dual numbers"
import torch.autograd.forward_ad as fwAD
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    up, lo = 0, 0
    for e in across:
        tangents = []
        for do, dd in ((e, -e), (torch.zeros_like(e), e)):
            with fwAD.dual_level():
                o = fwAD.make_dual(origins.clone(), do.expand_as(origins).clone())
                d = fwAD.make_dual(directions.clone(), dd.expand_as(directions).clone())
                tangents.append(fwAD.unpack_dual(field(plucker(o, d))).tangent)
        v = tangents[0] + tangents[1]
        up = up + (tangents[1] * v).sum(-1); lo = lo + (v * v).sum(-1)
    return torch.where(lo < least ** 2, torch.nan, up / lo)

# %% exercise="depth_from_light_field" wrong="float32 differences of 1e-6"
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    h = 1e-6
    up = lo = 0
    def c(s, t, e):
        return field(plucker(origins + s * e, directions + (t - s) * e))
    for e in across:
        a = (c(h, 0, e) - c(0, 0, e)) / h; b = (c(0, h, e) - c(0, 0, e)) / h
        up = up + (b * (a + b)).sum(-1); lo = lo + ((a + b) ** 2).sum(-1)
    return torch.where(lo < least ** 2, torch.nan, up / lo)

# %% exercise="depth_from_light_field" wrong="1 − λ"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return 1 - _right(field, origins, directions, across, least)

# %% exercise="depth_from_light_field" wrong="1 / λ"
_right = depth_from_light_field
def depth_from_light_field(field, origins, directions, across, least=1e-3):
    return 1 / _right(field, origins, directions, across, least)

# %% exercise="point_cloud" wrong="rays without a distance stay, as NaN"
def point_cloud(origins, directions, distances, rgb, near, far):
    dropped = (distances < near) | (distances > far)
    points = origins + distances[:, None] * directions
    return points[~dropped], rgb[~dropped]

# %% exercise="point_cloud" wrong="distances are clamped"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = ~distances.isnan()
    points = origins + distances.clamp(near, far)[:, None] * directions
    return points[kept], rgb[kept]

# %% exercise="point_cloud" wrong="strictly between"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = (distances > near) & (distances < far)
    return origins[kept] + distances[kept, None] * directions[kept], rgb[kept]

# %% exercise="point_cloud" wrong="far is not included"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = (distances >= near) & (distances < far)
    return origins[kept] + distances[kept, None] * directions[kept], rgb[kept]

# %% exercise="point_cloud" wrong="near is forgotten"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = distances <= far
    return origins[kept] + distances[kept, None] * directions[kept], rgb[kept]

# %% exercise="point_cloud" wrong="far is forgotten"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = distances >= near
    return origins[kept] + distances[kept, None] * directions[kept], rgb[kept]

# %% exercise="point_cloud" wrong="colours of all rays"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = (distances >= near) & (distances <= far)
    return origins[kept] + distances[kept, None] * directions[kept], rgb

# %% exercise="point_cloud" wrong="colours of the first rays"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = (distances >= near) & (distances <= far)
    return origins[kept] + distances[kept, None] * directions[kept], rgb[: int(kept.sum())]

# %% exercise="point_cloud" wrong="sorted by distance"
def point_cloud(origins, directions, distances, rgb, near, far):
    order = distances.argsort()
    order = order[(distances[order] >= near) & (distances[order] <= far)]
    return origins[order] + distances[order, None] * directions[order], rgb[order]

# %% exercise="point_cloud" wrong="zeros for rays without a point"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = ((distances >= near) & (distances <= far))[:, None]
    points = origins + distances[:, None].nan_to_num(0, 0, 0) * directions
    return torch.where(kept, points, 0.0), torch.where(kept, rgb, 0.0)

# %% exercise="point_cloud" wrong="absolute distances"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = (distances.abs() >= near) & (distances.abs() <= far)
    return origins[kept] + distances[kept, None] * directions[kept], rgb[kept]

# %% exercise="point_cloud" wrong="the origin is forgotten"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = (distances >= near) & (distances <= far)
    return distances[kept, None] * directions[kept], rgb[kept]

# %% exercise="point_cloud" wrong="one point loses its dimension"
def point_cloud(origins, directions, distances, rgb, near, far):
    kept = (distances >= near) & (distances <= far)
    return (origins[kept] + distances[kept, None] * directions[kept]).squeeze(0), rgb[kept].squeeze(0)

# %% exercise="point_cloud" wrong="nothing to stack"
def point_cloud(origins, directions, distances, rgb, near, far):
    found = [(o + k * d, c) for o, d, k, c in zip(origins, directions, distances, rgb) if near <= k <= far]
    return tuple(torch.stack(part) for part in zip(*found))

# %% exercise="point_cloud" right="indices, clamp undone"
def point_cloud(origins, directions, distances, rgb, near, far):
    index = torch.nonzero(distances.clamp(near, far) == distances).squeeze(-1)
    points = torch.addcmul(origins, directions, distances.unsqueeze(-1))
    return points.index_select(0, index), rgb.index_select(0, index)

# %% exercise="point_cloud" right="a loop, and an empty start"
def point_cloud(origins, directions, distances, rgb, near, far):
    points, colors = [origins[:0]], [rgb[:0]]
    for k, distance in enumerate(distances.tolist()):
        if near <= distance <= far:
            points.append(origins[k : k + 1] + distance * directions[k : k + 1])
            colors.append(rgb[k : k + 1])
    return torch.cat(points), torch.cat(colors)

# %% exercise="point_cloud" right="finite, not too near, not too far"
def point_cloud(origins, directions, distances, rgb, near, far):
    k = torch.isfinite(distances) & ~(distances < near) & ~(distances > far)
    p = origins + torch.where(k, distances, 0.0)[:, None] * directions
    return p[k], rgb[k]

# %% exercise="point_cloud" right="a list of indices"
def point_cloud(origins, directions, distances, rgb, near, far):
    i = [n for n, x in enumerate(distances) if near <= x.item() <= far]
    return (origins + distances.unsqueeze(1) * directions)[i], rgb[i]

# %% exercise="point_cloud" wrong="depth along z taken for distance"
def point_cloud(origins, directions, distances, rgb, near, far):
    k = (distances >= near) & (distances <= far)
    return origins[k] + (distances[k] / directions[k, 2].abs())[:, None] * directions[k], rgb[k]

# %% exercise="point_cloud" wrong="colours moved to [0, 1]"
def point_cloud(origins, directions, distances, rgb, near, far):
    k = (distances >= near) & (distances <= far)
    return origins[k] + distances[k, None] * directions[k], 0.5 + 0.5 * rgb[k]
