"""Requests made from the description of the API, right and wrong ones, find no answer that contradicts it."""

from __future__ import annotations

import pytest

from api import answer_time
from api.app import create_app
from benchmarks import office
from benchmarks.api import ask


@pytest.mark.usefixtures("sqlite_database")
def test_every_answer_is_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    [(number, _)] = office.billed_accounts(1, months=2)
    found = ask(create_app(), number, examples=3, short=True)
    assert found.faults == []
    assert {200, 202, 204, 401, 404, 405, 415, 422} <= set(found.answers)
