# Generated from solutions/04_auto_decoding.py by `autograder handouts build`; do not edit.
"""The published answers of notebook 4 · Auto-decoding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.data import PosedViews
from course_lib.shapes import Bool, Float, Int
from course_lib.solved.rendering import positional_encoding
from course_lib.solved.camera_geometry import (
    homogenize_points,
    invert_rigid,
    pixel_centers,
    transform,
    unproject,
)


class LatentTable(nn.Module):
    """A code for each object, learned like a weight (Park et al. 2019, section 4; Sitzmann et al. 2019, section 3.3).

    One parameter, `count code_length`, holds all codes; each of its numbers starts as a draw from N(0, spread²).
    """

    def __init__(self, count: int, code_length: int, spread: float = 0.01) -> None:
        super().__init__()
        self.codes = nn.Parameter(spread * torch.randn(count, code_length))

    def forward(self, objects: Int[Tensor, "*b"]) -> Float[Tensor, "*b d"]:
        """The codes of the objects with these numbers, counted from 0; the gradient reaches these rows only.

        Raises:
            IndexError: there is no such object. The message names the first number that does not fit, and how
                many objects there are. A negative number is no object either.
        """
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            first = objects[unknown].flatten()[0].item()
            raise IndexError(f"latent_table: no object {first}, there are {len(self.codes)}")
        return self.codes[objects]


class HyperLayer(nn.Module):
    """A code becomes W and b of one layer (Ha et al. 2017; Sitzmann et al. 2019, section 3.3).

    `depth` times: a linear layer to `hidden` features, layer normalisation with learned scale and shift, ReLU. Then
    one linear layer to (inputs + 1) · outputs numbers: W, row by row, and then b.

    As published, the last linear layer's weight starts as a tenth of a draw from N(0, 2 / hidden), Kaiming's for
    ReLU; its bias starts as nn.Linear leaves it, and so does everything else.
    """

    def __init__(
        self, code_length: int, inputs: int, outputs: int, hidden: int = 256, depth: int = 2
    ) -> None:
        super().__init__()
        self.shape = outputs, inputs
        widths = [code_length, *depth * [hidden]]
        parts: list[nn.Module] = []
        for a, b in pairwise(widths):
            parts += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        with torch.no_grad():
            nn.init.kaiming_normal_(last.weight).mul_(0.1)
        self.layers = nn.Sequential(*parts, last)

    def forward(
        self, z: Float[Tensor, "b d"]
    ) -> tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]:
        """W and b of the layer, for each code."""
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b


def scene_function(
    weights: Sequence[tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]],
    x: Float[Tensor, "b n 3"],
) -> Float[Tensor, "b n f"]:
    """Φ, object i's layers (W[i], b[i]) at object i's points (Sitzmann et al. 2019, section 3.1).

    Every layer, the last one too, is W x + b, then layer normalisation over the features without learned scale and
    shift (ε = 1e-5), then ReLU.
    """
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, W.shape[-2:-1]).relu()
    return x


def ray_point(
    uv: Float[Tensor, "*#b 2"],
    depth: Float[Tensor, "*#b"],
    K: Float[Tensor, "*#b 3 3"],
    world_from_camera: Float[Tensor, "*#b 4 4"],
) -> Float[Tensor, "*b 3"]:
    """The world point that is seen at `uv` if it lies at `depth`: at this z of the camera, not at this distance.

    A straight line in depth: r(d) = R K⁻¹(u, v, 1)ᵀ d + t, for negative d too.
    """
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]


def depth_of(
    x: Float[Tensor, "*#b 3"], world_from_camera: Float[Tensor, "*#b 4 4"]
) -> Float[Tensor, "*b"]:
    """The depth of world points, their z in the camera's frame; negative behind the camera."""
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2]


