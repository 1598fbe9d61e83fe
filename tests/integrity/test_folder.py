"""The scan folder against what was taken in from it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from database.engine import transaction
from documents.folder import ScanFolder
from documents.folder_files import look
from documents.loading import load
from documents.sightings import key_of
from documents.tables import Sighting
from environment import clock
from environment.settings import get_settings
from integrity.checking import check, repair
from integrity.differences import Difference
from tests.integrity.installation import Cases
from tests.retention.conftest import Later

CONTENT = b"%PDF-1.7 from the scanner"


@pytest.fixture
def taken(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A file that was taken in from the folder, as if it could not be removed; with its number."""
    monkeypatch.setenv("EBOK_INTAKE_STABLE_SECONDS", "0")
    get_settings.cache_clear()
    path = get_settings().inbox / "skan.pdf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(CONTENT)
    (one,) = ScanFolder().take(lambda _: True)
    assert not path.exists() and one.tracking is not None
    path.write_bytes(CONTENT)
    _seen(path, one.tracking)
    return path, one.tracking


def _seen(path: Path, tracking: str) -> None:
    """As the register knows a file that it took in long ago."""
    (seen,) = [one for one in look(path.parent) if one.path == path.absolute()]
    at = clock.now() - timedelta(hours=2)
    row = {"size": seen.size, "mtime_ns": seen.mtime_ns, "first_seen": at, "unchanged_since": at}
    with transaction() as session:
        keys = {"folder_key": key_of(path.parent), "path_key": key_of(path)}
        session.add(Sighting(**keys, **row, tracking=tracking, settled=True))


def found() -> tuple[Difference, ...]:
    return check(moments=(0.0,)).differences


def test_a_file_that_was_taken_in_and_lies_there_still_is_removed(taken: tuple[Path, str]) -> None:
    path, tracking = taken
    (told,) = found()
    assert (told.kind.code, told.subject) == ("scan_not_removed", tracking)
    assert [done for _, done in repair([told], "machine")] == [True]
    assert not path.exists() and found() == ()


def test_a_file_that_is_another_one_by_now_is_none_of_it(taken: tuple[Path, str]) -> None:
    taken[0].write_bytes(b"%PDF-1.7 the next one")
    assert found() == ()


def test_an_interrupted_removal_is_brought_to_its_end(taken: tuple[Path, str], later: Later) -> None:
    path, tracking = taken
    half = path.rename(path.with_name(f".ebok-taken-{tracking}"))
    assert found() == ()
    later(1)
    (told,) = found()
    assert (told.kind.code, told.subject) == ("scan_half_removed", tracking)
    assert [done for _, done in repair([told], "machine")] == [True]
    assert not half.exists() and found() == ()


def test_what_lies_under_the_name_of_a_removal_but_is_another_file_is_given_back(
    taken: tuple[Path, str], later: Later
) -> None:
    path, tracking = taken
    half = path.rename(path.with_name(f".ebok-taken-{tracking}"))
    half.write_bytes(b"%PDF-1.7 another one")
    later(1)
    assert [done for _, done in repair(found(), "machine")] == [True]
    assert path.read_bytes() == b"%PDF-1.7 another one"


def test_a_file_that_passes_for_taken_in_without_a_case_is_left_to_a_human(taken: tuple[Path, str]) -> None:
    path, tracking = taken
    with transaction() as session:
        load(session, tracking).tracking = "XXXX-XXXX"
    told = {one.kind.code: one for one in found()}
    assert told["scan_of_nothing"].subject == tracking
    assert dict(repair([told["scan_of_nothing"]], "machine"))[told["scan_of_nothing"]] is False
    assert path.exists()
