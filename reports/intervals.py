"""What a counted share proves."""

from __future__ import annotations

import math


def wilson(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share, by Wilson's score."""
    if not total:
        return 0.0, 1.0
    z = 1.959964
    share, spread = right / total, z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