class RayMarcher(nn.Module):
    """From features at a point to the length of the next step (Sitzmann et al. 2019, section 3.2).

    An nn.LSTMCell with `hidden` numbers of memory reads the features; one nn.Linear reads the step off its new h.

    The cell starts so that it neither forgets nor explodes: weight_ih by Kaiming's normal rule for ReLU (variance
    2 / features), weight_hh orthogonal (its columns are orthonormal), biases 0, but 1 for the forget gate in one
    bias of the two, or in both. PyTorch keeps the gates in the order input, forget, cell, output.
    """

    def __init__(self, features: int = 256, hidden: int = 16) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(features, hidden)
        self.length = nn.Linear(hidden, 1)
        nn.init.kaiming_normal_(self.cell.weight_ih, nonlinearity="relu")
        nn.init.orthogonal_(self.cell.weight_hh)
        nn.init.zeros_(self.cell.bias_ih)
        nn.init.zeros_(self.cell.bias_hh)
        with torch.no_grad():
            self.cell.bias_ih[hidden : 2 * hidden] = 1

    def forward(
        self,
        features: Float[Tensor, "*b f"],
        memory: tuple[Float[Tensor, "*b m"], Float[Tensor, "*b m"]] | None = None,
    ) -> tuple[Float[Tensor, "*b"], tuple[Float[Tensor, "*b m"], Float[Tensor, "*b m"]]]:
        """The length of the step and the new memory (h, c); without memory, h and c start as zeros.

        Each ray has a memory of its own, in the batch dimensions of its features.
        """
        batch = features.shape[:-1]
        flat = None if memory is None else tuple(m.reshape(-1, m.shape[-1]) for m in memory)
        h, c = self.cell(features.reshape(-1, features.shape[-1]), flat)
        step = self.length(h)
        return step.reshape(batch), (h.reshape(*batch, -1), c.reshape(*batch, -1))


def find_intersection(
    scene: Callable[[Float[Tensor, "b p 3"]], Float[Tensor, "b p f"]],
    marcher: Callable[..., tuple[Float[Tensor, "b p"], Any]],
    uv: Float[Tensor, "b p 2"],
    K: Float[Tensor, "b 3 3"],
    world_from_camera: Float[Tensor, "b 4 4"],
    steps: int = 10,
    start: float = 0.05,
) -> tuple[Float[Tensor, "b p 3"], Float[Tensor, "k+1 b p"]]:
    """March along every ray at once, as far as a learned marcher says (Sitzmann et al. 2019, Algorithm 1).

    All rays start at the depth `start`. `steps` times: evaluate `scene` at the points reached, hand the features and
    the memory to `marcher(features, memory)`, and add the step that it answers to the depth. The memory of the
    first call is None; later it is whatever the last call returned.

    Returns:
        the points reached, and all depths on the way: depths[0] is the start, depths[-1] the depth of the points.
    """
    K, pose = K[:, None], world_from_camera[:, None]
    depths = [torch.full_like(uv[..., 0], start)]
    memory = None
    for _ in range(steps):
        features = scene(ray_point(uv, depths[-1], K, pose))
        length, memory = marcher(features, memory)
        depths.append(depths[-1] + length)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)


class PixelGenerator(nn.Module):
    """Features of a point become its colour (Sitzmann et al. 2019, section 3.2): a 1×1 convolution, no wider.

    `depth` times: a linear layer to `hidden` features, layer normalisation with learned scale and shift, ReLU. Then a
    linear layer to 3 numbers, and nothing after it: SRN's colours live in [−1, 1] and may leave it.
    """

    def __init__(self, features: int = 256, hidden: int = 256, depth: int = 5) -> None:
        super().__init__()
        widths = [features, *depth * [hidden]]
        parts: list[nn.Module] = []
        for a, b in pairwise(widths):
            parts += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        self.layers = nn.Sequential(*parts, nn.Linear(widths[-1], 3))

    def forward(self, features: Float[Tensor, "*b f"]) -> Float[Tensor, "*b 3"]:
        """A colour for each row of features; no pixel knows of another."""
        return self.layers(features)


@dataclass(frozen=True)
class SceneConfig:
    """The sizes of a scene representation network; by default the published ones (Sitzmann et al. 2019)."""

    code_length: int = 256
    width: int = 256  # features of a point
    layers: int = 4  # of the scene function
    hyper_hidden: int = 256
    hyper_depth: int = 2
    generator_depth: int = 5
    memory: int = 16  # of the marcher
    steps: int = 10  # of the marcher
    start: float = 0.05  # the depth at which it starts
    plain_start: bool = False  # all codes begin with one ordinary network; not in the paper
    octaves: int = 0  # of positional encoding in front of Φ; not in the paper
    before: float | None = None  # start so far in front of the world's origin; not in the paper


