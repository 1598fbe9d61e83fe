"""Keys of an installation: several, each with its purposes, replaced while everybody works, and kept from others."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import LargeBinary, text

from benchmarks import office
from customers.records import RegisterLookup
from database import encryption, keys, private_files, reencryption
from database.encryption import EncryptedJson, EncryptedText, decrypt, digest, encrypt
from database.engine import Base, transaction
from database.envelopes import BrokenSealError, sealed, sealed_bytes, unsealed, unsealed_bytes, with_newest_key
from database.keys import SecretKeyError, add_key, key_file, key_ring
from documents.originals import chunks_of, seal_anew, store_bytes
from environment.settings import get_settings
from tests.stored import original_path


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Keys of the test."""


def test_what_an_older_key_encrypted_is_read_and_the_newest_encrypts() -> None:
    old = encrypt("Anna")
    add_key()
    new = encrypt("Jan")
    assert (decrypt(old), decrypt(new)) == ("Anna", "Jan")
    assert key_ring().encryption_of_newest.decrypt(new) == b"Jan"
    with pytest.raises(InvalidToken):
        key_ring().encryption_of_newest.decrypt(old)


def test_digests_stay_the_same_whatever_keys_are_added() -> None:
    before = digest("pesel", "90010112345")
    add_key()
    assert digest("pesel", "90010112345") == before


def test_each_purpose_has_a_key_of_its_own() -> None:
    key = key_ring().newest
    assert len({key.derived("encryption"), key.derived("look-up"), key.derived("cookies"), key.secret}) == 4


def test_the_one_key_of_before_is_taken_over_with_all_that_it_encrypted(home: Path) -> None:
    before = Fernet.generate_key()
    (home / "secret.key").write_bytes(before)
    token = Fernet(before).encrypt(b"Anna")
    assert decrypt(token) == "Anna"
    assert not (home / "secret.key").exists()
    assert key_ring().lookup == before
    assert before not in str(key_ring()).encode()


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_the_file_of_keys_is_the_owners_alone_whatever_the_umask(umask: int) -> None:
    before = os.umask(umask)
    try:
        key_ring()
        add_key()
    finally:
        os.umask(before)
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file().parent.stat().st_mode) & 0o077 == 0


def test_keys_are_read_from_a_named_file_or_a_credential_of_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, content = encrypt("Anna"), key_file().read_bytes()
    key_file().unlink()
    named = tmp_path / "elsewhere.keys"
    named.write_bytes(content)
    monkeypatch.setenv("EBOK_SECRET_KEY_FILE", str(named))
    get_settings.cache_clear()
    assert decrypt(token) == "Anna"
    monkeypatch.delenv("EBOK_SECRET_KEY_FILE")
    get_settings.cache_clear()
    (tmp_path / "ebok.keys").write_bytes(content)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert decrypt(token) == "Anna"
    with pytest.raises(SecretKeyError, match="EBOK_SECRET_KEY_FILE"):
        add_key()


@pytest.mark.parametrize("content", ["", "# nothing\n", "one two\n", "1 ąę\n", "abc"])
def test_a_damaged_file_of_keys_is_told_and_not_replaced(content: str) -> None:
    key_file().parent.mkdir()
    key_file().write_text(content)
    with pytest.raises(SecretKeyError, match="copy"):
        encrypt("Anna")
    assert key_file().read_text() == content


def test_a_sealed_file_is_read_back_whole_and_any_change_is_told() -> None:
    for size in (0, 1, 1 << 20, (1 << 20) + 1, 3_000_000):
        data = os.urandom(size)
        kept = b"".join(sealed([data[:1000], data[1000:]]))
        assert unsealed_bytes(kept) == data
        other = bytes([kept[-20] ^ 1])
        for spoilt in (kept[:-1], kept[:-20], kept[:-20] + other + kept[-19:], kept + b"!"):
            with pytest.raises((BrokenSealError, SecretKeyError)):
                unsealed_bytes(spoilt)


def test_the_same_content_sealed_twice_looks_different() -> None:
    assert sealed_bytes(b"letter") != sealed_bytes(b"letter")


