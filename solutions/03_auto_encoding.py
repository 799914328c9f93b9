# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3 · Auto-encoding
#
# Sixty photographs of one car gave you that car. Now take them away, all but one. You still know how the
# other side looks, roughly: there will be two more wheels, a door, a mirror. You have never seen this car,
# but you have seen *cars*. What would a program have to know to do the same, and in which form?
#
# This notebook takes the oldest answer, squeeze what you see through a narrow *code* and unpack it again,
# from digits to pictures to scenes. On the way it meets a question that decides what the code can know:
# **what is on the other side of the code?** A network that paints pixels, or a world with a camera in it?
# You will build both, train them on the same cars with the same loss, and then move the camera to where
# neither has ever been.
#
# | section | you write | you see | reading and writing |
# |---|---|---|---|
# | 1 · Codes | principal components, an auto-encoder, neighbours | ten thousand digits as a landscape | 50 min |
# | 2 · How good is a picture? | PSNR, SSIM | one error, four faces | 20 min |
# | 3 · From images to images | one code from many views, a decoder told of cameras, the loss | a 2D network that seems to know cars | 45 min |
# | 4 · From images to scenes | five ways from a code to a scene | the same cars, in three dimensions | 90 min |
# | 5 · The test that matters | how far a camera is from home | which of them fall when the camera does | 30 min |
# | 6 · Your turn | your own model | a score for cars that you have not seen | 60 min |
#
# Every exercise has a cell that you complete and a cell `check("…")`. The same checks, on numbers you have
# not seen, grade your submission: 90 points for code, 6 for your predictions in section 6, and 4 for two
# short written answers.
#
# **How an exercise is graded.** The first check of an exercise is its *entrance*: the plainest case.
# Once it passes, every check of the exercise earns an equal share of the points.

# %% [markdown]
# ## 0 · Set-up
# *about 10 seconds; once per session*
#
# On Colab choose *Runtime → Change runtime type → T4 GPU* before you start. `COURSE_MODE` sets how long
# the training cells may take: `smoke` (a glance), `cpu` (minutes) or `gpu`. If the runtime restarts, run
# the cells of this section again. With `setup(drive=True)` you are asked for your Google Drive, once:
# what you train is kept there, and goes on in another runtime where it stopped.
#
# You may close the page while a cell trains: the kernel goes on. When you are back, nothing shows that it
# does, so do not run that cell a second time; run the next one, which waits its turn. If the kernel itself
# is gone, run everything from the top: training goes on where it stopped.

# %%
import importlib.util

WHEEL = "{{wheel}}"
if importlib.util.find_spec("course_lib") is None:
    get_ipython().run_line_magic("pip", f"install --quiet --retries 1 {WHEEL}")
    importlib.invalidate_caches()
    if importlib.util.find_spec("course_lib") is None:
        raise RuntimeError(
            "The course could not be installed; pip says above why. If there was no connection, run this "
            "cell again. If pip wants another Python, choose Runtime → Change runtime type, there the latest "
            "runtime version. Your notebook is as it was."
        )

# %% export=true
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

# %%
from dataclasses import replace
from functools import partial

import numpy as np
from IPython.display import Markdown, display

from autograder import check, export_predictions, show_bands, submit
from course_lib import viewers
from course_lib.data import PosedViews, load_digits, load_task
from course_lib.scenes import (
    CameraRange,
    find_category,
    make_scene,
    orbit_poses,
    photograph,
    posed_views,
)
from course_lib.setup import setup
from course_lib.training import FitConfig, fit

session = setup()
device = session.device


def budget(smoke: int, cpu: int, gpu: int) -> int:
    """Steps of a training cell in this session's mode."""
    return {"smoke": smoke, "cpu": cpu, "gpu": gpu}[session.mode]


# %% [markdown]
# ### Conventions
#
# As before: camera axes are OpenCV's, the world's $z$ points up, names read `target_from_source`,
# intrinsics `K` are normalised to $uv \in [0, 1]^2$, images are `*b h w c` with values in $[0, 1]$, grids
# have their outermost nodes on $\pm 1$ and are indexed `x, y, z`. New today:
#
# - A **code** $z$ is a row of `d` numbers that stands for one image or one object; a batch of them is `b d`.
# - The **context** is what a model is shown, the **target** what it is asked for.
# - `b` counts objects, `v` context views, `t` target views, `p` pixels, `n` points.
#
# The picture below is the plan of everything that follows. Whatever you meet in the literature under
# *prior-based inverse graphics* fills these boxes in one way or another; each section says which box it
# changes.

# %%
viewers.show_framework()

# %% [markdown]
# ## 1 · Codes
# *50 minutes of reading and writing; training takes one to two and a half minutes on two cores*
#
# ### What do ten thousand digits have in common?
#
# An image of 28×28 pixels is a point in a space of 784 dimensions. Nearly all of that space is noise that
# nobody would call a digit; the digits lie on some thin, folded sheet in it. A *code* is a position on the
# sheet: few numbers instead of many. An **encoder** reads the position off an image, a **decoder** goes
# back. If both together return what they were given, the code has kept what matters.

# %%
digits = load_digits()
viewers.show_strip(digits.images[:16].expand(-1, -1, -1, 3))
print(digits.attribution)

# %% [markdown]
# **The straight answer.** Suppose that the sheet is flat. Then a code is a set of coordinates in a
# plane through the mean image,
#
# $$ X \approx \text{codes} \cdot \text{basis} + \text{mean}, $$
#
# and the plane that loses least, in the sum of squares, is known in closed form: it is spanned by the
# directions in which the data varies most (Pearson 1901), the first right singular vectors of
# $X - \text{mean}$.


# %% exercise="pca_codes" title="Principal components" points=5
def pca_codes(
    X: Float[Tensor, "n d"], k: int
) -> tuple[Float[Tensor, "n k"], Float[Tensor, "k d"], Float[Tensor, "d"]]:
    """The first `k` principal components of the rows of `X`: codes, basis and mean.

    The basis has orthonormal rows, the direction of largest variance first; codes = (X − mean) basisᵀ. No other
    linear decoder with k numbers reconstructs X better than codes @ basis + mean. The sign of each row is free.

    Raises:
        ValueError: k is not between 1 and the smaller of n and d.
    """
    # BEGIN SOLUTION
    if not 1 <= k <= min(X.shape):
        raise ValueError(f"pca_codes: k must be between 1 and {min(X.shape)}, not {k}")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean
    # END SOLUTION


# %%
check("pca_codes")

# %% [markdown]
# What does the plane consist of? The mean of all digits, and the directions in which they differ most.
# Blue adds ink to the mean, red takes it away.

# %%
train_digits, held_out_digits = digits.split(8000)
X = train_digits.images.flatten(1)
codes, basis, mean = pca_codes(X, 32)
viewers.show_basis(basis[:7].reshape(-1, 28, 28), mean=mean.reshape(28, 28, 1), columns=8)

# %% [markdown]
# **The bent answer.** Nothing says that the sheet is flat. Turn a one by a few degrees: its pixels move
# along a curve, and no plane follows. So let both ways be networks, and let them find their code together
# by returning what they got: an **auto-encoder**. Hinton and Salakhutdinov (2006) showed that it beats
# principal components by far at the same code length; you will repeat that with convolutions.


# %% exercise="auto_encoder" title="Encoder and decoder" points=8
class ImageEncoder(nn.Module):
    """An image becomes a code of `code_length` numbers.

    Three times a 3×3 convolution with stride 2 and padding 1, to `width`, 2·`width` and 4·`width` channels, and ReLU;
    each halves the sides, rounding up. What is left, flattened channel by channel, goes through one linear layer.
    Images are square, with sides of `size` pixels and `channels` channels.
    """

    def __init__(self, channels: int, size: int, code_length: int, width: int = 32) -> None:
        super().__init__()
        # BEGIN SOLUTION
        blocks: list[nn.Module] = []
        for a, b in pairwise([channels, width, 2 * width, 4 * width]):
            blocks += [nn.Conv2d(a, b, 3, stride=2, padding=1), nn.ReLU()]
        left = 4 * width * math.ceil(size / 8) ** 2
        self.layers = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(left, code_length))
        # END SOLUTION

    def forward(self, images: Float[Tensor, "*b h w c"]) -> Float[Tensor, "*b d"]:
        """The codes; their values may be any numbers."""
        # BEGIN SOLUTION
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)
        # END SOLUTION


