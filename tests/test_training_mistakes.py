"""What `fit`, its settings and `psnr` say about what cannot be trained or compared."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from course_lib.training import FitConfig, fit, psnr


def test_psnr_of_no_picture_is_no_number() -> None:
    image = torch.rand(4, 5, 3)
    broken = image.clone()
    broken[1, 2] = torch.tensor([math.nan, math.inf, 0.5])
    with pytest.raises(ValueError, match="2 values of the image and 0 of the truth are NaN or inf"):
        psnr(broken, image)
    with pytest.raises(ValueError, match="0 values of the image and 2 of the truth"):
        psnr(image, broken)
    with pytest.raises(ValueError, match=r"nothing to compare; both have shape \(0, 5, 3\)"):
        psnr(image[:0], image[:0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 2.5}, "steps must be a whole number, 1 or more, not 2.5"),
        ({"steps": "10"}, "steps must be a whole number, 1 or more, not '10'"),
        ({"seed": None}, "seed must be a whole number, not None"),
        ({"evaluate_every": -1}, "evaluate_every must be a whole number of steps, or 0"),
        ({"learning_rate": "fast"}, "learning_rate must be a positive number, not 'fast'"),
        ({"clip_gradient": -1.0}, "clip_gradient must be a positive number or None, not -1.0"),
        ({"final_rate": -3.0}, "final_rate must be a share of the rate, 0 to 1, not -3.0"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FitConfig(**({"steps": 2} | settings))


WEIGHTS = nn.Linear(2, 1)
BAD_CALLS: dict[str, dict[str, Any]] = {
    "loss returned a NoneType": {"loss": lambda _: None},
    r"loss returned a tensor of shape \(3,\)": {
        "loss": lambda _: torch.ones(3, requires_grad=True)
    },
    "a number that does not depend on any parameter": {"loss": lambda _: torch.tensor(1.0)},
    r"parameters are a Linear; pass model.parameters\(\)": {"parameters": WEIGHTS},
    "checkpoint is a file's name without a folder, not '../mine'": {"checkpoint": "../mine"},
    "checkpoint is a file's name without a folder, not ''": {"checkpoint": ""},
    "evaluate returned a float": {"evaluate": lambda: 3.0},
    r"evaluate returned .* for 'psnr', not a number": {"evaluate": lambda: {"psnr": torch.ones(3)}},
}


@pytest.mark.parametrize("message", BAD_CALLS)
def test_calls_that_make_no_sense_are_named(message: str) -> None:
    call: dict[str, Any] = {
        "loss": lambda _: WEIGHTS(torch.ones(2)).sum(),
        "parameters": WEIGHTS.parameters(),
        "config": FitConfig(1),
    }
    with pytest.raises(ValueError, match=message):
        fit(**(call | BAD_CALLS[message]))


def test_metrics_may_be_tensors_of_one_number() -> None:
    history = fit(
        lambda _: WEIGHTS(torch.ones(2)).sum(),
        WEIGHTS.parameters(),
        FitConfig(1),
        evaluate=lambda: {"psnr": torch.tensor(20.5)},  # type: ignore[dict-item]
    )
    assert type(history.last("psnr")) is float
