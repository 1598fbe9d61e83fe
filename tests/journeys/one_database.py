"""For journeys that need only one kind of database: what is specific to its SQL is asked of both elsewhere.

A module whose journeys are about what happens before or after it imports the fixture ``database``; a journey in a
module of others has a mark.
"""

from __future__ import annotations

from typing import Final

import pytest

ON_SQLITE: Final = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL: Final = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def database(sqlite_database: str) -> str:
    """The one kind; takes the place of the fixture that gives both in turn."""
    return sqlite_database
