"""Numbers as people round them: exact halves go up, as on a pocket calculator."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def hundredths(value: float) -> str:
    """15.225 → "15.23". Binary fractions alone would make some halves go down and others up."""
    exact = Decimal(repr(round(value, 9)))
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
