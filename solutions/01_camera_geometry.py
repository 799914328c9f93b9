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
# # 1 · Camera geometry
#
# A photograph is a machine for forgetting. A point in space has three coordinates, its picture has
# two, and the one that is lost, how far away the thing was, is the one that *inverse graphics*
# spends its life winning back. Before a network can learn to undo a camera, you have to know
# exactly what a camera does. In this notebook you write that down, in about a hundred lines of
# PyTorch, and then you run it backwards.
#
# | section | you write | you see | time |
# |---|---|---|---|
# | 1 · Frames of reference | points, directions, rigid motions, rotations | a camera that turns without falling apart | 50 min |
# | 2 · The pinhole | projection and its inverse, pixels, rays | a motorcycle that steps out of its photograph | 50 min |
# | 3 · Rendering points | a z-buffer | a chair you can walk around; the dolly zoom | 30 min |
# | 4 · Two views | triangulation, epipolar geometry | lines in a real stereo pair | 50 min |
# | 5 · Finding the camera | pose from points by optimisation | a lost camera finding home from 50° away | 40 min |
# | 6 · The puzzle | a search | which of 48 conventions a nameless camera speaks | 30 min |
#
# Every exercise has a cell that you complete and a cell `check("…")` that tells you at once what is
# right, what is not, and where. You may run a check as often as you like. The same checks, on
# numbers you have not seen, grade your submission: 94 points for code and 6 for three short written
# answers.
#
# **How an exercise is graded.** The first check of an exercise is its *entrance*: the plainest
# case. Once it passes, every check of the exercise earns an equal share of the points.

# %% [markdown]
# ## 0 · Set-up
# *about 10 seconds; once per session*
#
# On Colab the first cell installs the course's small library. It leaves torch and numpy as they
# are. Where the library is there already, it does nothing. If the runtime restarts, run the cells of
# this section again.

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
from itertools import product

import torch
from torch import Tensor

from course_lib.shapes import Bool, Float

# %%
from autograder import check, submit
from course_lib import viewers
from course_lib.data import load_chair, load_chessboard, load_motorcycle
from course_lib.setup import setup

session = setup()

# %% [markdown]
# ### Conventions
#
# Half of all bugs in 3D vision are two people who disagree about a sign. These are ours; every
# notebook of the course keeps them.
#
# - **Camera axes** are OpenCV's: $+x$ right, $+y$ down, $+z$ forward, into the scene. The world is
#   right-handed; its $z$ points up.
# - **Names read target_from_source.** `world_from_camera` is a 4×4 matrix that takes camera
#   coordinates to world coordinates. Products read by adjacency:
#   `camera_2_from_world @ world_from_camera_1` is `camera_2_from_camera_1`.
# - **Intrinsics** `K` are 3×3 and *normalised*: they map camera rays to $(u, v) \in [0, 1]^2$, so
#   that one `K` serves an image of any resolution.
# - **uv** is $(u$ to the right, $v$ down$)$. The centre of the pixel in row `row` and column `col`
#   lies at $u = (\text{col} + 0.5) / \text{width}$, $v = (\text{row} + 0.5) / \text{height}$. A
#   *resolution* is always `(height, width)`.
# - **depth** is $z$ along the optical axis; **distance** is length along a ray. We never swap the
#   two words.
# - **Images** are float32 in $[0, 1]$ with shape `height width 3`.
# - **Shapes** in signatures: `*b` is any number of batch dimensions, `*#b` are batch dimensions
#   that broadcast against each other.

# %%
viewers.conventions_picture()

# %% [markdown]
# ## 1 · Frames of reference
# *50 minutes of reading and writing; every cell runs in under a second*
#
# The same corner of a table has one set of coordinates for the room and another for the camera that
# looks at it. Nothing about the corner changed; the *frame* did. Moving between frames is the verb
# of this whole course, so we make it one matrix product.
#
# ### Homogeneous coordinates
#
# A rotation is linear, $x \mapsto Rx$, a translation is not: $x \mapsto x + t$ moves the origin.
# One more coordinate repairs this:
#
# $$
# \begin{pmatrix} R & t \\ 0 & 1 \end{pmatrix} \begin{pmatrix} x \\ w \end{pmatrix} = \begin{pmatrix} Rx + w\,t \\ w \end{pmatrix}.
# $$
#
# With $w = 1$ the vector is moved by $t$: it behaves like a **point**. With $w = 0$ it is turned
# but not moved: a **direction**, such as the normal of a wall or the heading of a ray. Two
# functions, one line each.


# %% exercise="homogenize" title="Points and directions" points=4
def homogenize_points(points: Float[Tensor, "*b d"]) -> Float[Tensor, "*b d+1"]:
    """Append the coordinate w = 1 to points. Batch shape, dtype and device are kept."""
    # BEGIN SOLUTION
    return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)
    # END SOLUTION


def homogenize_directions(directions: Float[Tensor, "*b d"]) -> Float[Tensor, "*b d+1"]:
    """Append the coordinate w = 0 to directions. Batch shape, dtype and device are kept."""
    # BEGIN SOLUTION
    return torch.cat([directions, torch.zeros_like(directions[..., :1])], dim=-1)
    # END SOLUTION


# %%
check("homogenize")

# %% [markdown]
# ### Applying a transformation
#
# Now the product itself, $y = T x$, for any number of matrices and vectors at once. Batches are
# where such one-liners go wrong: four vectors `4 4` look just like a matrix, and `T @ x` is quietly
# happy to multiply them. Think of $x$ as a column.


# %% exercise="transform" title="Apply a transformation" points=4
def transform(
    target_from_source: Float[Tensor, "*#b 4 4"], x: Float[Tensor, "*#b 4"]
) -> Float[Tensor, "*b 4"]:
    """Homogeneous vectors `x` of the source frame, in the target frame. Batch dimensions broadcast."""
    # BEGIN SOLUTION
    return torch.einsum("...ij,...j->...i", target_from_source, x)
    # END SOLUTION


# %%
check("transform")

# %% [markdown]
# The difference between points and directions, in a picture. Below is a chair, and the same chair
# turned and moved by one matrix. Its points went along; the normals of its surface, the thin lines,
# only turned. Had we given them $w = 1$, they would all point to where the chair went.

# %%
chair = load_chair()
some = chair.subset(300)
turn = torch.tensor([[0.0, -1.0, 0.0, 0.9], [1.0, 0.0, 0.0, 0.6], [0, 0, 1, 0], [0, 0, 0, 1]])
moved_points = transform(turn, homogenize_points(chair.points))[:, :3]
moved_normals = transform(turn, homogenize_directions(some.normals))[:, :3]
viewers.show_rays(
    torch.cat([some.points, moved_points[:300]]),
    torch.cat([some.normals, moved_normals]),
    length=0.12,
    points=torch.cat([chair.points, moved_points]),
    colors=torch.cat([chair.colors, chair.colors]),
)