class ImageDecoder(nn.Module):
    """A code becomes an image with values between 0 and 1: the encoder's way back.

    A linear layer gives 4·`width` channels of the sides that the encoder ended with. Then three times: ReLU, enlarge
    to the sides that the encoder had one step before (every pixel becomes 2×2; where those sides are odd, without
    the last row and column), 3×3 convolution with padding 1, to 2·`width`, `width` and `channels` channels. A
    sigmoid at the end.
    """

    def __init__(self, channels: int, size: int, code_length: int, width: int = 32) -> None:
        super().__init__()
        # BEGIN SOLUTION
        side = math.ceil(size / 8)
        self.start = nn.Sequential(
            nn.Linear(code_length, 4 * width * side**2), nn.Unflatten(-1, (4 * width, side, side))
        )
        widths = [4 * width, 2 * width, width, channels]
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.sides = [math.ceil(size / 4), math.ceil(size / 2), size]
        # END SOLUTION

    def forward(self, codes: Float[Tensor, "*b d"]) -> Float[Tensor, "*b h w c"]:
        """The images."""
        # BEGIN SOLUTION
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for side, convolve in zip(self.sides, self.steps, strict=True):
            x = convolve(F.interpolate(F.relu(x), size=(side, side)))
        images = torch.sigmoid(x).movedim(1, -1)
        return images.reshape(*codes.shape[:-1], *images.shape[1:])
        # END SOLUTION


# %%
check("auto_encoder")

# %% [markdown]
# How would you know that a code is a *good* one? One test needs no pictures at all: things that are alike
# should lie close together. Nobody told the codes which digit is which. If the five nearest codes of a
# seven are mostly sevens all the same, the code knows something about digits that we did not.


# %% exercise="neighbour_accuracy" title="Who are a code's neighbours?" points=4
def neighbour_accuracy(codes: Float[Tensor, "n d"], labels: Int[Tensor, "n"], k: int = 5) -> float:
    """The share of items whose label is the most frequent one among their `k` nearest neighbours.

    Neighbours are the other items, by Euclidean distance between codes. Of several labels that are equally frequent
    among them, the smallest wins.

    Raises:
        ValueError: k is not between 1 and n − 1.
    """
    # BEGIN SOLUTION
    if not 1 <= k < len(codes):
        raise ValueError(f"neighbour_accuracy: k must be between 1 and {len(codes) - 1}, not {k}")
    distance = torch.cdist(codes, codes).fill_diagonal_(math.inf)
    nearest = distance.topk(k, largest=False).indices
    votes = F.one_hot(labels[nearest]).sum(1)
    # A label's own number, less than a vote, breaks ties.
    winner = (votes - torch.linspace(0, 0.5, votes.shape[1]).to(codes)).argmax(1)
    return (winner == labels).double().mean().item()
    # END SOLUTION


# %%
check("neighbour_accuracy")

# %% [markdown]
# Now train. Three code lengths, each against principal components of the same length, on 8,000 digits; 2,000 more
# judge. Two details help, and you will meet the second again:
#
# - **The loss.** Most of a digit is black. With squared errors and torch's usual first weights the decoder learns
#   "all black" before anything else, its sigmoids saturate, and there is no gradient left to get it out again.
#   The *cross-entropy* of each pixel has the gradient output − target in front of the sigmoid, which does not
#   fade. (Hinton and Salakhutdinov used it, too.)
# - **The start.** Eight layers whose weights are each a little too small make a signal that is much too small in
#   the end. He et al. (2015) draw them so that signals keep their size through ReLU. Either of the two cures the
#   black pictures; together they also save the first few hundred steps.
#
# A small weight on the codes keeps them near the origin, where their distances are comparable.


# %%
def he_initialised(module: nn.Module) -> nn.Module:
    """The module with weights that keep the size of signals through layers with ReLU (He et al. 2015)."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return module


# %%
def train_digits_auto_encoder(code_length: int) -> tuple[nn.Module, nn.Module]:
    """An encoder and a decoder of the 8,000 digits, with cross-entropy as the loss of each pixel."""
    torch.manual_seed(session.seed)
    encoder = he_initialised(ImageEncoder(1, 28, code_length, width=16)).to(device)
    decoder = he_initialised(ImageDecoder(1, 28, code_length, width=16)).to(device)
    images, judged = train_digits.images.to(device), held_out_digits.images.to(device)

    def loss(generator: torch.Generator) -> Tensor:
        batch = images[torch.randint(len(images), (16,), generator=generator, device=device)]
        codes = encoder(batch)
        weight = 1e-3 * codes.square().mean()
        return F.binary_cross_entropy(decoder(codes), batch) + weight

    def evaluate() -> dict[str, float]:
        return {"mse": (decoder(encoder(judged)) - judged).square().mean().item()}

    config = FitConfig(
        budget(20, 2000, 6000), 4e-3, final_rate=0.02, clip_gradient=1.0, seed=session.seed
    )
    weights = [*encoder.parameters(), *decoder.parameters()]
    name = f"{code_length} numbers"
    fit(loss, weights, config, evaluate=evaluate, checkpoint=f"digits-{code_length}", title=name)
    return encoder, decoder


auto_encoders = {length: train_digits_auto_encoder(length) for length in (2, 8, 32)}

# %% [markdown]
# The 2,000 digits that nobody has trained on. The *error* is the mean squared error of a pixel; *alike* is the share of
# digits whose five nearest codes say the right digit. The last row takes all 784 pixels for a code.

# %%
judged = held_out_digits.images
digit_codes, rebuilt = {}, {}
with torch.no_grad():
    for length, (encoder, decoder) in auto_encoders.items():
        flat = (judged.flatten(1) - mean) @ basis[:length].T
        digit_codes["PCA", length] = flat
        rebuilt["PCA", length] = (flat @ basis[:length] + mean).reshape(judged.shape)
        bent = encoder(judged.to(device))
        digit_codes["auto-encoder", length] = bent.cpu()
        rebuilt["auto-encoder", length] = decoder(bent).cpu()
lines = ["| code | error | alike |", "|---|---|---|"]
for (method, length), code in digit_codes.items():
    error = (rebuilt[method, length] - judged).square().mean()
    alike = neighbour_accuracy(code, held_out_digits.labels)
    lines.append(f"| {method}, {length} numbers | {error:.4f} | {100 * alike:.1f} % |")
alike = neighbour_accuracy(judged.flatten(1), held_out_digits.labels)
lines.append(f"| the pixels, 784 numbers | 0 | {100 * alike:.1f} % |")
display(Markdown("\n".join(lines)))

# %%
ten = [int((held_out_digits.labels == digit).nonzero()[3]) for digit in range(10)]
viewers.show_grid(
    [judged[ten].expand(-1, -1, -1, 3)]
    + [images[ten].expand(-1, -1, -1, 3).clamp(0, 1) for images in rebuilt.values()],
    ["digit", *(f"{method}, {length}" for method, length in rebuilt)],
)

# %% [markdown]
# Two numbers per digit are a map. On the left, the plane that loses least; on the right, the bent sheet. No label
# was used for either: the colours come afterwards.

# %%
maps = {method: digit_codes[method, 2] for method in ("PCA", "auto-encoder")}
viewers.show_latent_maps(maps, held_out_digits.labels, judged)

# %% [markdown]
# **Walk over the sheet.** Drag a point through the map; the decoder paints what lies there. Watch what happens on
# the way from one digit to another: where are the digits that nobody would write?


# %%
def decode_digit(codes: Tensor) -> Tensor:
    """Digits for some places of the map."""
    return auto_encoders[2][1](codes.to(device)).cpu()


viewers.LatentPlane(decode_digit, digit_codes["auto-encoder", 2], held_out_digits.labels)

# %% [markdown]
# What do you make of the table? The longer the code, the larger is the factor by which the auto-encoder's *error*
# is smaller, and the smaller its lead in *neighbours*: at 32 numbers it is hardly more than what another seed
# would change. Plain principal components of 32 numbers already know better who is alike than all 784 pixels do.
# A code does not have to be clever to say that; it has to be *short enough to leave out what does not matter*.

# %% [markdown] written="bottleneck" title="What does the code leave out?" points=2
# **Question 1.** You train an auto-encoder with a code of 784 numbers on digits, with no noise anywhere, and it returns
# every image perfectly. A friend says: "Then its codes must be the best of all." What has it learned about digits, what
# would you expect of its neighbours, and what is it that makes a *short* code say something?
#
# BEGIN SOLUTION
# Nothing need have been learned: with as many numbers as pixels the identity (or any invertible map) is a perfect
# solution, for digits and for noise alike. Its neighbours can be as poor as those of the raw pixels, or poorer. A code
# of few numbers cannot hold every image, so the pair must spend them on what distinguishes the images that do
# occur: the constraint forces it to find what varies and to leave out what is common or rare. (Noise on the input or
# the code does the same without shortening it.)
# END SOLUTION

# %% [markdown]
# ## 2 · How good is a picture?
# *20 minutes*
#
# Sections 3 to 6 compare pictures by the thousand, so you need a number. Two are in every table of the
# field, and you should know what each of them cannot see.
#
# **PSNR** is the mean squared error on a logarithmic scale, with the largest possible value as its unit:
#
# $$ \text{PSNR} = 10 \log_{10} \frac{1}{\text{MSE}} . $$
#
# 20 dB is a root-mean-square error of a tenth, 40 dB of a hundredth; halving that error gains 6 dB. PSNR knows
# nothing of neighbours: shuffle the pixels of both images alike, and nothing changes.
#
# **SSIM** (Wang et al. 2004) compares windows. In each it asks whether the means, the contrasts and the
# patterns agree,
#
# $$ \text{SSIM} = \frac{(2\mu_x\mu_y + C_1)\,(2\sigma_{xy} + C_2)}
#                       {(\mu_x^2 + \mu_y^2 + C_1)\,(\sigma_x^2 + \sigma_y^2 + C_2)}, $$
#
# and averages over all windows. $C_1$ and $C_2$ keep flat windows from dividing zero by zero.
#
# **A trap.** The PSNR of a table is the mean of the PSNRs of its images, not the PSNR of the mean error: one
# image that fails weighs much more in the second. And it is taken over whole images, so that a white background
# makes everybody look good. A `mask` asks about the object alone.


# %% exercise="image_metrics" title="PSNR and SSIM" points=8
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
    # BEGIN SOLUTION
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
    # END SOLUTION


def ssim(image: Float[Tensor, "*b h w c"], truth: Float[Tensor, "*b h w c"]) -> Float[Tensor, "*b"]:
    """Structural similarity (Wang et al. 2004, equation 13), the mean over windows and channels; 1 for equal images.

    A window has 11×11 pixels, weighted by a Gaussian of σ = 1.5 pixels whose weights sum to 1, and lies wholly inside
    the image. Means μ, variances σ² = E[x²] − μ² and the covariance E[xy] − μₓμᵧ are those of the window's weights;
    C₁ = 0.01², C₂ = 0.03².

    Raises:
        ValueError: the shapes of image and truth differ, or a side is shorter than 11 pixels.
    """
    # BEGIN SOLUTION
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
    # END SOLUTION


# %%
check("image_metrics")

# %% [markdown]
# Four ways to spoil a car, all with the same PSNR. Which one bothers you most? Which one bothers SSIM most?

# %%
a_car = posed_views("cars", 1, 1, (64, 64), seed=7)[0].images[0].to(device)


def spoiled_to(decibels: float, spoil: Callable[[float], Tensor]) -> Tensor:
    """The image spoiled just as much as gives this PSNR, by bisection over the strength."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if psnr(spoil(middle), a_car) > decibels else (low, middle)
    return spoil(low)


