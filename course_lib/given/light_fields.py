"""Light fields that checks hand to student code: waves that agree about no point, and a plane with a texture.

They read lines (d, m) in Plücker coordinates, d at length 1, and answer with colours in [−1, 1]; what is no such line
gets a colour that no line has. None looks at values to choose its way, so all of `torch.func` goes through them.
"""

import torch

from course_lib.shapes import Float, Tensor


def waves(lines: Float[Tensor, "p 6"], strength: float = 1.0) -> Float[Tensor, "p 3"]:
    """Slow waves over the six coordinates: rays that meet in a point are coloured differently.

    Raises:
        ValueError: what came is no list of lines.
    """
    _expect_list(lines)
    row = torch.arange(1, 7).to(lines)[:, None]
    channel = torch.arange(1, 4).to(lines)
    return strength * torch.sin(lines @ torch.cos(1.7 * row * channel) + 2.1 * channel)


def textured_plane(
    lines: Float[Tensor, "p 6"],
    normal: Float[Tensor, "3"],
    offset: float,
    strength: float = 1.0,
    bare_below: float = -torch.inf,
) -> Float[Tensor, "p 3"]:
    """The colour of the point in which each line meets the plane normal · x = offset; 0.25 where its z < `bare_below`.

    Lines parallel to the plane get no number.

    Raises:
        ValueError: what came is no list of lines.
    """
    _expect_list(lines)
    d, m = lines[..., :3], lines[..., 3:6]
    normal = normal.to(lines)
    # n × (x × d) = x (n · d) − d (n · x), solved for x; any multiple of (d, m) would do.
    along = (d * normal).sum(-1, keepdim=True)
    met = (torch.linalg.cross(normal.expand_as(m), m) + offset * d) / along
    color = strength * texture(met)
    seen = torch.where(met[..., 2:] < bare_below, torch.full_like(color, 0.25), color)
    return seen + (d * d).sum(-1, keepdim=True) - 1 + (d * m).sum(-1, keepdim=True)


def texture(x: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3"]:
    """A colour for each point in space, different in all three channels and changing along every direction."""
    row = torch.arange(1, 4).to(x)[:, None]
    channel = torch.arange(1, 4).to(x)
    return torch.sin(x @ (1.2 * torch.sin(2.3 * row * channel + row)) + 0.9 * channel)


def _expect_list(lines: Tensor) -> None:
    if lines.ndim != 2 or lines.shape[1] != 6:
        raise ValueError(
            f"a light field reads a list of lines, of shape (p, 6), and got {tuple(lines.shape)}: "
            "flatten all dimensions but the last before, and give the colours their shape afterwards"
        )
