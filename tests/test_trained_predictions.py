"""The file of predictions: what it holds, and that a hostile one does no more than lose its author's points."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from autograder.catalogue import Catalogue, TrainedExercise, from_json
from autograder.catalogue.bands import Band
from autograder.results import Status
from autograder.trained.container import Block, ContainerFault, pack, unpack
from autograder.trained.drawn import draw_task, fingerprint
from autograder.trained.judge import judge
from autograder.trained.names import LONGEST, clean_leaderboard_name
from autograder.trained.predictions import (
    PredictionsError,
    most_bytes,
    read_predictions,
    require_same_task,
)
from autograder.trained.task import Task, UnknownTaskError, find_task
from tests.trained_course import predicted
from tests.trained_standin import TASK

EXERCISE = TrainedExercise("standin", "2.2", "Stripes", 8, TASK.bands, TASK.views)
DRAWN = draw_task(TASK, "a secret of these tests")
HIDDEN = DRAWN.hidden
GOOD = predicted(HIDDEN, 3, "Ada")


def file_with(header: Any, body: bytes = b"", length: int | None = None) -> bytes:
    """A file whose header is written by hand."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + body


def entry(**changes: Any) -> dict[str, Any]:
    size = 5 * 12 * 16 * 3
    plain = {"dtype": "U8", "shape": [5, 12, 16, 3], "data_offsets": [0, size]}
    return {"images": {**plain, **changes}, "__metadata__": {"format": "1", "task": "standin"}}


BODY = bytes(5 * 12 * 16 * 3)
HOSTILE = {
    "empty": (b"", "it is 0 bytes long"),
    "seven bytes": (b"1234567", "it is 7 bytes long"),
    "cut off": (GOOD[:-1], "not where its header says"),
    "cut off in its header": (GOOD[:60], "was cut off or is none"),
    "a header of ten gigabytes": (file_with(b"{}", length=10 * 2**30), "claims 10737418240 bytes"),
    "a header of 2^64 − 1 bytes": (b"\xff" * 16, "claims 18446744073709551615 bytes"),
    "no JSON": (file_with(b"\x80\x02}q\x00."), "not valid JSON"),
    "a list": (file_with([1, 2]), "lists no tensors"),
    "a hundred thousand brackets": (file_with(b"[" * 60_000), "not valid JSON"),
    "a number of ten thousand digits": (
        file_with(b'{"images": ' + b"9" * 10_000 + b"}"),
        "not valid JSON",
    ),
    "half a surrogate pair": (file_with(b'{"\\ud800": 1}'), "in a way of its own"),
    "two tensors of one name": (
        file_with(b'{"images": 1, "images": 2}'),
        "names something twice",
    ),
    "two metadata": (file_with(b'{"__metadata__": {}, "__metadata__": {}}'), "something twice"),
    "metadata that are numbers": (file_with({"__metadata__": {"task": 1}}), "are not texts"),
    "floats": (file_with(entry(dtype="F32"), BODY), "holds 'F32', not whole numbers"),
    "another kind of dtype": (file_with(entry(dtype=["U8"]), BODY), "not whole numbers 0 to 255"),
    "a negative offset": (file_with(entry(data_offsets=[-1, 5]), BODY), "are no sizes"),
    "offsets backwards": (file_with(entry(data_offsets=[5, 0]), BODY), "does not fit its numbers"),
    "an offset beyond the end": (
        file_with(entry(shape=[2**30], data_offsets=[0, 2**30]), BODY),
        "not where its header says",
    ),
    "a shape of terabytes": (file_with(entry(shape=[2**39, 2**39]), BODY), "does not fit"),
    "a shape of true and false": (file_with(entry(shape=[True]), BODY), "are no sizes"),
    "a thousand dimensions": (file_with(entry(shape=[1] * 1000), BODY), "are no sizes"),
    "fractions": (file_with(entry(shape=[5.0, 12, 16, 3]), BODY), "are no sizes"),
    "another key": (file_with(entry(extra=1), BODY), "in a way of its own"),
    "bytes at the end": (GOOD + b"x", "1 bytes too many follow"),
    "a hidden start": (
        file_with(entry(data_offsets=[8, 8 + len(BODY)]), b"12345678" + BODY),
        "not where its header says",
    ),
    "a pickle": (b"\x80\x04\x95" + b"." * 100, "was cut off or is none"),
    "a notebook": (b'{"cells": []}' + b" " * 50, "was cut off or is none"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_fault(name: str) -> None:
    data, fault = HOSTILE[name]
    with pytest.raises(PredictionsError) as caught:
        read_predictions(data, EXERCISE)
    said = str(caught.value)
    assert said.startswith("predictions/standin.safetensors is damaged: ")
    assert fault in said
    assert said.endswith("Run the cell that calls `export_predictions('standin', …)` again.")
    judged = judge(EXERCISE, data, HIDDEN)
    assert judged.result.points == 0
    assert judged.scores is None
    assert judged.result.checks[0].status == Status.FAILED


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
def test_any_bytes_are_predictions_or_an_error(noise: bytes, start: int, end: int) -> None:
    for data in (noise, GOOD[:start] + noise + GOOD[end:]):
        try:
            found = read_predictions(data, EXERCISE)
        except PredictionsError:
            continue
        assert len(found.images) == 5 * 12 * 16 * 3
        assert found.shape == (5, 12, 16, 3)


def test_the_file_is_safetensors_for_everybody_else() -> None:
    theirs = load(GOOD)
    assert list(theirs) == ["images"]
    assert theirs["images"].numpy().tobytes() == read_predictions(GOOD, EXERCISE).images
    blocks, texts = unpack(save(theirs, metadata={"a": "b"}))
    assert blocks["images"].data == theirs["images"].numpy().tobytes()
    assert texts == {"a": "b"}


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5).filter(lambda name: name != "__metadata__"),
        st.binary(max_size=20),
        max_size=3,
    ),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)
