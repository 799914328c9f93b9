"""The campaign in a process of its own, for users and tiers that the test's own process cannot be.

`python -m tests.red_team.scenario TIERS core|all` prints as JSON what came of every attack on each of the tiers;
everything that it aims at belongs to the user who runs it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from autograder.sandbox.policy import Tier
from tests.red_team.arsenal import ATTACKS
from tests.red_team.campaign import Campaign


def main() -> None:
    """Run the attacks; all the judging that needs no other process is done here."""
    tiers, which = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        found = {tier: on_tier(Path(folder), Tier(tier), which == "core") for tier in tiers}
    json.dump({"user": os.getuid(), "tiers": found}, sys.stdout)


def on_tier(folder: Path, tier: Tier, core: bool) -> dict[str, Any]:
    """The tier that was entered, and per attack its breaches and what its author was told."""
    campaign = Campaign(folder, tier)
    try:
        chosen = [attack for attack in ATTACKS if attack.core or not core]
        verdicts = {attack.name: campaign.strike(attack) for attack in chosen}
        user = campaign.worker_user()
    finally:
        campaign.close()
    told = {name: {"breaches": v.breaches, "told": v.told} for name, v in verdicts.items()}
    return {"entered": campaign.entered, "worker_user": user, "attacks": told}


if __name__ == "__main__":
    main()
