from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from database.engine import get_engine, transaction
from documents.intake import (
    IdempotencyConflictError,
    IntakeReceipt,
    receive_file,
    receive_unusable,
    receive_values,
)
from documents.loading import load
from documents.originals import is_sound
from documents.states import IntakeChannel, State
from documents.summaries import story
from documents.tables import Document, Original
from documents.transitions import move
from documents.values import submission_of
from environment.settings import get_settings
from tests.documents.examples import VALUES, acceptance, together

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "list zażółć.pdf"
    path.write_bytes(b"%PDF-1.7 list")
    return path


def received(path: Path, channel: IntakeChannel = IntakeChannel.UPLOAD, **more: str) -> IntakeReceipt:
    with transaction() as session:
        return receive_file(session, path, channel=channel, **more)


def number_of(table: type[Document] | type[Original]) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def moved(tracking: str, *states: State) -> None:
    with transaction() as session:
        for state in states:
            move(session, load(session, tracking), state, actor="test")


def test_a_file_is_received_with_its_original_and_its_name(letter: Path) -> None:
    receipt = received(letter)
    assert (receipt.state, receipt.duplicate_of, receipt.reason) == (State.RECEIVED, None, None)
    with transaction() as session:
        document = load(session, receipt.tracking)
        assert document.file_name == "list zażółć.pdf"
        assert document.channel == "upload"
        assert is_sound(document.original_sha256 or "")
        assert [step["to"] for step in story(session, receipt.tracking)["states"]] == ["received"]
    assert letter.exists()


def test_the_same_bytes_again_are_a_duplicate_and_told_so(letter: Path) -> None:
    first = received(letter)
    again = received(letter, IntakeChannel.API, file_name="inna nazwa.pdf")
    assert again.state is State.DUPLICATE
    assert again.duplicate_of == first.tracking
    assert first.tracking in (again.reason or "")
    assert again.tracking != first.tracking
    third = received(letter)
    assert third.duplicate_of == first.tracking


def test_the_same_bytes_after_a_rejection_are_a_duplicate_that_says_what_to_do(letter: Path) -> None:
    first = received(letter)
    moved(first.tracking, State.REJECTED)
    again = received(letter)
    assert again.duplicate_of == first.tracking
    assert "popraw dokument" in (again.reason or "")


def test_bytes_that_were_quarantined_may_be_tried_again(letter: Path) -> None:
    first = received(letter)
    moved(first.tracking, State.QUARANTINED)
    again = received(letter)
    assert again.state is State.RECEIVED
    assert received(letter).duplicate_of == again.tracking


def test_a_repetition_of_bytes_that_were_quarantined_later_does_not_block_the_next_try(letter: Path) -> None:
    first = received(letter)
    received(letter)
    moved(first.tracking, State.QUARANTINED)
    assert received(letter).state is State.RECEIVED


def test_the_same_bytes_at_the_same_moment_are_received_once(letter: Path) -> None:
    receipts: list[IntakeReceipt] = []
    together(6, lambda _: receipts.append(received(letter)))
    assert sorted(receipt.state for receipt in receipts) == ["duplicate"] * 5 + ["received"]
    assert number_of(Original) == 1


def test_nothing_is_recorded_when_the_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        received(tmp_path / "missing.pdf")
    assert number_of(Document) == 0


def test_an_unusable_file_is_quarantined_with_its_reason_and_its_original(letter: Path) -> None:
    with transaction() as session:
        receipt = receive_unusable(
            session, letter, channel=IntakeChannel.UPLOAD, code="encrypted", message="Plik jest zabezpieczony hasłem."
        )
    assert (receipt.state, receipt.reason) == (State.QUARANTINED, "Plik jest zabezpieczony hasłem.")
    with transaction() as session:
        document = load(session, receipt.tracking)
        assert document.reason_code == "encrypted"
        assert is_sound(document.original_sha256 or "")


