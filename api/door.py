"""Places at which files are looked at, shared out so that no sender keeps the others waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from anyio import CapacityLimiter, fail_after


class Door:
    """So many places. A client never has the last one: his files wait for one another, and not others' for them."""

    def __init__(self, places: int) -> None:
        self._places, self._most = CapacityLimiter(places), max(1, places - 1)
        self._clients: WeakValueDictionary[str, CapacityLimiter] = WeakValueDictionary()

    @asynccontextmanager
    async def place(self, client: str, patience: float) -> AsyncIterator[None]:
        """A place for the block, in the order of those who asked; TimeoutError after so many seconds without one."""
        own = self._clients.setdefault(client, CapacityLimiter(self._most))
        async with AsyncExitStack() as held:
            with fail_after(patience):
                for limit in (own, self._places):
                    await held.enter_async_context(limit)
            yield
