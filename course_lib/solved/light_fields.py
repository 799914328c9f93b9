# Generated from solutions/05_light_fields.py by `autograder handouts build`; do not edit.
"""The published answers of notebook 5 · Light fields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.shapes import Bool, Float
from course_lib.solved.auto_decoding import HyperLayer, start_plain
from course_lib.solved.camera_geometry import pixel_centers, world_rays
from course_lib.solved.rendering import positional_encoding


def plucker(
    origins: Float[Tensor, "*#b 3"], directions: Float[Tensor, "*#b 3"]
) -> Float[Tensor, "*b 6"]:
    """Plücker coordinates (d, m) of rays: d the direction at length 1, m = o × d (Sitzmann et al. 2021, section 3.1).

    They are the same for every point of the ray and every length of its direction; d · m = 0. A ray that goes
    nowhere, of direction zero, gets six zeros.
    """
    o, d = torch.broadcast_tensors(origins, F.normalize(directions, dim=-1))
    return torch.cat([d, torch.linalg.cross(o, d)], dim=-1)


def closest_point(
    lines: Float[Tensor, "*#b 6"], x: Float[Tensor, "*#b 3"]
) -> Float[Tensor, "*b 3"]:
    """The point of each line (d, m) that is nearest to x; d has length 1.

    Lines go on in both directions, so the point may lie behind where the ray began.
    """
    d, m = lines[..., :3], lines[..., 3:]
    along = (x * d).sum(-1, keepdim=True)
    d, m = torch.broadcast_tensors(d, m)
    return torch.linalg.cross(d, m) + along * d


def line_distance(
    a: Float[Tensor, "*#b 6"], b: Float[Tensor, "*#b 6"], parallel: float = 1e-5
) -> Float[Tensor, "*b"]:
    """The least distance between two lines in Plücker coordinates with d at length 1.

    Lines count as parallel where ‖d_a × d_b‖ < `parallel`, whichever way they point: those are as far apart as their
    points nearest to the origin. The result and its gradients are finite for all pairs of lines that are not the same
    line; that one is 0 away from itself.
    """
    a, b = torch.broadcast_tensors(a, b)
    d_a, m_a, d_b, m_b = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    cross = torch.linalg.cross(d_a, d_b)
    beside = cross.square().sum(-1) < parallel**2
    # Where the result is not used, its gradient must be finite all the same.
    sine = cross.masked_fill(beside[..., None], 1.0).norm(dim=-1)
    skew = ((d_a * m_b).sum(-1) + (d_b * m_a).sum(-1)).abs() / sine
    same_way = torch.sign((d_a * d_b).sum(-1, keepdim=True))
    between = torch.linalg.cross(d_a, m_a - same_way * m_b)
    flat = between.masked_fill(~beside[..., None], 1.0).norm(dim=-1)
    return torch.where(beside, flat, skew)


def two_plane(
    origins: Float[Tensor, "*#b 3"],
    directions: Float[Tensor, "*#b 3"],
    first: float = 0.0,
    second: float = 1.0,
) -> tuple[Float[Tensor, "*b 4"], Bool[Tensor, "*b"]]:
    """Where rays pass the planes z = first and z = second: (x₁, y₁, x₂, y₂) (Levoy and Hanrahan 1996, section 2).

    Returns:
        the coordinates, and a mask that is False for rays parallel to the planes (|d_z| ≤ 1e-6 ‖d‖), whose
        coordinates are 0, and so are the gradients of these. Planes behind the origin count: lines have no beginning.
    """
    o, d = torch.broadcast_tensors(origins, directions)
    z = d[..., 2]
    valid = z.abs() > 1e-6 * d.norm(dim=-1)
    safe = torch.where(valid, z, torch.ones_like(z))
    found = [
        o[..., :2] + ((plane - o[..., 2]) / safe)[..., None] * d[..., :2]
        for plane in (first, second)
    ]
    return torch.cat(found, dim=-1) * valid[..., None], valid


def cylinder(
    origins: Float[Tensor, "*#b 3"], directions: Float[Tensor, "*#b 3"], radius: float = 1.0
) -> tuple[Float[Tensor, "*b 4"], Bool[Tensor, "*b"]]:
    """Where lines enter and leave the cylinder x² + y² = radius²: (angle, height) of entry, then of exit.

    Angles are atan2(y, x), heights are z. Entry is the first of the two points in the ray's direction, also if both lie
    behind its origin.

    Returns:
        the coordinates, and a mask that is False for rays that miss or only touch the cylinder, are parallel to its
        axis or have a direction of zero; their coordinates are 0, and so are the gradients of these.
    """
    starts, ways = torch.broadcast_tensors(origins, directions)
    o, d = starts[..., :2], ways[..., :2]
    a = d.square().sum(-1)
    b = (o * d).sum(-1)
    discriminant = b.square() - a * (o.square().sum(-1) - radius**2)
    upright = a <= 1e-12 * ways.square().sum(-1)
    valid = ~upright & (discriminant > 0)
    root = torch.where(valid, discriminant, torch.ones_like(a)).sqrt()
    safe = torch.where(valid, a, torch.ones_like(a))
    found = []
    for sign in (-1, 1):
        x, y, z = (starts + ((sign * root - b) / safe)[..., None] * ways).unbind(-1)
        x = torch.where(valid, x, torch.ones_like(x))  # on the axis the angle has no gradient
        found += [torch.atan2(y, x), z]
    return torch.stack(found, dim=-1) * valid[..., None], valid


def light_field(
    weights: Sequence[tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]],
    lines: Float[Tensor, "b p 6"],
) -> Float[Tensor, "b p 3"]:
    """Object i's network (W[i], b[i]) on object i's lines (Sitzmann et al. 2021, section 3): one evaluation per ray.

    Every layer is W x + b; all but the last are followed by layer normalisation over the features without learned scale
    and shift (ε = 1e-5), then ReLU. The last is bare: colours live in [−1, 1] and may leave it.
    """
    x = lines
    for i, (W, b) in enumerate(weights):
        x = torch.baddbmm(b.unsqueeze(1), x, W.mT)
        if i < len(weights) - 1:
            x = F.layer_norm(x, x.shape[-1:]).relu()
    return x


def render_light_field(
    field: Callable[[Float[Tensor, "p 6"]], Float[Tensor, "p 3"]],
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "4 4"],
    resolution: tuple[int, int],
    portion: int = 65536,
) -> Float[Tensor, "h w 3"]:
    """A picture of a light field: each pixel's ray, in Plücker coordinates, is given to `field` once and only once.

    Rays go through the pixels' centres; at most `portion` of them at a time, gradients switched off, all on the device
    of K (`pixel_centers` makes its points on the CPU). The result does not depend on `portion`. A camera inside the
    object is no different: a line has one colour, so it sees what is behind it, too, if that comes first on the line.
    """
    uv = pixel_centers(resolution).reshape(-1, 2).to(K)
    with torch.no_grad():
        lines = plucker(*world_rays(uv, K, world_from_camera))
        rgb = torch.cat([field(some) for some in lines.split(portion)])
    return rgb.reshape(*resolution, 3)


def walk_along(
    uv: Float[Tensor, "2"],
    distance: float,
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "4 4"],
) -> Float[Tensor, "4 4"]:
    """The camera after walking `distance` along the ray of the image point uv, without turning: world_from_camera.

    The point uv of both pictures sees along the same line. A negative distance walks backwards.
    """
    _, direction = world_rays(uv, K, world_from_camera)
    walked = world_from_camera.clone()
    walked[:3, 3] += distance * direction
    return walked


class LowRankLayer(nn.Module):
    """A code becomes W and b of one layer, by a change of rank r (after Sitzmann et al. 2021; rank 10 there).

    All objects share a base, an nn.Linear(inputs, outputs) as it starts. A second nn.Linear reads (outputs + inputs) ·
    rank + outputs numbers off the code: A row by row, B row by row, and a change of the bias. W_i = W ⊙ (1 + A_i B_iᵀ /
    rank), b_i = b + change. All objects begin as the base: the second layer's weight starts at zero, and its bias is
    zero but for A's part, draws from N(0, 1). Nothing else learns.
    """

    def __init__(self, code_length: int, inputs: int, outputs: int, rank: int = 10) -> None:
        super().__init__()
        self.base = nn.Linear(inputs, outputs)
        self.sizes = [outputs * rank, inputs * rank, outputs]
        self.change = nn.Linear(code_length, sum(self.sizes))
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)
        nn.init.normal_(self.change.bias.data[: outputs * rank])
        self.rank = rank

    def forward(
        self, z: Float[Tensor, "b d"]
    ) -> tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]:
        """W and b of the layer, for each code."""
        a, b, shift = self.change(z).split(self.sizes, dim=-1)
        A, B = a.unflatten(-1, (-1, self.rank)), b.unflatten(-1, (-1, self.rank))
        return self.base.weight * (1 + A @ B.mT / self.rank), self.base.bias + shift


def concat_lines(
    z: Float[Tensor, "b d"], lines: Float[Tensor, "b p 6"]
) -> Float[Tensor, "b p 6+d"]:
    """Each line with its object's code behind it: what a network reads that is the same for all objects."""
    return torch.cat([lines, z[:, None].expand(-1, lines.shape[1], -1)], dim=-1)


