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
# # 4 · Auto-decoding
#
# Show somebody a photograph of an object that they have never seen, and ask them to draw its other side. They can,
# more or less, and nobody ever gave them a three-dimensional model of anything: all that they have had are pictures,
# taken from one place at a time. Could a network learn that? From photographs and cameras alone, without depth,
# without shapes, without being told what is in front of what?
#
# In 2019 *scene representation networks* (SRN; Sitzmann, Zollhöfer and Wetzstein, NeurIPS 2019) did, with three ideas
# that the field has used ever since. A scene is **a function** from a point to what is there. A picture of it is made
# by **a renderer that can be differentiated**, and that itself learns how to find the surface. And a new object is
# not encoded: one **searches** for the code whose pictures look like the photograph. There is no encoder anywhere.
# That is called *auto-decoding*, and it is where the last notebook's question leads.
#
# You will write all of it: the table of codes, the network that writes networks, the marcher, the generator, the loss
# and the search. Then you will take it to where it was not trained, and look at what nobody told it: depth.
#
# | section | you write | you see | reading and writing |
# |---|---|---|---|
# | 1 · No encoder | a table of codes | what a search finds that a glance does not | 20 min |
# | 2 · A scene is a function | a network that writes one layer, features at a point | a scene before anybody taught it | 35 min |
# | 3 · A renderer that learns to walk | points on rays, a marcher, Algorithm 1, a generator | rays on their way | 75 min |
# | 4 · From photographs | the loss, where to look, any resolution | objects from every side | 45 min |
# | 5 · Objects never seen | the search, steps between codes, normals | one photograph, two, four; depth that nobody gave | 60 min |
# | 6 · What the features know | names from a few labels | a segmentation; faces; a room | 40 min |
# | 7 · Beside the others | | who else could do this, and how well | 20 min |
# | 8 · Your turn | your own model | a score for objects that you have not seen | 60 min |
#
# In cpu mode, all cells together take five minutes on two cores.
#
# Every exercise has a cell that you complete and a cell `check("…")`. The same checks, on numbers you have
# not seen, grade your submission: 90 points for code, 6 for your predictions in section 8, and 4 for two
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

# %%
import time
from dataclasses import replace

import numpy as np
from IPython.display import Markdown, display

from autograder import check, export_predictions, show_bands, submit
from course_lib import viewers
from course_lib.data import fingerprint, load_task
from course_lib.models import BaselineTraining, PoseConditioned, train_baseline
from course_lib.scenes import (
    Scene,
    find_category,
    intrinsics,
    make_scene,
    orbit_poses,
    photograph,
    posed_views,
)
from course_lib.scenes.faces import CODE, make_face, split_code
from course_lib.scenes.faces_code import EXPRESSIONS, Expression, Identity
from course_lib.setup import setup
from course_lib.solved.auto_encoding import ImageEncoder, camera_numbers, pca_codes, psnr
from course_lib.solved.camera_geometry import look_at
from course_lib.training import FitConfig, fit, load_pretrained

session = setup()
device = session.device


def budget(smoke: int, cpu: int, gpu: int) -> int:
    """Steps of a training cell in this session's mode."""
    return {"smoke": smoke, "cpu": cpu, "gpu": gpu}[session.mode]


# %% [markdown]
# ### Conventions
#
# As before: camera axes are OpenCV's, the world's $z$ points up, names read `target_from_source`, intrinsics `K` are
# normalised to $uv \in [0, 1]^2$, **depth** is $z$ along the optical axis, never the length along a ray. `b` counts
# objects, `p` pixels or rays, `n` points, `d` the numbers of a code, `f` features. New today:
#
# - **Colours in $[-1, 1]$.** SRN works on colours $2 \cdot \text{image} - 1$; white is $1$. Images that we show or
#   score are in $[0, 1]$, as ever.
# - $\Phi$ is the scene, a function from a world point to features; $z_i$ is the code of object $i$.

# %% [markdown]
# ## 1 · No encoder
# *20 minutes*
#
# An encoder must say after one glance which object this is. It is a network like any other: what it has not practised
# it does badly, be it two photographs instead of one or a camera that leans. And it is not needed. All that we want
# of a code is that the decoder makes of it what was photographed. So treat the code of each training object as what
# it is, unknown numbers, and *learn* them together with the decoder's weights $\theta$:
#
# $$ \min_{\theta, \; z_1, \ldots, z_N} \;\; \sum_{i=1}^{N} \sum_{j} \;
#    \big\| \text{render}(\theta, z_i, \text{camera}_j) - \text{photograph}_{ij} \big\|^2 + \lambda \, \|z_i\|^2 . $$
#
# The codes are rows of a table. A new object, which has no row, gets its code by the same minimisation with $\theta$
# held fast: that is section 5. (Bojanowski et al. 2018 made images of such tables, Park et al. 2019, *DeepSDF*,
# shapes; it was they who called it an auto-decoder.)

# %%
viewers.show_framework(["codes"], notes={"encoder": "none: a table"})

# %% [markdown]
# ### A table instead of an encoder
#
# The codes start close together, $z_i \sim \mathcal{N}(0, 0.01^2)$: as long as nothing is known of them, all objects
# should be the same object, whose shape is then what all have in common. Far apart from the start, each would find an
# explanation of its own, and between them would be nothing.
#
# A step of training sees a few objects only. The gradient of the others' codes is zero then, and indexing a tensor
# gives just that.


# %% exercise="latent_table" title="A table instead of an encoder" points=5
class LatentTable(nn.Module):
    """A code for each object, learned like a weight (Park et al. 2019, section 4; Sitzmann et al. 2019, section 3.3).

    One parameter, `count code_length`, holds all codes; each of its numbers starts as a draw from N(0, spread²).
    """

    def __init__(self, count: int, code_length: int, spread: float = 0.01) -> None:
        super().__init__()
        # BEGIN SOLUTION
        self.codes = nn.Parameter(spread * torch.randn(count, code_length))
        # END SOLUTION

    def forward(self, objects: Int[Tensor, "*b"]) -> Float[Tensor, "*b d"]:
        """The codes of the objects with these numbers, counted from 0; the gradient reaches these rows only.

        Raises:
            IndexError: there is no such object. The message names the first number that does not fit, and how
                many objects there are. A negative number is no object either.
        """
        # BEGIN SOLUTION
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            first = objects[unknown].flatten()[0].item()
            raise IndexError(f"latent_table: no object {first}, there are {len(self.codes)}")
        return self.codes[objects]
        # END SOLUTION


# %%
check("latent_table")

# %% [markdown]
# **Table against encoder, in a case that one can see.** Take a decoder that is known, so that only the codes differ.
# Here it turns two numbers into a picture: a disc at the place $(z_1, z_2)$. For the table, finding a code means a
# search; start it where the disc and the picture do not overlap at all, and where they do.

# %%
grid = pixel_centers((48, 48))


def disc(z: Tensor) -> Tensor:
    """A soft disc at z, `*b 2`, in an image `*b h w`."""
    return torch.sigmoid(25 * (0.18 - (grid - z[..., None, None, :]).norm(dim=-1)))


wanted = disc(torch.tensor([0.7, 0.65]))
paths = {}
for name, start in (("from nearby", [0.45, 0.5]), ("from far away", [0.12, 0.15])):
    z = torch.tensor(start, requires_grad=True)
    optimizer, paths[name] = torch.optim.Adam([z], 0.02), []
    for _ in range(60):
        paths[name].append(z.detach().clone())
        optimizer.zero_grad()
        (disc(z) - wanted).square().mean().backward()
        optimizer.step()
    print(f"{name}: {start} → {[round(value, 3) for value in z.tolist()]}, wanted [0.7, 0.65]")
viewers.show_grid(
    [
        torch.stack([0.5 * disc(path[i]) + 0.5 * wanted for i in (0, 5, 15, 30, 59)])
        for path in paths.values()
    ],
    list(paths),
    ["start", "5 steps", "15", "30", "59"],
)

# %% [markdown]
# A search sees only what changes when the code changes a little. That is the price of having no encoder, and the
# reason for starting it in the middle of all codes, where everything is a little bit everything.

# %% [markdown]
# ## 2 · A scene is a function
# *35 minutes*
#
# Voxels store a scene, and most of what they store is air. SRN *computes* it. Its scene is a network
#
# $$ \Phi: \; \mathbb{R}^3 \to \mathbb{R}^f, \qquad x \mapsto v , $$
#
# that answers for any point with features $v$: what is here, how far is it to the nearest surface, of what colour.
# Nobody says what the features mean. The renderer in section 3 reads them, and training gives them a meaning.
#
# One network per object, then, and none of them is ever stored: another network, the **hypernetwork**, writes the
# weights of $\Phi$ from the code. You built one in notebook 3, with one trunk for all layers. The published one has a
# network for every layer, each with its own idea of the code.

# %%
viewers.show_framework(
    ["conditioning", "representation"],
    notes={"conditioning": "hypernetwork, per layer", "representation": "Φ: features at a point"},
)

# %% [markdown]
# ### A network that writes one layer
#
# How large should the numbers that it writes be? An ordinary linear layer with $n$ inputs starts with weights of
# variance $2/n$ (He et al. 2015). Here the weights of $\Phi$ are *sums*: of `hidden` features, each about as large as
# 1 (they come out of a layer normalisation), times the weights of the last linear layer. Drawn by the same rule,
# these would give weights of variance about 1, and each layer of $\Phi$ would enlarge everything ten times. A tenth
# of the draw puts that right: a variance of about $0.01$, close to $2/256$.


