"""Every attack, through the real grading path: held on each tier, and seen to succeed where nothing holds it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.red_team.arsenal import ATTACKS, BOXED, fitting
from tests.red_team.attack import Attack, Control
from tests.red_team.attacks.calls import CALLS, SHUT_DOORS
from tests.red_team.campaign import Campaign

Campaigns = Callable[[str], Campaign]


def on(tier: str, attacks: list[Attack], *marks: pytest.MarkDecorator) -> list[Any]:
    """One test per attack on a tier."""
    return [pytest.param(tier, a, id=f"{tier}-{a.name}", marks=marks) for a in attacks]


OTHERS = [attack for attack in ATTACKS if attack not in BOXED]


def test_every_attack_is_named_and_controlled() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names)
    assert all(bool(attack.why) == (attack.control == Control.NONE) for attack in ATTACKS)


@pytest.mark.parametrize(
    ("tier", "attack"), [*on("A", ATTACKS), *on("B", BOXED), *on("B", OTHERS, pytest.mark.slow)]
)
def test_the_attack_is_held(campaigns: Campaigns, tier: str, attack: Attack) -> None:
    verdict = campaigns(tier).strike(attack)
    assert not verdict.breaches, verdict.told
    assert re.search(attack.told, verdict.told), verdict.told


@pytest.mark.parametrize(
    "attack", [a for a in ATTACKS if a.control == Control.OPEN], ids=lambda attack: attack.name
)
def test_the_attack_succeeds_with_the_layers_off(campaigns: Campaigns, attack: Attack) -> None:
    verdict = campaigns("open").strike(attack)
    assert verdict.breaches, f"this attack proves nothing: {verdict.told}"


@pytest.mark.parametrize(
    "attack", [a for a in ATTACKS if a.control == Control.INSIDE], ids=lambda attack: attack.name
)
def test_the_attack_succeeds_in_the_judges_own_process(
    campaigns: Campaigns, attack: Attack
) -> None:
    assert campaigns("open").inside(attack) != "scored 0.0"


@pytest.mark.skipif(
    os.getuid() != 0 or SHUT_DOORS not in fitting([SHUT_DOORS]),
    reason="most doors open for root only, and their numbers are x86-64's",
)
def test_nearly_every_door_is_open_with_the_layers_off(campaigns: Campaigns) -> None:
    told = campaigns("open").strike(SHUT_DOORS).told
    shut = re.findall(r"'(\w+)'", told.partition("succeeded: ")[2].partition("]")[0])
    assert shut
    assert len(shut) < len(CALLS) / 5, shut  # a kernel without modules or kexec has fewer doors
