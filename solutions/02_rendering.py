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
# # 2 · Rendering
#
# A camera turns a ray into a pixel. But what does the ray *meet*? That depends on how you write the
# world down. As a function that tells the distance to the nearest surface; as a list of triangles; as
# a fog that is thick here and thin there; as a grid of numbers that a small network reads. Each of
# these *representations* comes with a renderer of its own, and each renderer answers the question that
# inverse graphics lives on, *if I nudge the scene, how does the picture change?*, in its own way.
#
# In this notebook you render one teapot four times, find out what each renderer can differentiate, and
# then run them backwards: from sixty photographs of a car to the car.
#
# | section | you write | you see | reading and writing |
# |---|---|---|---|
# | 1 · Surfaces | distance fields, sphere tracing, rasterisation, light | a teapot, twice; a sphere that finds its place | 80 min |
# | 2 · Fields | positional encoding, SIREN, voxels, three planes | what a network can and cannot hold | 50 min |
# | 3 · Volumes | samples, opacity, compositing, importance | what happens along a ray | 60 min |
# | 4 · One scene, four renderers | nothing | the teapot four times, side by side | 10 min |
# | 5 · Inverse rendering | nothing new | a car that grows out of photographs | 20 min |
# | 6 · Your turn | a scene of your own | a score for views that you have not seen | 40 min |
#
# Every exercise has a cell that you complete and a cell `check("…")` that tells you at once what is
# right, what is not, and where. The same checks, on numbers you have not seen, grade your submission:
# 90 points for code, 6 for the scene that you fit in section 6, and 4 for two short written answers.
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

# %%
import time

from IPython.display import Markdown, display

from autograder import check, export_predictions, show_bands, submit
from course_lib import viewers
from course_lib.meshing import mesh_from_sdf
from course_lib.data.view_task import load_task
from course_lib.scenes import posed_views
from course_lib.setup import setup
from course_lib.training import FitConfig, bytes_kept, fit, psnr

session = setup()
device = session.device


def budget(smoke: int, cpu: int, gpu: int) -> int:
    """Steps of a training cell in this session's mode."""
    return {"smoke": smoke, "cpu": cpu, "gpu": gpu}[session.mode]


# %% [markdown]
# ### Conventions
#
# As in notebook 1: camera axes are OpenCV's ($+x$ right, $+y$ down, $+z$ forward), the world's $z$
# points up, names read `target_from_source`, intrinsics `K` are normalised to $uv \in [0, 1]^2$, pixel
# centres lie half a pixel in, a resolution is `(height, width)`. New, and important today:
#
# - **distance** $t$ is length along a ray with unit direction: $x(t) = o + t\,d$. **depth** is $z$ along
#   the optical axis. They differ by the cosine of the angle between ray and axis: in the corners of an
#   image easily by a tenth. Renderers march in distances; cameras and data sets speak of depth.
# - **Grids** have their outermost nodes exactly on $\pm 1$ (`align_corners=True`), indexed `x, y, z`.
# - **Signed distances** are negative inside. Normals point outwards and have length 1.

# %% [markdown]
# ## 1 · Surfaces
# *80 minutes of reading and writing; all cells together run in 7 s on two cores*
#
# ### A function that knows how far it is
#
# How would you tell a computer what a sphere is? Not as a million points: as a *function*. The
# **signed distance** $f(x)$ says how far $x$ is from the nearest point of the surface, negative inside,
# and the surface is where it vanishes. For a sphere of radius $r$ around the origin
#
# $$ f(x) = \lVert x \rVert - r . $$
#
# A box with half sizes $h$ needs a little more thought. By symmetry only $q = |x| - h$ matters. If
# some $q_i$ are positive we are outside, and the nearest point differs from $x$ by exactly those; if
# none is, we are inside, and the nearest face is the one with the largest $q_i$:
#
# $$ f(x) = \lVert \max(q, 0) \rVert + \min(\max_i q_i,\, 0). $$
#
# And a torus is a circle in disguise: measure how far you are from the circle of radius $R$ in the
# plane $z = 0$, then take off the tube's radius $\rho$.
#
# All three are *exact*: their gradient has length 1 wherever it exists. That will be our licence to
# walk along rays in seven-league boots.


# %% exercise="sdf_primitives" title="Sphere, box, torus" points=5
def sphere_sdf(x: Float[Tensor, "*b 3"], radius: float) -> Float[Tensor, "*b"]:
    """Signed distance from a sphere around the origin: negative inside."""
    # BEGIN SOLUTION
    return x.norm(dim=-1) - radius
    # END SOLUTION


def box_sdf(x: Float[Tensor, "*b 3"], half_sizes: Float[Tensor, "3"]) -> Float[Tensor, "*b"]:
    """Exact signed distance from a box around the origin, `half_sizes` from its centre to its faces."""
    # BEGIN SOLUTION
    q = x.abs() - half_sizes
    outside = q.clamp_min(0).norm(dim=-1)
    inside = q.amax(dim=-1).clamp_max(0)
    return outside + inside
    # END SOLUTION


def torus_sdf(x: Float[Tensor, "*b 3"], major: float, minor: float) -> Float[Tensor, "*b"]:
    """Signed distance from a torus around the z axis: a tube of radius `minor` along a circle of radius `major`."""
    # BEGIN SOLUTION
    from_circle = x[..., :2].norm(dim=-1) - major
    return torch.stack([from_circle, x[..., 2]], dim=-1).norm(dim=-1) - minor
    # END SOLUTION


# %%
check("sdf_primitives")

# %% [markdown]
# A slice through a box. Blue is outside, red inside, and the bold line is the surface. Look at the
# corners: outside they are *round*, because the nearest point is the corner itself; inside they are
# not. A formula that is only a bound, such as $\max_i q_i$, has square lines on both sides.


# %%
def plane_points(low: float, high: float, count: int = 160, axes=(0, 2)) -> Tensor:
    """Points `count count 3` on a plane through the origin; columns run along the first axis."""
    ticks = torch.linspace(low, high, count)
    points = torch.zeros(count, count, 3)
    points[..., axes[0]], points[..., axes[1]] = ticks[None, :], ticks[:, None]
    return points


flat = plane_points(-1, 1)
viewers.show_slice(
    box_sdf(flat, torch.tensor([0.55, 0.4, 0.3])), title="a box", axes_names=("x", "z")
)

# %% [markdown]
# ### Building with distances
#
# Two shapes together are nearest where the nearer of them is: $f = \min(f_a, f_b)$. That is a hard
# seam. A *smooth* union melts the two into each other where they are about equally far (Quilez 2013,
# "Smooth minimum"). With $h = \mathrm{clamp}\big(\tfrac12 + \tfrac{f_b - f_a}{2k}, 0, 1\big)$,
#
# $$ f = h f_a + (1 - h) f_b - k\,h\,(1 - h). $$
#
# And subtracting a radius from any distance inflates the shape by it, which rounds every edge.
#
# None of these keeps distances exact everywhere. They keep something weaker and sufficient: the value
# never *over*states how far the surface is.


# %% exercise="sdf_operations" title="Union, smooth union, rounding" points=4
def union_sdf(a: Float[Tensor, "*b"], b: Float[Tensor, "*b"]) -> Float[Tensor, "*b"]:
    """Signed distance from what belongs to either of two shapes (a bound inside, exact outside)."""
    # BEGIN SOLUTION
    return torch.minimum(a, b)
    # END SOLUTION


def smooth_union_sdf(
    a: Float[Tensor, "*b"], b: Float[Tensor, "*b"], width: float
) -> Float[Tensor, "*b"]:
    """A union whose seam is blended wherever the two distances differ by less than `width`.

    With h = clamp(1/2 + (b − a) / (2 width), 0, 1): a·h + b·(1 − h) − width·h·(1 − h).
    """
    # BEGIN SOLUTION
    h = (0.5 + (b - a) / (2 * width)).clamp(0, 1)
    return a * h + b * (1 - h) - width * h * (1 - h)
    # END SOLUTION


def round_sdf(distance: Float[Tensor, "*b"], radius: float) -> Float[Tensor, "*b"]:
    """Signed distance from the shape grown by `radius` in all directions, which rounds its edges."""
    # BEGIN SOLUTION
    return distance - radius
    # END SOLUTION


# %%
check("sdf_operations")

# %%
left = box_sdf(flat - torch.tensor([0.28, 0, 0.1]), torch.tensor([0.35, 0.3, 0.35]))
right = sphere_sdf(flat + torch.tensor([0.35, 0, 0.1]), 0.42)
viewers.show_slice(smooth_union_sdf(left, right, 0.3), title="melted", axes_names=("x", "z"))