@dataclass(frozen=True)
class LightFieldConfig:
    """The sizes of a light field network; by default the published ones (Sitzmann et al. 2021, supplement)."""

    code_length: int = 256
    width: int = 256
    layers: int = 8  # the last one, to three colours, included
    conditioning: str = "hypernetwork"  # or "low rank", or "concatenation"
    hyper_hidden: int = 256
    hyper_depth: int = 2
    rank: int = 10
    plain_start: bool = False  # all codes begin with one ordinary network; not in the paper
    octaves: int = 0  # of positional encoding of lines; not in the paper


class LightFieldNetwork(nn.Module):
    """A code becomes a light field. It renders, trains and is searched like notebook 4's `SceneNetwork`."""

    def __init__(self, config: LightFieldConfig) -> None:
        super().__init__()
        self.config = config
        inputs = 6 + 12 * config.octaves
        widths = list(pairwise([inputs, *(config.layers - 1) * [config.width], 3]))
        d, hidden, depth = config.code_length, config.hyper_hidden, config.hyper_depth
        parts: list[nn.Module]
        if config.conditioning == "hypernetwork":
            parts = [HyperLayer(d, a, b, hidden, depth) for a, b in widths]
            if config.plain_start:
                for layer, (a, b) in zip(parts, widths, strict=True):
                    start_plain(layer, a, b)
        elif config.conditioning == "low rank":
            parts = [LowRankLayer(d, a, b, config.rank) for a, b in widths]
        elif config.conditioning == "concatenation":
            parts = [nn.Linear(a + d * (i == 0), b) for i, (a, b) in enumerate(widths)]
        else:
            raise ValueError(
                f"LightFieldConfig.conditioning is {config.conditioning!r}; choose "
                "'hypernetwork', 'low rank' or 'concatenation'"
            )
        self.hyper = nn.ModuleList(parts)

    def weights(self, z: Float[Tensor, "b d"]) -> list[tuple[Tensor, Tensor]]:
        """The light field of each code: once per object, however many pictures follow."""
        if self.config.conditioning != "concatenation":
            return [layer(z) for layer in self.hyper]
        found = [
            (layer.weight.expand(len(z), -1, -1), layer.bias.expand(len(z), -1))
            for layer in self.hyper
        ]
        # The first layer reads lines with a code behind them, which is the same for all lines of an object.
        W, b = found[0]
        d = z.shape[1]
        return [(W[..., :-d], b + F.linear(z, W[0, :, -d:])), *found[1:]]

    def colors(
        self, weights: Sequence[tuple[Tensor, Tensor]], lines: Float[Tensor, "b p 6"]
    ) -> Float[Tensor, "b p 3"]:
        """The colours in [−1, 1] of object i's lines."""
        if self.config.octaves:
            lines = torch.cat([lines, positional_encoding(lines, self.config.octaves)], dim=-1)
        return light_field(weights, lines)

    def look(
        self,
        weights: Sequence[tuple[Tensor, Tensor]],
        uv: Float[Tensor, "b*v p 2"],
        K: Float[Tensor, "b*v 3 3"],
        world_from_camera: Float[Tensor, "b*v 4 4"],
    ) -> tuple[Float[Tensor, "b*v p 3"], Float[Tensor, "1 b*v p"], Float[Tensor, "b*v p 6"]]:
        """Colours in [−1, 1] at the points of v images of each object; depths, which are unknown: 0; and the lines."""
        lines = plucker(*world_rays(uv, K[:, None], world_from_camera[:, None]))
        together = lines.reshape(len(weights[0][0]), -1, 6)
        rgb = self.colors(weights, together).reshape(*uv.shape[:-1], 3)
        return rgb, torch.zeros_like(rgb[None, ..., 0]), lines

    def forward(
        self,
        z: Float[Tensor, "b d"],
        uv: Float[Tensor, "b*v p 2"],
        K: Float[Tensor, "b*v 3 3"],
        world_from_camera: Float[Tensor, "b*v 4 4"],
    ) -> tuple[Float[Tensor, "b*v p 3"], Float[Tensor, "b*v p"]]:
        """Colours in [−1, 1] and depths, which are 0, at the points `uv` of each object's images."""
        rgb, depths, _ = self.look(self.weights(z), uv, K, world_from_camera)
        return rgb, depths[-1]


