"""Two kernels train the same run into one checkpoint folder: the further one is kept, and both are told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from course_lib.training import FitConfig, fit
from course_lib.training.checkpoints import read_checkpoint, write_checkpoint
from course_lib.training.identity import checkpoint_path
from course_lib.training.writers import since

CONFIG = FitConfig(steps=40, learning_rate=0.05, checkpoint_seconds=0)
Act = Callable[[int], object]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def train(before_step: Act = lambda step: None, at_end: Act = lambda step: None) -> Tensor:
    """A run that saves at every step; something else may happen before a step, and at the very end."""
    weights = torch.zeros(2, requires_grad=True)
    state = {"step": 0}

    def loss(generator: torch.Generator) -> Tensor:
        before_step(state["step"])
        state["step"] += 1
        return (weights - torch.rand(2, generator=generator)).square().mean()

    fit(loss, [weights], CONFIG, checkpoint="line", evaluate=lambda: {"a": 0.0}, show=at_end)
    return weights.detach()


def stop_at(wanted: int) -> Act:
    """The stop button, at the wanted call of the loss."""

    def act(step: int) -> None:
        if step == wanted:
            raise KeyboardInterrupt

    return act


def the_file() -> Path:
    return checkpoint_path("line", CONFIG)


def of_another_kernel(step: int, process: int = 0) -> bytes:
    """The checkpoint that another kernel has at that step."""
    with pytest.raises(KeyboardInterrupt):
        train(stop_at(step))
    found = read_checkpoint(the_file())
    writer = {**found.numbers["writer"], "name": "another"}
    writer |= {"process": process, "since": since(process)}
    write_checkpoint(the_file(), found.tensors, {**found.numbers, "writer": writer})
    data = the_file().read_bytes()
    the_file().unlink()
    return data


def test_a_checkpoint_that_is_further_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    alone = train()
    ahead = of_another_kernel(30)

    def meanwhile(step: int) -> None:
        if step == 5:
            the_file().write_bytes(ahead)  # the other one has saved
        stop_at(20)(step)

    capsys.readouterr()
    with pytest.raises(KeyboardInterrupt):
        train(meanwhile)
    assert the_file().read_bytes() == ahead
    said = capsys.readouterr().out
    assert said.count("Another kernel trains the same run and is further") == 1
    assert f"{the_file()} holds its step 30, this one is at 6" in said
    assert "Its checkpoint is kept. Stop this cell, and run it again when the other" in said
    assert torch.equal(train(), alone)  # from the other's step on, the same curve
    assert "Continuing at step 30" in capsys.readouterr().out


def test_also_where_this_run_began_from_the_others_checkpoint() -> None:
    ahead, behind = of_another_kernel(30), of_another_kernel(10)
    the_file().write_bytes(behind)

    def meanwhile(step: int) -> None:
        if step == 3:
            the_file().write_bytes(ahead)
        stop_at(6)(step)

    with pytest.raises(KeyboardInterrupt):
        train(meanwhile)
    assert the_file().read_bytes() == ahead


def test_one_that_is_behind_is_overtaken() -> None:
    behind = of_another_kernel(10)

    def meanwhile(step: int) -> None:
        if step == 19:
            the_file().write_bytes(behind)
        stop_at(20)(step)

    with pytest.raises(KeyboardInterrupt):
        train(meanwhile)
    assert read_checkpoint(the_file()).numbers["step"] == 20


def test_the_others_checkpoint_outlives_a_run_that_ends_first() -> None:
    behind = of_another_kernel(10)
    train(at_end=lambda step: the_file().write_bytes(behind))
    assert the_file().read_bytes() == behind


def test_of_another_model_it_is_no_rival() -> None:
    """The same name for other parameters: whoever saves last is there, as before."""
    ahead = of_another_kernel(30)
    the_file().write_bytes(ahead)
    found = read_checkpoint(the_file())
    numbers = {**found.numbers, "identity": {"shapes": [[3]]}}

    def meanwhile(step: int) -> None:
        if step == 5:
            write_checkpoint(the_file(), found.tensors, numbers)
        stop_at(9)(step)

    the_file().unlink()
    with pytest.raises(KeyboardInterrupt):
        train(meanwhile)
    assert read_checkpoint(the_file()).numbers["step"] == 9


def test_a_run_removes_what_it_continued() -> None:
    with pytest.raises(KeyboardInterrupt):
        train(stop_at(7))
    train()
    assert not list(the_file().parent.glob("*"))


def test_a_kernel_that_still_runs_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    sleeper = [sys.executable, "-c", "input()"]
    with subprocess.Popen(sleeper, stdin=subprocess.PIPE) as other:
        the_file().write_bytes(of_another_kernel(10, other.pid))
        train()
        other.communicate(b"\n")
    said = capsys.readouterr().out
    assert f"Another kernel (process {other.pid}) has written" in said
    assert "is this notebook open in a second tab or copy?" in said


def test_one_that_has_ended_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as ended:
        data = of_another_kernel(10, ended.pid)
        ended.communicate(b"\n")
    the_file().write_bytes(data)
    train()
    said = capsys.readouterr().out
    assert "Continuing at step 10" in said
    assert "Another kernel" not in said


def test_a_process_may_call_itself_what_it_likes() -> None:
    """Its name stands in the file that tells when it began: here one that is no text, with a bracket."""
    rename = (
        "import sys\nopen('/proc/self/comm', 'wb').write(b'\\xff) 1 2')\nprint(flush=True)\ninput()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", rename], **pipes) as other:  # type: ignore[call-overload]
        before = since(other.pid)
        other.stdout.readline()
        assert b"\xff) 1 2" in Path(f"/proc/{other.pid}/stat").read_bytes()
        assert since(other.pid) == before
        other.communicate(b"\n")
    assert before.isdigit()


def test_nor_one_whose_number_somebody_else_has_now(capsys: pytest.CaptureFixture[str]) -> None:
    """Systems give the numbers of processes away again."""
    the_file().write_bytes(of_another_kernel(10, 1))
    found = read_checkpoint(the_file())
    writer = {**found.numbers["writer"], "since": "-1"}
    write_checkpoint(the_file(), found.tensors, {**found.numbers, "writer": writer})
    train()
    assert "Another kernel" not in capsys.readouterr().out
