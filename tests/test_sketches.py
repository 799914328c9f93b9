"""Sketches of a difference: what is chosen for which shape, what it shows, and that it gives no reference away."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.checking.expect import CheckFailed, expect_close
from autograder.sketches import (
    Counts,
    Curve,
    Grid,
    Points,
    Sketch,
    sketch_from_raw,
    sketch_html,
    sketch_to_raw,
)
from autograder.sketches.colours import MAGMA, VIRIDIS, contrast, ink_on, luminance, ramp
from autograder.sketches.sketch import LOST, TOP, WORST


def drawn(expected: Tensor, actual: Tensor, what: str = "values") -> Any:
    """The sketch of the comparison that fails."""
    with pytest.raises(CheckFailed) as caught:
        expect_close(actual, expected, what)
    return caught.value.evidence.sketch


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("shape", "what", "kind"),
    [
        ((4, 4), "pose", Grid), ((5, 4), "points", Grid), ((2, 5, 3, 3), "rotations", Grid), ((3,), "origin", Grid),
        ((9, 2), "uv", Points), ((4, 6, 3), "the origins", Points), ((3, 4, 3), "points", Points),
        ((3, 4, 3), "products", Grid), ((5,), "depth", Curve), ((300,), "weights", Curve),
        ((2, 7, 1), "density", Curve),
        ((12, 16, 3), "image", Grid), ((2, 3, 8, 8), "features", Grid), ((200, 100), "table", Grid),
    ],
)  # fmt: skip
def test_shape_and_name_choose_what_is_drawn(shape: tuple[int, ...], what: str, kind: type) -> None:
    found = drawn(normal(*shape), normal(*shape, seed=1), what)
    assert type(found) is kind
    assert found.what == what


def test_a_single_number_needs_no_picture() -> None:
    assert drawn(torch.tensor(1.0), torch.tensor(2.0)) is None
    assert drawn(torch.ones(1, 1), torch.zeros(1, 1)) is None


def test_a_small_matrix_shows_its_numbers_and_where_it_differs() -> None:
    expected = torch.tensor([[1.0, 2.0], [3.0, 4.5]])
    actual = torch.tensor([[1.0, 2.0], [3.0, -4.5]])
    found = drawn(expected, actual, "K")
    assert found.exact == (("1.0", "2.0", "3.0", "4.5"), ("1.0", "2.0", "3.0", "-4.5"))
    assert list(found.error) == [0, 0, 0, WORST]
    html = sketch_html(found)
    assert [html.count(f">{n}</text>") for n in ("−4.5", "4.5", "−9", "3")] == [1, 1, 1, 2]
    assert "1 of 4 differ, most in row 1, column 1, by 9." in html


def test_the_worst_part_of_a_batch_is_shown() -> None:
    expected = normal(3, 5, 4, 4)
    actual = expected.clone()
    actual[2, 1, 3, 0] += 1e-2
    actual[0, 4, 2, 2] += 1
    found = drawn(expected, actual)
    assert found.part == "at [0, 4]"
    assert [i for i, level in enumerate(found.error) if level] == [10]
    assert found.largest == 1.0


def test_large_tables_are_thinned_out_but_keep_their_worst_element() -> None:
    expected = torch.zeros(500, 130)
    actual = expected.clone()
    actual[333, 77] = 5.0
    found = drawn(expected, actual)
    assert found.rows <= 64
    assert found.columns <= 64
    assert found.error.count(WORST) == 1


def test_points_are_joined_to_where_they_should_be() -> None:
    expected = torch.stack([torch.arange(10.0), torch.zeros(10)], -1)
    actual = expected + torch.tensor([0.0, 1.0])
    html = sketch_html(drawn(expected, actual, "uv"))
    assert html.count("<circle") == 10
    assert html.count("<line") == 10
    spots = re.findall(r'x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"', html)
    for x1, y1, x2, y2 in spots:
        assert x1 == x2  # only the second coordinate is off,
        assert float(y2) < float(y1)  # upwards
    assert "the farthest is about 1 off" in html


def test_only_the_worst_points_of_many_are_drawn() -> None:
    expected = normal(1000, 3)
    actual = expected.clone()
    actual[123] += 1
    found = drawn(expected, actual, "points")
    assert "40 of 1000" in found.part
    assert sum(a != b for a, b in zip(found.expected, found.actual, strict=True)) == 3


def test_labels_and_masks_are_counted_never_listed() -> None:
    expected = torch.arange(40) % 4 == 0
    found = drawn(expected, ~expected, "hit")
    assert found == Counts("hit", ("false", "true"), ((0, 30), (10, 0)))
    html = sketch_html(found)
    assert "expected false" in html
    assert "<b>0</b>" in html
    assert "yours true" in html
    assert drawn(torch.arange(40), torch.arange(40) + 1, "index") is None  # too many kinds to count


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf, 1e38, -1e38])
@pytest.mark.parametrize("shape", [(3, 3), (6, 2), (7,), (5, 5, 5), (9, 9, 3), (17,)])
def test_hopeless_numbers_still_make_a_picture(bad: float, shape: tuple[int, ...]) -> None:
    for expected in (normal(*shape), torch.zeros(shape), torch.full(shape, torch.inf)):
        actual = torch.full(shape, bad)
        if torch.equal(actual, expected):
            continue
        found = drawn(expected, actual)
        html = re.sub(r"base64,[^\"]*", "", sketch_html(found))
        assert not re.search(r"\b(nan|inf)\b", html)
        json.dumps(sketch_to_raw(found), allow_nan=False)


def test_what_is_not_finite_is_drawn_as_lost() -> None:
    expected = normal(5, 5)
    actual = expected.clone()
    actual[1, 2] = torch.nan
    found = drawn(expected, actual)
    assert found.actual[7] == LOST
    assert LOST not in found.expected
    assert "grey is not finite" in sketch_html(found)


EXAMPLES = [
    drawn(normal(4, 4), normal(4, 4, seed=1), "K"),
    drawn(normal(20, 3), normal(20, 3, seed=1), "points"),
    drawn(normal(30), normal(30, seed=1), "depth"),
    drawn(normal(30) > 0, normal(30, seed=1) > 0, "mask"),
]


@pytest.mark.parametrize("sketch", EXAMPLES)
def test_sketches_survive_being_stored(sketch: Sketch) -> None:
    assert sketch_from_raw(json.loads(json.dumps(sketch_to_raw(sketch)))) == sketch
    hash(sketch)  # reports group equal evidence


def test_an_unknown_kind_is_refused_by_name() -> None:
    assert sketch_from_raw(None) is None
    with pytest.raises(ValueError, match="no sketch of kind 'film'; there are grid, points"):
        sketch_from_raw({"kind": "film"})


@pytest.mark.parametrize(
    ("part", "value"), [("colour", "red"), ("expected", 5), ("what", ...), ("actual", "abc")]
)
def test_a_part_of_another_version_is_refused(part: str, value: Any) -> None:
    raw = {**(sketch_to_raw(EXAMPLES[0]) or {}), part: value}
    if value is ...:
        del raw[part]
    with pytest.raises(ValueError, match=r"no sketch of kind .grid. as this version knows it: "):
        sketch_from_raw(raw)


@pytest.mark.parametrize("sketch", EXAMPLES)
def test_every_sketch_says_in_words_what_it_shows(sketch: Sketch) -> None:
    html = sketch_html(sketch)
    words = re.findall(r'role="img" aria-label="([^"]+)"', html) or re.findall(
        r"<caption[^>]*>([^<]+)", html
    )
    assert len(words) == 1
    assert sketch.what in words[0]
    assert len(words[0]) > 30


@pytest.mark.parametrize("sketch", EXAMPLES)
def test_names_are_text_never_markup(sketch: Sketch) -> None:
    raw = sketch_to_raw(sketch)
    assert raw is not None
    html = sketch_html(sketch_from_raw({**raw, "what": '"><script>x</script>'}))  # type: ignore[arg-type]
    assert "<script" not in html
    assert '""' not in html


@pytest.mark.parametrize("shape", [(40, 30), (300,), (60, 3), (60, 2), (20, 20, 3)])
def test_no_hidden_value_can_be_read_off_a_sketch(shape: tuple[int, ...]) -> None:
    """Whoever rebuilds the reference from all that a sketch holds still fails the check, nearly everywhere."""
    expected = normal(*shape)
    found = drawn(expected, expected + 0.5)
    spans = found.spans if isinstance(found, Points) else (found.span,)
    rebuilt = torch.tensor(
        [
            spans[i % len(spans)][0]
            + level / TOP * (spans[i % len(spans)][1] - spans[i % len(spans)][0])
            for i, level in enumerate(found.expected)
        ]
    )
    gap = (rebuilt[:, None] - expected.flatten()).abs().amin(1)
    assert not getattr(found, "exact", None)
    assert (gap > 2e-5).double().mean() > 0.1  # even the nearest of all reference values is not hit
    with pytest.raises(CheckFailed):
        expect_close(rebuilt[: expected.numel()], expected.flatten()[: len(rebuilt)], "copied")


def test_errors_are_told_as_orders_of_magnitude() -> None:
    """Nine levels in all: an error is known to a factor of three, which gives nothing away."""
    expected = torch.zeros(6, 6)
    actual = torch.logspace(0, -4, 36).reshape(6, 6)
    found = drawn(expected, actual)
    assert set(found.error) <= set(range(WORST + 1))
    assert list(found.error) == sorted(found.error, reverse=True)
    assert found.error[0] == WORST


@pytest.mark.parametrize("anchors", [VIRIDIS, MAGMA])
def test_ramps_rise_in_lightness_and_carry_legible_ink(anchors: tuple[str, ...]) -> None:
    colours = [ramp(anchors, i / 100) for i in range(101)]
    lightness = [luminance(colour) for colour in colours]
    assert lightness == sorted(lightness)
    for colour in colours:
        ink = (0, 0, 0) if ink_on(colour) == "#000" else (255, 255, 255)
        assert contrast(colour, ink) >= 4.5


def test_ramps_are_matplotlibs() -> None:
    from matplotlib import colormaps

    for name, anchors in (("viridis", VIRIDIS), ("magma", MAGMA)):
        for i in range(0, 101, 5):
            wanted = colormaps[name](i / 100)[:3]
            assert (
                max(abs(a / 255 - b) for a, b in zip(ramp(anchors, i / 100), wanted, strict=True))
                < 0.08
            )
