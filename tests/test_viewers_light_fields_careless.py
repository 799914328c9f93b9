"""What the viewers of notebook 5 say to a careless caller: which argument is wrong, and what to give instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from course_lib.viewers import (
    RayChart,
    show_cloud,
    show_epi,
    show_line_distance,
    show_plucker,
    show_quality_against_speed,
    show_ray_charts,
)

EYES = torch.tensor([[2.0, 0, 0], [0, 2, 0]])
TURN = torch.linspace(0, 360, 5)
CHART = RayChart([1, 0], torch.zeros(5, 4))
EPI, FRAMES = torch.rand(8, 9, 3), torch.rand(2, 6, 7, 3)
POINTS = torch.rand(5, 3)
MODEL = ("SRN", 8.0, 24.0, 4)


def charts(charts: Any, **options: Any) -> Callable[[], Any]:
    options = {"origins": EYES, "directions": -EYES, "angles": TURN} | options
    return lambda: show_ray_charts(charts=charts, **options)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "no line": (
        lambda: show_plucker([0, 0, 0, 1, 2, 3], [0, 0, 0]),
        "line has the direction d = 0",
    ),
    "a batch of lines": (
        lambda: show_plucker(torch.ones(2, 6), [0, 0, 0]),
        r"line must have shape \(6\)",
    ),
    "a line that is lost": (
        lambda: show_plucker([1, 0, 0, 0, 0, float("nan")], [0, 0, 0]),
        r"line is \[.*nan\]; all of it must be finite",
    ),
    "one nearest point": (
        lambda: show_line_distance(POINTS[:1], POINTS[:2]),
        r"nearest must have shape \(2 3\); got \(1, 3\)",
    ),
    "a way to nowhere": (
        lambda: show_line_distance(POINTS[:2], [[1, 0, 0], [0, 0, 0]]),
        r"directions\[1\] is zero",
    ),
    "charts without names": (charts([CHART]), r"charts must be one to 6 by name.*got list of 1"),
    "no charts": (charts({}), "one to 6 by name"),
    "a pair as a chart": (charts({"a": ([1, 0], 3)}), r"charts\['a'\] is a tuple; give RayChart"),
    "a mask that is short": (
        charts({"a": RayChart([1], torch.zeros(5, 4))}),
        r"named of charts\['a'\] must have shape \(2\); got \(1,\)",
    ),
    "a third way": (
        charts({"a": RayChart([1, 3], torch.zeros(5, 4))}),
        r"named of charts\['a'\] has 3 at 1; use 0 \(no name\), 1 \(its own\) or 2",
    ),
    "another walk": (
        charts({"a": RayChart([1, 1], torch.zeros(4, 4))}),
        r"walk of charts\['a'\] must have shape \(5 c\); got \(4, 4\)",
    ),
    "outlines in space": (
        charts({"a": RayChart([1, 1], torch.zeros(5, 4), [POINTS])}),
        r"outlines\[0\] of charts\['a'\] must have shape \(k 2\)",
    ),
    "no scene": (charts({"a": CHART}, radius=0), "radius is 0; .* > 0"),
    "one place": (charts({"a": CHART}, angles=TURN[:1]), "2 rays and 1 angles; give some, and two"),
    "frames without a row": (lambda: show_epi(EPI, FRAMES), "give both or neither"),
    "a row without frames": (lambda: show_epi(EPI, None, 3), "give both or neither"),
    "a row below": (lambda: show_epi(EPI, FRAMES, 6), "row is 6, but frames have rows 0 … 5"),
    "many frames": (
        lambda: show_epi(EPI, torch.rand(5, 6, 7, 3), 1),
        "frames has 5 images; give at most 4",
    ),
    "places out of range": (
        lambda: show_epi(EPI, FRAMES, 1, places=[0, 2]),
        r"places is \[0.0, 2.0\]; each must be in \[0, 1\]",
    ),
    "places of nothing": (lambda: show_epi(EPI, places=[0]), "places has no frames to go with"),
    "slopes of nothing": (lambda: show_epi(EPI, slopes=[1]), "a line needs a point and a slope"),
    "a slope that is lost": (
        lambda: show_epi(EPI, through=[[0, 0]], slopes=[float("inf")]),
        r"slopes\[0\] is inf; leave out lines that are not finite",
    ),
    "a batch of images": (
        lambda: show_epi(FRAMES),
        r"epi must have shape \(h w 3\); got \(2, 6, 7, 3\)",
    ),
    "no points": (lambda: show_cloud(POINTS[:0]), r"points is empty, of shape \(0, 3\)"),
    "points that are lost": (lambda: show_cloud(POINTS / 0), "points has no finite point"),
    "colours of others": (
        lambda: show_cloud(POINTS, POINTS[:2]),
        r"colors must have shape \(5 3\)",
    ),
    "colours of no truth": (
        lambda: show_cloud(POINTS, truth_colors=POINTS),
        "truth_colors has no truth",
    ),
    "colours of another truth": (
        lambda: show_cloud(POINTS, None, POINTS, POINTS[:2]),
        r"truth_colors must have shape \(5 3\)",
    ),
    "no sides": (lambda: show_cloud(POINTS, sides=[]), "sides has 0 pairs; give 1 to 4"),
    "no models": (lambda: show_quality_against_speed([]), "rows has 0 models; give 1 to 7"),
    "half a model": (
        lambda: show_quality_against_speed([MODEL[:2]]),
        r"rows\[0\] is \('SRN', 8.0\); give",
    ),
    "no speed": (
        lambda: show_quality_against_speed([MODEL, ("NeRF", 0, 20, 9)]),
        r"rows\[1\], 'NeRF', has 0 frames a second and 20 dB; give finite",
    ),
    "no evaluation": (
        lambda: show_quality_against_speed([("NeRF", 1, 20, 0)]),
        r"rows\[0\], 'NeRF', has 0 evaluations per ray; give 1 or more",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_says_which_argument_is_wrong(wrong: str) -> None:
    call, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        call()