# %% [markdown]
# ### Going back
#
# A rigid motion $T = \begin{pmatrix} R & t \\ 0 & 1\end{pmatrix}$ can be undone without solving
# anything. From $y = Rx + t$ follows $x = R^\top (y - t)$, so
#
# $$ T^{-1} = \begin{pmatrix} R^\top & -R^\top t \\ 0 & 1 \end{pmatrix}. $$
#
# The closed form is exact, fast, and has clean gradients. (It also explains the most popular bug of
# camera geometry: the camera's position is *not* $-t$ of `camera_from_world`, it is $-R^\top t$.)


# %% exercise="invert_rigid" title="Invert a rigid motion" points=5
def invert_rigid(target_from_source: Float[Tensor, "*b 4 4"]) -> Float[Tensor, "*b 4 4"]:
    """source_from_target of rigid motions (rotation and translation), in closed form, differentiable."""
    # BEGIN SOLUTION
    rotation, translation = target_from_source[..., :3, :3], target_from_source[..., :3, 3:]
    top = torch.cat([rotation.mT, -rotation.mT @ translation], dim=-1)
    return torch.cat([top, target_from_source[..., 3:, :]], dim=-2)
    # END SOLUTION


# %%
check("invert_rigid")

# %% [markdown]
# One matrix, two readings. Camera 1 is `turn` read as world_from_camera; camera 2 is its inverse.
# Both are perfectly good cameras, and only one of them is yours: mixing them up never raises an error.

# %%
viewers.show_frusta(torch.stack([turn, invert_rigid(turn)]), size=0.4)

# %% [markdown]
# ### Rotations that an optimiser can hold
#
# A rotation matrix has nine numbers and three degrees of freedom: take a gradient step on the nine
# and it is no longer a rotation. So we store a rotation as a vector $w \in \mathbb{R}^3$: its
# direction is the axis, its length $\theta = \lVert w \rVert$ the angle in radians. *Rodrigues'
# formula* makes the matrix,
#
# $$
# R(w) = I + \frac{\sin\theta}{\theta}\,[w]_\times + \frac{1 - \cos\theta}{\theta^2}\,[w]_\times^2,
# \qquad
# [w]_\times = \begin{pmatrix} 0 & -w_z & w_y \\ w_z & 0 & -w_x \\ -w_y & w_x & 0 \end{pmatrix},
# $$
#
# where $[w]_\times v = w \times v$. This is the exponential map of $\mathrm{SO}(3)$; you will meet
# it again in every notebook that optimises a pose.
#
# There is a trap, and it lies where every optimisation starts: at $w = 0$ both fractions are $0/0$.
# Their limits are harmless, $1$ and $\tfrac12$, and the series
# $\frac{\sin\theta}{\theta} \approx 1 - \frac{\theta^2}{6}$ and
# $\frac{1-\cos\theta}{\theta^2} \approx \frac12 - \frac{\theta^2}{24}$ continue them. But beware of
# `torch.where(small, series, fraction)`: its *value* is right and its *gradient* is NaN, because
# the derivative of the branch not taken is $\text{NaN}$ and $0 \cdot \text{NaN} = \text{NaN}$. The
# cure is to make the angle safe *before* the square root and the division.


