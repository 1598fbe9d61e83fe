"""One scan folder looked into by several machines: one that does not see the share spoils nothing for the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from documents.folder import ScanFolder
from documents.states import State
from environment import clock
from environment.settings import get_settings


def _joined(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EBOK_PREFECT_URL", url)
    get_settings.cache_clear()


def test_a_machine_that_joined_without_the_share_makes_no_file_wait_anew(
    database: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, at = tmp_path / "share", clock.now()
    monkeypatch.setenv("EBOK_INBOX_DIR", str(share))
    share.mkdir()
    (share / "skan.pdf").write_bytes(b"%PDF whole")

    def taken(seconds: float) -> list[State | None]:
        folder = ScanFolder(now=lambda: at + timedelta(seconds=seconds))
        return [one.state for one in folder.take(lambda path: True)]

    _joined(monkeypatch, "")
    assert taken(0) == [None]
    share.rename(tmp_path / "away")
    share.mkdir()
    _joined(monkeypatch, "http://127.0.0.1:4200")
    assert taken(2) == []
    share.rmdir()
    (tmp_path / "away").rename(share)
    _joined(monkeypatch, "")
    assert taken(4) == [State.RECEIVED]


def test_what_one_machine_has_seen_another_takes(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, at = tmp_path / "share", clock.now()
    monkeypatch.setenv("EBOK_INBOX_DIR", str(share))
    share.mkdir()
    (share / "skan.pdf").write_bytes(b"%PDF whole")
    for url, seconds, states in (("", 0, [None]), ("http://127.0.0.1:4200", 4, [State.RECEIVED]), ("", 5, [])):
        _joined(monkeypatch, url)
        moment = at + timedelta(seconds=seconds)
        found = ScanFolder(now=lambda moment=moment: moment).take(lambda path: True)  # type: ignore[misc]
        assert [one.state for one in found] == states
    assert list(share.iterdir()) == []
