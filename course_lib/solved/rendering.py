# Generated from solutions/02_rendering.py by `autograder handouts build`; do not edit.
"""The published answers of notebook 2 · Rendering."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from course_lib.shapes import Bool, Float, Int
from course_lib.solved.camera_geometry import (
    homogenize_points,
    invert_rigid,
    look_at,
    pixel_centers,
    transform,
    unproject,
    world_rays,
)


def sphere_sdf(x: Float[Tensor, "*b 3"], radius: float) -> Float[Tensor, "*b"]:
    """Signed distance from a sphere around the origin: negative inside."""
    return x.norm(dim=-1) - radius


def box_sdf(x: Float[Tensor, "*b 3"], half_sizes: Float[Tensor, "3"]) -> Float[Tensor, "*b"]:
    """Exact signed distance from a box around the origin, `half_sizes` from its centre to its faces."""
    q = x.abs() - half_sizes
    outside = q.clamp_min(0).norm(dim=-1)
    inside = q.amax(dim=-1).clamp_max(0)
    return outside + inside


def torus_sdf(x: Float[Tensor, "*b 3"], major: float, minor: float) -> Float[Tensor, "*b"]:
    """Signed distance from a torus around the z axis: a tube of radius `minor` along a circle of radius `major`."""
    from_circle = x[..., :2].norm(dim=-1) - major
    return torch.stack([from_circle, x[..., 2]], dim=-1).norm(dim=-1) - minor


def union_sdf(a: Float[Tensor, "*b"], b: Float[Tensor, "*b"]) -> Float[Tensor, "*b"]:
    """Signed distance from what belongs to either of two shapes (a bound inside, exact outside)."""
    return torch.minimum(a, b)


def smooth_union_sdf(
    a: Float[Tensor, "*b"], b: Float[Tensor, "*b"], width: float
) -> Float[Tensor, "*b"]:
    """A union whose seam is blended wherever the two distances differ by less than `width`.

    With h = clamp(1/2 + (b − a) / (2 width), 0, 1): a·h + b·(1 − h) − width·h·(1 − h).
    """
    h = (0.5 + (b - a) / (2 * width)).clamp(0, 1)
    return a * h + b * (1 - h) - width * h * (1 - h)


def round_sdf(distance: Float[Tensor, "*b"], radius: float) -> Float[Tensor, "*b"]:
    """Signed distance from the shape grown by `radius` in all directions, which rounds its edges."""
    return distance - radius


def teapot_parts(x: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 4"]:
    """Signed distances from belly, handle, spout and lid of a teapot about 1.2 wide, at the origin. Given."""

    def at(place: tuple[float, float, float], turn: float = 0.0) -> Float[Tensor, "*b 3"]:
        """`x` in the frame of a part that sits at `place`, turned about the y axis."""
        c, s = math.cos(turn), math.sin(turn)
        part_from_world = torch.tensor([[c, 0, s], [0, 1, 0], [-s, 0, c]]).to(x)
        return (x - torch.tensor(place).to(x)) @ part_from_world.T

    squash = torch.tensor([1.0, 1.0, 1.25]).to(x)
    ring = torus_sdf(at((0, 0, -0.24)), 0.2, 0.05)
    belly = smooth_union_sdf(sphere_sdf(x * squash, 0.38) / 1.25, ring, 0.08)
    handle = torus_sdf(at((-0.36, 0, 0.02))[..., [0, 2, 1]], 0.19, 0.045)
    stick = torch.tensor([0.15, 0.02, 0.02]).to(x)
    spout = round_sdf(box_sdf(at((0.44, 0, 0.1), 0.85), stick), 0.035)
    knob = sphere_sdf(at((0, 0, 0.37)), 0.07)
    lid = smooth_union_sdf(knob, torus_sdf(at((0, 0, 0.29)), 0.12, 0.02), 0.06)
    return torch.stack([belly, handle, spout, lid], dim=-1)


def teapot_sdf(x: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b"]:
    """A bound on the signed distance from the teapot. Given."""
    belly, handle, spout, lid = teapot_parts(x).unbind(-1)
    body = smooth_union_sdf(smooth_union_sdf(belly, handle, 0.06), spout, 0.08)
    return union_sdf(body, lid)


def teapot_albedo(x: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3"]:
    """The teapot's colour: that of the nearest part, blended at the seams. Given."""
    paint = [[0.16, 0.45, 0.70], [0.90, 0.62, 0.10], [0.90, 0.62, 0.10], [0.80, 0.33, 0.15]]
    return torch.softmax(-teapot_parts(x) / 0.02, dim=-1) @ torch.tensor(paint).to(x)