# %% exercise="hyper_layer" title="A network that writes one layer" points=7
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
        # BEGIN SOLUTION
        self.shape = outputs, inputs
        widths = [code_length, *depth * [hidden]]
        parts: list[nn.Module] = []
        for a, b in pairwise(widths):
            parts += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        with torch.no_grad():
            nn.init.kaiming_normal_(last.weight).mul_(0.1)
        self.layers = nn.Sequential(*parts, last)
        # END SOLUTION

    def forward(
        self, z: Float[Tensor, "b d"]
    ) -> tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]:
        """W and b of the layer, for each code."""
        # BEGIN SOLUTION
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b
        # END SOLUTION


# %%
check("hyper_layer")

# %% [markdown]
# ### Features at a point
#
# $$ h_0 = x, \qquad h_{\ell+1} = \mathrm{relu}\big(\mathrm{norm}(W_\ell^{(i)} h_\ell + b_\ell^{(i)})\big), \qquad
#    \Phi(x) = h_L . $$
#
# You know nearly all of it from `functional_mlp`; there the last layer was bare, since its output was a density and a
# colour. Here it is normalised like the others: what comes out are features for other networks, and they like their
# inputs of one size.
#
# Note what is *not* there: no positional encoding. SRN came a year before NeRF; its $\Phi$ reads bare coordinates and
# is smooth, which makes its objects soft, and its search for codes easy. (The small network that you will train
# borrows two octaves all the same, and says so.)


# %% exercise="scene_function" title="Features at a point" points=5
def scene_function(
    weights: Sequence[tuple[Float[Tensor, "b out in"], Float[Tensor, "b out"]]],
    x: Float[Tensor, "b n 3"],
) -> Float[Tensor, "b n f"]:
    """Φ, object i's layers (W[i], b[i]) at object i's points (Sitzmann et al. 2019, section 3.1).

    Every layer, the last one too, is W x + b, then layer normalisation over the features without learned scale and
    shift (ε = 1e-5), then ReLU.
    """
    # BEGIN SOLUTION
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, W.shape[-2:-1]).relu()
    return x
    # END SOLUTION


# %%
check("scene_function")

# %% [markdown]
# What does $\Phi$ look like before training? Take a slice through space, at $z = 0$, and show three of its features as
# red, green and blue, for four codes. At the start, codes are nearly equal, and so are the scenes.

# %%
torch.manual_seed(4)
layers = nn.ModuleList([HyperLayer(16, a, b, hidden=64) for a, b in pairwise([3, 64, 64, 64])])
plane = 2 * pixel_centers((64, 64)).reshape(-1, 2) - 1
points = F.pad(plane, (0, 1)).expand(4, -1, -1)
with torch.no_grad():
    slices = []
    for spread in (0.01, 1.0, 10.0):
        z = LatentTable(4, 16, spread)(torch.arange(4))
        features = scene_function([layer(z) for layer in layers], points)[..., :3]
        slices.append((features / features.amax()).reshape(4, 64, 64, 3))
viewers.show_grid(
    slices, ["codes × 0.01", "codes × 1", "codes × 10"], [f"object {i + 1}" for i in range(4)]
)

# %% [markdown]
# ## 3 · A renderer that learns to walk
# *75 minutes*
#
# Sphere tracing (notebook 2) asks a distance field how far it may go, and goes. $\Phi$ is not a distance field: nobody
# made it one. But it might *know* how far the surface is, in some form that a small network can read off the
# features. So learn that network, and let it walk.

# %%
viewers.show_framework(["renderer"], notes={"renderer": "learned marcher, generator"})

# %% [markdown]
# ### The point at a depth
#
# SRN walks in **depth**, not in distance: at depth $d$ the ray through $uv$ has reached
#
# $$ r(d) = R \, d \, K^{-1} \begin{pmatrix} u \\ v \\ 1 \end{pmatrix} + t, \qquad
#    \text{world\_from\_camera} = \begin{pmatrix} R & t \\ 0 & 1 \end{pmatrix}, $$
#
# so that after $k$ steps all rays that went equally far stand on one plane, parallel to the image. The way back is a
# single number, the $z$ of the point in the camera's frame.


# %% exercise="ray_point" title="The point at a depth, and back" points=6
def ray_point(
    uv: Float[Tensor, "*#b 2"],
    depth: Float[Tensor, "*#b"],
    K: Float[Tensor, "*#b 3 3"],
    world_from_camera: Float[Tensor, "*#b 4 4"],
) -> Float[Tensor, "*b 3"]:
    """The world point that is seen at `uv` if it lies at `depth`: at this z of the camera, not at this distance.

    A straight line in depth: r(d) = R K⁻¹(u, v, 1)ᵀ d + t, for negative d too.
    """
    # BEGIN SOLUTION
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]
    # END SOLUTION


def depth_of(
    x: Float[Tensor, "*#b 3"], world_from_camera: Float[Tensor, "*#b 4 4"]
) -> Float[Tensor, "*b"]:
    """The depth of world points, their z in the camera's frame; negative behind the camera."""
    # BEGIN SOLUTION
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2]
    # END SOLUTION


# %%
check("ray_point")

# %% [markdown]
# ### A memory that walks
#
# The marcher reads the features at the point it has reached and says how long the next step is. With features alone
# it could not know whether it has just begun or has been overshooting all the time; so it gets a memory, an LSTM
# (Hochreiter and Schmidhuber 1997), one for each ray, all with the same weights. From features $v$, old $h$ and $c$,
#
# $$ i, f, o = \sigma(\cdot), \quad g = \tanh(\cdot) \quad \text{of} \quad W_v v + W_h h + b, \qquad
#    c' = f \odot c + i \odot g, \qquad h' = o \odot \tanh(c'), $$
#
# and the step is a linear function of $h'$. It may be negative: who has gone too far can turn back, which no sphere
# tracer ever does.
#
# **Why it starts as it does.** The same weights act ten times in a row. An orthogonal $W_h$ neither shrinks nor
# enlarges what it turns (Saxe et al. 2014), and a forget gate that starts with a bias of 1 is open: it remembers,
# until training tells it what to forget (Jozefowicz et al. 2015).


# %% exercise="ray_marcher" title="A memory that walks" points=8
class RayMarcher(nn.Module):
    """From features at a point to the length of the next step (Sitzmann et al. 2019, section 3.2).

    An nn.LSTMCell with `hidden` numbers of memory reads the features; one nn.Linear reads the step off its new h.

    The cell starts so that it neither forgets nor explodes: weight_ih by Kaiming's normal rule for ReLU (variance
    2 / features), weight_hh orthogonal (its columns are orthonormal), biases 0, but 1 for the forget gate in one
    bias of the two, or in both. PyTorch keeps the gates in the order input, forget, cell, output.
    """

    def __init__(self, features: int = 256, hidden: int = 16) -> None:
        super().__init__()
        # BEGIN SOLUTION
        self.cell = nn.LSTMCell(features, hidden)
        self.length = nn.Linear(hidden, 1)
        nn.init.kaiming_normal_(self.cell.weight_ih, nonlinearity="relu")
        nn.init.orthogonal_(self.cell.weight_hh)
        nn.init.zeros_(self.cell.bias_ih)
        nn.init.zeros_(self.cell.bias_hh)
        with torch.no_grad():
            self.cell.bias_ih[hidden : 2 * hidden] = 1
        # END SOLUTION

    def forward(
        self,
        features: Float[Tensor, "*b f"],
        memory: tuple[Float[Tensor, "*b m"], Float[Tensor, "*b m"]] | None = None,
    ) -> tuple[Float[Tensor, "*b"], tuple[Float[Tensor, "*b m"], Float[Tensor, "*b m"]]]:
        """The length of the step and the new memory (h, c); without memory, h and c start as zeros.

        Each ray has a memory of its own, in the batch dimensions of its features.
        """
        # BEGIN SOLUTION
        batch = features.shape[:-1]
        flat = None if memory is None else tuple(m.reshape(-1, m.shape[-1]) for m in memory)
        h, c = self.cell(features.reshape(-1, features.shape[-1]), flat)
        step = self.length(h)
        return step.reshape(batch), (h.reshape(*batch, -1), c.reshape(*batch, -1))
        # END SOLUTION


# %%
check("ray_marcher")

# %% [markdown]
# ### Algorithm 1
#
# Now walk. All rays of all objects take their steps together; no ray needs to know when another one has arrived.
#
# > $d_0 = 0.05$, $(h_0, c_0) = (0, 0)$
# >
# > for $k = 0, \ldots, n - 1$:
# >
# > $\quad x_k = r(d_k)$
# >
# > $\quad v_k = \Phi(x_k)$
# >
# > $\quad \delta, \; (h_{k+1}, c_{k+1}) = \text{LSTM}(v_k, h_k, c_k)$
# >
# > $\quad d_{k+1} = d_k + \delta$
# >
# > return $r(d_n)$
#
# Nothing here says what a surface is. The whole loop is one differentiable function of $\Phi$ and the LSTM; the
# gradient of a colour's error flows back through all the steps and tells both of them where they should have gone.
# (Nothing says either that a ray must hit anything. It will walk to *some* depth, and the colour there will be
# white.)


