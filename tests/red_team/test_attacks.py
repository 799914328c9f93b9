"""Every attack, through the real grading path: held on each tier, and seen to succeed where nothing holds it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.red_team.arsenal import ATTACKS
from tests.red_team.attack import Attack, Control
from tests.red_team.campaign import Campaign

Campaigns = Callable[[str], Campaign]
by_name = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def test_names_are_unique() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names)
    assert all(attack.why for attack in ATTACKS if attack.control == Control.NONE)


@pytest.mark.parametrize("tier", ["A", "B"])
@by_name
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