@pytest.mark.parametrize("kind", ["symlink", "directory", "pipe"])
def test_what_cannot_be_kept_is_told_once_for_its_path(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "rzecz"
    makers: dict[str, Callable[[], None]] = {
        "symlink": lambda: path.symlink_to(tmp_path / "nowhere"),
        "directory": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
    }
    makers[kind]()
    receipts = []
    for _ in range(3):
        with transaction() as session:
            receipts.append(
                receive_unusable(
                    session, path, channel=IntakeChannel.CLI, code="not_a_file", message="To nie jest plik."
                )
            )
    assert len({receipt.tracking for receipt in receipts}) == 1
    with transaction() as session:
        assert load(session, receipts[0].tracking).original_sha256 is None


def test_a_file_too_large_is_told_but_not_copied(letter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_MAX_FILE_BYTES", "5")
    get_settings.cache_clear()
    with transaction() as session:
        receive_unusable(
            session, letter, channel=IntakeChannel.CLI, code="file_too_large", message="Plik jest za duży."
        )
    assert number_of(Original) == 0


def test_values_are_received_with_their_readings_and_their_json() -> None:
    raw = json.dumps(VALUES).encode()
    with transaction() as session:
        receipt = receive_values(session, acceptance(), channel=IntakeChannel.API, raw=raw)
    with transaction() as session:
        document = load(session, receipt.tracking)
        assert (document.form, document.paper, document.pages) == ("einvoice_acceptance", False, [])
        assert str(document.signed_on) == "2026-01-05"
        assert submission_of(session, document).values == acceptance().values
        assert is_sound(document.original_sha256 or "")


def test_the_same_key_and_values_give_the_same_receipt() -> None:
    receipts = []
    for raw in (b'{"a": 1}', b'{"a":1}'):
        with transaction() as session:
            receipts.append(
                receive_values(session, acceptance(), channel=IntakeChannel.API, raw=raw, idempotency_key="key-1")
            )
    assert receipts[0] == receipts[1]
    assert number_of(Document) == 1


def test_the_same_key_with_other_values_is_a_conflict() -> None:
    with transaction() as session:
        receive_values(session, acceptance(), channel=IntakeChannel.API, raw=b"{}", idempotency_key="key-1")
    with transaction() as session, pytest.raises(IdempotencyConflictError, match="Idempotency-Key"):
        other = acceptance(email="inna@example.com")
        receive_values(session, other, channel=IntakeChannel.API, raw=b"{}", idempotency_key="key-1")


def test_the_same_key_at_the_same_moment_makes_one_document() -> None:
    receipts: list[IntakeReceipt] = []

    def send(_: int) -> None:
        with transaction() as session:
            receipts.append(
                receive_values(session, acceptance(), channel=IntakeChannel.API, raw=b"{}", idempotency_key="k" * 500)
            )

    together(6, send)
    assert len(set(receipts)) == 1
    assert number_of(Document) == 1


def test_the_same_values_without_a_key_are_two_requests() -> None:
    for _ in range(2):
        with transaction() as session:
            receive_values(session, acceptance(), channel=IntakeChannel.API, raw=b"{}")
    assert number_of(Document) == 2


def test_the_same_key_for_the_same_file_gives_the_same_receipt(letter: Path) -> None:
    first = received(letter, idempotency_key="key-1")
    assert received(letter, idempotency_key="key-1") == first
    letter.write_bytes(b"%PDF-1.7 other")
    with pytest.raises(IdempotencyConflictError):
        received(letter, idempotency_key="key-1")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"skan\xb3.pdf", "skan\\udcb3.pdf"),
        ("zażółć gęślą\njaźń.pdf".encode(), "zażółć gęślą\njaźń.pdf"),
        (b" spacja .pdf", " spacja .pdf"),
        ("faktura\u202efdp.exe".encode(), "faktura\\u202efdp.exe"),
        ("\u2066a\u2069\u200b\u2028.pdf".encode(), "\\u2066a\\u2069\\u200b\\u2028.pdf"),
    ],
)
def test_names_of_any_bytes_are_kept_readable(name: bytes, shown: str, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(name)
    receipt = received(path)
    with transaction() as session:
        assert load(session, receipt.tracking).file_name == shown


def test_names_and_paths_are_encrypted_in_the_database(letter: Path) -> None:
    received(letter, IntakeChannel.CLI)
    with get_engine().connect() as connection:
        row = connection.execute(text("SELECT file_name, source_path FROM documents")).one()
    assert all(bytes(cell).startswith(b"gAAAA") for cell in row)