PUBLISHED = LightFieldConfig()
SMALL = LightFieldConfig(
    code_length=64,
    width=64,
    layers=6,
    hyper_hidden=32,
    hyper_depth=1,
    plain_start=True,
    octaves=2,
)


def field_of(
    model: LightFieldNetwork, z: Float[Tensor, "d"]
) -> Callable[[Float[Tensor, "p 6"]], Float[Tensor, "p 3"]]:
    """The light field of one object: a function from lines to colours in [0, 1], its weights written once."""
    with torch.no_grad():
        weights = model.weights(z[None])
    return lambda lines: ((model.colors(weights, lines[None])[0] + 1) / 2).clamp(0, 1)


def disagreement(
    field: Callable[[Float[Tensor, "p 6"]], Float[Tensor, "p 3"]],
    x: Float[Tensor, "n 3"],
    eyes: Float[Tensor, "e 3"],
) -> Float[Tensor, "n"]:
    """How differently a light field colours a point, seen from several places: 0 if all see the same.

    For each point x, the standard deviation over the eyes of the colour of the ray from the eye to x (mean squared
    distance from the mean colour, over eyes and channels, then the root). No other ray is asked for; all at once. Eyes
    lie elsewhere than the points: a ray that goes nowhere has no colour.
    """
    directions = x[:, None] - eyes
    lines = plucker(eyes, directions)
    rgb = field(lines.reshape(-1, 6)).reshape(*lines.shape[:2], 3)
    return (rgb - rgb.mean(1, keepdim=True)).square().mean((1, 2)).sqrt()