def test_what_is_packed_comes_back(contents: dict[str, bytes], texts: dict[str, str]) -> None:
    blocks = {name: Block((len(data),), data) for name, data in contents.items()}
    assert unpack(pack(blocks, texts)) == (blocks, texts)


def test_a_block_whose_shape_lies_is_not_packed() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 2\) does not hold 3 bytes"):
        pack({"a": Block((2, 2), b"123")}, {})
    with pytest.raises(ContainerFault):
        unpack(b"")


FORM = {
    "another task": ({"task": "fit_a_scene"}, None, r"predictions for 'fit_a_scene', not for 'standin'"),
    "training views": ({}, (8, 12, 16, 3), r"shape \(8, 12, 16, 3\)"),
    "height and width swapped": ({}, (5, 16, 12, 3), r"have shape \(5, 12, 16, 3\): views, height, width"),
    "another version": ({"format": "2"}, None, "or is of another version"),
    "foreign texts": ({"comment": "hi"}, None, "was not written by `export_predictions`"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORM)
def test_what_is_not_in_form_is_said(name: str) -> None:
    changes, shape, message = FORM[name]
    shape = shape or (5, 12, 16, 3)
    size = shape[0] * shape[1] * shape[2] * shape[3]
    texts = {"format": "1", "task": "standin", "fingerprint": "ab", **changes}
    data = pack({"images": Block(shape, bytes(size))}, texts)
    with pytest.raises(PredictionsError, match=message):
        read_predictions(data, replace(EXERCISE, views=EXERCISE.views))


def test_more_than_one_tensor_and_too_many_bytes_are_refused() -> None:
    block = Block((5, 12, 16, 3), BODY)
    texts = {"format": "1", "task": "standin"}
    with pytest.raises(
        PredictionsError, match="it holds 'extra', 'images' instead of `images` alone"
    ):
        read_predictions(pack({"images": block, "extra": Block((0,), b"")}, texts), EXERCISE)
    with pytest.raises(
        PredictionsError, match="larger than the 68,424 bytes that 5 views of 12×16"
    ):
        read_predictions(bytes(most_bytes(EXERCISE) + 1), EXERCISE)


def test_names_that_no_page_can_hold_are_quoted() -> None:
    header = b'{"\\ud800": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}}'
    with pytest.raises(PredictionsError, match="was not written by") as caught:
        read_predictions(file_with(header), EXERCISE)
    assert str(caught.value).encode()


def test_predictions_of_another_drawing_are_told_so() -> None:
    other = draw_task(TASK, "another seed").hidden
    found = read_predictions(predicted(other), EXERCISE)
    with pytest.raises(PredictionsError, match="made for another release of the task") as caught:
        require_same_task(found, HIDDEN.fingerprint)
    assert other.fingerprint in str(caught.value)
    assert HIDDEN.fingerprint in str(caught.value)
    require_same_task(found, other.fingerprint)
    forged = replace(found, fingerprint="<script>")
    assert read_predictions(forged.to_bytes(), EXERCISE).fingerprint == ""


def test_seeds_draw_different_scenes_and_one_seed_always_the_same() -> None:
    again, other = draw_task(TASK, DRAWN.seed), draw_task(TASK, "another")
    assert again.hidden == HIDDEN
    assert again.public.to_bytes() == DRAWN.public.to_bytes()
    assert other.hidden.images != HIDDEN.images
    assert other.hidden.fingerprint != HIDDEN.fingerprint
    assert fingerprint(replace(TASK, version=2), DRAWN.seed) != HIDDEN.fingerprint
    assert DRAWN.seed.encode() not in DRAWN.public.to_bytes()


def test_the_same_predictions_score_the_same_bit_by_bit() -> None:
    first, second = (judge(EXERCISE, GOOD, HIDDEN) for _ in range(2))
    assert first.scores == second.scores
    assert first.result == second.result  # pictures too


def test_every_band_is_a_line_with_what_was_measured() -> None:
    judged = judge(EXERCISE, predicted(HIDDEN, 9), HIDDEN)
    assert [(c.name, c.title, c.status.value) for c in judged.result.checks] == [
        ("in_form", "The predictions are there and in form", "passed"),
        ("band_1", "PSNR ≥ 20 dB", "passed"),
        ("band_2", "PSNR ≥ 25 dB and SSIM ≥ 0.5", "passed"),
        ("band_3", "PSNR ≥ 30 dB", "failed"),
    ]
    assert judged.result.points == 6
    assert judged.scores is not None
    psnr, ssim = f"{judged.scores.psnr:.2f} dB", f"SSIM {judged.scores.ssim:.4f}"
    short = f"({30 - judged.scores.psnr:.2f} dB short)"
    assert [c.message for c in judged.result.checks] == [
        f"5 views; on average {psnr}, {ssim}",
        psnr,
        f"{psnr}, {ssim}",
        f"{psnr} {short}",
    ]
    assert (judged.result.checks[0].evidence.picture_png or b"").startswith(b"\x89PNG")


def test_nothing_handed_in_could_not_be_judged_and_says_what_to_do() -> None:
    result = judge(EXERCISE, None, HIDDEN).result
    assert result.status == Status.COULD_NOT_RUN
    assert "predictions/standin.safetensors is not in the submission" in result.checks[0].message
    assert "the notebook alone does not hold predictions" in result.checks[0].message
    unread = judge(EXERCISE, "'standin.safetensors' is larger than that", HIDDEN).result
    assert unread.status == Status.FAILED
    assert unread.checks[0].message == "'standin.safetensors' is larger than that"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("a\nb\tc\x00d", "a b c d"),
        ("\u202egnp.exe", "gnp.exe"),  # turns the writing around
        ("a\u200bb", "a b"),
        ("Ｆｕｌｌ", "Full"),
        ("x" * 100, "x" * 24),
        ("\u200b \u2060", ""),
        ("日本語", "日本語"),
        ("<b>bold</b>", "<b>bold</b>"),  # pages escape it
    ],
)
def test_names_become_one_harmless_line(typed: str, shown: str) -> None:
    assert clean_leaderboard_name(typed) == shown