# %% exercise="find_intersection" title="Algorithm 1" points=10
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
    # BEGIN SOLUTION
    K, pose = K[:, None], world_from_camera[:, None]
    depths = [torch.full_like(uv[..., 0], start)]
    memory = None
    for _ in range(steps):
        features = scene(ray_point(uv, depths[-1], K, pose))
        length, memory = marcher(features, memory)
        depths.append(depths[-1] + length)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)
    # END SOLUTION


# %%
check("find_intersection")

# %% [markdown]
# ### From features to a colour
#
# At the end of the walk stand features, and they become a colour: each pixel's by itself. It would be easy to do
# better at first sight. A convolution that sees neighbouring pixels can smooth and guess (many renderers of the time
# did). But it paints in *pictures*: turn the camera by a degree, and what it invented does not turn along. SRN's
# generator is a 1×1 convolution, that is, a network per pixel. So a picture can have any resolution, pixels can be
# computed in any order and number, and whatever looks alike in two views does so because it is the same point in
# space.


# %% exercise="pixel_generator" title="From features to a colour" points=6
class PixelGenerator(nn.Module):
    """Features of a point become its colour (Sitzmann et al. 2019, section 3.2): a 1×1 convolution, no wider.

    `depth` times: a linear layer to `hidden` features, layer normalisation with learned scale and shift, ReLU. Then a
    linear layer to 3 numbers, and nothing after it: SRN's colours live in [−1, 1] and may leave it.
    """

    def __init__(self, features: int = 256, hidden: int = 256, depth: int = 5) -> None:
        super().__init__()
        # BEGIN SOLUTION
        widths = [features, *depth * [hidden]]
        parts: list[nn.Module] = []
        for a, b in pairwise(widths):
            parts += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        self.layers = nn.Sequential(*parts, nn.Linear(widths[-1], 3))
        # END SOLUTION

    def forward(self, features: Float[Tensor, "*b f"]) -> Float[Tensor, "*b 3"]:
        """A colour for each row of features; no pixel knows of another."""
        # BEGIN SOLUTION
        return self.layers(features)
        # END SOLUTION


# %%
check("pixel_generator")

# %% [markdown]
# **All of it together.** The model below is the paper's, size by size; a *configuration* says how large. As published
# it has 52 million numbers, nearly all of them in the hypernetwork, and wants days on a large card. The small one is
# for your patience. Its layers are narrower, it takes three steps instead of ten, and it takes three liberties that
# are *not* in the paper:
#
# - `before`: rays begin a little in front of the world's origin, where the objects begin, instead of 0.05 in front of
#   the camera. Three steps are enough then, and a camera that stands closer needs no further care.
# - `octaves`: two octaves of notebook 2's positional encoding stand in front of $\Phi$, so that edges come in minutes
#   instead of hours.
# - `plain_start`: at the start, the hypernetwork writes nearly the same ordinary network for every code.


# %% export=true
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

# %%
for name, config in {"published": PUBLISHED, "small": SMALL}.items():
    count = sum(parameter.numel() for parameter in SceneNetwork(config).parameters())
    print(f"{name}: {count / 1e6:.1f} million parameters")

# %% [markdown]
# **Rays on their way**, before anybody taught them. The marcher takes ten steps of its own idea, all rays about the
# same, for $\Phi$ is about the same everywhere. Remember this picture; it comes back after training.

# %%
torch.manual_seed(0)
fresh = SceneNetwork(replace(SMALL, steps=10, before=None))
camera = orbit_poses(30.0, 25.0, 1.2)[None]
lens = intrinsics(find_category("cars").cameras.focal, (64, 64))
with torch.no_grad():
    pixels = pixel_centers((64, 64)).reshape(1, -1, 2)
    _, depths, _ = fresh.look(fresh.weights(torch.zeros(1, 64)), pixels, lens[None], camera)
viewers.show_marching(depths[:, 0, ::509])

# %% [markdown]
# ## 4 · From photographs
# *45 minutes of reading and writing; smoke 7 s · cpu 1½ minutes on two cores · gpu: not yet measured*
#
# ### Three losses
#
# Of depth, nobody tells the model anything. All it is ever told are colours. Two small terms keep it on the right side:
# one for depths behind the camera, where a marcher can get lost and never find out (everything there is invisible),
# and one that keeps codes close to the origin, so that there is something between them. As published,
#
# $$ \mathcal{L} = 200 \cdot \overline{(\text{rgb} - \text{truth})^2} + 10 \cdot \overline{\min(d, 0)^2} + 1 \cdot
#    \overline{z^2} , $$
#
# the bar being the mean over all there is. The last term is what a Gaussian prior on $z$ becomes if you look for the
# most likely codes (Park et al. 2019, section 4.2).


# %% exercise="srn_loss" title="Three losses" points=6
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
    # BEGIN SOLUTION
    image = F.mse_loss(rgb, truth)
    behind = depth.clamp_max(0).square().mean()
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean()
    # END SOLUTION


# %%
check("srn_loss")

# %% [markdown]
# ### Where there is something to learn
#
# A step of training need not render pictures: any handful of pixels of any views will do, for pixels do not know of
# each other. So take few of each of many objects. But most of a photograph is white paper. Six of ten pixels should
# be on the object, or close to it: the outline is where white has something to say.
#
# Randomness comes from outside, as in `stratified_samples`: `u` is uniform in $[0, 1)$ and your function only says
# what to make of it. That is how a step of training can be repeated to the bit.


# %% exercise="sample_pixels" title="Where there is something to learn" points=7
def sample_pixels(
    mask: Bool[Tensor, "b h w"], u: Float[Tensor, "b p"], share: float = 0.6, margin: int = 2
) -> Int[Tensor, "b p"]:
    """Pixels to train on, row · w + column: a share of them on the object or near it, the others anywhere.

    Near are the pixels within `margin` rows and columns of one in the mask (a square: corners count). `u` are uniform
    random numbers in [0, 1). Of an image's p draws, the first `round(share * p)` choose among its n near pixels, in
    row-major order: number ⌊u · n⌋, counted from 0. The rest choose among all h · w pixels in the same way, and so
    does every draw of an image without any near pixel.
    """
    # BEGIN SOLUTION
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    count = near.sum(1, keepdim=True)
    first = near.byte().argsort(dim=1, descending=True, stable=True)  # near pixels, in order
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long().clamp_max(count - 1)
    anywhere = (u[:, chosen:] * h * w).long().clamp_max(h * w - 1)
    return torch.cat([first.gather(1, place), anywhere], dim=1)
    # END SOLUTION


# %%
check("sample_pixels")

# %%
cars = posed_views("cars", budget(32, 300, 2000), 12, (64, 64), device=device).all()
three = cars.foreground()[:3, 0]
u = torch.rand(3, 600, generator=torch.Generator().manual_seed(0)).to(device)
drawn = sample_pixels(three, u)
dots = cars.images[:3, 0].flatten(1, 2).scatter(1, drawn[..., None].expand(-1, -1, 3), 0.0)
viewers.show_grid(
    [cars.images[:3, 0].cpu(), dots.reshape(3, 64, 64, 3).cpu()], ["photograph", "600 pixels"]
)

# %% [markdown]
# ### Any resolution
#
# A trained scene has no pixels; an image is a question, asked on a grid as fine as you like. Fine grids have many
# points, though, and all steps of all rays at once would fill the memory. So ask in portions. `trace` is any function
# from points of the image to colours and depths, of any model: the next notebook will use yours again.


# %% exercise="render_view" title="Any resolution" points=5
def render_view(
    trace: Callable[[Float[Tensor, "p 2"]], tuple[Float[Tensor, "p 3"], Float[Tensor, "p"]]],
    resolution: tuple[int, int],
    portion: int = 4096,
) -> tuple[Float[Tensor, "h w 3"], Float[Tensor, "h w"]]:
    """An image and its depths, `trace` being asked for at most `portion` pixels at a time, gradients switched off.

    Pixels are asked for at their centres. The result does not depend on `portion`.
    """
    # BEGIN SOLUTION
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)), strict=True)
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)
    # END SOLUTION


# %%
check("render_view")


# %% export=true
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


# %% [markdown]
# ### Where you are going
#
# Before you train anything, look ahead. A small network of this kind comes with the course: your classes, filled with
# numbers that somebody else has trained on 300 cars, twelve photographs of each. These are views of four of them that
# it was not trained on.


# %%
def ready_made(name: str) -> tuple[SceneNetwork, Float[Tensor, "n d"]]:
    """A trained network that comes with the course, in your classes, and the codes of its objects if it has a table."""
    found = load_pretrained(name)
    config, count = SceneConfig(**found.about["config"]), found.about["objects"]
    network, rows = SceneNetwork(config), LatentTable(count, config.code_length)
    found.fill(hyper=network.hyper, marcher=network.marcher, generator=network.generator)
    known = torch.empty(0, config.code_length)
    if "table" in found.parameters:
        found.fill(table=rows)
        known = rows(torch.arange(count)).detach()
    return network.requires_grad_(False).to(device), known.to(device)