class SceneNetwork(nn.Module):
    """A code becomes a scene, the scene a picture: hypernetwork, Φ, marcher and generator."""

    def __init__(self, config: SceneConfig) -> None:
        super().__init__()
        self.config = config
        inputs = 3 + 6 * config.octaves  # the point, and a sine and a cosine of it per octave
        widths = [inputs, *config.layers * [config.width]]
        self.hyper = nn.ModuleList(
            HyperLayer(config.code_length, a, b, config.hyper_hidden, config.hyper_depth)
            for a, b in pairwise(widths)
        )
        self.marcher = RayMarcher(config.width, config.memory)
        self.generator = PixelGenerator(config.width, config.width, config.generator_depth)
        if config.plain_start:
            for layer, (a, b) in zip(self.hyper, pairwise(widths), strict=True):
                start_plain(layer, a, b)

    def weights(self, z: Float[Tensor, "b d"]) -> list[tuple[Tensor, Tensor]]:
        """Φ's layers for each code: once per object, however many pictures follow."""
        return [layer(z) for layer in self.hyper]

    def look(
        self,
        weights: Sequence[tuple[Tensor, Tensor]],
        uv: Float[Tensor, "b*v p 2"],
        K: Float[Tensor, "b*v 3 3"],
        world_from_camera: Float[Tensor, "b*v 4 4"],
    ) -> tuple[Float[Tensor, "b*v p 3"], Float[Tensor, "k+1 b*v p"], Float[Tensor, "b*v p f"]]:
        """Colours in [−1, 1], all depths on the way, and the features at the end of it.

        Each object may be seen by v cameras: first all those of object 0, then those of object 1, and so on.
        """
        objects, start = len(weights[0][0]), self.config.start
        if self.config.before is not None:  # of the nearest camera, should they differ
            origin = torch.zeros_like(world_from_camera[..., :3, 3])
            start = depth_of(origin, world_from_camera).min().item() - self.config.before

        def scene(x: Tensor) -> Tensor:
            points = x.reshape(objects, -1, 3)
            if self.config.octaves:
                points = torch.cat([points, positional_encoding(points, self.config.octaves)], -1)
            return scene_function(weights, points).reshape(*x.shape[:-1], -1)

        ends, depths = find_intersection(
            scene, self.walk, uv, K, world_from_camera, self.config.steps, start
        )
        features = scene(ends)
        return self.generator(features), depths, features

    def walk(self, features: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """A step of the marcher. As published, what flows back into its memory is cut to ±10."""
        step, memory = self.marcher(features, memory)
        if memory[0].requires_grad:
            memory[0].register_hook(lambda gradient: gradient.clamp(-10, 10))
        return step, memory

    def forward(
        self,
        z: Float[Tensor, "b d"],
        uv: Float[Tensor, "b*v p 2"],
        K: Float[Tensor, "b*v 3 3"],
        world_from_camera: Float[Tensor, "b*v 4 4"],
    ) -> tuple[Float[Tensor, "b*v p 3"], Float[Tensor, "b*v p"]]:
        """Colours in [−1, 1] and depths at the points `uv` of each object's images."""
        rgb, depths, _ = self.look(self.weights(z), uv, K, world_from_camera)
        return rgb, depths[-1]


def start_plain(layer: nn.Module, inputs: int, outputs: int) -> None:
    """Let a `HyperLayer` begin near one ordinary linear layer, which its last bias holds."""
    ordinary = nn.Linear(inputs, outputs)
    nn.init.kaiming_normal_(ordinary.weight)
    numbers = torch.cat([ordinary.weight.flatten(), ordinary.bias])
    for parameter in layer.parameters():
        if parameter.shape == numbers.shape:
            with torch.no_grad():
                parameter.copy_(numbers)


PUBLISHED = SceneConfig()
SMALL = SceneConfig(
    code_length=64,
    width=64,
    hyper_hidden=32,
    hyper_depth=1,
    generator_depth=1,
    steps=3,
    before=0.3,
    plain_start=True,
    octaves=2,
)


def srn_loss(
    rgb: Float[Tensor, "b p 3"],
    truth: Float[Tensor, "b p 3"],
    depth: Float[Tensor, "b p"],
    z: Float[Tensor, "b d"],
    image_weight: float = 200.0,
    depth_weight: float = 10.0,
    code_weight: float = 1.0,
) -> Float[Tensor, ""]:
    """What SRN minimises (Sitzmann et al. 2019, section 3.4): colours, depths in front of the camera, short codes.

    The weighted sum of three means: of (rgb − truth)² over all numbers (colours in [−1, 1]), of min(depth, 0)², and
    of z².
    """
    image = F.mse_loss(rgb, truth)
    behind = depth.clamp_max(0).square().mean()
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean()


def sample_pixels(
    mask: Bool[Tensor, "b h w"], u: Float[Tensor, "b p"], share: float = 0.6, margin: int = 2
) -> Int[Tensor, "b p"]:
    """Pixels to train on, row · w + column: a share of them on the object or near it, the others anywhere.

    Near are the pixels within `margin` rows and columns of one in the mask (a square: corners count). `u` are uniform
    random numbers in [0, 1). Of an image's p draws, the first `round(share * p)` choose among its n near pixels, in
    row-major order: number ⌊u · n⌋, counted from 0. The rest choose among all h · w pixels in the same way, and so
    does every draw of an image without any near pixel.
    """
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    count = near.sum(1, keepdim=True)
    first = near.byte().argsort(dim=1, descending=True, stable=True)  # near pixels, in order
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long().clamp_max(count - 1)
    anywhere = (u[:, chosen:] * h * w).long().clamp_max(h * w - 1)
    return torch.cat([first.gather(1, place), anywhere], dim=1)


def render_view(
    trace: Callable[[Float[Tensor, "p 2"]], tuple[Float[Tensor, "p 3"], Float[Tensor, "p"]]],
    resolution: tuple[int, int],
    portion: int = 4096,
) -> tuple[Float[Tensor, "h w 3"], Float[Tensor, "h w"]]:
    """An image and its depths, `trace` being asked for at most `portion` pixels at a time, gradients switched off.

    Pixels are asked for at their centres. The result does not depend on `portion`.
    """
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)), strict=True)
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)