@given(st.text(max_size=200))
def test_a_clean_name_stays_as_it_is(text: str) -> None:
    name = clean_leaderboard_name(text)
    assert len(name) <= LONGEST
    assert name.isprintable()
    assert clean_leaderboard_name(name) == name
    zalgo = clean_leaderboard_name("a" + "\u0301\u0316" * 50)
    assert len(zalgo) <= 4


def test_tasks_are_found_by_id_and_must_declare_themselves() -> None:
    task = find_task("fit_a_scene")
    assert (task.id, task.views) == ("fit_a_scene", (24, 64, 64))
    assert isinstance(task, Task)
    for wrong in ("nosuch", "../etc", "", "__init__"):
        with pytest.raises(UnknownTaskError, match="there is no trained task"):
            find_task(wrong)


def test_a_catalogue_keeps_trained_exercises_and_reads_older_lists() -> None:
    whole = Catalogue("02_x", "x", "X", (), (), (EXERCISE,))
    assert from_json(whole.to_json()) == whole
    assert whole.max_points == 8
    assert whole.number("standin") == "2.2"
    assert whole.number("gone") == ""
    assert EXERCISE.bands[1] == Band(psnr=25, ssim=0.5)
    older = replace(whole, trained=())
    assert '"trained"' not in older.to_json()
    assert from_json(older.to_json()) == older