def epi(
    field: Callable[[Float[Tensor, "p 6"]], Float[Tensor, "p 3"]],
    eyes: tuple[Float[Tensor, "3"], Float[Tensor, "3"]],
    targets: tuple[Float[Tensor, "3"], Float[Tensor, "3"]],
    shape: tuple[int, int],
) -> Float[Tensor, "s w 3"]:
    """What a camera sees along one line while it walks along another (Bolles et al. 1987): one row per place.

    Row i looks from eyes[0] + s (eyes[1] − eyes[0]), column j at targets[0] + t (targets[1] − targets[0]), with
    s = (i + 0.5) / rows and t = (j + 0.5) / columns. All rays are asked for at once, gradients switched off. No eye is
    also a target: such a ray goes nowhere.
    """
    rows, columns = shape
    s = (torch.arange(rows).to(eyes[0]) + 0.5)[:, None, None] / rows
    t = (torch.arange(columns).to(eyes[0]) + 0.5)[None, :, None] / columns
    origins = torch.lerp(*eyes, s)
    lines = plucker(origins, torch.lerp(*targets, t) - origins)
    with torch.no_grad():
        return field(lines.reshape(-1, 6)).reshape(rows, columns, 3)


def depth_from_light_field(
    field: Callable[[Float[Tensor, "p 6"]], Float[Tensor, "p 3"]],
    origins: Float[Tensor, "p 3"],
    directions: Float[Tensor, "p 3"],
    across: Float[Tensor, "a 3"],
    least: float = 1e-3,
) -> Float[Tensor, "p"]:
    """Distances at which surfaces lie along rays, from a light field's derivatives (Sitzmann et al. 2021, section 3.2).

    `directions` have length 1; `across` are directions e of any length. One that is parallel to a ray says nothing
    about that ray, and a ray to which all of them are parallel gets NaN. For each e, c(s, t) is the colour of the line
    through o + s e and o + d + t e. The distance λ, which is negative behind o, solves ∂c/∂t = λ (∂c/∂s + ∂c/∂t) at
    s = t = 0 for all channels and all e together, by least squares. NaN where the sum of the squares of ∂c/∂s + ∂c/∂t,
    over the same, is below `least`²: without texture, nothing can be said.
    """
    upper, lower = 0.0, 0.0
    zero, one = torch.zeros_like(origins[:, :1]), torch.ones_like(origins[:, :1])
    for e in across:

        def color(s: Tensor, t: Tensor, e: Tensor = e) -> Tensor:
            start = origins + s * e
            return field(plucker(start, origins + directions + t * e - start))

        _, by_s = torch.func.jvp(color, (zero, zero), (one, zero))
        _, by_t = torch.func.jvp(color, (zero, zero), (zero, one))
        both = by_s + by_t
        upper, lower = upper + (by_t * both).sum(-1), lower + both.square().sum(-1)
    found = upper / lower
    return torch.where(lower < least**2, torch.full_like(found, torch.nan), found)


