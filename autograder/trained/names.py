"""Names on a leaderboard: whatever somebody typed, as one short harmless line."""

from __future__ import annotations

import unicodedata

LONGEST = 24  # characters
_UNSEEN = ("C", "Z")  # control, format (also those that turn writing around) and space characters


def clean_leaderboard_name(text: str) -> str:
    """The name as it is shown: normal letters, single spaces, at most 24 characters; "" if nothing is left.

    Letters that only look different (full width, ligatures) become the plain ones, so that names compare as
    they read; accents pile up no higher than normal writing has them.
    """
    plain = unicodedata.normalize("NFKC", text[:1000])
    seen = "".join(" " if unicodedata.category(c)[0] in _UNSEEN else c for c in plain)
    calm = "".join(c for i, c in enumerate(seen) if not _piles_up(seen, i))
    return " ".join(calm.split())[:LONGEST].strip()


def _piles_up(text: str, index: int) -> bool:
    """Whether a mark stands on two others already."""
    return all(unicodedata.category(c)[0] == "M" for c in text[max(0, index - 2) : index + 1]) and (
        index >= 2
    )
