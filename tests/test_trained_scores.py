"""PSNR and SSIM against a plain loop in double precision and a published implementation's numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autograder.catalogue.bands import Band, shares
from autograder.trained.scores import CEILING, Scores, psnr, scores, ssim, window

Image = NDArray[np.uint8]


def picture(seed: int, height: int = 13, width: int = 17) -> Image:
    """Neither square nor grey nor symmetric: a ramp, a block and noise."""
    noise = np.random.default_rng(seed).integers(0, 120, (height, width, 3))
    ramp = np.arange(height)[:, None, None] * 7 + np.arange(width)[None, :, None] * 3
    image = (ramp + noise + np.array([0, 20, 60])) % 256
    image[2:6, 3:9, seed % 3] = 250
    return image.astype(np.uint8)


def ssim_by_loops(a: Image, b: Image) -> float:
    """Equation 13 of Wang et al. 2004 window by window, no convolution."""
    line = [math.exp(-((i - 5) ** 2) / (2 * 1.5**2)) for i in range(11)]
    total = sum(line) ** 2
    values = []
    for channel in range(3):
        x, y = a[..., channel] / 255.0, b[..., channel] / 255.0
        for top in range(a.shape[0] - 10):
            for left in range(a.shape[1] - 10):
                sums = dict.fromkeys(("x", "y", "xx", "yy", "xy"), 0.0)
                for i in range(11):
                    for j in range(11):
                        weight = line[i] * line[j] / total
                        p, q = x[top + i, left + j], y[top + i, left + j]
                        sums["x"] += weight * p
                        sums["y"] += weight * q
                        sums["xx"] += weight * p * p
                        sums["yy"] += weight * q * q
                        sums["xy"] += weight * p * q
                mx, my = sums["x"], sums["y"]
                vx, vy, cov = sums["xx"] - mx * mx, sums["yy"] - my * my, sums["xy"] - mx * my
                c1, c2 = 0.01**2, 0.03**2
                values.append(
                    (2 * mx * my + c1)
                    * (2 * cov + c2)
                    / ((mx * mx + my * my + c1) * (vx + vy + c2))
                )
    return sum(values) / len(values)


def test_ssim_is_the_loop_s() -> None:
    a, b = picture(1), picture(2)[::-1].copy()
    assert ssim(a, b) == pytest.approx(ssim_by_loops(a, b), abs=1e-12)
    assert abs(ssim(a, b)) > 0.01  # the oracle was asked something


def test_ssim_is_what_scikit_image_says() -> None:
    """structural_similarity of scikit-image 0.26.0: gaussian_weights, sigma 1.5, the population's covariance."""
    a, b = picture(1, 24, 31), picture(2, 24, 31)
    assert ssim(a, b) == pytest.approx(0.06746463151103956, abs=1e-12)
    a, b = picture(0, 40, 33), picture(4, 40, 33)[:, ::-1].copy()
    assert ssim(a, b) == pytest.approx(0.03561665591467237, abs=1e-12)


def test_the_window_is_a_gaussian_of_one_and_a_half_pixels() -> None:
    weights = window()
    assert weights.sum() == pytest.approx(1)
    assert weights[5] / weights[7] == pytest.approx(math.exp(4 / (2 * 2.25)))
    assert (weights == weights[::-1]).all()


def test_psnr_is_its_definition() -> None:
    a = picture(3)
    b = a.copy()
    b[0, 0] = a[0, 0] ^ 64  # each of three numbers off by 64
    assert psnr(a, b) == pytest.approx(10 * math.log10(255**2 / (3 * 64**2 / a.size)))


def test_black_against_white_is_zero_db_and_identical_views_have_the_ceiling() -> None:
    black, white = np.zeros((12, 12, 3), np.uint8), np.full((12, 12, 3), 255, np.uint8)
    assert psnr(black, white) == 0
    assert psnr(white, white) == CEILING
    almost = white.copy()
    almost[0, 0, 0] = 254  # 74 dB by the formula
    assert psnr(white, almost) == CEILING
    assert ssim(white, white) == 1


