"""`autograder similarity`: which submissions are alike, as a ranking for a person to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.errors import fail
from autograder.cli.published import published_assignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.similarity.corpus import Corpus
    from autograder.similarity.ranking import Pair

_EPILOG = "Exit codes: 0 compared, whatever came out, 2 wrong usage or configuration."
_LINES = 15  # of the table; the page has all pairs
FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="The class: a folder of zips and notebooks, or a download."
    ),
]
EarlierOption = Annotated[
    list[Path] | None,
    typer.Option("--earlier", metavar="DIR", help="An earlier year's class folder; repeatable."),
]
AssignmentOption = Annotated[
    str | None,
    typer.Option("--assignment", "-a", metavar="ID", help='As in course.toml, such as "a1".'),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the page goes.")]
TopOption = Annotated[int, typer.Option("--top", min=1, metavar="N", help="Pairs to show.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def register(app: typer.Typer) -> None:
    """Add the command `similarity`."""
    app.command("similarity", epilog=_EPILOG)(similarity)


def similarity(
    folder: FolderArgument,
    earlier: EarlierOption = None,
    assignment: AssignmentOption = None,
    out: OutOption = Path("build/similarity"),
    top: TopOption = 50,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Rank pairs of submissions by how alike they are, whatever they are renamed to.

    Compares with one another, with earlier years and with the published answers. No line of a submission is run.
    """
    place, settings = root_and_settings(root)
    chosen, notebook = published_assignment(settings, assignment)
    for each in (folder, *(earlier or ())):
        if not each.exists():
            fail(f"{each}: no such folder. Name a folder that holds submissions.")

    from autograder.similarity.page import to_json, write_page
    from autograder.similarity.ranking import rank
    from autograder.similarity.weights import weigh

    corpus = _read(place, notebook, folder, earlier or ())
    weights = weigh(corpus)
    pairs = rank(corpus, weights, top)
    text = to_json(corpus, pairs)
    try:
        out.mkdir(parents=True, exist_ok=True)
        page = out / "similarity.html"
        write_page(page, corpus, weights, pairs, settings.course.title, chosen.title)
    except FileExistsError:
        fail(f"--out {out} is a file. Name a folder for the page; it is made if it is not there.")
    except OSError as error:
        fail(error)
    if as_json:
        typer.echo(text, nl=False)
    else:
        _print_table(corpus, pairs, page)


def _read(place: Path, notebook: str, folder: Path, earlier: Sequence[Path]) -> Corpus:
    from rich.console import Console
    from rich.markup import escape

    from autograder.catalogue import load_catalogue
    from autograder.grading.entry import LayoutError
    from autograder.grading.submission import UnreadableError
    from autograder.similarity.corpus import open_corpus

    with Console(stderr=True).status("reading") as status:
        try:
            corpus = open_corpus(place, load_catalogue(notebook))
        except (OSError, UnreadableError) as error:
            fail(f"the handout notebooks/{notebook}.ipynb cannot be read: {error}")
        for each in (folder, *earlier):
            origin = "" if each is folder else _short_name(each, earlier)
            try:
                corpus.add_folder(
                    each, origin, lambda name: status.update(escape(f"reading {name}"))
                )
            except LayoutError as error:
                fail(error)
    if not any(work.source for work in corpus.works if not work.published):
        fail(f"{folder} holds no submission that can be read (zips, notebooks, or a folder each)")
    return corpus


def _short_name(folder: Path, among: Sequence[Path]) -> str:
    """The folder's name, with its parent's where two have the same."""
    place = folder.resolve()
    alike = sum(other.resolve().name == place.name for other in among)
    return place.name if alike == 1 else f"{place.parent.name}/{place.name}"


def _print_table(corpus: Corpus, pairs: Sequence[Pair], page: Path) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from autograder.similarity.page import CAUTION

    numbers = {exercise.id: exercise.number for exercise in corpus.catalogue.exercises}
    table = Table("alike", "one", "other", "most alike in", box=None, pad_edge=False)
    for pair in pairs[:_LINES]:
        strongest = sorted(pair.exercises.items(), key=lambda item: -item[1])[:4]
        words = ", ".join(f"{numbers[e]} {100 * s:.0f} %" for e, s in strongest)
        people = escape(pair.first.label), escape(pair.second.label)
        table.add_row(f"{100 * pair.score:.0f} %", *people, words)
    console = Console()
    console.print(table)
    for line in corpus.unreadable:
        console.print(f"not compared: {escape(line)}", style="yellow", soft_wrap=True)
    console.print(f"\n{CAUTION}", style="bold")
    console.print(f"Side by side: {escape(str(page))}", soft_wrap=True)