ready, ready_codes = ready_made("cars")
further = posed_views("cars", 4, 15, (64, 64), device=device).all()
further = PosedViews.stack([views[12:] for views in further])
drawn = pictures(ready, ready_codes[:4], lens, further.world_from_camera)
print(f"{psnr(drawn, further.images).mean():.1f} dB in these {further.count} views")
viewers.show_grid(
    torch.stack([drawn, further.images], 2).flatten(1, 2).cpu(),
    [f"car {i + 1}" for i in range(4)],
    3 * ["drawn", "truth"],
)

# %% [markdown]
# (Far less than 20 dB? Then one of your classes lists its layers in another order than it uses them in.) Now drag it,
# and move the slider *from → to*: what lies between two objects that it knows?


# %%
def shown_by(network: SceneNetwork, K: Float[Tensor, "3 3"]) -> Callable[..., dict[str, Tensor]]:
    """What an explorer asks for: colours and depths of a code; where it is white, there is no depth."""

    def render(z: Tensor, pose: Tensor, resolution: tuple[int, int]) -> dict[str, Tensor]:
        rgb, depth = picture(network, z.to(device), K, pose, resolution)
        return {"rgb": rgb, "depth": depth.masked_fill((rgb > 0.97).all(-1), torch.inf)}

    return render


viewers.CodeExplorer(
    shown_by(ready, lens), ready_codes[:24].cpu(), look_at, start=0, end=1, distance=1.2
)

# %% [markdown]
# Nobody has told it what a car is. Now train your own.

# %% [markdown]
# ### One scene, and what nobody photographed
#
# First without any prior: one object, one code, one network. Forty photographs from all sides pin it down. Then the
# same with ten photographs that were all taken from the front: what will the model say about the back? All colours
# that were ever asked for are right.


# %% export=true
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


# %%
ONE = replace(SMALL, hyper_hidden=16)


def groups(model: SceneNetwork, table: LatentTable) -> dict[float, list[nn.Parameter]]:
    """What is trained, by factors on the rate: a step of the hypernetwork moves all weights that it writes at once."""
    walkers = [*model.marcher.parameters(), *model.generator.parameters()]
    return {0.25: [*model.hyper.parameters()], 1.0: walkers, 5.0: [*table.parameters()]}


