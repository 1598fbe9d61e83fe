"""What `ebok doctor` says of the issuers whose electronic signatures are believed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cli import doctor
from environment import clock
from environment.settings import get_settings
from tests.signed_files import YEAR, Issuer


@pytest.fixture
def folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Issuer().trusted_in(tmp_path / "wystawcy")
    monkeypatch.setenv("EBOK_TRUST_DIR", str(folder))
    get_settings.cache_clear()
    return folder


def test_where_nobody_is_to_be_believed_there_is_nothing_to_say(home: Path) -> None:
    assert doctor._trust() == []


def test_valid_issuers_are_counted(folder: Path) -> None:
    (found,) = doctor._trust()
    assert (found.holds, found.remedy) == (True, None)
    assert found.message == "Zaufani wystawcy podpisów elektronicznych: ważnych 1 z 1"


def test_a_file_that_is_no_certificate_is_named_with_what_to_do(folder: Path) -> None:
    (folder / "czytaj.txt").write_text("to nie certyfikat")
    (found,) = doctor._trust()
    assert not found.holds
    assert "czytaj.txt" in found.message
    assert str(folder) in (found.remedy or "")


def test_an_issuer_that_has_expired_and_an_empty_folder_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + 3 * YEAR + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    (found,) = doctor._trust()
    assert not found.holds
    assert "ważnych 0 z 1" in found.message
    (folder / "root.pem").unlink()
    (found,) = doctor._trust()
    assert not found.holds
