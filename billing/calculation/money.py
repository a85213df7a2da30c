"""Fractions of a yen."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.rules.policy.charging import Rounding


_MODES = {"floor": ROUND_FLOOR, "ceiling": ROUND_CEILING, "half_up": ROUND_HALF_UP}


def rounded(amount: Decimal, rounding: Rounding) -> int:
    """An amount in whole yen: cut off, rounded up, or rounded half up.

    A negative amount mirrors the positive one, so that a credit cancels what it credits exactly.
    """
    yen = int(abs(amount).to_integral_value(_MODES[rounding]))
    return -yen if amount < 0 else yen
