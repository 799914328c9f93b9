"""Read a notebook once and say, per exercise, which statements it needs. No student code runs here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.sandbox import slicing
from autograder.sandbox.cells import BrokenCell, Statement, read_cells


@dataclass(frozen=True)
class Plan:
    """What one exercise needs of a notebook."""

    steps: tuple[tuple[int, int], ...]  # (cell, statement within it), in the notebook's order
    remarks: tuple[str, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()  # (function, why no statement defines it)
    uses: tuple[str, ...] = ()  # functions of other exercises that it calls
    unwritten: bool = False  # every function is absent or still the stub

    def without(self, cut: Collection[tuple[int, int]]) -> Plan:
        """The plan without steps that are known to run for ever."""
        left_out = [step for step in self.steps if step in cut]
        if not left_out:
            return self
        remarks = [f"cell {cell} was left out: it ran for too long before" for cell, _ in left_out]
        kept = tuple(step for step in self.steps if step not in cut)
        return replace(self, steps=kept, remarks=(*self.remarks, *dict.fromkeys(remarks)))

    def written(self) -> str:
        """The steps as one short text, for the wire."""
        return " ".join(f"{cell}:{index}" for cell, index in self.steps)


def read_steps(text: str) -> list[tuple[int, int]]:
    """The inverse of `Plan.written`."""
    pairs = (step.split(":") for step in text.split())
    return [(int(cell), int(index)) for cell, index in pairs]


def make_plans(
    cells: Sequence[tuple[int, str]], exercises: Mapping[str, Sequence[str]]
) -> dict[str, Plan]:
    """A plan per exercise, given the names of the functions that each must define."""
    statements, broken = read_cells(cells)
    everything = frozenset[str]().union(*exercises.values())
    slicer = slicing.Slicer(statements)
    return {
        exercise: _plan(statements, slicer.needed(names), broken, names, everything)
        for exercise, names in exercises.items()
    }


def _plan(
    statements: Sequence[Statement],
    kept: Sequence[Statement],
    broken: Sequence[BrokenCell],
    names: Sequence[str],
    everything: frozenset[str],
) -> Plan:
    bound = frozenset[str]().union(*(s.binds for s in kept))
    wanted = frozenset(names).union(*(s.reads for s in kept))
    remarks = [remark for name in names for remark in _duplicates(statements, name)]
    remarks += [f"{b}; the cell was left out" for b in broken if _defines(b, wanted)]
    absent = tuple((name, _why_absent(name, broken)) for name in names if name not in bound)
    uses = tuple(sorted((wanted & everything).difference(names)))
    unwritten = all(_is_unwritten(statements, name) for name in names)
    steps = tuple((s.cell, s.index) for s in kept)
    return Plan(steps, tuple(remarks), absent, uses, unwritten)


def _is_unwritten(statements: Sequence[Statement], name: str) -> bool:
    binding = [s for s in statements if name in s.binds]
    return not binding or slicing.is_stub(binding[-1])


def _duplicates(statements: Sequence[Statement], name: str) -> list[str]:
    found = slicing.definitions(statements, name)
    if len(found) < 2:
        return []
    *earlier, last = found
    numbers = list(dict.fromkeys(s.cell for s in earlier if s.cell != last.cell))
    if not numbers:
        lines = " and ".join(str(s.node.lineno) for s in found)
        return [f"`{name}` is defined in lines {lines} of cell {last.cell}: the last one counts"]
    cells = ("cell " if len(numbers) == 1 else "cells ") + " and ".join(map(str, numbers))
    do = "does" if len(numbers) == 1 else "do"
    remark = f"`{name}` is defined {len(found)} times: cell {last.cell} counts, {cells} {do} not"
    if slicing.is_stub(last) and not all(slicing.is_stub(s) for s in earlier):
        remark += (
            f". Cell {last.cell} is the unwritten stub: delete it if your answer is in {cells}"
        )
    return [remark]


def _why_absent(name: str, broken: Iterable[BrokenCell]) -> str:
    for cell in broken:
        if _defines(cell, [name]):
            return f"`{name}` could not be read: {cell}"
    return f"`{name}` is not defined anywhere in the notebook. Was its cell deleted or renamed?"


def _defines(cell: BrokenCell, names: Iterable[str]) -> bool:
    found = re.findall(r"\b(?:def|class)\s+(\w+)", cell.source)
    return not set(names).isdisjoint(found)
