"""Writes assets/colab/constraints.txt from the list of packages that Colab publishes for its runtime.

    python assets/make/colab.py pip-freeze.gpu.txt --date 2026-08

Colab's list is `pip-freeze.gpu.txt` of github.com/googlecolab/backend-info. Left out is what belongs to
one machine's GPU or to one build: torch and its companions, CUDA's libraries, versions with a local
part such as 2.11.0+cu128; and setuptools, of which each release of torch wants another. Standard
library only.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "colab" / "constraints.txt"
PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(==(?P<version>\S+)| @ \S+)")
OF_THE_MACHINE = re.compile(
    r"torch.*|setuptools|triton|(nvidia|cuda)-.*|numba-cuda|dask-cuda|.*-(cu|cuda)\d+.*"
)


class NotAFreeze(ValueError):
    """The input is no list of pins; the message names the line."""


def split(freeze: str, source: str) -> tuple[list[str], list[str]]:
    """The pins that hold on any machine, and those that are left out, both in Colab's order."""
    kept: list[str] = []
    left_out: list[str] = []
    for number, line in enumerate(freeze.splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        pin = PIN.fullmatch(text)
        if pin is None:
            raise NotAFreeze(
                f"{source}:{number} is {text!r}, neither name==version nor name @ address. Give the output "
                "of `pip freeze`, as Colab publishes it."
            )
        # Without a version it was installed from an address, for one Python on one machine.
        bound = "+" in (pin["version"] or "+") or OF_THE_MACHINE.fullmatch(pin["name"].lower())
        (left_out if bound else kept).append(text)
    if not kept:
        raise NotAFreeze(f"{source} holds no pins. Give the output of `pip freeze`.")
    return kept, left_out


def constraints(freeze: str, source: str, date: str) -> str:
    """The text of the constraints file."""
    kept, left_out = split(freeze, source)
    header = [
        "# Written by make/colab.py: what Google Colab has installed, as constraints for pip.",
        f"# Source: Colab's published runtime list, {source} of github.com/googlecolab/backend-info, {date}.",
        "# Colab runs Python 3.13. A constraint binds only what is asked for: `make colab` asks for the",
        "# closure of requirements.txt, which resolves on Python 3.11, 3.12 and 3.13 alike.",
        f"# Left out, {len(left_out)} of {len(kept) + len(left_out)}: "
        "torch, CUDA's libraries, setuptools, builds for one GPU.",
    ]
    return "\n".join([*header, *kept]) + "\n"


def main() -> None:
    """Reads the list, then writes the constraints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("freeze", type=Path, help="Colab's pip-freeze.gpu.txt")
    parser.add_argument("--date", required=True, help="when Colab published it, such as 2026-08")
    arguments = parser.parse_args()
    try:
        freeze = arguments.freeze.read_text(encoding="utf-8")
        text = constraints(freeze, arguments.freeze.name, arguments.date)
    except OSError as error:
        sys.exit(
            f"{arguments.freeze} cannot be read: {error.strerror}. Give the path of Colab's list."
        )
    except NotAFreeze as error:
        sys.exit(str(error))
    TARGET.parent.mkdir(exist_ok=True)
    unfinished = TARGET.with_suffix(".tmp")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, TARGET)
    print(f"{TARGET}: {len(split(freeze, arguments.freeze.name)[0])} pins")


if __name__ == "__main__":
    main()
