"""Photographs of meshes against the exact scenes, and what is read from files."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from course_lib.data import Mesh, ViewsError, load_chair_mesh
from course_lib.scenes import Scene, SceneError, intrinsics, orbit_poses, photograph
from course_lib.scenes.mesh_views import photograph_mesh
from course_lib.scenes.painted_mesh import (
    MeshToolsMissingError,
    PaintedMesh,
    load_painted_mesh,
    mesh_tools,
)
from course_lib.scenes.shapes import box

RESOLUTION = (30, 40)  # not square
K = intrinsics(0.9, RESOLUTION)
POSES = orbit_poses(np.array([20.0, 130.0, -75.0]), np.array([25.0, -10.0, 50.0]))
LOW, HIGH, COLOR = (-0.3, -0.2, -0.1), (0.25, 0.35, 0.3), (0.8, 0.4, 0.2)


def box_mesh(flipped: bool = False) -> Mesh:
    """The box from LOW to HIGH as twelve triangles."""
    vertices = torch.cartesian_prod(*(torch.tensor(ends) for ends in zip(LOW, HIGH, strict=True)))
    quads = torch.tensor(
        [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    )
    faces = torch.cat([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Mesh(vertices, faces.flip(1) if flipped else faces, torch.tensor(COLOR).expand(8, 3))


def quad(colors: Tensor) -> Mesh:
    """A square in the plane x = 0, one metre wide, seen from +x: its corners −y−z, +y−z, +y+z, −y+z."""
    vertices = torch.tensor([[0, -0.5, -0.5], [0, 0.5, -0.5], [0, 0.5, 0.5], [0, -0.5, 0.5]])
    return Mesh(vertices, torch.tensor([[0, 1, 2], [0, 2, 3]]), colors)


@pytest.mark.parametrize("flipped", [False, True])
def test_a_box_of_triangles_looks_like_the_exact_box(flipped: bool) -> None:
    scene = Scene("boxes", "box", (box(LOW, HIGH, COLOR, 1),), ("background", "mesh"))
    expected = photograph(scene, K, POSES, RESOLUTION)
    views = photograph_mesh(box_mesh(flipped), K, POSES, RESOLUTION)
    assert views.images.dtype == torch.float32
    assert views.label_names == ("background", "mesh")
    same = views.labels == expected.labels  # a ray along the outline may go either way
    assert float(same.float().mean()) > 0.998
    assert views.depth is not None
    assert views.normals is not None
    assert expected.depth is not None
    assert expected.normals is not None
    hit = same & (expected.labels > 0)
    assert float((views.depth - expected.depth)[hit].abs().max()) < 5e-5  # grazing rays in float32
    assert float((views.normals - expected.normals)[hit].norm(dim=-1).median()) < 1e-6
    agree = ((views.normals - expected.normals)[hit].norm(dim=-1) < 1e-5).float().mean()
    assert float(agree) > 0.99
    close = ((views.images - expected.images).abs().amax(-1) < 1e-4).float().mean()
    assert float(close) > 0.98
    assert bool(views.depth[views.labels == 0].isinf().all())
    assert (views.near, views.far) == pytest.approx((expected.near, expected.far), rel=0.01)


def test_hits_lie_on_the_surface_where_the_pixel_looks() -> None:
    views = photograph_mesh(box_mesh(), K, POSES, RESOLUTION)
    assert views.depth is not None
    height, width = RESOLUTION
    v, u = torch.meshgrid(
        (torch.arange(height) + 0.5) / height, (torch.arange(width) + 0.5) / width, indexing="ij"
    )
    rays = torch.stack([u, v, torch.ones_like(u)], dim=-1).double() @ torch.linalg.inv(K.double()).T
    for depth, pose in zip(views.depth.double(), POSES.double(), strict=True):
        seen = depth.isfinite()
        x = (rays * depth[..., None])[seen] @ pose[:3, :3].T + pose[:3, 3]
        low, high = torch.tensor(LOW).double(), torch.tensor(HIGH).double()
        outside = torch.maximum(low - x, x - high).amax(dim=-1)
        assert float(outside.abs().max()) < 1e-5


def test_colours_run_between_the_corners() -> None:
    corners = torch.tensor([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.2, 0.2, 0.2]])
    pose = orbit_poses(np.array([0.0]), np.array([0.0]), radius=2.0)
    views = photograph_mesh(quad(corners), intrinsics(2.0, (41, 41)), pose, (41, 41), supersample=1)
    white = photograph_mesh(quad(torch.ones(4, 3)), intrinsics(2.0, (41, 41)), pose, (41, 41))
    albedo = views.images[0] / white.images[0]
    assert albedo[20, 20].tolist() == pytest.approx([0.5, 0.0, 0.5], abs=0.02)  # on the diagonal
    assert albedo[39, 1].tolist() == pytest.approx(
        [0.95, 0.02, 0.02], abs=0.06
    )  # −y is left, −z low
    assert albedo[39, 39].tolist() == pytest.approx([0.02, 0.95, 0.02], abs=0.06)


def write_textured_quad(folder: Path) -> Path:
    """The square of `quad`, y up, with a picture of four colours, and a plain triangle behind it."""
    picture = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 0]]], dtype=np.uint8)
    Image.fromarray(picture.repeat(8, axis=0).repeat(8, axis=1)).save(folder / "four.png")
    (folder / "quad.mtl").write_text(
        "newmtl painted\nKd 1 1 1\nmap_Kd four.png\nnewmtl plain\nKd 0.2 0.4 0.6\n"
    )
    path = folder / "quad.obj"
    path.write_text(
        "mtllib quad.mtl\n"
        "v -1 -1 1\nv 1 -1 1\nv 1 1 1\nv -1 1 1\nv -1 -1 -1\nv 1 -1 -1\nv 0 1 -1\n"
        "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
        "usemtl painted\nf 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
        "usemtl plain\nf 5 6 7\n"
    )
    return path


def test_a_textured_file_is_read_turned_and_fitted(tmp_path: Path) -> None:
    mesh = load_painted_mesh(write_textured_quad(tmp_path))
    assert len(mesh.faces) == 3
    assert sorted(mesh.picture.tolist()) == [-1, 0, 0]
    extent = np.ptp(mesh.vertices, axis=0)
    assert np.linalg.norm(extent) == pytest.approx(1)
    assert (mesh.vertices.max(0) + mesh.vertices.min(0)) == pytest.approx(np.zeros(3), abs=1e-12)
    pose = orbit_poses(np.array([0.0]), np.array([0.0]))  # from the front, +x
    views = photograph_mesh(mesh, intrinsics(1.0, (32, 32)), pose, (32, 32), supersample=1)
    assert views.labels is not None
    painted = mesh.labels[mesh.picture == 0][0]
    rows, columns = (views.labels[0] == painted).nonzero().T
    top, bottom, left, right = (int(f(x)) for x in (rows, columns) for f in (torch.min, torch.max))
    light = float(views.images[0, top, left, 0])
    corners = [views.images[0, y, x] / light for y in (top, bottom) for x in (left, right)]
    expected = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]
    for corner, color in zip(corners, expected, strict=True):
        assert corner.tolist() == pytest.approx(color, abs=0.01)


def test_a_plain_material_keeps_its_colour(tmp_path: Path) -> None:
    mesh = load_painted_mesh(write_textured_quad(tmp_path))
    plain = mesh.corner_colors[mesh.picture == -1][0]
    assert plain == pytest.approx(np.tile([0.2, 0.4, 0.6], (3, 1)), abs=0.003)


def test_colours_of_vertices_are_read_and_the_turn_is_the_caller_s(tmp_path: Path) -> None:
    path = tmp_path / "triangle.ply"
    path.write_text(
        "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\n"
        "property float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\n"
        "element face 1\nproperty list uchar int vertex_indices\nend_header\n"
        "0 0 0 255 0 0\n3 0 0 0 255 0\n0 4 0 0 0 51\n3 0 1 2\n"
    )
    mesh = load_painted_mesh(path, world_from_model=np.eye(3))
    assert mesh.vertices == pytest.approx(
        np.array([[-0.3, -0.4, 0], [0.3, -0.4, 0], [-0.3, 0.4, 0]])
    )
    assert mesh.corner_colors[0] == pytest.approx(np.diag([1.0, 1.0, 0.2]))
    middle = mesh.albedo(np.array([0]), np.array([[0.5, 0.25, 0.25]]))
    assert middle[0].tolist() == pytest.approx([0.5, 0.25, 0.05])


def test_texture_coordinates_repeat_and_are_read_between_texels() -> None:
    texture = np.array([[[0.0] * 3, [1.0] * 3]])
    uv = np.array([[0.25, 0.5], [0.75, 0.5], [0.5, 0.5], [1.25, -3.5], [0.375, 0.2]])
    mesh = PaintedMesh(
        vertices=np.eye(3),
        faces=np.array([[0, 1, 2]]),
        corner_colors=np.zeros((1, 3, 3)),
        corner_uv=np.stack([uv[:1].repeat(3, 0)]),
        picture=np.array([0]),
        pictures=(texture,),
        labels=np.array([1]),
        names=("a",),
    )
    found = []
    for place in uv:
        mesh.corner_uv[0] = place
        found.append(mesh.albedo(np.array([0]), np.array([[0.2, 0.3, 0.5]]))[0, 0])
    assert found == pytest.approx([0.0, 1.0, 0.5, 0.0, 0.25])


class TestTheChair:
    def test_it_is_small_centred_and_coloured(self) -> None:
        chair = load_chair_mesh()
        assert chair.vertices.shape == (964, 3)
        assert chair.faces.shape == (1912, 3)
        assert chair.vertices.dtype == chair.colors.dtype == torch.float32
        low, high = chair.vertices.amin(0), chair.vertices.amax(0)
        assert float((high - low).norm()) == pytest.approx(1, abs=1e-6)
        assert float((high + low).abs().max()) < 1e-6
        assert int((high - low).argmax()) == 2, "z is up"

    def test_every_edge_is_shared_by_two_faces_that_run_opposite_ways(self) -> None:
        faces = load_chair_mesh().faces
        edges = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        forth = torch.sort(edges[:, 0] * 1000 + edges[:, 1]).values
        back = torch.sort(edges[:, 1] * 1000 + edges[:, 0]).values
        assert torch.equal(forth, back)
        assert len(torch.unique(forth)) == len(forth)

    def test_its_faces_look_outwards(self) -> None:
        chair = load_chair_mesh()
        a, b, c = chair.vertices[chair.faces].double().unbind(1)
        assert float((a * torch.linalg.cross(b, c)).sum()) / 6 > 0.005

    def test_its_back_is_at_the_back_and_it_is_red(self) -> None:
        chair = load_chair_mesh()
        upper = chair.vertices[:, 2] > 0.2
        assert float(chair.vertices[upper, 0].mean()) < -0.05
        red = (chair.colors[:, 0] > 2 * chair.colors[:, 1]) & (chair.colors[:, 0] > 0.5)
        assert 0.1 < float(red.float().mean()) < 0.5

    def test_it_can_be_photographed(self) -> None:
        poses = orbit_poses(np.array([30.0, 200.0]), np.array([20.0, 30.0]))
        views = photograph_mesh(
            load_chair_mesh(), intrinsics(1.0, (48, 48)), poses, (48, 48), name="chair"
        )
        assert views.labels is not None
        share = (views.labels > 0).float().mean(dim=(1, 2))
        assert bool(((share > 0.08) & (share < 0.5)).all())
        assert views.name == "chair"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("vertices", torch.zeros(4, 2), r"vertices have shape \(4, 3\), got \(4, 2\)"),
        ("faces", torch.tensor([[0, 1, 4]]), r"faces must be in 0…3; row 0 is \[0, 1, 4\]"),
        ("faces", torch.tensor([[0.0, 1, 2]]), "faces are whole numbers, got torch.float32"),
        ("colors", torch.full((4, 3), 255.0), r"colors must be in \[0, 1\]; row 0 is"),
        ("colors", torch.zeros(3, 3), r"colors have shape \(4, 3\), got \(3, 3\)"),
        ("vertices", torch.full((4, 3), torch.nan), "vertices must be finite; row 0"),
    ],
)
def test_a_mesh_that_cannot_be_is_refused(field: str, value: Tensor, message: str) -> None:
    whole = quad(torch.zeros(4, 3))
    fields = {"vertices": whole.vertices, "faces": whole.faces, "colors": whole.colors}
    with pytest.raises(ValueError, match=message):
        Mesh(**{**fields, field: value})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"world_from_camera": POSES[0]},
            SceneError,
            r"shape \(4, 4\); a mesh needs \(views, 4, 4\)",
        ),
        ({"K": K.expand(2, 3, 3)}, SceneError, r"K has shape \(2, 3, 3\); give \(3, 3\)"),
        ({"resolution": (0, 8)}, SceneError, r"resolution is \(height, width\).* got \(0, 8\)"),
        ({"supersample": 0}, SceneError, "supersample is a whole number in 1…16, got 0"),
        ({"near": 3.0, "far": 2.0}, SceneError, "0 < near < far, got 3.0 and 2.0"),
        ({"world_from_camera": POSES * torch.nan}, ViewsError, r"world_from_camera\[0\]"),
        ({"world_from_camera": POSES * 2}, ViewsError, r"world_from_camera\[0\]"),
    ],
)
def test_a_bad_request_is_refused(
    change: dict[str, object], error: type[Exception], message: str
) -> None:
    request = {"K": K, "world_from_camera": POSES, "resolution": RESOLUTION, **change}
    with pytest.raises(error, match=message):
        photograph_mesh(box_mesh(), **request)  # type: ignore[arg-type]


def test_no_views_give_empty_views() -> None:
    views = photograph_mesh(box_mesh(), K, torch.empty(0, 4, 4), RESOLUTION)
    assert views.images.shape == (0, 30, 40, 3)


@pytest.mark.parametrize("library", ["embreex", "trimesh"])
def test_a_missing_library_says_what_to_install(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        MeshToolsMissingError,
        match=rf"{library} is not installed: pip install 'inverse-graphics-course\[assets\]'",
    ):
        mesh_tools()


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"no mesh file .*nowhere\.obj"):
        load_painted_mesh(tmp_path / "nowhere.obj")
    empty = tmp_path / "empty.obj"
    empty.write_text("v 0 0 0\nv 1 0 0\n")
    with pytest.raises(SceneError, match=r"empty\.obj has 0 parts with triangles"):
        load_painted_mesh(empty)
    broken = tmp_path / "broken.ply"
    broken.write_bytes(b"ply\nformat binary_little_endian 1.0\nelement vertex 5\nend_header\n\x00")
    with pytest.raises(SceneError, match=r"broken\.ply"):
        load_painted_mesh(broken)
