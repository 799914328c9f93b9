"""The light fields that checks of notebook 5 hand to student code, and what they complain about."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.checking.given import given, raised
from autograder.checks.light_fields.named_lines import lines_of
from course_lib.given.asked_fields import AskedField
from course_lib.given.light_fields import texture, textured_plane, waves

NORMAL = torch.tensor([0.48, -0.6, 0.64])


def rays(count: int) -> tuple[Tensor, Tensor]:
    """Origins and directions that repeat nowhere, none parallel to the plane."""
    origins = 2 * torch.sin(1.3 * torch.arange(count * 3.0)).reshape(count, 3)
    return origins, NORMAL + 0.5 * torch.cos(1.1 * torch.arange(count * 3.0)).reshape(count, 3)


def lines(count: int) -> Tensor:
    return lines_of(*rays(count))


def test_a_plane_is_coloured_where_the_rays_meet_it() -> None:
    origins, directions = (x.double() for x in rays(7))
    normal = NORMAL.double()
    lengths = (0.3 - origins @ normal) / (directions @ normal)
    met = origins + lengths[:, None] * directions
    seen = textured_plane(lines_of(origins, directions), NORMAL, 0.3)
    torch.testing.assert_close(seen, texture(met))
    faint = textured_plane(lines_of(origins, directions), NORMAL, 0.3, strength=0.1)
    torch.testing.assert_close(faint, 0.1 * texture(met))


def test_the_bare_part_of_a_plane_has_one_colour() -> None:
    origins, directions = rays(9)
    lengths = (0.3 - origins @ NORMAL) / (directions @ NORMAL)
    z = (origins + lengths[:, None] * directions)[:, 2]
    edge = float(z.median()) + 1e-3
    seen = textured_plane(lines_of(origins, directions), NORMAL, 0.3, bare_below=edge)
    bare = (seen - 0.25).abs().amax(1) < 1e-6
    assert torch.equal(bare, z < edge)


@pytest.mark.parametrize("field", [waves, lambda x: textured_plane(x, NORMAL, 0.3)])
def test_what_is_no_line_gets_a_colour_of_its_own(field: Any) -> None:
    right = lines(6)
    longer = right * 1.5
    slanted = right + torch.cat([torch.zeros(6, 3), 0.5 * right[:, :3]], 1)
    for wrong in (longer, slanted):
        assert ((field(wrong) - field(right)).abs().amax(1) > 0.02).all()


def test_waves_agree_about_no_point_and_every_coordinate_matters() -> None:
    x = torch.tensor([0.2, -0.4, 0.3])
    eyes = torch.sin(torch.arange(15.0)).reshape(5, 3) + 2
    colors = waves(lines_of(eyes, x - eyes))
    assert ((colors[:, None] - colors).abs().amax(-1) + torch.eye(5) > 1e-2).all()
    slopes = torch.autograd.functional.jacobian(lambda k: waves(k[None])[0], lines(1)[0])
    assert (slopes.abs().amax(0) > 1e-2).all()


@pytest.mark.parametrize("shape", [(6,), (2, 3, 6), (4, 3), (5, 7)])
def test_a_field_reads_lists_of_lines_only(shape: tuple[int, ...]) -> None:
    for field in (waves, lambda x: textured_plane(x, NORMAL, 0.3)):
        with pytest.raises(ValueError, match=r"of shape \(p, 6\), and got \(") as told:
            field(torch.zeros(shape))
        assert str(tuple(shape)) in str(told.value)


def asked(portion: int | None = None, gradients: bool = True) -> AskedField:
    return AskedField("waves", 7, portion, gradients)


def test_a_counted_field_answers_as_the_field_it_is_made_of() -> None:
    plane = AskedField("textured_plane", 7, None, True, normal=NORMAL, offset=0.3)
    torch.testing.assert_close(plane(lines(7)), textured_plane(lines(7), NORMAL, 0.3))
    portions = asked(3)
    found = torch.cat([portions(some) for some in lines(7).split(3)])
    torch.testing.assert_close(found, waves(lines(7)))


def test_a_ray_too_many_is_told() -> None:
    field = asked(4)
    for some in lines(7).split(4):
        field(some)
    with pytest.raises(RuntimeError, match="asked for 1 rays, after 7 before, and 7 are needed"):
        field(lines(1))
    with pytest.raises(RuntimeError, match="asked for 8 rays, and 7 are needed: ask for every ray"):
        asked()(lines(8))


def test_all_at_once_means_all_at_once() -> None:
    with pytest.raises(RuntimeError, match="asked for 3 of 7 rays: ask for all of them at once"):
        asked()(lines(3))


def test_portions_too_large_are_told() -> None:
    with pytest.raises(RuntimeError, match="asked for 4 rays at once, and a portion has 3 at most"):
        asked(3)(lines(4))


def test_gradients_are_minded() -> None:
    with pytest.raises(RuntimeError, match="while gradients are recorded"):
        asked(gradients=False)(lines(7))
    field = asked(gradients=False)
    with torch.no_grad():
        field(lines(7))
        late = asked(gradients=False)
        with pytest.raises(RuntimeError, match="gradients were off already when this call began"):
            late(lines(7))


def test_a_counted_field_travels_as_data_and_starts_anew_each_time() -> None:
    field = given("course_lib.given.asked_fields:AskedField", "waves", 7, None, True)
    for _ in range(2):
        torch.testing.assert_close(raised(field.lowered())(lines(7)), waves(lines(7)))
