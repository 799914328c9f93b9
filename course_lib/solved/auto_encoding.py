# Generated from solutions/03_auto_encoding.py by `autograder handouts build`; do not edit.
"""The published answers of notebook 3 · Auto-encoding."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.shapes import Bool, Float, Int
from course_lib.solved.camera_geometry import (
    homogenize_points,
    invert_rigid,
    look_at,
    pixel_centers,
    project,
    rotation_from_axis_angle,
    transform,
    world_rays,
)
from course_lib.solved.rendering import positional_encoding, volume_render, voxel_field


def pca_codes(
    X: Float[Tensor, "n d"], k: int
) -> tuple[Float[Tensor, "n k"], Float[Tensor, "k d"], Float[Tensor, "d"]]:
    """The first `k` principal components of the rows of `X`: codes, basis and mean.

    The basis has orthonormal rows, the direction of largest variance first; codes = (X − mean) basisᵀ. No other
    linear decoder with k numbers reconstructs X better than codes @ basis + mean. The sign of each row is free.

    Raises:
        ValueError: k is not between 1 and the smaller of n and d.
    """
    if not 1 <= k <= min(X.shape):
        raise ValueError(f"pca_codes: k must be between 1 and {min(X.shape)}, not {k}")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean


class ImageEncoder(nn.Module):
    """An image becomes a code of `code_length` numbers.

    Three times a 3×3 convolution with stride 2 and padding 1, to `width`, 2·`width` and 4·`width` channels, and ReLU;
    each halves the sides, rounding up. What is left, flattened channel by channel, goes through one linear layer.
    Images are square, with sides of `size` pixels and `channels` channels.
    """

    def __init__(self, channels: int, size: int, code_length: int, width: int = 32) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for a, b in pairwise([channels, width, 2 * width, 4 * width]):
            blocks += [nn.Conv2d(a, b, 3, stride=2, padding=1), nn.ReLU()]
        left = 4 * width * math.ceil(size / 8) ** 2
        self.layers = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(left, code_length))

    def forward(self, images: Float[Tensor, "*b h w c"]) -> Float[Tensor, "*b d"]:
        """The codes; their values may be any numbers."""
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)


class ImageDecoder(nn.Module):
    """A code becomes an image with values between 0 and 1: the encoder's way back.

    A linear layer gives 4·`width` channels of the sides that the encoder ended with. Then three times: ReLU, enlarge
    to the sides that the encoder had one step before (every pixel becomes 2×2; where those sides are odd, without
    the last row and column), 3×3 convolution with padding 1, to 2·`width`, `width` and `channels` channels. A
    sigmoid at the end.
    """

    def __init__(self, channels: int, size: int, code_length: int, width: int = 32) -> None:
        super().__init__()
        side = math.ceil(size / 8)
        self.start = nn.Sequential(
            nn.Linear(code_length, 4 * width * side**2), nn.Unflatten(-1, (4 * width, side, side))
        )
        widths = [4 * width, 2 * width, width, channels]
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.sides = [math.ceil(size / 4), math.ceil(size / 2), size]

    def forward(self, codes: Float[Tensor, "*b d"]) -> Float[Tensor, "*b h w c"]:
        """The images."""
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for side, convolve in zip(self.sides, self.steps, strict=True):
            x = convolve(F.interpolate(F.relu(x), size=(side, side)))
        images = torch.sigmoid(x).movedim(1, -1)
        return images.reshape(*codes.shape[:-1], *images.shape[1:])


def neighbour_accuracy(codes: Float[Tensor, "n d"], labels: Int[Tensor, "n"], k: int = 5) -> float:
    """The share of items whose label is the most frequent one among their `k` nearest neighbours.

    Neighbours are the other items, by Euclidean distance between codes. Of several labels that are equally frequent
    among them, the smallest wins.

    Raises:
        ValueError: k is not between 1 and n − 1.
    """
    if not 1 <= k < len(codes):
        raise ValueError(f"neighbour_accuracy: k must be between 1 and {len(codes) - 1}, not {k}")
    distance = torch.cdist(codes, codes).fill_diagonal_(math.inf)
    nearest = distance.topk(k, largest=False).indices
    votes = F.one_hot(labels[nearest]).sum(1)
    # A label's own number, less than a vote, breaks ties.
    winner = (votes - torch.linspace(0, 0.5, votes.shape[1]).to(codes)).argmax(1)
    return (winner == labels).double().mean().item()


def psnr(
    image: Float[Tensor, "*b h w c"],
    truth: Float[Tensor, "*b h w c"],
    mask: Bool[Tensor, "*#b h w"] | None = None,
) -> Float[Tensor, "*b"]:
    """Peak signal-to-noise ratio of each image in decibels, 10 log₁₀(1 / mean squared error); ∞ for equal images.

    Values lie in [0, 1], so the peak is 1. With a mask, only pixels where it is True count, whatever the others hold.

    Raises:
        ValueError: the shapes of image and truth differ, or an image has no pixel that counts.
    """
    if image.shape != truth.shape:
        raise ValueError(f"psnr: shapes differ: {tuple(image.shape)} against {tuple(truth.shape)}")
    error = (image - truth).square().mean(-1)
    counts = torch.ones_like(error) if mask is None else mask.expand(error.shape).to(error)
    total = counts.sum((-2, -1))
    if (total == 0).any():
        raise ValueError("psnr: an image has no pixel that counts; is its mask empty?")
    # `where`, not a product: pixels that do not count may hold NaN.
    error = torch.where(counts > 0, error, 0.0).sum((-2, -1)) / total
    return -10 * torch.log10(error)


def ssim(image: Float[Tensor, "*b h w c"], truth: Float[Tensor, "*b h w c"]) -> Float[Tensor, "*b"]:
    """Structural similarity (Wang et al. 2004, equation 13), the mean over windows and channels; 1 for equal images.

    A window has 11×11 pixels, weighted by a Gaussian of σ = 1.5 pixels whose weights sum to 1, and lies wholly inside
    the image. Means μ, variances σ² = E[x²] − μ² and the covariance E[xy] − μₓμᵧ are those of the window's weights;
    C₁ = 0.01², C₂ = 0.03².

    Raises:
        ValueError: the shapes of image and truth differ, or a side is shorter than 11 pixels.
    """
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError(
            f"ssim: two images of one shape and at least 11×11 pixels, please, not {tuple(image.shape)} and "
            f"{tuple(truth.shape)}"
        )
    offsets = torch.arange(-5, 6).to(image)
    window = torch.exp(-offsets.square() / (2 * 1.5**2))
    window = window / window.sum()

    def local_mean(values: Float[Tensor, "*b h w c"]) -> Float[Tensor, "m h w"]:
        """The mean of every window, one image of one channel at a time: rows, then columns."""
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(F.conv2d(planes, window[None, None, :, None]), window[None, None, None])

    x, y = local_mean(image), local_mean(truth)
    xx = local_mean(image.square()) - x.square()
    yy = local_mean(truth.square()) - y.square()
    xy = local_mean(image * truth) - x * y
    likeness = (2 * x * y + 0.01**2) * (2 * xy + 0.03**2)
    likeness = likeness / ((x.square() + y.square() + 0.01**2) * (xx + yy + 0.03**2))
    return likeness.reshape(*image.shape[:-3], -1).mean(-1)


def encode_set(
    encoder: Callable[[Float[Tensor, "n h w 3"], Float[Tensor, "n 4 4"]], Float[Tensor, "n d"]],
    images: Float[Tensor, "b v h w 3"],
    world_from_camera: Float[Tensor, "b v 4 4"],
    seen: Bool[Tensor, "b v"] | None = None,
) -> Float[Tensor, "b d"]:
    """A code for each object: the mean of the codes that `encoder` gives for its views.

    Views where `seen` is False do not count, whatever their pixels hold, and no gradient reaches them; objects may
    have different numbers of views that way. Without `seen` all views count.

    Raises:
        ValueError: an object has no view that counts.
    """
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool, device=images.device)
    if not seen.any(1).all():
        raise ValueError("encode_set: every object needs a view that counts")
    codes = encoder(images[seen], world_from_camera[seen])
    owner = seen.nonzero()[:, 0]
    total = codes.new_zeros(len(images), codes.shape[-1]).index_add(0, owner, codes)
    return total / seen.sum(1, keepdim=True)


def camera_numbers(world_from_camera: Float[Tensor, "*b 4 4"]) -> Float[Tensor, "*b 12"]:
    """A camera as twelve numbers, the upper three rows of its pose: how a network without geometry is told. Given."""
    return world_from_camera[..., :3, :].flatten(-2)


class PoseConditionedDecoder(nn.Module):
    """A code and a camera become an image, without any geometry (Tatarchenko et al. 2016).

    The code and the 12 `camera_numbers`, in this order, go through two linear layers with `hidden` outputs, each
    followed by ReLU. `decoder` makes images of what comes out.
    """

    def __init__(
        self,
        code_length: int,
        decoder: Callable[[Float[Tensor, "*b k"]], Float[Tensor, "*b h w 3"]],
        hidden: int = 256,
    ) -> None:
        super().__init__()
        self.mix = nn.Sequential(
            nn.Linear(code_length + 12, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )
        self.decoder = decoder

    def forward(
        self, z: Float[Tensor, "*#b d"], world_from_camera: Float[Tensor, "*#b 4 4"]
    ) -> Float[Tensor, "*b h w 3"]:
        """Images; the batches of codes and cameras are broadcast against each other."""
        camera = camera_numbers(world_from_camera)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        both = torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], dim=-1)
        return self.decoder(self.mix(both))


def novel_view_loss(
    model: Callable[[Tensor, Tensor, Tensor, Tensor], Float[Tensor, "b t p 3"]],
    context_images: Float[Tensor, "b v h w 3"],
    context_poses: Float[Tensor, "b v 4 4"],
    target_images: Float[Tensor, "b t h w 3"],
    target_poses: Float[Tensor, "b t 4 4"],
    pixels: Int[Tensor, "b t p"],
) -> Float[Tensor, ""]:
    """Mean squared error of what `model` predicts for some pixels of views that it has not been shown.

    `pixels` chooses p pixels of each target view by their number, row · width + column. The model is called once,
    as model(context_images, context_poses, uv, target_poses), with the centres `uv` (b t p 2) of those pixels, and
    returns their colours. No gradient flows into the target images.
    """
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    colors = target_images.detach().flatten(2, 3)
    truth = colors.gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean()


def functional_mlp(
    weights: Sequence[tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]],
    x: Float[Tensor, "b n in"],
) -> Float[Tensor, "b n out"]:
    """Object i's network, with layers (W[i], b[i]), applied to object i's points.

    Every layer is W x + b. Between two layers: layer normalisation without learned scale and shift (over the
    features, ε = 1e-5), then ReLU; nothing after the last.

    Raises:
        ValueError: a layer does not fit what comes in: it reads another number of features, or is for another
            number of objects. The message names the layer, counted from 0.
    """
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(
                f"functional_mlp: layer {layer} has W {tuple(W.shape)}, and reads {tuple(x.shape)}"
            )
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        x = torch.baddbmm(b[:, None], x, W.transpose(1, 2))
    return x


class HyperNetwork(nn.Module):
    """A code becomes all weights and biases of a network (Ha et al. 2017; Sitzmann et al. 2019, section 3.3).

    `sizes` are the numbers of features of the target network, from its input to its output. A linear layer to
    `hidden` features and ReLU; then, for each layer of the target, a linear layer of its own, its *head*, which
    gives W (row by row) and then b.

    Each head starts near one ordinary network for all codes: its bias holds W and b as a fresh nn.Linear draws
    them, its weight is a tenth of what nn.Linear draws for the head. The first layer starts as nn.Linear draws it.
    """

    def __init__(self, code_length: int, sizes: Sequence[int], hidden: int = 64) -> None:
        super().__init__()
        self.sizes = list(pairwise(sizes))
        self.trunk = nn.Sequential(nn.Linear(code_length, hidden), nn.ReLU())
        self.heads = nn.ModuleList()
        for inputs, outputs in self.sizes:
            ordinary = nn.Linear(inputs, outputs)
            head = nn.Linear(hidden, (inputs + 1) * outputs)
            with torch.no_grad():
                head.weight.mul_(0.1)
                head.bias.copy_(torch.cat([ordinary.weight.flatten(), ordinary.bias]))
            self.heads.append(head)

    def forward(
        self, z: Float[Tensor, "b d"]
    ) -> list[tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]]:
        """W and b of every layer, a network for each code."""
        features = self.trunk(z)
        weights = []
        for (inputs, outputs), head in zip(self.sizes, self.heads, strict=True):
            W, b = head(features).split([inputs * outputs, outputs], dim=-1)
            weights.append((W.unflatten(-1, (outputs, inputs)), b))
        return weights


def concat_condition(
    mlp: Callable[[Float[Tensor, "b n k"]], Float[Tensor, "b n out"]],
    z: Float[Tensor, "b d"],
    x: Float[Tensor, "b n c"],
) -> Float[Tensor, "b n out"]:
    """One network for all objects: `mlp` reads every point with its object's code after it, c + d numbers."""
    codes = z[:, None].expand(-1, x.shape[1], -1)
    return mlp(torch.cat([x, codes], dim=-1))