# %% export=true
def cross_matrix(w: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """[w]ₓ, the matrix with [w]ₓ v = w × v. Given."""
    x, y, z = w.unbind(-1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).unflatten(-1, (3, 3))


# %% exercise="rotation_from_axis_angle" title="Rotations from axis and angle" points=7
def rotation_from_axis_angle(axis_angle: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """Rotation matrices by Rodrigues' formula; the angle in radians is the vector's length.

    Value and gradient are exact at the zero vector, where the result is the identity.
    """
    # BEGIN SOLUTION
    squared = axis_angle.square().sum(-1)[..., None, None]
    small = squared < 1e-6
    safe = torch.where(small, 1.0, squared)  # safe before the square root: gradients stay finite
    angle = safe.sqrt()
    sine = torch.where(small, 1 - squared / 6, angle.sin() / angle)
    cosine = torch.where(small, 0.5 - squared / 24, (1 - angle.cos()) / safe)
    skew = cross_matrix(axis_angle)
    identity = torch.eye(3, dtype=skew.dtype, device=skew.device)
    return identity + sine * skew + cosine * skew @ skew
    # END SOLUTION


# %%
check("rotation_from_axis_angle")

# %% [markdown]
# What does a straight line $w(s) = s\,w$ look like as a path of rotations? Each arrow below is the
# image of the $x$ axis, drawn for growing angles: constant speed, along a circle, and smoothly
# through zero.

# %%
angles = torch.linspace(-math.pi, math.pi, 49)[:, None]
turns = rotation_from_axis_angle(angles * torch.tensor([0.3, 0.5, 0.8]))
viewers.show_rays(
    torch.zeros(49, 3),
    turns[:, :, 0],
    title="the x axis, turned about one axis",
    view=(100.0, 20.0),
)

# %% [markdown]
# ### Pointing a camera
#
# A director does not say "set $R$ to …", but "stand *here*, look *there*, keep the horizon level".
# `look_at` turns that sentence into `world_from_camera`. The columns of its rotation are the
# camera's own axes, written in the world:
#
# $$
# z = \frac{\text{target} - \text{eye}}{\lVert\cdot\rVert} \;\text{(forward)}, \qquad
# x = \frac{z \times \text{up}}{\lVert\cdot\rVert} \;\text{(right)}, \qquad
# y = z \times x \;\text{(down)}.
# $$
#
# Hold up your right hand and convince yourself of the signs before you type. Two requests have no
# answer: looking along `up` (every roll is equally level) and looking at your own eye. Raise a
# `ValueError` that says which of them happened: a clear error now is worth an hour of NaN later.


# %% exercise="look_at" title="Point a camera" points=5
def look_at(
    eye: Float[Tensor, "*#b 3"], target: Float[Tensor, "*#b 3"], up: Float[Tensor, "*#b 3"]
) -> Float[Tensor, "*b 4 4"]:
    """world_from_camera of an OpenCV camera at `eye` that looks at `target`, with `up` upwards in its image.

    `up` need not be of unit length, nor perpendicular to the view. Batch dimensions broadcast.

    Raises:
        ValueError: `up` is parallel to the viewing direction, or `eye` coincides with `target`.
    """
    # BEGIN SOLUTION
    eye, target, up = torch.broadcast_tensors(eye, target, up)
    forward = target - eye
    length = forward.norm(dim=-1, keepdim=True)
    if (length < 1e-8).any():
        raise ValueError("look_at: eye and target coincide, so there is no viewing direction")
    forward = forward / length
    right = torch.linalg.cross(forward, up)
    sine = right.norm(dim=-1, keepdim=True)
    if (sine < 1e-5 * up.norm(dim=-1, keepdim=True).clamp_min(1e-12)).any():
        raise ValueError("look_at: up is parallel to the viewing direction; choose another up")
    right = right / sine
    down = torch.linalg.cross(forward, right)
    pose = torch.stack([right, down, forward, eye], dim=-1)
    bottom = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=pose.dtype, device=pose.device)
    return torch.cat([pose, bottom.expand(*pose.shape[:-2], 1, 4)], dim=-2)
    # END SOLUTION


# %%
check("look_at")

# %% [markdown]
# A ring of cameras around a chair. Every pyramid is one camera: its tip the eye, its base the
# image, the coloured axes $x$ (right), $y$ (down), $z$ (forward). The chair is a cloud of 20,000
# points sampled from a CC0 model; keep it in mind, we photograph it soon.

# %%
# A normal lens with square pixels.
K = torch.tensor([[1.2, 0.0, 0.5], [0.0, 1.2, 0.5], [0.0, 0.0, 1.0]])
azimuth = torch.arange(8) * 2 * math.pi / 8
ring = torch.stack([azimuth.cos(), azimuth.sin(), 0.45 + 0.2 * (2 * azimuth).sin()], dim=-1) * 1.4
ring_poses = look_at(ring, torch.zeros(3), torch.tensor([0.0, 0.0, 1.0]))
viewers.show_frusta(ring_poses, K, points=chair.points, colors=chair.colors)

# %% [markdown]
# ### Everybody else's conventions
#
# Data sets come with cameras, and cameras come with opinions. These are the axes of the camera
# frame in four systems you will meet:
#
# | system | $+x$ | $+y$ | $+z$ | |
# |---|---|---|---|---|
# | OpenCV, COLMAP, this course | right | down | forward | `"opencv"` |
# | OpenGL, NeRF's synthetic scenes | right | up | backward | `"opengl"` |
# | Blender's cameras | right | up | backward | `"blender"` |
# | PyTorch3D | left | up | forward | `"pytorch3d"` |
#
# And each may be handed over as `world_from_camera` (where the camera *is*) or as its inverse
# `camera_from_world` (what it does to a point). The world and the camera's position do not change
# when you rename the camera's axes, so the change acts **from the right** of `world_from_camera`:
#
# $$ \text{world\_from\_target} = \text{world\_from\_source}\;\text{source\_from\_target}. $$
#
# (One more opinion is about memory, not geometry: PyTorch3D multiplies row vectors from the left
# and therefore stores the transpose. All our matrices act on columns.)


# %% exercise="convert_camera" title="Speak four camera conventions" points=6
def convert_camera(
    pose: Float[Tensor, "*b 4 4"],
    source: str,
    target: str,
    source_maps: str = "world_from_camera",
    target_maps: str = "world_from_camera",
) -> Float[Tensor, "*b 4 4"]:
    """The same camera in another convention.

    Args:
        pose: rigid camera poses in the source convention.
        source, target: "opencv", "opengl", "blender" or "pytorch3d": the axes of the camera frame.
        source_maps, target_maps: "world_from_camera" or "camera_from_world": what the matrix does.

    Raises:
        ValueError: an unknown convention; the message names it.
    """
    # BEGIN SOLUTION
    # Where +x, +y, +z of each convention point along OpenCV's axes (right, down, forward).
    signs = {
        "opencv": (1.0, 1.0, 1.0),
        "opengl": (1.0, -1.0, -1.0),
        "blender": (1.0, -1.0, -1.0),
        "pytorch3d": (-1.0, -1.0, 1.0),
    }
    for name in (source, target):
        if name not in signs:
            raise ValueError(f"unknown camera convention {name!r}; known: {', '.join(signs)}")
    for maps in (source_maps, target_maps):
        if maps not in ("world_from_camera", "camera_from_world"):
            raise ValueError(f"a pose maps world_from_camera or camera_from_world, not {maps!r}")
    if source_maps == "camera_from_world":
        pose = invert_rigid(pose)
    flips = [a * b for a, b in zip(signs[source], signs[target], strict=True)]
    pose = pose * torch.tensor([*flips, 1.0], dtype=pose.dtype, device=pose.device)
    return pose if target_maps == "world_from_camera" else invert_rigid(pose)
    # END SOLUTION


# %%
check("convert_camera")

# %% [markdown]
# And this is what happens to those who do not convert. One camera, written down in four conventions,
# each matrix read as if it were OpenCV's (and drawn side by side). The first looks at the chair.
# OpenGL's and Blender's turn their back on it; PyTorch3D's stands on its head.

# %%
names = ["opencv", "opengl", "blender", "pytorch3d"]
misread = torch.stack([convert_camera(ring_poses[7], "opencv", name) for name in names])
misread[:, :3, 3] += torch.tensor([0.35, 1.0, 0.0]) * torch.arange(4)[:, None]
viewers.show_frusta(
    misread,
    K,
    points=chair.points,
    colors=chair.colors,
    size=0.35,
    title="1 OpenCV · 2 OpenGL · 3 Blender · 4 PyTorch3D",
)

# %% [markdown]
# ## 2 · The pinhole
# *50 minutes; every cell runs in under two seconds*
#
# ### From space to image
#
# A pinhole camera keeps the *direction* of a point and forgets its distance. In camera coordinates,
# with normalised intrinsics
#
# $$
# K = \begin{pmatrix} f_x & s & c_x \\ 0 & f_y & c_y \\ 0 & 0 & 1 \end{pmatrix},
# \qquad
# K \begin{pmatrix} x \\ y \\ z \end{pmatrix} = \begin{pmatrix} u\,z \\ v\,z \\ z \end{pmatrix}
# \quad\Longrightarrow\quad
# u = \frac{f_x\,x + s\,y}{z} + c_x, \quad v = \frac{f_y\,y}{z} + c_y .
# $$
#
# $f_x, f_y$ are focal lengths in units of the image's width and height, $(c_x, c_y)$ is where the
# optical axis meets the image, and $s$ is the skew, zero in most cameras and not in all of them.
#
# The division by $z$ is the whole of perspective, and the whole of its trouble. At $z = 0$ it
# explodes. For $z < 0$ it gives a perfectly plausible position, mirrored through the pinhole, of a
# thing *behind* your head. So `project` also returns the depth and a flag; for points that are not
# in front, `uv` may be any finite value.


# %% exercise="project" title="Project points into the image" points=7
def project(
    K: Float[Tensor, "*#b 3 3"], xyz: Float[Tensor, "*#b 3"]
) -> tuple[Float[Tensor, "*b 2"], Float[Tensor, "*b"], Bool[Tensor, "*b"]]:
    """Project points of the camera frame into the image.

    Returns:
        uv: image position; any finite value for points that are not in front.
        depth: z in the camera frame, of either sign.
        in_front: depth > 0.
    Gradients are finite everywhere, also at depth 0.
    """
    # BEGIN SOLUTION
    uvw = torch.einsum("...ij,...j->...i", K, xyz)
    depth = xyz[..., 2].expand(uvw.shape[:-1])
    in_front = depth > 1e-8
    safe = torch.where(in_front, depth, 1.0)  # safe before dividing, for the gradient's sake
    return uvw[..., :2] / safe[..., None], depth, in_front
    # END SOLUTION


# %%
check("project")

# %% [markdown]
# Put to the test on a real photograph. Two cameras on a bar looked at a chessboard; the calibration
# says where the left camera stood. Rings are corners that a detector found in the picture, crosses
# are *your* projections of the board's corners in space.

# %%
board = load_chessboard()
corners_in_camera = transform(board.left_from_board[0], homogenize_points(board.board))[:, :3]
corners_uv, _, _ = project(board.K_left, corners_in_camera)
viewers.show_reprojection(
    board.left[0], board.uv_left[0], corners_uv, labels=("found", "projected")
)

# %% [markdown]
# ### And back
#
# Projection loses the depth; hand it back and you can undo it. $K^{-1} (u, v, 1)^\top$ is the point
# on the ray with $z = 1$; the point you want has $z = \text{depth}$.


# %% exercise="unproject" title="Unproject pixels into space" points=4
def unproject(
    K: Float[Tensor, "*#b 3 3"], uv: Float[Tensor, "*#b 2"], depth: Float[Tensor, "*#b"]
) -> Float[Tensor, "*b 3"]:
    """Points of the camera frame that are seen at `uv` and lie at `depth` along the optical axis."""
    # BEGIN SOLUTION
    rays = torch.einsum("...ij,...j->...i", torch.linalg.inv(K), homogenize_points(uv))
    return rays * depth[..., None]
    # END SOLUTION


# %%
check("unproject")

# %% [markdown]
# Nine pixels, each unprojected to depths 1, 2 and 3. Equal depth means one flat plane, not one
# distance from the eye, and the piece of it that the camera sees grows with depth.

# %%
nine = torch.cartesian_prod(torch.tensor([0.0, 0.5, 1.0]), torch.tensor([0.0, 0.5, 1.0]))
planes = unproject(board.K_left, nine[:, None], torch.tensor([1.0, 2.0, 3.0]))
viewers.show_rays(
    torch.zeros(27, 3),
    planes.flatten(0, 1),
    world_from_camera=torch.eye(4),
    K=board.K_left,
    up="-y",
    view=(-75.0, 15.0),
)

# %% [markdown]
# ### Where pixels are
#
# A pixel is a small square, and its colour is measured at its centre. In an image of 2 rows and 3
# columns the first centre lies at $u = \tfrac{0.5}{3}$, $v = \tfrac{0.5}{2}$, not at 0. Forget the
# half and every picture shifts by half a pixel; you would not see it, but a network that trains on
# two data sets, one shifted and one not, will.


# %% exercise="pixel_centers" title="The centres of all pixels" points=4
def pixel_centers(
    resolution: tuple[int, int], device: torch.device | str | None = None
) -> Float[Tensor, "height width 2"]:
    """uv of all pixel centres of an image of `resolution` (height, width), float32: entry [row, col] is (u, v)."""
    # BEGIN SOLUTION
    height, width = resolution
    v = (torch.arange(height, device=device, dtype=torch.float32) + 0.5) / height
    u = (torch.arange(width, device=device, dtype=torch.float32) + 0.5) / width
    grid_v, grid_u = torch.meshgrid(v, u, indexing="ij")
    return torch.stack([grid_u, grid_v], dim=-1)
    # END SOLUTION


# %%
check("pixel_centers")

# %% [markdown] written="half_pixel" title="Why half a pixel?" points=2
# **Question 1.** A colleague stores pixel positions as `col / width`, without the half. He renders
# an image at 64×64 and at 256×256 with the same `K` and overlays the two. What does he see, and how
# large is the shift between the two, in pixels of the larger image? (Two or three sentences.)
#
# BEGIN SOLUTION
# At 64 pixels his samples sit half a coarse pixel up and left of the true centres, that is 1/128 of
# the width; at 256 they are off by 1/512. The two pictures disagree by 1/128 − 1/512 = 3/512 of the
# width, 1.5 pixels of the larger image, to the right and downwards. With centres at (col +
# 0.5)/width both are sampled where they claim to be.
# END SOLUTION

# %% [markdown]
# ### A photograph that you can enter
#
# You now own enough mathematics for a first small miracle. Below is a photograph of a motorcycle
# from the Middlebury stereo data (Scharstein et al. 2014), together with its measured depth.
# Unproject every pixel and the flat picture turns into a surface in space. `load_motorcycle` gives
# you the image, `K_left`, and the depth in metres.

# %%
motorcycle = load_motorcycle()
height, width = motorcycle.depth.shape
uv = pixel_centers((height, width))
motorcycle_xyz = unproject(motorcycle.K_left, uv, motorcycle.depth)
seen = motorcycle.valid  # the depth is not known everywhere
motorcycle_points, motorcycle_colors = motorcycle_xyz[seen], motorcycle.left[seen]
viewers.show_images([motorcycle.left], ["the photograph"])

# %%
viewers.show_depth(motorcycle.depth, motorcycle.valid, title="depth z", unit="m")

# %% [markdown] written="depth_or_distance" title="Depth or distance?" points=2
# **Question 2.** A wall stands at right angles to the optical axis, 2 m away. What does its *depth*
# map look like, and what its *distance* map? Which of the two does a laser scanner measure, which
# one a stereo pair, and what would go wrong in `unproject` if you confused them?
#
# BEGIN SOLUTION
# The depth map is constant, 2 m everywhere; the distance map grows from 2 m at the centre to
# 2/cos(angle) in the corners. A laser scanner measures distance along its ray, a stereo pair
# (disparity) depth. Used as depth, distances push points outwards along their rays: the flat wall
# becomes a bowl that bends away from the camera at its edges.
# END SOLUTION

# %% [markdown]
# ### Rays
#
# Rendering, from here to the last notebook, starts from the other end: not "where does this point
# land?" but "what does this pixel *see*?". Everything a pixel sees lies on a ray $o + t\,d$,
# $t \ge 0$, which in world coordinates starts at the camera and has unit direction:
#
# $$ o = t_{wc}, \qquad d = \frac{R_{wc}\,K^{-1} (u, v, 1)^\top}{\lVert R_{wc}\,K^{-1} (u, v, 1)^\top \rVert}. $$
#
# Mind what broadcasts: `uv` may be a whole image `h w 2` and the camera a single one, or there may
# be `v` cameras, shaped `v 1 1 4 4`, and one image of pixels. Origins have the shape of directions.


# %% exercise="world_rays" title="The ray behind every pixel" points=7
def world_rays(
    uv: Float[Tensor, "*#b 2"],
    K: Float[Tensor, "*#b 3 3"],
    world_from_camera: Float[Tensor, "*#b 4 4"],
) -> tuple[Float[Tensor, "*b 3"], Float[Tensor, "*b 3"]]:
    """Origins and unit directions, in the world, of the rays that are seen at `uv`. Batch dimensions broadcast."""
    # BEGIN SOLUTION
    camera_directions = unproject(K, uv, torch.ones_like(uv[..., 0]))
    directions = transform(world_from_camera, homogenize_directions(camera_directions))[..., :3]
    directions = torch.nn.functional.normalize(directions, dim=-1)
    origins = world_from_camera[..., :3, 3].expand_as(directions)
    return origins, directions
    # END SOLUTION


# %%
check("world_rays")

# %% [markdown]
# Two cameras, 5×7 rays each. They leave through the image plane, fan out, and cover exactly what
# the pyramid promises.

# %%
coarse = pixel_centers((5, 7))
origins, directions = world_rays(coarse, K, ring_poses[[0, 3], None, None])
viewers.show_rays(
    origins.flatten(0, -2),
    directions.flatten(0, -2),
    length=1.6,
    world_from_camera=ring_poses[[0, 3]],
    K=K,
    points=chair.points,
    colors=chair.colors,
)

# %% [markdown]
# ## 3 · Rendering points
# *30 minutes; every picture in under two seconds*
#
# The simplest renderer there is: throw every point at the image and let the nearest one win. It
# needs everything you have built, and it is honest about occlusion, because it keeps a
# **z-buffer**: for every pixel the smallest depth seen so far.
#
# For each point: world → camera (`invert_rigid`, `transform`), camera → image (`project`), uv →
# pixel (column $\lfloor u \cdot \text{width} \rfloor$, row
# $\lfloor v \cdot \text{height} \rfloor$). Points behind the camera and points outside the image
# drop out. All of it without a Python loop over points: `scatter_reduce(…, reduce="amin")` fills a
# z-buffer in one call, and the points whose depth equals the buffer's are the ones you see. Pixels
# that see nothing get the background colour and infinite depth.


# %% exercise="render_points" title="Render a point cloud with a z-buffer" points=8
def render_points(
    points: Float[Tensor, "n 3"],
    colors: Float[Tensor, "n 3"],
    K: Float[Tensor, "3 3"],
    world_from_camera: Float[Tensor, "4 4"],
    resolution: tuple[int, int],
    background: float = 1.0,
) -> tuple[Float[Tensor, "height width 3"], Float[Tensor, "height width"]]:
    """Each world point colours the one pixel that it falls into; where several meet, the nearest is seen.

    Returns:
        image: `background` where nothing is seen.
        depth: z in the camera frame of the point that is seen, infinity where there is none.
    """
    # BEGIN SOLUTION
    height, width = resolution
    camera_from_world = invert_rigid(world_from_camera)
    uv, depth, in_front = project(
        K, transform(camera_from_world, homogenize_points(points))[..., :3]
    )
    inside = in_front & (uv >= 0).all(-1) & (uv < 1).all(-1)
    uv, depth, colors = uv[inside], depth[inside], colors[inside]
    column = (uv[:, 0] * width).long().clamp_max(width - 1)
    row = (uv[:, 1] * height).long().clamp_max(height - 1)
    pixel = row * width + column
    nearest = depth.new_full((height * width,), math.inf)
    nearest = nearest.scatter_reduce(0, pixel, depth, reduce="amin")
    wins = depth == nearest[pixel]
    image = colors.new_full((height * width, 3), background)
    image[pixel[wins]] = colors[wins]
    return image.reshape(height, width, 3), nearest.reshape(height, width)
    # END SOLUTION


# %%
check("render_points")

# %% [markdown]
# Here is what the ring of cameras sees.

# %%
views = [render_points(chair.points, chair.colors, K, pose, (96, 96))[0] for pose in ring_poses]
viewers.film_strip(views)

# %% [markdown]
# Now step into the photograph: the motorcycle's points, seen from where no camera ever stood. The
# white shadows are what the first camera could not see. Filling such holes with what *should* be
# there is what the learned representations of the later notebooks are for.

# %%
steps = torch.tensor([[-0.35, 0.0, 0.2], [0.0, 0.0, 0.0], [0.35, 0.0, 0.2]])
middle = motorcycle_points.median(dim=0).values
moved = [look_at(step, middle, torch.tensor([0.0, -1.0, 0.0])) for step in steps]
photos = [
    render_points(
        motorcycle_points, motorcycle_colors, motorcycle.K_left, pose, (height // 2, width // 2)
    )[0]
    for pose in moved
]
viewers.show_images(photos, ["35 cm to the left", "from the camera's place", "35 cm to the right"])

# %% [markdown]
# **Walk around it.** Drag the sliders; every frame is your own `look_at` and `render_points`.

# %%
viewers.CameraOrbit(
    render=lambda pose: render_points(chair.points, chair.colors, K, pose, (128, 128))[0],
    look_at=look_at,
)

# %% [markdown]
# ### The dolly zoom
#
# Hitchcock's trick from *Vertigo*: walk backwards while zooming in, so that the subject keeps its
# size while the room behind it breathes. A thing of height $h$ at depth $z$ covers $f h / z$ of the
# image: keep $f / z$ constant. Perspective, you can see, is a matter of where you *stand*, not of
# the lens.

# %%
backdrop = torch.cartesian_prod(
    torch.tensor([-2.0]), torch.linspace(-1.6, 1.6, 340), torch.linspace(-1.4, 1.6, 320)
)
stripes = ((backdrop[:, 1] * 4).floor() + (backdrop[:, 2] * 4).floor()).remainder(2)[:, None]
scene = torch.cat([chair.points, backdrop])
paint = torch.cat([chair.colors, 0.55 + 0.3 * stripes * torch.ones(1, 3)])
frames, distances = [], [1.1, 1.5, 2.0, 2.8, 4.0]
for distance in distances:
    lens = K.clone()
    lens[0, 0] = lens[1, 1] = 1.2 * distance / 1.1  # f / z stays the same at the chair
    eye = torch.tensor([distance, 0.0, 0.1])
    pose = look_at(eye, torch.zeros(3), torch.tensor([0.0, 0.0, 1.0]))
    frames.append(render_points(scene, paint, lens, pose, (112, 112))[0])
viewers.film_strip(frames, titles=[f"{distance} away" for distance in distances])

# %% [markdown]
# ## 4 · Two views
# *50 minutes; every cell runs in under two seconds*
#
# One picture forgets depth. A second picture, from somewhere else, remembers it.
#
# ### Triangulation
#
# Each picture says: the point lies somewhere on this ray. Two rays should meet there, but measured
# rays never quite do, so we ask for the point that is nearest to all of them. The squared distance
# of $x$ from the ray $o_i + t\,d_i$ is $\lVert (I - d_i d_i^\top)(x - o_i) \rVert^2$: the matrix
# throws away whatever runs along the ray. Setting the gradient of the sum to zero gives three
# linear equations,
#
# $$
# \underbrace{\sum_i (I - d_i d_i^\top)}_{A}\; x = \sum_i (I - d_i d_i^\top)\, o_i .
# $$
#
# When all rays are parallel, $A$ is singular: the point could be anywhere along them. How close to
# singular? The smallest eigenvalue of $A / V$, for $V$ rays, tells; two rays that cross at a small
# angle $\theta$ have $\theta^2 / 4$. Below $10^{-6}$ (about a tenth of a degree) report the point
# as not reliable and return any finite value.


# %% exercise="triangulate" title="Where rays meet" points=5
def triangulate(
    origins: Float[Tensor, "*b views 3"], directions: Float[Tensor, "*b views 3"]
) -> tuple[Float[Tensor, "*b 3"], Bool[Tensor, "*b"]]:
    """The points nearest to `views` rays with unit directions, in the least-squares sense.

    Returns:
        points: finite everywhere.
        reliable: False where the rays are so nearly parallel that the point is undetermined
            (smallest eigenvalue of A / views below 1e-6).

    Raises:
        ValueError: fewer than two rays.
    """
    # BEGIN SOLUTION
    views = origins.shape[-2]
    if views < 2:
        raise ValueError(f"triangulate needs at least two rays, got {views}")
    identity = torch.eye(3, dtype=origins.dtype, device=origins.device)
    across = identity - directions[..., :, None] * directions[..., None, :]
    A = across.mean(-3)
    b = torch.einsum("...vij,...vj->...i", across, origins) / views
    reliable = torch.linalg.eigvalsh(A)[..., 0] > 1e-6
    A = torch.where(reliable[..., None, None], A, identity)
    return torch.linalg.solve(A, b[..., None])[..., 0], reliable
    # END SOLUTION


# %%
check("triangulate")

# %% [markdown]
# Real measurements: both cameras of the bar photographed the chessboard, and the detector found its
# 54 inner corners in both pictures. Each corner gives two rays; where they meet is the board.
# Its squares are equal in reality, so they had better be equal in your reconstruction.

# %%
view = 0
left_pose = torch.eye(4)  # the left camera is our world
right_pose = invert_rigid(board.right_from_left)
o_left, d_left = world_rays(board.uv_left[view], board.K_left, left_pose)
o_right, d_right = world_rays(board.uv_right[view], board.K_right, right_pose)
corners, reliable = triangulate(
    torch.stack([o_left, o_right], -2), torch.stack([d_left, d_right], -2)
)
squares = corners.reshape(6, 9, 3).diff(dim=1).norm(dim=-1)
true_square = (board.board[1] - board.board[0]).norm()
print(f"squares: {1000 * squares.mean():.2f} ± {1000 * squares.std():.2f} mm")
print(f"on the real board: {1000 * true_square:.2f} mm")
both = torch.stack([left_pose, right_pose])
viewers.show_frusta(both, board.K_left, points=corners, size=0.1, up="-y", view=(-75.0, 18.0))

# %% [markdown]
# ### Epipolar geometry
#
# What does one picture know about the other *before* any depth is known? A point at $x_1$ in the
# first image lies on a ray; the second camera sees that ray as a **line**. So the match of $x_1$ is
# not just anywhere, it is on its *epipolar line*. With $R, t$ from `camera_2_from_camera_1`, the
# vectors $K_2^{-1}x_2$, $t$ and $R K_1^{-1} x_1$ lie in one plane:
#
# $$
# x_2^\top F\, x_1 = 0, \qquad F = K_2^{-\top}\,[t]_\times R\,K_1^{-1},
# $$
#
# for homogeneous $x_i = (u_i, v_i, 1)$ (Hartley & Zisserman 2004, section 9.2). $F$ is the
# **fundamental matrix**. It has rank 2, and its scale means nothing, so we fix
# $\lVert F \rVert = 1$ (Frobenius). The line in image 2 is $\ell_2 = F x_1$: the points with
# $\ell_2 \cdot x_2 = 0$.


# %% exercise="fundamental_matrix" title="The fundamental matrix of two cameras" points=5
def fundamental_matrix(
    K_1: Float[Tensor, "*#b 3 3"],
    world_from_camera_1: Float[Tensor, "*#b 4 4"],
    K_2: Float[Tensor, "*#b 3 3"],
    world_from_camera_2: Float[Tensor, "*#b 4 4"],
) -> Float[Tensor, "*b 3 3"]:
    """F with x₂ᵀ F x₁ = 0 for homogeneous uv of the same point, Frobenius norm 1. Batch dimensions broadcast."""
    # BEGIN SOLUTION
    camera_2_from_camera_1 = invert_rigid(world_from_camera_2) @ world_from_camera_1
    rotation, translation = camera_2_from_camera_1[..., :3, :3], camera_2_from_camera_1[..., :3, 3]
    essential = cross_matrix(translation) @ rotation
    F = torch.linalg.inv(K_2).mT @ essential @ torch.linalg.inv(K_1)
    return F / F.norm(dim=(-2, -1), keepdim=True)
    # END SOLUTION


# %%
check("fundamental_matrix")

# %% [markdown]
# Six corners of the left picture and their lines in the right one. Each line must run through its
# own corner; where exactly on the line the corner sits is the depth.

# %%
F = fundamental_matrix(board.K_left, left_pose, board.K_right, right_pose)
chosen = torch.tensor([0, 8, 22, 31, 45, 53])
lines = homogenize_points(board.uv_left[view, chosen]) @ F.T
viewers.show_epipolar(
    board.left[view],
    board.right[view],
    board.uv_left[view, chosen],
    lines,
    board.uv_right[view, chosen],
)

# %% [markdown]
# **Move the point, watch the line.**

# %%
viewers.EpipolarViewer(
    board.left[view],
    board.right[view],
    line_from_uv=lambda uv: F @ homogenize_points(uv),
)

# %% [markdown]
# ### Learning $F$ from matches
#
# And if the cameras are unknown? Every match is one linear equation in the nine entries of $F$.
# Eight of them, and $F$ is determined up to scale. This is Longuet-Higgins' *eight-point algorithm*
# (1981), and it was written off as too sensitive to noise until Hartley (1997, "In defense of the
# eight-point algorithm") showed what was wrong: the numbers were badly scaled. His cure:
#
# 1. in each image, shift the centroid of the points to 0 and scale so that their mean distance from
#    it is $\sqrt2$: $\tilde x = N x$;
# 2. stack the rows $\tilde x_2 \otimes \tilde x_1$ into $A$ and take the right singular vector of
#    the smallest singular value as $\tilde F$;
# 3. set the smallest singular value of $\tilde F$ to 0, so that it has rank 2;
# 4. undo the scaling, $F = N_2^\top \tilde F N_1$, and divide by the norm.


# %% exercise="eight_point" title="The normalised eight-point algorithm" points=7
def eight_point(uv_1: Float[Tensor, "n 2"], uv_2: Float[Tensor, "n 2"]) -> Float[Tensor, "3 3"]:
    """F of rank 2 and Frobenius norm 1 with x₂ᵀ F x₁ ≈ 0 for n ≥ 8 matches (Hartley 1997, section 4).

    Works in any unit: uv, or pixels.

    Raises:
        ValueError: fewer than eight matches.
    """
    # BEGIN SOLUTION
    if len(uv_1) < 8:
        raise ValueError(f"the eight-point algorithm needs at least 8 matches, got {len(uv_1)}")

    def normalizer(uv: Tensor) -> Tensor:
        center = uv.mean(0)
        scale = math.sqrt(2) / (uv - center).norm(dim=-1).mean()
        N = torch.diag(torch.stack([scale, scale, torch.ones_like(scale)]))
        N[:2, 2] = -scale * center
        return N

    N_1, N_2 = normalizer(uv_1), normalizer(uv_2)
    x_1, x_2 = homogenize_points(uv_1) @ N_1.T, homogenize_points(uv_2) @ N_2.T
    A = (x_2[:, :, None] * x_1[:, None, :]).flatten(1)
    F = torch.linalg.svd(A, full_matrices=True)[2][-1].reshape(3, 3)
    U, S, Vh = torch.linalg.svd(F)
    F = N_2.T @ (U[:, :2] * S[:2]) @ Vh[:2] @ N_1
    return F / F.norm()
    # END SOLUTION


# %%
check("eight_point")

# %% [markdown]
# From matches alone, with no calibration at all. The corners of *one* board lie in a plane, which
# leaves $F$ undetermined, so we take all boards together. Compare with the calibrated lines above.

# %%
F_matches = eight_point(board.uv_left.flatten(0, 1), board.uv_right.flatten(0, 1))
lines = homogenize_points(board.uv_left[view, chosen]) @ F_matches.T
viewers.show_epipolar(
    board.left[view],
    board.right[view],
    board.uv_left[view, chosen],
    lines,
    board.uv_right[view, chosen],
)

# %% [markdown] written="no_translation" title="A camera that only turns" points=2
# **Question 3.** A camera on a tripod takes two pictures and only *turns* between them. What is
# $F$? What do your eight matches, or eight hundred, say about the depth of the scene, and what
# could you still compute from the two pictures?
#
# BEGIN SOLUTION
# With t = 0 the essential matrix [t]ₓ R vanishes, so F = 0 up to noise: every pair of points
# satisfies the constraint for many F, and the eight-point algorithm returns an arbitrary one. There
# is no parallax, so nothing about depth can be learnt. The pictures are related by the homography
# K₂ R K₁⁻¹: the rotation and a panorama can still be computed.
# END SOLUTION

# %% [markdown]
# ## 5 · Finding the camera
# *40 minutes; the optimisation takes under a second*
#
# Everything so far ran *forwards*: from a known camera to a picture. Inverse graphics runs it
# backwards. Given points in space and where they appear in a photograph, **where was the camera?**
#
# You have all the pieces. Parametrise a small motion by six numbers, three for the rotation and
# three for the translation,
#
# $$
# \text{world\_from\_camera}(\omega, \tau) = \text{world\_from\_camera}_0 \begin{pmatrix} R(\omega) & \tau \\ 0 & 1 \end{pmatrix},
# $$
#
# start at $\omega = \tau = 0$ (your exact gradient at zero pays off now), and lower a loss. Two
# decisions are yours.
#
# **Which loss?** The obvious one is the distance in the image between the projected and the
# measured points. It divides by depth, and 50° away from the truth some points may be at your back.
# A gentler one compares *bearings*: unit vectors towards the points, $\frac{x}{\lVert x \rVert}$ in
# the camera frame, against the unit rays of the measured pixels. It is smooth everywhere.
#
# **Which optimiser?** Adam gets there in about 800 steps, if its rate starts at 0.1 and fades to 0.
# So does *Levenberg–Marquardt* in about ten: with residuals $r(\delta)$ and Jacobian $J$ at
# $\delta = 0$, step $\delta = -(J^\top J + \lambda I)^{-1} J^\top r$; if the loss fell, keep the
# step and lower $\lambda$; if not, raise $\lambda$ and try again.
# `torch.autograd.functional.jacobian(…, vectorize=True)` gives you $J$ without a derivative on
# paper.


# %% exercise="estimate_pose" title="Find a lost camera" points=8
def estimate_pose(
    points: Float[Tensor, "n 3"],
    uv: Float[Tensor, "n 2"],
    K: Float[Tensor, "3 3"],
    initial_world_from_camera: Float[Tensor, "4 4"],
) -> Float[Tensor, "4 4"]:
    """world_from_camera that explains where world points appear in the image, found by optimisation.

    Converges from starting poses that are turned by as much as 50°. Deterministic; a second at most.
    """
    # BEGIN SOLUTION
    ones = torch.ones_like(uv[:, 0])
    seen = torch.nn.functional.normalize(unproject(K, uv, ones), dim=-1)

    def moved(motion: Tensor, world_from_camera: Tensor) -> Tensor:
        rotation = rotation_from_axis_angle(motion[:3])
        step = torch.cat([rotation, motion[3:, None]], dim=1)
        return world_from_camera @ torch.cat([step, world_from_camera[3:]], dim=0)

    def residual(motion: Tensor, world_from_camera: Tensor) -> Tensor:
        camera_from_world = invert_rigid(moved(motion, world_from_camera))
        xyz = transform(camera_from_world, homogenize_points(points))[:, :3]
        return (torch.nn.functional.normalize(xyz, dim=-1) - seen).flatten()

    pose, damping, still = initial_world_from_camera, 1e-2, torch.zeros(6).to(points)
    for _ in range(40):
        r = residual(still, pose)
        J = torch.autograd.functional.jacobian(
            lambda m, at=pose: residual(m, at), still, vectorize=True
        )
        normal = J.T @ J
        motion = -torch.linalg.solve(normal + damping * torch.eye(6).to(normal), J.T @ r)
        if residual(motion, pose).square().sum() < r.square().sum():
            pose, damping = moved(motion, pose), damping / 10
        else:
            damping = damping * 10
        if motion.norm() < 1e-5:
            break
    return pose
    # END SOLUTION


# %%
check("estimate_pose")

# %% [markdown]
# Now for real. The chessboard's corners in space are known, so each photograph tells where its
# camera stood. We start from one wrong guess for all six and reproject the board with the recovered
# poses; then we measure how far they are from where the calibration says the camera was.

# %%
start = look_at(torch.tensor([0.1, -0.2, -0.9]), torch.zeros(3), torch.tensor([0.0, -1.0, 0.0]))
found = torch.stack([estimate_pose(board.board, uv, board.K_left, start) for uv in board.uv_left])
board_in_camera = transform(invert_rigid(found)[:, None], homogenize_points(board.board))[..., :3]
reprojected, _, _ = project(board.K_left, board_in_camera)
error = (reprojected - board.uv_left) * torch.tensor(board.left.shape[2:0:-1])
print(f"reprojection error: {error.square().sum(-1).mean().sqrt():.2f} pixels")
calibrated = invert_rigid(board.left_from_board)
apart = (found[:, :3, 3] - calibrated[:, :3, 3]).norm(dim=-1).max()
print(f"farthest camera: {1000 * apart:.1f} mm from the calibrated one")
viewers.show_reprojection(board.left[view], board.uv_left[view], reprojected[view])

# %%
viewers.show_frusta(found, board.K_left, points=board.board, size=0.06)

# %% [markdown]
# In life the board stood still for nobody: it was carried around in front of a camera on a tripod.
# The picture above shows the same thing from the board's point of view. Which of the two moved is a
# question of frames, and you now translate between them with one matrix.
#
# ## 6 · The puzzle
# *30 minutes; a search takes under a second*
#
# A box arrives. In it: three photographs of a chair, the chair's points, the intrinsics, and three
# 4×4 matrices named `poses`. Of the convention, nothing. Do they map camera to world, or world to
# camera? Which way does the camera's $x$ axis point?
#
# There are 24 right-handed ways to name the axes. We write each as three letters, for where $+x$,
# $+y$ and $+z$ point as seen by the photographer: **R**ight or **L**eft, **U**p or **D**own,
# **F**orward or **B**ackward. OpenCV is `"RDF"`, OpenGL `"RUB"`, PyTorch3D `"LUF"`; a rather
# original camera might be `"BRU"`. With the two directions of mapping that makes 48 hypotheses, and
# one of them explains the pictures.
#
# Your puzzle is your own: it is made from your student id, with your `render_points`. Solve it by
# thinking, or let the machine think: *render every hypothesis and compare*. The second way has a
# name, **analysis by synthesis**, and it is the idea that the rest of the course is built on.

# %%
from course_lib.puzzle import make_puzzle

STUDENT_ID = "your-id"
puzzle = make_puzzle(STUDENT_ID, render_points)
viewers.show_images(list(puzzle.images), ["view 1", "view 2", "view 3"])

# %% [markdown]
# Read the matrices as if they were ours, and the cameras look somewhere else. A white picture means
# that the chair is not in view at all:

# %%
naive = [
    render_points(puzzle.points, puzzle.colors, puzzle.K, pose, tuple(puzzle.images.shape[1:3]))[0]
    for pose in puzzle.poses
]
viewers.show_images(naive, ["read as OpenCV 1", "read as OpenCV 2", "read as OpenCV 3"])

# %% [markdown]
# To turn axes named `"BRU"` into OpenCV's, build the 3×3 matrix whose column $i$ says where the
# unknown camera's $i$-th axis points in the frame (right, down, forward). For `"BRU"`: the first
# axis points backward, $(0, 0, -1)$; the second right, $(1, 0, 0)$; the third up, $(0, -1, 0)$.
# That matrix is `opencv_from_unknown`, and
# `world_from_unknown = world_from_opencv @ opencv_from_unknown`. Solve for what you need.


# %% exercise="find_convention" title="The camera that nobody documented" points=8
def find_convention(
    images: Float[Tensor, "v h w 3"],
    poses: Float[Tensor, "v 4 4"],
    K: Float[Tensor, "3 3"],
    points: Float[Tensor, "n 3"],
    colors: Float[Tensor, "n 3"],
) -> tuple[str, str]:
    """The convention in which `poses` are written, so that the points, rendered with them, give the images.

    Returns:
        axes: where +x, +y, +z of the camera point, such as "RDF" (OpenCV): one of 24 right-handed names.
        maps: "world_from_camera" or "camera_from_world": what the matrices do.
    """
    # BEGIN SOLUTION
    arrow = {
        "R": (1, 0, 0),
        "L": (-1, 0, 0),
        "D": (0, 1, 0),
        "U": (0, -1, 0),
        "F": (0, 0, 1),
        "B": (0, 0, -1),
    }
    resolution = (images.shape[1], images.shape[2])
    best, answer = math.inf, ("RDF", "world_from_camera")
    for letters in product("RLUDFB", repeat=3):
        opencv_from_unknown = torch.tensor(
            [arrow[letter] for letter in letters], dtype=poses.dtype
        ).T
        if torch.linalg.det(opencv_from_unknown) < 0.5:
            continue  # left-handed, or the same axis twice
        for maps in ("world_from_camera", "camera_from_world"):
            world_from_unknown = poses if maps == "world_from_camera" else invert_rigid(poses)
            world_from_opencv = world_from_unknown.clone()
            world_from_opencv[:, :3, :3] = world_from_unknown[:, :3, :3] @ opencv_from_unknown.T
            error = 0.0
            for image, pose in zip(images, world_from_opencv, strict=True):
                drawn, _ = render_points(points, colors, K, pose, resolution)
                error += float((drawn - image).square().mean())
                if error >= best:
                    break  # further views cannot mend it
            if error < best:
                best, answer = error, ("".join(letters), maps)
    return answer
    # END SOLUTION


# %%
check("find_convention")

# %%
axes, maps = find_convention(puzzle.images, puzzle.poses, puzzle.K, puzzle.points, puzzle.colors)
print(f"your camera's axes are {axes}, and its matrices are {maps}")

# %% [markdown]
# ## What you have now
#
# A camera in both directions: from space to pixels, from pixels to rays, from pictures back to
# points and poses. Every function is differentiable or feeds one that is, and each works on whole
# batches. The next notebook builds four renderers on `world_rays`; the code it imports is the code
# you wrote today.
#
# Three things to take along. *Names*: `target_from_source` has just saved you more hours than you
# know. *Singularities*: at $\theta = 0$, at $z = 0$, with parallel rays, the mathematics is silent,
# and code has to say something. *Analysis by synthesis*: if you can render it, you can invert it,
# if only you have a way to search. Gradients are a way to search.
#
# **Further reading.** Hartley & Zisserman, *Multiple View Geometry in Computer Vision*, 2004,
# chapters 2, 6, 9 and 12. · Hartley, "In defense of the eight-point algorithm", PAMI 1997. ·
# Scharstein et al., "High-resolution stereo datasets with subpixel-accurate ground truth", GCPR
# 2014 (the motorcycle).

# %% [markdown]
# ## Hand in
#
# Save the notebook first (Ctrl+S), then run this cell. It tells you what is still missing and packs
# a zip; on Colab the zip is downloaded. Hand that file in as it is. (`STUDENT_ID` is the one that you
# wrote in section 6; its cell must have run.)

# %%
archive = submit(STUDENT_ID)
