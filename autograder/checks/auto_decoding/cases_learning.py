"""Cases for learning from images: losses of which every term counts, and masks to draw pixels from."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for

BELOW_ONE = 1 - 2.0**-24  # the largest float32 number below 1


@cases_for("srn_loss")
def srn_loss(draw: Draw) -> Iterator[Case]:
    """Colours, depths on both sides of the camera and codes; without weights, those of the docstring hold."""

    def case(name: str, b: int, p: int, d: int, weights: tuple[float, ...] = ()) -> Case:
        truth = draw.uniform(-1, 1, b, p, 3)
        inputs: dict[str, Tensor | float] = {
            "rgb": truth + 0.2 * draw.normal(b, p, 3),
            "truth": truth,
            "depth": draw.permutation(b * p).reshape(b, p) % 3
            - 1.2
            + 0.4 * draw.uniform(0, 1, b, p),
            "z": 1.5 * draw.normal(b, d),
        }
        names = ("image_weight", "depth_weight", "code_weight")
        inputs |= dict(zip(names, weights, strict=False))
        return Case("srn_loss", name, inputs, compare=False)

    yield case("two objects", 2, 6, 5)
    yield case("one object", 1, 9, 4)
    yield case("one pixel", 3, 1, 2)
    yield case("one number each", 5, 3, 1)
    yield case("long codes", 3, 4, 40)
    yield case("other weights", 2, 5, 7, (3.0, 0.5, 0.25))
    yield case("colours only", 2, 5, 7, (1.5, 0.0, 0.0))
    yield case("depths only", 2, 6, 7, (0.0, 2.5, 0.0))
    yield case("codes only", 4, 3, 6, (0.0, 0.0, 0.75))


@cases_for("sample_pixels")
def sample_pixels(draw: Draw) -> Iterator[Case]:
    """Masks of a few pixels in the midst, at borders and in corners, whole masks and empty ones."""

    def case(
        name: str, mask: Tensor, draws: int, *options: float, ends: tuple[int, ...] = ()
    ) -> Case:
        u = draw.uniform(0, 1, len(mask), draws)
        while not _clear(u, mask.shape[1] * mask.shape[2]):
            u = draw.uniform(0, 1, len(mask), draws)
        for place, column in enumerate(ends):  # the first of all candidates and the last, in turn
            u[:, column] = BELOW_ONE if place % 2 else 0.0
        inputs: dict[str, Tensor | float | int] = {"mask": mask, "u": u}
        inputs |= dict(zip(("share", "margin"), options, strict=False))
        return Case("sample_pixels", name, inputs, compare=False)

    def spots(b: int, h: int, w: int, inset: int = 3) -> Tensor:
        """A mask with two pixels in each image, `inset` rows and columns away from the border at least."""
        mask = torch.zeros(b, h, w, dtype=torch.bool)
        for image in mask:
            for _ in range(2):
                row, column = draw.integer(inset, h - inset), draw.integer(inset, w - inset)
                image[row, column] = True
        return mask

    def corners(h: int, w: int) -> Tensor:
        """Four images, a pixel in another corner of each."""
        mask = torch.zeros(4, h, w, dtype=torch.bool)
        for image, (row, column) in zip(mask, [(0, 0), (0, -1), (-1, 0), (-1, -1)], strict=True):
            image[row, column] = True
        return mask

    yield case("one image", spots(1, 9, 11), 40)
    yield case("tall images", spots(3, 12, 8), 30)
    yield case("no margin", spots(2, 7, 9, 1), 20, 0.5, 0)
    yield case("a wide margin", spots(2, 8, 15), 40, 0.75, 3)
    yield case("corners", corners(9, 12), 60, 0.8, 2)
    yield case("a margin beyond the image", corners(3, 5), 30, 1.0, 6)
    yield case("the whole image", torch.ones(2, 6, 5, dtype=torch.bool), 25, 0.6)
    some = spots(4, 8, 10)
    some[1], some[3] = False, False
    yield case("empty among others", some, 30)
    yield case("nothing at all", torch.zeros(2, 5, 7, dtype=torch.bool), 20)
    yield case("none near", spots(2, 8, 10), 25, 0.0)
    yield case("all near", spots(2, 8, 10), 25, 1.0)
    for draws in (1, 3, 5, 7):  # halves go to the even number
        yield case(f"half of {draws}", spots(3, 8, 10), draws, 0.5, 1)
    yield case("first and last", spots(3, 9, 11), 10, 0.6, 1, ends=(0, 1, 8, 9))


def _clear(u: Tensor, pixels: int) -> bool:
    """Whether u · n is far from whole numbers, n up to the number of pixels: rounding must not change a choice."""
    products = u.double().flatten()[:, None] * torch.arange(1, pixels + 1, dtype=torch.float64)
    return bool(((products - products.round()).abs() > 1e-5).all())
