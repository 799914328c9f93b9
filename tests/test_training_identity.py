"""A checkpoint of another model or other data is refused by name; one from another device goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_lib.data import PosedViews, fingerprint
from course_lib.training import CheckpointError, FitConfig, checkpoint_folder, fit
from course_lib.training.checkpoints import read_checkpoint, write_checkpoint

CONFIG = FitConfig(steps=6, learning_rate=0.1)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def summed(
    tensors: list[Tensor], stop_at: int | None = None
) -> Callable[[torch.Generator], Tensor]:
    calls = 0

    def loss(generator: torch.Generator) -> Tensor:
        nonlocal calls
        if calls == stop_at:
            raise KeyboardInterrupt
        calls += 1
        noise = torch.rand((), generator=generator)
        return torch.stack([(tensor - noise).square().sum() for tensor in tensors]).sum()

    return loss


def parameters(*shapes: tuple[int, ...]) -> list[Tensor]:
    return [torch.zeros(shape, requires_grad=True) for shape in shapes]


def interrupted(tensors: list[Tensor], **more: Any) -> Path:
    groups = more.pop("groups", tensors)
    with pytest.raises(KeyboardInterrupt):
        fit(summed(tensors, 3), groups, CONFIG, checkpoint="run", **more)
    (path,) = checkpoint_folder().glob("*")
    return path


@pytest.mark.parametrize(
    ("there", "here", "message"),
    [
        ([(2, 3), (3,)], [(3,), (2, 3)], r"parameter 0 has shape \(2, 3\) there and \(3,\) here"),
        ([(2, 3), (3,)], [(2, 3), (4,)], r"parameter 1 has shape \(3,\) there and \(4,\) here"),
        ([(2, 3), (3,)], [(2, 3)], "other parameters: 2 there and 1 here"),
        ([(2,)], [(2,), (2,)], "other parameters: 1 there and 2 here"),
    ],
)
def test_another_architecture(there: list[Any], here: list[Any], message: str) -> None:
    path = interrupted(parameters(*there))
    before, tensors = path.read_bytes(), parameters(*here)
    with pytest.raises(CheckpointError, match=message) as caught:
        fit(summed(tensors), tensors, CONFIG, checkpoint="run")
    assert "Delete it to train anew, or pass another name" in str(caught.value)
    assert path.read_bytes() == before  # refused, not lost
    assert all(not tensor.any() for tensor in tensors)


def test_other_groups() -> None:
    a, b = parameters((2,), (2,))
    interrupted([a, b], groups={1.0: [a], 5.0: [b]})
    c, d = parameters((2,), (2,))
    with pytest.raises(
        CheckpointError, match=r"grouped as \[\[1.0, 1\], \[5.0, 1\]\].*\[\[1.0, 2\]\]"
    ):
        fit(summed([c, d]), [c, d], CONFIG, checkpoint="run")
    fit(summed([c, d]), {1: [c], 5: [d]}, CONFIG, checkpoint="run")


@pytest.mark.parametrize(
    ("there", "here", "refused"),
    [
        ("cars", "chairs", True),
        ("cars", "cars", False),
        ("cars", None, False),
        (None, "chairs", False),
    ],
)
def test_other_data(there: str | None, here: str | None, refused: bool) -> None:
    interrupted(parameters((2,)), data=there)
    tensors = parameters((2,))
    if refused:
        with pytest.raises(
            CheckpointError, match=r"other data: on 'cars', and here is 'chairs'\. Del"
        ):
            fit(summed(tensors), tensors, CONFIG, checkpoint="run", data=here)
        assert not tensors[0].any()
    else:
        assert len(fit(summed(tensors), tensors, CONFIG, checkpoint="run", data=here).losses) == 6


def test_data_that_is_no_text_is_named() -> None:
    tensors = parameters((2,))
    with pytest.raises(
        ValueError, match=r"data is a Tensor; .* course_lib.data.fingerprint\(views\)"
    ):
        fit(summed(tensors), tensors, CONFIG, data=torch.ones(3))  # type: ignore[arg-type]


def test_a_checkpoint_from_a_gpu_goes_on_here_with_other_batches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = interrupted(parameters((2,)))
    found = read_checkpoint(path)
    foreign = found.tensors | {"generator": torch.zeros(16, dtype=torch.uint8)}  # as CUDA's is
    write_checkpoint(path, foreign, found.numbers | {"device": "cuda"})
    tensors = parameters((2,))
    history = fit(summed(tensors), tensors, CONFIG, checkpoint="run")
    assert len(history.losses) == 6
    assert "made on cuda; here, on cpu, the batches to come are other" in capsys.readouterr().out


def views(seed: int, name: str = "boxes", batch: tuple[int, ...] = (3, 4)) -> PosedViews:
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(*batch, 6, 5, 3, generator=generator)
    poses = torch.eye(4).repeat(*batch, 1, 1)
    poses[..., :3, 3] = torch.randn(*batch, 3, generator=generator)
    K = torch.tensor([[1.0, 0, 0.5], [0, 1.2, 0.5], [0, 0, 1]])
    return PosedViews(images, K, poses, 0.5, 2.0, name=name)


def test_the_fingerprint_is_a_line_to_read() -> None:
    line = fingerprint(views(1))
    assert line.startswith("boxes: 3 × 4 views of 6×5, colour 0.")
    assert fingerprint(views(1)) == line


@given(st.integers(0, 1000), st.integers(1001, 2000))
def test_other_scenes_have_another_fingerprint(one: int, other: int) -> None:
    assert fingerprint(views(one)) != fingerprint(views(other))


def test_name_number_and_order_are_in_the_fingerprint() -> None:
    line = fingerprint(views(1))
    assert fingerprint(views(1, "cars")) != line
    assert fingerprint(views(1)[:2]) != line
    assert fingerprint(views(1).flat()) != line
    assert fingerprint(views(1)[[1, 0, 2]]) != line


def test_the_last_bits_of_a_rendering_are_not_in_the_fingerprint() -> None:
    for seed in range(20):
        exact = views(seed)
        noise = 1e-6 * torch.randn(
            exact.images.shape, generator=torch.Generator().manual_seed(seed)
        )
        shaken = (exact.images + noise).clamp(0, 1)
        other = PosedViews(
            shaken, exact.K, exact.world_from_camera, exact.near, exact.far, name=exact.name
        )
        assert fingerprint(other) == fingerprint(exact)


def test_one_view_and_views_without_a_name_have_a_fingerprint() -> None:
    one = views(1, name="")[0][0]
    assert fingerprint(one).startswith("unnamed: 1 view of 6×5, colour")