noise = torch.randn(a_car.shape, generator=torch.Generator().manual_seed(1)).to(device)
blurred = a_car.movedim(-1, 0)[None]
for _ in range(12):
    blurred = F.avg_pool2d(F.pad(blurred, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
blurred = blurred[0].movedim(0, -1)
spoilers = {
    "noise": lambda s: (a_car + s * noise).clamp(0, 1),
    "blur": lambda s: torch.lerp(a_car, blurred, s),
    "darker": lambda s: a_car * (1 - s),
    "a ghost": lambda s: torch.lerp(a_car, a_car.roll(9, 1), s),
}
spoiled = {name: spoiled_to(22.0, spoil) for name, spoil in spoilers.items()}
viewers.show_images(
    [a_car.cpu(), *(image.cpu() for image in spoiled.values())],
    [
        "the photograph",
        *(
            f"{name}\n{psnr(image, a_car):.1f} dB, SSIM {ssim(image, a_car):.2f}"
            for name, image in spoiled.items()
        ),
    ],
    columns=5,
)

# %% [markdown]
# ## 3 · From images to images
# *45 minutes of reading and writing; smoke 3 s · cpu 2 minutes on two cores · gpu: not yet measured*
#
# Digits are flat. A car is not: two photographs of one car can differ in every pixel. If the code is to be
# about the *car*, the camera must come from elsewhere. So give it to the decoder: *here is a code, here is a
# camera, paint me what it sees.*

# %%
viewers.show_framework(
    ["encoder", "codes", "decoder", "loss"],
    notes={
        "conditioning": "z and 12 numbers",
        "representation": "none",
        "renderer": "convolutions",
    },
)

# %% [markdown]
# ### One code, however many photographs
#
# Somebody gives you one photograph of a car, or three, in no particular order. The code should take them all,
# and must not care who came first. There is one simple way to make a function of a *set*: treat every member
# alike, then combine by something symmetric (Zaheer et al. 2017). The mean is the plainest,
#
# $$ z = \frac{1}{V} \sum_{i=1}^{V} E(I_i, P_i), $$
#
# with image $I_i$ and pose $P_i$. It is what neural processes do (Garnelo et al. 2018; the generative query
# network of Eslami et al. 2018 takes the sum): every view adds evidence, noise averages out, and one view is a
# legal set.
#
# In a batch not all objects have equally many views. Then the tensor is padded, and `seen` says which places are
# taken. Whatever stands in the others must not leak.

# %% [markdown]
# The cars (in cpu mode): 300 to learn from, sixteen photographs of each, and 12 that nobody trains on. All
# cameras look at the car from a distance of 1.2, upright, 10° to 40° above the ground. That is the *training
# distribution*, narrow on purpose.

# %%
cars = replace(find_category("cars"), cameras=CameraRange(10, 40))  # degrees of elevation
size = (64, 64)


def photographs(count: int, views: int, first: int = 0) -> PosedViews:
    """Photographs `count views` of cars number first, first + 1, …"""
    chosen = posed_views(cars, count, views, size, first=first, geometry=False, device=device)
    return chosen.all()


known = photographs(budget(40, 300, 2000), 16)
unseen = photographs(budget(4, 12, 24), 8, first=100_000)
viewers.show_strip(known.images[:8, 0].cpu())


# %% exercise="encode_set" title="One code from any number of views" points=6
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
    # BEGIN SOLUTION
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool, device=images.device)
    if not seen.any(1).all():
        raise ValueError("encode_set: every object needs a view that counts")
    codes = encoder(images[seen], world_from_camera[seen])
    owner = seen.nonzero()[:, 0]
    total = codes.new_zeros(len(images), codes.shape[-1]).index_add(0, owner, codes)
    return total / seen.sum(1, keepdim=True)
    # END SOLUTION


# %%
check("encode_set")


# %% export=true
def camera_numbers(world_from_camera: Float[Tensor, "*b 4 4"]) -> Float[Tensor, "*b 12"]:
    """A camera as twelve numbers, the upper three rows of its pose: how a network without geometry is told. Given."""
    return world_from_camera[..., :3, :].flatten(-2)


# %% [markdown]
# ### A decoder that is told where the camera stands
#
# How would you tell a network about a camera? The obvious way: write its pose as numbers, the upper three
# rows of `world_from_camera`, and append them to the code. Then linear layers, then convolutions, then pixels
# (Tatarchenko et al. 2016; the decoder of the generative query network does it in a similar way).
#
# Nothing in there knows that the twelve numbers *are* a camera. For this network, moving the camera is just as
# abstract as changing the car. Keep that in mind.


# %% exercise="pose_conditioned_decoder" title="A code and a camera" points=5
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
        # BEGIN SOLUTION
        self.mix = nn.Sequential(
            nn.Linear(code_length + 12, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )
        self.decoder = decoder
        # END SOLUTION

    def forward(
        self, z: Float[Tensor, "*#b d"], world_from_camera: Float[Tensor, "*#b 4 4"]
    ) -> Float[Tensor, "*b h w 3"]:
        """Images; the batches of codes and cameras are broadcast against each other."""
        # BEGIN SOLUTION
        camera = camera_numbers(world_from_camera)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        both = torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], dim=-1)
        return self.decoder(self.mix(both))
        # END SOLUTION


# %%
check("pose_conditioned_decoder")

# %% [markdown]
# ### Judged from another side
#
# Train an auto-encoder to return the photograph that it was given, and it will learn *that photograph*: a code
# may know every pixel of the front and nothing of a back. So ask for another one. Encode the context views, decode
# with the camera of a view that was not among them, and compare there:
#
# $$ \mathcal{L} = \frac{1}{3\,p} \sum_{\text{pixels}}
#    \lVert R(z, P_\text{target})[\text{pixel}] - I_\text{target}[\text{pixel}] \rVert^2,
#    \qquad z = E(I_\text{context}, P_\text{context}). $$
#
# To pay for few pixels only, choose some at random in every target view: renderers work ray by ray, and a
# random tenth of an image teaches nearly as much as the whole. A pixel's number is row · width + column.
#
# One line of hygiene: the target is a *fact*. No gradient should flow into it, and the model must not see it.


# %% exercise="novel_view_loss" title="Judged from another side" points=6
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
    # BEGIN SOLUTION
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    colors = target_images.detach().flatten(2, 3)
    truth = colors.gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean()
    # END SOLUTION


# %%
check("novel_view_loss")

# %% [markdown]
# **One interface for all.** Whatever a model is made of, it does two things: `encode` photographs with their
# cameras, and `render` the colours that another camera sees at some points of its image. What lies between them,
# `z`, is all that the second knows of the first. The encoder is the same for all models that have a code: a
# photograph goes through your `ImageEncoder`, its camera joins, and the mean over photographs is yours too.