def test_scores_are_means_over_views_and_rounded_as_they_are_shown() -> None:
    a = np.stack([picture(s) for s in (1, 2, 3)])
    b = np.stack([picture(1), picture(5), picture(6)])
    found, each = scores(a, b)
    assert found.psnr == round(sum(each) / 3, 2)
    assert each[0] == CEILING
    assert each[1] == psnr(a[1], b[1])
    assert found.ssim == round(sum(ssim(x, y) for x, y in zip(a, b, strict=True)) / 3, 4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_scores_are_symmetric_bounded_and_equal_only_for_equals(first: int, second: int) -> None:
    rng = np.random.default_rng([first, second])
    a, b = (rng.integers(0, 256, (2, 12, 14, 3)).astype(np.uint8) for _ in range(2))
    found, _ = scores(a, b)
    assert found == scores(b, a)[0]
    assert 0 <= found.psnr < CEILING
    assert -1 <= found.ssim < 1
    assert scores(a, a)[0] == Scores(CEILING, 1.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(1, 30))
def test_more_noise_never_scores_more(amount: int, more: int) -> None:
    clean = np.full((12, 15, 3), 128, np.uint8)
    signs = np.where(np.random.default_rng(0).random(clean.shape) < 0.5, -1, 1)
    less, worse = ((clean + signs * n).astype(np.uint8) for n in (amount, amount + more))
    assert psnr(clean, less) > psnr(clean, worse)
    assert ssim(clean, less) >= ssim(clean, worse)


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        ((2, 12, 14, 3), np.float32, "views are uint8; got uint8 and float32"),
        ((2, 14, 12, 3), np.uint8, r"need one shape .*got \(2, 12, 14, 3\) and \(2, 14, 12, 3\)"),
        ((12, 14, 3), np.uint8, "need one shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    shape: tuple[int, ...], dtype: type, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        scores(np.zeros((2, 12, 14, 3), np.uint8), np.zeros(shape, dtype))


def test_no_views_and_tiny_views_are_refused() -> None:
    with pytest.raises(ValueError, match="v ≥ 1"):
        scores(np.zeros((0, 12, 14, 3), np.uint8), np.zeros((0, 12, 14, 3), np.uint8))
    with pytest.raises(ValueError, match="views of 12×10 are smaller than SSIM's window of 11×11"):
        scores(np.zeros((1, 12, 10, 3), np.uint8), np.zeros((1, 12, 10, 3), np.uint8))


def test_a_band_is_met_at_its_threshold_and_not_below() -> None:
    band = Band(psnr=25, ssim=0.85)
    assert band.title == "PSNR ≥ 25 dB and SSIM ≥ 0.85"
    assert band.met_by(25.0, 0.85)
    assert not band.met_by(24.99, 0.99)
    assert band.measured(25, 0.85) == "25.00 dB, SSIM 0.8500"
    assert band.measured(24.99, 0.83) == "24.99 dB (0.01 dB short), SSIM 0.8300 (0.0200 short)"
    assert Band(psnr=18).measured(20, 0.1) == "20.00 dB"
    assert not band.met_by(30.0, 0.8499)
    assert not Band(psnr=0).met_by(math.nan, 1.0)
    assert Band(ssim=0.5).met_by(0.0, 0.5)
    with pytest.raises(ValueError, match="would be met by anything"):
        Band()


def test_being_in_form_and_every_band_earn_equal_shares() -> None:
    rows = shares(8, (Band(psnr=18), Band(psnr=22), Band(psnr=25, ssim=0.85)))
    assert rows == [
        ("in form", 2),
        ("PSNR ≥ 18 dB", 2),
        ("PSNR ≥ 22 dB", 2),
        ("PSNR ≥ 25 dB and SSIM ≥ 0.85", 2),
    ]
