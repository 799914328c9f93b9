"""The handwritten digits: that images belong to their labels, and that any stretch of them is a fair sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from course_lib.data import (
    AssetError,
    Digits,
    asset_path,
    assets_root,
    load_digits,
    load_manifest,
    manifest,
)

COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]  # of the classes in the package
digits = cache(load_digits)


def test_shapes_types_and_range() -> None:
    assert digits().images.shape == (10000, 28, 28, 1)
    assert digits().images.dtype == torch.float32
    assert digits().labels.dtype == torch.int64
    assert digits().images.amin() == 0
    assert digits().images.amax() == 1
    assert len(digits()) == 10000


def test_the_images_are_those_of_mnist_bit_by_bit() -> None:
    """MNIST centres the mass of each digit, fits it into 20×20 pixels and has 8-bit levels."""
    levels = digits().images * 255
    torch.testing.assert_close(levels, levels.round(), atol=1e-4, rtol=0)
    assert torch.bincount(digits().labels).tolist() == COUNTS
    assert len(torch.unique(digits().images.flatten(1), dim=0)) == 10000
    ink = digits().images[..., 0]
    place = torch.arange(28.0)
    for axis in (1, 2):
        other = 3 - axis
        center = (ink.sum(other) * place).sum(1) / ink.sum((1, 2))
        assert (center - 13.5).abs().max() < 1.0
        extent = (ink.amax(other) > 0).sum(1)
        assert extent.max() <= 20


def test_white_ink_on_black() -> None:
    assert digits().images[:, 0].mean() < 0.001
    assert 0.08 < digits().images.mean() < 0.2


def test_images_belong_to_their_labels() -> None:
    """The mean of each class, over one half, names four of five digits of the other."""
    first, rest = digits().split(5000)
    means = torch.stack([first.images[first.labels == digit].mean(0) for digit in range(10)])
    nearest = torch.cdist(rest.images.flatten(1), means.flatten(1)).argmin(1)
    assert (nearest == rest.labels).float().mean() > 0.78


def test_images_stand_upright_and_are_not_mirrored() -> None:
    """Sevens are heavy above, sixes below, and ones lean to the right."""
    ink, labels = digits().images[..., 0], digits().labels
    above = ink[:, :14].sum((1, 2)) > ink[:, 14:].sum((1, 2))
    assert above[labels == 7].float().mean() > 0.8
    assert above[labels == 6].float().mean() < 0.2
    place = torch.arange(28) - 13.5
    right_and_down = torch.einsum("nij,i,j->n", ink[labels == 1], place, place)
    assert (right_and_down < 0).float().mean() > 0.7


@settings(deadline=None)  # the first example loads the file
@given(first=st.integers(0, 9000), length=st.integers(300, 1000))
def test_any_stretch_is_a_fair_sample(first: int, length: int) -> None:
    """χ² with nine degrees of freedom; ordered by class it would be above 1,000."""
    expected = torch.tensor(COUNTS) / 10000 * length
    found = torch.bincount(digits().labels[first : first + length], minlength=10)
    assert ((found - expected).square() / expected).sum() < 45


def test_fewer_digits_are_the_first_ones() -> None:
    few = load_digits(37)
    assert torch.equal(few.images, digits().images[:37])
    assert torch.equal(few.labels, digits().labels[:37])
    assert len(load_digits(1)) == 1
    assert few.images.untyped_storage().nbytes() == 37 * 28 * 28 * 4  # the others are let go


@pytest.mark.parametrize("count", [0, -1, 10001, 100.0, "100"])
def test_a_count_that_cannot_be_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=r"count must be a whole number in 1…10000.*left out; got"):
        load_digits(count)


@settings(deadline=None)
@given(total=st.integers(2, 50), data=st.data())
def test_the_parts_of_a_split_are_the_whole(total: int, data: st.DataObject) -> None:
    whole = Digits(digits().images[:total], digits().labels[:total], "whose")
    train = data.draw(st.integers(1, total - 1))
    first, rest = whole.split(train)
    assert len(first) == train
    assert torch.equal(torch.cat([first.images, rest.images]), whole.images)
    assert torch.equal(torch.cat([first.labels, rest.labels]), whole.labels)
    assert first.attribution == rest.attribution == "whose"


@pytest.mark.parametrize("train", [0, 20, 21, -3, 0.8])
def test_a_split_with_an_empty_part_is_refused(train: int) -> None:
    with pytest.raises(ValueError, match=r"train must be a whole number in 1…19.*20 digits.*got"):
        load_digits(20).split(train)


def test_who_made_them_is_said() -> None:
    for text in (digits().attribution, repr(digits())):
        assert "Yann LeCun" in text
        assert "Corinna Cortes" in text
        assert "CC-BY-SA-3.0" in text
    assert len(repr(digits())) < 120


@pytest.fixture
def _files_not_checked_yet() -> Iterator[None]:
    """The path of a checked file is remembered; not before this test, and nothing of it after."""
    asset_path.cache_clear()
    yield
    asset_path.cache_clear()


@pytest.mark.usefixtures("_files_not_checked_yet")
@pytest.mark.parametrize("name", ["digits", "digits_labels"])
@pytest.mark.parametrize("damage", ["gone", "another byte"])
def test_a_bad_file_is_named_with_its_remedy(name: str, damage: str, tmp_path: Path) -> None:
    for other in ("digits", "digits_labels"):
        file = load_manifest()[other].file
        target = tmp_path / file
        target.parent.mkdir(exist_ok=True)
        content = bytearray((assets_root() / file).read_bytes())
        content[-20] ^= (other == name) and (damage == "another byte")
        if other != name or damage != "gone":
            target.write_bytes(content)
    wrong = "missing" if damage == "gone" else "damaged"
    with (
        mock.patch.object(manifest, "assets_root", return_value=tmp_path),
        pytest.raises(AssetError, match=rf"{name}\.png is {wrong}.*Install the course again"),
    ):
        load_digits()


def test_images_lie_on_a_sheet_that_can_be_looked_at() -> None:
    """The sheet is a grey picture, ten images of it are the loader's."""
    sheet = np.asarray(Image.open(asset_path("digits")))
    assert sheet.dtype == np.uint8
    for index in (0, 1, 99, 100, 4321, 9999):
        row, col = divmod(index, 100)
        cut = sheet[28 * row : 28 * row + 28, 28 * col : 28 * col + 28]
        assert np.array_equal(cut, (digits().images[index, ..., 0] * 255).round().byte().numpy())


def test_two_loads_share_nothing() -> None:
    changed = load_digits(5)
    changed.images.zero_()
    assert load_digits(5).images.any()
    assert replace(changed, attribution="x").attribution == "x"
