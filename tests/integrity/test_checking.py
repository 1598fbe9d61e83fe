"""Each difference is found, told with its remedy, and mended where that is safe; a whole installation is whole."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select, text

from audit.tables import AuditEntry
from benchmarks import office
from database.engine import get_engine, reading, transaction
from documents.loading import UnknownDocumentError, load
from documents.originals import store_bytes
from documents.tables import Original
from environment.settings import get_settings
from forms.kinds import Pesel
from integrity import questions
from integrity.checking import all_kinds, check, every_original, no_original, repair
from integrity.differences import Difference, Whose
from retention import nightly
from tests.integrity.damages import FILES, ROWS, Damage, aged, file_of
from tests.integrity.installation import Cases, build
from tests.retention.conftest import Later
from tests.stored import original_path

AT_ONCE = (0.0,)
"""Nothing is under way here, so nothing is waited for."""
COVERING = {
    *("index_incomplete", "consent_without_account", "applied_in_silence"),
    *("part_of_nothing", "consent_ended_by_nothing", "applied_without_change", "vouching_torn"),
}
"""Beside these some of the others could not be seen."""


def found(*, fast: bool = False) -> tuple[Difference, ...]:
    return check(no_original if fast else every_original, moments=AT_ONCE).differences


def codes(differences: tuple[Difference, ...]) -> set[str]:
    return {one.kind.code for one in differences}


@pytest.mark.parametrize("damage", [*FILES, *ROWS], ids=lambda damage: damage.code)
def test_a_difference_is_named_and_mended_where_that_is_safe(damage: Damage, cases: Cases) -> None:
    damage.do(cases)
    told = found()
    assert codes(told) == {damage.code, *damage.also}
    repaired = {one.kind.code: mended for one, mended in repair(told, "command line:root")}
    assert repaired[damage.code] is damage.mended
    assert not damage.mended or found() == ()
    with reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "repaired")).all()
        assert {(one.detail or {})["code"] for one in entries} == ({damage.code} if damage.mended else set())


def test_every_kind_of_difference_is_tried() -> None:
    elsewhere = {"scan_not_removed", "scan_half_removed", "scan_of_nothing"}
    elsewhere |= {"database_damaged", "reference_dangling", "audit_broken"}
    elsewhere |= {kind.code for comparison in questions.COMPARISONS for kind in comparison.kinds}  # tests/portal
    elsewhere.add("terms_told_late")  # tests/notices
    assert {damage.code for damage in (*FILES, *ROWS)} | elsewhere == set(all_kinds())


def test_whatever_differs_is_told_in_polish_and_names_nobody(cases: Cases) -> None:
    rows = office.people()
    secrets = {str(row[name]).lower() for row in rows for name in ("name", "pesel", "email", "phone") if row[name]}
    for damage in (
        one for one in ROWS if one.code in ("index_word_missing", "index_count", "delivery_against_consent")
    ):
        damage.do(cases)
    for one in found():
        told = " ".join((one.subject, one.detail, one.kind.message, one.kind.remedy)).lower()
        assert not any(secret in told for secret in secrets) and not Pesel().stands_in(told)
        assert one.subject and one.kind.message.endswith(".") and one.kind.remedy.endswith(".")
        assert one.kind.whose is not Whose.CASE or one.subject in cases.values()


def test_an_installation_on_either_database_is_whole_after_work_and_after_everything_was_erased(
    database: str, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "0")
    get_settings.cache_clear()
    cases = build()
    assert found() == ()
    later(1200)
    assert nightly.run("machine").originals
    assert found() == ()
    later(3000)
    nightly.run("machine")
    with reading() as session, pytest.raises(UnknownDocumentError):
        load(session, cases["rejected"])
    assert found() == ()


def test_all_differences_of_rows_are_found_and_mended_on_postgresql(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_SECOND_LOOK_RATE", "0")
    get_settings.cache_clear()
    cases = build()
    damages = [damage for damage in ROWS if damage.code not in COVERING]
    for damage in damages:
        damage.do(cases)
    told, wanted = found(), {damage.code for damage in damages}
    assert wanted <= codes(told)
    mended = {one.kind.code for one, done in repair(told, "machine") if done}
    assert {damage.code for damage in damages if damage.mended} == mended
    assert mended.isdisjoint(codes(found()))


def test_without_reading_originals_one_that_is_missing_is_seen_and_one_that_was_changed_is_not(cases: Cases) -> None:
    file_of(cases["accepted"]).unlink()
    changed = file_of(cases["change"])
    changed.unlink()
    changed.write_bytes(b"{}")
    changed.chmod(0o400)
    assert codes(found(fast=True)) == {"original_missing"}
    assert codes(found()) == {"original_missing", "original_changed"}


def test_an_original_that_is_noted_as_erased_and_is_not_there_is_left_to_a_human(cases: Cases) -> None:
    with transaction() as session:
        row = session.scalars(select(Original).where(Original.sha256 == load(session, cases["batch"]).original_sha256))
        row.one().erased_at = load(session, cases["batch"]).received_at
    file_of(cases["batch"]).unlink()
    (told,) = found()
    assert told.kind.code == "original_erased_early"
    assert [done for _, done in repair([told], "machine")] == [False]


def test_what_is_put_right_before_the_second_look_is_no_difference(cases: Cases) -> None:
    path = file_of(cases["accepted"])
    away = path.rename(path.with_name("x" * 62))
    waited = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        away.rename(path)

    assert check(moments=(1.0,), wait=wait).differences == ()
    assert waited == [1.0]


def test_a_file_of_the_store_is_left_while_its_intake_may_be_under_way(cases: Cases) -> None:
    sha256 = store_bytes(b"%PDF-1.7 of a crash").sha256
    aged(original_path(sha256))
    told = found()
    assert codes(told) == {"original_stray"}
    store_bytes(b"%PDF-1.7 of a crash")
    assert [done for _, done in repair(told, "machine")] == [False]
    assert original_path(sha256).exists() and found() == ()


def test_a_broken_trail_and_rows_that_refer_to_nothing_are_told(cases: Cases, home: Path) -> None:
    with sqlite3.connect(home / "ebok.sqlite") as connection:
        connection.execute("DROP TRIGGER audit_entry_is_not_deleted")
        connection.execute("DELETE FROM audit WHERE position = 3")
        connection.execute("UPDATE transitions SET document_id = 9999 WHERE id = (SELECT max(id) FROM transitions)")
    connection.close()
    assert {"audit_broken", "reference_dangling"} <= codes(found())


def test_a_damaged_page_of_the_database_is_told_and_the_rest_is_compared_still(cases: Cases, home: Path) -> None:
    with get_engine().begin() as connection:
        size = connection.execute(text("PRAGMA page_size")).scalar_one()
        page = connection.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'drafts'")).scalar_one()
        connection.execute(text("UPDATE consents SET withdrawn = 1 WHERE effective_to IS NULL"))
    get_engine().dispose()
    with sqlite3.connect(home / "ebok.sqlite") as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
    with (home / "ebok.sqlite").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    whole = check(moments=AT_ONCE)
    assert {"database_damaged", "consent_end_torn"} <= codes(whole.differences)
    assert not whole.complete
