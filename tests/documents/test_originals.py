from __future__ import annotations

import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest

from documents.originals import OriginalError, chunks_of, clear_drafts, is_sound, opened, store_bytes, store_file
from environment.settings import get_settings
from tests.stored import original_path

pytestmark = pytest.mark.usefixtures("home")


def test_an_original_is_kept_by_content_and_read_only() -> None:
    stored = store_bytes(b"%PDF-1.7 a letter")
    path = get_settings().originals / stored.path
    assert path == original_path(stored.sha256)
    assert b"".join(chunks_of(stored.sha256)) == b"%PDF-1.7 a letter"
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stored.sha256 == hashlib.sha256(b"%PDF-1.7 a letter").hexdigest()
    assert (stored.size, stored.media_type) == (17, "application/pdf")


def test_what_lies_on_the_disk_tells_nothing_of_what_came_in() -> None:
    stored = store_bytes(b'{"pesel": "90010112345"}')
    assert b"90010112345" not in original_path(stored.sha256).read_bytes()
    assert b"pesel" not in original_path(stored.sha256).read_bytes()


def test_an_original_from_before_there_were_seals_is_read_as_it_is() -> None:
    sha256 = hashlib.sha256(b"%PDF-1.4 old").hexdigest()
    path = original_path(sha256)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.4 old")
    assert is_sound(sha256)
    assert b"".join(chunks_of(sha256)) == b"%PDF-1.4 old"
    store_bytes(b"%PDF-1.4 old")
    assert path.read_bytes() == b"%PDF-1.4 old"


def test_an_original_that_is_missing_or_was_changed_is_told_before_anything_of_it_is_read() -> None:
    stored = store_bytes(b"letter" * 500_000)
    path = original_path(stored.sha256)
    whole = path.read_bytes()
    path.chmod(0o600)
    for spoilt in (whole[:-1], whole[:100], whole[:1000] + b"?" + whole[1001:], b"", whole + b"?"):
        path.write_bytes(spoilt)
        with pytest.raises(OriginalError), opened(stored.sha256):
            pytest.fail("opened")
    path.unlink()
    with pytest.raises(OriginalError, match="missing"):
        chunks_of(stored.sha256)


def test_the_same_bytes_again_leave_the_stored_file_untouched() -> None:
    first = store_bytes(b"letter")
    inode = original_path(first.sha256).stat().st_ino
    assert store_bytes(b"letter") == first
    assert original_path(first.sha256).stat().st_ino == inode


@pytest.mark.parametrize("spoilt", [b"", b"lett", b"other content"])
def test_a_stored_file_with_wrong_content_is_repaired(spoilt: bytes) -> None:
    stored = store_bytes(b"letter")
    path = original_path(stored.sha256)
    path.chmod(0o644)
    path.write_bytes(spoilt)
    assert not is_sound(stored.sha256)
    store_bytes(b"letter")
    assert is_sound(stored.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_nothing_but_originals_is_left_in_the_store() -> None:
    stored = store_bytes(b"letter")
    files = [path for path in get_settings().originals.rglob("*") if path.is_file()]
    assert files == [original_path(stored.sha256)]


def test_a_draft_of_a_crash_does_not_hinder_the_next_try() -> None:
    get_settings().originals.mkdir(parents=True)
    (get_settings().originals / ".draft-crash").write_bytes(b"lett")
    assert is_sound(store_bytes(b"letter").sha256)


def test_drafts_of_killed_processes_are_cleared_after_a_day() -> None:
    stored = store_bytes(b"letter")
    old, fresh = get_settings().originals / ".draft-old", get_settings().originals / ".draft-fresh"
    old.write_bytes(b"lett")
    fresh.write_bytes(b"lett")
    os.utime(old, (1, 1))
    clear_drafts()
    assert (old.exists(), fresh.exists(), is_sound(stored.sha256)) == (False, True, True)


def test_a_file_is_copied_and_left_alone(tmp_path: Path) -> None:
    source = tmp_path / "pismo.pdf"
    source.write_bytes(b"x" * 3_000_000)
    stored = store_file(source)
    assert is_sound(stored.sha256)
    assert source.read_bytes() == b"x" * 3_000_000


def test_a_symbolic_link_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"letter")
    (tmp_path / "link").symlink_to(tmp_path / "letter")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "link", tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError):
            store_file(path)


def test_a_file_that_grows_meanwhile_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "scan.tif"
    source.write_bytes(b"II*\x00")
    sync = os.fsync

    def scanner_writes_on(number: int) -> None:
        sync(number)
        with source.open("ab") as scanner:
            scanner.write(b"more")

    monkeypatch.setattr(os, "fsync", scanner_writes_on)
    with pytest.raises(OriginalError, match="changed"):
        store_file(source)


def test_many_takers_of_the_same_bytes_end_with_one_sound_file() -> None:
    results = []
    threads = [threading.Thread(target=lambda: results.append(store_bytes(b"y" * 100_000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert len(set(results)) == 1
    assert is_sound(results[0].sha256)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"MM\x00*", "image/tiff"),
        (b"II+\x00", "image/tiff"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "application/octet-stream"),
        (b"\n%PDF-1.4", "application/pdf"),
        (b' {"form": 1}', "application/json"),
        (b"", "application/octet-stream"),
        (b"PK\x03\x04", "application/octet-stream"),
    ],
)
def test_the_media_type_follows_from_the_bytes_not_from_the_name(head: bytes, media_type: str) -> None:
    assert store_bytes(head).media_type == media_type
