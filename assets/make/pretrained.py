"""Makes assets/data/pretrained_NAME.safetensors: networks of notebooks 4 and 5, trained, in half precision.

    python -m assets.make.pretrained [cars] [chairs] [faces] [light_fields]

A few minutes each on one core; seed 0. The file's `about` says what was trained, for how long, and how good it is in
views that it was not trained on. Run make/manifest.py afterwards.
"""

from __future__ import annotations

import argparse
import datetime
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks import light_fields
from benchmarks.scene_networks import RECIPES, Trained, mean_psnr, photographs, train
from course_lib.training.pretrained import save_pretrained

DATA = Path(__file__).parents[1] / "data"
MADE = {name: RECIPES[name] for name in ("cars", "chairs", "faces")} | {
    "light_fields": light_fields.RECIPES["cars and chairs"]
}
LOOKED_AT = 50  # objects of each category, for `psnr_known`
SEED = 0


def main() -> None:
    """Train and write what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MADE)}")
    names = parser.parse_args().names or MADE
    unknown = [name for name in names if name not in MADE]
    if unknown:
        parser.error(f"no network {unknown[0]!r}; known: {', '.join(MADE)}")
    torch.set_num_threads(1)
    for name in names:
        recipe = MADE[name]
        seen, further = photographs(recipe)
        trained = train(recipe, SEED, seen)
        each = recipe.objects // len(recipe.categories)
        some = [i for i in range(recipe.objects) if i % each < LOOKED_AT]
        reached = mean_psnr(trained.model, trained.codes[some], further[some])
        about = {
            "category": recipe.category,
            "objects": recipe.objects,
            "views": recipe.photographs,
            "seed": SEED,
            "steps": recipe.steps,
            "config": asdict(recipe.config),
            "psnr_known": round(reached, 2),
            "made_by": f"python -m assets.make.pretrained {name}",
            "date": datetime.date.today().isoformat(),
        }
        path = DATA / f"pretrained_{name}.safetensors"
        save_pretrained(path, modules(trained), about)
        print(
            f"{path.name}: {reached:.2f} dB in further views of known objects, "
            f"{trained.seconds:.0f} s of one core, {path.stat().st_size / 1e6:.2f} MB"
        )


def modules(trained: Trained) -> dict[str, list[torch.Tensor]]:
    """The parts of a network by name, as the notebook fills them."""
    parts = dict(trained.model.named_children())
    if trained.table is not None:
        parts["table"] = trained.table
    return {name: [p.detach() for p in part.parameters()] for name, part in parts.items()}


if __name__ == "__main__":
    main()
