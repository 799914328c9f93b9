"""What a student waits for: PSNR of photographs not trained on, against processor time, one thread, one seed.

The small scene network of notebook 4 and the light field network of notebook 5 on 100 objects of Shepard and Metzler ×
15 photographs, on 100 of three boxes × 15, and on 300 cars × 12, all 64×64; the recipes are in
benchmarks/scene_networks.py and benchmarks/light_fields.py. Seconds are of the processor, without the evaluations,
everything else included. The mean image says how hard a data set is. COURSE_MODE=smoke takes seconds.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks import light_fields, scene_networks
from benchmarks.scene_networks import Recipe, image_psnr, mean_psnr, photographs, train
from benchmarks.timing import Figure

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
MODELS = {"SRN": scene_networks.RECIPES, "LFN": light_fields.RECIPES}
LINES = {"SRN": "-", "LFN": "--"}
LIMITS = {  # seconds, dB; of SRN
    "shepard_metzler": (240.0, 27.0),
    "three_boxes": (60.0, 26.0),
    "cars": (None, None),
}
TITLES = {"shepard_metzler": "Shepard–Metzler", "three_boxes": "three boxes", "cars": "cars"}
EVALUATIONS = 2 if SMOKE else 8


def figures() -> list[Figure]:
    """The curve of every data set, and where it ends."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [figure for name in LIMITS for figure in _curves(name)]
    finally:
        torch.set_num_threads(threads)


def _curves(name: str) -> list[Figure]:
    listed = [
        figure for model, recipes in MODELS.items() for figure in _curve(model, recipes[name])
    ]
    seen, further = photographs(_budget(MODELS["SRN"][name]))
    mean = seen.images.mean((0, 1)).expand_as(further.images)
    return [Figure(f"{TITLES[name]}: mean image", image_psnr(mean, further.images), "dB"), *listed]


def _budget(recipe: Recipe) -> Recipe:
    return replace(recipe, objects=6, photographs=4, steps=6) if SMOKE else recipe


def _curve(model: str, recipe: Recipe) -> list[Figure]:
    name, recipe = recipe.category, _budget(recipe)
    title = f"{TITLES[name]}, {model}"
    seconds, decibels = LIMITS[name] if model == "SRN" else (None, None)
    seen, further = photographs(recipe)
    trained = train(recipe, 0, seen, further, evaluations=EVALUATIONS)
    reached = mean_psnr(trained.model, trained.codes[:100], further[:100])
    size = sum(parameter.numel() for parameter in trained.model.parameters())
    history = trained.history
    curve = [
        Figure(f"{title}: after {trained.seconds * step / recipe.steps:.0f} s", value, "dB")
        for step, value in zip(history.steps, history.curve("psnr"), strict=True)
        if step < recipe.steps
    ]
    return [
        *curve,
        Figure(f"{title}: held-out views", reached, "dB", decibels, at_least=True),
        Figure(f"{title}: training", trained.seconds, "s", seconds),
        Figure(f"{title}: parameters without codes", size / 1e6, "million"),
    ]


def draw(found: list[Figure], title: str, path: Path) -> None:
    """PSNR over seconds: a colour for each data set, a line for each model, dotted at what the mean image reaches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(8, 4.5), layout="constrained")
    FigureCanvasAgg(canvas)
    axes = canvas.subplots()
    value = {figure.name: figure.value for figure in found}
    for (name, label), color, mark in zip(
        TITLES.items(), ("#0072b2", "#d55e00", "#009e73"), "os^", strict=True
    ):
        for model, line in LINES.items():
            face = color if model == "SRN" else "white"
            axes.plot(
                *zip(*steps(value, f"{label}, {model}"), strict=True),
                line,
                color=color,
                marker=mark,
                markerfacecolor=face,
                label=f"{label}, {model}",
            )
        axes.axhline(value[f"{label}: mean image"], color=color, linestyle=":", linewidth=1)
        seconds, decibels = LIMITS[name]
        if seconds is not None and decibels is not None:
            axes.scatter([seconds], [decibels], 110, marker="x", color=color)
    axes.set_xlabel("seconds of one core")
    axes.set_ylabel("PSNR of photographs not trained on (dB)")
    axes.set_xlim(left=0)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    canvas.legend(
        frameon=False,
        title="dotted: the mean image\n×: what was aimed at with SRN",
        loc="outside center right",
    )
    canvas.suptitle(title, fontsize=11, x=0.02, ha="left")
    canvas.savefig(path, dpi=110)


def steps(value: dict[str, float], curve: str) -> list[tuple[float, float]]:
    """Seconds and decibels of one curve, its end included."""
    found = [
        (float(key.rpartition(" after ")[2].removesuffix(" s")), decibels)
        for key, decibels in value.items()
        if key.startswith(f"{curve}: after ")
    ]
    return [*found, (value[f"{curve}: training"], value[f"{curve}: held-out views"])]
