"""A machine whose store of originals is not the register's is seen, and erases nothing there."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import office
from documents.originals import is_there, remove_original, store_bytes
from documents.store import store as store_in_force
from documents.store_mark import StoreStanding, claim_store, is_anothers, standing
from environment.settings import get_settings
from retention import files


def another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str = "another") -> None:
    """The store of another machine on the same register."""
    (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / name))
    get_settings.cache_clear()


def forget_mark() -> None:
    store_in_force().remove("store.id")


@pytest.mark.usefixtures("store", "database")
def test_the_first_start_marks_the_store_and_every_later_one_finds_it_its_own() -> None:
    assert standing() == StoreStanding(None, 0, 0)
    assert claim_store() == StoreStanding(True, 0, 0)
    office.received(b"%PDF-1.7 a letter")
    assert claim_store() == standing() == StoreStanding(True, 1, 0)


@pytest.mark.usefixtures("sqlite_database")
def test_a_second_machine_with_a_folder_of_its_own_is_seen_before_and_after_the_first_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_store()
    another_folder(tmp_path, monkeypatch)
    assert claim_store() == StoreStanding(False, 0, 0)
    monkeypatch.delenv("EBOK_ORIGINALS_URL")
    get_settings.cache_clear()
    office.received(b"%PDF-1.7 a letter")
    another_folder(tmp_path, monkeypatch)
    found = claim_store()
    assert (found, found.fits) == (StoreStanding(False, 1, 1), False)


@pytest.mark.usefixtures("sqlite_database")
def test_a_store_that_lacks_what_the_register_names_does_not_fit_though_its_mark_does() -> None:
    claim_store()
    office.received(b"%PDF-1.7 a letter")
    lost = store_bytes(b"%PDF-1.7 a letter").sha256
    remove_original(lost)
    assert (standing(), standing().fits) == (StoreStanding(True, 1, 1), False)


@pytest.mark.usefixtures("sqlite_database")
def test_originals_put_back_without_their_mark_are_known_by_what_they_are() -> None:
    claim_store()
    office.received(b"%PDF-1.7 a letter")
    forget_mark()
    assert standing() == StoreStanding(False, 1, 0)
    assert claim_store() == StoreStanding(True, 1, 0)


@pytest.mark.usefixtures("sqlite_database")
def test_an_installation_from_before_there_were_marks_gets_one() -> None:
    office.received(b"%PDF-1.7 a letter")
    assert claim_store() == StoreStanding(True, 1, 0)


@pytest.mark.usefixtures("sqlite_database")
def test_a_start_killed_between_the_two_marks_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with store_in_force().draft() as draft:
        draft.file.write(b"a" * 32)
        draft.keep("store.id")
    assert claim_store() == StoreStanding(True, 0, 0)


@pytest.mark.usefixtures("sqlite_database")
def test_a_new_register_claims_no_store_that_holds_what_it_does_not_know_and_erases_nothing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_folder(tmp_path, monkeypatch, "of production")
    foreign = store_bytes(b"%PDF-1.7 of production").sha256
    with store_in_force().draft() as draft:
        draft.file.write(b"b" * 32)
        draft.keep("store.id")
    assert claim_store().ours is False
    another_folder(tmp_path, monkeypatch, "of a test")
    assert claim_store().ours
    another_folder(tmp_path, monkeypatch, "of production")
    assert is_anothers()
    monkeypatch.setattr(files, "STRAY", -files.STRAY)  # as if all of it were old
    files.erase_unclaimed()
    assert is_there(foreign)