# %%
class PosedEncoder(nn.Module):
    """Photographs `n h w 3` and their cameras `n 4 4` become codes `n d`."""

    def __init__(self, code_length: int) -> None:
        super().__init__()
        self.see = ImageEncoder(3, size[0], 256)
        self.place = nn.Sequential(
            nn.ReLU(),
            nn.Linear(256 + 12, 256),
            nn.ReLU(),
            nn.Linear(256, code_length),
            nn.LayerNorm(code_length, elementwise_affine=False),  # codes of one length
        )
        he_initialised(self)

    def forward(self, images: Tensor, world_from_camera: Tensor) -> Tensor:
        seen = self.see(1 - images)  # white paper is nothing
        return self.place(torch.cat([seen, camera_numbers(world_from_camera)], dim=-1))


class SceneModel(nn.Module):
    """Photographs of objects become what another camera sees of them. Models differ in `render`."""

    def __init__(self, code_length: int = 128) -> None:
        super().__init__()
        self.register_buffer("K", known.K[0, 0])  # the lens: one for all photographs
        self.encoder = PosedEncoder(code_length)

    def encode(self, images: Tensor, world_from_camera: Tensor) -> Tensor:
        """z for each object, from its photographs `b v h w 3` and their cameras `b v 4 4`."""
        return encode_set(self.encoder, images, world_from_camera)

    def render(
        self, z: Tensor, uv: Tensor, world_from_camera: Tensor, generator: torch.Generator | None
    ) -> Tensor:
        """Colours `b t p 3` at the points uv `b t p 2` of images by the cameras `b t 4 4`."""
        raise NotImplementedError("each kind of model says how it renders")

    def forward(
        self,
        images: Tensor,
        world_from_camera: Tensor,
        uv: Tensor,
        target: Tensor,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """From photographs to colours; with a generator, samples on rays are jittered, for training."""
        return self.render(self.encode(images, world_from_camera), uv, target, generator)


# %% [markdown]
# **The 2D baseline** paints the whole image, whoever asks for how little; then it reads off the points that were
# wanted.


# %%
class ImageModel(SceneModel):
    """A code and twelve numbers become an image: no geometry anywhere."""

    def __init__(self, code_length: int = 128, width: int = 16) -> None:
        super().__init__(code_length)
        self.decoder = PoseConditionedDecoder(
            code_length, ImageDecoder(3, size[0], 256, width), hidden=256
        )
        he_initialised(self.decoder)
        self.decoder.to(memory_format=torch.channels_last)  # convolutions on a CPU like it

    def render(
        self, z: Tensor, uv: Tensor, world_from_camera: Tensor, generator: torch.Generator | None
    ) -> Tensor:
        images = self.decoder(z[:, None], world_from_camera)
        planes = images.flatten(0, 1).movedim(-1, 1)
        where = 2 * uv.flatten(0, 1)[:, None] - 1  # grid_sample's coordinates
        colors = F.grid_sample(planes, where, padding_mode="border", align_corners=False)
        return colors[:, :, 0].movedim(1, -1).unflatten(0, uv.shape[:2])


# %% [markdown]
# **Training** is the same for all, too: take some cars, a photograph of each as context and another as target,
# and ask for some pixels of it. Most of a photograph is white paper, from which there is nothing to learn: six in
# ten pixels are drawn on the car or close to it (two pixels around it: its outline is where white matters).

# %%
near_car = F.max_pool2d(known.foreground().flatten(0, 1)[:, None].float(), 5, 1, 2)
near_car = near_car.reshape(*known.batch_shape, -1)
worth = 0.6 * near_car / near_car.sum(-1, keepdim=True) + 0.4 / near_car.shape[-1]  # sums to 1


def novel_views(
    model: SceneModel, objects: int, pixels: int | None, context: int = 1
) -> Callable[[torch.Generator], Tensor]:
    """The loss of one step: some cars, their photographs shown, a pixel sample of another (None: all of it)."""
    images, poses = known.images, known.world_from_camera
    count, views = known.batch_shape

    def loss(generator: torch.Generator) -> Tensor:
        draw = partial(torch.rand, generator=generator, device=device)
        car = torch.randint(count, (objects, 1), generator=generator, device=device)
        order = draw(objects, views).argsort(dim=1)
        shown = 1 + int(draw(1) * context)  # 1 … context photographs
        c, t = order[:, :shown], order[:, -1:]
        if pixels is None:
            chosen = torch.arange(worth.shape[-1], device=device).expand(objects, 1, -1)
        else:
            chosen = torch.multinomial(
                worth[car, t][:, 0], pixels, replacement=True, generator=generator
            )[:, None]
        return novel_view_loss(
            partial(model, generator=generator),
            images[car, c],
            poses[car, c],
            images[car, t],
            poses[car, t],
            chosen,
        )

    return loss


# %%
def pictures(model: SceneModel, z: Tensor, world_from_camera: Tensor, step: int = 1) -> Tensor:
    """What cameras `b t 4 4` see, `b t h w 3`: every pixel, or every `step`-th of every `step`-th row."""
    uv = pixel_centers(size)[::step, ::step].to(z)
    portion = 4096 if isinstance(model, ImageModel) else 512
    images = []
    with torch.no_grad():
        for b, t in np.ndindex(*world_from_camera.shape[:2]):
            pose = world_from_camera[b : b + 1, t : t + 1]
            rows = uv.reshape(1, 1, -1, 2).split(portion, dim=2)
            images.append(
                torch.cat([model.render(z[b : b + 1], row, pose, None) for row in rows], dim=2)
            )
    return torch.cat(images).reshape(*world_from_camera.shape[:2], *uv.shape[:2], 3)


def held_out_psnr(model: SceneModel, context: int = 1) -> float:
    """Mean PSNR of two further views of each unseen car, after `context` of its photographs."""
    poses = unseen.world_from_camera
    with torch.no_grad():
        z = model.encode(unseen.images[:, :context], poses[:, :context])
    truth = unseen.images[:, -2:, ::4, ::4]
    return psnr(pictures(model, z, poses[:, -2:], step=4), truth).mean().item()


spent: dict[str, float] = {}  # seconds of training


def train_model(
    name: str,
    model: SceneModel,
    steps: int,
    rate: float,
    objects: int = 16,
    pixels: int | None = 96,
) -> SceneModel:
    """Train on novel views of the known cars, watched on unseen ones."""
    model.to(device)
    config = FitConfig(
        steps,
        rate,
        final_rate=0.02,
        clip_gradient=1.0,
        seed=session.seed,
        evaluate_every=max(100, steps // 4),
    )
    history = fit(
        novel_views(model, objects, pixels),
        model.parameters(),
        config,
        evaluate=lambda: {"psnr": held_out_psnr(model)},
        checkpoint=f"cars-{name}",
        title=name,
    )
    spent[name] = history.trained_seconds
    return model


# %%
torch.manual_seed(session.seed)
models = {
    "2D baseline": train_model(
        "2D baseline", ImageModel(), budget(12, 2400, 20_000), 3e-3, pixels=None
    )
}

# %% [markdown]
# Two honest baselines beside it. The **mean image** knows nothing but how photographs of cars look on average.
# The **nearest neighbour** finds the known photograph that resembles the given one most, takes that car for ours,
# and returns its photograph by the camera that is turned most like the one asked for.


# %%
def turned_alike(a: Tensor, b: Tensor) -> Tensor:
    """How alike the orientations of cameras `n 4 4` and `m 4 4` are, `n m`: the larger the more."""
    return a[:, :3, :3].flatten(1) @ b[:, :3, :3].flatten(1).T


def nearest_car(world_from_camera: Tensor) -> Tensor:
    """For each unseen car and camera, the photograph of the known car that it resembles: `cars t h w 3`."""
    shown, candidates = unseen.images[:, 0].flatten(1), known.images.flatten(0, 1).flatten(1)
    car = torch.cdist(shown, candidates).argmin(1) // known.batch_shape[1]
    found = [
        known.images[c][turned_alike(poses, known.world_from_camera[c]).argmax(1)]
        for c, poses in zip(car, world_from_camera, strict=True)
    ]
    return torch.stack(found)


def mean_image(world_from_camera: Tensor) -> Tensor:
    """The mean of all known photographs, for every camera: `cars t h w 3`."""
    return known.images.mean((0, 1)).expand(*world_from_camera.shape[:2], -1, -1, -1)


def codes_of(model: SceneModel) -> Tensor:
    """What a model makes of one photograph of each unseen car."""
    with torch.no_grad():
        return model.encode(unseen.images[:, :1], unseen.world_from_camera[:, :1])


asked = unseen.world_from_camera[:, -1:]
painted = pictures(models["2D baseline"], codes_of(models["2D baseline"]), asked)
guesses = {
    "mean image": mean_image(asked),
    "nearest car": nearest_car(asked),
    "2D baseline": painted,
}


def show_guesses(guesses: dict[str, Tensor], cars: int = 4) -> viewers.Picture:
    """What was shown of some unseen cars, the guesses `cars 1 h w 3` at another view, and the truth."""
    truth = unseen.images[:, -1:]
    columns = [unseen.images[:, :1], *guesses.values(), truth]
    reached = {name: psnr(images, truth).mean() for name, images in guesses.items()}
    titles = ["shown", *(f"{name}\n{value:.1f} dB" for name, value in reached.items()), "truth"]
    return viewers.show_grid(torch.cat(columns, dim=1)[:cars].cpu(), None, titles)


show_guesses(guesses)

# %% [markdown]
# Not bad for two minutes: the car has the right size and points where it should, light cars come out light and dark
# ones dark, and it has never seen any of them. It *looks* as if the network knew what a car is. Hold that thought.

# %% [markdown]
# ## 4 · From images to scenes
# *90 minutes of reading and writing; smoke 9 s · cpu 3 minutes on two cores · gpu: not yet measured; an
# estimate from arithmetic and launches is 4 minutes on a T4 for sections 3 and 4 together*
#
# Now put a world between code and picture. The decoder no longer paints: it makes a *scene*, a field of density and
# colour as in notebook 2, and the picture is taken of it by a renderer that knows what a camera is. Only the scene is
# learned. Rays, perspective, occlusion are not: they are yours, from notebooks 1 and 2, and true for every camera.

# %%
viewers.show_framework(
    ["conditioning", "representation", "renderer"],
    notes={
        "conditioning": "five ways",
        "representation": "(σ, rgb) at a point",
        "renderer": "volume_render",
    },
)

# %% [markdown]
# How does a code become a scene? The lecture's answer is a menu, and you will cook all of it:
#
# 1. **a network per object**: the code is turned into all weights of a small MLP (a *hypernetwork*);
# 2. **one network for all**, which reads the code beside every point (*concatenation*);
# 3. **one network for all**, whose features the code scales and shifts (*FiLM*);
# 4. **a voxel grid**, unfolded from the code by transposed 3D convolutions;
# 5. **no code at all**: pixels of the photograph are *lifted* along their rays into a volume.

# %% [markdown]
# ### A network per object
#
# `nn.Linear` owns its weights. Here they are *arguments*: object $i$ of the batch comes with its own
# $W_\ell^{(i)}, b_\ell^{(i)}$, and all objects are evaluated at once,
#
# $$ h_1 = W_0^{(i)} x + b_0^{(i)}, \qquad
#    h_{\ell+1} = W_\ell^{(i)} \; \mathrm{relu}(\mathrm{norm}(h_\ell)) + b_\ell^{(i)} \quad (\ell \geq 1) . $$
#
# That is a batched matrix product and no loop over objects (`torch.baddbmm` does product and sum in one go).
# The layer normalisation is the one of scene representation networks: weights that another network writes may have
# any scale, and the norm takes it out again.


# %% exercise="functional_mlp" title="A network per object" points=6
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
    # BEGIN SOLUTION
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(
                f"functional_mlp: layer {layer} has W {tuple(W.shape)}, and reads {tuple(x.shape)}"
            )
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        x = torch.baddbmm(b[:, None], x, W.transpose(1, 2))
    return x
    # END SOLUTION


# %%
check("functional_mlp")

# %% [markdown]
# ### A network that writes networks
#
# Where do those weights come from? From the code, by another network (Ha et al. 2017). It is the most powerful kind
# of conditioning, for every object may get any function at all; and the largest, for its last layers have as many
# outputs as the small network has parameters.
#
# **How it starts decides whether it trains.** An ordinary head would write weights of an arbitrary scale. So let the
# head's *bias* be one well-initialised ordinary network, and its *weight* small: at first all objects share
# that network, and the code learns what makes each of them different.


# %% exercise="hypernetwork" title="A network that writes networks" points=8
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
        # BEGIN SOLUTION
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
        # END SOLUTION

    def forward(
        self, z: Float[Tensor, "b d"]
    ) -> list[tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]]:
        """W and b of every layer, a network for each code."""
        # BEGIN SOLUTION
        features = self.trunk(z)
        weights = []
        for (inputs, outputs), head in zip(self.sizes, self.heads, strict=True):
            W, b = head(features).split([inputs * outputs, outputs], dim=-1)
            weights.append((W.unflatten(-1, (outputs, inputs)), b))
        return weights
        # END SOLUTION


# %%
check("hypernetwork")

# %% [markdown]
# What does a fresh hypernetwork write? Below, each code becomes a network that maps a point of the plane to a
# colour. Codes near zero give nearly the same ordinary network; ten times larger ones drift apart.

# %%
torch.manual_seed(3)
plane = torch.cartesian_prod(torch.linspace(-3, 3, 64), torch.linspace(-3, 3, 64))
painter = HyperNetwork(8, [2, 32, 32, 3])
some_codes = torch.randn(4, 8)
with torch.no_grad():
    paintings = [
        torch.sigmoid(functional_mlp(painter(scale * some_codes), plane.expand(4, -1, -1)))
        for scale in (0.1, 1.0, 10.0)
    ]
viewers.show_grid(
    [painting.reshape(4, 64, 64, 3) for painting in paintings],
    ["codes × 0.1", "codes × 1", "codes × 10"],
    [f"code {i + 1}" for i in range(4)],
)

# %% [markdown]
# ### The code beside every point
#
# The opposite end of the menu: one ordinary network for all objects, whose input is the point *and* the code. Cheap
# in parameters, and used by DeepSDF (Park et al. 2019) and IM-NET (Chen and Zhang 2019).
#
# Look at its first layer: $W [x; z] + b = W_x x + (W_z z + b)$. The code moves the *bias* of the first layer, and
# nothing else: every point of an object feels the same shift. All the rest must be made of that.


# %% exercise="concat_condition" title="The code beside every point" points=4
def concat_condition(
    mlp: Callable[[Float[Tensor, "b n k"]], Float[Tensor, "b n out"]],
    z: Float[Tensor, "b d"],
    x: Float[Tensor, "b n c"],
) -> Float[Tensor, "b n out"]:
    """One network for all objects: `mlp` reads every point with its object's code after it, c + d numbers."""
    # BEGIN SOLUTION
    codes = z[:, None].expand(-1, x.shape[1], -1)
    return mlp(torch.cat([x, codes], dim=-1))
    # END SOLUTION


# %%
check("concat_condition")

# %% [markdown]
# ### Scale and shift
#
# Between the two: in *every* layer, let the code shift each feature by $\beta$ and scale it by $\gamma$,
#
# $$ \mathrm{FiLM}(x, z) = \gamma(z) \odot (W x + b) + \beta(z) $$
#
# (Perez et al. 2018). Two numbers per feature instead of a row of weights; a feature can be switched off,
# sharpened, turned around. pi-GAN conditions its field in this way (Chan et al. 2021), and occupancy networks do it
# within batch normalisation (Mescheder et al. 2019). Start at $\gamma = 1$ and $\beta = 0$.


# %% exercise="film_condition" title="Scale and shift" points=5
class FilmLayer(nn.Module):
    """A linear layer whose features a code scales and shifts: γ(z) · (W x + b) + β(z) (Perez et al. 2018).

    One more linear layer reads γ(z) − 1 and, after it, β(z) from the code. Weight and bias of this one start at 0:
    at first the code changes nothing, and the features are W x + b.
    """

    def __init__(self, in_features: int, out_features: int, code_length: int) -> None:
        super().__init__()
        # BEGIN SOLUTION
        self.linear = nn.Linear(in_features, out_features, bias=True)
        self.condition = nn.Linear(code_length, 2 * out_features)
        nn.init.zeros_(self.condition.weight)
        nn.init.zeros_(self.condition.bias)
        # END SOLUTION

    def forward(
        self, x: Float[Tensor, "b n in"], z: Float[Tensor, "b d"]
    ) -> Float[Tensor, "b n out"]:
        """The features of every point, as its object's code wants them."""
        # BEGIN SOLUTION
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * self.linear(x) + shift
        # END SOLUTION


# %%
check("film_condition")

# %% [markdown]
# ### A code becomes a volume
#
# Decoders of images enlarge a small picture step by step. Nothing stops you from doing the same with one more
# dimension. A *transposed* convolution lets every node of a small grid write a patch of $4 \times 4 \times 4$
# nodes into the larger grid; with stride 2 the patches overlap by half. From sides of $n$ it makes
# $(n - 1) \cdot 2 - 2 \cdot 1 + 4 = 2n$.
#
# The grid costs $n^3$, but it is unfolded *once* per object; then every point is a look-up with your `voxel_field`.


# %% exercise="voxel_decoder" title="A code becomes a volume" points=8
class VoxelDecoder(nn.Module):
    """A code becomes a grid of 32³ nodes, by transposed 3D convolutions with biases (Wu et al. 2016).

    The code is a grid of a single node. Kernel 4 makes 4³ of it; then three times kernel 4, stride 2, padding 1:
    8³, 16³, 32³. The steps have 4·`width`, 2·`width`, `width` and `channels` channels, with ReLU between them and
    nothing after the last.
    """

    def __init__(self, code_length: int, channels: int, width: int = 16) -> None:
        super().__init__()
        # BEGIN SOLUTION
        layers: list[nn.Module] = [nn.ConvTranspose3d(code_length, 4 * width, 4)]
        for a, b in pairwise([4 * width, 2 * width, width, channels]):
            layers += [nn.ReLU(), nn.ConvTranspose3d(a, b, 4, stride=2, padding=1)]
        self.layers = nn.Sequential(*layers)
        # END SOLUTION

    def forward(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b c 32 32 32"]:
        """The grids, indexed x, y, z."""
        # BEGIN SOLUTION
        return self.layers(z[..., None, None, None])
        # END SOLUTION


# %%
check("voxel_decoder")

# %% [markdown]
# ### Lift pixels into space
#
# All of the above go through a code, and a code of 128 numbers forgets. But the photograph is *there*: why squeeze it?
# A pixel says something about every point of its ray. So go the other way: for every node of a grid in the world,
# **project** the node into the photograph and read the features there,
#
# $$ V(x) = \frac{1}{|S(x)|} \sum_{i \in S(x)} F_i\big(\pi_i(x)\big), \qquad S(x) = \text{views that see } x . $$
#
# Nothing is learned in this step; it is the camera of notebook 1, read backwards. What the network learns is
# which features to offer, and what to make of the volume (Kar et al. 2017; DeepVoxels, Sitzmann et al. 2019;
# pixelNeRF reads them at the points of the rays instead of at nodes, Yu et al. 2021).


# %% exercise="unproject_features" title="Lift pixels into space" points=10
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
    # BEGIN SOLUTION
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
    # END SOLUTION


# %%
check("unproject_features")

# %% [markdown]
# Without any learning this already sculpts. Lift colours and silhouettes of a car; keep the nodes that are inside *all*
# silhouettes (the *visual hull*, Laurentini 1994), paint them with the mean of what the views show there, and take a
# picture from a camera that was not used.

# %%
sculpted = posed_views("cars", 1, 41, (64, 64), seed=3)[0]
silhouettes = (sculpted.labels > 0).float()[..., None]
offered = torch.cat([sculpted.images, silhouettes], dim=-1).movedim(-1, 1)[None]
axis = torch.linspace(-0.5, 0.5, 72)
nodes = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1)
uv = pixel_centers((64, 64))
o, d = world_rays(uv, sculpted.K[40], sculpted.world_from_camera[40])
hulls = {}
for views in (2, 4, 10, 40):
    K, poses = sculpted.K[None, :views], sculpted.world_from_camera[None, :views]
    volume = unproject_features(offered[:, :views], K, poses, nodes)[0][0]

    def hull(points: Tensor, volume: Tensor = volume) -> tuple[Tensor, Tensor]:
        values = voxel_field(volume, points / 0.5)
        kept = (values[..., 3] > 0.95) & (points.abs() < 0.5).all(-1)
        return 500.0 * kept, values[..., :3]

    hulls[f"{views} views"] = volume_render(hull, o, d, torch.tensor(0.7), torch.tensor(1.7), 128)[
        0
    ]
viewers.show_images([*hulls.values(), sculpted.images[40]], [*hulls, "the photograph"], columns=5)

# %% [markdown]
# **From a scene to a picture.** All cars lie in the ball of radius ½ around the origin, as in notebook 2, so that
# is where rays are sampled. A ray that misses the ball gets an interval of next to no length, in which there is
# next to nothing.


# %%
def rays_in_ball(
    uv: Float[Tensor, "b t p 2"],
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "b t 4 4"],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Origins, directions, and the distances at which each ray enters and leaves the ball of radius 1/2."""
    origins, directions = world_rays(uv, K, world_from_camera[:, :, None])
    closest = -(origins * directions).sum(-1)  # distance to the point nearest to the centre
    half_squared = 0.25 - origins.square().sum(-1) + closest.square()
    half = half_squared.clamp_min(1e-6).sqrt()
    return origins, directions, closest - half, closest + half


class FieldModel(SceneModel):
    """z describes a scene; a picture is taken of it by notebook 2's renderer. Models differ in `values`."""

    def values(self, z: Tensor, points: Float[Tensor, "b n 3"]) -> Float[Tensor, "b n 4"]:
        """What becomes density and colour, at some points of each object's cube [−1, 1]³."""
        raise NotImplementedError("each kind of field says what is where")

    def render(
        self, z: Tensor, uv: Tensor, world_from_camera: Tensor, generator: torch.Generator | None
    ) -> Tensor:
        def field(points: Tensor) -> tuple[Tensor, Tensor]:
            values = self.values(z, points.flatten(1, -2) / 0.5).reshape(*points.shape[:-1], 4)
            return 25 * F.softplus(values[..., 0] - 1), torch.sigmoid(values[..., 1:])

        count, jitter = 40, None
        if generator is not None:
            count = 24
            jitter = torch.rand(*uv.shape[:-1], count, generator=generator, device=uv.device)
        rays = rays_in_ball(uv, self.K, world_from_camera)
        return volume_render(field, *rays, count, jitter)[0]


# %% [markdown]
# **Three networks of points.** All read a point with its positional encoding. They differ in how the code gets in.

# %%
octaves, inputs = 4, 3 + 2 * 3 * 4


def encoded(points: Tensor) -> Tensor:
    """Points in [−1, 1]³ and their positional encoding, `inputs` numbers."""
    return torch.cat([points, positional_encoding(points / 2, octaves)], dim=-1)


class HyperModel(FieldModel):
    """The code becomes all weights of a network of its own."""

    def __init__(self, code_length: int = 128, width: int = 64) -> None:
        super().__init__(code_length)
        self.hyper = HyperNetwork(code_length, [inputs, width, width, width, 4])

    def values(self, z: Tensor, points: Tensor) -> Tensor:
        return functional_mlp(self.hyper(z), encoded(points))


class ConcatModel(FieldModel):
    """One network reads the code beside every point."""

    def __init__(self, code_length: int = 128, width: int = 64) -> None:
        super().__init__(code_length)
        layers: list[nn.Module] = []
        for a, b in pairwise([inputs + code_length, width, width, width]):
            norm = nn.LayerNorm(b, elementwise_affine=False)
            layers += [nn.Linear(a, b), norm, nn.ReLU()]
        self.mlp = nn.Sequential(*layers, nn.Linear(width, 4))

    def values(self, z: Tensor, points: Tensor) -> Tensor:
        return concat_condition(self.mlp, z, encoded(points))


class FilmModel(FieldModel):
    """The code scales and shifts the features of one network."""

    def __init__(self, code_length: int = 128, width: int = 64) -> None:
        super().__init__(code_length)
        sizes = pairwise([inputs, width, width, width])
        self.layers = nn.ModuleList(FilmLayer(a, b, code_length) for a, b in sizes)
        self.last = nn.Linear(width, 4)

    def values(self, z: Tensor, points: Tensor) -> Tensor:
        x = encoded(points)
        for layer in self.layers:
            x = F.relu(layer(x, z))
        return self.last(x)


# %% [markdown]
# **Two grids.** One is unfolded from the code, the other is lifted from the photograph. `torch.vmap` turns notebook 2's
# `voxel_field`, which reads one grid, into a function that reads a batch of them.


# %%
class VoxelModel(FieldModel):
    """The code becomes a grid of 32³ nodes."""

    def __init__(self, code_length: int = 128) -> None:
        super().__init__(code_length)
        self.decoder = VoxelDecoder(code_length, 4)

    def values(self, z: Tensor, points: Tensor) -> Tensor:
        return torch.vmap(voxel_field)(self.decoder(z), points)


class LiftedModel(FieldModel):
    """No code: features of the photographs are lifted into a volume, and 3D convolutions complete it.

    They halve the grid three times and enlarge it again, so that every node can learn of every other; on the way up,
    each size also gets what it was on the way down (a U-Net, Ronneberger et al. 2015).
    """

    def __init__(self, channels: int = 16, width: int = 16) -> None:
        super().__init__()
        self.encoder = nn.Sequential(  # of features, one for every second pixel
            nn.Conv2d(3, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, channels, 3, padding=1),
        )
        sizes = [channels + 4, width, 2 * width, 4 * width]
        self.down = nn.ModuleList(nn.Conv3d(a, b, 4, 2, 1) for a, b in pairwise(sizes))
        sizes = [4 * width, 2 * width, width, 4]
        self.up = nn.ModuleList(nn.ConvTranspose3d(a, b, 4, 2, 1) for a, b in pairwise(sizes))
        axes = [torch.linspace(-0.5, 0.5, 32)] * 3
        self.register_buffer("nodes", torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1))

    def encode(self, images: Tensor, world_from_camera: Tensor) -> Tensor:
        """z is the volume that is rendered, `b 4 32 32 32`."""
        features = self.encoder(images.flatten(0, 1).movedim(-1, 1)).unflatten(0, images.shape[:2])
        K = self.K.expand(*images.shape[:2], 3, 3)
        volume, count = unproject_features(features, K, world_from_camera, self.nodes)
        where = self.nodes.movedim(-1, 0).expand(
            len(images), -1, -1, -1, -1
        )  # a car's nose is at +x
        x, passed = torch.cat([volume, (count > 0)[:, None], where], dim=1), []
        for layer in self.down:
            x = F.relu(layer(x))
            passed.append(x)
        x = self.up[0](x)
        for layer, before in zip(self.up[1:], passed[-2::-1], strict=True):
            x = layer(F.relu(x) + before)
        return x

    def values(self, z: Tensor, points: Tensor) -> Tensor:
        return torch.vmap(voxel_field)(z, points)