class FilmLayer(nn.Module):
    """A linear layer whose features a code scales and shifts: γ(z) · (W x + b) + β(z) (Perez et al. 2018).

    One more linear layer reads γ(z) − 1 and, after it, β(z) from the code. Weight and bias of this one start at 0:
    at first the code changes nothing, and the features are W x + b.
    """

    def __init__(self, in_features: int, out_features: int, code_length: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features, bias=True)
        self.condition = nn.Linear(code_length, 2 * out_features)
        nn.init.zeros_(self.condition.weight)
        nn.init.zeros_(self.condition.bias)

    def forward(
        self, x: Float[Tensor, "b n in"], z: Float[Tensor, "b d"]
    ) -> Float[Tensor, "b n out"]:
        """The features of every point, as its object's code wants them."""
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * self.linear(x) + shift


class VoxelDecoder(nn.Module):
    """A code becomes a grid of 32³ nodes, by transposed 3D convolutions with biases (Wu et al. 2016).

    The code is a grid of a single node. Kernel 4 makes 4³ of it; then three times kernel 4, stride 2, padding 1:
    8³, 16³, 32³. The steps have 4·`width`, 2·`width`, `width` and `channels` channels, with ReLU between them and
    nothing after the last.
    """

    def __init__(self, code_length: int, channels: int, width: int = 16) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.ConvTranspose3d(code_length, 4 * width, 4)]
        for a, b in pairwise([4 * width, 2 * width, width, channels]):
            layers += [nn.ReLU(), nn.ConvTranspose3d(a, b, 4, stride=2, padding=1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b c 32 32 32"]:
        """The grids, indexed x, y, z."""
        return self.layers(z[..., None, None, None])


def unproject_features(
    features: Float[Tensor, "b v c h w"],
    K: Float[Tensor, "b v 3 3"],
    world_from_camera: Float[Tensor, "b v 4 4"],
    points: Float[Tensor, "x y z 3"],
) -> tuple[Float[Tensor, "b c x y z"], Int[Tensor, "b x y z"]]:
    """What the views show at every point: the mean of the features that it projects onto, and how many views see it.

    A view sees a point that lies in front of the camera and whose uv lies in [0, 1]²; whether something hides it,
    nobody knows yet. A feature map covers its whole image, its values lie at pixel centres, and it is read
    bilinearly; between the outermost centres and the border it keeps the value of the border. Where no view sees a
    point, its features are 0.
    """
    flat = homogenize_points(points.reshape(-1, 3))
    in_camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, _, in_front = project(K[..., None, :, :], in_camera)
    seen = in_front & ((uv >= 0) & (uv <= 1)).all(-1)  # b v n
    where = torch.where(seen[..., None], 2 * uv - 1, 0.0)  # grid_sample's coordinates
    batch, views, channels = features.shape[:3]
    read = F.grid_sample(
        features.flatten(0, 1),
        where.flatten(0, 1)[:, :, None],
        padding_mode="border",
        align_corners=False,
    )
    read = read.reshape(batch, views, channels, -1) * seen[:, :, None]
    count = seen.sum(1)
    volume = read.sum(1) / count.clamp_min(1)[:, None]
    size = points.shape[:3]
    return volume.reshape(batch, channels, *size), count.reshape(batch, *size)


def angle_to_nearest(
    world_from_camera: Float[Tensor, "n 4 4"], training: Float[Tensor, "m 4 4"]
) -> Float[Tensor, "n"]:
    """Degrees by which each camera is turned against the training camera that is turned most like it.

    The angle between two orientations is that of the rotation which takes one to the other, 0 to 180; positions do
    not count. A training camera itself gives 0 (to a hundredth of a degree), never NaN.
    """
    R, other = world_from_camera[:, None, :3, :3], training[None, :, :3, :3]
    chord = (R - other).square().sum((-2, -1)).amin(1).sqrt()  # √8 sin(angle / 2)
    return torch.rad2deg(2 * torch.asin((chord / math.sqrt(8)).clamp_max(1)))


def mean_in_bins(
    values: Float[Tensor, "n"], positions: Float[Tensor, "n"], edges: Float[Tensor, "k+1"]
) -> Float[Tensor, "k"]:
    """The mean of the values in each bin edges[i] ≤ position < edges[i + 1]; the last bin includes its upper edge.

    Bins without a value give NaN; positions outside all bins do not count. An infinite value, such as the PSNR of
    equal images, stays in its own bin.
    """
    low, high = edges[:-1, None], edges[1:, None]
    inside = (positions >= low) & (positions < high)
    inside[-1] |= positions == edges[-1]
    return torch.where(inside, values, 0.0).sum(1) / inside.sum(1)
