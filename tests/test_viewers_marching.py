"""Pictures of a march, step by step, and of the parts of an image by name."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb

from course_lib.viewers import Picture, show_marching, show_segmentation
from course_lib.viewers.class_marks import COLORS
from course_lib.viewers.maps import NOTHING
from course_lib.viewers.segmentation import _widest
from tests.orbit_scene import decoded

DEPTHS = torch.tensor([[0.05, 0.05, 0.05], [1.0, 2.0, 0.5], [1.5, 4.0, 0.9], [1.4, 6.0, 0.8]])
TRUTH = torch.tensor([1.45, torch.inf, 0.8])
MAPS = torch.rand(4, 12, 16, generator=torch.Generator().manual_seed(0)) + 1
UV = torch.tensor([[0.1, 0.2], [0.5, 0.5], [0.9, 0.3]])

NAMES = ["sky", "tree", "house"]
LABELS = torch.zeros(20, 30, dtype=torch.long)
LABELS[10:, :12] = 1
LABELS[8:, 20:] = 2
FEW = torch.full((20, 30), -1)
FEW[::5, ::5] = LABELS[::5, ::5]
PREDICTED = LABELS.clone()
PREDICTED[:, 15:18] = 2  # a tenth of the pixels, on the sky
IMAGE = torch.rand(40, 60, 3, generator=torch.Generator().manual_seed(1))

PICTURES: dict[str, Callable[[], Picture]] = {
    "march": lambda: show_marching(DEPTHS, TRUTH),
    "march with maps": lambda: show_marching(DEPTHS, TRUTH, maps=MAPS, uv=UV, title="marched"),
    "labels": lambda: show_segmentation(LABELS, NAMES),
    "three labels": lambda: show_segmentation(
        {"few pixels": FEW, "predicted": PREDICTED, "true": LABELS}, NAMES, image=IMAGE
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_one_png_with_words(name: str) -> None:
    picture = PICTURES[name]()
    data, metadata = picture._repr_mimebundle_()
    image = decoded(base64.b64decode(data["image/png"]))
    assert image.shape[1] == 900
    assert 150 < image.shape[0] < 800
    assert (image < 250).any(axis=-1).mean() > 0.005
    assert data["text/plain"] == picture.alt == metadata["image/png"]["alt"]


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    assert found is not None
    return [text.get_text() for text in found.get_texts()]


class TestMarching:
    def test_a_line_for_each_ray_and_its_true_depth_in_the_same_colour(self) -> None:
        (axes,) = show_marching(DEPTHS, TRUTH).axes
        lines = axes.get_lines()
        walks = [line for line in lines if len(line.get_xdata()) == 4]  # type: ignore[arg-type]
        for i, line in enumerate(walks):
            np.testing.assert_array_equal(line.get_xdata(), range(4))
            np.testing.assert_allclose(line.get_ydata(), DEPTHS[:, i])
            assert line.get_color() == COLORS[i]
        truths = {line.get_color(): line.get_ydata() for line in lines if line not in walks}
        assert truths == {
            COLORS[0]: [pytest.approx(1.45)] * 2,
            COLORS[2]: [pytest.approx(0.8)] * 2,
        }
        assert len({line.get_marker() for line in walks}) == 3
        assert legend(axes) == ["ray 1", "ray 2, meets nothing", "ray 3", "its true depth"]

    def test_the_words_tell_where_each_ray_ends(self) -> None:
        picture = show_marching(DEPTHS, TRUTH, names=["wall", "sky", "ball"], title="untrained")
        assert picture.alt == (
            "untrained: depth over 3 steps: wall from 0.05 to 1.4 (true 1.45), sky from 0.05 to 6 "
            "(meets nothing), ball from 0.05 to 0.8 (true 0.8)."
        )
        assert picture.axes[0].get_title() == "untrained"

    def test_without_the_truth_there_is_nothing_dashed(self) -> None:
        (axes,) = show_marching(DEPTHS).axes
        assert len(axes.get_lines()) == 3
        assert legend(axes) == ["ray 1", "ray 2", "ray 3"]

    def test_maps_share_one_scale_and_mark_the_rays(self) -> None:
        picture = show_marching(DEPTHS, maps=MAPS, uv=UV)
        maps = [axes for axes in picture.axes if axes.images]
        assert [axes.get_title() for axes in maps] == ["start", "step 1", "step 2", "step 3"]
        for axes in maps:
            marks = np.array([line.get_xydata()[0] for line in axes.get_lines()])  # type: ignore[index]
            np.testing.assert_allclose(marks, UV)
        means = [np.asarray(axes.images[0].get_array()).mean() for axes in maps[1:]]
        brighter = show_marching(DEPTHS, maps=MAPS - torch.tensor([0, 0, 0, 0.5])[:, None, None])
        last = [axes for axes in brighter.axes if axes.images][-1]
        assert np.asarray(last.images[0].get_array()).mean() > max(means) + 0.05  # near is bright

    def test_the_start_takes_no_colours_from_the_steps(self) -> None:
        """It is one number, far from all others."""
        maps = MAPS.clone()
        maps[0] = -50
        shown = [axes for axes in show_marching(DEPTHS, maps=maps).axes if axes.images]
        steps = np.stack([np.asarray(axes.images[0].get_array()) for axes in shown[1:]])
        assert np.ptp(steps.reshape(-1, 3), axis=0).max() > 0.8

    def test_of_many_maps_the_first_and_the_last_are_kept(self) -> None:
        depths, maps = torch.rand(21, 2), torch.rand(21, 8, 8)
        picture = show_marching(depths, maps=maps)
        titles = [axes.get_title() for axes in picture.axes if axes.images]
        assert titles == ["start", "step 4", "step 8", "step 12", "step 16", "step 20"]

    def test_no_step_is_a_march_too(self) -> None:
        picture = show_marching(DEPTHS[:1], maps=MAPS[:1])
        assert picture.alt.startswith("Depth over 0 steps: ray 1 from 0.05 to 0.05,")
        assert picture.png()


class TestSegmentation:
    def test_every_label_has_its_colour_and_name(self) -> None:
        picture = show_segmentation({"few": FEW, "true": LABELS}, NAMES, image=IMAGE)
        image, few, true = picture.axes
        assert [axes.get_title() for axes in picture.axes] == ["image", "few", "true"]
        colors = np.asarray(true.images[0].get_array())
        np.testing.assert_allclose(colors, np.array([to_rgb(c) for c in COLORS])[LABELS])
        colors = np.asarray(few.images[0].get_array())
        np.testing.assert_allclose(colors[1, 1], NOTHING)
        np.testing.assert_allclose(colors[5, 5], to_rgb(COLORS[0]))
        np.testing.assert_allclose(np.asarray(image.images[0].get_array()), IMAGE, atol=1e-6)
        (key,) = picture.legends
        assert [text.get_text() for text in key.get_texts()] == [*NAMES, "no label"]
        faces = [to_hex(patch.get_facecolor()) for patch in key.get_patches()]  # type: ignore[attr-defined]
        assert faces[:3] == [color.lower() for color in COLORS[:3]]

    def test_names_stand_inside_their_parts(self) -> None:
        (axes,) = show_segmentation(LABELS, NAMES).axes
        written = {text.get_text(): text.get_position() for text in axes.texts if text.get_text()}
        assert set(written) == set(NAMES)
        for name, (u, v) in written.items():
            assert LABELS[int(v * 20), int(u * 30)] == NAMES.index(name)

    def test_what_is_narrow_has_no_name_written(self) -> None:
        labels = torch.zeros(20, 30, dtype=torch.long)
        labels[:, 15] = 1
        (axes,) = show_segmentation(labels, NAMES).axes
        assert [text.get_text() for text in axes.texts if text.get_text()] == ["sky"]

    def test_the_words_tell_shares_and_agreement(self) -> None:
        maps = {"few": FEW, "mine": PREDICTED, "true": LABELS}
        assert show_segmentation(maps, NAMES, title="A street").alt == (
            "A street, share of the pixels. few: sky 2%, tree 1%, house 1%, 100% as true; mine: sky 50%, "
            "tree 20%, house 30%, 90% as true; true: sky 60%, tree 20%, house 20%."
        )

    @given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=5, max_size=5))
    def test_the_widest_place_is_furthest_from_every_edge(self, rows: list[list[bool]]) -> None:
        """Against all pixels' distances to the nearest one outside, by steps along rows and columns."""
        part = np.array(rows)
        outside = np.argwhere(~np.pad(part, 1))
        expected = {
            (row, column): int(np.abs(outside - (row + 1, column + 1)).sum(axis=1).min())
            for row, column in np.argwhere(part)
        }
        place, reach = _widest(part)
        assert reach == max(expected.values(), default=0)
        assert not expected or expected[place] == reach


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "one ray": (lambda: show_marching(DEPTHS[:, 0]), r"depths must have shape \(k\+1 p\); got"),
    "batches": (lambda: show_marching(DEPTHS[:, None]), r"depths must have .*got \(4, 1, 3\)"),
    "many rays": (
        lambda: show_marching(torch.rand(4, 11)),
        r"depths has shape \(4, 11\), \(k\+1 p\); give 1 to 10 rays, as depths\[:, :5\]",
    ),
    "no steps": (lambda: show_marching(DEPTHS[:0]), r"depths has shape \(0, 3\)"),
    "truth": (
        lambda: show_marching(DEPTHS, TRUTH[:2]),
        r"true_depth must have shape \(3\); got \(2\,\)",
    ),
    "names of rays": (lambda: show_marching(DEPTHS, names=["a"]), "names has 1 names for 3 rays"),
    "maps": (
        lambda: show_marching(DEPTHS, maps=MAPS[1:]),
        r"maps must have shape \(4 h w\); got \(3, 12, 16\)",
    ),
    "empty maps": (lambda: show_marching(DEPTHS, maps=MAPS[:, :0]), "maps has no pixels"),
    "marks of nothing": (lambda: show_marching(DEPTHS, uv=UV), "there are no maps; give maps"),
    "marks": (
        lambda: show_marching(DEPTHS, maps=MAPS, uv=UV[:1]),
        r"uv must have shape \(3 2\); got \(1, 2\)",
    ),
    "scores": (
        lambda: show_segmentation(torch.rand(3, 20, 30), NAMES),
        r"labels must have shape \(h w\); got \(3, 20, 30\)",
    ),
    "probabilities": (
        lambda: show_segmentation(LABELS * 0.3, NAMES),
        r"labels\[8, 20\] is 0.6; labels are whole numbers from -1 \(none\) to 2 \(house\).*argmax",
    ),
    "unknown": (lambda: show_segmentation({"mine": LABELS}, NAMES[:2]), r"mine\[8, 20\] is 2; la"),
    "not finite": (lambda: show_segmentation(LABELS / 0, NAMES), r"labels\[0, 0\] is nan"),
    "a word": (lambda: show_segmentation(LABELS, "sky"), "names is 'sky'; give a list of 1 to 10"),
    "no map": (lambda: show_segmentation({}, NAMES), "labels is empty; give at least one map"),
    "no pixels": (lambda: show_segmentation(LABELS[:0], NAMES), "labels has no pixels"),
    "sizes": (
        lambda: show_segmentation({"a": LABELS, "b": LABELS[:9]}, NAMES),
        r"b has \(height, width\) \(9, 30\) but a has \(20, 30\)",
    ),
    "another view": (
        lambda: show_segmentation(LABELS, NAMES, image=IMAGE[:, :40]),
        r"image has \(height, width\) \(40, 40\) but labels has \(20, 30\)",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_says_which_argument_is_wrong(wrong: str) -> None:
    call, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        call()