def sdf_normals(
    sdf: Callable[[Float[Tensor, "*b 3"]], Float[Tensor, "*b"]], x: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b 3"]:
    """Unit outward normals: the normalised gradient of `sdf` at the points `x`, by automatic differentiation.

    Works for any batch shape, also under torch.no_grad(). The result carries no graph.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(x).sum(), x)
    return F.normalize(gradient, dim=-1)


def sphere_trace(
    sdf: Callable[[Float[Tensor, "*b 3"]], Float[Tensor, "*b"]],
    origins: Float[Tensor, "*#b 3"],
    directions: Float[Tensor, "*#b 3"],
    far: float,
    steps: int = 128,
    epsilon: float = 1e-4,
) -> tuple[Float[Tensor, "*b"], Bool[Tensor, "*b"]]:
    """Where rays with unit directions first meet the surface sdf = 0 (Hart 1996). No gradients are recorded.

    Returns:
        distance: along the ray to the first point with sdf < epsilon; `far` for rays that miss.
        hit: whether there is such a point closer than `far`, found within `steps` steps.

    Raises:
        ValueError: a ray starts inside the surface.
    """
    with torch.no_grad():
        origins, directions = torch.broadcast_tensors(origins, directions)
        shape = origins.shape[:-1]
        origins, directions = origins.reshape(-1, 3), directions.reshape(-1, 3)
        step = sdf(origins)
        if (step < 0).any():
            inside = int((step < 0).sum())
            raise ValueError(
                f"sphere_trace: {inside} of {len(step)} rays start inside the surface; move the camera out"
            )
        distance = torch.zeros_like(step)
        moving = (step >= epsilon).nonzero()[:, 0]  # only rays on their way cost anything
        for _ in range(steps):
            distance[moving] += step[moving]
            moving = moving[distance[moving] < far]
            if len(moving) == 0:
                break
            step[moving] = sdf(origins[moving] + distance[moving, None] * directions[moving])
            moving = moving[step[moving] >= epsilon]
        hit = (step < epsilon) & (distance < far)
        return torch.where(hit, distance, far).reshape(shape), hit.reshape(shape)


def shade(
    normals: Float[Tensor, "*b 3"],
    to_light: Float[Tensor, "*#b 3"],
    to_eye: Float[Tensor, "*#b 3"],
    albedo: Float[Tensor, "*#b 3"],
    ambient: float = 0.2,
    specular: float = 0.3,
    shininess: float = 32.0,
) -> Float[Tensor, "*b 3"]:
    """Blinn–Phong shading (Blinn 1977) of surface points; all directions are unit vectors, away from the surface.

    albedo · (ambient + (1 − ambient) · max(0, n·l)) + specular · max(0, n·h)^shininess, h halfway between light
    and eye. Where the light is behind the surface (n·l ≤ 0) only the ambient term is left. Clamped to [0, 1].
    """
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)


def render_surface(
    sdf: Callable[[Tensor], Tensor],
    albedo: Callable[[Tensor], Tensor],
    origins: Float[Tensor, "*b 3"],
    directions: Float[Tensor, "*b 3"],
    far: float,
) -> tuple[Float[Tensor, "*b 3"], Float[Tensor, "*b"]]:
    """rgb on white and distance (∞ where nothing is hit), by sphere tracing, lit from over the shoulder. Given."""
    distance, hit = sphere_trace(sdf, origins, directions, far)
    points = origins + distance[..., None] * directions
    to_light = F.normalize(torch.tensor([0.45, -0.6, 1.0]).to(points), dim=0)
    rgb = shade(sdf_normals(sdf, points), to_light, -directions, albedo(points))
    return torch.where(hit[..., None], rgb, 1.0), torch.where(hit, distance, math.inf)


def rasterize(
    vertices: Float[Tensor, "n 3"],
    faces: Int[Tensor, "f 3"],
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "4 4"],
    resolution: tuple[int, int],
    near: float = 0.01,
) -> tuple[Float[Tensor, "h w"], Float[Tensor, "h w 3"], Int[Tensor, "h w"]]:
    """The nearest triangle at every pixel's centre, whichever way its corners are ordered (Olano & Greer 1997).

    Returns:
        depth: z in the camera frame, ∞ where nothing is seen. Whatever is closer than `near` is cut away.
        barycentrics: the point is Σ barycentrics·corners in 3D (perspective-correct); 0 where nothing is seen.
        face: index into `faces`, −1 where nothing is seen.
    """
    height, width = resolution
    uv = pixel_centers(resolution).to(vertices)
    rays = unproject(K, uv, torch.ones_like(uv[..., 0])).reshape(-1, 3)  # z = 1
    corners = transform(invert_rigid(world_from_camera), homogenize_points(vertices))[..., :3]
    corners = corners[faces]  # f, corner, xyz
    a, b, c = corners.unbind(1)
    planes = torch.stack([torch.linalg.cross(*pair) for pair in ((b, c), (c, a), (a, b))], dim=1)
    determinant = (a * planes[:, 0]).sum(-1)

    z_buffer = torch.full_like(rays[:, 0], math.inf)
    face = torch.full_like(z_buffer, -1, dtype=torch.long)
    barycentrics = torch.zeros_like(rays)
    for first in range(0, len(faces), 32):  # a block of faces at a time bounds the memory
        chunk = slice(first, first + 32)
        scale = determinant[chunk, None, None]
        weights = (planes[chunk] @ rays.T) / torch.where(scale == 0, math.nan, scale)
        total = weights.sum(1)
        inside = (weights >= 0).all(1) & (total > 0) & (total * near <= 1)
        depth = torch.where(inside, 1 / torch.where(inside, total, 1.0), math.inf)
        closest, which = depth.min(0)
        closer = closest < z_buffer
        z_buffer = torch.where(closer, closest, z_buffer)
        face = torch.where(closer, which + first, face)
        chosen = weights.gather(0, which.expand(1, 3, -1))[0].T * closest[:, None]
        barycentrics = torch.where(closer[:, None], chosen, barycentrics)
    return (
        z_buffer.reshape(height, width),
        barycentrics.reshape(height, width, 3),
        face.reshape(height, width),
    )


def differentiable_hit(
    sdf: Callable[[Tensor, Float[Tensor, "*b 3"]], Float[Tensor, "*b"]],
    params: Tensor,
    origins: Float[Tensor, "*b 3"],
    directions: Float[Tensor, "*b 3"],
    distance: Float[Tensor, "*b"],
) -> Float[Tensor, "*b"]:
    """The same distances, now with the derivative of the implicit function sdf(params, o + t·d) = 0.

    Gradients flow to `params`, `origins` and `directions`, never to `distance`. Where a ray grazes the surface,
    |∇sdf · d| is taken as 1e-3 at least, its sign kept, so that gradients stay finite.
    """
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (gradient * directions.detach()).sum(-1)
    slope = torch.where(slope < 0, slope.clamp_max(-1e-3), slope.clamp_min(1e-3))
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope


def positional_encoding(x: Float[Tensor, "*b d"], octaves: int) -> Float[Tensor, "*b f"]:
    """Sines and cosines of every coordinate at doubling frequencies (Mildenhall et al. 2020, equation 4).

    For each coordinate x_i in turn: sin(2⁰πx_i), cos(2⁰πx_i), sin(2¹πx_i), cos(2¹πx_i), …
    """
    frequencies = math.pi * 2.0 ** torch.arange(octaves, dtype=x.dtype, device=x.device)
    angle = x[..., None] * frequencies
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-3)


class SirenLayer(nn.Module):
    """x ↦ sin(ω₀ (W x + b)), initialised as in Sitzmann et al. 2020, section 3.2.

    W is uniform in ±1/n for the first layer and in ±√(6/n)/ω₀ for all others, n being `in_features`.
    """

    def __init__(
        self, in_features: int, out_features: int, first: bool = False, omega: float = 30.0
    ) -> None:
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(in_features, out_features)  # b keeps torch's own start
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def forward(self, x: Float[Tensor, "*b in"]) -> Float[Tensor, "*b out"]:
        """Apply the layer."""
        return torch.sin(self.omega * self.linear(x))


def voxel_field(
    grid: Float[Tensor, "c x y z"], points: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b c"]:
    """Trilinear interpolation in a grid whose outermost nodes lie exactly on the faces of the cube [−1, 1]³.

    grid[:, i, j, k] is the value at x = −1 + 2i/(nx − 1), y = −1 + 2j/(ny − 1), z = −1 + 2k/(nz − 1). Outside
    the cube the field continues with the value of the nearest point of the cube.
    """
    # grid_sample's coordinates run from the last dimension to the first.
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, padding_mode="border", align_corners=True)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))


def triplane_field(
    planes: Float[Tensor, "3 c n n"], points: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b c"]:
    """The sum of three bilinear look-ups, in the planes (x, y), (x, z) and (y, z) (Chan et al. 2022, section 3).

    planes[p, :, i, j]: i runs along the plane's first named axis, j along its second, from −1 to 1; the outermost
    nodes lie on ±1. Points outside the cube [−1, 1]³ take the value of its nearest point.
    """
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])  # second axis first
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])


def hybrid_field(
    planes: Float[Tensor, "3 c n n"],
    decoder: Callable[[Float[Tensor, "*b c"]], Float[Tensor, "*b k"]],
    points: Float[Tensor, "*b 3"],
) -> Float[Tensor, "*b k"]:
    """A hybrid representation: the decoder, a small network, reads the features that the planes hold at a point."""
    return decoder(triplane_field(planes, points))


def stratified_samples(
    near: Float[Tensor, "*#b"],
    far: Float[Tensor, "*#b"],
    count: int,
    jitter: Float[Tensor, "*#b n"] | None = None,
) -> tuple[Float[Tensor, "*b n"], Float[Tensor, "*b n+1"]]:
    """`count` samples between near and far, one in each of `count` equal bins, and the edges of the bins.

    Each sample lies at the share `jitter` ∈ [0, 1) of its bin; without jitter, in the middle of it.

    Raises:
        ValueError: near is not smaller than far somewhere.
    """
    if jitter is None:
        jitter = torch.full_like(near, 0.5)[..., None]
    near, far, _ = torch.broadcast_tensors(near, far, jitter[..., 0])
    if not (near < far).all():
        raise ValueError("stratified_samples: near must be smaller than far for every ray")
    share = torch.linspace(0, 1, count + 1, dtype=near.dtype, device=near.device)
    edges = near[..., None] + (far - near)[..., None] * share
    samples = edges[..., :-1] + jitter * (edges[..., 1:] - edges[..., :-1])
    return samples, edges


def alpha_from_density(
    sigma: Float[Tensor, "*#b"], delta: Float[Tensor, "*#b"]
) -> Float[Tensor, "*b"]:
    """The share of light that an interval of length `delta` and constant density `sigma` absorbs: 1 − exp(−σδ).

    Exact to the last digit for thin fog (σδ of 1e-8), and 1 for σ = ∞. σ is in 1/length, both are ≥ 0.
    """
    return -torch.expm1(-sigma * delta)


def composite(
    alpha: Float[Tensor, "*b n"],
    values: Float[Tensor, "*b n c"],
    background: Float[Tensor, "*#b c"] | None = None,
) -> tuple[Float[Tensor, "*b c"], Float[Tensor, "*b n"], Float[Tensor, "*b n+1"]]:
    """Front-to-back compositing of samples along rays (Max 1995; Mildenhall et al. 2020, equation 3).

    Returns:
        value: Σᵢ wᵢ values[i] + T_n background; without a background only the sum.
        weights: wᵢ = Tᵢ αᵢ.
        transmittance: Tᵢ = Πⱼ<ᵢ (1 − αⱼ), the light that reaches sample i. T₀ = 1; T_n is what leaves at the end.
    """
    transmittance = torch.cumprod(F.pad(1 - alpha, (1, 0), value=1.0), dim=-1)
    weights = transmittance[..., :-1] * alpha
    value = (weights[..., None, :] @ values)[..., 0, :]
    if background is not None:
        value = value + transmittance[..., -1:] * background
    return value, weights, transmittance


def expected_depth(
    weights: Float[Tensor, "*b n"],
    distances: Float[Tensor, "*b n"],
    cosine: Float[Tensor, "*b"],
) -> tuple[Float[Tensor, "*b"], Float[Tensor, "*b"]]:
    """Where the light of each ray comes from on average, Σ w t / Σ w, as a distance and as a depth.

    `cosine` is the z component of the ray's unit direction in the camera frame. Rays whose weights sum to less
    than 1e-6 have seen nothing: both results are ∞ there, and their gradients are 0, not NaN.
    """
    total = weights.sum(-1)
    seen = total >= 1e-6
    mean = (weights * distances).sum(-1) / torch.where(seen, total, 1.0)
    distance = torch.where(seen, mean, math.inf)
    return distance, torch.where(seen, mean * cosine, math.inf)


def density_from_sdf(
    sdf: Float[Tensor, "*b"], beta: float | Float[Tensor, ""]
) -> Float[Tensor, "*b"]:
    """VolSDF's density (1/β) Ψ_β(−sdf), Ψ_β the cumulative distribution of a Laplace variable of scale β.

    Ψ_β(s) = exp(s/β) / 2 for s ≤ 0 and 1 − exp(−s/β) / 2 for s > 0 (Yariv et al. 2021, equations 2 and 3).
    Neither values nor gradients overflow, however far a point is from the surface.
    """
    half = 0.5 * torch.exp(-sdf.abs() / beta)
    return torch.where(sdf > 0, half, 1 - half) / beta


Field = Callable[[Tensor], tuple[Tensor, Tensor]]


def volume_render(
    field: Field,
    origins: Float[Tensor, "*b 3"],
    directions: Float[Tensor, "*b 3"],
    near: Float[Tensor, "*#b"],
    far: Float[Tensor, "*#b"],
    count: int,
    jitter: Float[Tensor, "*#b n"] | None = None,
    background: float = 1.0,
) -> tuple[Float[Tensor, "*b 3"], Float[Tensor, "*b n"], Float[Tensor, "*b n"]]:
    """rgb, weights and distances of the samples of every ray; `field` gives σ `*b n` and rgb `*b n 3`. Given."""
    if count < 1:
        raise ValueError(f"volume_render: count must be 1 or more samples per ray, not {count}")
    distances, edges = stratified_samples(near, far, count, jitter)
    points = origins[..., None, :] + distances[..., None] * directions[..., None, :]
    sigma, rgb = field(points)
    good = sigma.isfinite() & (sigma >= 0)
    if not good.all():
        raise ValueError(
            f"volume_render: the field's density is negative, NaN or infinite at {int((~good).sum())} points; "
            "let it end in softplus, and see whether training diverged"
        )
    if not rgb.isfinite().all():
        raise ValueError(
            "volume_render: the field's colours hold NaN or infinity; did training diverge?"
        )
    alpha = alpha_from_density(sigma, edges.diff(dim=-1))
    white = torch.full_like(rgb[..., 0, :], background)
    color, weights, _ = composite(alpha, rgb, white)
    return color, weights, distances.expand(weights.shape)


def importance_samples(
    edges: Float[Tensor, "*b e"],
    weights: Float[Tensor, "*b e-1"],
    count: int,
    u: Float[Tensor, "*b m"] | None = None,
) -> Float[Tensor, "*b m"]:
    """`count` samples from the density that is constant in each bin and proportional to its weight, by inversion.

    `u` ∈ [0, 1) says at which share of the total weight each sample lies; without it (i + 1/2) / count. Where all
    weights of a ray are 0, all its bins count alike. No gradients are recorded.
    """
    edges, weights = edges.detach(), weights.detach()
    total = weights.sum(-1, keepdim=True)
    even = torch.full_like(weights, 1 / weights.shape[-1])
    pdf = torch.where(total > 0, weights / torch.where(total > 0, total, 1.0), even)
    cdf = F.pad(pdf.cumsum(-1), (1, 0))
    if u is None:
        u = (torch.arange(count, dtype=cdf.dtype, device=cdf.device) + 0.5) / count
        u = u.expand(*weights.shape[:-1], count)
    right = torch.searchsorted(cdf, u.contiguous(), right=True).clamp(1, weights.shape[-1])
    low, high = cdf.gather(-1, right - 1), cdf.gather(-1, right)
    start, end = edges.gather(-1, right - 1), edges.gather(-1, right)
    share = ((u - low) / torch.where(high > low, high - low, 1.0)).clamp(0, 1)
    return start + share * (end - start)


def render_chunked(
    render: Callable[[Float[Tensor, "r 3"], Float[Tensor, "r 3"]], Sequence[Tensor]],
    origins: Float[Tensor, "*#b 3"],
    directions: Float[Tensor, "*#b 3"],
    chunk: int,
) -> tuple[Tensor, ...]:
    """`render` applied to `chunk` rays at a time: the same results and gradients in bounded memory.

    `render` takes flat lists of rays and returns tensors with one row per ray; the results have the rays' batch
    shape in front. While gradients are recorded, what a chunk computed on its way is thrown away and computed
    again in the backward pass (torch.utils.checkpoint), so that training too is bound by one chunk.
    """
    origins, directions = torch.broadcast_tensors(origins, directions)
    batch = directions.shape[:-1]
    pieces = []
    for o, d in zip(
        origins.reshape(-1, 3).split(chunk), directions.reshape(-1, 3).split(chunk), strict=True
    ):
        if torch.is_grad_enabled():
            pieces.append(checkpoint(render, o, d, use_reentrant=False))
        else:
            pieces.append(render(o, d))
    return tuple(
        torch.cat(parts).reshape(batch + parts[0].shape[1:]) for parts in zip(*pieces, strict=True)
    )