def overfitted(views: PosedViews) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Train a network on photographs `1 v` of one object; what it shows a camera."""
    torch.manual_seed(session.seed)
    model, table = SceneNetwork(ONE).to(device), LatentTable(1, ONE.code_length).to(device)
    fit(
        step_loss(model, table, views, objects=1, photographs=4, pixels=256),
        groups(model, table),
        FitConfig(budget(10, 500, 2000), 4e-3, seed=session.seed),
        title=f"{views.batch_shape[1]} photographs",
    )
    only = table(torch.zeros(1, dtype=torch.long, device=device))[0].detach()
    return partial(picture, model, only, lens)


subject = posed_views("cars", 1, 40, (64, 64), first=7, device=device).all()
front = subject.world_from_camera[0, :, 0, 3] > 0.5  # cameras on the side of +x
few = subject[0][front.nonzero()[:10, 0]]
one_sided = PosedViews.stack([few])
around = orbit_poses(np.linspace(0, 360, 8, endpoint=False), 20.0, 1.2).to(device)
rows = {
    "40, from all sides": overfitted(subject),
    f"{len(few)}, from the front": overfitted(one_sided),
}
viewers.show_grid(
    [torch.stack([show(pose)[0] for pose in around]).cpu() for show in rows.values()],
    list(rows),
    [f"{angle:.0f}°" for angle in np.linspace(0, 360, 8, endpoint=False)],
)

# %% [markdown]
# Where nobody looked, anything goes; nothing in the loss knows that objects have backs. What is missing is not a better
# renderer but *experience*.

# %% [markdown]
# ### Experience
#
# So train on all objects at once. The weights $\theta$ are shared, the codes are not: whatever all objects have in
# common can only be written into $\theta$. Three choices make the most of minutes, and none of them is the paper's:
#
# - *Two photographs of each object in a step*, a few pixels of each. What a code is told by one camera, another one
#   checks in the same step.
# - *Rates in groups.* Codes learn five times as fast as the other weights, for each is seen in only a few of all steps;
#   the hypernetwork learns at a quarter, for a step of it moves all weights that it writes at once.
# - *Codes that start with a spread of 0.3* instead of 0.01. With a plain start all objects begin as one network,
#   whatever their codes; now a wider spread does not tear them apart, and lets codes begin to differ earlier.
#
# While it trains, the picture above the bar shows what six cars look like from cameras that no training photograph was
# taken by. The best state by these photographs is the one you keep. If the runtime disconnects, run the cell again:
# it goes on where it stopped.

# %%
two_more = posed_views("cars", 12, 14, (64, 64), device=device).all()
held_out = PosedViews.stack(
    [views[12:] for views in two_more]
)  # known objects, photographs never trained on


def mean_psnr(model: SceneNetwork, z: Tensor, views: PosedViews) -> float:
    """Mean PSNR over the photographs `b v` of objects with the codes `b d`."""
    return psnr(pictures(model, z, lens, views.world_from_camera), views.images).mean().item()


torch.manual_seed(session.seed)
model = SceneNetwork(SMALL).to(device)
table = LatentTable(len(cars), SMALL.code_length, spread=0.3).to(device)
first = torch.arange(len(held_out), device=device)
live = viewers.LivePicture()


def look(step: int) -> None:
    """Show what six cars look like now from where nobody photographed them; the newest picture replaces the last."""
    seen = pictures(model, table(first[:6]), lens, held_out.world_from_camera[:6, :1])[:, 0]
    both = torch.stack([seen, held_out.images[:6, 0]]).detach().cpu()
    live.show(viewers.show_grid(both, [f"after {step} steps", "truth"]))


look(0)
history = fit(
    step_loss(model, table, cars),
    groups(model, table),
    FitConfig(
        budget(10, 2500, 20_000),
        4e-3,
        final_rate=0.02,
        seed=session.seed,
        evaluate_every=budget(5, 500, 4000),
    ),
    evaluate=lambda: {"psnr": mean_psnr(model, table(first), held_out)},
    show=look,
    keep_best="psnr",
    checkpoint="cars",
    data=fingerprint(cars),
    title="cars",
)

# %%
with torch.no_grad():
    codes = table(torch.arange(len(cars), device=device))
shown = pictures(model, codes[:4], lens, held_out.world_from_camera[:4])
viewers.show_grid(
    torch.cat([cars.images[:4, :2], shown, held_out.images[:4]], dim=1).cpu(),
    [f"object {i + 1}" for i in range(4)],
    ["trained on", "trained on", "from elsewhere", "and elsewhere", "truth", "truth"],
)

# %% [markdown]
# **What did nobody tell it?** Where the surfaces are. And yet: here are the depths of some rays after every step,
# beside the true ones, which the model has never seen. It had to find them, for a colour is right from every side only
# if it is in the right place.

# %%
exact = posed_views("cars", 1, 14, (64, 64), device=device)[0]  # with depths
pose, K = exact.world_from_camera[13:], exact.K[13:]
with torch.no_grad():
    _, depths, _ = model.look(
        model.weights(codes[:1]), pixel_centers((64, 64)).reshape(1, -1, 2).to(device), K, pose
    )
some = exact.labels[13].flatten().nonzero()[::97, 0][:8]
viewers.show_marching(
    depths[:, 0, some].cpu(),
    exact.depth[13].flatten()[some].cpu(),
    maps=depths[:, 0].unflatten(-1, (64, 64)).cpu(),
)

# %% [markdown]
# **Question 1** is about this picture.

# %% [markdown] written="why_depth" title="Who told it?" points=2
# **Question 1.** The marcher was never told a depth, only colours. Why does it go to the surface all the same? And
# name one kind of object, or of photographs, for which it need not: for which wrong depths would cost nothing.
#
# BEGIN SOLUTION
# The colour at a pixel is computed from the features at the one point where the ray ends. Points on the true surface
# are seen by several cameras, and in all of them with the same colour; a point in front of it or behind it would have
# to give different colours to different rays that pass through it, which a function of the point alone cannot do (the
# hypernetwork knows neither camera nor ray). So with enough views only the surface explains them all. Where a surface
# has no texture, or only one camera has ever looked, or the background is uniformly white, many depths explain the
# colours equally well, and nothing decides between them: the depth of white rays in the picture is arbitrary.
# END SOLUTION

# %% [markdown]
# ## 5 · Objects never seen
# *60 minutes of reading and writing; smoke 3 s · cpu 20 seconds on two cores · gpu: not yet measured*
#
# Now for a new object, of which there is one photograph. Nothing is trained any more. The weights are what is known
# about cars; the only unknown is the code.

# %%
viewers.show_framework(
    ["codes", "loss"], notes={"encoder": "none: a search", "loss": "for this photograph"}
)

# %% [markdown]
# ### Search for the code
#
# $$ z^\star = \arg\min_z \;\; \big\| \text{render}(\theta, z, \text{camera}) - \text{photograph} \big\|^2 + \lambda \|z\|^2 $$
#
# by gradient descent in $z$, with $\theta$ frozen. Frozen means frozen: a step that also moves the weights a little
# would fit the photograph better and better and forget what cars are. And leave no traces in a model that is not
# yours: gradients that pile up in its `.grad`, flags that are not set back. `torch.autograd.grad` asks for the
# gradient of just what you name.


# %% exercise="infer_latent" title="Search for the code" points=10
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
    # BEGIN SOLUTION
    z = start.detach().clone().requires_grad_()
    adam = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        adam.step()
    return z.detach()
    # END SOLUTION


# %%
check("infer_latent")


# %% export=true
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


# %%
unseen = posed_views("cars", budget(2, 12, 24), 12, (64, 64), first=100_000, device=device).all()
asked = PosedViews.stack([views[8:] for views in unseen])


def given(count: int) -> PosedViews:
    """The first photographs of each unseen object."""
    return PosedViews.stack([views[:count] for views in unseen])


middle = codes.mean(0)
search = budget(5, 150, 300)
found = {count: explain(model, given(count), middle, search) for count in (1, 2, 4)}
found_images = {
    count: pictures(model, z, lens, asked.world_from_camera) for count, z in found.items()
}
average = pictures(model, middle.expand(len(asked), -1), lens, asked.world_from_camera)
guesses = {
    "the mean code": average,
    **{f"{count} shown": images for count, images in found_images.items()},
}
viewers.show_grid(
    torch.cat(
        [
            unseen.images[:4, :1],
            *(images[:4, :1] for images in guesses.values()),
            asked.images[:4, :1],
        ],
        1,
    ).cpu(),
    [f"object {i + 1}" for i in range(min(4, len(unseen)))],
    [
        "shown first",
        *(
            f"{name}\n{psnr(images, asked.images).mean():.1f} dB"
            for name, images in guesses.items()
        ),
        "truth",
    ],
)

# %% [markdown]
# One photograph leaves the other side open, and the prior fills it with what other cars have there. Each further one
# takes a freedom away. No encoder had to be trained for two or four: the loss has more terms, that is all.
#
# **Cameras where none has been.** Nothing in the search or in the renderer depends on what cameras training had.
# Closer, rolled, from straight above:

# %%
above = orbit_poses([20.0, 20.0, 20.0, 20.0], [25.0, 25.0, 85.0, 25.0], 1.2).to(device)
turn = torch.eye(4, device=device)
turn[:2, :2] = torch.tensor([[0.5, -(0.75**0.5)], [0.75**0.5, 0.5]])  # 60°
above[1] = above[1] @ turn
above[3] = orbit_poses(20.0, 25.0, 0.9).to(device)
car = make_scene("cars", 0, 100_000)
truth = photograph([car], lens, above[None].cpu(), (64, 64)).images
viewers.show_grid(
    [pictures(model, found[4][:1], lens, above[None])[0].cpu(), truth[0]],
    ["from 4 photographs", "truth"],
    ["as in training", "rolled by 60°", "from above", "closer"],
)

# %% [markdown]
# **Any resolution.** The same code, asked on finer grids. Edges stay where they are; they just get more pixels. (They
# do not get *sharper* than the function behind them.)

# %%
sizes = (16, 32, 64, 128, 256)
viewers.show_images(
    [picture(model, found[4][0], lens, above[0], (size, size))[0].cpu() for size in sizes],
    [f"{size}×{size}" for size in sizes],
    columns=5,
)

# %% [markdown]
# ### From one to another
#
# Codes are points, and the codes of objects were kept close together. What lies between two objects?


# %% exercise="interpolate_codes" title="From one to another" points=3
def interpolate_codes(
    start: Float[Tensor, "d"], end: Float[Tensor, "d"], count: int
) -> Float[Tensor, "count d"]:
    """`count` ≥ 2 codes at equal steps from one to the other; first and last are exactly the two given."""
    # BEGIN SOLUTION
    share = torch.linspace(0, 1, count, dtype=start.dtype, device=start.device)[:, None]
    return torch.lerp(start, end, share)
    # END SOLUTION


# %%
check("interpolate_codes")

# %% [markdown]
# ### Normals
#
# A depth map is a surface; each pixel's centre and depth give a point of it. The neighbours' points span the tangent
# plane, and the normal is perpendicular to that:
#
# $$ n \propto \partial_u X \times \partial_v X, \qquad X(u, v) = d(u, v) \, K^{-1} (u, v, 1)^\top . $$
#
# Which of the two signs? The one that looks back at the camera, for that side is the one that we see.


# %% exercise="normals_from_depth" title="Normals from depth" points=6
def normals_from_depth(
    depth: Float[Tensor, "h w"], K: Float[Tensor, "3 3"]
) -> Float[Tensor, "h w 3"]:
    """Unit normals of the surface in a depth map, in the camera's frame, turned towards the camera.

    Every pixel's centre becomes a point of the camera's frame. Tangents are differences of the two neighbours' points
    along the row and along the column, and at the border of the image those of the pixel and its only neighbour;
    the normal is perpendicular to both. h and w are 2 at least.
    """
    # BEGIN SOLUTION
    height, width = depth.shape
    points = unproject(K, pixel_centers((height, width)).to(depth), depth)
    along_u = torch.gradient(points, dim=1)[0]
    along_v = torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)
    # END SOLUTION


# %%
check("normals_from_depth")

# %%
path = interpolate_codes(found[4][0], found[4][1 % len(found[4])], budget(3, 16, 24))
frames = [picture(model, z, lens, above[0]) for z in path]
background = torch.stack([(rgb > 0.97).all(-1) for rgb, _ in frames])[..., None]
turned = torch.stack([normals_from_depth(depth.cpu(), lens) for _, depth in frames])
turned = (turned @ above[0, :3, :3].T.cpu()).masked_fill(
    background.cpu(), 0.0
)  # into the world's frame
viewers.show_interpolation(
    {"rgb": torch.stack([rgb.cpu() for rgb, _ in frames]), "normals": turned},
    ends=("one object", "another"),
)

# %% [markdown]
# Every frame is an object with a front and a back, and its normals move with it: what is interpolated are scenes, not
# pictures. Drag in the explorer below: turn it, walk along the directions in which the known codes vary most, or
# between two of them.

# %%
_, directions, _ = pca_codes(codes, 6)


def explored(
    z: Tensor, world_from_camera: Tensor, resolution: tuple[int, int]
) -> dict[str, Tensor]:
    """What the explorer shows of a code."""
    rgb, depth = picture(model, z.to(device), lens, world_from_camera, resolution)
    normals = normals_from_depth(depth.cpu(), lens) @ world_from_camera[:3, :3].T.cpu()
    empty = (rgb > 0.97).all(-1).cpu()
    return {
        "rgb": rgb.cpu(),
        "depth": depth.cpu().masked_fill(empty, torch.inf),
        "normals": normals.masked_fill(empty[..., None], 0.0),
    }


viewers.CodeExplorer(explored, codes.cpu(), look_at, directions=directions.cpu(), distance=1.2)

# %% [markdown]
# ## 6 · What the features know
# *40 minutes of reading and writing; smoke 10 s · cpu 50 seconds on two cores · gpu: not yet measured*
#
# ### Names for features
#
# The generator reads a colour off the features. What else is in them? Kohli, Sitzmann and Wetzstein (2020) asked for
# *names*: keep SRN as it is, take its features at the pixels of a few photographs that somebody has labelled, and fit
# a **linear** classifier. If names can be read off by a linear map, then the model has had something like them in mind
# all along; and since the features live in space, every other view is labelled at once.
#
# A linear classifier with cross-entropy and weight decay is a convex problem. There is one best answer, and it does not
# matter how you get there: `torch.optim.LBFGS`, Adam with patience, Newton.


# %% exercise="semantic_head" title="Names for features" points=6
def semantic_head(
    features: Float[Tensor, "n f"], labels: Int[Tensor, "n"], classes: int, decay: float = 1e-3
) -> tuple[Float[Tensor, "c f"], Float[Tensor, "c"]]:
    """A linear map W, b from features to class scores, fitted to a few labelled pixels (Kohli et al. 2020).

    W and b minimise the mean cross-entropy of the scores W x + b plus `decay` times the sum of all W². b is not
    decayed. Every class is among the labels, so that there is a minimum: come within 1 % of its loss. W and b lie on the
    device of the features.
    """
    # BEGIN SOLUTION
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
    # END SOLUTION


# %%
check("semantic_head")

# %% [markdown]
# **Ask chairs.** Another network comes with the course, trained on 300 chairs, twelve photographs of each; their
# colours are all that it was ever told. Six of its chairs, one of each kind, get one labelled photograph each: which
# pixel is seat, back, leg, arm. That is all that the linear map is fitted to. It is judged on 24 other chairs, by the
# names of their pixels from two cameras.

# %%
carver, chair_codes = ready_made("chairs")
chair_lens = intrinsics(find_category("chairs").cameras.focal, (64, 64))


def chair_views(numbers: Sequence[int], azimuth: np.ndarray) -> PosedViews:
    """Photographs `b v` of chairs by their numbers, from azimuths `b v` in degrees, with the names of pixels."""
    scenes = [make_scene("chairs", 0, number) for number in numbers]
    return photograph(scenes, chair_lens, orbit_poses(azimuth, 30.0), (64, 64), device=device)


taught, others = [2, 1, 3, 8, 12, 23], list(range(24, 48))  # the first of them has every part
lessons = chair_views(taught, np.linspace(-70, 70, 6)[:, None])  # from the front
judged = chair_views(others, 137.5 * np.arange(48).reshape(24, 2))  # from everywhere
parts = lessons.label_names
drawn = pictures(carver, chair_codes[taught], chair_lens, lessons.world_from_camera)
viewers.show_grid(
    torch.stack([lessons.images[:, 0], drawn[:, 0]]).cpu(),
    ["photograph", "SRN"],
    [make_scene("chairs", 0, number).kind for number in taught],
)

# %% [markdown]
# What goes into the classifier are the features where a pixel's ray ends, 64 numbers; `look` returns them. Beside it,
# the same classifier on the three numbers of a photograph's colour.


# %%
def features_of(
    network: SceneNetwork, z: Float[Tensor, "b d"], views: PosedViews
) -> Float[Tensor, "b v h w f"]:
    """What Φ says where the ray of each pixel ends."""
    uv = pixel_centers(views.resolution).reshape(1, -1, 2).to(device)
    seen = []
    with torch.no_grad():
        for code, one in zip(z, views, strict=True):
            cameras = uv.expand(len(one), -1, -1), one.K, one.world_from_camera
            seen.append(network.look(network.weights(code[None]), *cameras)[2])
    return torch.stack(seen).unflatten(2, views.resolution)


taught_on = {
    "features": features_of(carver, chair_codes[taught], lessons),
    "colours": lessons.images,
}
asked_of = {
    "features": features_of(carver, chair_codes[others], judged),
    "colours": judged.images,
}
decays = {"features": 1e-3, "colours": 1e-5}  # small numbers need large weights

# %% [markdown]
# How many labels does it take? In the first row, fifty pixels: ten clicks on each part, and ten on the background.
# *Right* is the share of the chairs' pixels that get their true name; *IoU* is intersection over union, the mean over
# the five names, in which thin legs weigh as much as the wide background.

# %%
names = lessons.labels.flatten().long()
everything = torch.arange(len(names), device=device)
clicks = []
for part in range(len(parts)):
    pixels = everything[names == part]
    clicks.append(pixels[torch.linspace(0, len(pixels) - 1, 12)[1:-1].long()])  # spread over it
lessons_of = {
    "50 pixels": torch.cat(clicks),
    "1 photograph": everything[: 64 * 64],
    "6 photographs": everything,
}


def named(x: Float[Tensor, "*b f"], head: tuple[Tensor, Tensor]) -> Int[Tensor, "*b"]:
    """The likeliest name of each pixel."""
    return F.linear(x, *head).argmax(-1)


def agreement(found: Int[Tensor, "*b"], truth: Int[Tensor, "*b"]) -> str:
    """The share of the chairs' pixels with their true name, and the mean IoU of the names."""
    right = (found == truth)[truth > 0].float().mean()
    both = [((found == i) & (truth == i)).sum() for i in range(len(parts))]
    either = [((found == i) | (truth == i)).sum() for i in range(len(parts))]
    return f"{right:.0%} right, IoU {(torch.stack(both) / torch.stack(either)).mean():.2f}"


