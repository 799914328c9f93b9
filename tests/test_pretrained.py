"""Trained numbers that ship: they fill modules with other names, and say what does not fit."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from course_lib.data.manifest import AssetError
from course_lib.training import pretrained
from course_lib.training.checkpoints import CheckpointError
from course_lib.training.pretrained import (
    Pretrained,
    PretrainedError,
    load_pretrained,
    save_pretrained,
)


def network(*sizes: int) -> nn.Sequential:
    return nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(sizes)))


class Renamed(nn.Module):
    """The layers of `network(3, 4, 4, 2)` under other names, the last one registered first."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(4, 2)
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.out(self.second(self.first(x)))
        return result


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nn.Sequential:
    """A network whose numbers ship as 'toy'."""
    torch.manual_seed(0)
    model, table = network(3, 4, 4, 2), nn.Embedding(5, 3)
    modules = {"model": list(model.parameters()), "table": list(table.parameters())}
    save_pretrained(tmp_path / "toy.safetensors", modules, {"seed": 0, "psnr": 27.5})
    names = {"pretrained_toy": tmp_path / "toy.safetensors"}
    monkeypatch.setattr(pretrained, "asset_path", names.__getitem__)
    return model


def test_numbers_fill_a_module_whatever_its_names(shipped: nn.Sequential) -> None:
    other, found = Renamed(), load_pretrained("toy")
    found.fill(model=other)
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(other(x), shipped(x), atol=2e-3, rtol=0)
    assert found.about == {"seed": 0, "psnr": 27.5}
    assert all(parameter.requires_grad for parameter in other.parameters())


def test_other_sizes_are_refused_and_nothing_is_changed(shipped: nn.Sequential) -> None:
    del shipped
    good, wide = network(3, 4, 4, 2), network(3, 8, 4, 2)
    before = [parameter.clone() for parameter in good.parameters()]
    message = r"table has 6 parameters .*2 × \(4,\).* the numbers are for 1 of \(5, 3\).* sizes in `about`"
    with pytest.raises(PretrainedError, match=message):
        load_pretrained("toy").fill(model=good, table=network(3, 4, 4, 2))
    with pytest.raises(PretrainedError, match=r"model has 6 parameters"):
        load_pretrained("toy").fill(model=wide)
    assert all(map(torch.equal, good.parameters(), before))


def test_an_unknown_module_or_name_is_said(shipped: nn.Sequential) -> None:
    with pytest.raises(PretrainedError, match=r"no numbers for 'net'; there are: model, table"):
        load_pretrained("toy").fill(net=shipped)


def test_what_does_not_ship_is_an_asset_error() -> None:
    with pytest.raises(AssetError, match="pretrained_unicorns"):
        load_pretrained("unicorns")


def test_a_damaged_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"half a file")
    monkeypatch.setattr(pretrained, "asset_path", lambda name: broken)
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_pretrained("toy")


def test_order_decides_among_layers_of_one_shape() -> None:
    model = network(2, 2, 2)
    numbers = [torch.full((2, 2), 1.0), torch.zeros(2), torch.full((2, 2), 2.0), torch.ones(2)]
    Pretrained({"model": numbers}, {}).fill(model=model)
    assert [float(p.detach().flatten()[0]) for p in model.parameters()] == [1, 0, 2, 1]
