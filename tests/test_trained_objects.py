"""Tasks of many objects: drawn, saved, exported, kept and judged; what there was for one scene stays as it was."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from autograder.catalogue import TrainedExercise
from autograder.handouts.task_files import task_drift
from autograder.notebook.predictions_in_form import in_form
from autograder.release.trained_bands import _nearest_views
from autograder.release.trained_tasks import find_hidden_views
from autograder.trained import kept as kept_module
from autograder.trained.container import unpack
from autograder.trained.drawn import Hidden, draw_task
from autograder.trained.judge import judge, views_of
from autograder.trained.kept import keep_task, kept_path, read_kept
from autograder.trained.predictions import Predictions, PredictionsError
from autograder.trained.strip import strip_png
from autograder.trained.task import Drawn
from course_lib.data import PosedViews, ViewTask, load_task
from tests import trained_standin
from tests.sound_views import make_views
from tests.trained_course import predicted
from tests.trained_objects_standin import HIDDEN, OBJECTS, SHOWN, TASK

DRAWN = draw_task(TASK, "a secret of these tests")
EXERCISE = TrainedExercise("objects", "3.9", "Objects", 8, TASK.bands, TASK.views)
SHAPE = (OBJECTS, HIDDEN, 12, 16, 3)
IMAGES = torch.rand(SHAPE, generator=torch.Generator().manual_seed(0))


def task_of(train: PosedViews, hidden: PosedViews) -> ViewTask:
    return ViewTask("made_up", "0" * 16, train, hidden.world_from_camera)


class TestFiles:
    @given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
    def test_a_task_of_objects_is_read_as_it_was_written(
        self, objects: int, shown: int, hidden: int
    ) -> None:
        import tempfile

        one = make_views(1, extras=False).K[0]
        train = replace(
            make_views(objects, shown, extras=False), K=one.expand(objects, shown, 3, 3)
        )
        drawn = task_of(train, make_views(objects, hidden, seed=1, extras=False))
        with tempfile.TemporaryDirectory() as folder:
            drawn.save(path := Path(folder, "task.safetensors"))
            task = ViewTask.load(path)
            assert task.to_bytes() == path.read_bytes()
        assert torch.equal(task.train.world_from_camera, train.world_from_camera)
        assert torch.equal(task.world_from_camera, drawn.world_from_camera)
        assert torch.equal(task.K, one)
        assert (task.train.images - train.images).abs().max() <= 0.5 / 255 + 1e-6
        assert (task.train.batch_shape, task.hidden_shape) == ((objects, shown), (objects, hidden))
        assert (len(task), task.resolution) == (objects * hidden, (5, 7))

    def test_it_says_how_many_there_are(self) -> None:
        assert repr(DRAWN.public) == (
            "ViewTask('objects': 3 × 2 views to train on, 3 × 4 to predict, 12×16, near 0.5, far 2, "
            f"{DRAWN.hidden.fingerprint})"
        )

    def test_the_files_of_one_scene_are_what_they_were(self) -> None:
        drawn = draw_task(trained_standin.TASK, "released")
        assert drawn.hidden.shown == b""
        assert drawn.public.hidden_shape == (5,)
        scene = load_task("fit_a_scene")
        assert (scene.fingerprint, scene.hidden_shape) == ("d6604e5ce1e9d947", (24,))
        assert scene.train.batch_shape == (60,)

    def test_other_objects_are_drift(self, tmp_path: Path) -> None:
        DRAWN.public.save(tmp_path / "task")
        assert task_drift(tmp_path, Path("task"), DRAWN.public) == ""
        poses = DRAWN.public.world_from_camera
        regrouped = replace(DRAWN.public, world_from_camera=poses.reshape(HIDDEN, OBJECTS, 4, 4))
        assert len(regrouped) == len(DRAWN.public)
        regrouped.save(tmp_path / "task")
        drift = task_drift(tmp_path, Path("task"), DRAWN.public)
        assert drift == "another number or size of views"


class TestDrawing:
    def test_objects_come_one_after_the_other(self) -> None:
        drawn = TASK.draw(DRAWN.seed)
        hidden = torch.from_numpy(views_of(DRAWN.hidden.images, DRAWN.hidden.shape).copy())
        assert DRAWN.hidden.shape == (OBJECTS * HIDDEN, 12, 16, 3)
        assert (hidden.reshape(SHAPE) / 255 - drawn.hidden.images).abs().max() <= 0.5 / 255 + 1e-6
        shown = torch.from_numpy(views_of(DRAWN.hidden.shown, (OBJECTS, 12, 16, 3)).copy()) / 255
        assert (shown - drawn.train.images[:, 0]).abs().max() <= 0.5 / 255 + 1e-6

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda d: Drawn(d.train[:2], d.hidden), r"views \(2, 2\) and hidden views \(3, 4\)"),
            (lambda d: Drawn(d.train.flat(), d.hidden), r"views \(6,\) and hidden views \(3, 4\)"),
            (lambda d: Drawn(d.train, d.hidden.flat()), r"\(3, 2\) and hidden views \(12,\)"),
            (lambda d: Drawn(d.train, d.hidden[:2]), r"views \(12, 12, 16\) and draws \(8, 12, 16\)"),
        ],
    )  # fmt: skip
    def test_shown_and_hidden_views_are_of_the_same_objects(
        self, change: Callable[[Drawn], Drawn], said: str
    ) -> None:
        wrong = replace(TASK, draw=lambda seed: change(TASK.draw(seed)))
        with pytest.raises(ValueError, match=said):
            draw_task(wrong, "x")


class TestExport:
    def test_by_object_or_one_after_the_other_is_the_same(self) -> None:
        by_object = in_form(IMAGES.requires_grad_(True), DRAWN.public)
        assert torch.equal(by_object, in_form(IMAGES.detach().flatten(0, 1), DRAWN.public))
        assert torch.equal(by_object[HIDDEN], IMAGES[1, 0])
        assert by_object.shape == (OBJECTS * HIDDEN, 12, 16, 3)

    WRONG: tuple[tuple[str, Callable[[Tensor], Tensor], str], ...] = (
        ("views first", lambda x: x.transpose(0, 1), r"The objects come first: images\.transpose\(0, 1\)"),
        ("channels first", lambda x: x.permute(0, 1, 4, 2, 3), r"images\.permute\(0, 1, 3, 4, 2\)"),
        ("channels first, flat", lambda x: x.flatten(0, 1).permute(0, 3, 1, 2), r"images\.permute\(0, 2, 3, 1\)"),
        ("flat pixels", lambda x: x.flatten(2, 3), r"images\.reshape\(3, 4, 12, 16, 3\)"),
        ("all pixels", lambda x: x.flatten(1, 3), r"images\.reshape\(3, 4, 12, 16, 3\)"),
        ("one view of each", lambda x: x[:, 0], r"one view of each object; render all 4 poses"),
        ("one object", lambda x: x[0], r"the views of one object; put those of all 3 together"),
        ("too few", lambda x: x.flatten(0, 1)[:7], "There are 12 hidden poses"),
        ("views shown", lambda x: DRAWN.public.train.flat().images, "as many as the training views"),
        ("width first", lambda x: x.transpose(2, 3), "Height comes before width"),
        ("another size", lambda x: x[:, :, ::2, ::2], r"Render at task\.resolution, 12×16"),
        ("alpha", lambda x: torch.cat([x, x[..., :1]], -1), "A fourth channel is no colour"),
        ("nothing", lambda x: x[:0], "Render every pose"),
    )  # fmt: skip

    @pytest.mark.parametrize(("name", "change", "said"), WRONG, ids=[name for name, *_ in WRONG])
    def test_what_is_wrong_is_said(
        self, name: str, change: Callable[[Tensor], Tensor], said: str
    ) -> None:
        with pytest.raises(PredictionsError, match=said) as told:
            in_form(change(IMAGES.detach()), DRAWN.public)
        assert "objects asks for (3, 4, 12, 16, 3): objects, hidden views of each" in str(
            told.value
        )
        assert "or (12, 12, 16, 3), object 0's first" in str(told.value)


class TestGrading:
    def test_good_predictions_are_judged_and_the_picture_shows_the_photograph(self) -> None:
        judged = judge(EXERCISE, predicted(DRAWN.hidden, 9), DRAWN.hidden)
        assert judged.scores is not None
        assert judged.result.points == 6
        said = judged.result.checks[0].message
        assert said.startswith("12 views; on average ")
        picture = judged.result.checks[0].evidence.picture_png
        assert picture is not None
        without = judge(EXERCISE, predicted(DRAWN.hidden, 9), replace(DRAWN.hidden, shown=b""))
        assert without.result.checks[0].evidence.picture_png != picture
        assert without.scores == judged.scores

    def test_every_column_has_the_photograph_of_its_own_object(self) -> None:
        hidden = np.zeros((6, 12, 16, 3), np.uint8)
        shown = np.stack([np.full((12, 16, 3), 60 * i, np.uint8) for i in (1, 2, 3)])
        psnr = [30.0, 10.0, 20.0, 5.0, 40.0, 35.0]  # from worst to best: views 3, 1, 2, 0, 5, 4
        picture = strip_png(hidden, hidden, psnr, shown)
        pixels = np.array(Image.open(io.BytesIO(picture)).convert("L"))
        scale = 7  # 16 · 7 = 112 pixels
        columns = [62 + i * (16 * scale + 3) + 50 for i in range(6)]
        assert [int(pixels[16 + 40, column]) for column in columns] == [120, 60, 120, 60, 180, 180]
        rows = (pixels.shape[0] - 16) / (12 * scale + 3)
        assert rows == 4

    def test_views_that_need_no_training_are_taken_from_the_same_object(self) -> None:
        train, poses = DRAWN.public.train, DRAWN.public.world_from_camera
        found = views_of(_nearest_views(DRAWN), SHAPE)
        for i in range(OBJECTS):
            for j in range(HIDDEN):
                away = (train.world_from_camera[i, :, :3, 3] - poses[i, j, :3, 3]).norm(dim=-1)
                best = train.images[i, int(away.argmin())]
                assert np.abs(found[i, j] / 255.0 - best.numpy()).max() <= 0.5 / 255 + 1e-6


class TestKept:
    def kept(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> Hidden:
        monkeypatch.setattr(kept_module, "find_task", lambda name: TASK)
        new, drawn_now = keep_task(root, "03_x", EXERCISE)
        assert drawn_now
        again = read_kept(root, "03_x", EXERCISE)
        assert again == new
        return new.hidden

    def test_the_photographs_are_kept_with_the_hidden_views(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hidden = self.kept(tmp_path, monkeypatch)
        assert len(hidden.shown) == OBJECTS * 12 * 16 * 3
        blocks, _ = unpack((tmp_path / kept_path("03_x", "objects")).read_bytes())
        assert {name: block.shape for name, block in blocks.items() if name != "public"} == {
            "hidden": (12, 12, 16, 3),
            "shown": (3, 12, 16, 3),
        }

    def test_a_file_of_one_scene_has_no_more_than_before(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kept_module, "find_task", lambda name: trained_standin.TASK)
        exercise = replace(EXERCISE, id="standin", views=trained_standin.TASK.views)
        kept, _ = keep_task(tmp_path, "02_x", exercise)
        blocks, _ = unpack((tmp_path / kept_path("02_x", "standin")).read_bytes())
        assert set(blocks) == {"hidden", "public"}
        assert kept.hidden.shown == b""
        assert read_kept(tmp_path, "02_x", exercise) == kept

    def test_a_release_that_shows_a_hidden_view_is_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from autograder.catalogue import Catalogue

        def careless(seed: str) -> Drawn:
            drawn = TASK.draw(seed)
            images = drawn.train.images.clone()
            images[2, 1] = drawn.hidden.images[2, 3]
            return Drawn(replace(drawn.train, images=images), drawn.hidden)

        monkeypatch.setattr(kept_module, "find_task", lambda name: replace(TASK, draw=careless))
        catalogue = Catalogue("03_x", "x", "X", (), (), (EXERCISE,))
        (tmp_path / "autograder/catalogue").mkdir(parents=True)
        (tmp_path / "autograder/catalogue/03_x.json").write_text(catalogue.to_json())
        keep_task(tmp_path, "03_x", EXERCISE)
        (finding,) = find_hidden_views(tmp_path, ["03_x"], {})
        assert "holds a hidden view of secrets/trained/03_x/objects" in finding.message


def test_predictions_of_another_object_earn_nothing() -> None:
    """The order counts: the views of objects that changed places are not those that are asked for."""
    views = views_of(DRAWN.hidden.images, SHAPE)[[1, 2, 0]]
    hidden = DRAWN.hidden
    file = Predictions("objects", hidden.fingerprint, hidden.shape, views.tobytes()).to_bytes()
    judged = judge(EXERCISE, file, hidden)
    assert judged.scores is not None
    assert judged.scores.psnr < 20
    assert judged.result.points == 2
    assert math.isfinite(judged.scores.ssim)
    assert SHOWN < HIDDEN
