"""A scan of several papers for the tests of pages and of reading them anew."""

from __future__ import annotations

import pytest

from benchmarks import office
from database.engine import transaction
from documents import loading
from specimens.files import joined
from tests.review.stacks import PAPERS


@pytest.fixture
def stack(sqlite_database: str) -> str:
    """A scan of two papers that the machine took for one document of two pages; it waits."""
    office.fill_register()
    tracking = office.received(joined(*(office.scanned(paper) for paper in PAPERS)))
    office.read(tracking, PAPERS[0])
    with transaction() as session:
        loading.load(session, tracking).pages = [1, 2]
    return office.judged(tracking)