heads = {}
lines = ["| fitted to | by features | by colours |", "|---|---|---|"]
for count, chosen in lessons_of.items():
    row = [count]
    for name, x in taught_on.items():
        pixels = x.flatten(0, -2)[chosen]
        heads[name, count] = semantic_head(pixels, names[chosen], len(parts), decays[name])
        row.append(agreement(named(asked_of[name], heads[name, count]), judged.labels))
    lines.append("| " + " | ".join(row) + " |")
display(Markdown("\n".join(lines)))

# %%
for i in (0, 5, 12):
    guesses = {
        f"from {name}": named(x[i, 0], heads[name, "6 photographs"]).cpu()
        for name, x in asked_of.items()
    }
    guesses["true"] = judged.labels[i, 0].cpu()
    display(viewers.show_segmentation(guesses, parts, image=judged.images[i, 0].cpu()))

# %% [markdown]
# Colours cannot know: any part of a chair may be brown. The features do, after a handful of clicks, and nobody had
# asked them to. They had to tell a seat from a back in order to paint it right for every chair. (What they know least
# are parts that only some chairs have. Which ones?)
#
# The names sit in space now, on whatever the code describes. So take a chair that the network has never seen, give it
# two photographs without any label, search for its code, and ask for names on its other side.

# %%
unknown = range(100_000, 100_006)
strangers = chair_views(unknown, np.tile(np.arange(20, 380, 60), (6, 1)))
shown_two = PosedViews.stack([views[:2] for views in strangers])
elsewhere = PosedViews.stack([views[2:] for views in strangers])
stranger_codes = explain(carver, shown_two, chair_codes.mean(0), budget(5, 150, 300))
guessed = named(features_of(carver, stranger_codes, elsewhere), heads["features", "6 photographs"])
print(f"unseen chairs from other sides: {agreement(guessed, elsewhere.labels)}")
for i in (0, 1):
    maps = {}
    for j in (0, 2):
        maps[f"guessed, side {j + 1}"] = guessed[i, j].cpu()
        maps[f"true, side {j + 1}"] = elsewhere.labels[i, j].cpu()
    display(viewers.show_segmentation(maps, parts))

# %% [markdown]
# ### Who it is, and what it does
#
# A code need not be searched for. If somebody knows the numbers from which a scene was made, give the hypernetwork
# *those*: no table, no search. Sitzmann et al. did so with a model of faces, whose numbers say who somebody is and what
# the face does. Ours have twelve numbers for the *identity* (jaw, nose, hair …) and five for the *expression* (smile,
# brows, gaze …), and a third network that comes with the course was trained on hundreds of faces, each with an identity
# and an expression of its own. So it has never seen one person with two expressions. Can it take them apart?

# %%
puppeteer, _ = ready_made("faces")
print(f"trained on {load_pretrained('faces').about['objects']} faces")
face_lens = intrinsics(find_category("faces").cameras.focal, (64, 64))
in_front = orbit_poses(20.0, 8.0).to(device)
people = [split_code(make_scene("faces", 0, 100_000 + i).code)[0] for i in range(3)]


def portraits(scenes: Sequence[Scene]) -> tuple[Tensor, Tensor]:
    """What the network makes of the numbers of faces, and what they really look like, `b h w 3` each."""
    numbers = torch.tensor(np.array([scene.code for scene in scenes]), dtype=torch.float32)
    poses = in_front.expand(len(scenes), 1, 4, 4)
    drawn = pictures(puppeteer, numbers.to(device), face_lens, poses)
    truth = photograph(scenes, face_lens, poses, (64, 64), geometry=False, device=device)
    return drawn[:, 0], truth.images[:, 0]


rows = [image for who in people for image in portraits([make_face(who, e) for e in EXPRESSIONS])]
print(f"{psnr(torch.stack(rows[::2]), torch.stack(rows[1::2])).mean():.1f} dB")
viewers.show_grid(
    torch.stack(rows).cpu(),
    [word for i in range(3) for word in (f"person {i + 1}", "truth")],
    list(EXPRESSIONS),
)

# %% [markdown]
# Along a row it is the same person, down a column the same mood; no such face was among the photographs. What blurs
# are small things that few pixels showed: a brow is two pixels thick.
#
# **One number moves**, the mouth opens, all others stay. The surface goes along:

# %%
mouth = CODE.index("mouth_open")
numbers = torch.tensor(make_face(people[0], "surprised").code, dtype=torch.float32)
numbers = numbers.repeat(budget(3, 12, 16), 1)
numbers[:, mouth] = torch.linspace(0, 1, len(numbers))
frames = [picture(puppeteer, z.to(device), face_lens, in_front) for z in numbers]
shapes = [
    normals_from_depth(depth.cpu(), face_lens) @ in_front[:3, :3].T.cpu() for _, depth in frames
]
empty = torch.stack([(rgb > 0.97).all(-1) for rgb, _ in frames]).cpu()
viewers.show_interpolation(
    {
        "rgb": torch.stack([rgb for rgb, _ in frames]).cpu(),
        "normals": torch.stack(shapes).masked_fill(empty[..., None], 0.0),
    },
    ends=("mouth closed", "mouth open"),
)

# %% [markdown]
# **All seventeen.** Give it the hair of one and the frown of another. `hair_style` is the only number in which faces
# jump. What does a network do that can only bend?

# %%
face = make_face(people[0])
low, high = (Identity.LOW + Expression.LOW), (Identity.HIGH + Expression.HIGH)
viewers.NumberExplorer(
    shown_by(puppeteer, face_lens),
    {name: span for name, *span in zip(CODE, face.code, low, high, strict=True)},
    look_at,
    azimuth=20.0,
    elevation=8.0,
    distance=1.2,
)

# %% [markdown]
# ### A room
#
# Is it about *objects*? Nothing in it is. Here is a room, photographed from inside: no white background, no middle that
# all cameras look at, and depths from half a metre to six within one picture. One scene, one code, no prior. Rays
# begin where the paper lets them begin, 0.05 in front of the camera, for nothing is known about where things are.

# %%
INSIDE = SceneConfig(
    code_length=8,
    width=96,
    hyper_hidden=16,
    hyper_depth=1,
    generator_depth=2,
    steps=4,
    plain_start=True,
    octaves=3,
)
room = posed_views("rooms", 1, budget(20, 60, 100) + 4, (64, 64), seed=2, device=device).all()
room_seen, room_asked = PosedViews.stack([room[0][4:]]), room[0][:4]
torch.manual_seed(session.seed)
walker, place = SceneNetwork(INSIDE).to(device), LatentTable(1, INSIDE.code_length).to(device)
history = fit(
    step_loss(walker, place, room_seen, objects=1, photographs=12, pixels=16),
    {
        0.25: [*walker.hyper.parameters()],
        1.0: [*walker.marcher.parameters(), *walker.generator.parameters(), *place.parameters()],
    },
    FitConfig(
        budget(10, 3000, 12_000), 4e-3, final_rate=0.02, clip_gradient=1.0, seed=session.seed
    ),
    title="a room",
)

