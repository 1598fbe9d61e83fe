"""The limit on wrong tries, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from access.tables import Try
from access.tries import allowed, forget, note_wrong, uncount
from database.engine import transaction
from environment import clock

CASE, CLIENT = "case:K7M4-PX9A", "client:203.0.113.7"


def may(*keys: str, most: int = 3) -> bool:
    with transaction() as session:
        return allowed(session, *keys, most=most, minutes=15)


def try_wrongly(*keys: str) -> None:
    with transaction() as session:
        note_wrong(session, *keys)


def test_after_the_last_wrong_try_the_key_is_closed_and_others_are_not(database: str) -> None:
    for _ in range(3):
        assert may(CASE, CLIENT)
        try_wrongly(CASE)
    assert not may(CASE, CLIENT)
    assert may(CLIENT)


def test_a_closed_key_opens_again_with_time_and_old_tries_are_swept(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        try_wrongly(CASE)
    begun = clock.now()
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(minutes=14))
    assert not may(CASE)
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(minutes=16))
    assert may(CASE)
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(days=2))
    try_wrongly(CLIENT)
    with transaction() as session:
        assert len(session.scalars(select(Try)).all()) == 1


def test_a_right_secret_clears_its_own_key_and_gives_a_shared_one_no_new_tries(database: str) -> None:
    for _ in range(3):
        try_wrongly(CASE, CLIENT)
    with transaction() as session:
        forget(session, CASE)
        uncount(session, CLIENT)
    assert may(CASE)
    assert may(CLIENT)
    try_wrongly(CLIENT)
    assert not may(CLIENT)


def test_of_many_tries_at_once_only_the_allowed_number_passes(database: str) -> None:
    def one(_: int) -> bool:
        with transaction() as session:
            passed = allowed(session, CASE, CLIENT, most=3, minutes=15)
            if passed:
                note_wrong(session, CASE, CLIENT)
            return passed

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(one, range(16))) == 3


def test_nothing_kept_tells_who_tried_what(database: str) -> None:
    try_wrongly(CASE, CLIENT)
    with transaction() as session:
        kept = "".join(each.key_digest for each in session.scalars(select(Try)))
    assert kept
    assert "K7M4" not in kept
    assert "203.0.113" not in kept  # three digits alone come in a digest now and then
