"""Every attack that is one submission, by theme."""

from __future__ import annotations

from tests.red_team.attacks import files, memory, network, processes

THEMES = (files, processes, network, memory)
ATTACKS = [attack for theme in THEMES for attack in theme.ATTACKS]