def test_a_file_of_another_installation_is_told_as_that(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = sealed_bytes(b"letter")
    monkeypatch.setenv("EBOK_SECRET_KEY_FILE", str(home / "of another"))
    get_settings.cache_clear()
    with pytest.raises(SecretKeyError, match="another key"):
        unsealed_bytes(kept)


def test_a_new_key_goes_to_the_head_of_a_sealed_file_and_its_content_stays() -> None:
    kept = sealed_bytes(b"letter" * 1000)
    assert with_newest_key(io.BytesIO(kept)) is None
    add_key()
    anew = with_newest_key(io.BytesIO(kept))
    assert anew is not None
    moved = b"".join(anew)
    assert moved[-6016:] == kept[-6016:]
    assert b"".join(unsealed(io.BytesIO(moved))) == b"letter" * 1000
    assert with_newest_key(io.BytesIO(moved)) is None


def test_old_data_is_encrypted_anew_and_nothing_is_lost_when_that_is_broken_off(database: str) -> None:
    office.fill_register()
    stored = store_bytes(b'{"pesel": "90010112345"}')
    person = office.people()[0]
    add_key()
    next(work := reencryption.encrypt_anew())
    work.close()  # broken off after a bundle
    assert sum(reencryption.encrypt_anew()) > 0
    assert list(seal_anew()) == [1]
    assert sum(reencryption.encrypt_anew()) == 0
    assert list(seal_anew()) == [0]
    with transaction() as session:
        record = RegisterLookup(session).find(person["customer_no"])
        (token,) = session.execute(
            text("SELECT pesel FROM customers WHERE customer_no = :number"), {"number": person["customer_no"]}
        ).one()
    assert record is not None
    assert record.pesel == person["pesel"]
    assert key_ring().encryption_of_newest.decrypt(bytes(token)).decode() == person["pesel"]
    assert b"".join(chunks_of(stored.sha256)) == b'{"pesel": "90010112345"}'
    assert stat.S_IMODE(original_path(stored.sha256).stat().st_mode) == 0o400


def test_a_binary_column_is_an_encrypted_one_so_that_none_is_left_under_an_older_key() -> None:
    binary = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary | EncryptedText | EncryptedJson)
    ]
    assert len(binary) > 10
    assert all(isinstance(column.type, EncryptedText | EncryptedJson) for column in binary)


def test_what_others_may_see_of_the_home_is_found_and_closed(home: Path, tmp_path: Path) -> None:
    (home / "a").mkdir(mode=0o755)
    (home / "a" / "b.json").write_text("{}")
    (home / "a" / "b.json").chmod(0o644)
    (home / "link").symlink_to(tmp_path)
    home.chmod(0o755)
    tmp_path.chmod(0o755)
    assert set(private_files.open_to_others(home)) == {home, home / "a", home / "a" / "b.json"}
    assert private_files.close_to_others(home) == 0
    assert list(private_files.open_to_others(home)) == []
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_fingerprints_tell_one_key_from_another(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = encryption.fingerprints()
    add_key()
    oldest, added = encryption.fingerprints()
    assert (oldest == before, added != before) == (True, True)
    monkeypatch.setenv("EBOK_SECRET_KEY_FILE", str(home / "of another"))
    get_settings.cache_clear()
    assert {*encryption.fingerprints()}.isdisjoint({oldest, added})
    assert keys.has_keys()


def test_a_file_of_keys_that_goes_away_or_is_exchanged_at_work_stops_all_encryption() -> None:
    token, whole = encrypt("Anna"), key_file().read_text()
    add_key()
    newest = key_file().read_text()
    key_ring()
    for wrong in (None, whole, "1 " + Fernet.generate_key().decode()):
        key_file().unlink()
        if wrong is not None:
            key_file().write_text(wrong)
        with pytest.raises(SecretKeyError, match="its copy"):
            encrypt("Jan")
        assert key_file().exists() is (wrong is not None)
        key_file().write_text(newest)
        assert decrypt(token) == "Anna"
