"""Everything destroyed and restored, on both databases; what is refused; what a restore leaves to humans."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from audit.verification import look_at_trail
from backups import making
from backups.folder import BackupFolder
from backups.last import last_backup
from backups.making import make_backup
from backups.manifest import BackupError, read_contents
from backups.restoring import look_at, restore
from benchmarks import office
from confirmations import outbox
from confirmations.tables import Message
from database import dumping
from database.engine import forget_engines, get_engine, reading, transaction
from database.keys import SecretKeyError, key_file
from database.upgrading import check as check_schema
from database.upgrading import migrations
from documents.originals import chunks_of, remove_original, stored_files
from documents.scans import FOUND_AFTER_RESTORE
from documents.store_mark import mark_found
from documents.tables import Document
from environment.settings import get_settings
from flows import steps
from integrity.checking import check
from tests.backups.conftest import Lose, files, rows
from tests.s3 import S3

BY = "command line:tests"
LETTER = b"%PDF-1.7 a letter"


def original_of(tracking: str) -> bytes:
    with reading() as session:
        sha256 = session.scalars(select(Document.original_sha256).where(Document.tracking == tracking)).one()
    assert sha256 is not None
    return b"".join(chunks_of(sha256))


def messages() -> dict[str, tuple[str, str]]:
    with reading() as session:
        found = session.execute(select(Message.key, Message.state, Message.last_error)).all()
    return {key: (state, (error or "").partition(":")[0]) for key, state, error in found}


def test_what_was_destroyed_is_as_it_was(town: str, home: Path, lose: Lose, tmp_path: Path) -> None:
    before, letters = rows(), files(home / "outgoing")
    taken = make_backup(tmp_path / "copies", actor=BY)
    assert (taken.manifest.missing, taken.manifest.originals) == ((), 2)
    lose()
    done = restore(tmp_path / "copies", actor=BY)
    assert (done.lost, done.held, done.found, done.aside) == (0, 0, (), ())
    assert rows() == before
    assert letters and files(home / "outgoing") == letters
    assert check().differences == ()
    assert look_at_trail().whole
    known = last_backup()
    assert known is not None and known.place == str(taken.place)
    with pytest.raises(DatabaseError), transaction() as session:  # the audit is guarded as before
        session.execute(text("UPDATE audit SET actor = 'nobody'"))
    office.worked_off(office.online("einvoice_acceptance", 1))  # and work goes on: sequences are right


def test_nothing_of_a_customer_is_readable_in_a_backup_and_the_keys_are_not_in_it(
    small_town: str, tmp_path: Path
) -> None:
    make_backup(tmp_path / "copies", actor=BY)
    found = files(tmp_path / "copies")
    person = office.people()[0]
    words = [str(person[name]).encode() for name in ("pesel", "name", "email")] + [LETTER]
    words += key_file().read_bytes().split()[-1:]
    assert not [name for name, content in found.items() for word in words if word in content]


def test_keys_are_in_the_backup_only_when_asked_for_and_serve_where_there_are_none(
    small_town: str, lose: Lose, tmp_path: Path
) -> None:
    kept = key_file().read_bytes()
    make_backup(tmp_path / "without", actor=BY)
    make_backup(tmp_path / "with", actor=BY, with_keys=True)
    lose(keys=True)
    with pytest.raises(SecretKeyError):
        restore(tmp_path / "without", actor=BY)
    assert not key_file().exists(), "a new key would be kept"
    key_file().parent.mkdir()
    key_file().write_text("2026-01-01-abcdef " + "A" * 43 + "=\n")
    with pytest.raises(BackupError, match=f"w miejscu {key_file()}"):
        restore(tmp_path / "with", actor=BY)
    key_file().unlink()
    (get_settings().home / "originals" / "probes").mkdir(parents=True)  # as the doctor leaves it behind
    restore(tmp_path / "with", actor=BY)
    assert key_file().read_bytes() == kept
    assert check().differences == ()


def test_a_backup_of_older_tables_is_upgraded(
    small_town: str, lose: Lose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with get_engine().begin() as connection:
        command.downgrade(migrations(connection), "0022")
    monkeypatch.setattr(making, "check", lambda: None)
    # As the program of then asked, which knew no claims of other rooms.
    monkeypatch.setattr(
        making,
        "standing_originals",
        lambda session: [*session.scalars(text("SELECT sha256 FROM originals ORDER BY 1"))],
    )
    assert make_backup(tmp_path / "copies", actor=BY).manifest.revision == "0022"
    lose()
    restore(tmp_path / "copies", actor=BY)
    check_schema()
    assert check().differences == ()


def test_what_is_there_is_replaced_only_by_force_and_kept_aside(town: str, home: Path, tmp_path: Path) -> None:
    before = rows()
    make_backup(tmp_path / "copies", actor=BY)
    came = office.received(b"%PDF-1.7 came afterwards")
    office.worked_off(office.online("einvoice_acceptance", 1))
    with pytest.raises(BackupError, match="--force"):
        restore(tmp_path / "copies", actor=BY)
    assert original_of(came) == b"%PDF-1.7 came afterwards"

    done = restore(tmp_path / "copies", actor=BY, force=True)
    old_originals = [path for path in (home / "replaced").rglob("originals") if path.is_dir()]
    assert done.aside and len(old_originals) == 1
    # What came since is nowhere in the backup, and still not lost.
    assert b"%PDF-1.7 came afterwards" in map(original_of, done.found) and len(done.found) == 2
    with reading() as session:
        found = session.scalars(select(Document).where(Document.reason_code == FOUND_AFTER_RESTORE)).all()
        assert {(one.state, one.tracking in done.found) for one in found} == {("quarantined", True)}
    new = [row for row in rows() if row not in before]
    assert {row.partition(":")[0] for row in new} == {"documents", "file_words", "originals", "transitions"}
    assert check().differences == ()
    if get_engine().dialect.name == "postgresql":
        with get_engine().begin() as connection:
            aside = next(name for name in done.aside if name.startswith("ebok_before_"))
            assert connection.scalar(text(f"SELECT count(*) FROM {aside}.documents")) == 4
            connection.execute(text(f"DROP SCHEMA {aside} CASCADE"))


def test_originals_in_a_store_that_outlived_the_machine_become_cases(
    small_town: str, home: Path, lose: Lose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home / "originals", tmp_path / "share")
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "share"))
    get_settings.cache_clear()
    make_backup(tmp_path / "copies", actor=BY)
    office.received(b"%PDF-1.7 came afterwards")
    shutil.rmtree(tmp_path / "copies" / "files")  # not even the pool is needed for what the store has
    lose()
    done = restore(tmp_path / "copies", actor=BY, incomplete=True)
    assert [original_of(one) for one in done.found] == [b"%PDF-1.7 came afterwards"]
    assert check().differences == ()


def test_originals_of_a_bucket_are_in_the_backup_and_put_back_where_the_bucket_has_lost_them(
    bucket: S3, small_town: str, lose: Lose, tmp_path: Path
) -> None:
    taken = make_backup(tmp_path / "copies", actor=BY)
    assert taken.manifest.originals == 2 and taken.manifest.store == mark_found()
    came = office.received(b"%PDF-1.7 came afterwards")
    for sha256, _ in list(stored_files()):
        if sha256 in read_contents(taken.place).originals:
            remove_original(sha256)
    lose()
    done = restore(tmp_path / "copies", actor=BY)
    assert [original_of(one) for one in done.found] == [b"%PDF-1.7 came afterwards"] and came not in done.found
    assert check().differences == ()


def test_messages_that_may_have_left_since_the_backup_wait_for_a_human(
    small_town: str, lose: Lose, tmp_path: Path
) -> None:
    sent = set(messages())
    waits, unread = office.online("einvoice_acceptance", 2), office.online("einvoice_acceptance", 3)
    office.apart(steps.match(waits))
    office.apart(steps.apply(waits))  # its message is written and not sent
    make_backup(tmp_path / "copies", actor=BY)
    lose()
    done = restore(tmp_path / "copies", actor=BY)
    assert done.held == 1
    office.worked_off(unread)
    new = office.online("einvoice_acceptance", 4)
    office.worked_off(new)
    outbox.deliver(transaction)
    told = {key.partition(":")[0]: told for key, told in messages().items() if key not in sent}
    assert told == {waits: ("uncertain", "restored"), unread: ("uncertain", "restored"), new: ("sent", "")}

    lose()  # once more, and now it is known that nothing left since the backup
    assert restore(tmp_path / "copies", actor=BY, send_waiting=True).held == 0
    outbox.deliver(transaction)
    assert {state for state, _ in messages().values()} == {"sent"}


def test_what_is_damaged_is_refused_by_name_and_nothing_is_touched(
    small_town: str, home: Path, lose: Lose, tmp_path: Path
) -> None:
    place = make_backup(tmp_path / "copies", actor=BY).place
    lose()
    letter = next(path for path in (tmp_path / "copies" / "files").glob("??/*"))
    for path in (place / "manifest.json", place / "database", place / "contents.json", letter):
        whole = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        with pytest.raises(BackupError, match=path.name):
            restore(tmp_path / "copies", actor=BY)
        path.unlink()
        with pytest.raises(BackupError, match=r"(?i)kopi"):
            restore(place, actor=BY)
        assert {one.name for one in home.iterdir()} == {"keys"}
        path.write_bytes(whole)
    assert restore(tmp_path / "copies", actor=BY).lost == 0


def test_the_rest_of_a_backup_that_lacks_an_original_is_restored_on_demand(
    small_town: str, lose: Lose, tmp_path: Path
) -> None:
    place = make_backup(tmp_path / "copies", actor=BY).place
    lost = next(path for path in (tmp_path / "copies" / "files").glob("??/*"))
    lost.unlink()
    assert [len(found) for found in look_at(place)[3:]] == [1]
    lose()
    done = restore(place, actor=BY, incomplete=True)
    assert done.lost == 1


def test_a_backup_that_does_not_fit_is_refused(
    small_town: str, home: Path, lose: Lose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(tmp_path / "copies", actor=BY)
    lose()
    with monkeypatch.context() as patch:
        patch.setattr(dumping, "is_in_use", lambda: False)
        patch.setattr(dumping, "kind_in_force", lambda: "postgresql")
        with pytest.raises(BackupError, match="bazy sqlite"):
            restore(tmp_path / "copies", actor=BY)
    with monkeypatch.context() as patch:
        patch.setattr("backups.restoring.is_known", lambda _: False)
        with pytest.raises(BackupError, match="nowsza wersja"):
            restore(tmp_path / "copies", actor=BY)
    with monkeypatch.context() as patch:
        (tmp_path / "share").mkdir()
        (tmp_path / "share" / "store.id").write_text("another")
        patch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "share"))
        get_settings.cache_clear()
        with pytest.raises(BackupError, match="innej instalacji"):
            restore(tmp_path / "copies", actor=BY)
    get_settings.cache_clear()
    key_file().write_text("2026-01-01-abcdef " + "A" * 43 + "=\n")
    with pytest.raises(SecretKeyError):
        restore(tmp_path / "copies", actor=BY)
    assert {one.name for one in home.iterdir()} == {"keys"}
    with pytest.raises(BackupError, match="nie ma kopii"):
        restore(tmp_path / "share", actor=BY)


def test_a_restore_that_was_broken_off_is_begun_again_and_loses_nothing(
    small_town: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(tmp_path / "copies", actor=BY)
    office.received(b"%PDF-1.7 came afterwards")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(dumping, "_expand", full)
        with pytest.raises(BackupError, match=f"leży w: {home / 'replaced'}"):
            restore(tmp_path / "copies", actor=BY, force=True)
    done = restore(tmp_path / "copies", actor=BY, force=True)
    assert [original_of(one) for one in done.found] == [b"%PDF-1.7 came afterwards"]
    assert check().differences == ()
    assert last_backup() is not None, "what is known of the last backup stays"
    forget_engines(get_settings().url)
    assert len(BackupFolder(tmp_path / "copies").backups()) == 1
