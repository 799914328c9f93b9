"""Pictures of scenes with exact depth, normals and labels."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from course_lib.data.camera_checks import check_intrinsics, check_poses
from course_lib.data.posed_views import PosedViews
from course_lib.scenes.cameras import checked_resolution
from course_lib.scenes.canvas import Canvas, sampling_pattern
from course_lib.scenes.packing import PlaneTable, pack
from course_lib.scenes.polytopes import Scene, SceneError
from course_lib.scenes.rays import ray_matrices
from course_lib.scenes.silhouettes import CameraInsideError, Cameras, sightings
from course_lib.scenes.tiles import nearest_parts
from course_lib.shapes import Float, Resolution, Tensor

PARTS_AT_ONCE = 2**14  # parts in views that are prepared together


def photograph(
    scenes: Scene | Sequence[Scene],
    K: Float[Tensor, "*#b 3 3"],
    world_from_camera: Float[Tensor, "*b 4 4"],
    resolution: Resolution,
    *,
    supersample: int = 2,
    device: torch.device | str = "cpu",
    geometry: bool = True,
    near: float | None = None,
    far: float | None = None,
) -> PosedViews:
    """Photograph one scene from (views, 4, 4) poses, or several from (scenes, views, 4, 4).

    Colours are averaged over `supersample`² rays per pixel; depth (z), normals and labels are those of the ray
    through the pixel's centre, and left out without `geometry`. The background is white. No views give empty
    views. Exact: no step length, no threshold; memory for the work does not grow with the number of views.

    Args:
        K: normalised, one for all views or one for each.
        near, far: what the result says about distances; by default as close as the scenes' boxes allow.

    Raises:
        SceneError: no scenes, a camera inside a part (the message names the view and the part), cameras of the
            wrong shape, an impossible resolution or supersampling, near > far.
        ViewsError: a camera that cannot be one, such as NaN; the message names the view.
    """
    many = [scenes] if isinstance(scenes, Scene) else list(scenes)
    _check_request(many, isinstance(scenes, Scene), K, world_from_camera, resolution, supersample)
    table = pack(many, device)
    batch = world_from_camera.shape[:-2]
    pose = world_from_camera.to(table.normals).reshape(-1, 4, 4)
    K = K.to(table.normals).expand(*batch, 3, 3)
    scene = torch.arange(len(many), device=pose.device).repeat_interleave(batch[-1])
    cameras = Cameras(pose[:, :3, 3], ray_matrices(K.reshape(-1, 3, 3), pose), scene)
    near, far = _near_far(table, cameras, near, far)
    canvas = Canvas(len(pose), sampling_pattern(resolution, supersample, geometry, pose.device))
    views_at_once = max(1, PARTS_AT_ONCE // int(table.part_count.max()))
    for start in range(0, len(pose), views_at_once):
        try:
            parts = sightings(table, cameras[start : start + views_at_once])
        except CameraInsideError as inside:
            _explain(inside, many, batch, start)
        for tiles in nearest_parts(parts, canvas.pattern.tiling):
            canvas.draw(table, parts.surface, tiles, start)
    fields = ("images", "depth", "normals", "labels") if geometry else ("images",)
    drawn = {name: canvas.taken(name) for name in fields}
    same = all(other.category == many[0].category for other in many)
    return PosedViews(
        **{name: value.reshape(*batch, *value.shape[1:]) for name, value in drawn.items()},
        K=K.float(),
        world_from_camera=pose.float().reshape(*batch, 4, 4),
        near=near,
        far=far,
        label_names=many[0].label_names if geometry else (),
        name=many[0].category if same else "",
    )


def _check_request(
    scenes: list[Scene],
    one: bool,
    K: Tensor,
    world_from_camera: Tensor,
    resolution: Resolution,
    supersample: int,
) -> None:
    for name, matrices in (("K", K), ("world_from_camera", world_from_camera)):
        if not isinstance(matrices, Tensor):
            raise SceneError(
                f"{name} must be a torch.Tensor, not {type(matrices).__name__}; torch.as_tensor converts it"
            )
    shape = tuple(world_from_camera.shape)
    wanted = "(views, 4, 4)" if one else f"({len(scenes)}, views, 4, 4)"
    if (
        shape[-2:] != (4, 4)
        or len(shape) != (3 if one else 4)
        or not (one or shape[0] == len(scenes))
    ):
        raise SceneError(
            f"world_from_camera has shape {shape}; {'one scene needs' if one else 'these scenes need'} "
            f"{wanted}"
        )
    if K.shape[-2:] != (3, 3) or not _broadcasts(K.shape[:-2], shape[:-2]):
        raise SceneError(
            f"K has shape {tuple(K.shape)}; give (3, 3) for all views or {(*shape[:-2], 3, 3)}"
        )
    checked_resolution(resolution)
    check_poses(world_from_camera)
    check_intrinsics(K, resolution)
    names = {scene.label_names for scene in scenes}
    if len(names) > 1:
        raise SceneError(
            f"scenes photographed together share their label names; got {sorted(names)}"
        )
    if not (isinstance(supersample, int) and 1 <= supersample <= 16):
        raise SceneError(f"supersample is a whole number in 1…16, got {supersample}")


def _broadcasts(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    tail = wanted[len(wanted) - len(shape) :]
    return len(shape) <= len(wanted) and all(a in (1, b) for a, b in zip(shape, tail, strict=True))


def _near_far(
    table: PlaneTable, cameras: Cameras, near: float | None, far: float | None
) -> tuple[float, float]:
    """Distances between which the scenes' boxes lie from all cameras, unless they are given."""
    if near is None or far is None:
        low, high = table.part_low.amin(0), table.part_high.amax(0)
        eye = cameras.origins if len(cameras.origins) else high[None] + (high - low)
        gap = torch.maximum(low - eye, eye - high).clamp_min(0).norm(dim=-1)
        reach = torch.maximum(high - eye, eye - low).norm(dim=-1)
        far = float(reach.max()) * 1.001 if far is None else far
        near = max(float(gap.min()) * 0.999, 1e-3 * far) if near is None else near
    if not 0 < near < far:
        raise SceneError(f"near and far are distances with 0 < near < far, got {near} and {far}")
    return near, far


def _explain(
    inside: CameraInsideError, scenes: list[Scene], batch: tuple[int, ...], start: int
) -> None:
    """Say it in the caller's terms."""
    scene = scenes[inside.scene]
    view = (start + inside.view) % batch[-1]
    which = f"view {view}" if len(batch) == 1 else f"view {view} of scene {inside.scene}"
    raise SceneError(
        f"the camera of {which} is inside {scene.part_name(inside.part)} of {scene.category}/{scene.kind}, "
        "so it sees nothing; move it out"
    ) from None
