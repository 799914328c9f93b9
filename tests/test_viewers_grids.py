"""Signed basis vectors, and grids of images with a meaning to rows and columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.viewers import Picture, show_basis, show_grid
from tests.one_png import assert_one_png_with_words

RANDOM = torch.Generator().manual_seed(5)
IMAGES = torch.rand(6, 12, 16, 3, generator=RANDOM)

PICTURES: dict[str, Callable[[], Picture]] = {
    "basis": lambda: show_basis(torch.randn(9, 8, 6, 1, generator=RANDOM), title="t"),
    "colours": lambda: show_basis(torch.randn(2, 8, 6, 3, generator=RANDOM)),
    "zeros": lambda: show_basis(torch.zeros(1, 8, 6)),
    "grid": lambda: show_grid([IMAGES] * 2, ["a", "b"], list("123456"), title="t"),
    "grid without words": lambda: show_grid(IMAGES.reshape(2, 3, 12, 16, 3)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_one_png_with_words(name: str) -> None:
    assert_one_png_with_words(PICTURES[name](), range(100, 1000), 30)


class TestBasis:
    def test_zero_is_white_and_signs_have_colours_each_on_its_scale(self) -> None:
        vector = torch.tensor([[0.0, 0.1], [-0.1, 0.05]])
        picture = show_basis(torch.stack([vector, 100 * vector]), ["a", "b"])
        first, second = (axes.images[0].get_array() for axes in picture.axes[:2])
        np.testing.assert_allclose(first, second, atol=1e-12)
        assert np.ptp(first[0, 0]) < 0.01
        assert first[0, 0].min() > 0.95
        assert first[0, 1, 2] > first[0, 1, 0] + 0.2  # positive is blue
        assert first[1, 0, 0] > first[1, 0, 2] + 0.2  # negative is red
        assert [axes.get_title() for axes in picture.axes[:2]] == ["a", "b"]
        assert "2 signed images, each on its own scale around zero: a, b." in picture.alt

    def test_the_bar_says_which_colour_is_which(self) -> None:
        bar = show_basis(torch.rand(1, 3, 3)).axes[-1]
        assert [label.get_text() for label in bar.get_yticklabels()] == ["−", "0", "+"]

    @pytest.mark.parametrize(
        ("images", "message"),
        [
            (torch.rand(3, 784), r"got \(3, 784\)\. Is each of them still one long row\? Reshape"),
            (torch.rand(3, 8, 8, 2), r"got \(3, 8, 8, 2\)"),
            (torch.rand(0, 8, 8), r"images is empty: its shape is \(0, 8, 8\)"),
            (torch.full((2, 8, 8), torch.inf), r"images\[0\] is not finite"),
        ],
    )
    def test_what_is_no_image_is_refused(self, images: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            show_basis(images)

    def test_the_mean_comes_first_as_it_is(self) -> None:
        mean = torch.rand(3, 4, 1, generator=RANDOM)
        picture = show_basis(torch.randn(2, 3, 4, generator=RANDOM), mean=mean, columns=2)
        assert [axes.get_title() for axes in picture.axes[:3]] == ["mean", "1", "2"]
        first = picture.axes[0].images[0].get_array()
        np.testing.assert_allclose(first, mean.expand(-1, -1, 3), atol=1e-6)
        assert picture.alt.startswith("The mean image, then 2 signed images, each on its own scale")

    def test_the_mean_is_as_large_as_the_others(self) -> None:
        with pytest.raises(
            ValueError, match=r"mean has \(height, width\) \(4, 3\) but images have \(3, 4\)"
        ):
            show_basis(torch.rand(2, 3, 4), mean=torch.rand(4, 3))

    def test_there_is_a_title_for_each(self) -> None:
        with pytest.raises(ValueError, match="2 images but 1 titles"):
            show_basis(torch.rand(2, 3, 3), ["mean"])


class TestGrid:
    def test_images_stand_in_their_rows_and_columns(self) -> None:
        rows = IMAGES.reshape(2, 3, 12, 16, 3)
        picture = show_grid(rows, ["a car", "a van"], ["0°", "45°", "90°"])
        picture.draw_without_rendering()
        for i, axes in enumerate(picture.axes):
            np.testing.assert_allclose(axes.images[0].get_array(), IMAGES[i], atol=1e-6)
        assert [axes.get_ylabel() for axes in picture.axes] == ["a car", "", "", "a van", "", ""]
        assert [axes.get_title() for axes in picture.axes] == ["0°", "45°", "90°", "", "", ""]
        assert "2 rows by 3 columns; rows: a car, a van; columns: 0°, 45°, 90°." in picture.alt

    @pytest.mark.parametrize("kind", [torch.Tensor, torch.Tensor.numpy, torch.Tensor.tolist])
    def test_grey_images_may_have_a_channel_or_none(self, kind: Callable[[Any], Any]) -> None:
        grey = IMAGES[..., :1]
        for images in (grey, grey[..., 0]):
            shown = show_grid([kind(images)]).axes[2].images[0].get_array()
            np.testing.assert_allclose(shown, grey[2].expand(-1, -1, 3), atol=1e-6)

    @pytest.mark.parametrize(
        ("rows", "titles", "message"),
        [
            ([], {}, "rows is empty"),
            ([IMAGES, IMAGES[1:]], {}, r"rows\[1\] has 5 images but rows\[0\] has 6"),
            ([IMAGES, IMAGES[:, 2:]], {}, r"rows\[1\] has images of \(height, width\) \(10, 16\)"),
            (
                [IMAGES],
                {"row_titles": ["a", "b"]},
                "row_titles has 2 titles for 1 rows; give one per row",
            ),
            ([IMAGES], {"column_titles": ["a"]}, "column_titles has 1 titles for 6 columns"),
        ],
    )
    def test_what_makes_no_grid_is_refused(self, rows: Any, titles: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            show_grid(rows, **titles)
