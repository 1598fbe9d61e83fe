"""The check of each night: told as new once, known afterwards, forgotten when it is mended."""

from __future__ import annotations

import pytest

from database.engine import reading
from documents.tables import Original
from integrity import nightly
from integrity.nightly import Result, last_result
from tests.integrity.at_once import at_once
from tests.integrity.damages import ago, changed, consent, file_of
from tests.integrity.installation import Cases
from tests.retention.conftest import Later

__all__ = ["at_once"]
pytestmark = pytest.mark.usefixtures("at_once")


def last() -> Result | None:
    with reading() as session:
        return last_result(session)


def told(result: Result | None) -> list[tuple[str, int, int]]:
    assert result is not None
    return [(sort.code, sort.number, sort.new) for sort in result.sorts]


def test_a_difference_is_new_for_one_night(cases: Cases) -> None:
    assert last() is None
    assert told(nightly.run()) == []
    consent("accepted", withdrawn=True)(cases)
    assert told(nightly.run()) == [("consent_end_torn", 1, 1)]
    assert told(nightly.run()) == [("consent_end_torn", 1, 0)]
    consent("moving", withdrawn=True)(cases)
    again = nightly.run()
    assert (again.number, again.new) == (2, 1)
    for name in ("accepted", "moving"):
        consent(name, withdrawn=False)(cases)
    assert told(nightly.run()) == []
    consent("accepted", withdrawn=True)(cases)
    assert told(nightly.run()) == [("consent_end_torn", 1, 1)]


def test_each_original_is_read_within_eight_nights_and_stays_told_in_between(cases: Cases, later: Later) -> None:
    changed(Original, Original.size > 0, stored_at=ago(days=9))
    path = file_of(cases["accepted"])
    path.unlink()
    path.write_bytes(b"{}")
    path.chmod(0o400)
    nights = []
    for _ in range(9):
        nights.append(told(nightly.run()))
        later(1)
    begun = nights.index([("original_changed", 1, 1)])
    assert nights == [[]] * begun + [[("original_changed", 1, 1)]] + [[("original_changed", 1, 0)]] * (8 - begun)


def test_nights_that_pass_without_a_check_are_noticed(cases: Cases, later: Later) -> None:
    assert not nightly.run().overdue
    later(3)
    result = last()
    assert result is not None and result.overdue
