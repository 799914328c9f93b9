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

# --- second half