# %%
with torch.no_grad():
    here = place(torch.zeros(1, dtype=torch.long, device=device))[0]
views = [picture(walker, here, room_asked.K[0], pose) for pose in room_asked.world_from_camera]
drawn, depths = (torch.stack(each) for each in zip(*views, strict=True))
print(f"{psnr(drawn, room_asked.images).mean():.1f} dB from places where no photograph was taken")
viewers.show_grid(
    [drawn.cpu(), room_asked.images.cpu()], ["SRN", "truth"], [f"place {i + 1}" for i in range(4)]
)

# %%
error = (depths - room_asked.depth).abs().mean().item()
print(f"depths are wrong by {error:.2f} m on average, up to {room_asked.depth.max():.1f} m away")
viewers.show_maps({"depth, SRN": depths[0].cpu(), "depth, true": room_asked.depth[0].cpu()})

# %% [markdown]
# The walls stand where they should, and so does what is as large as a sofa. What is small, and was in few photographs,
# is a haze: there is no prior here that knows what a lamp is. In the depths, the floor runs up to the wall and the
# table stands in front of it. But where a wall is all of one colour, no pixel says how far away it is, and the marcher
# says something smooth. (Compare Question 1.)

# %% [markdown]
# ## 7 · Beside the others
# *20 minutes of reading; smoke 6 s · cpu 1¾ minutes on two cores · gpu: not yet measured*
#
# Here SRN is `ready`, the network that came with the course, so that nothing depends on how long you trained. Put your
# own `model` and `codes` in its place if you like.
#
# ### Encoder or table, on the same decoder
#
# Notebook 3 trained encoder and decoder together; its best encoders reached about 20.5 dB on unseen cars after one
# photograph. Was that the fault of the encoder or of the decoder? Keep the decoder and change the rest: train notebook
# 3's convolutions to say after one glance what the search needs 150 steps for. The loss is the step of section 4,
# word for word; only, where the table would be asked for the code of an object, a network now reads it off one
# of the object's photographs. The table's own codes, which are known, show the way.


# %%
class Glance(nn.Module):
    """A photograph and its camera become a code, by notebook 3's encoder."""

    def __init__(self, code_length: int) -> None:
        super().__init__()
        self.see = ImageEncoder(3, 64, 128, width=16)
        self.place = nn.Sequential(
            nn.ReLU(), nn.Linear(128 + 12, 128), nn.ReLU(), nn.Linear(128, code_length)
        )

    def forward(
        self, images: Float[Tensor, "b h w 3"], world_from_camera: Float[Tensor, "b 4 4"]
    ) -> Float[Tensor, "b d"]:
        seen = self.see(1 - images)  # white paper is nothing
        return self.place(torch.cat([seen, camera_numbers(world_from_camera)], dim=-1))


glance = Glance(ready_codes.shape[1]).to(device)
pupils = cars[: len(ready_codes)]
chance = torch.Generator().manual_seed(session.seed)


def at_a_glance(who: Int[Tensor, "b"]) -> Float[Tensor, "b d"]:
    """In the table's place: codes of known cars, each read off one of its photographs."""
    which = torch.randint(pupils.batch_shape[1], who.shape, generator=chance).to(device)
    return glance(pupils.images[who, which], pupils.world_from_camera[who, which])


render_loss = step_loss(ready, at_a_glance, pupils)


def code_loss(generator: torch.Generator) -> Tensor:
    """How far the codes are from those of the table."""
    who = torch.randint(len(pupils), (32,), generator=generator, device=device)
    return F.mse_loss(at_a_glance(who), ready_codes[who])


history = fit(
    lambda generator: render_loss(generator) + 10 * code_loss(generator),
    glance.parameters(),
    FitConfig(budget(5, 700, 5000), 2e-3, final_rate=0.02, seed=session.seed),
    title="encoder",
)

# %% [markdown]
# Now both look at the same unseen cars. First through a photograph like those of training. Then through one by a camera
# that leans by 60°, through one from closer by, and through the right half of a photograph whose left half is lost.
# (Half a photograph is a photograph by another lens: `halved` says which. The encoder needs 64×64 pixels, so it
# gets white paper for the rest. The search takes whatever pixels there are.) The third way is both: 20 steps of search
# that begin at the encoder's guess.

# %%
beginning = ready_codes.mean(0)


