"""Checks: pixels to train on, a share of them on the object or near it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, describe, expect_close, expect_tensor
from autograder.checking.pictures import with_picture
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.results import Evidence


def pixels_of(mask: Tensor, u: Tensor, share: float = 0.6, margin: int = 2) -> Tensor:
    """The pixels `b p` that the docstring describes, draw by draw."""
    _, height, width = mask.shape
    chosen = []
    for image, row in zip(mask.tolist(), u.double().tolist(), strict=True):
        inside = [(i, j) for i in range(height) for j in range(width) if image[i][j]]
        everything = range(height * width)
        near = [
            number
            for number in everything
            if any(
                abs(number // width - i) <= margin and abs(number % width - j) <= margin
                for i, j in inside
            )
        ]
        first = round(share * len(row))
        for place, uniform in enumerate(row):
            candidates = near if near and place < first else everything
            chosen.append(candidates[math.floor(uniform * len(candidates))])
    return torch.tensor(chosen).reshape(u.shape)


def counts_of(pixels: Tensor, height: int, width: int) -> Tensor:
    """How often each pixel `h w` was drawn; numbers of no pixel are left out."""
    inside = pixels[(pixels >= 0) & (pixels < height * width)].long()
    return torch.bincount(inside, minlength=height * width).reshape(height, width).double()


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's pixels of a case, after comparison."""
    answer = student.sample_pixels(*case.inputs.values())
    expected = pixels_of(*case.inputs.values())
    what = f"sample_pixels ({case.name})"
    pixels = expect_tensor(answer, tuple(expected.shape), what, hint=hint)
    if pixels.is_floating_point():
        message = "sample_pixels should return whole numbers: they index images."
        raise CheckFailed(message, Evidence("int64", describe(answer), hint=".long()"))
    try:
        expect_close(pixels, expected, what, hint=hint)
    except CheckFailed as failure:
        _, height, width = case.inputs["mask"].shape
        row = int(
            (pixels != expected).any(1).int().argmax()
        )  # the first image that is sampled wrongly
        draws = [counts_of(chosen[row], height, width) for chosen in (expected, pixels)]
        raise with_picture(failure, *draws) from None


@checks_exercise("sample_pixels", entrance=True)
def test_one_image(student: Student, cases: Cases) -> None:
    """Forty pixels of one image: 24 within two rows and columns of the object, 16 anywhere."""
    hint = (
        "near: a window of (2·margin + 1)² pixels around a pixel holds one of the mask; number "
        "⌊u·n⌋ of the n near ones in row-major order; then ⌊u·h·w⌋ for the rest"
    )
    judge(student, cases.one("sample_pixels", "one image"), hint)


@checks_exercise("sample_pixels")
def test_images_of_their_own(student: Student, cases: Cases) -> None:
    """Several images, each with its own object, its own number of near pixels and its own draws."""
    hint = "n is the number of near pixels of this image; pixel = row · w + column"
    for name in ("tall images", "the whole image"):
        judge(student, cases.one("sample_pixels", name), hint)


@checks_exercise("sample_pixels")
def test_margins(student: Student, cases: Cases) -> None:
    """Margins of none, of three, and of more than the image is large; objects in its corners."""
    hint = "a square that ends where the image ends: nothing wraps around, corners count, margin 0 is the mask"
    for name in ("no margin", "a wide margin", "corners", "a margin beyond the image"):
        judge(student, cases.one("sample_pixels", name), hint)


@checks_exercise("sample_pixels")
def test_nothing_to_see(student: Student, cases: Cases) -> None:
    """An image without an object is sampled everywhere, also beside images that have one."""
    hint = "where no pixel is near, all h · w are candidates, for the first draws as for the rest"
    for name in ("nothing at all", "empty among others"):
        judge(student, cases.one("sample_pixels", name), hint)


@checks_exercise("sample_pixels")
def test_shares(student: Student, cases: Cases) -> None:
    """No draw near the object, all of them, and round(share · p) where that lies between two numbers."""
    hint = "round(share * p), Python's: 2.5 becomes 2, 3.5 becomes 4"
    for name in ("none near", "all near", "half of 1", "half of 3", "half of 5", "half of 7"):
        judge(student, cases.one("sample_pixels", name), hint)


@checks_exercise("sample_pixels")
def test_first_and_last(student: Student, cases: Cases) -> None:
    """u = 0 chooses the first candidate, and the largest u below 1 the last one."""
    hint = "⌊u · n⌋ lies between 0 and n − 1: (u * n).long(), not n − 1, not rounded"
    judge(student, cases.one("sample_pixels", "first and last"), hint)
