"""Every attack that is one submission, by theme."""

from __future__ import annotations

from tests.red_team.attacks import (
    calls,
    clock,
    files,
    judging,
    memory,
    network,
    poison,
    processes,
    values,
    wire,
)

THEMES = {
    module.__name__.rpartition(".")[2]: module.ATTACKS
    for module in (files, processes, network, memory, calls, clock, judging, wire, values, poison)
}
ATTACKS = [attack for attacks in THEMES.values() for attack in attacks]
# What the box holds depends on the tier; what the grader and the resource limits hold does not.
BOXED = [a for theme in ("files", "processes", "network", "calls") for a in THEMES[theme]]