# %% [markdown]
# ### The teapot
#
# In 1975 Martin Newell needed a test object and had just had tea. Ours is built from the three
# primitives and the three operations that you just wrote: a squashed sphere on a ring, a torus that is
# half sunk into it for a handle, a thin rounded box for a spout, a lid with a knob.


# %% export=true
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


# %%
flat = plane_points(-0.8, 0.8)
viewers.show_slice(
    teapot_sdf(flat), -0.8, 0.8, title="the teapot, cut in half", axes_names=("x", "z")
)

# %% [markdown]
# ### Which way does the surface face?
#
# Light needs a normal, and a distance field has it for free: the direction in which the distance
# grows fastest, $n = \nabla f / \lVert \nabla f \rVert$. Automatic differentiation computes it. Two
# traps: `torch.autograd.grad` wants a scalar, and the sum over a batch is one whose gradient at $x_i$
# is just $\nabla f(x_i)$, because no point feels its neighbours. And a function that renders is often
# called inside `torch.no_grad()`, where nothing can be differentiated unless you ask for it again.


# %% exercise="sdf_normals" title="Normals from a distance field" points=4
def sdf_normals(
    sdf: Callable[[Float[Tensor, "*b 3"]], Float[Tensor, "*b"]], x: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b 3"]:
    """Unit outward normals: the normalised gradient of `sdf` at the points `x`, by automatic differentiation.

    Works for any batch shape, also under torch.no_grad(). The result carries no graph.
    """
    # BEGIN SOLUTION
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(x).sum(), x)
    return F.normalize(gradient, dim=-1)
    # END SOLUTION


# %%
check("sdf_normals")

# %% [markdown]
# ### Sphere tracing
#
# A ray leaves the camera. Where does it meet the surface? In steps of a fixed size you either crawl or
# jump through walls. But $f(x)$ is a promise: *no surface is closer than this*. So step exactly that
# far, ask again, and stop when the promise becomes tiny (Hart 1996):
#
# $$ t \leftarrow t + f(o + t\,d) \quad\text{until}\quad f < \epsilon \;\text{(hit)} \quad\text{or}\quad t \ge \text{far (miss)}. $$
#
# Rays that hit rush in; rays that barely miss crawl along the surface in tiny steps. All rays march
# together, so remember per ray whether it is still moving: a finished ray must not take another step.


# %% exercise="sphere_trace" title="Sphere tracing" points=8
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
    # BEGIN SOLUTION
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
    # END SOLUTION


# %%
check("sphere_trace")

# %% [markdown]
# Four rays through the plane of the spout. Each circle is one promise, and each step goes to its rim.
# See how the steps shrink where a ray grazes the pot without meeting it.


# %%
def march(origin: Tensor, direction: Tensor, steps: int = 14) -> tuple[Tensor, Tensor]:
    """Where sphere tracing stops along one ray, and the distances found there."""
    t, points, radii = torch.tensor(0.0), [], []
    for _ in range(steps):
        points.append(origin + t * direction)
        radii.append(teapot_sdf(points[-1]).abs())
        t = t + radii[-1]
    return torch.stack(points), torch.stack(radii)


start = torch.tensor([0.95, 0.0, 0.85])
aims = torch.tensor([[0.5, 0, 0.25], [0.2, 0, 0.15], [0.0, 0, 0.46], [-0.3, 0, 0.65]])
marches = [march(start, F.normalize(aim - start, dim=0)) for aim in aims]
wide = plane_points(-1.1, 1.1)
viewers.show_march(
    torch.stack([points[:, [0, 2]] for points, _ in marches]),
    torch.stack([radii for _, radii in marches]),
    values=teapot_sdf(wide),
    low=-1.1,
    high=1.1,
    axes_names=("x", "z"),
)

# %% [markdown]
# Every pixel now: one ray each, all at once.

# %%
K = torch.tensor([[1.55, 0.0, 0.5], [0.0, 1.55, 0.5], [0.0, 0.0, 1.0]])
up = torch.tensor([0.0, 0.0, 1.0])
eye = torch.tensor([1.0, -1.5, 0.9])
teapot_camera = look_at(eye, torch.zeros(3), up)
origins, directions = world_rays(pixel_centers((128, 128)), K, teapot_camera)
distance, hit = sphere_trace(teapot_sdf, origins, directions, far=4.0)
surface = origins + distance[..., None] * directions
normals = torch.where(hit[..., None], sdf_normals(teapot_sdf, surface), 0.0)
cosine = directions @ teapot_camera[:3, 2]  # of the angle between ray and optical axis
traced_depth = torch.where(hit, distance * cosine, math.inf)
viewers.show_maps({"depth": traced_depth, "normals": normals})

# %% [markdown]
# ### Light
#
# The oldest model of reflection still serves: a matte surface sends light out equally in all
# directions, so its brightness depends only on how squarely the light falls, *Lambert's cosine*
# $\max(0, n \cdot l)$. Varnish adds a highlight where the normal is close to the *half vector*
# $h = (l + v) / \lVert l + v \rVert$ between the directions to the light and to the eye (Blinn 1977):
#
# $$
# \text{rgb} = \text{albedo}\,\big(k_a + (1 - k_a) \max(0, n \cdot l)\big) + k_s \max(0, n \cdot h)^{m}\,[\,n \cdot l > 0\,].
# $$
#
# A surface that faces away from the light keeps the ambient share only; a highlight there would be
# light that shines through the pot.


# %% exercise="shade" title="Light and material" points=4
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
    # BEGIN SOLUTION
    lambert = (normals * to_light).sum(-1, keepdim=True)
    half = F.normalize(to_light + to_eye, dim=-1)
    gloss = (normals * half).sum(-1, keepdim=True).clamp_min(0) ** shininess
    diffuse = albedo * (ambient + (1 - ambient) * lambert.clamp_min(0))
    return (diffuse + torch.where(lambert > 0, specular * gloss, 0.0)).clamp(0, 1)
    # END SOLUTION


# %%
check("shade")


# %% export=true
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


# %%
start_time = time.perf_counter()
traced, _ = render_surface(teapot_sdf, teapot_albedo, origins, directions, 4.0)
traced_seconds = time.perf_counter() - start_time
viewers.show_images([traced], ["sphere traced"])

# %% [markdown]
# **Walk around it.** Drag the picture with the mouse, or use the sliders; the buttons switch between
# colour, depth and normals. Every frame sends 9,216 rays through your `sphere_trace`.


# %%
def teapot_view(world_from_camera: Tensor, resolution: tuple[int, int], samples: int) -> dict:
    """What the viewer shows: maps by name."""
    o, d = world_rays(pixel_centers(resolution), K, world_from_camera)
    rgb, t = render_surface(teapot_sdf, teapot_albedo, o, d, 4.0)
    points = o + torch.where(t.isfinite(), t, 0.0)[..., None] * d
    n = torch.where(t.isfinite()[..., None], sdf_normals(teapot_sdf, points), 0.0)
    return {"rgb": rgb, "depth": t * (d @ world_from_camera[:3, 2]), "normals": n}


# %%
viewers.OrbitViewer(teapot_view, look_at, samples=0, distance=2.0, resolution=(96, 96))

# %% [markdown]
# ### Triangles
#
# Your graphics card prefers another representation. A mesh is a list of vertices and a
# list of faces, and *rasterisation* asks the question the other way round: not "what does this pixel
# meet?" but "which pixels does this triangle cover?". We get a mesh of the very same teapot by
# sampling your distance field on a grid and cutting each cell where the sign changes (marching
# tetrahedra, Doi & Koide 1991).

# %%
grid_points = torch.cartesian_prod(*[torch.linspace(-0.75, 0.75, 25)] * 3)
values = teapot_sdf(grid_points).reshape(25, 25, 25)
vertices, faces = mesh_from_sdf(values, (-0.75,) * 3, (0.75,) * 3)
print(f"{len(vertices):,} vertices, {len(faces):,} faces")
viewers.show_mesh_wireframe(vertices, faces, teapot_camera, K)

