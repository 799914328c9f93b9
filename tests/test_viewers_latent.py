"""Maps of latent codes: classes that can be told apart, pictures that leave room, and the decoded plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from course_lib.viewers import Picture, show_latent_grid, show_latent_map, show_latent_maps
from course_lib.viewers.class_marks import COLORS, class_marks
from course_lib.viewers.code_points import plane_of
from course_lib.viewers.latent_map import PICTURE, ROOM, with_room
from tests.one_png import assert_one_png_with_words

RANDOM = torch.Generator().manual_seed(3)
N = 300
LABELS = torch.arange(N) % 10
CODES = torch.randn(N, 2, generator=RANDOM) * torch.tensor([3.0, 1.0]) + LABELS[:, None] / 2
IMAGES = torch.rand(N, 28, 28, 1, generator=RANDOM)
KINDS = ["sedan", "van", "coupe"] * (N // 3)


def colors_of(codes: torch.Tensor) -> torch.Tensor:
    """A decoder whose images tell the code: red is z₁, green is z₂, both from -5 … 5."""
    colors = torch.cat([codes / 10 + 0.5, torch.zeros(len(codes), 1)], dim=1)
    return colors[:, None, None].expand(-1, 4, 6, 3)


PICTURES: dict[str, Callable[[], Picture]] = {
    "two maps": lambda: show_latent_maps({"PCA": CODES, "auto-encoder": CODES**2}, LABELS, IMAGES),
    "three maps": lambda: show_latent_maps({str(i): CODES for i in range(3)}, LABELS),
    "one map": lambda: show_latent_map(CODES, LABELS, IMAGES[..., 0], title="codes"),
    "words and colours": lambda: show_latent_map(CODES, KINDS, torch.rand(N, 16, 24, 3)),
    "one code": lambda: show_latent_map([[3.0, -1.0]], [7], IMAGES[:1]),
    "all the same": lambda: show_latent_map(torch.full((4, 2), 1e6), [1, 1, 2, 2]),
    "grid": lambda: show_latent_grid(colors_of, CODES, title="decoded"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_one_png_with_words(name: str) -> None:
    assert_one_png_with_words(PICTURES[name](), range(300, 750), 40)


class TestClasses:
    def test_digits_are_drawn_as_digits_and_words_as_shapes(self) -> None:
        digits, kinds = class_marks(LABELS, N), class_marks(KINDS, N)
        assert [mark.name for mark in digits] == list("0123456789")
        assert all(mark.name in mark.marker and mark.is_glyph for mark in digits)
        assert [mark.name for mark in kinds] == ["coupe", "sedan", "van"]
        assert not any(mark.is_glyph for mark in kinds)
        assert len({mark.marker for mark in digits}) == 10
        assert len({mark.color for mark in digits}) == 10

    def test_members_are_those_of_the_class(self) -> None:
        for i, mark in enumerate(class_marks(LABELS.double(), N)):
            assert mark.name == str(i)
            np.testing.assert_array_equal(mark.members, LABELS.numpy() == i)

    @pytest.mark.parametrize("cone", ["all", "without L", "without M"])
    def test_colours_stay_apart_for_those_who_lack_a_kind_of_cone(self, cone: str) -> None:
        """Distances in CIE Lab after Machado et al. 2009; matplotlib's tab10 falls below 8."""
        simulated = {
            "all": np.eye(3),
            "without L": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
            "without M": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
        }[cone]
        lab = np.stack([cie_lab(np.asarray(simulated) @ linear(color)) for color in COLORS])
        apart = np.linalg.norm(lab[:, None] - lab[None], axis=-1) + 99 * np.eye(len(lab))
        assert apart.min() > 15

    def test_every_colour_shows_on_white(self) -> None:
        for color in COLORS:
            assert 1.05 / (linear(color) @ (0.2126, 0.7152, 0.0722) + 0.05) > 2

    @pytest.mark.parametrize(
        ("labels", "message"),
        [
            (torch.arange(N), "labels has 300 classes; at most 10 can be told apart. Draw fewer"),
            (LABELS[:-1], r"labels must have shape \(300\), one per code; got \(299,\)"),
            (LABELS[:, None], r"labels must have shape \(300\), one per code; got \(300, 1\)"),
        ],
    )
    def test_labels_that_do_not_fit_are_refused(self, labels: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            show_latent_map(CODES, labels)


def linear(color: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    value = np.array(to_rgb(color))
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def cie_lab(rgb: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    share = to_xyz @ np.clip(rgb, 0, 1) / (0.9505, 1, 1.089)
    f = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


class TestMap:
    def test_points_stand_at_their_codes_on_one_scale(self) -> None:
        axes = show_latent_map(CODES, LABELS).axes[0]
        for i, points in enumerate(axes.collections):
            np.testing.assert_allclose(points.get_offsets(), CODES[i == LABELS], rtol=1e-6)
        box = axes.get_position()
        inches = (box.width * 9, box.height * axes.figure.get_figheight())
        per_inch = [np.ptp(axes.get_xlim()) / inches[0], np.ptp(axes.get_ylim()) / inches[1]]
        assert per_inch[0] == pytest.approx(per_inch[1])

    def test_pictures_stand_at_their_codes_apart_and_inside(self) -> None:
        picture = show_latent_map(CODES, LABELS, IMAGES)
        axes = picture.axes[0]
        places = np.array([np.reshape(image.get_extent(), (2, 2)) for image in axes.images])
        assert len(places) > 15
        middles = places.mean(axis=2)
        chosen = [int(np.linalg.norm(CODES.numpy() - m, axis=1).argmin()) for m in middles]
        np.testing.assert_allclose(CODES[chosen], middles, atol=1e-5)
        for i, image in zip(chosen, axes.images, strict=True):
            np.testing.assert_allclose(image.get_array()[..., 0], IMAGES[i, ..., 0], atol=1e-6)
        for axis, (low, high) in enumerate((axes.get_xlim(), axes.get_ylim())):
            assert low < places[:, axis].min()
            assert places[:, axis].max() < high
        inch = np.ptp(axes.get_xlim()) / (axes.get_position().width * 9)
        apart = np.abs(middles[:, None] - middles).max(axis=-1) + 99 * np.eye(len(middles))
        assert apart.min() >= PICTURE * ROOM * inch * 0.999

    def test_frames_have_the_colour_of_the_class(self) -> None:
        axes = show_latent_map(CODES, LABELS, IMAGES).axes[0]
        for frame in axes.lines:
            middle = np.array([np.mean(frame.get_xdata()[:4]), np.mean(frame.get_ydata()[:4])])
            nearest = int(np.linalg.norm(CODES.numpy() - middle, axis=1).argmin())
            assert frame.get_color() == COLORS[int(LABELS[nearest])]

    def test_all_few_codes_are_shown_and_of_many_all_but_outliers(self) -> None:
        far = CODES.clone()
        far[7] = torch.tensor([1e4, 0])
        many = show_latent_map(far, LABELS).axes[0]
        assert many.get_xlim()[1] < 100
        assert "lie outside" in many.texts[0].get_text()
        few = show_latent_map(far[:20], LABELS[:20]).axes[0]
        assert few.get_xlim()[1] > 1e4
        assert not few.texts

    def test_maps_share_one_legend_and_say_what_they_are(self) -> None:
        picture = show_latent_maps({"PCA": CODES, "auto-encoder": -CODES}, KINDS)
        assert [axes.get_title() for axes in picture.axes] == ["PCA", "auto-encoder"]
        (legend,) = picture.legends
        assert [text.get_text() for text in legend.get_texts()] == ["coupe", "sedan", "van"]
        assert "Maps of the same 300 codes in two dimensions: PCA and auto-encoder" in picture.alt
        assert "coupe, sedan, van" in picture.alt

    @settings(max_examples=20, deadline=None)
    @given(st.integers(1, 60), st.floats(0.1, 3))
    def test_room_is_kept_and_used(self, count: int, least: float) -> None:
        places = np.random.default_rng(count).normal(size=(count, 2))
        taken = places[with_room(places, least)]
        apart = np.abs(places[:, None] - taken).max(axis=-1)
        assert (apart.min(axis=1) < least).all()  # whoever is left out would have been too near
        assert ((np.abs(taken[:, None] - taken).max(axis=-1) < least).sum(axis=1) == 1).all()

    @settings(max_examples=20, deadline=None)
    @given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(1, 9))
    def test_a_plane_holds_its_codes_and_has_an_area(
        self, middle: float, spread: float, count: int
    ) -> None:
        codes = middle + spread * np.random.default_rng(count).normal(size=(count, 2))
        low, high = plane_of(codes, (2.0, 1.0))
        assert ((low < codes) & (codes < high)).all()
        assert (high - low)[0] == pytest.approx(2 * (high - low)[1], rel=1e-6)

    @pytest.mark.parametrize(
        ("codes", "message"),
        [
            ({}, "codes has 0 maps; give 1 to 3"),
            ({str(i): CODES for i in range(4)}, "codes has 4 maps; give 1 to 3"),
            ({"PCA": CODES[:, :1]}, r"codes\['PCA'\] must have shape \(n 2\); got \(300, 1\)"),
            (
                {"PCA": CODES, "AE": CODES[1:]},
                r"codes\['AE'\] has 299 codes but codes\['PCA'\] has 300",
            ),
            (
                {"AE": CODES / 0},
                r"codes\['AE'\]\[0\] is .*300 of 300 codes are not finite. Did training",
            ),
            ({"AE": CODES[:0]}, r"codes\['AE'\] is empty"),
        ],
    )
    def test_codes_that_are_no_map_are_refused(self, codes: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            show_latent_maps(codes, LABELS)

    def test_pictures_must_be_one_per_code_and_of_one_size(self) -> None:
        with pytest.raises(ValueError, match="images has 299 images but there should be 300"):
            show_latent_map(CODES, LABELS, IMAGES[1:])
        sizes = [IMAGES[0], *IMAGES[1:, :20]]
        with pytest.raises(ValueError, match=r"images\[1\] has \(height, width\) \(20, 28\)"):
            show_latent_map(CODES, LABELS, sizes)


class TestGrid:
    def test_every_image_stands_where_its_code_lies(self) -> None:
        picture = show_latent_grid(colors_of, span=((-5, 3), (-1, 5)), steps=8)
        (image,) = picture.axes[0].images
        assert image.get_extent() == [-5, 3, -1, 5]
        whole = image.get_array()
        assert whole.shape == (8 * 4, 8 * 6, 3)
        for row, column in ((0, 0), (3, 5), (7, 2)):
            z1, z2 = -5 + (column + 0.5), 5 - (row + 0.5) * 6 / 8
            expected = (z1 / 10 + 0.5, z2 / 10 + 0.5, 0)
            np.testing.assert_allclose(whole[row * 4 + 1, column * 6 + 2], expected, atol=1e-6)

    def test_a_row_at_a_time_is_decoded_without_gradients(self) -> None:
        seen: list[tuple[int, ...]] = []

        def decode(codes: torch.Tensor) -> torch.Tensor:
            seen.append(tuple(codes.shape))
            assert codes.dtype == torch.float32
            assert not torch.is_grad_enabled()
            return torch.zeros(len(codes), 3, 3)

        show_latent_grid(decode, CODES, steps=5)
        assert seen == [(5, 2)] * 5

    def test_what_the_decoder_raises_is_raised(self) -> None:
        with pytest.raises(ZeroDivisionError):
            show_latent_grid(lambda codes: 1 / 0, CODES)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({}, "give either codes, whose plane is shown, or span"),
            ({"codes": CODES, "span": ((0, 1), (0, 1))}, "give either codes"),
            ({"span": ((1, 0), (0, 1))}, r"give \(\(low, high\), \(low, high\)\) with low < high"),
            ({"codes": CODES, "steps": 1}, "steps is 1; give 2 to 40 images per side"),
        ],
    )
    def test_impossible_options_are_refused(self, options: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            show_latent_grid(colors_of, **options)

    @pytest.mark.parametrize(
        ("result", "message"),
        [
            (None, r"decode must return images as a tensor .* got NoneType"),
            (
                torch.zeros(3, 16),
                r"got \(3, 16\)\. Reshape every row to \(height, width, channels\)",
            ),
            (
                torch.zeros(3, 1, 8, 8),
                r"got \(3, 1, 8, 8\)\. Channels come last: permute\(0, 2, 3, 1\)",
            ),
            (
                torch.zeros(2, 8, 8, 3),
                r"codes of shape \(3, 2\) and must .*\(3 h w 3\).* got \(2, 8, 8, 3\)\.",
            ),
            (torch.zeros(3, 0, 8), r"got \(3, 0, 8\)\."),
        ],
    )
    def test_what_is_no_image_is_told(self, result: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            show_latent_grid(lambda codes: result, CODES, steps=3)
