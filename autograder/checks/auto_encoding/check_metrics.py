"""Checks: PSNR and SSIM."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_error
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.exact_numbers import decibels, likeness


def judge_psnr(student: Student, case: Case, hint: str) -> None:
    """The student's PSNR of a case, after comparison with counting image by image."""
    answer = student.psnr(*case.inputs.values())
    expect_close(answer, decibels(**case.inputs), f"psnr ({case.name})", hint=hint)


def judge_ssim(student: Student, case: Case, hint: str, tolerance: float = 2e-4) -> Tensor:
    """The student's SSIM of a case, after comparison with every window by itself."""
    answer = student.ssim(*case.inputs.values())
    expected = likeness(**case.inputs)
    return expect_close(answer, expected, f"ssim ({case.name})", tolerance=tolerance, hint=hint)


@checks_exercise("image_metrics", entrance=True)
def test_decibels(student: Student, cases: Cases) -> None:
    """psnr: two images of three channels."""
    hint = "10 · log₁₀(1 / MSE), with the mean over pixels and channels"
    judge_psnr(student, cases.one("psnr", "one image"), hint)


@checks_exercise("image_metrics")
def test_image_by_image(student: Student, cases: Cases) -> None:
    """psnr: a number for each image, for any batch shape and number of channels, from faint errors to none."""
    hint = "the mean over the last three dimensions, before the logarithm"
    for name in ("a batch", "a batch of batches", "one channel"):
        judge_psnr(student, cases.one("psnr", name), hint)
    hint = "equal images give ∞: no clamp and nothing added to the error, which would bend small errors too"
    judge_psnr(student, cases.one("psnr", "from equal to different"), hint)
    double = {name: value.double() for name, value in cases.one("psnr", "a batch").inputs.items()}
    expect_close(student.psnr(*double.values()), decibels(**double), "psnr of float64 images")
    image = cases.one("psnr", "one image").inputs["image"]
    expected = torch.tensor(torch.inf)
    expect_close(student.psnr(image, image), expected, "psnr of an image and itself", hint=hint)


@checks_exercise("image_metrics")
def test_masks(student: Student, cases: Cases) -> None:
    """psnr: with a mask the mean is over the pixels that count, one mask for all images or for some included."""
    hint = (
        "the sum of the squared errors that count, divided by how many count (times the channels)"
    )
    for name in (
        "a mask for each image",
        "one mask, one image",
        "one mask for all",
        "a mask for each row of images",
    ):
        judge_psnr(student, cases.one("psnr", name), hint)
    case = cases.one("psnr", "one image")
    everything = torch.ones(case.inputs["image"].shape[:-1], dtype=torch.bool)
    answer = student.psnr(*case.inputs.values(), everything)
    what = "psnr with a mask where all pixels count"
    expect_close(answer, decibels(**case.inputs), what, hint=hint)


@checks_exercise("image_metrics")
def test_what_does_not_count(student: Student, cases: Cases) -> None:
    """psnr: pixels that do not count may hold anything, also NaN; equal where it counts is ∞."""
    hint = "torch.where(mask, error, 0): NaN · 0 is NaN"
    for name in ("equal where it counts", "holes where nothing counts"):
        judge_psnr(student, cases.one("psnr", name), hint)


@checks_exercise("image_metrics")
def test_likeness(student: Student, cases: Cases) -> None:
    """ssim: two images of three channels."""
    hint = "11×11 weights of a Gaussian, σ = 1.5, sum 1; no window leaves the image; C₁ = 0.01², C₂ = 0.03²"
    judge_ssim(student, cases.one("ssim", "one image"), hint)


@checks_exercise("image_metrics")
def test_windows(student: Student, cases: Cases) -> None:
    """ssim: any batch shape and number of channels, down to a picture of a single window."""
    hint = "each channel and image by itself; the mean over windows and channels at the end"
    for name in ("a batch", "a batch of batches", "one channel", "one window"):
        judge_ssim(student, cases.one("ssim", name), hint)


@checks_exercise("image_metrics")
def test_faint_and_flat(student: Student, cases: Cases) -> None:
    """ssim: faint, dark, flat and negative pictures; 1 for equal images, the same for either order."""
    hint = "C₁ = 0.01² and C₂ = 0.03², added above and below; (co)variances are means, not divided by n − 1"
    for name in ("faint", "dark", "a negative"):
        case = cases.one("ssim", name)
        answer = judge_ssim(student, case, hint, tolerance=4e-4)
        image, truth = case.inputs.values()
        swapped = student.ssim(truth, image)
        what = f"ssim with its arguments exchanged ({name})"
        expect_close(swapped, answer.detach(), what, tolerance=4e-4)
        ones = torch.ones(image.shape[:-3])
        what = f"ssim of an image and itself ({name})"
        expect_close(student.ssim(image, image), ones, what, tolerance=1e-4)
    judge_ssim(student, cases.one("ssim", "flat"), hint, tolerance=2e-3)
    double = {name: value.double() for name, value in cases.one("ssim", "faint").inputs.items()}
    what = "ssim of faint images in float64"
    expect_close(student.ssim(*double.values()), likeness(**double), what, hint=hint)


@checks_exercise("image_metrics")
def test_images_that_do_not_fit(student: Student, cases: Cases) -> None:
    """Shapes that differ, a mask that counts nothing, and sides below 11 raise a ValueError."""
    pair = cases.one("psnr", "a batch").inputs.values()
    larger = cases.one("ssim", "a batch").inputs.values()
    for function, (image, truth) in ((student.psnr, pair), (student.ssim, larger)):
        for other, why in (
            (truth[0], "one image against a batch"),
            (truth[:, 1:], "images of another height"),
            (truth[..., :1], "one channel against three"),
            (truth[:1], "a batch of one against a batch"),
        ):
            expect_error(function, image, other, why=why)
    image, truth = pair
    empty = torch.ones(image.shape[:-1], dtype=torch.bool)
    empty[1] = False
    expect_error(student.psnr, image, truth, empty, why="an empty mask in a batch")
    image, truth = larger
    for small in ((slice(10), slice(None)), (slice(None), slice(10))):
        pictures = (image[:, *small], truth[:, *small])
        why = f"images of shape {tuple(pictures[0].shape)}"
        expect_error(student.ssim, *pictures, why=why)