# %% [markdown]
# Now train them all, with the same loss on the same photographs. In cpu mode they get a fifth to two fifths of the
# painter's time: enough for the networks to be level with it on cameras like those of training, and for the grids to
# come within a decibel and a half. What counts comes after.

# %%
torch.manual_seed(session.seed)
models["hypernetwork"] = train_model("hypernetwork", HyperModel(), budget(6, 280, 8000), 2e-3)

# %%
models["concatenation"] = train_model("concatenation", ConcatModel(), budget(6, 320, 8000), 1e-3)

# %%
models["FiLM"] = train_model("FiLM", FilmModel(), budget(6, 340, 8000), 2e-3)

# %%
models["voxels"] = train_model("voxels", VoxelModel(), budget(6, 340, 8000), 5e-3)

# %%
models["lifted"] = train_model("lifted", LiftedModel(), budget(6, 300, 8000), 2e-3, objects=8)

# %% [markdown]
# The same four cars as above, from the same cameras.

# %%
codes = {name: codes_of(model) for name, model in models.items()}
show_guesses({name: pictures(model, codes[name], asked) for name, model in models.items()})

# %% [markdown]
# Be honest: on these cameras, who would bet on three dimensions? The painter is as good as any of them.

# %% [markdown]
# ## 5 · The test that matters
# *30 minutes; smoke 12 s · cpu ½ minute on two cores · gpu: not yet measured*
#
# Inside the training distribution everybody looks fine. So leave it: raise the camera until it looks down from above,
# roll it, move it closer. A person would not be puzzled for a second; cameras do not change cars.
#
# To draw a curve you need an axis. **How far is a camera from home?** One natural measure is the angle of the smallest
# rotation that takes a training camera's orientation to this one. Between two rotation matrices,
#
# $$ \cos\theta = \tfrac{1}{2}\big(\mathrm{tr}(R_a^\top R_b) - 1\big), \qquad
#    \lVert R_a - R_b \rVert_F = \sqrt{8}\, \sin\tfrac{\theta}{2} . $$
#
# Both are the same statement, but not the same arithmetic: near $\theta = 0$ the cosine is flat, and a rounding
# error of $10^{-7}$ becomes a fortieth of a degree or a NaN.