def picture(
    model: SceneNetwork,
    z: Float[Tensor, "d"],
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "4 4"],
    resolution: tuple[int, int] = (64, 64),
) -> tuple[Float[Tensor, "h w 3"], Float[Tensor, "h w"]]:
    """What one camera sees of the object with code z: an image in [0, 1] and its depths."""
    K, pose = K[None].to(z), world_from_camera[None].to(z)
    with torch.no_grad():
        weights = model.weights(z[None])  # once, for all portions

    def trace(uv: Tensor) -> tuple[Tensor, Tensor]:
        rgb, depths, _ = model.look(weights, uv[None].to(z), K, pose)
        return ((rgb[0] + 1) / 2).clamp(0, 1), depths[-1, 0]

    return render_view(trace, resolution)


def pictures(
    model: SceneNetwork,
    z: Float[Tensor, "b d"],
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "b v 4 4"],
    resolution: tuple[int, int] = (64, 64),
) -> Float[Tensor, "b v h w 3"]:
    """What the cameras of each object see of it."""
    images = [
        picture(model, code, K, pose, resolution)[0]
        for code, poses in zip(z, world_from_camera, strict=True)
        for pose in poses
    ]
    return torch.stack(images).unflatten(0, world_from_camera.shape[:2])


def step_loss(
    model: SceneNetwork,
    table: Callable[[Int[Tensor, "b"]], Float[Tensor, "b d"]],
    views: PosedViews,
    objects: int = 32,
    photographs: int = 2,
    pixels: int = 16,
    pool: int = 1024,
) -> Callable[[torch.Generator], Float[Tensor, ""]]:
    """The loss of a step of training: some objects, some photographs of each, some pixels of each of these.

    `sample_pixels` chooses `pool` pixels of every photograph once, and each step takes some of those.
    """
    (count, number), (h, w), device = views.batch_shape, views.resolution, views.images.device
    u = torch.rand(count * number, pool, generator=torch.Generator().manual_seed(0)).to(device)
    pools = sample_pixels(views.foreground().flatten(0, 1), u).unflatten(0, (count, number))
    centers = pixel_centers((h, w)).reshape(-1, 2).to(device)
    images = views.images.flatten(2, 3)

    def loss(generator: torch.Generator) -> Tensor:
        draw = partial(torch.rand, generator=generator, device=generator.device)
        who = draw(count).argsort()[:objects]
        i = who.repeat_interleave(photographs)
        j = draw(len(who), number).argsort(1)[:, :photographs].flatten()
        place = (draw(len(i), pixels) * pool).long()
        at = pools[i[:, None], j[:, None], place]
        z = table(who)
        rgb, depth = model(z, centers[at], views.K[i, j], views.world_from_camera[i, j])
        return srn_loss(rgb, 2 * images[i[:, None], j[:, None], at] - 1, depth, z)

    return loss