def halved(views: PosedViews) -> PosedViews:
    """The right halves of photographs: u' = 2u − 1."""
    to_half = torch.tensor([[2.0, 0, -1], [0, 1, 0], [0, 0, 1]], device=device)
    right = views.images[..., views.resolution[1] // 2 :, :]
    return PosedViews(right, to_half @ views.K, views.world_from_camera, views.near, views.far)


def widened(views: PosedViews, value: float = 1.0) -> Float[Tensor, "b 64 64 3"]:
    """The first photograph of each car, with paper on the left if that is missing."""
    return F.pad(views.images[:, 0], (0, 0, 64 - views.resolution[1], 0), value=value)


def shot_from(poses: Float[Tensor, "v 4 4"]) -> PosedViews:
    """What the same cameras see of each unseen car, `b v`."""
    scenes = [make_scene("cars", 0, 100_000 + i) for i in range(len(unseen))]
    poses = poses.expand(len(scenes), -1, -1, -1)
    return photograph(scenes, lens, poses, (64, 64), geometry=False, device=device)


shots = {
    "as in training": shot_from(above[:1]),
    "rolled by 60°": shot_from(above[1:2]),
    "closer": shot_from(above[3:]),
    "right half": halved(shot_from(above[:1])),
}

# %%
seconds = {"encoder": 0.0, "search": 0.0, "encoder, then search": 0.0}


def three_ways(views: PosedViews) -> dict[str, Float[Tensor, "b d"]]:
    """Codes after one photograph of each car: at a glance, by a search, by a search that begins at the glance."""
    marks = [time.perf_counter()]
    with torch.no_grad():
        guess = glance(widened(views), views.world_from_camera[:, 0])
    marks.append(time.perf_counter())
    searched = explain(ready, views, beginning, search)
    marks.append(time.perf_counter())
    mended = explain(ready, views, guess, budget(2, 20, 40))
    marks.append(time.perf_counter())
    for name, (start, end) in zip(seconds, pairwise(marks), strict=True):
        seconds[name] += end - start
    return dict(zip(seconds, (guess, searched, mended), strict=True))


images = {
    shot: {
        name: pictures(ready, z, lens, asked.world_from_camera)
        for name, z in three_ways(views).items()
    }
    for shot, views in shots.items()
}
lines = [f"| | {' | '.join(shots)} | seconds per car |", "|---" * (len(shots) + 2) + "|"]
for name, spent in seconds.items():
    row = [f"{psnr(images[shot][name], asked.images).mean():.1f} dB" for shot in shots]
    lines.append(f"| {name} | {' | '.join(row)} | {spent / len(shots) / len(unseen):.3f} |")
display(Markdown("\n".join(lines)))

# %%
one = min(2, len(unseen) - 1)  # of the unseen cars
film = [
    torch.stack(
        [
            widened(views, 0.8)[one],
            *(each[one, 0] for each in images[shot].values()),
            asked.images[one, 0],
        ]
    )
    for shot, views in shots.items()
]
viewers.show_grid(torch.stack(film).cpu(), list(shots), ["shown", *seconds, "truth"])

# %% [markdown]
# The decoder is the same in every column of pictures, so it was not to blame. The encoder says at a glance what it has
# practised, a thousand times faster than the search; come closer, or tear the photograph in two, and it has never
# practised that. To the search a closer camera is just a camera, and half a photograph just fewer pixels: the
# numbers in its row are nearly equal. And the third way, some steps of search after a glance, costs a small part of
# the time and gains most of what was missing, if the glance was a good one.

# %% [markdown]
# ### Three that do without a world
#
# Who else was there in 2019? The paper compares with three, and so do we. All three are encoders with convolutions
# behind them, made small, in `course_lib.models`.
#
# - **Tatarchenko et al. 2016** (in the table: TCO) give a decoder the code and the camera's numbers, and let it paint:
#   your `PoseConditionedDecoder`. It assumes *nothing* about three dimensions. Whatever a turn does to a picture, it
#   has to learn, for every turn.
# - **Worrall et al. 2017** (WRL) let the code *turn*: its numbers are read as vectors, and another camera means the
#   same vectors in other axes. It assumes that a turn is a rotation, and leaves to convolutions what that means for a
#   picture. Places it does not know, only directions.
# - **Eslami et al. 2018** (dGQN, the deterministic kind) add up what all photographs say, and paint in several strokes,
#   each of them told of the camera again. It assumes that views can be *added*, in any order and number; of space it
#   assumes nothing.
#
# What the paper measured on published photographs of chairs and cars, after one image of an unseen object (PSNR in dB
# / SSIM):
#
# | | chairs | cars |
# |---|---|---|
# | TCO | 21.27 / 0.88 | 18.15 / 0.79 |
# | WRL | 22.11 / 0.90 | 16.89 / 0.77 |
# | dGQN | 21.59 / 0.87 | 18.19 / 0.78 |
# | SRN | 22.89 / 0.91 | 20.72 / 0.85 |
#
# And ours, on cars of the course that nobody had trained on: means of three seeds, in dB. (2026-11-21,
# `python -m benchmarks auto_decoding`; a minute or two of one core for each of the three, four minutes for SRN.)
#
# | | one photograph | two photographs | two, asked from strange cameras |
# |---|---|---|---|
# | pose-conditioned (TCO) | 20.2 | 20.3 | 13.8 |
# | disentangling (WRL) | 18.9 | 19.0 | 14.3 |
# | deterministic GQN | 19.0 | 19.1 | 13.5 |
# | SRN | 27.5 | 28.5 | 26.6 |
#
# SRN leads, as in the paper, and by more: three hundred cars are few to learn from what a turn does to a picture. A
# second photograph hardly helps the others; an encoder that has never had to doubt does not know what to settle with
# it. And the last column, cameras above, leaning and close, is notebook 3's lesson again. To see where it comes
# from, train the first of the three yourself, give it the same two photographs as SRN, and take both along cameras that
# leave home: up, leaning, closer.

# %%
painter = PoseConditioned().to(device)
history = train_baseline(
    painter,
    cars,
    BaselineTraining(FitConfig(budget(5, 400, 6000), 1e-3, final_rate=0.02, seed=session.seed)),
    title="pose-conditioned",
)

# %%
two = given(2)
with torch.no_grad():
    painted = painter.encode(two.images, two.world_from_camera)
walked = explain(ready, two, beginning, search)


def rolled(world_from_camera: Tensor, degrees: float) -> Float[Tensor, "4 4"]:
    """A camera turned about its optical axis."""
    turn, angle = torch.eye(4), np.deg2rad(degrees)
    turn[:2, :2] = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return world_from_camera @ turn


def journey(poses: Sequence[Tensor]) -> tuple[PosedViews, dict[str, Tensor]]:
    """What cameras see of each unseen car, and what the two make of it, `b v h w 3`."""
    truth = shot_from(torch.stack(list(poses)))
    cameras = truth.world_from_camera
    with torch.no_grad():
        images = painter.decode(painted.repeat_interleave(len(poses), 0), cameras.flatten(0, 1))
    return truth, {
        "pose-conditioned": images.unflatten(0, cameras.shape[:2]),
        "SRN": pictures(ready, walked, lens, cameras),
    }


turns, tilts, radii = (
    [5, 20, 35, 50, 65, 75, 85],
    [0, 15, 30, 45, 60, 90, 135, 180],
    [0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5],
)
journeys = {
    "elevation of the camera in degrees": (turns, [orbit_poses(20.0, e) for e in turns], (4, 65)),
    "roll of the camera in degrees": (
        tilts,
        [rolled(orbit_poses(20.0, 25.0), angle) for angle in tilts],
        (0, 0),
    ),
    "distance from the camera to the car": (
        radii,
        [orbit_poses(20.0, 25.0, radius) for radius in radii],
        (1.2, 1.2),
    ),
}
along_journeys = []
for label, (axis, poses, home) in journeys.items():
    truth, images = journey(poses)
    curves = {name: psnr(each, truth.images).mean(0).cpu() for name, each in images.items()}
    away = [not home[0] <= value <= home[1] for value in axis]
    outside = {name: curve[away].mean().item() for name, curve in curves.items()}
    told = ", ".join(f"{name} {value:.1f} dB" for name, value in outside.items())
    print(f"{label}, outside of training: {told}")
    along_journeys.append(
        viewers.show_out_of_distribution(
            {name: (axis, curve) for name, curve in curves.items()},
            home,
            {name: each[one].cpu() for name, each in images.items()},
            truth.images[one].cpu(),
            label=label,
        )
    )
along_journeys[0]

# %%
along_journeys[1]

# %%
along_journeys[2]

# %% [markdown]
# SRN's lines are level where the cars stay equally large, however the camera leans. (In the last picture they slope,
# for a larger car fills more of the paper with things that can be wrong.) The painter has had only half a minute of
# training, so its cars are blurred everywhere; with more it paints better ones, at home. But look at what it does with
# *distance*: nothing at all. All its cameras stood at 1.2. The number never changed, so it has learned to ignore it.
# That cannot happen to SRN, for nobody ever told it the distance as a number. It was told where each ray begins, and
# walked.

# %% [markdown] written="no_encoder" title="A table or an encoder?" points=2
# **Question 2.** Name two things that an auto-decoder can do and the encoder of notebook 3 cannot do without being
# trained for it, and one price that it pays. What would you build if a robot had to recognise objects thirty times a
# second?
#
# BEGIN SOLUTION
# It takes any number of photographs from any cameras (also rolled, close, cropped: any set of pixels), for they only
# add terms to the loss; and it fits the given photographs as well as the decoder can at all, instead of as well as
# one forward pass has learned to guess. It also needs fewer parameters in training, and codes that are not a
# bottleneck of a network. The price is time: hundreds of renderings and gradients per object instead of one pass, a
# start to be chosen, local minima; and the training set needs a code per object. A robot would take an encoder,
# perhaps followed by a few steps of search from its guess, or a meta-learned start that needs only a few steps.
# END SOLUTION

# %% [markdown]
# ## 8 · Your turn
# *60 minutes; the cells as they stand take 10 seconds, your improvements what you give them*
#
# Twelve cars that nobody has seen. Of each you get two photographs, and four cameras: two like those of the
# photographs, one from above, one that leans or stands close. Predict what they see. The bands:

# %%
show_bands("two_photographs")

# %%
task = load_task("two_photographs")
print(task)
viewers.show_grid(
    task.train.images[:4].movedim(0, 1),
    ["photograph 1", "photograph 2"],
    [f"object {i + 1}" for i in range(4)],
)

# %% [markdown]
# The cell below hands in what your model of section 4 makes of them. Some ideas for more:
#
# - *Train longer, on more cars*: what a search finds can only be as good as the prior. `posed_views` makes cars by the
#   thousand.
# - *Search better*: more steps, a rate that falls, several starts of which the best is kept, all pixels instead of
#   some at the end.
# - *Let go at the end*: once the code is found, a few careful steps of the weights on the two photographs can help.
#   (How would you notice when they begin to harm?)
# - *Cameras*: nobody says that you must train on views from 4° to 65°, upright, from 1.2.
#
# And *other data*, if you have a GPU for some hours. `posed_views("shepard_metzler", 1000, 15)` makes the cubes of the
# paper's first experiment at its size. `course_lib.data.load_srn(folder)` reads the cars and chairs that it was
# published with, in the format of its authors, if you have the files; nothing is downloaded.
#
# Judge by `unseen` cars, not by the training loss. As before, searching the generator for the car in the photographs is
# out of bounds: a model must have made the pictures. So is `ready`, which somebody else has trained. (It can be
# beaten: four minutes of one core went into it.)

# %%
my_model = model
searched = explain(my_model, task.train.to(device), middle, search)

# %% trained="two_photographs" title="A car from two photographs" points=6
predictions = pictures(my_model, searched, task.train.K[0, 0], task.world_from_camera)
export_predictions("two_photographs", predictions)  # leaderboard_name="…" if you like to be seen

# %%
check("two_photographs")

# %%
viewers.show_grid(
    torch.cat([task.train.images[:4], predictions[:4].cpu()], dim=1),
    [f"object {i + 1}" for i in range(4)],
    ["shown", "shown", "from elsewhere", "and elsewhere", "from above", "leaning or close"],
)

# %% [markdown]
# ## What you have now
#
# A scene is a function, a code is its place among scenes like it, and a renderer that can be differentiated turns
# photographs into gradients for all of them. Nobody said *depth*, and there was depth; nobody said *object*, and a code
# moves from one object to another through objects. The search for a code takes whatever evidence there is.
#
# What it costs you have felt: to see one pixel, SRN evaluates its network at every step of a walk, and training walks
# back through all of them. The next notebook asks whether the walk is needed at all. A ray has a colour; why not learn
# *that*?
#
# **Further reading.** Sitzmann, Zollhöfer & Wetzstein, "Scene representation networks", NeurIPS 2019. · Park et al.,
# "DeepSDF", CVPR 2019. · Bojanowski et al., "Optimizing the latent space of generative networks", ICML 2018. · Ha et
# al., "HyperNetworks", ICLR 2017. · Kohli, Sitzmann & Wetzstein, "Semantic implicit neural scene representations with
# semi-supervised training", 3DV 2020. · Tatarchenko et al., "Multi-view 3D models from single images with a
# convolutional network", ECCV 2016. · Worrall et al., "Interpretable transformations with encoder-decoder networks",
# ICCV 2017. · Eslami et al., "Neural scene representation and rendering", Science 2018. · Hochreiter & Schmidhuber,
# "Long short-term memory", Neural Computation 1997. · Jozefowicz et al., "An empirical exploration of recurrent network
# architectures", ICML 2015. · Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
# networks", ICLR 2014. · He et al., "Delving deep into rectifiers", ICCV 2015. · Niemeyer et al., "Differentiable
# volumetric rendering", CVPR 2020. · Yariv et al., "Multiview neural surface reconstruction", NeurIPS 2020.

# %% [markdown]
# ## Hand in

# %%
archive = submit("your-id")