# %% exercise="camera_test" title="How far from home?" points=7
def angle_to_nearest(
    world_from_camera: Float[Tensor, "n 4 4"], training: Float[Tensor, "m 4 4"]
) -> Float[Tensor, "n"]:
    """Degrees by which each camera is turned against the training camera that is turned most like it.

    The angle between two orientations is that of the rotation which takes one to the other, 0 to 180; positions do
    not count. A training camera itself gives 0 (to a hundredth of a degree), never NaN.
    """
    # BEGIN SOLUTION
    R, other = world_from_camera[:, None, :3, :3], training[None, :, :3, :3]
    chord = (R - other).square().sum((-2, -1)).amin(1).sqrt()  # √8 sin(angle / 2)
    return torch.rad2deg(2 * torch.asin((chord / math.sqrt(8)).clamp_max(1)))
    # END SOLUTION


def mean_in_bins(
    values: Float[Tensor, "n"], positions: Float[Tensor, "n"], edges: Float[Tensor, "k+1"]
) -> Float[Tensor, "k"]:
    """The mean of the values in each bin edges[i] ≤ position < edges[i + 1]; the last bin includes its upper edge.

    Bins without a value give NaN; positions outside all bins do not count. An infinite value, such as the PSNR of
    equal images, stays in its own bin.
    """
    # BEGIN SOLUTION
    low, high = edges[:-1, None], edges[1:, None]
    inside = (positions >= low) & (positions < high)
    inside[-1] |= positions == edges[-1]
    return torch.where(inside, values, 0.0).sum(1) / inside.sum(1)
    # END SOLUTION


