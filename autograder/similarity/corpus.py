"""Everything that is compared, fingerprinted by exercise: the class, earlier years, the published answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograder.catalogue import Catalogue
from autograder.grading.intake import Intake
from autograder.grading.notebook_file import read_notebook
from autograder.grading.submission import Submission
from autograder.similarity.fingerprints import Patterns, Vocabulary, fingerprint
from autograder.similarity.passages import Definitions, read_definitions

PUBLISHED = "the published answer"
_SOURCE_MB = 20
Numbers = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Work:
    """One notebook: whose it is, where it came from, and the patterns of each exercise."""

    owner: str
    origin: str  # "" for the class itself, else the earlier folder's name
    source: str
    code: Sequence[tuple[int, str]]
    patterns: dict[str, Numbers]  # exercise → sorted numbers of its patterns
    published: bool = False  # the course's own answers

    @property
    def person(self) -> str:
        """Whose work it is; nobody's id is the empty one of the published answer."""
        return "" if self.published else self.owner

    @property
    def label(self) -> str:
        """The owner, and where the work came from unless it is of this class."""
        return f"{self.owner} ({self.origin})" if self.origin else self.owner


@dataclass
class Corpus:
    """Works of one notebook. What the handout gives away is known to all and counts for nobody."""

    catalogue: Catalogue
    handout: Definitions
    works: list[Work] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    _vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def add_folder(self, folder: Path, origin: str, seen: Callable[[str], None]) -> None:
        """Read a class folder; `seen` is called with each student as their work is fingerprinted."""
        for submission in Intake(folder, self.catalogue.notebook).submissions():
            self.add(submission, origin)
            seen(submission.student)

    def add(self, submission: Submission, origin: str = "") -> None:
        """Fingerprint a submission; one that cannot be read is only noted."""
        if submission.problems:
            self.unreadable.append(f"{submission.source}: {submission.problems[0]}")
            return
        self._add(submission.student, origin, submission.source, submission.code)

    def add_published(self, path: Path) -> None:
        """Add the course's own answers from a file in solutions/."""
        from autograder.source import read_source

        cells = read_source(path).cells
        code = [(n, "\n".join(c.lines)) for n, c in enumerate(cells, 1) if c.cell_type == "code"]
        self._add(PUBLISHED, "", path.name, code, published=True)

    @cached_property
    def given(self) -> Patterns:
        """Patterns of everything that the handout holds: given helpers, and the frames of the exercises."""
        known = self._known_in(self.handout)
        return fingerprint(self.handout, [*self.handout.passages], known, self._vocabulary)

    def patterns(self, definitions: Definitions) -> dict[str, Patterns]:
        """Exercise by exercise, the patterns of a notebook with their places."""
        known = self._known_in(definitions)
        return {
            exercise.id: fingerprint(definitions, exercise.functions, known, self._vocabulary)
            for exercise in self.catalogue.exercises
        }

    def _known_in(self, definitions: Definitions) -> frozenset[str]:
        """Names that mean the same in every notebook: the functions asked for, and what is given and unchanged."""
        asked = {name for exercise in self.catalogue.exercises for name in exercise.functions}
        own = definitions.passages
        unchanged = {
            name
            for name, passage in self.handout.passages.items()
            if name not in own or own[name].same_code(passage)
        }
        return frozenset(asked | unchanged)

    def _add(
        self,
        owner: str,
        origin: str,
        source: str,
        code: Sequence[tuple[int, str]],
        published: bool = False,
    ) -> None:
        patterns = {
            exercise: np.array(sorted(found), dtype=np.uint32)
            for exercise, found in self.patterns(read_definitions(code)).items()
        }
        self.works.append(Work(owner, origin, source, code, patterns, published))


def open_corpus(root: Path, catalogue: Catalogue) -> Corpus:
    """An empty corpus for one notebook of the course in `root`, with the published answer if it is there."""
    handout = root / "notebooks" / f"{catalogue.notebook}.ipynb"
    cells = read_notebook(handout.read_bytes(), _SOURCE_MB)
    code = [(cell.number, cell.source) for cell in cells if cell.kind == "code"]
    corpus = Corpus(catalogue, read_definitions(code))
    solution = root / "solutions" / f"{catalogue.notebook}.py"
    if solution.is_file():
        corpus.add_published(solution)
    return corpus
