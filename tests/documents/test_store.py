"""Whatever originals are kept in, a folder or a bucket: written once, whole or not there, sealed, told when away."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from s3fs import S3FileSystem

from database.engine import transaction
from database.keys import add_key
from documents.erasing import erase_original, erase_stray, stray_files
from documents.intake import receive_file
from documents.originals import (
    OriginalError,
    chunks_of,
    is_sound,
    is_there,
    opened,
    relative_path,
    remove_original,
    seal_anew,
    store_bytes,
    stored_files,
    try_store,
)
from documents.states import IntakeChannel, State
from documents.store import store as store_in_force
from documents.store_interface import StoreUnreachableError
from environment import clock
from environment.settings import get_settings
from tests.documents.scanning import WHOLE, Clock, documents, sweep
from tests.s3 import S3

LETTER = b'{"pesel": "90010112345"}'


def raw(sha256: str) -> bytes:
    """What lies in the store, as it lies there."""
    with store_in_force().read(relative_path(sha256)) as file:
        return file.read()


def spoil(sha256: str, content: bytes) -> None:
    with store_in_force().draft() as draft:
        draft.file.write(content)
        draft.replace(relative_path(sha256))


def digests() -> list[str]:
    return [sha256 for sha256, _ in stored_files()]


@pytest.mark.usefixtures("store")
def test_an_original_comes_back_as_it_came_and_its_store_learns_nothing_of_it() -> None:
    stored = store_bytes(LETTER)
    with opened(stored.sha256) as file:
        assert file.read() == LETTER
        assert file.fileno() >= 0, "readers are handed an open file: they have no network and no names"
    assert b"9001" not in raw(stored.sha256) and b"pesel" not in raw(stored.sha256)
    assert (is_there(stored.sha256), digests()) == (True, [stored.sha256])


@pytest.mark.usefixtures("store")
def test_the_same_bytes_again_leave_what_is_stored_untouched() -> None:
    stored = store_bytes(LETTER)
    before = raw(stored.sha256)
    assert store_bytes(LETTER) == stored
    assert raw(stored.sha256) == before, "each sealing is another: it was written anew"
    with store_in_force().draft() as draft:
        draft.file.write(b"something else")
        assert not draft.keep(relative_path(stored.sha256))
    assert raw(stored.sha256) == before


@pytest.mark.usefixtures("store")
def test_what_is_missing_or_changed_is_told_before_anything_of_it_is_read_and_mended_when_it_comes_again() -> None:
    stored = store_bytes(LETTER * 100_000)
    whole = raw(stored.sha256)
    for spoilt in (whole[:-1], whole[:1000] + b"?" + whole[1001:], b""):
        spoil(stored.sha256, spoilt)
        with pytest.raises(OriginalError), opened(stored.sha256):
            pytest.fail("opened")
    store_bytes(LETTER * 100_000)
    assert is_sound(stored.sha256)
    remove_original(stored.sha256)
    remove_original(stored.sha256)
    with pytest.raises(OriginalError, match="missing"):
        chunks_of(stored.sha256)


@pytest.mark.usefixtures("store")
def test_a_draft_that_never_got_its_name_is_nowhere() -> None:
    def broken_off() -> None:
        with store_in_force().draft() as draft:
            draft.file.write(b"half of it")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()
    assert digests() == []
    assert [path for path in get_settings().originals.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("store")
def test_many_takers_of_the_same_bytes_end_with_one_sound_original() -> None:
    results = []
    threads = [threading.Thread(target=lambda: results.append(store_bytes(LETTER))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(results), len(set(results)), digests()) == (8, 1, [results[0].sha256])
    assert is_sound(results[0].sha256)


@pytest.mark.usefixtures("store")
def test_a_new_key_seals_everything_anew() -> None:
    stored = store_bytes(LETTER)
    add_key()
    assert list(seal_anew()) == [1]
    assert list(seal_anew()) == [0]
    assert b"".join(chunks_of(stored.sha256)) == LETTER


@pytest.mark.usefixtures("store", "sqlite_database")
def test_what_is_erased_is_gone_and_what_no_row_stands_for_goes_too(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(WHOLE)
    with transaction() as session:
        kept = receive_file(session, path, channel=IntakeChannel.CLI)
        assert kept.state is State.RECEIVED
    (document,) = documents()
    sha256 = document.original_sha256 or ""
    stray = store_bytes(LETTER).sha256
    young, old = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    assert (list(stray_files(old)), list(stray_files(young))) == ([stray], [])
    with transaction() as session:
        assert not erase_stray(session, stray, young)
        assert (erase_stray(session, stray, old), erase_stray(session, sha256, old)) == (True, False)
        document = session.merge(document)
        document.original_released_at = clock.now()
        session.flush()
        assert erase_original(session, sha256)
    assert digests() == []


@pytest.mark.usefixtures("store")
def test_a_store_is_tried_and_nothing_of_it_stays() -> None:
    try_store()
    assert digests() == []


@pytest.mark.usefixtures("bucket")
def test_a_store_that_overwrites_what_is_there_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    write = S3FileSystem.pipe_file
    monkeypatch.setattr(
        S3FileSystem, "pipe_file", lambda self, path, data, mode, **more: write(self, path, data, **more)
    )
    with pytest.raises(OriginalError, match="overwrites"):
        try_store()


@pytest.mark.usefixtures("bucket")
def test_who_keeps_older_versions_of_what_is_erased_is_found_out(s3: S3) -> None:
    assert not store_in_force().keeps_what_is_removed()
    files = S3FileSystem(endpoint_url=s3.endpoint)
    bucket = (get_settings().originals_bucket or "").partition("/")[0]
    files.make_bucket_versioned(bucket)
    try:
        assert store_in_force().keeps_what_is_removed()
    finally:
        files.make_bucket_versioned(bucket, versioned=False)


AWAY = {
    "no server": ("EBOK_ORIGINALS_ENDPOINT", "http://127.0.0.1:1", "EBOK_ORIGINALS_ENDPOINT"),
    "no bucket": ("EBOK_ORIGINALS_URL", "s3://nowhere/originals", "nowhere"),
    "no key": ("AWS_ACCESS_KEY_ID", "", "AWS_ACCESS_KEY_ID"),
    "no folder": ("EBOK_ORIGINALS_URL", "/nowhere/originals", "nie ma go"),
}


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("how", AWAY)
def test_a_store_that_is_away_is_no_missing_original_and_says_what_to_do(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, value, remedy = AWAY[how]
    monkeypatch.setenv(name, value)
    if not value:
        monkeypatch.delenv(name)
        monkeypatch.setenv("EBOK_ORIGINALS_URL", f"{get_settings().originals_url}/another")  # known by its settings
    get_settings.cache_clear()
    for wanted in (store_in_force().require, lambda: store_bytes(LETTER), lambda: is_sound("0" * 64), try_store):
        with pytest.raises(StoreUnreachableError) as told:
            wanted()
        assert remedy in told.value.remedy


@pytest.mark.usefixtures("bucket", "sqlite_database")
@pytest.mark.parametrize("content", [WHOLE, b"locked"])
def test_a_file_waits_in_the_scan_folder_while_the_store_is_away_and_is_taken_once_when_it_is_back(
    inbox: Path, clock: Clock, s3: S3, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "skan.pdf").write_bytes(content)
    monkeypatch.setenv("EBOK_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("EBOK_ORIGINALS_ENDPOINT", "http://127.0.0.1:1")
    get_settings.cache_clear()
    sweep(clock)
    for _ in range(get_settings().max_attempts + 1):
        (told,) = sweep(clock, after=60)
        assert (told.code, told.tracking, told.fault) == ("store_unreachable", None, None)
    assert documents() == []
    monkeypatch.setenv("EBOK_ORIGINALS_ENDPOINT", s3.endpoint)
    get_settings.cache_clear()
    sweep(clock, after=60)
    (document,) = documents()
    assert is_sound(document.original_sha256 or "")
    assert list(inbox.iterdir()) == []