# %%
check("camera_test")

# %% [markdown]
# **Leaving home, in three directions.** The same unseen cars, each shown in one photograph; cameras around them
# that go up (elevation), turn about their own axis (roll), and come close or draw back (distance). One of three
# changes at a time, the others stay inside.


# %%
def rolled(world_from_camera: Tensor, degrees: float) -> Tensor:
    """Cameras turned about their optical axes."""
    axis = torch.tensor([0.0, 0.0, math.radians(degrees)])
    turn = torch.eye(4)
    turn[:3, :3] = rotation_from_axis_angle(axis)
    return world_from_camera @ turn


def cameras(elevation: float = 25, roll: float = 0, radius: float = 1.2) -> Tensor:
    """A camera for each unseen car, `cars 1 4 4`: evenly spread around them, the other settings as told."""
    azimuth = np.linspace(0, 360, len(unseen), endpoint=False) + elevation + roll
    return rolled(orbit_poses(azimuth, np.array(elevation), radius), roll)[:, None].to(device)


journeys = {
    "elevation": [0, 10, 25, 40, 50, 60, 70, 80],
    "roll": [0, 15, 30, 45, 60, 90, 135, 180],
    "radius": [0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.45, 1.6],
}
home = {"elevation": (10, 40), "roll": (0, 0), "radius": (1.2, 1.2)}


def travel(journey: str) -> tuple[Tensor, PosedViews]:
    """Cameras along one journey, `cars k 4 4`, and what they really see."""
    poses = torch.cat([cameras(**{journey: value}) for value in journeys[journey]], dim=1)
    scenes = [make_scene(cars, 0, 100_000 + i) for i in range(len(unseen))]
    return poses, photograph(scenes, known.K[0, 0], poses, size, geometry=False, device=device)


def scores(name: str, poses: Tensor, truth: Tensor) -> Float[Tensor, "cars k"]:
    """PSNR of each car from each camera, after one photograph of it, judged at some pixels of some rows."""
    step = budget(6, 3, 2)
    images = pictures(models[name], codes[name], poses, step)
    return psnr(images, truth[..., ::step, ::step, :])


# %%
poses, truth = zip(*map(travel, journeys), strict=True)
measured = {
    name: [scores(name, p, t.images) for p, t in zip(poses, truth, strict=True)] for name in models
}

# %% [markdown]
# Every curve below is the mean over these cars; the strip shows one of them. First **up**: training ends at 40°.


# %%
def show_journey(which: int, label: str, car: int = 3) -> viewers.Picture:
    """PSNR along a journey, and what the truth and three of the models look like on the way."""
    axis = list(journeys)[which]
    shown = ("2D baseline", "hypernetwork", "lifted")
    strips = {
        name: pictures(models[name], codes[name][car : car + 1], poses[which][car : car + 1])[0]
        for name in shown
    }
    return viewers.show_out_of_distribution(
        {name: (journeys[axis], m[which].mean(0).cpu()) for name, m in measured.items()},
        home[axis],
        {name: images.cpu() for name, images in strips.items()},
        truth[which].images[car].cpu(),
        label=label,
    )


show_journey(0, "elevation of the camera in degrees")

# %% [markdown]
# Then a **roll**, as when you tilt your head.

# %%
show_journey(1, "roll of the camera in degrees")

# %% [markdown]
# And **closer or farther**. Here every curve has a slope of its own, for the smaller the car, the more of the
# picture is white paper, which everybody gets right: compare the models at one distance, not one model along its
# curve.

# %%
show_journey(2, "distance from the camera to the car")

# %% [markdown]
# **One axis for all turns.** Elevation and roll are both rotations, so your `angle_to_nearest` measures them alike. No
# camera of ours is farther than 115° from home, not even when it is rolled by 180°. Which training camera is so near?

# %%
turned = torch.cat(poses[:2], dim=1)
angle = angle_to_nearest(turned.flatten(0, 1), known.world_from_camera.flatten(0, 1))
edges = torch.tensor([0.0, 5, 15, 25, 35, 45, 60, 90, 120], device=device)
middles = (edges[1:] + edges[:-1]) / 2
curves = {}
for name, m in measured.items():
    turns = torch.cat(m[:2], dim=1).flatten()
    curves[name] = (middles.cpu(), mean_in_bins(turns, angle, edges).cpu())
viewers.show_out_of_distribution(curves, (0, 5), label="degrees to the nearest training camera")

