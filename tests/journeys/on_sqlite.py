"""For journeys to which the kind of database does not matter: what they are about happens before or after it.

Those that it matters to (ways in, order, repetition, letters, the desk) run on both.
"""

from __future__ import annotations

import pytest


@pytest.fixture
def database(sqlite_database: str) -> str:
    """The one kind; takes the place of the fixture that gives both in turn."""
    return sqlite_database
