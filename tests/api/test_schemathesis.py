"""Requests made from the description of the API, right and wrong ones, find no answer that contradicts it."""

from __future__ import annotations

import pytest

from api.app import create_app
from benchmarks.api import ask


@pytest.mark.usefixtures("sqlite_database")
def test_every_answer_is_as_described() -> None:
    found = ask(create_app(), examples=5)
    assert found.faults == []
    assert {200, 202, 404, 405, 415, 422} <= set(found.answers)
