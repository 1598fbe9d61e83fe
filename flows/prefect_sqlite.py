"""How the engine writes into a database of SQLite: who will write takes the lock when his transaction begins.

Prefect lets most of its transactions begin as readers. When two of them have read and one of them writes, the other may
no longer write (SQLITE_BUSY_SNAPSHOT): its request fails, and is repeated after two seconds. What is worse, the failed
cursor stays unfinished until the garbage collector finds it, in the thread of the event loop; if its connection waits
for the lock just then, the event loop waits for that connection, and whoever holds the lock waits for the event loop:
the whole engine stands still for the sixty seconds that SQLite is told to be patient.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from prefect.server.database.configurations import SQLITE_BEGIN_MODE, AioSqliteConfiguration
from prefect.server.database.dependencies import MODELS_DEPENDENCIES
from prefect.server.utilities.database import get_dialect
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL


class WriterFromTheStart(AioSqliteConfiguration):
    """Prefect's own way with SQLite, but its transactions wait for the lock before their first look."""

    @asynccontextmanager
    async def begin_transaction(self, session: Any, with_for_update: bool = False) -> AsyncIterator[Any]:
        """As Prefect begins one; a transaction within another one, which holds the lock, begins as Prefect asks."""
        within = SQLITE_BEGIN_MODE.get() is not None
        async with super().begin_transaction(session, with_for_update=with_for_update or not within) as begun:
            yield begun


def write_from_the_start() -> None:
    """Have the server of this process write so, if its database is SQLite; to be called before it is made."""
    address = PREFECT_API_DATABASE_CONNECTION_URL.value()
    if get_dialect(address).name == "sqlite":
        MODELS_DEPENDENCIES["database_config"] = WriterFromTheStart(connection_url=address)
