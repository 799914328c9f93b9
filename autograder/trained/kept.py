"""What a release drew, in a private file of its own: never in git, never in a release, never drawn a second time.

`secrets/trained/NOTEBOOK/TASK.safetensors` holds the seed, the public half to the byte and the hidden views. Grading
reads the hidden views from it, so no later change of code, and no other machine, can change what is compared with.
Whoever loses the file cannot grade what was handed in for that release; a copy belongs where the gradebook's is.
"""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import TrainedExercise
from autograder.trained.container import Block, ContainerFault, pack, unpack
from autograder.trained.drawn import Hidden, draw_task
from autograder.trained.task import find_task

FOLDER = Path("secrets/trained")  # left out by .gitignore and by every release


class KeptTaskError(Exception):
    """A private file that cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class KeptTask:
    """A released task: what students got, and what they did not."""

    seed: str
    public: bytes  # the task's public file
    hidden: Hidden


def kept_path(notebook: str, task_id: str) -> Path:
    """The private file of a task, relative to the root of the course."""
    return FOLDER / notebook / f"{task_id}.safetensors"


def read_kept(root: Path, notebook: str, exercise: TrainedExercise) -> KeptTask | None:
    """What was released of a task, None if it never was; KeptTaskError for a file that is of no use."""
    path = root / kept_path(notebook, exercise.id)
    try:
        blocks, texts = unpack(path.read_bytes())
        hidden, public = blocks["hidden"], blocks["public"].data
        shown = blocks.get("shown", Block((), b"")).data
        task, fingerprint, seed = (texts[key] for key in ("task", "fingerprint", "seed"))
    except FileNotFoundError:
        return None
    except (ContainerFault, KeyError, OSError) as error:
        raise KeptTaskError(
            f"{path} is damaged or cannot be read ({error}). It holds the hidden views of a release: put "
            "back a copy of it; without one, what was handed in for that release cannot be graded"
        ) from None
    if task != exercise.id or hidden.shape != (*exercise.views, 3):
        raise KeptTaskError(
            f"{path} holds {task!r} with hidden views of shape {hidden.shape}, but {exercise.id!r} now has "
            f"{(*exercise.views, 3)}. Grade with the course's code as it was released, or move the file "
            "away before a new release"
        )
    return KeptTask(seed, public, Hidden(task, fingerprint, hidden.shape, hidden.data, shown))


def keep_task(root: Path, notebook: str, exercise: TrainedExercise) -> tuple[KeptTask, bool]:
    """What was released of a task, drawn from a new secret seed and kept if nothing was; whether that was now."""
    kept = read_kept(root, notebook, exercise)
    if kept is not None:
        return kept, False
    drawn = draw_task(find_task(exercise.id), secrets.token_hex(16))
    new = KeptTask(drawn.seed, drawn.public.to_bytes(), drawn.hidden)
    if _create(root / kept_path(notebook, exercise.id), _to_bytes(new)):
        return new, True
    kept = read_kept(root, notebook, exercise)  # another process was first
    assert kept is not None
    return kept, False


def hidden_views(
    root: Path, notebook: str, exercises: Iterable[TrainedExercise]
) -> tuple[Hidden, ...]:
    """The hidden views of all tasks of a notebook that were released from here. Needs no torch."""
    found = (read_kept(root, notebook, exercise) for exercise in exercises)
    return tuple(kept.hidden for kept in found if kept is not None)


def fingerprint_of_file(path: Path) -> str:
    """The fingerprint in a task's public file; "" if there is no such file."""
    with suppress(OSError, ValueError, KeyError, TypeError), path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(min(length, 2**20)))
        return str(json.loads(header["__metadata__"]["task"])["fingerprint"])
    return ""


def _to_bytes(kept: KeptTask) -> bytes:
    blocks = {
        "hidden": Block(kept.hidden.shape, kept.hidden.images),
        "public": Block((len(kept.public),), kept.public),
    }
    if kept.hidden.shown:  # otherwise the file is what it was before there were objects
        objects = len(kept.hidden.shown) // math.prod(kept.hidden.shape[1:])
        blocks["shown"] = Block((objects, *kept.hidden.shape[1:]), kept.hidden.shown)
    texts = {"task": kept.hidden.task, "fingerprint": kept.hidden.fingerprint, "seed": kept.seed}
    return pack(blocks, texts)


def _create(path: Path, data: bytes) -> bool:
    """Write a new file for its owner alone, whole or not at all; False if one is there already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # unlike a rename, it never replaces
    except FileExistsError:
        return False
    finally:
        partial.unlink(missing_ok=True)
    return True