# %% [markdown]
# The textbook way projects the three corners and works with areas in the image. It divides by depth,
# so triangles with a corner behind the camera must be clipped first, and barycentric coordinates come
# out wrong unless they are corrected for perspective. There is a way without either (Olano & Greer
# 1997, "Triangle scan conversion using 2D homogeneous coordinates"). In the camera's frame, let the
# triangle's corners $a, b, c$ be the columns of $M$, and let $r = (x, y, 1)$ be the ray of a pixel. A
# point on the ray is a mixture of the corners, $M\beta = z\,r$. So solve
#
# $$
# M w = r, \qquad
# w = \frac{1}{\det M} \begin{pmatrix} (b \times c)^\top \\ (c \times a)^\top \\ (a \times b)^\top \end{pmatrix} r .
# $$
#
# The pixel is covered if all $w_i \ge 0$ (and not all zero); then depth is $z = 1 / \sum_i w_i$ and the
# perspective-correct barycentrics are $\beta = z\,w$. The determinant takes care of both windings. A
# corner behind the camera is just another vector. The *near plane* is the condition $z \ge \text{near}$.
#
# Per pixel keep the nearest triangle: the *z-buffer* again. All faces times all pixels is a large
# array: work on a block of faces at a time.


# %% exercise="rasterize" title="Rasterisation" points=9
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
    # BEGIN SOLUTION
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
    # END SOLUTION


# %%
check("rasterize")

# %%
start_time = time.perf_counter()
raster_depth, barycentrics, face = rasterize(vertices, faces, K, teapot_camera, (128, 128))
raster_seconds = time.perf_counter() - start_time
seen = face >= 0
corners = vertices[faces[face.clamp_min(0)]]
points = (barycentrics[..., None] * corners).sum(-2)
to_light = F.normalize(torch.tensor([0.45, -0.6, 1.0]), dim=0)
flat_normals = F.normalize(
    torch.linalg.cross(
        corners[..., 1, :] - corners[..., 0, :], corners[..., 2, :] - corners[..., 0, :]
    ),
    dim=-1,
)
rastered = shade(flat_normals, to_light, -directions, teapot_albedo(points))
rastered = torch.where(seen[..., None], rastered, 1.0)
viewers.show_images([traced, rastered], ["sphere traced", f"{len(faces):,} triangles, flat shaded"])

# %% [markdown]
# Each triangle has one normal, so the pot is a disco ball. Interpolating the *vertices'* normals with
# the barycentrics would smooth it: that is all that barycentrics are for, in one line of code.
#
# ### A derivative through the surface
#
# Sphere tracing is a loop of up to 128 steps. To learn from pictures we need the derivative of the
# distance $t$ with respect to the scene's parameters $\theta$, and back-propagating through the loop
# would store every step. There is no need to. Where the ray meets the surface, *however we found out*,
#
# $$ f_\theta\big(o + t\,d\big) = 0 . $$
#
# Nudge $\theta$: $t$ must change so that this stays true. Differentiate the equation:
#
# $$
# \frac{\partial f}{\partial \theta} + (\nabla f \cdot d)\,\frac{\partial t}{\partial \theta} = 0
# \quad\Longrightarrow\quad
# \frac{\partial t}{\partial \theta} = -\frac{1}{\nabla f \cdot d}\,\frac{\partial f}{\partial \theta}.
# $$
#
# This is the implicit function theorem, and the trick behind IDR (Yariv et al. 2020) and DVR (Niemeyer
# et al. 2020). In code: freeze $t$ and the slope $\nabla f \cdot d$, evaluate $f$ once more at the hit
# with everything alive, and return
#
# $$ t - \frac{f - \mathrm{detach}(f)}{\mathrm{detach}(\nabla f \cdot d)} . $$
#
# Its value is $t$, bit for bit; its derivative is the formula above, for $\theta$, for $o$ and for $d$.


# %% exercise="differentiable_hit" title="A derivative through the surface" points=7
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
    # BEGIN SOLUTION
    distance = distance.detach()
    with torch.enable_grad():
        point = (origins + distance[..., None] * directions).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(sdf(params.detach(), point).sum(), point)
    slope = (gradient * directions.detach()).sum(-1)
    slope = torch.where(slope < 0, slope.clamp_max(-1e-3), slope.clamp_min(1e-3))
    value = sdf(params, origins + distance[..., None] * directions)
    return distance - (value - value.detach()) / slope
    # END SOLUTION


# %%
check("differentiable_hit")

# %% [markdown]
# ### Inverse rendering I: where is the sphere, and how large?
# *a second in every mode*
#
# Three cameras photographed a matte sphere. We know nothing of where it is or how large, and start with
# a small one beside it. Render, compare, follow the gradient: centre and radius are four numbers, and
# everything between them and the pixels is your code.


# %%
def ball(params: Tensor, x: Tensor) -> Tensor:
    """Signed distance from a sphere; params are its centre and radius."""
    return sphere_sdf(x - params[:3], params[3])


