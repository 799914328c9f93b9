"""New hidden numbers for an assignment whose old ones are no longer secret."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from autograder.gradebook.book import Gradebook
from autograder.gradebook.models import Assignment as Kept
from autograder.gradescope.seed import seed_path

EARLIER = Path("secrets/earlier")


def rotate(root: Path, book: Gradebook, assignment: str, who: str, why: str) -> list[str]:
    """Draw a new seed for the gradebook and for Gradescope's package; what was done, in sentences.

    Old seeds are moved to `secrets/earlier/`, and old gradings stay: they can be told and repeated. Where anything
    fails, both seeds are as they were.
    """
    told = []
    moment = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    packed = seed_path(root, assignment)
    with (
        _put_aside(packed, root / EARLIER / f"gradescope-{assignment}-{moment}.seed") as was_packed,
        book.changing(who, "seed", work=assignment) as change,
    ):
        row = change.session.get(Kept, assignment, with_for_update=True)
        change.what = f"rotated: {why}"  # the values are secret
        change.made = row is not None
        if row is not None:
            _keep(root / EARLIER / f"{assignment}-{moment}.seed", row.seed)
            row.seed = str(secrets.randbits(48))
            told.append(
                f"{assignment}: new hidden numbers. The next `autograder grade` grades everybody again with them; "
                "what was graded before stays in the gradebook."
            )
    if was_packed:
        told.append(
            f"{packed.name}: put away. Pack again (`autograder package gradescope -a {assignment}`) and "
            "upload that zip."
        )
    return told or [
        f"{assignment}: no hidden numbers have been drawn yet; there is nothing to rotate"
    ]


@contextmanager
def _put_aside(packed: Path, earlier: Path) -> Iterator[bool]:
    """Move a package's seed away, unread, and back if what follows fails; whether there is one."""
    if not packed.is_file():
        yield False
        return
    earlier.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    packed.chmod(0o600)
    packed.rename(earlier)
    try:
        yield True
    except BaseException:
        earlier.rename(packed)
        raise


def _keep(path: Path, seed: str) -> None:
    """Write an old seed where it can be found, for its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{seed}\n")
