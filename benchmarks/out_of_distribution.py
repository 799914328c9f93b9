"""Notebook 3: a 2D baseline and five scene models inside and outside the training cameras, on three seeds."""

from __future__ import annotations

from benchmarks.executed import MARK, MODE, executed, numbers, sections
from benchmarks.inside_outside import draw as draw  # the picture of this group
from benchmarks.timing import Figure

NOTEBOOK = "03_auto_encoding"
SEEDS = (0, 1, 2)
BASELINE = "2D baseline"
GUESSES = ("mean image", "nearest car")
SECONDS = {
    "cpu": 360.0,
    "gpu": 480.0,
}  # from the first photograph of section 3 to the curve of section 5
LEVEL = 0.5  # dB: the baseline is level if no scene model is further ahead inside
BEHIND = 3.0  # dB behind the best and behind every scene model outside
ASK = f"""
import json
for name, row in reached.items():
    row["seconds"] = spent.get(name, 0.0)
print({MARK!r} + json.dumps(reached))
"""


def figures() -> list[Figure]:
    """Seconds of each section, then PSNR of every model by seed, with a thread per core."""
    found: list[Figure] = []
    for seed in SEEDS:
        cells = executed(NOTEBOOK, ASK, seed=seed, skip=_beside if seed else None)
        taken = sections(cells)
        if seed == 0:
            found += [Figure(f"section {title}", seconds) for title, seconds in taken.items()]
        curve = sum(seconds for title, seconds in taken.items() if title[0] in "345")
        found.append(Figure(f"seed {seed}: sections 3 to 5", curve, "s", SECONDS.get(MODE)))
        found += _compared(seed, numbers(cells))
    return found


def _beside(section: str, code: str) -> bool:
    """Cells that the curve does not need: digits, and the student's own turn."""
    return (section[:1] == "1" and "digits" in code) or section[:1] in "6WH"


def _compared(seed: int, reached: dict[str, dict[str, float]]) -> list[Figure]:
    found = []
    for name, row in reached.items():
        for where in ("inside", "outside"):
            found.append(Figure(f"seed {seed}, {name}: {where}", row[where], "dB"))
        if row["seconds"]:
            found.append(Figure(f"seed {seed}, {name}: training", row["seconds"], "s"))
    scenes = [name for name in reached if name not in (BASELINE, *GUESSES)]
    painter = reached[BASELINE]
    ahead = max(reached[name]["inside"] for name in scenes) - painter["inside"]
    found.append(Figure(f"seed {seed}: best scene ahead inside", ahead, "dB", LEVEL))
    for which, name in (("best", max), ("last", min)):
        lead = name(reached[scene]["outside"] for scene in scenes) - painter["outside"]
        found.append(
            Figure(f"seed {seed}: {which} scene ahead outside", lead, "dB", BEHIND, at_least=True)
        )
    return found
