"""Waiting for what others do: who asks them without a pause takes the processor from them."""

from __future__ import annotations

import time

_BETWEEN_LOOKS = 0.05


def pause() -> None:
    """Between two looks at something that has not come yet."""
    time.sleep(_BETWEEN_LOOKS)
