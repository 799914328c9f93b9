"""A full disk, a folder that takes no file: whatever a student does there says so, and what is there stays whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder import submit
from autograder.catalogue import all_notebooks, load_catalogue
from autograder.notebook.locate import SubmissionError
from course_lib.training import FitConfig, fit

REPOSITORY = Path(__file__).parents[1]
NOTEBOOK = all_notebooks()[0]
SOURCE = REPOSITORY / "notebooks" / f"{NOTEBOOK}.ipynb"
ZIP = f"{NOTEBOOK}_s1.zip"
TRAINED = next(t for name in all_notebooks() for t in load_catalogue(name).trained)
# Files that this process writes end after a few bytes, as on a full disk. The errors are the system's own.
FULL = """
import json, resource, sys
from pathlib import Path
import torch
from autograder import export_predictions, submit
from course_lib.training import FitConfig, fit

source, packed, task, *views = sys.argv[1:]
images = torch.zeros(*map(int, views), 3)
weights = torch.zeros(2, requires_grad=True)
config = FitConfig(steps=5, learning_rate=0.1, checkpoint_seconds=0)
acts = {
    "fit": lambda: len(
        fit(lambda g: (weights - 1).square().sum(), [weights], config, checkpoint="line").losses
    ),
    "export": lambda: str(export_predictions(task, images)),
    "submit": lambda: str(submit("s1", notebook=source)),
}
acts["export"](), acts["submit"]()
before = {path.name: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
said = {}
resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.RLIM_INFINITY))
for name, act in acts.items():
    try:
        said[name] = act()
    except Exception as error:
        said[name] = f"{type(error).__name__}: {error}"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
said["whole"] = before == {p.name: p.read_bytes() for p in Path().rglob("*") if p.is_file()}
Path("said.json").write_text(json.dumps(said))
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each act says when there is no room, and what it prints."""
    folder = tmp_path_factory.mktemp("full")
    facts = [str(SOURCE), ZIP, TRAINED.id, *map(str, TRAINED.views)]
    done = subprocess.run(
        [sys.executable, "-c", FULL, *facts],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads((folder / "said.json").read_text())
    return {**said, "printed": done.stdout}


def test_what_was_written_before_stays_and_nothing_half_is_left(full: dict[str, Any]) -> None:
    assert full["whole"]


def test_training_goes_on_without_its_checkpoint(full: dict[str, Any]) -> None:
    assert full["fit"] == 5
    assert full["printed"].count("cannot be written: File too large. The training goes on") == 1


@pytest.mark.parametrize(
    ("act", "error", "remedy"),
    [
        (
            "export",
            "PredictionsError",
            "or give another `folder`. The file that was exported before,",
        ),
        (
            "submit",
            "SubmissionError",
            'submit("your id", folder="…"). The zip that was packed before,',
        ),
    ],
)
def test_the_message_names_the_way_out(
    act: str, error: str, remedy: str, full: dict[str, Any]
) -> None:
    assert full[act].startswith(f"{error}: ")
    assert "File too large. Free some space" in full[act]
    assert remedy in full[act]


class TestNoFolder:
    """A file stands where a folder should be: even root may not write there."""

    @pytest.fixture(autouse=True)
    def _own_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def train(self, stop_at: int = 9) -> list[float]:
        weights, steps = torch.zeros(2, requires_grad=True), iter(range(10))

        def loss(generator: torch.Generator) -> torch.Tensor:
            if next(steps) == stop_at:
                raise KeyboardInterrupt
            return (weights - 1).square().sum()

        config = FitConfig(steps=5, learning_rate=0.1, checkpoint_seconds=0)
        return fit(loss, [weights], config, checkpoint="line").losses

    def test_training_ends_as_without_a_checkpoint(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        expected = self.train()
        Path("checkpoints").rmdir()
        Path("checkpoints").write_text("")
        assert self.train() == expected
        assert "The checkpoint checkpoints/line" in capsys.readouterr().out

    def test_the_stop_button_is_not_hidden_by_it(self) -> None:
        Path("checkpoints").write_text("")
        with pytest.raises(KeyboardInterrupt):
            self.train(stop_at=2)

    def test_a_room_that_is_made_is_used(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("checkpoints").write_text("")
        with pytest.raises(KeyboardInterrupt):
            self.train(stop_at=2)
        Path("checkpoints").unlink()
        with pytest.raises(KeyboardInterrupt):
            self.train(stop_at=3)
        assert len(self.train()) == 5
        assert "Continuing at step 3" in capsys.readouterr().out

    def test_a_zip_says_where_it_could_not_go(self) -> None:
        Path("taken").write_text("")
        with pytest.raises(
            SubmissionError, match=r"cannot be written into .*taken.*another folder"
        ):
            submit("s1", notebook=SOURCE, folder="taken")
