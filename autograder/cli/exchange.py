"""`autograder roster` brings in who is on the course; `autograder export` takes the grades out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.database import DatabaseOption, WhoOption, open_book
from autograder.cli.errors import fail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autograder.exchange.scores import Column, Export
    from autograder.gradebook.roster import RosterChange
    from autograder.gradebook.sheet import StudentGrades


class Format(StrEnum):
    """What grades can be exported for."""

    canvas = "canvas"
    gradescope = "gradescope"
    csv = "csv"
    xlsx = "xlsx"


def register(app: typer.Typer) -> None:
    """Add the commands `roster` and `export`."""
    app.command(
        "roster", epilog="Exit codes: 0 imported, 2 nothing was changed; the message says why."
    )(roster)
    app.command("export", epilog="Exit codes: 0 written, 2 wrong usage or nothing to export.")(
        export
    )


def roster(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a heading.")],
    db: DatabaseOption = None,
    who: WhoOption = None,
    root: RootOption = None,
) -> None:
    """Import who is on the course.

    FILE is a gradebook exported from Canvas, a roster downloaded from Gradescope, or a table with the columns id, name,
    email, section. Import it again whenever it changes: nobody is ever removed, and grades stay as they are.
    """
    place, settings = root_and_settings(root)
    from autograder.exchange.errors import ExchangeError
    from autograder.exchange.roster import read_roster

    try:
        entries = read_roster(file)
    except ExchangeError as error:
        fail(error)
    with open_book(place, settings, db) as book:
        from autograder.gradebook.errors import GradebookError

        try:
            change = book.import_roster(entries, who)
        except GradebookError as error:
            fail(error)
        typer.echo(f"{file.name}: {_students(len(entries))}. {_in_words(change)}")
        for sentence in change.moved:
            typer.echo(f"{sentence}.")
        typer.echo(f"Gradebook: {book.place}")


def export(
    kind: Annotated[
        Format, typer.Argument(metavar="FORMAT", help="canvas, gradescope, csv or xlsx.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where to write; an earlier export is replaced."
        ),
    ],
    assignment: Annotated[
        str | None,
        typer.Option(
            "--assignment",
            "-a",
            metavar="ID",
            help="Only this one; by default all that have grades.",
        ),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(
            "--template",
            metavar="FILE",
            help="canvas: a gradebook it exported, to keep its rows and headings.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="ID=HEADING",
            help="canvas: which heading of the template an assignment is.",
        ),
    ] = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Export the grades that count, after late days and penalties.

    For Canvas (Grades → Import), in Gradescope's columns, as a plain table, or as a spreadsheet.
    """
    place, settings = root_and_settings(root)
    suffix = ".xlsx" if kind is Format.xlsx else ".csv"
    if out.suffix.lower() != suffix or out.is_dir():
        fail(f"--out {out}: name a file that ends in {suffix}")
    if kind is not Format.canvas and (template or column):
        fail("--template and --column are for `export canvas`")
    if template is not None and out.exists() and template.exists() and out.samefile(template):
        fail(
            f"--out {out} is the template itself. Write to another file, so that Canvas's own stays as it is."
        )
    headings = _headings(column or [], template)
    from autograder.exchange.errors import ExchangeError
    from autograder.exchange.scores import awaiting_notes, columns
    from autograder.exchange.write_file import csv_bytes, write_file

    with open_book(place, settings, db) as book:
        from autograder.gradebook.errors import GradebookError
        from autograder.gradebook.grades import course_grades

        try:
            grades = course_grades(book, settings)
        except GradebookError as error:
            fail(error)
    try:
        shown = columns(grades, assignment)
        if unknown := set(headings) - {each.id for each in shown}:
            fail(f"--column {sorted(unknown)[0]}=…: not among what is exported: {_ids(shown)}")
        replaced = " (replaced)" if out.exists() else ""
        if kind is Format.xlsx:
            from autograder.exchange.spreadsheet import workbook_bytes

            write_file(out, workbook_bytes(grades, shown, settings.course.title))
            notes = awaiting_notes(grades, shown)
        else:
            table = _table(kind, grades, shown, template, headings)
            write_file(out, csv_bytes(table.rows, mark=kind is Format.csv))
            notes = table.notes
    except ExchangeError as error:
        fail(error)
    for note in notes:
        typer.echo(f"Note: {note}", err=True)
    typer.echo(f"Wrote {_ids(shown)} of {_students(len(grades))} to {out}{replaced}")


def _table(
    kind: Format,
    grades: Sequence[StudentGrades],
    shown: Sequence[Column],
    template: Path | None,
    headings: Mapping[str, str],
) -> Export:
    if kind is Format.gradescope:
        from autograder.exchange.gradescope import gradescope_rows

        if len(shown) > 1:
            fail(
                "--assignment is needed: Gradescope's table is of one assignment; "
                f"there are grades for {_ids(shown)}"
            )
        return gradescope_rows(grades, shown[0])
    if kind is Format.canvas:
        from autograder.exchange.canvas import canvas_rows, fill_template

        if template is None:
            return canvas_rows(grades, shown)
        from autograder.exchange.table import read_table

        return fill_template(read_table(template), grades, shown, headings)
    from autograder.exchange.overview import overview_rows

    return overview_rows(grades, shown)


def _ids(shown: Sequence[Column]) -> str:
    return ", ".join(column.id for column in shown)


def _headings(given: Sequence[str], template: Path | None) -> dict[str, str]:
    if given and template is None:
        fail(
            "--column says which heading of a template is meant; give the template with --template"
        )
    headings = {}
    for each in given:
        work, equals, heading = each.partition("=")
        if not (work and equals and heading):
            fail(f'--column {each!r}: write ID=HEADING, such as --column a1="Homework 1 (123)"')
        headings[work] = heading
    return headings


def _students(number: int) -> str:
    return f"{number} student{'' if number == 1 else 's'}"


def _in_words(change: RosterChange) -> str:
    said = f"{len(change.added)} added, {len(change.changed)} changed, {len(change.unchanged)} as before."
    if change.missing:
        more = f" and {len(change.missing) - 10} more" if len(change.missing) > 10 else ""
        said += f" Not in this file, and kept: {', '.join(change.missing[:10])}{more}."
    return said
