"""Cases for metrics: pairs of pictures that differ in different ways, with masks and without."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("psnr")
def psnr(draw: Draw) -> Iterator[Case]:
    """Errors of different sizes in the images of a batch; masks that count few pixels and many."""

    def case(name: str, shape: tuple[int, ...], mask: Tensor | None = None) -> Case:
        truth = draw.uniform(0, 1, *shape)
        error = draw.uniform(0.02, 0.4, *shape[:-3], 1, 1, 1) * draw.uniform(-1, 1, *shape)
        inputs = {"image": (truth + error).clamp(0, 1), "truth": truth}
        inputs |= {} if mask is None else {"mask": mask}
        return Case("psnr", name, inputs, compare=False)

    def some(*shape: int) -> Tensor:
        """A mask in which every image has a pixel that counts and one that does not."""
        mask = draw.uniform(0, 1, *shape) < draw.uniform(0.3, 0.7, *shape[:-2], 1, 1)
        mask[..., 0, 0], mask[..., 0, 1] = True, False
        return mask

    yield case("one image", (5, 7, 3))
    yield case("a batch", (4, 6, 5, 3))
    yield case("a batch of batches", (2, 3, 3, 8, 3))
    yield case("one channel", (3, 4, 5, 1))
    yield case("a mask for each image", (4, 5, 6, 3), some(4, 5, 6))
    yield case("one mask, one image", (6, 5, 3), some(6, 5))
    yield case("one mask for all", (2, 3, 5, 6, 3), some(5, 6))
    yield case("a mask for each row of images", (2, 3, 5, 6, 2), some(2, 1, 5, 6))
    truth = draw.uniform(0.1, 0.9, 3, 5, 6, 3)
    image = truth + torch.tensor([0.0, 1e-3, 0.1]).view(3, 1, 1, 1) * draw.uniform(0.5, 1, 5, 6, 3)
    yield Case("psnr", "from equal to different", {"image": image, "truth": truth}, compare=False)
    mask = some(3, 5, 6)
    inside = torch.where(mask[..., None], truth, image + 0.2)
    inputs = {"image": inside, "truth": truth, "mask": mask}
    yield Case("psnr", "equal where it counts", inputs, compare=False)
    holes = torch.where(mask[..., None], image, math.nan)
    holes[2, 0, 1] = math.inf  # a pixel that does not count
    inputs = {"image": holes, "truth": truth, "mask": mask}
    yield Case("psnr", "holes where nothing counts", inputs, compare=False)


@cases_for("ssim")
def ssim(draw: Draw) -> Iterator[Case]:
    """Pictures with strong and with faint contrast, bright and dark, that agree, differ and oppose each other."""

    def case(
        name: str,
        shape: tuple[int, ...],
        light: float = 0.5,
        contrast: float = 0.2,
        agreement: float = 0.9,
    ) -> Case:
        pattern = draw.normal(*shape)
        # Noise that differs from image to image, from channel to channel and from left to right.
        strength = draw.uniform(0.1, 1.5, *shape[:-3], 1, 1, shape[-1])
        strength = strength * torch.linspace(0.5, 1.5, shape[-2])[:, None]
        other = agreement * pattern + strength * draw.normal(*shape) + draw.uniform(-0.5, 0.5)
        inputs = {
            "image": (light + contrast * pattern).clamp(0, 1),
            "truth": (light + contrast * other).clamp(0, 1),
        }
        return Case("ssim", name, inputs, compare=False)

    yield case("one image", (14, 17, 3))
    yield case("a batch", (3, 13, 16, 3))
    yield case("a batch of batches", (2, 2, 12, 15, 3))
    yield case("one channel", (2, 16, 12, 1))
    yield case("one window", (11, 11, 3))
    yield case("faint", (2, 15, 13, 3), contrast=0.03, agreement=0.2)
    yield case("dark", (2, 13, 15, 3), light=0.02, contrast=0.02, agreement=0.5)
    flat = torch.ones(3, 12, 14, 3)
    inputs = {
        "image": flat * torch.tensor([0.0, 0.3, 1.0]).view(3, 1, 1, 1),
        "truth": flat * torch.tensor([0.0, 0.5, 0.9]).view(3, 1, 1, 1),
    }
    yield Case("ssim", "flat", inputs, compare=False)
    image = (0.5 + 0.15 * draw.normal(14, 13, 3)).clamp(0, 1)
    yield Case("ssim", "a negative", {"image": image, "truth": 1 - image}, compare=False)