# %%
inside = {
    axis: torch.tensor([home[axis][0] <= v <= home[axis][1] for v in values])
    for axis, values in journeys.items()
}
guessed = {
    name: [psnr(guess(p), t.images) for p, t in zip(poses, truth, strict=True)]
    for name, guess in (("mean image", mean_image), ("nearest car", nearest_car))
}
reached = {}
for name, m in (guessed | measured).items():
    at_home = torch.cat([s[:, inside[a]] for a, s in zip(journeys, m, strict=True)], dim=1)
    away = {axis: s[:, ~inside[axis]] for axis, s in zip(journeys, m, strict=True)}
    everywhere = torch.cat(list(away.values()), dim=1)
    found = {"inside": at_home, **away, "outside": everywhere}
    reached[name] = {where: value.mean().item() for where, value in found.items()}
lines = [
    "| PSNR in dB | inside | other elevations | rolled | other distances | all outside | trained for |",
    "|---|---|---|---|---|---|---|",
]
for name, row in reached.items():
    seconds = f"{spent[name]:.0f} s" if name in spent else ""
    lines.append(f"| {name} | " + " | ".join(f"{v:.1f}" for v in row.values()) + f" | {seconds} |")
display(Markdown("\n".join(lines)))


# %% [markdown]
# There it is. The painter knew the pictures, not the cars: raise the camera by twenty degrees or roll it by
# thirty, and it answers with something from its album. The models with a scene do not even notice a roll, for
# *nothing in them ever learned what up is*. And whoever compared the models at home only, in one table with one
# number each, would have seen none of this.
#
# **Swap.** A code is the car, a pose is the camera. So take the codes of four cars to four cameras, two of which no
# training view resembles. Rows should be one car, columns one camera.

# %%
chosen = codes_of(models["hypernetwork"])[:4]
four = torch.cat([cameras(20), cameras(35), cameras(80), cameras(25, roll=120)], dim=1)[:1].expand(
    4, -1, -1, -1
)
viewers.show_grid(
    pictures(models["hypernetwork"], chosen, four).cpu(),
    [f"code {i + 1}" for i in range(4)],
    ["20° up", "35° up", "80° up", "rolled by 120°"],
)

# %% [markdown]
# **In between.** Codes are points; what lies between two of them?

# %%
share = torch.linspace(0, 1, 7, device=device)[:, None]
between = torch.lerp(chosen[:1], chosen[2:3], share)
one_camera = cameras(25)[3:4].expand(7, -1, -1, -1)
viewers.show_strip(
    pictures(models["hypernetwork"], between, one_camera)[:, 0].cpu(),
    [f"{100 * s:.0f} %" for s in share[:, 0].tolist()],
)

# %% [markdown]
# **More photographs of the same car.** Your `encode_set` takes any number. The models were trained with one
# photograph each time; what do two and four do?

# %%
lines = ["| model | 1 photograph | 2 | 4 |", "|---|---|---|---|"]
for name, model in models.items():
    several_views = [held_out_psnr(model, count) for count in (1, 2, 4)]
    lines.append(f"| {name} | " + " | ".join(f"{value:.1f}" for value in several_views) + " |")
display(Markdown("\n".join(lines)))

# %% [markdown]
# Hardly anything. The mean of codes makes the guess steadier, no more: an encoder that was trained to be content with one
# photograph does not know what to do with the doubts that a second one would settle. (To train with one to three,
# `novel_views(…, context=3)`, helps less than you would think. What would an encoder have to pass on, beside its best
# guess, so that two of them could be combined well?)
#
# **Walk around a car that you have seen once.** Drag.


# %%
def seen_once(world_from_camera: Tensor, resolution: tuple[int, int], samples: int) -> dict:
    """The first unseen car by its hypernetwork code."""
    del samples  # the model has its own number
    pose = world_from_camera[None, None].to(device)
    uv = pixel_centers(resolution).reshape(1, 1, -1, 2).to(device)
    with torch.no_grad():
        rgb = models["hypernetwork"].render(chosen[:1], uv, pose, None)
    return {"rgb": rgb.reshape(*resolution, 3)}


viewers.OrbitViewer(seen_once, look_at, resolution=(64, 64), distance=1.2)

# %% [markdown] written="no_geometry" title="Twelve numbers are not a camera" points=2
# **Question 2.** The 2D baseline was told the pose of every camera, all twelve numbers of it, and so were the
# scene models. Yet a rolled camera ruins the first and leaves the others alone. Where, in each of them, do the twelve
# numbers enter, and what would the baseline have to see in training to learn what the others need not learn at all?
#
# BEGIN SOLUTION
# In the baseline the pose is an input of a learned function: the network only knows how to react to values like those
# that it was trained on, and a roll gives values that it has never seen. Pictures of rolled cameras would have to be
# among its training views, for every elevation and roll that is asked for later. In the scene models the pose enters
# through `world_rays` and the renderer, which hold for every rigid motion by construction; what is learned is a
# field over the world's points, and those are the same points whichever camera looks at them.
# END SOLUTION

# %% [markdown]
# ## 6 · Your turn
# *60 minutes; the cells as they stand take a second, your improvements what you give them*
#
# Twelve cars that nobody has seen. Of each you get one photograph, and four cameras: two like those of section 3, one
# from above, one that is rolled or close. Predict what they see. Train on as many cars as you like: `posed_views` makes
# them by the hundred. The bands:

# %%
show_bands("one_photograph")

# %%
task = load_task("one_photograph")
print(task)
viewers.show_strip(task.train.images[:, 0])

# %% [markdown]
# The cell below hands in what the 2D baseline makes of them. It is complete, and it earns what a painter earns. To
# earn the rest, change the model. Some ideas:
#
# - *A scene instead of a picture*: you have trained five of them.
# - *More cars, more views, more steps*: 300 cars are not many. The curve of section 3 is still rising when it ends.
# - *Cameras*: nobody says that you must train at 10° to 40°, upright, from 1.2. `CameraRange` and `photographs`
#   are yours.
# - *Sharper scenes*: a wider hypernetwork, more samples on a ray, more pixels per step.
# - *Several tries*: the mean of the pictures of two models is often better than either. (Why, in PSNR?)
#
# Judge by `unseen` cars, not by the training loss. One thing is out of bounds: these cars come from the generator that you
# have on your machine, and searching it for the car in the photograph is not learning. A model must have made the pictures.

# %%
my_model = models["2D baseline"]

# %% trained="one_photograph" title="A car from one photograph" points=6
with torch.no_grad():
    z = my_model.encode(task.train.images.to(device), task.train.world_from_camera.to(device))
predictions = pictures(my_model, z, task.world_from_camera.to(device))
export_predictions("one_photograph", predictions)  # leaderboard_name="…" if you like to be seen

# %%
check("one_photograph")

# %%
some = slice(0, 4)
viewers.show_grid(
    torch.cat([task.train.images[some], predictions[some].cpu()], dim=1),
    [f"car {i + 1}" for i in range(4)],
    ["shown", "from about there", "and there", "from above", "rolled or close"],
)

# %% [markdown]
# ## What you have now
#
# A code is a position among things that are alike. What it can *mean* is decided by what comes after it: a painter
# learns pictures, and a scene with a renderer learns scenes, because everything that a camera does has been taken off
# its shoulders. That is the whole idea of 3D-structured representations; the rest of the course varies the boxes.
#
# Three things to take along. *Put in what you know*: whatever is true for every camera should not be learned from a
# few. *Test where you did not train*: inside the distribution the painter is as good as anybody. *A code is a mean*:
# an encoder must say something after one glance, and what it cannot see it fills with the average car. Could you not
# take the time to *search* for the code that explains a photograph best? The next notebook does, throws the encoder
# away, and gets sharper.
#
# **Further reading.** Pearson, "On lines and planes of closest fit", 1901. · Hinton & Salakhutdinov, "Reducing the
# dimensionality of data with neural networks", Science 2006. · Wang et al., "Image quality assessment", TIP 2004. ·
# Tatarchenko et al., "Multi-view 3D models from single images with a convolutional network", ECCV 2016. · Ha et al.,
# "HyperNetworks", ICLR 2017. · Zaheer et al., "Deep sets", NeurIPS 2017. · Eslami et al., "Neural scene
# representation and rendering", Science 2018. · Garnelo et al., "Conditional neural processes", ICML 2018. · Perez et
# al., "FiLM", AAAI 2018. · Park et al., "DeepSDF", CVPR 2019. · Mescheder et al., "Occupancy networks", CVPR 2019. ·
# Chan et al., "pi-GAN", CVPR 2021. · Wu et al., "Learning a probabilistic latent space of object shapes via 3D
# generative-adversarial modeling", NeurIPS 2016. · Kar et al., "Learning a multi-view stereo machine", NeurIPS 2017.
# · Sitzmann et al., "DeepVoxels", CVPR 2019. · Sitzmann et al., "Scene representation networks", NeurIPS 2019. · Yu
# et al., "pixelNeRF", CVPR 2021. · Laurentini, "The visual hull concept for silhouette-based image understanding",
# PAMI 1994.

# %% [markdown]
# ## Hand in
#
# Save the notebook first (Ctrl+S), then run this cell. It tells you what is still missing and packs a zip
# with the notebook and your predictions; on Colab the zip is downloaded. Hand that file in as it is.

# %%
archive = submit("your-id")
