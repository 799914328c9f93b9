"""A picture that is replaced while something trains: one place, the newest picture in it."""

from __future__ import annotations

from typing import Any

import IPython.display
import pytest
import torch

from course_lib import viewers
from course_lib.training import FitConfig, fit


class Place:
    """Stands for IPython's handle of an output."""

    def __init__(self, first: object) -> None:
        self.held = [first]

    def update(self, picture: object) -> None:
        self.held.append(picture)


def test_each_picture_takes_the_place_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[Place] = []

    def display(picture: object, *, display_id: bool) -> Any:
        assert display_id is True
        places.append(Place(picture))
        return places[-1]

    monkeypatch.setattr(IPython.display, "display", display)
    live = viewers.LivePicture()
    weight = torch.nn.Parameter(torch.ones(3))

    def look(step: int) -> None:
        live.show(viewers.show_images([torch.rand(4, 4, 3)], [f"after {step} steps"]))

    look(0)
    fit(
        lambda generator: weight.square().sum(),
        [weight],
        FitConfig(4, evaluate_every=2),
        evaluate=lambda: {"size": weight.norm().item()},
        show=look,
    )
    (place,) = places  # one place for all
    assert len(place.held) >= 3
    assert all(isinstance(picture, viewers.Picture) for picture in place.held)
    another = viewers.LivePicture()
    another.show(place.held[0])  # type: ignore[arg-type]
    assert len(places) == 2  # its own place