def ball_image(params: Tensor, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Brightness under one light, differentiable in params, and which rays hit."""
    frozen = params.detach()
    distance, hit = sphere_trace(lambda x: ball(frozen, x), origins, directions, 5.0)
    distance = differentiable_hit(ball, params, origins, directions, distance)
    normals = (origins + distance[..., None] * directions - params[:3]) / params[3]
    to_light = F.normalize(torch.tensor([0.3, -0.5, 0.8]), dim=0)
    return 0.2 + 0.8 * (normals @ to_light).clamp_min(0), hit


eyes = torch.tensor([[2.0, -1.0, 0.8], [-1.0, -2.0, 0.5], [0.3, -0.6, 2.4]])
ball_cameras = look_at(eyes, torch.zeros(3), up)
ball_origins, ball_directions = world_rays(pixel_centers((48, 48)), K, ball_cameras[:, None, None])
ball_origins = ball_origins.expand_as(ball_directions)
truth = torch.tensor([0.12, -0.10, 0.08, 0.42])
with torch.no_grad():
    photo, photo_hit = ball_image(truth, ball_origins, ball_directions)
params = torch.tensor([-0.12, 0.10, -0.10, 0.25], requires_grad=True)
path = []


def ball_loss(generator: torch.Generator) -> Tensor:
    """Compare where both spheres are seen: elsewhere there is no surface to move."""
    image, hit = ball_image(params, ball_origins, ball_directions)
    path.append(params.detach().clone())
    both = hit & photo_hit
    return (image - photo)[both].square().mean()


fit(ball_loss, [params], FitConfig(steps=120, learning_rate=0.02), title="sphere")
path = torch.stack(path)
viewers.show_curves(
    torch.arange(len(path)),
    {
        "centre is off by": (path[:, :3] - truth[:3]).norm(dim=1),
        "radius is off by": (path[:, 3] - truth[3]).abs(),
    },
    ("step", "world units"),
    scales=("linear", "log"),
)

# %% [markdown] written="silhouettes" title="What a surface cannot feel" points=2
# **Question 1.** The loss above looks only at pixels where *both* spheres are seen. Suppose that the two
# do not overlap in any picture. What is the gradient then, and why does neither sphere tracing nor
# rasterisation, as you wrote them, give another one? Which of the next sections' renderers would still
# feel a pull, and at what price?
#
# BEGIN SOLUTION
# The set of pixels is empty, and even if we compared all pixels the gradient would be 0: a pixel's
# colour is constant (background) until the silhouette crosses its centre, where it jumps. Derivatives
# of hits and barycentrics describe how what is seen at a pixel changes, not which surface is seen; the
# visibility at silhouettes is a step function. A volume renderer feels a pull, because a soft density
# reaches over many pixels; the price is a blurred surface and many evaluations per ray. (Soft
# rasterisers or reparametrised edges are the surface renderers' way out.)
# END SOLUTION

# %% [markdown]
# ## 2 · Fields
# *50 minutes of reading and writing; all cells together: smoke 4 s · cpu 24 s on two cores · gpu: not yet measured*
#
# A distance field is a *formula* when a person writes it. When nobody knows the formula, let a network
# or a table of numbers stand in for it: a **field** maps a point $x$ to whatever lives there, a
# distance, a density, a colour, a feature. Networks are compact and smooth; grids are fast and local.
# This section builds the four kinds that the rest of the course uses.
#
# ### Why a plain network sees blurry
#
# Feed coordinates into an ordinary ReLU network and it learns the average long before the details: its
# *spectral bias* (Rahaman et al. 2019). NeRF's cure is to hand it the details as input. Each coordinate
# is replaced by sines and cosines of doubling frequencies (Mildenhall et al. 2020, equation 4):
#
# $$ \gamma(x) = \big(\sin(2^0 \pi x), \cos(2^0 \pi x), \dots, \sin(2^{L-1} \pi x), \cos(2^{L-1} \pi x)\big). $$


# %% exercise="positional_encoding" title="Positional encoding" points=4
def positional_encoding(x: Float[Tensor, "*b d"], octaves: int) -> Float[Tensor, "*b f"]:
    """Sines and cosines of every coordinate at doubling frequencies (Mildenhall et al. 2020, equation 4).

    For each coordinate x_i in turn: sin(2⁰πx_i), cos(2⁰πx_i), sin(2¹πx_i), cos(2¹πx_i), …
    """
    # BEGIN SOLUTION
    frequencies = math.pi * 2.0 ** torch.arange(octaves, dtype=x.dtype, device=x.device)
    angle = x[..., None] * frequencies
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-3)
    # END SOLUTION


# %%
check("positional_encoding")

# %% [markdown]
# ### A layer that sings
#
# SIREN's cure (Sitzmann et al. 2020) is to use the sine as the activation. Its magic is in the start:
# with the right initial weights, the signal leaves the tenth layer with the *same distribution* as
# the first. With $n$ inputs and $\omega_0 = 30$:
#
# - hidden layers draw $W$ uniformly from $\pm\sqrt{6/n}/\omega_0$, so that $\omega_0 W x$ is about
#   normal with standard deviation 1 (the bias $b$ only shifts the phase);
# - the **first layer is different**: $\pm 1/n$. Its inputs are coordinates, and times $\omega_0$ they
#   should run through several periods of the sine: that is where the high frequencies come from.


# %% exercise="siren_layer" title="A layer of sines" points=5
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
        # BEGIN SOLUTION
        bound = 1 / in_features if first else math.sqrt(6 / in_features) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)
        # END SOLUTION

    def forward(self, x: Float[Tensor, "*b in"]) -> Float[Tensor, "*b out"]:
        """Apply the layer."""
        # BEGIN SOLUTION
        return torch.sin(self.omega * self.linear(x))
        # END SOLUTION


# %%
check("siren_layer")

# %% [markdown]
# Look at the activations through five layers of untrained network. The orange curve is the arcsine
# density, that of $\sin$ of a wide random angle. Every layer should look alike.

# %%
torch.manual_seed(session.seed)
layers = [SirenLayer(2, 256, first=True)] + [SirenLayer(256, 256) for _ in range(4)]
signal, activations = torch.rand(2000, 2) * 2 - 1, {}
with torch.no_grad():
    for number, layer in enumerate(layers, 1):
        signal = layer(signal)
        activations[f"layer {number}"] = signal
ticks = torch.linspace(-0.995, 0.995, 200)
arcsine = (ticks, 1 / (math.pi * (1 - ticks**2).sqrt()))
viewers.show_histograms(activations, dict.fromkeys(activations, arcsine), span=(-1, 1))

# %% [markdown]
# **A race.** Three networks of much the same size learn one picture, the teapot's, from pixel coordinates.
# *smoke 2 s · cpu 17 s*


# %%
class PlainMlp(nn.Module):
    """Coordinates in, colour out, through ReLU layers; `encode` is applied first."""

    def __init__(self, inputs: int, encode: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.encode = encode
        self.layers = nn.Sequential(
            nn.Linear(inputs, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 3)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.layers(self.encode(x)))


torch.manual_seed(session.seed)
race = {
    "coordinates": PlainMlp(2, lambda x: x),
    "positional encoding": PlainMlp(24, lambda x: positional_encoding(x, 6)),
    "SIREN": nn.Sequential(SirenLayer(2, 96, first=True), SirenLayer(96, 96), nn.Linear(96, 3)),
}
where, picture = pixel_centers((128, 128)).reshape(-1, 2) * 2 - 1, traced.reshape(-1, 3)
drawn, curves = {"the picture": traced}, {}
for name, network in race.items():
    history = fit(
        lambda generator, net=network: (net(where) - picture).square().mean(),
        network.parameters(),
        FitConfig(steps=budget(30, 250, 1000), learning_rate=3e-3),
        title=f"{name:<19}",
    )
    curves[name] = [-10 * math.log10(loss) for loss in history.losses]
    drawn[name] = network(where).detach().reshape(128, 128, 3).clamp(0, 1)
viewers.show_images(list(drawn.values()), list(drawn))

# %%
viewers.show_curves(torch.arange(len(history.losses)), curves, ("step", "PSNR in dB"))

# %% [markdown]
# ### Numbers on a grid
#
# The opposite temperament: no network at all. Store values at the nodes of a grid and interpolate
# between the eight corners of the cell that a point falls in, *trilinear interpolation*. It is exact at
# the nodes, exact for anything linear, and a point's gradient reaches its eight corners only, which is
# why grids train so fast. `torch.nn.functional.grid_sample` does it, with two stumbling blocks: it wants
# coordinates in the order of the *last* dimension first, and `align_corners` decides whether $\pm1$ is a
# node or the edge of a cell. Ours: $\pm 1$ is a node.


# %% exercise="voxel_field" title="A field on a voxel grid" points=4
def voxel_field(
    grid: Float[Tensor, "c x y z"], points: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b c"]:
    """Trilinear interpolation in a grid whose outermost nodes lie exactly on the faces of the cube [−1, 1]³.

    grid[:, i, j, k] is the value at x = −1 + 2i/(nx − 1), y = −1 + 2j/(ny − 1), z = −1 + 2k/(nz − 1). Outside
    the cube the field continues with the value of the nearest point of the cube.
    """
    # BEGIN SOLUTION
    # grid_sample's coordinates run from the last dimension to the first.
    where = points.reshape(1, -1, 1, 1, 3).flip(-1)
    values = F.grid_sample(grid[None], where, padding_mode="border", align_corners=True)
    return values[0, :, :, 0, 0].T.reshape(*points.shape[:-1], len(grid))
    # END SOLUTION


# %%
check("voxel_field")

# %%
coarse = {"exact": teapot_sdf(flat)}
for count in (8, 16, 32):
    nodes = torch.cartesian_prod(*[torch.linspace(-0.8, 0.8, count)] * 3)
    stored = teapot_sdf(nodes).reshape(1, count, count, count)
    coarse[f"{count}³ nodes"] = voxel_field(stored, flat / 0.8)[..., 0]
inside = [(values > 0).float().flip(0)[..., None].expand(-1, -1, 3) for values in coarse.values()]
viewers.show_images(inside, list(coarse))

# %% [markdown]
# ### Hybrids: a little of both
#
# A grid of $n^3$ nodes has a problem with the number 3. Three *planes* have $3 n^2$ numbers: look the
# point up in the $(x, y)$, $(x, z)$ and $(y, z)$ plane and add what you find (EG3D: Chan et al. 2022). On
# their own, three planes can only hold a *sum* of functions of two coordinates, and a teapot is no such
# sum. So let them hold features, and let a small network **read** them:
#
# $$ \text{hybrid}(x) = \text{decoder}\big(\text{planes}(x)\big). $$
#
# Composed, not added: the decoder never sees $x$ itself, only what the planes say about it. (ConvONet
# has a voxel grid in place of the planes, Instant NGP a table of hashed grids; the pattern is the same:
# an explicit part that is local and fast, an implicit part that is shared and clever.)


# %% exercise="hybrid_field" title="Three planes and a decoder" points=5
def triplane_field(
    planes: Float[Tensor, "3 c n n"], points: Float[Tensor, "*b 3"]
) -> Float[Tensor, "*b c"]:
    """The sum of three bilinear look-ups, in the planes (x, y), (x, z) and (y, z) (Chan et al. 2022, section 3).

    planes[p, :, i, j]: i runs along the plane's first named axis, j along its second, from −1 to 1; the outermost
    nodes lie on ±1. Points outside the cube [−1, 1]³ take the value of its nearest point.
    """
    # BEGIN SOLUTION
    flat = points.reshape(-1, 3)
    pairs = torch.stack([flat[:, [1, 0]], flat[:, [2, 0]], flat[:, [2, 1]]])  # second axis first
    values = F.grid_sample(planes, pairs[:, :, None], padding_mode="border", align_corners=True)
    return values[..., 0].sum(0).T.reshape(*points.shape[:-1], planes.shape[1])
    # END SOLUTION


def hybrid_field(
    planes: Float[Tensor, "3 c n n"],
    decoder: Callable[[Float[Tensor, "*b c"]], Float[Tensor, "*b k"]],
    points: Float[Tensor, "*b 3"],
) -> Float[Tensor, "*b k"]:
    """A hybrid representation: the decoder, a small network, reads the features that the planes hold at a point."""
    # BEGIN SOLUTION
    return decoder(triplane_field(planes, points))
    # END SOLUTION


# %%
check("hybrid_field")

# %% [markdown]
# What does the decoder add? Both models below look points up in three planes of $48^2$ nodes and learn
# the teapot's distance from random points. Only one of them can get it right: without a decoder more
# channels would not help, because a sum of sums is still a sum. *smoke 2 s · cpu 15 s*

# %%
torch.manual_seed(session.seed)
sum_planes = nn.Parameter(0.1 * torch.randn(3, 1, 48, 48))
feature_planes = nn.Parameter(0.1 * torch.randn(3, 12, 48, 48))
decoder = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 1))
models = {
    "planes alone": (lambda x: triplane_field(sum_planes, x), [sum_planes]),
    "planes + decoder": (
        lambda x: hybrid_field(feature_planes, decoder, x),
        [feature_planes, *decoder.parameters()],
    ),
}
slices = {"exact": teapot_sdf(flat)}
for name, (field, parameters) in models.items():

    def distance_loss(generator: torch.Generator, field=field) -> Tensor:
        x = torch.rand(8192, 3, generator=generator) * 1.6 - 0.8
        return (field(x / 0.8)[..., 0] - teapot_sdf(x)).abs().mean()

    fit(
        distance_loss,
        parameters,
        FitConfig(steps=budget(40, 400, 1000), learning_rate=1e-2),
        title=f"{name:<16}",
    )
    slices[name] = field(flat / 0.8)[..., 0].detach()
inside = [(values > 0).float().flip(0)[..., None].expand(-1, -1, 3) for values in slices.values()]
viewers.show_images(inside, list(slices))

# %% [markdown]
# ## 3 · Volumes
# *60 minutes of reading and writing; all cells together run in 2 s*
#
# A surface is a decision: here yes, there no. Decisions have no gradient. So soften the world to a
# *fog*. At every point there is a density $\sigma(x) \ge 0$, the probability per unit length that a
# photon is stopped there, and a colour $c(x)$ that it then brings home. The light that a ray gathers is
#
# $$
# C = \int_{\text{near}}^{\text{far}} T(t)\,\sigma(t)\,c(t)\,dt, \qquad
# T(t) = \exp\Big(-\int_{\text{near}}^{t} \sigma(s)\,ds\Big).
# $$
#
# $T$ is the *transmittance*, the share of light that gets as far as $t$ (Max 1995; Kajiya & von Herzen
# 1984). You compute this integral in three small steps.
#
# ### Where to look
#
# Cut $[\text{near}, \text{far}]$ into $n$ equal bins and take one sample in each. Always the middle?
# Then the network only ever sees those places and may do as it likes between them. A *random* place in
# each bin (the jitter) covers everything in the long run and is still spread evenly.


# %% exercise="stratified_samples" title="Where to look along a ray" points=4
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
    # BEGIN SOLUTION
    if jitter is None:
        jitter = torch.full_like(near, 0.5)[..., None]
    near, far, _ = torch.broadcast_tensors(near, far, jitter[..., 0])
    if not (near < far).all():
        raise ValueError("stratified_samples: near must be smaller than far for every ray")
    share = torch.linspace(0, 1, count + 1, dtype=near.dtype, device=near.device)
    edges = near[..., None] + (far - near)[..., None] * share
    samples = edges[..., :-1] + jitter * (edges[..., 1:] - edges[..., :-1])
    return samples, edges
    # END SOLUTION


# %%
check("stratified_samples")

# %% [markdown]
# ### From density to opacity
#
# If the density is constant over an interval of length $\delta$, the share of light that stops in it is
#
# $$ \alpha = 1 - e^{-\sigma\delta} . $$
#
# Not $\sigma\delta$: two intervals of $\delta/2$ must stop as much as one of $\delta$. For thin fog
# beware of $1 - e^{-x}$: with $x = 10^{-8}$ float32 answers $0$. There is a function made for this.


# %% exercise="alpha_from_density" title="From density to opacity" points=3
def alpha_from_density(
    sigma: Float[Tensor, "*#b"], delta: Float[Tensor, "*#b"]
) -> Float[Tensor, "*b"]:
    """The share of light that an interval of length `delta` and constant density `sigma` absorbs: 1 − exp(−σδ).

    Exact to the last digit for thin fog (σδ of 1e-8), and 1 for σ = ∞. σ is in 1/length, both are ≥ 0.
    """
    # BEGIN SOLUTION
    return -torch.expm1(-sigma * delta)
    # END SOLUTION


# %%
check("alpha_from_density")

# %% [markdown]
# ### Compositing
#
# Now walk along the ray from front to back. Light that reaches sample $i$ has passed all samples
# *before* it, and only those:
#
# $$
# T_i = \prod_{j < i} (1 - \alpha_j), \qquad w_i = T_i\,\alpha_i, \qquad
# C = \sum_i w_i\,c_i + T_n\,c_\text{background} .
# $$
#
# $T_0 = 1$: nothing is in the way of the first sample. The strict $j < i$ is the most popular bug of
# this course; with $j \le i$ an opaque wall would stand in its own shadow. A useful invariant: nothing
# is lost, $\sum_i w_i + T_n = 1$.


# %% exercise="composite" title="Compositing" points=8
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
    # BEGIN SOLUTION
    transmittance = torch.cumprod(F.pad(1 - alpha, (1, 0), value=1.0), dim=-1)
    weights = transmittance[..., :-1] * alpha
    value = (weights[..., None, :] @ values)[..., 0, :]
    if background is not None:
        value = value + transmittance[..., -1:] * background
    return value, weights, transmittance
    # END SOLUTION


# %%
check("composite")

# %% [markdown] written="refinement" title="Cut a fog in two" points=2
# **Question 2.** A friend predicts $\alpha$ directly with a network, for each sample, and leaves out
# $\sigma$ and $\delta$: "one exponential less". The pictures are perfect with the 64 samples per ray
# used in training. What happens with 128 samples, or where importance sampling puts samples closer
# together, and why does $1 - e^{-\sigma\delta}$ not have this problem?
#
# BEGIN SOLUTION
# α belongs to an interval, not to a point. With twice the samples every ray passes twice as many
# α's, so the fog becomes denser: (1 − α)² instead of (1 − α). Surfaces move towards the camera and thin
# fog turns opaque. With α = 1 − exp(−σδ), halving δ gives two intervals whose transmittances multiply to
# the same exp(−σδ): the picture converges as samples are added instead of changing.
# END SOLUTION

# %% [markdown]
# ### How far did the light come from?
#
# The weights are a probability distribution over the places where the ray ended. Their mean is a
# distance (along the ray!), and times the cosine it is a depth. Rays that met nothing have no mean:
# say so with $\infty$, and keep NaN out of the gradient (the trap of `torch.where` from notebook 1).


# %% exercise="expected_depth" title="Distance and depth from weights" points=3
def expected_depth(
    weights: Float[Tensor, "*b n"],
    distances: Float[Tensor, "*b n"],
    cosine: Float[Tensor, "*b"],
) -> tuple[Float[Tensor, "*b"], Float[Tensor, "*b"]]:
    """Where the light of each ray comes from on average, Σ w t / Σ w, as a distance and as a depth.

    `cosine` is the z component of the ray's unit direction in the camera frame. Rays whose weights sum to less
    than 1e-6 have seen nothing: both results are ∞ there, and their gradients are 0, not NaN.
    """
    # BEGIN SOLUTION
    total = weights.sum(-1)
    seen = total >= 1e-6
    mean = (weights * distances).sum(-1) / torch.where(seen, total, 1.0)
    distance = torch.where(seen, mean, math.inf)
    return distance, torch.where(seen, mean * cosine, math.inf)
    # END SOLUTION


# %%
check("expected_depth")

# %% [markdown]
# ### A surface as a volume
#
# Fog has no surface, and a distance field has no fog. VolSDF (Yariv et al. 2021) joins them: the
# density is high inside, zero outside, and between the two it follows the cumulative distribution of a
# Laplace variable with scale $\beta$,
#
# $$
# \sigma(x) = \frac{1}{\beta}\,\Psi_\beta\big(-f(x)\big), \qquad
# \Psi_\beta(s) = \begin{cases} \tfrac12 e^{s/\beta} & s \le 0 \\ 1 - \tfrac12 e^{-s/\beta} & s > 0. \end{cases}
# $$
#
# Large $\beta$: a cloud that is felt from afar. $\beta \to 0$: the surface. A model can learn $\beta$, and
# watching it shrink is watching the world come into focus.


# %% exercise="density_from_sdf" title="A surface as a volume" points=3
def density_from_sdf(
    sdf: Float[Tensor, "*b"], beta: float | Float[Tensor, ""]
) -> Float[Tensor, "*b"]:
    """VolSDF's density (1/β) Ψ_β(−sdf), Ψ_β the cumulative distribution of a Laplace variable of scale β.

    Ψ_β(s) = exp(s/β) / 2 for s ≤ 0 and 1 − exp(−s/β) / 2 for s > 0 (Yariv et al. 2021, equations 2 and 3).
    Neither values nor gradients overflow, however far a point is from the surface.
    """
    # BEGIN SOLUTION
    half = 0.5 * torch.exp(-sdf.abs() / beta)
    return torch.where(sdf > 0, half, 1 - half) / beta
    # END SOLUTION


# %%
check("density_from_sdf")

# %% [markdown]
# Your three steps make a volume renderer. It asks a *field*, any function from points to density and
# colour, and refuses a field that answers NaN.


# %% export=true
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


# %% [markdown]
# The teapot as fog, from thick to thin. At $\beta = 0.1$ it is a teapot-shaped cloud; at $0.01$ you can
# hardly tell it from the surface.


# %%
def teapot_fog(beta: float) -> Field:
    """The lit teapot as a field."""
    to_light = F.normalize(torch.tensor([0.45, -0.6, 1.0]), dim=0)

    def field(points: Tensor) -> tuple[Tensor, Tensor]:
        rgb = shade(sdf_normals(teapot_sdf, points), to_light, to_light, teapot_albedo(points))
        return density_from_sdf(teapot_sdf(points), beta), rgb

    return field


few, near, far = (64, 64), torch.tensor(1.2), torch.tensor(2.8)
few_origins, few_directions = world_rays(pixel_centers(few), K, teapot_camera)
betas = (0.1, 0.03, 0.01)
with torch.no_grad():
    fogs = [
        volume_render(teapot_fog(beta), few_origins, few_directions, near, far, 96)[0]
        for beta in betas
    ]
viewers.show_images(fogs, [f"β = {beta}" for beta in betas])

# %% [markdown]
# **What happens along this ray?** One ray from the right, through spout, belly and handle: density,
# opacity, transmittance and weight of each sample. The light stops at the spout; belly and handle are
# just as dense, but no light is left for them.

# %%
ray_o, ray_d = torch.tensor([1.6, 0.0, 0.18]), torch.tensor([-1.0, 0.0, 0.0])
t, edges = stratified_samples(torch.tensor(0.9), torch.tensor(2.5), 96)
sigma, rgb = teapot_fog(0.02)(ray_o + t[:, None] * ray_d)
alpha = alpha_from_density(sigma, edges.diff())
color, weights, transmittance = composite(alpha, rgb, torch.ones(3))
true_distance, _ = sphere_trace(teapot_sdf, ray_o, ray_d, 4.0)
viewers.show_ray(
    t, sigma, alpha, transmittance, weights, rgb, edges, float(true_distance), color=color
)

# %% [markdown]
# ### Look where it matters
#
# Most of those samples looked at air. NeRF therefore renders twice: a coarse pass finds out where the
# weights are, and a second pass puts its samples there. To draw from the weights, read them as a
# histogram, add them up to a cumulative distribution, and *invert* it: a share $u$ of the total weight
# is reached at some place inside some bin; go there, interpolating linearly within the bin.
#
# Two details decide whether it works: a ray without any weight must not divide by zero, and inside a
# bin you must interpolate, or all samples stick to the edges.


# %% exercise="importance_samples" title="Look where it matters" points=6
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
    # BEGIN SOLUTION
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
    # END SOLUTION


# %%
check("importance_samples")

# %%
edges_coarse = torch.linspace(0.9, 2.5, 33)
t_coarse = (edges_coarse[1:] + edges_coarse[:-1]) / 2
sigma, rgb = teapot_fog(0.02)(ray_o + t_coarse[:, None] * ray_d)
_, coarse_weights, _ = composite(alpha_from_density(sigma, edges_coarse.diff()), rgb)
fine = importance_samples(edges_coarse, coarse_weights, 2000, torch.rand(2000))
steps = edges_coarse.repeat_interleave(2)[1:-1]
density = (coarse_weights / coarse_weights.sum() / edges_coarse.diff()).repeat_interleave(2)
viewers.show_histograms(
    {"2,000 importance samples": fine},
    {"2,000 importance samples": (steps, density)},
    labels=("distance", "density"),
)

# %% [markdown]
# ### Too many rays
#
# A picture of 128×128 pixels with 128 samples per ray is two million evaluations of the field: at
# 256 numbers per layer that is 2 GB, per layer. Cut the *rays* into portions. For training that alone
# is not enough, because every portion leaves its intermediate results behind for the backward pass;
# `torch.utils.checkpoint.checkpoint` throws them away and computes them again when they are needed:
# twice the arithmetic, a fraction of the memory.


# %% exercise="render_chunked" title="Rays in portions" points=4
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
    # BEGIN SOLUTION
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
    # END SOLUTION


# %%
check("render_chunked")

# %% [markdown]
# ## 4 · One scene, four renderers
# *10 minutes; 2 seconds in every mode*
#
# The same teapot, the same camera. *Surface*: sphere tracing your distance field. *Mesh*: rasterising
# triangles. *Volume*: compositing a fog with $\beta = 0.01$. *Hybrid*: the fog again, but density and colour
# come from a voxel grid that was filled once, so that no distance is ever computed: the simplest of
# hybrids, whose decoder does nothing. (One more family,
# *learned aggregation*, replaces the integral by a network. It is the subject of notebook 4.)

# %%
count = 80
nodes = torch.cartesian_prod(*[torch.linspace(-0.75, 0.75, count)] * 3)
stored_sigma, stored_rgb = teapot_fog(0.01)(nodes)
stored = torch.cat([stored_sigma[:, None], stored_rgb], -1).T.reshape(4, count, count, count)


def stored_field(points: Tensor) -> tuple[Tensor, Tensor]:
    """Density and colour from the grid, nothing outside it."""
    values = voxel_field(stored, points / 0.75)
    within = (points.abs() <= 0.75).all(-1)
    return torch.where(within, values[..., 0], 0.0), values[..., 1:]


def fog_image(field: Field, samples: int) -> tuple[Tensor, Tensor]:
    """Colour and depth of the teapot's view, in portions of 2,048 rays."""

    def rays(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return volume_render(field, o, d, near, far, samples)

    with torch.no_grad():
        color, weights, t = render_chunked(rays, origins, directions, 2048)
    depth = expected_depth(weights, t, cosine)[1]
    return color, torch.where(weights.sum(-1) > 0.5, depth, math.inf)  # a veil has no depth


timed, depths = {"surface": (traced, traced_seconds), "mesh": (rastered, raster_seconds)}, {}
for name, field in {"volume": teapot_fog(0.01), "hybrid": stored_field}.items():
    start_time = time.perf_counter()
    image, depths[name] = fog_image(field, 128)
    timed[name] = (image, time.perf_counter() - start_time)
viewers.show_images(
    [image for image, _ in timed.values()], [f"{name}, {s:.2f} s" for name, (_, s) in timed.items()]
)

# %%
viewers.show_maps(
    {
        "depth, surface": traced_depth,
        "depth, mesh": raster_depth,
        "depth, volume": depths["volume"],
        "depth, hybrid": depths["hybrid"],
    }
)

# %% [markdown]
# | | a ray needs | differentiable in | silhouettes | good for |
# |---|---|---|---|---|
# | surface | 10–100 distances, one after the other | shape, at the hit | no | exact geometry |
# | mesh | nothing: triangles come to it | vertices, at the hit | no | speed, games, film |
# | volume | 64–256 samples, side by side | everything | yes | *learning from photographs* |
# | hybrid | as volume, but each is a look-up | grid and decoder | yes | learning fast |

# %% [markdown]
# ## 5 · Inverse rendering
# *20 minutes; smoke 11 s · cpu 3½ minutes on two cores · gpu: not yet measured*
#
# Now backwards. Sixty photographs of a car, with their cameras; eight more are held out. Nobody tells
# us the shape. We guess a field, render it, compare with the photographs, and follow the gradient, four
# thousand random rays at a time. That sentence is NeRF (Mildenhall et al. 2020); what differs between the
# three reconstructions below is only the field.
#
# The cars of this course are made by a program, on your machine, from a number. So we know the truth: the
# exact depth of every pixel, with which we can judge what the photographs alone have taught.

# %%
car = posed_views("cars", 1, 68, (64, 64), seed=11, device=device)[0]
train, held_out = car[:60], car[60:]
viewers.show_strip(train.images.cpu())

# %% [markdown]
# Every object of the course lies in a ball of radius ½ around the origin. A ray that misses the ball is
# white without asking anybody; a ray that meets it is sampled between entry and exit only.


# %%
class Rays:
    """The rays of posed views that cross the ball of radius 1/2, one row each; `pixel` says whose they are."""

    def __init__(self, K: Tensor, world_from_camera: Tensor, resolution: tuple[int, int]) -> None:
        uv = pixel_centers(resolution).to(K)
        pose = world_from_camera[:, None, None]
        origins, directions = world_rays(uv, K, pose)
        cosine = (directions * pose[..., :3, 2]).sum(-1)
        closest = -(origins * directions).sum(-1)  # distance to the point nearest to the centre
        half_squared = 0.25 - origins.square().sum(-1) + closest**2
        self.shape = (len(world_from_camera), *resolution)
        self.pixel = (half_squared > 1e-4).flatten().nonzero()[:, 0]
        self.origins, self.directions = (
            t.expand(*self.shape, 3).reshape(-1, 3)[self.pixel] for t in (origins, directions)
        )
        half = half_squared.clamp_min(1e-4).sqrt()
        self.near, self.far, self.cosine = (
            t.flatten()[self.pixel] for t in (closest - half, closest + half, cosine)
        )

    def render(self, field: Field, count: int) -> tuple[Tensor, Tensor]:
        """All images and depths, in portions, without gradients."""
        images = torch.ones(math.prod(self.shape), 3, device=self.origins.device)
        depths = torch.full_like(images[:, 0], math.inf)
        with torch.no_grad():
            for i in torch.arange(len(self.pixel), device=images.device).split(4096):
                color, weights, t = volume_render(
                    field, self.origins[i], self.directions[i], self.near[i], self.far[i], count
                )
                depth = expected_depth(weights, t, self.cosine[i])[1]
                images[self.pixel[i]] = color
                depths[self.pixel[i]] = torch.where(weights.sum(-1) > 0.5, depth, math.inf)
        return images.reshape(*self.shape, 3), depths.reshape(self.shape)


train_rays = Rays(train.K[0], train.world_from_camera, train.resolution)
test_rays = Rays(held_out.K[0], held_out.world_from_camera, held_out.resolution)
train_pixels = train.images.reshape(-1, 3)[train_rays.pixel]
print(f"{len(train_pixels):,} of {train.images[..., 0].numel():,} rays cross the ball")

# %% [markdown]
# **Three fields.** A *voxel grid* holds density and colour at $64^3$ nodes. Three *planes* hold 8
# features each, read by a small network. And a *surface*: a grid of signed distances, turned into density
# by VolSDF's formula, whose sharpness $\beta$ is learned; an *eikonal* term asks its gradient to have
# length 1 (Gropp et al. 2020), which makes it a distance rather than any function that changes sign.


# %%
class VoxelScene(nn.Module):
    """Density and colour on a grid over the cube of half size 1/2."""

    def __init__(self, count: int = 64) -> None:
        super().__init__()
        self.grid = nn.Parameter(torch.zeros(4, count, count, count))
        with torch.no_grad():
            self.grid[0] = -1.0  # thin fog, through which gradients reach everything

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        values = voxel_field(self.grid, points / 0.5)
        return 25 * F.softplus(values[..., 0] - 1), torch.sigmoid(values[..., 1:])


class TriplaneScene(nn.Module):
    """Features on three planes, and a small network that reads density and colour from them."""

    def __init__(self, count: int = 64, features: int = 8) -> None:
        super().__init__()
        self.planes = nn.Parameter(0.1 * torch.randn(3, features, count, count))
        self.decoder = nn.Sequential(nn.Linear(features, 48), nn.ReLU(), nn.Linear(48, 4))

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        values = hybrid_field(self.planes, self.decoder, points / 0.5)
        return 25 * F.softplus(values[..., 0] - 2), torch.sigmoid(values[..., 1:])


class SdfScene(nn.Module):
    """Signed distances and colours on a grid; the surface starts as a ball, β as fog."""

    def __init__(self, count: int = 64) -> None:
        super().__init__()
        nodes = torch.cartesian_prod(*[torch.linspace(-0.5, 0.5, count)] * 3)
        ball = sphere_sdf(nodes, 0.3).reshape(1, count, count, count)
        self.distances = nn.Parameter(ball)
        self.colors = nn.Parameter(torch.zeros(3, count, count, count))
        self.log_beta = nn.Parameter(torch.tensor(math.log(0.05)))

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        sdf = voxel_field(self.distances, points / 0.5)[..., 0]
        sigma = density_from_sdf(sdf, self.log_beta.exp())
        return sigma, torch.sigmoid(voxel_field(self.colors, points / 0.5))

    def eikonal(self) -> Tensor:
        """How far the slope between neighbouring nodes is from 1, squared."""
        step = 1 / (self.distances.shape[-1] - 1)
        inner = self.distances[0, :-1, :-1, :-1]
        slopes = [
            (self.distances[0].diff(dim=d)[tuple([slice(inner.shape[0])] * 3)]) / step
            for d in range(3)
        ]
        length = torch.stack(slopes).square().sum(0).add(1e-8).sqrt()
        return (length - 1).square().mean()


# %% [markdown]
# The loop is the course's `fit`: Adam, a rate that fades along a cosine, a bar with the PSNR of the
# held-out views, a checkpoint that a lost connection cannot hurt.


# %%
def reconstruct(name: str, scene: nn.Module, steps: int, rate: float, penalty=None) -> dict:
    """Fit a scene to the training rays; what it reached and what it cost."""
    batch, count = 4096, 48
    scene.to(device)

    def loss(generator: torch.Generator) -> Tensor:
        i = torch.randint(len(train_pixels), (batch,), generator=generator, device=device)
        jitter = torch.rand(batch, count, generator=generator, device=device)
        r = train_rays
        color, _, _ = volume_render(
            scene, r.origins[i], r.directions[i], r.near[i], r.far[i], count, jitter
        )
        error = (color - train_pixels[i]).square().mean()
        return error if penalty is None else error + penalty()

    kept = bytes_kept(lambda: loss(torch.Generator(device).manual_seed(0)))

    def evaluate() -> dict[str, float]:
        images, depth = test_rays.render(scene, 64)
        both = depth.isfinite() & held_out.depth.isfinite()
        depth_error = (depth - held_out.depth)[both].abs().median() if both.any() else math.nan
        return {"psnr": psnr(images, held_out.images), "depth_error": float(depth_error)}

    config = FitConfig(steps, rate, seed=session.seed, evaluate_every=max(15, steps // 8))
    groups = {1.0: list(scene.parameters())}
    history = fit(loss, groups, config, evaluate=evaluate, checkpoint=f"car-{name}", title=name)
    weights = sum(p.numel() for p in scene.parameters())
    return {
        "scene": scene,
        "history": history,
        "psnr": history.last("psnr"),
        "depth_error": history.last("depth_error"),
        "seconds": history.trained_seconds,
        "parameters_mb": 4 * weights / 1e6,
        "step_mb": kept / 1e6,
    }


# %%
torch.manual_seed(session.seed)
results = {"voxels": reconstruct("voxels", VoxelScene(), budget(15, 600, 1500), 0.2)}

# %%
results["three planes"] = reconstruct("planes", TriplaneScene(), budget(15, 300, 1500), 0.02)

# %%
surface_scene = SdfScene()
results["surface"] = reconstruct(
    "surface", surface_scene, budget(15, 600, 1500), 0.02, lambda: 0.1 * surface_scene.eikonal()
)
print(f"β fell from 0.05 to {surface_scene.log_beta.exp().item():.4f}")

# %% [markdown]
# What did each learn, and at what price? The mean image is the honest baseline: it knows nothing but how
# bright pixels are on average. *Memory* is twofold: the parameters, and what one training step keeps for
# its backward pass.

# %%
mean_image = train.images.mean(0).expand_as(held_out.images)
lines = [
    "| method | PSNR dB | depth error | seconds | parameters MB | kept per step MB |",
    "|---|---|---|---|---|---|",
]
lines.append(f"| mean image | {psnr(mean_image, held_out.images):.1f} | | | | |")
for name, r in results.items():
    numbers = f"{r['psnr']:.1f} | {r['depth_error']:.4f} | {r['seconds']:.0f}"
    lines.append(f"| {name} | {numbers} | {r['parameters_mb']:.1f} | {r['step_mb']:.0f} |")
display(Markdown("\n".join(lines)))

# %%
seconds = {name: r["history"].seconds for name, r in results.items()}
viewers.show_curves(
    seconds,
    {name: r["history"].curve("psnr") for name, r in results.items()},
    ("seconds of training", "held-out PSNR in dB"),
)

# %% [markdown]
# One held-out view, as each sees it.

# %%
view = 3
shown = {name: test_rays.render(r["scene"], 96) for name, r in results.items()}
viewers.show_reconstructions(
    {name: (images[view].cpu(), depth[view].cpu()) for name, (images, depth) in shown.items()},
    (held_out.images[view].cpu(), held_out.depth[view].cpu()),
    psnr={name: psnr(images[view], held_out.images[view]) for name, (images, _) in shown.items()},
)

# %% [markdown]
# **Why each is used.** Take the paint off. Below, every depth map is lit like clay: its normals come from
# the differences between neighbouring depths, and errors far too small to see in the picture's colours
# become dents. The voxels learn fastest and have the roughest skin: nothing told neighbouring numbers to
# agree. The planes need a tenth of the memory, and grow with $n^2$ instead of $n^3$; each of their numbers
# serves a whole row of space, which smooths. The surface is the only one that *has* a skin, one place on
# each ray where the sign changes.


# %%
def clay(depth: Tensor, K: Tensor) -> Tensor:
    """A depth map `h w` lit from the upper left; white where nothing is seen."""
    uv = pixel_centers(tuple(depth.shape)).to(depth)
    points = unproject(K, uv, torch.where(depth.isfinite(), depth, 0.0))
    right = points[:, 1:][:-1] - points[:, :-1][:-1]
    down = points[1:][:, :-1] - points[:-1][:, :-1]
    normals = F.normalize(torch.linalg.cross(down, right), dim=-1)
    to_light = F.normalize(torch.tensor([-0.5, -0.6, -0.8]).to(depth), dim=0)
    gray = 0.15 + 0.8 * (normals @ to_light).clamp_min(0)
    known = depth.isfinite()
    known = known[:-1, :-1] & known[1:, :-1] & known[:-1, 1:]
    return torch.where(known, gray, 1.0)[..., None].expand(-1, -1, 3)


finer = Rays(held_out.K[0], held_out.world_from_camera[view : view + 1], (128, 128))
clays = {"truth (64×64)": clay(held_out.depth[view], held_out.K[view])}
for name, r in results.items():
    clays[name] = clay(finer.render(r["scene"], 192)[1][0], held_out.K[0])
viewers.show_images([image.cpu() for image in clays.values()], list(clays))

# %% [markdown]
# And so it is the only one that you can ask for triangles, without choosing a threshold first.

# %%
low, high = (-0.5,) * 3, (0.5,) * 3
skin = mesh_from_sdf(surface_scene.distances[0].detach().cpu()[::2, ::2, ::2], low, high)
viewers.show_mesh_wireframe(*skin, held_out.world_from_camera[view].cpu(), held_out.K[view].cpu())

# %% [markdown]
# **Fly around your reconstruction.** Drag, change the number of samples per ray, and click a pixel to see
# what happens along its ray.

# %%
orbited = results["voxels"]["scene"]


def car_view(world_from_camera: Tensor, resolution: tuple[int, int], samples: int) -> dict:
    """The reconstruction as maps by name."""
    rays = Rays(held_out.K[0], world_from_camera[None].to(device), resolution)
    images, depth = rays.render(orbited, samples)
    return {"rgb": images[0], "depth": depth[0]}


def car_ray(world_from_camera: Tensor, uv: Tensor, samples: int) -> dict:
    """What happens along the ray of one point of the image: the arguments of `show_ray`."""
    o, d = world_rays(uv.to(device), held_out.K[0], world_from_camera.to(device))
    near, far = torch.tensor([car.near, car.far], device=device)
    t, edges = stratified_samples(near, far, samples)
    with torch.no_grad():
        sigma, colors = orbited(o + t[:, None] * d)
    alpha = alpha_from_density(sigma, edges.diff())
    color, weights, transmittance = composite(alpha, colors, torch.ones(3, device=device))
    return {
        "distances": t,
        "sigma": sigma,
        "alpha": alpha,
        "transmittance": transmittance,
        "weights": weights,
        "colors": colors,
        "edges": edges,
        "color": color,
    }


viewers.OrbitViewer(
    car_view, look_at, along_ray=car_ray, resolution=(96, 96), distance=1.2, uv=(0.45, 0.5)
)

# %% [markdown]
# ## 6 · Your turn
# *40 minutes; the cells as they stand take 6 s on two cores, your improvements what you give them*
#
# Here is another car: sixty photographs, and the cameras of 24 views that you have *not* got. Reconstruct
# it, render those 24 views and export them. The grader renders the true ones and compares. The bands:

# %%
show_bands("fit_a_scene")

# %%
task = load_task("fit_a_scene")
print(task)
viewers.show_strip(task.train.images)

# %% [markdown]
# The cell below fits a small grid for a short while, in every mode, and earns part of the points. To earn
# all of them, improve it. Some ideas:
#
# - *More nodes, more steps*: the voxels of section 5 had $64^3$ nodes and four times the patience.
# - *Coarse to fine*: fit a grid of $32^3$ first, enlarge it with `F.interpolate(…, align_corners=True)`,
#   and go on. The coarse grid finds the shape, the fine one the windows.
# - *Neighbours should agree*: add a small multiple of the squared differences between neighbouring
#   nodes (total variation) to the loss.
# - *Look where it matters*: half of the rays through the car, not through white; or your
#   `importance_samples` for a second pass.
# - *Another field*: planes, a hybrid, the surface.
#
# Keep some of the sixty views aside to see whether a change helps: training PSNR will not tell you.


# %%
def fit_task(steps: int) -> VoxelScene:
    """A scene fitted to the task's photographs. Improve it."""
    scene = VoxelScene(20).to(device)
    rays = Rays(task.K.to(device), task.train.world_from_camera.to(device), task.resolution)
    pixels = task.train.images.to(device).reshape(-1, 3)[rays.pixel]

    def loss(generator: torch.Generator) -> Tensor:
        i = torch.randint(len(pixels), (4096,), generator=generator, device=device)
        jitter = torch.rand(4096, 48, generator=generator, device=device)
        color, _, _ = volume_render(
            scene, rays.origins[i], rays.directions[i], rays.near[i], rays.far[i], 48, jitter
        )
        return (color - pixels[i]).square().mean()

    config = FitConfig(steps, 0.2, seed=session.seed)
    fit(loss, scene.parameters(), config, checkpoint="my-scene", title="your scene")
    return scene


my_scene = fit_task(budget(20, 120, 120))

# %% trained="fit_a_scene" title="A scene of your own" points=6
hidden_rays = Rays(task.K.to(device), task.world_from_camera.to(device), task.resolution)
predictions, _ = hidden_rays.render(my_scene, 96)
export_predictions("fit_a_scene", predictions)  # leaderboard_name="…" if you like to be seen

# %%
check("fit_a_scene")

# %%
viewers.show_strip(predictions.cpu())

# %% [markdown]
# ## What you have now
#
# Four ways to make a picture and to differentiate it. The table of section 4 is the map of the field:
# whoever invents a new representation has to say how it is rendered and where its gradients come from.
#
# Three things to take along. *Soft is learnable*: what has a hard edge has no gradient across it, so make
# it a fog, and let the fog condense. *Intervals, not points*: opacity belongs to a piece of a ray;
# whoever forgets the $\delta$ gets a different world at every sampling rate. *One scene at a time is not
# enough*: everything you fitted today needed sixty photographs, and knew nothing of cars. A person needs
# one. The next notebook begins to learn what cars have in common.
#
# **Further reading.** Hart, "Sphere tracing", The Visual Computer 1996. · Olano & Greer, "Triangle scan
# conversion using 2D homogeneous coordinates", HWWS 1997. · Max, "Optical models for direct volume
# rendering", TVCG 1995. · Mildenhall et al., "NeRF", ECCV 2020. · Sitzmann et al., "Implicit neural
# representations with periodic activation functions", NeurIPS 2020. · Yariv et al., "Volume rendering of
# neural implicit surfaces", NeurIPS 2021. · Chan et al., "Efficient geometry-aware 3D generative
# adversarial networks", CVPR 2022.

# %% [markdown]
# ## Hand in
#
# Save the notebook first (Ctrl+S), then run this cell. It tells you what is still missing and packs a zip
# with the notebook and your predictions; on Colab the zip is downloaded. Hand that file in as it is.

# %%
archive = submit("your-id")
