"""Trained tasks in a release: drawn anew from a secret seed, once; students get the public half and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from autograder.catalogue import Catalogue, from_json
from autograder.handouts.check import Finding
from autograder.handouts.task_files import task_path
from autograder.release.contents import ReleaseError
from autograder.trained.kept import (
    KeptTask,
    KeptTaskError,
    fingerprint_of_file,
    keep_task,
    kept_path,
    read_kept,
)

_PIECE = 96  # bytes of a hidden view that no file may hold: the colours of 32 pixels in a row


def keep_tasks(root: Path, notebooks: Iterable[str]) -> list[Path]:
    """Draw what these notebooks train on, unless it was before; the private files that hold it."""
    private: list[Path] = []
    for catalogue in _catalogues(root, notebooks):
        for exercise in catalogue.trained:
            try:
                keep_task(root, catalogue.notebook, exercise)
            except KeptTaskError as error:
                raise ReleaseError(str(error)) from None
            private.append(kept_path(catalogue.notebook, exercise.id))
    return private


def released_files(root: Path, notebooks: Iterable[str]) -> dict[Path, bytes]:
    """The public files of tasks that were drawn for a release, in place of the repository's own."""
    return {
        task_path(notebook, kept.hidden.task): kept.public
        for notebook, kept in _kept(root, notebooks)
    }


def require_same_drawing(root: Path, notebooks: Iterable[str], out: Path) -> None:
    """ReleaseError if an earlier release lies in `out` whose hidden views this machine does not have.

    Students train on it; to replace it by another drawing would make what they hand in worthless.
    """
    for catalogue in _catalogues(root, notebooks):
        for exercise in catalogue.trained:
            published = fingerprint_of_file(out / task_path(catalogue.notebook, exercise.id))
            try:
                kept = read_kept(root, catalogue.notebook, exercise)
            except KeptTaskError as error:
                raise ReleaseError(str(error)) from None
            ours = kept.hidden.fingerprint if kept else ""
            if published and published != ours:
                private = kept_path(catalogue.notebook, exercise.id)
                raise ReleaseError(
                    f"the release in {out} has another drawing of {exercise.id!r} (fingerprint {published}) "
                    f"than {private} ({ours or 'which is missing'}). Put back the private file that belongs "
                    "to it, or, if nobody works with that release any more, remove it or name another --out"
                )


def find_hidden_views(
    root: Path, notebooks: Iterable[str], files: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Files that hold the seed of a task, a part of a hidden view, or a hidden view among those to train on."""
    for notebook, kept in _kept(root, notebooks):
        private = str(kept_path(notebook, kept.hidden.task))
        pieces = list(_telling_pieces(kept.hidden.images))
        for name, data in files.items():
            if kept.seed.encode() in data:
                yield _finding(name, f"the seed of {private}")
            if any(piece in data for piece in pieces):
                yield _finding(name, f"a part of a hidden view of {private}")
        if _shows_hidden_views(kept):
            public = task_path(notebook, kept.hidden.task).as_posix()
            yield _finding(public, f"a hidden view of {private} among the views to train on")


def _telling_pieces(images: bytes) -> Iterator[bytes]:
    """Stretches of the hidden views that occur nowhere by chance; one colour may fill any picture."""
    for start in range(0, len(images) - _PIECE, _PIECE * 16):
        piece = images[start : start + _PIECE]
        if len(set(piece)) > 12:
            yield piece


def _shows_hidden_views(kept: KeptTask) -> bool:
    import tempfile

    import numpy as np

    from course_lib.data.view_task import ViewTask

    with tempfile.TemporaryDirectory(prefix="task-") as folder:
        path = Path(folder, "task.safetensors")
        path.write_bytes(kept.public)
        train = ViewTask.load(path).train.flat().images.numpy()
    hidden = np.frombuffer(kept.hidden.images, np.uint8).reshape(kept.hidden.shape) / 255.0
    return any(bool((np.abs(train - view).max((1, 2, 3)) < 3 / 255).any()) for view in hidden)


def _finding(name: str, what: str) -> Finding:
    return Finding(name, f"holds {what}, which no student may have", f"take it out of {name}")


def _kept(root: Path, notebooks: Iterable[str]) -> Iterator[tuple[str, KeptTask]]:
    for catalogue in _catalogues(root, notebooks):
        for exercise in catalogue.trained:
            try:
                kept = read_kept(root, catalogue.notebook, exercise)
            except KeptTaskError as error:
                raise ReleaseError(str(error)) from None
            if kept is not None:
                yield catalogue.notebook, kept


def _catalogues(root: Path, notebooks: Iterable[str]) -> Iterator[Catalogue]:
    for notebook in notebooks:
        path = root / "autograder" / "catalogue" / f"{notebook}.json"
        if path.is_file():  # where it is missing, the release is refused for that
            yield from_json(path.read_text(encoding="utf-8"))
