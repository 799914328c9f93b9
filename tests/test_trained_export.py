"""What a student meets: exporting predictions, the bands, `check` and `submit`, and every way to go wrong."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import autograder
from autograder.catalogue import Catalogue, Exercise, TrainedExercise
from autograder.notebook import completeness, display, predictions
from autograder.notebook.bands import show_bands
from autograder.notebook.predictions import export_predictions
from autograder.results import Status
from autograder.trained.drawn import draw_task
from autograder.trained.predictions import PredictionsError, read_predictions
from course_lib.data import AssetError, view_task
from course_lib.data.view_task import ViewTask, load_task
from tests.trained_standin import TASK

EXERCISE = TrainedExercise("standin", "2.2", "Stripes", 8, TASK.bands, TASK.views)
CATALOGUE = Catalogue(
    "02_sums",
    "sums",
    "2 · Sums",
    (Exercise("total", "2.1", "Total", 2, ("total",)),),
    (),
    (EXERCISE,),
)
DRAWN = draw_task(TASK, "released")
FILE = Path("predictions/standin.safetensors")
GOOD = torch.rand(5, 12, 16, 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def _release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed release with the task in it, and an empty folder to work in."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    DRAWN.public.save(tmp_path / "assets/data/trained/02_sums/standin.safetensors")
    monkeypatch.setattr(view_task, "assets_root", lambda: tmp_path / "assets")
    for module in (predictions, display, completeness):
        monkeypatch.setattr(module, "all_notebooks", lambda: ("02_sums",))
        monkeypatch.setattr(module, "load_catalogue", lambda name: CATALOGUE)


def test_a_task_file_gives_back_what_was_drawn() -> None:
    task = load_task("standin")
    assert repr(task) == (
        "ViewTask('standin': 8 views to train on, 5 to predict, 12×16, near 0.5, far 2, "
        f"{DRAWN.hidden.fingerprint})"
    )
    drawn = DRAWN.public
    assert torch.equal(task.world_from_camera, drawn.world_from_camera)
    assert torch.equal(task.train.world_from_camera, drawn.train.world_from_camera)
    assert torch.equal(task.K, drawn.K)
    assert (task.train.images - drawn.train.images).abs().max() <= 0.5 / 255 + 1e-6
    assert task.resolution == (12, 16)


def test_a_task_file_that_is_damaged_missing_or_unknown_is_named(tmp_path: Path) -> None:
    path = tmp_path / "assets/data/trained/02_sums/standin.safetensors"
    whole = path.read_bytes()
    for broken, message in [
        (whole[:-30] + bytes(30), r"standin\.safetensors is damaged: its SHA-256 differs"),
        (whole[:-1], r"standin\.safetensors cannot be read"),
        (b"", r"standin\.safetensors cannot be read"),
    ]:
        path.write_bytes(broken)
        with pytest.raises(AssetError, match=message + ".*Install the course again"):
            load_task("standin")
    with pytest.raises(AssetError, match=r"there is no task 'stand'; known: standin"):
        load_task("stand")
    with pytest.raises(AssetError, match="is missing"):
        ViewTask.load(tmp_path / "nothing.safetensors")


def test_export_writes_what_the_grader_reads(capsys: pytest.CaptureFixture[str]) -> None:
    path = export_predictions("standin", GOOD.requires_grad_(True), leaderboard_name=" Ada ")
    assert path == FILE
    found = read_predictions(path.read_bytes(), EXERCISE)
    levels = torch.frombuffer(bytearray(found.images), dtype=torch.uint8).reshape(GOOD.shape)
    assert (levels.float() / 255 - GOOD).abs().max() <= 0.5 / 255 + 1e-6
    assert found.fingerprint == DRAWN.hidden.fingerprint
    assert found.leaderboard_name == "Ada"
    assert capsys.readouterr().out == (
        "Wrote predictions/standin.safetensors: 5 views of 12×16. On the leaderboard you are listed "
        "as 'Ada'. submit() packs the file.\n"
    )
    export_predictions("standin", GOOD.detach())
    assert "you are not listed" in capsys.readouterr().out
    assert read_predictions(path.read_bytes(), EXERCISE).leaderboard_name == ""


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_every_floating_dtype_and_a_small_overshoot_will_do(dtype: torch.dtype) -> None:
    images = GOOD.to(dtype)
    images[0, 0, 0, 0], images[1, 0, 0, 0] = -0.005, 1.005
    found = read_predictions(export_predictions("standin", images).read_bytes(), EXERCISE)
    assert found.images[0] == 0
    assert found.images[12 * 16 * 3] == 255


def swap(images: torch.Tensor) -> torch.Tensor:
    return images.transpose(1, 2)


def with_nan(images: torch.Tensor) -> torch.Tensor:
    images = images.clone()
    images[3, 1, 2, 0] = torch.nan
    return images


WRONG: dict[str, tuple[Callable[[torch.Tensor], object], str]] = {
    "numpy": (lambda x: x.numpy(), r"not a numpy array; convert it: torch\.from_numpy\(images\)"),
    "list": (lambda x: list(x), r"not a list of tensors; put the views together: torch\.stack"),
    "nothing": (lambda x: None, "must be a torch.Tensor, not a NoneType"),
    "uint8": (lambda x: (x * 255).byte(), r"dtype uint8, .*divide by 255: images\.float\(\) / 255"),
    "whole numbers": (lambda x: x.long(), "dtype int64, .*use float32"),
    "booleans": (lambda x: x > 0.5, "dtype bool, .*use float32"),
    "sparse": (lambda x: x.to_sparse(), "are a tensor of layout sparse_coo; give an ordinary one"),
    "no values": (lambda x: x.to("meta"), r"are a tensor without values \(device meta\)"),
    "complex": (lambda x: x.to(torch.complex64), "dtype complex64, .*use float32"),
    "channels first": (
        lambda x: x.permute(0, 3, 1, 2),
        r"shape \(5, 3, 12, 16\); standin asks for \(5, 12, 16, 3\): .*images\.permute\(0, 2, 3, 1\)",
    ),
    "H and W swapped": (swap, r"Height comes before width: were images swapped"),
    "flat pixels": (lambda x: x.flatten(1, 2), r"images\.reshape\(5, 12, 16, 3\)"),
    "all pixels": (lambda x: x.reshape(-1, 3), r"images\.reshape\(5, 12, 16, 3\)"),
    "alpha": (lambda x: torch.cat([x, x[..., :1]], -1), "A fourth channel is no colour"),
    "one view": (lambda x: x[0], "This is one view; torch.stack"),
    "too few": (lambda x: x[:4], "There are 5 hidden poses in task.world_from_camera"),
    "training views": (
        lambda x: load_task("standin").train.images,
        "as many as the training views: render task.world_from_camera",
    ),
    "another size": (lambda x: x[:, ::2, ::2], r"Render at task\.resolution, 12×16"),
    "no dimensions": (lambda x: x.sum(), r"shape \(\); .*Render every pose"),
    "NaN": (with_nan, "hold 1 values that are NaN or infinite, the first in view 3"),
    "0 to 255": (lambda x: x * 255, r"do they run from 0 to 255\? Then images / 255"),
    "-1 to 1": (lambda x: x * 2 - 1, r"do they run from -1 to 1\? Then \(images \+ 1\) / 2"),
    "far out": (lambda x: x * 1000 - 500, "colours lie in .0, 1.; end the network with a sigmoid"),
}  # fmt: skip


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        PredictionsError, match=r"cannot be written into .*file/predictions: .*another `folder`"
    ):
        export_predictions("standin", GOOD, folder=tmp_path / "file")


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_and_nothing_is_written(name: str) -> None:
    change, message = WRONG[name]
    with pytest.raises(PredictionsError, match=message):
        export_predictions("standin", change(GOOD.detach()))  # type: ignore[arg-type]
    assert not FILE.exists()


def test_a_failed_export_leaves_the_last_good_one() -> None:
    before = export_predictions("standin", GOOD.detach()).read_bytes()
    with pytest.raises(PredictionsError):
        export_predictions("standin", GOOD.detach() * 255)
    assert FILE.read_bytes() == before
    assert [p.name for p in FILE.parent.iterdir()] == [FILE.name]


def test_names_and_tasks_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PredictionsError, match=r"called 'standing'\. Did you mean 'standin'\?"):
        export_predictions("standing", GOOD.detach())
    with pytest.raises(PredictionsError, match=r"leaderboard_name is text, or None .*; got True"):
        export_predictions("standin", GOOD.detach(), True)  # type: ignore[arg-type]
    with pytest.raises(PredictionsError, match="has no letter that can be shown"):
        export_predictions("standin", GOOD.detach(), "\u200b\u202e")
    export_predictions("standin", GOOD.detach(), "x" * 30)
    assert f"it was cut to {'x' * 24!r}" in capsys.readouterr().out


def test_the_bands_are_shown_as_the_grader_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    table = show_bands("standin")
    assert repr(table).splitlines() == [
        "2.2 Stripes, on average over the hidden views:",
        "  in form: 2 points",
        "  PSNR ≥ 20 dB: 2 points",
        "  PSNR ≥ 25 dB and SSIM ≥ 0.5: 2 points",
        "  PSNR ≥ 30 dB: 2 points",
    ]
    html = table._repr_html_()  # type: ignore[union-attr]
    assert [html.count(band.title) for band in TASK.bands] == [1, 1, 1]
    assert show_bands("nosuch") is None
    assert "no trained exercise called 'nosuch'" in capsys.readouterr().out
    assert {"show_bands", "export_predictions"} <= set(autograder.__all__)
    assert autograder.show_bands is show_bands


def test_check_tells_whether_predictions_are_there_and_in_form() -> None:
    (missing,) = display.run_checks("standin", {}).results
    assert missing.status == Status.COULD_NOT_RUN
    assert "predictions/standin.safetensors is not there yet" in missing.checks[0].message
    export_predictions("standin", GOOD.detach())
    report = display.run_checks("standin", {})
    (there,) = report.results
    assert [c.status for c in there.checks] == [Status.PASSED, *[Status.COULD_NOT_RUN] * 3]
    text = repr(report)
    assert "✓ passed: The predictions are there and in form" in text
    assert "PSNR ≥ 25 dB and SSIM ≥ 0.5" in text
    assert text.count("decided in grading, on hidden views") == 3
    FILE.write_bytes(FILE.read_bytes()[:-1])
    (broken,) = display.run_checks("standin", {}).results
    assert broken.checks[0].status == Status.FAILED
    assert "is damaged" in broken.checks[0].message


def test_check_without_a_name_goes_through_trained_exercises_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(display, "load_catalogue", lambda name: replace(CATALOGUE, exercises=()))
    assert [r.exercise for r in display.run_checks(None, {}).results] == ["standin"]


def test_check_and_submit_notice_predictions_of_an_earlier_release(tmp_path: Path) -> None:
    export_predictions("standin", GOOD.detach())
    newer = draw_task(replace(TASK, version=2), "next year").public
    newer.save(tmp_path / "assets/data/trained/02_sums/standin.safetensors")
    (result,) = display.run_checks("standin", {}).results
    assert result.checks[0].status == Status.FAILED
    assert "made for another release of the task" in result.checks[0].message


def test_submit_packs_predictions_and_says_when_they_are_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = "def total(numbers):\n    return numbers.sum()"
    cell = {"cell_type": "code", "metadata": {"exercise": "total"}, "source": source}
    Path("mine.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}))
    autograder.submit("ada", notebook="mine.ipynb")
    said = " ".join(capsys.readouterr().out.split())
    assert "2.2 Stripes: predictions/standin.safetensors is not there; train, then run" in said
    export_predictions("standin", GOOD.detach())
    capsys.readouterr()
    path = autograder.submit("ada", notebook="mine.ipynb")
    assert "Every exercise and every question has an answer." in capsys.readouterr().out
    with zipfile.ZipFile(path) as archive:
        assert archive.read("predictions/standin.safetensors") == FILE.read_bytes()
    FILE.write_bytes(b"no file of ours")
    autograder.submit("ada", notebook="mine.ipynb")
    assert re.search(r"2\.2 Stripes: predictions/.* is damaged", capsys.readouterr().out)
