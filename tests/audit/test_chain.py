"""The audit trail as a chain: what was changed, removed, cut off, reordered or added past the program is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from audit.chain import seal
from audit.tables import AuditEntry
from audit.trail import ONE_VIEW, TrailFilter, browse, entries, record, record_view
from audit.verification import BrokenTrailError, EntryFault, Mark, mark_file, note_end, shorten, verify
from database.engine import get_engine, transaction
from database.keys import add_key, key_ring
from database.reencryption import encrypt_anew
from environment import clock

ANNA = "clerk:anna"


def recorded(*actions: str) -> None:
    """An entry for each, each in a transaction of its own."""
    for action in actions:
        with transaction() as session:
            record(session, actor=ANNA, action=action, subject="K7M4-PX9A", detail={"field": action})


def found() -> list[tuple[int | None, str]]:
    with transaction() as session:
        return [(one.position, one.action) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@contextmanager
def thief() -> Iterator[Connection]:
    """Somebody who may do all in the database, and has no key."""
    with get_engine().begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        yield connection


def end() -> Mark:
    verdict = verify()
    assert verdict.end is not None
    return verdict.end


def test_entries_stand_in_their_order_without_gaps_and_the_trail_is_whole(database: str) -> None:
    recorded("first", "second")
    with transaction() as session:
        for action in ("third", "fourth"):
            record(session, actor=ANNA, action=action, subject="K7M4-PX9A")
    assert found() == [(1, "first"), (2, "second"), (3, "third"), (4, "fourth")]
    verdict = verify()
    assert (verdict.whole, verdict.entries) == (True, 4)


def test_a_trail_without_entries_is_whole(database: str) -> None:
    assert (verify().whole, verify().entries, note_end()) == (True, 0, None)


def test_what_is_rolled_back_leaves_no_gap(database: str) -> None:
    recorded("first")
    with pytest.raises(RuntimeError), transaction() as session:
        record(session, actor=ANNA, action="undone", subject="K7M4-PX9A")
        session.flush()
        raise RuntimeError
    with transaction() as session:
        savepoint = session.begin_nested()
        record(session, actor=ANNA, action="tried", subject="K7M4-PX9A")
        session.flush()
        savepoint.rollback()
        with session.begin_nested():
            record(session, actor=ANNA, action="second", subject="K7M4-PX9A")
    assert found() == [(1, "first"), (2, "second")]
    assert verify().whole


TAMPERING: dict[str, tuple[str, int, EntryFault]] = {
    "who": ("UPDATE audit SET actor = 'clerk:ewa' WHERE position = 2", 2, EntryFault.CHANGED),
    "what": ("UPDATE audit SET action = 'viewed' WHERE position = 3", 3, EntryFault.CHANGED),
    "which case": ("UPDATE audit SET subject = 'AAAA-AAAA' WHERE position = 1", 1, EntryFault.CHANGED),
    "when": (
        "UPDATE audit SET at = (SELECT at FROM audit WHERE position = 4) WHERE position = 2",
        2,
        EntryFault.CHANGED,
    ),
    "details": (
        "UPDATE audit SET detail = (SELECT detail FROM audit WHERE position = 4) WHERE position = 2",
        2,
        EntryFault.CHANGED,
    ),
    "no details": ("UPDATE audit SET detail = NULL WHERE position = 5", 5, EntryFault.CHANGED),
    "removed in the middle": ("DELETE FROM audit WHERE position = 3", 3, EntryFault.MISSING),
    "removed at the beginning": ("DELETE FROM audit WHERE position = 1", 1, EntryFault.MISSING),
    "removed, and the rest moved up": (
        "DELETE FROM audit WHERE position = 3; UPDATE audit SET position = position - 1 WHERE position = 4; "
        "UPDATE audit SET position = position - 1 WHERE position = 5; UPDATE audit_head SET position = 4",
        3,
        EntryFault.CHANGED,
    ),
    "two that changed places": (
        "UPDATE audit SET position = 9 WHERE position = 2; UPDATE audit SET position = 2 WHERE position = 3; "
        "UPDATE audit SET position = 3 WHERE position = 9",
        2,
        EntryFault.CHANGED,
    ),
    "cut off": ("DELETE FROM audit WHERE position >= 4", 4, EntryFault.CUT_OFF),
    "the head lost with the last": (
        "DELETE FROM audit_head; DELETE FROM audit WHERE position = 5",
        5,
        EntryFault.CUT_OFF,
    ),
    "shortened without a word": (
        "UPDATE audit_head SET removed_through = 2; DELETE FROM audit WHERE position <= 2",
        1,
        EntryFault.MISSING,
    ),
    "added without a place": (
        "INSERT INTO audit (id, at, actor, action, subject) SELECT 77, at, actor, 'forged', subject FROM audit "
        "WHERE position = 1",
        77,
        EntryFault.UNSEALED,
    ),
    "added at the end": (
        "INSERT INTO audit (id, at, actor, action, subject, position, digest) SELECT 77, at, actor, 'forged', subject, "
        "6, digest FROM audit WHERE position = 1; UPDATE audit_head SET position = 6",
        6,
        EntryFault.CHANGED,
    ),
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_whatever_is_done_past_the_program_is_found_and_the_first_entry_named(database: str, tampering: str) -> None:
    recorded("first", "second", "third", "fourth", "fifth")
    statements, position, fault = TAMPERING[tampering]
    with thief() as connection:
        for statement in statements.split("; "):
            connection.execute(text(statement))
    verdict = verify()
    assert (verdict.position, verdict.fault) == (position, fault)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'clerk:ewa'",
        "UPDATE audit SET at = at, subject = 'AAAA-AAAA' WHERE position = 1",
        "UPDATE audit SET position = NULL, digest = NULL",
        "UPDATE audit SET digest = 'x' WHERE position = 2",
        "DELETE FROM audit WHERE position = 2",
        "DELETE FROM audit",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_entries(database: str, statement: str) -> None:
    recorded("first", "second")
    with pytest.raises(DBAPIError, match="the audit is never"), get_engine().begin() as connection:
        connection.execute(text(statement))
    assert (verify().whole, verify().entries) == (True, 2)


def test_postgresql_refuses_to_empty_the_table_at_once(postgres_database: str) -> None:
    recorded("first")
    with pytest.raises(DBAPIError, match="never"), get_engine().begin() as connection:
        connection.execute(text("TRUNCATE audit"))


def test_a_cut_that_mends_the_head_too_is_found_by_the_mark_that_was_noted_outside(database: str) -> None:
    recorded("first", "second", "third")
    noted = note_end()
    assert noted is not None
    recorded("fourth")
    with thief() as connection:
        connection.execute(text("DELETE FROM audit WHERE position >= 3"))
        left = "(SELECT digest FROM audit WHERE position = 2)"
        connection.execute(text(f"UPDATE audit_head SET position = 2, digest = {left}"))
    assert verify().whole, "inside the database nothing tells"
    verdict = verify([noted])
    assert (verdict.position, verdict.fault) == (3, EntryFault.CUT_OFF)
    with pytest.raises(BrokenTrailError):
        note_end()
    recorded("third again", "fourth again")
    verdict = verify([noted])
    assert (verdict.position, verdict.fault) == (3, EntryFault.OTHER)
    with pytest.raises(BrokenTrailError):
        note_end()
    assert mark_file().read_text() == f"{noted}\n"


def test_writers_at_once_leave_no_gap_no_fork_and_lose_nothing(database: str) -> None:
    def write(writer: int) -> None:
        for number in range(20):
            with transaction() as session:
                for part in ("a", "b"):
                    record(session, actor=f"clerk:{writer}", action=f"{number}{part}", subject="K7M4-PX9A")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    verdict = verify()
    assert (verdict.whole, verdict.entries) == (True, 320)
    with transaction() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.position)).all()
    assert [one.position for one in rows] == list(range(1, 321))
    for writer in range(8):
        own = [one.action for one in rows if one.actor == f"clerk:{writer}"]
        assert own == [f"{number}{part}" for number in range(20) for part in ("a", "b")]


def test_who_has_recorded_and_not_committed_yet_keeps_nobody_waiting(postgres_database: str) -> None:
    with transaction() as slow:
        record(slow, actor=ANNA, action="slow", subject="K7M4-PX9A")
        slow.flush()
        other = threading.Thread(target=recorded, args=("quick",))
        other.start()
        other.join(20)
        assert not other.is_alive()
    assert [action for _, action in sorted(found(), key=lambda one: one[0] or 0)] == ["quick", "slow"]
    assert verify().whole


def test_a_new_key_leaves_the_trail_whole_and_no_entry_after_it_can_be_sealed_by_an_older_one(database: str) -> None:
    recorded("first", "second")
    add_key()
    assert sum(encrypt_anew()) >= 2
    assert verify().whole
    recorded("third")
    add_key()
    recorded("fourth")
    assert verify().entries == 4

    def forge(key: bytes, position: int) -> None:
        with transaction() as session:
            rows = {one.position: one for one in session.scalars(select(AuditEntry))}
            before, entry = rows[position - 1].digest, rows[position]
            session.expunge_all()
        entry.action = "forged"
        with thief() as connection:
            connection.execute(
                text("UPDATE audit SET action = 'forged', digest = :digest WHERE position = :position"),
                {"digest": seal(key, before or "", position, entry), "position": position},
            )

    oldest, middle, _ = key_ring().audit
    forge(middle, 4)
    assert (verify().position, verify().fault) == (4, EntryFault.OTHER), "the head tells"
    forge(oldest, 4)
    assert (verify().position, verify().fault) == (4, EntryFault.CHANGED)
    forge(oldest, 2)
    assert (verify().position, verify().fault) == (3, EntryFault.CHANGED)


def test_entries_from_before_the_chain_become_its_beginning(database: str) -> None:
    with transaction() as session:
        for action in ("old", "older"):
            session.add(AuditEntry(at=clock.now(), actor=ANNA, action=action, subject="K7M4-PX9A", detail={"a": 1}))
    assert verify().whole
    recorded("new")
    assert found() == [(1, "old"), (2, "older"), (3, "new")]
    assert (verify().whole, verify().entries) == (True, 3)


def test_a_lost_head_is_made_again_from_the_last_entry(database: str) -> None:
    recorded("first", "second")
    with thief() as connection:
        connection.execute(text("DELETE FROM audit_head"))
    recorded("third")
    assert found()[-1] == (3, "third")
    assert (verify().whole, verify().entries) == (True, 3)


def test_what_is_old_is_removed_at_the_beginning_only_and_the_trail_tells_of_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded("first", "second")
    noted = end()
    border = clock.now()
    recorded("third")
    with transaction() as session:
        assert shorten(session, border, actor="machine") == 2
    assert found() == [(3, "third"), (4, "audit_shortened")]
    assert (verify([noted]).whole, verify([noted]).entries) == (True, 2)
    with transaction() as session:
        assert shorten(session, border, actor="machine") == 0
    assert note_end() == end()
    later = clock.now()
    recorded("fifth")
    with transaction() as session:
        assert shorten(session, later, actor="machine") == 2
    assert [action for _, action in found()] == ["fifth", "audit_shortened"]
    assert verify().whole
    with thief() as connection:
        connection.execute(text("UPDATE audit_head SET removed_through = 5"))
        connection.execute(text("DELETE FROM audit WHERE position = 5"))
    assert not verify().whole


def test_looks_at_one_thing_within_a_quarter_of_an_hour_are_one_entry(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(actor: str = ANNA, action: str = "pictures_viewed", subject: str = "K7M4-PX9A") -> None:
        with transaction() as session:
            record_view(session, actor=actor, action=action, subject=subject)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: look(), range(24)))
    assert len(found()) == 1
    look("clerk:ewa")
    look(action="viewed")
    look(subject="AAAA-AAAA")
    assert len(found()) == 4
    later = clock.now() + ONE_VIEW
    monkeypatch.setattr(clock, "now", lambda: later)
    look()
    assert len(found()) == 5


def test_all_entries_are_told_however_many_there_are_and_others_write_meanwhile(sqlite_database: str) -> None:
    with transaction() as session:
        for number in range(1203):
            record(session, actor=ANNA, action=str(number), subject="K7M4-PX9A")
    found = browse(TrailFilter())
    newest = next(found)
    recorded("while somebody reads")
    assert [int(one.action) for one in (newest, *found)] == list(range(1202, -1, -1))


def test_entries_are_found_by_day_person_case_and_customer(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ago = clock.now() - timedelta(days=3)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: ago)
        recorded("old")
    with transaction() as session:
        record(session, actor="clerk:ewa", action="searched_by_name", subject="search", detail={"shown": ["100"]})
        record(session, actor="clerk:ewa", action="other", subject="search", detail={"shown": 7})
        record(session, actor="command line:root", action="viewed", subject="AAAA-AAAA")

    def told(wanted: TrailFilter) -> list[str]:
        with transaction() as session:
            return [one.action for one in entries(session, wanted)]

    assert told(TrailFilter()) == ["viewed", "other", "searched_by_name", "old"]
    assert told(TrailFilter(since=ago + timedelta(days=1))) == ["viewed", "other", "searched_by_name"]
    assert told(TrailFilter(actor="ewa")) == ["other", "searched_by_name"]
    assert told(TrailFilter(actor="command line:root")) == ["viewed"]
    assert told(TrailFilter(subjects={"K7M4-PX9A"})) == ["old"]
    assert told(TrailFilter(subjects={"customer:100"}, mentioned="100")) == ["searched_by_name"]
    assert told(TrailFilter(subjects={"customer:200"}, mentioned="200")) == []
