"""The framework diagram: what is highlighted, where notes stand, and that nothing runs over anything."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course_lib.style import BLUE
from course_lib.viewers import Picture, show_framework
from course_lib.viewers.framework import GROUPS, NAMES, PLACES
from tests.orbit_scene import decoded

BLOCKS = ("encoder", "conditioning", "representation", "renderer", "loss")
LONG = "pose_conditioned_decoder and some words"


def words(picture: Picture) -> dict[str, Text]:
    texts = {text.get_text(): text for text in picture.axes[0].texts if text.get_text()}
    assert len(texts) == len([text for text in picture.axes[0].texts if text.get_text()])
    return texts


def filled(picture: Picture) -> set[str]:
    """The blocks that are painted in the accent colour, by where they lie."""

    def covers(patch: Patch, name: str) -> bool:
        x, left, width = patch.get_path().vertices[:, 0], *PLACES[name]
        if not isinstance(patch, FancyBboxPatch):
            x = patch.get_corners()[:, 0] if hasattr(patch, "get_corners") else x
        return left - 0.01 <= x.min() and x.max() <= left + width + 0.01

    painted = [p for p in picture.axes[0].patches if to_hex(p.get_facecolor()) == BLUE.lower()]
    return {name for name in PLACES for patch in painted if covers(patch, name)}


def extent(picture: Picture, text: Text) -> Bbox:
    return text.get_window_extent(picture.canvas.get_renderer())


@pytest.mark.parametrize("name", ["", *NAMES])
def test_just_what_is_asked_for_is_filled(name: str) -> None:
    picture = show_framework(name or ())
    assert filled(picture) == set(GROUPS.get(name, [name] if name else []))
    assert ("Highlighted" in picture.alt) == bool(name)


def test_all_of_the_decoder_is_the_decoder() -> None:
    def brace(picture: Picture) -> str:
        return str(words(picture)["decoder"].get_fontweight())

    assert brace(show_framework(GROUPS["decoder"])) == brace(show_framework("decoder")) == "bold"
    assert brace(show_framework(GROUPS["decoder"][:2])) == "normal"


def test_several_are_filled_at_once_and_told_in_words() -> None:
    picture = show_framework(["encoder", "codes"])
    assert filled(picture) == {"encoder", "codes"}
    assert "Highlighted: encoder, codes." in picture.alt


def test_it_is_wide_and_low_and_its_words_can_be_read() -> None:
    image = decoded(base64.b64decode(show_framework()._repr_mimebundle_()[0]["image/png"]))
    assert image.shape == (215, 900, 3)
    texts = words(show_framework())
    assert all(text.get_fontsize() >= 8 for text in texts.values())
    assert set(BLOCKS) <= set(texts)
    assert {"decoder", "gradient", "another camera", "pose", "photograph"} <= set(texts)


def test_the_row_runs_from_images_to_loss_without_overlap() -> None:
    ends = [(left, left + width) for left, width in PLACES.values()]
    assert all(before[1] + 0.1 < after[0] for before, after in pairwise(ends))
    assert list(PLACES) == ["images", "encoder", "codes", *GROUPS["decoder"], "image", "loss"]


@pytest.mark.parametrize("highlight", ["", "decoder", "images"])
def test_no_words_overlap_and_none_leave_the_page(highlight: str) -> None:
    """With a name of the notebook's functions under every block."""
    notes = {name: f"{name}_of_latent_codes" for name in PLACES}
    picture = show_framework(highlight or (), notes=notes)
    picture.draw_without_rendering()
    page = picture.bbox
    boxes = {text: extent(picture, it) for text, it in words(picture).items()}
    for text, box in boxes.items():
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        for other, its in boxes.items():
            assert other == text or not box.overlaps(its), (text, other)


def test_names_fit_into_their_blocks_also_in_bold() -> None:
    picture = show_framework(BLOCKS)
    picture.draw_without_rendering()
    for name in BLOCKS:
        assert words(picture)[name].get_fontweight() == "bold"
        assert extent(picture, words(picture)[name]).width < 100 * PLACES[name][1] - 2


def test_notes_stand_below_their_block_and_break_behind_underscores() -> None:
    picture = show_framework(notes={"renderer": "volume_render", "conditioning": LONG})
    texts = words(picture)
    note = texts["volume_render"]
    left, width = PLACES["renderer"]
    assert note.get_position()[0] == pytest.approx(left + width / 2)
    assert "pose_conditioned_\ndecoder and some\nwords" in texts
    assert "renderer: volume_render." in picture.alt
    assert f"conditioning: {LONG}." in picture.alt


def test_the_ways_of_conditioning_are_named_until_a_note_says_which() -> None:
    def said(picture: Picture) -> bool:
        return any("hypernetwork" in text for text in words(picture))

    assert said(show_framework())
    assert not said(show_framework(notes={"conditioning": "FiLM"}))


@pytest.mark.parametrize("highlight", ["decoders", ["encoder", "camera"], [3], [["encoder"]]])
def test_an_unknown_block_is_refused_with_those_there_are(highlight: object) -> None:
    with pytest.raises(
        ValueError, match=r"highlight has .*, which is no block; there are images, enc"
    ):
        show_framework(highlight)  # type: ignore[arg-type]


def test_a_note_needs_a_block_to_stand_under() -> None:
    with pytest.raises(ValueError, match=r"notes has 'decoder', which is no block.* image, loss$"):
        show_framework(notes={"decoder": "all of it"})