def infer_latent(
    model: nn.Module,
    loss: Callable[[Float[Tensor, "b d"]], Float[Tensor, ""]],
    start: Float[Tensor, "b d"],
    steps: int = 200,
    learning_rate: float = 1e-2,
) -> Float[Tensor, "b d"]:
    """The codes that make `loss(z)` small, found from `start` by `steps` steps of Adam; `model` is what renders them.

    Adam's β and ε are those of torch.optim.Adam. The model is not touched: its parameters keep their values, receive no
    gradients (what .grad held, it holds afterwards), and need gradients afterwards if they did before; its mode, train
    or eval, stays. Neither is `start` touched. The result is detached.
    """
    z = start.detach().clone().requires_grad_()
    adam = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        adam.step()
    return z.detach()


def explain(
    model: SceneNetwork,
    views: PosedViews,
    start: Float[Tensor, "*#b d"],
    steps: int = 150,
    rate: float = 3e-2,
    pixels: int = 256,
) -> Float[Tensor, "b d"]:
    """The codes of objects from all their photographs `b v` at once; each step looks at some pixels of each object.

    The search starts at one code for all, or at one for each.
    """
    (objects, number), device = views.batch_shape, views.images.device
    generator = torch.Generator(device).manual_seed(0)
    centers = pixel_centers(views.resolution).reshape(-1, 2).to(device)
    flat = views.flat()
    mask, images = flat.foreground(), flat.images.flatten(1, 2)

    def loss(z: Tensor) -> Tensor:
        u = torch.rand(len(flat), pixels // number, generator=generator, device=device)
        at = sample_pixels(mask, u)
        seen = images.take_along_dim(at[..., None], dim=1)
        rgb, depth = model(z, centers[at], flat.K, flat.world_from_camera)
        return objects * srn_loss(rgb, 2 * seen - 1, depth, z)  # so that each has its own

    return infer_latent(model, loss, start.expand(objects, -1), steps, rate)


def interpolate_codes(
    start: Float[Tensor, "d"], end: Float[Tensor, "d"], count: int
) -> Float[Tensor, "count d"]:
    """`count` ≥ 2 codes at equal steps from one to the other; first and last are exactly the two given."""
    share = torch.linspace(0, 1, count, dtype=start.dtype, device=start.device)[:, None]
    return torch.lerp(start, end, share)


def normals_from_depth(
    depth: Float[Tensor, "h w"], K: Float[Tensor, "3 3"]
) -> Float[Tensor, "h w 3"]:
    """Unit normals of the surface in a depth map, in the camera's frame, turned towards the camera.

    Every pixel's centre becomes a point of the camera's frame. Tangents are differences of the two neighbours' points
    along the row and along the column, and at the border of the image those of the pixel and its only neighbour;
    the normal is perpendicular to both. h and w are 2 at least.
    """
    height, width = depth.shape
    points = unproject(K, pixel_centers((height, width)).to(depth), depth)
    along_u = torch.gradient(points, dim=1)[0]
    along_v = torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)


def semantic_head(
    features: Float[Tensor, "n f"], labels: Int[Tensor, "n"], classes: int, decay: float = 1e-3
) -> tuple[Float[Tensor, "c f"], Float[Tensor, "c"]]:
    """A linear map W, b from features to class scores, fitted to a few labelled pixels (Kohli et al. 2020).

    W and b minimise the mean cross-entropy of the scores W x + b plus `decay` times the sum of all W². b is not
    decayed. Every class is among the labels, so that there is a minimum: come within 1 % of its loss. W and b lie on the
    device of the features.
    """
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, device=features.device)
    b = W.new_zeros(classes)
    lbfgs = torch.optim.LBFGS(
        [W.requires_grad_(), b.requires_grad_()], max_iter=200, line_search_fn="strong_wolfe"
    )

    def objective() -> Tensor:
        lbfgs.zero_grad()
        loss = F.cross_entropy(F.linear(features, W, b), labels) + decay * W.square().sum()
        loss.backward()
        return loss

    with torch.enable_grad():
        lbfgs.step(objective)
    return W.detach(), b.detach()
