"""Every answer about an address or a number takes equally long, so that its time does not give away what we know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio

FLOOR: Final = 0.5
"""Seconds that an answer takes at least: longer than any look into the database."""


@asynccontextmanager
async def not_before_floor() -> AsyncIterator[None]:
    """Leave this block no sooner than ``FLOOR`` after it was entered, whatever was found and whatever went wrong."""
    begun = anyio.current_time()
    try:
        yield
    finally:
        await anyio.sleep_until(begun + FLOOR)