def point_cloud(
    origins: Float[Tensor, "p 3"],
    directions: Float[Tensor, "p 3"],
    distances: Float[Tensor, "p"],
    rgb: Float[Tensor, "p 3"],
    near: float,
    far: float,
) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 3"]]:
    """World points and their colours, of the rays with near ≤ distance ≤ far, in their order; never one of NaN."""
    kept = (distances >= near) & (distances <= far)  # False for NaN
    points = origins[kept] + distances[kept, None] * directions[kept]
    return points, rgb[kept]


class FoldedLightField:
    """One object's light field, prepared for rendering: the colours of `light_field`, with little but its products.

    A hidden layer is h' = relu(c) / √(mean(c²) + ε), where c = W h + b minus its mean: a product, then pass after pass
    over the result. Most of that need not be done.

    *The mean.* Subtract from W and b, once and for all, their means over the outputs: c then has mean 0 by itself.

    *The division.* Write h = √n u / r, with n the length of h and one number r for each ray, and never divide. (The
    first layer reads the line itself: u = r · line, without √n.) With c = √n W u + r b, everything is r times what it
    was, and a ReLU does not mind:

        u' = relu(c),    r' = √(‖c‖² + n ε r²)    (here n is the length of c),    and at the end rgb = c / r.

    So a layer is one product of (u, r) with (√n W, b), a sum of squares, and a ReLU in place. ε is where it was: these
    are the same numbers, up to rounding. (A layer's W, b and √ε are scaled together, so that r stays near 1.)

    *The rays.* Nor does the network mind how long (d, m) is, if r says so. Through a pixel, d = R q and m = o × d, with
    q = K⁻¹ (u, v, 1): linear in q. So the first layer reads (q, ‖q‖), whatever the pose, and no ray is ever made.

    *The cache.* `portion` rays go through all layers before the next ones start, in two arrays that stay in the cache.

    For pictures only: it has no derivatives, and no two threads may use it at once.
    """

    def __init__(
        self,
        weights: Sequence[tuple[Float[Tensor, "1 out in"], Float[Tensor, "1 out"]]],
        octaves: int = 0,
        dtype: torch.dtype = torch.float32,
        portion: int | None = None,
    ) -> None:
        """Fold the weights of one object, as `LightFieldNetwork.weights` gives them.

        Args:
            octaves: of positional encoding of lines, as in the network's configuration.
            dtype: of the products. torch.bfloat16 is about 1 % off and, where the machine has it, nearly twice as fast.
                Rays are read to float32's precision in any case, and r is float32.
            portion: rays at a time; by default 512 for each thread in float32, 1,024 in 16 bits, on a GPU 262,144.
        """
        if any(len(W) != 1 for W, _ in weights):
            raise ValueError(
                f"FoldedLightField folds the weights of one object and was given those of {len(weights[0][0])}; "
                "make one for each: weights(z[i : i + 1])"
            )
        if weights[0][0].shape[-1] != 6 + 12 * octaves:
            raise ValueError(
                f"the first layer reads {weights[0][0].shape[-1]} numbers, and lines with octaves={octaves} of "
                f"positional encoding are {6 + 12 * octaves}; give octaves as in the network's configuration"
            )
        device = weights[0][0].device
        self._octaves = octaves
        self._portion = portion or (
            2**18 if device.type == "cuda" else 2048 // dtype.itemsize * torch.get_num_threads()
        )
        # A negative number of 16 bits is a negative integer of 16 bits, and these are faster to compare.
        self._compared = torch.int16 if dtype.itemsize == 2 else dtype
        layers: list[Tensor] = []  # inputs + 1, outputs: W above b
        self._roots: list[float] = []  # √(n ε), scaled with the layer
        for i, (W, b) in enumerate(weights):
            layer = torch.cat([W[0], b[0][:, None]], dim=1).detach().float().T.contiguous()
            if i > 0:
                layer[:-1] *= W.shape[-1] ** 0.5
            if i + 1 < len(weights):
                layer -= layer.mean(1, keepdim=True)
                smallest = 1e-5 * len(W[0])  # n ε
                scale = float(layer.square().sum() / W.shape[-1] + smallest) ** -0.5
                layer *= scale
                self._roots.append(scale * smallest**0.5)
            layers.append(layer)
        self._first, *rest = layers
        *self._hidden, last = (layer.to(dtype) for layer in rest)
        self._last = last.T.contiguous()
        columns = -(-max(map(len, rest)) // 32) * 32  # whole lines of the cache
        self._arrays = torch.empty(2, self._portion, columns, dtype=dtype, device=device)

    @torch.no_grad()
    def __call__(self, lines: Float[Tensor, "p 6"]) -> Float[Tensor, "p 3"]:
        """The colours of lines: a field for `render_light_field`."""
        if self._octaves:
            lines = torch.cat([lines, positional_encoding(lines, self._octaves)], dim=-1)
        one = torch.ones_like(lines[:, :1])
        return self.through(torch.cat([lines, one], dim=-1), self._first)

    @torch.no_grad()
    def image(
        self,
        K: Float[Tensor, "3 3"],
        world_from_camera: Float[Tensor, "4 4"],
        resolution: tuple[int, int],
    ) -> Float[Tensor, "h w 3"]:
        """What a camera sees: `render_light_field`, but without rays."""
        uv = pixel_centers(resolution, K.device).reshape(-1, 2)
        if self._octaves:  # sines are not linear
            rgb = self(plucker(*world_rays(uv, K, world_from_camera)))
            return rgb.unflatten(0, resolution)
        q = torch.cat([uv, torch.ones_like(uv[:, :1])], dim=-1) @ torch.linalg.inv(K).T
        x = torch.cat([q, q.norm(dim=-1, keepdim=True)], dim=-1)
        return self.through(x, self.posed(world_from_camera)).reshape(*resolution, 3)

    def posed(self, world_from_camera: Float[Tensor, "4 4"]) -> Float[Tensor, "4 n"]:
        """The first layer for one camera: it reads (q, ‖q‖), with q a direction of any length in its frame."""
        R, o = world_from_camera[:3, :3], world_from_camera[:3, 3:]
        W, b = self._first[:6], self._first[6:]
        line_from_direction = torch.cat([R, torch.linalg.cross(o.expand(3, 3), R, dim=0)])
        return torch.cat([line_from_direction.T @ W, b])

    def through(self, x: Float[Tensor, "p i"], first: Float[Tensor, "i n"]) -> Float[Tensor, "p 3"]:
        """Colours of rays that a first layer reads as x, whose last column is r; a portion after the other."""
        r, dtype = x[:, -1], self._arrays.dtype
        if dtype != torch.float32:  # what rounding takes from the rays goes beside them
            rounded = x.to(dtype)
            x = torch.cat([rounded, (x - rounded).to(dtype)], dim=-1)
            first = torch.cat([first, first]).to(dtype)
        layers = list(zip([first, *self._hidden], self._roots, strict=True))
        colors = []
        for read, s in zip(*(torch.split(every, self._portion) for every in (x, r)), strict=True):
            here, there = self._arrays[:, : len(read)]
            for layer, root in layers:
                n = layer.shape[1]
                c = torch.mm(read, layer, out=here[:, :n])
                s = torch.hypot(torch.linalg.vector_norm(c, dim=1, dtype=s.dtype), root * s)
                c.view(self._compared).clamp_(min=0)
                here[:, n] = s
                read, here, there = here[:, : n + 1], there, here
            colors.append(torch.mm(self._last, read.T) / s)  # three rows: faster than three columns
        return torch.cat(colors, dim=1).T
