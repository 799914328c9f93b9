"""`python -m docs.walk [WALK …] [--update]`: walk the pages, show the differences or write them into the pages."""

from __future__ import annotations

import argparse
import sys
import time

from docs.walk.blocks import PageError
from docs.walk.walks import WALKS, run_walk


def main() -> int:
    """0 where every page shows what comes out."""
    parser = argparse.ArgumentParser(prog="python -m docs.walk", description=__doc__)
    parser.add_argument(
        "walks", nargs="*", metavar="WALK", help=f"of: {', '.join(WALKS)}; by default all"
    )
    parser.add_argument("--update", action="store_true", help="write what comes out into the pages")
    parser.add_argument(
        "--postgres",
        metavar="KEY=VALUE",
        nargs="*",
        default=[],
        help="an empty database: host=… user=… dbname=…",
    )
    asked = parser.parse_args()
    if unknown := set(asked.walks) - set(WALKS):
        parser.error(f"no walk {sorted(unknown)[0]!r}; there are: {', '.join(WALKS)}")
    different = 0
    for name in asked.walks or WALKS:
        begun = time.monotonic()
        try:
            postgres = dict(pair.split("=", 1) for pair in asked.postgres) or None
            walked = run_walk(name, update=asked.update, postgres=postgres)
        except PageError as error:
            print(error, file=sys.stderr)
            return 2
        different += len(walked.differences)
        for text in walked.differences:
            print(text)
        seconds = time.monotonic() - begun
        for text in (*walked.not_run, *walked.lacking):
            print(f"not run: {text}")
        print(f"{name}: {walked.commands} commands, {seconds:.0f} s")
    return int(different > 0 and not asked.update)


if __name__ == "__main__":
    sys.exit(main())
