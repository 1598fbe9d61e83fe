"""What was told is kept for its time, given to whom it is about, and erased with him."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from confirmations.tables import Message
from database.engine import reading, transaction
from environment.clock import now
from notices.due import tell_due
from notices.erasing import erase_before
from notices.tables import ToldNotice
from retention.erasure import erase
from retention.export import export
from tests.clocks import SetClock
from tests.notices.conftest import Told, messages, proven, sent


def told() -> list[str]:
    with reading() as session:
        return sorted(session.scalars(select(ToldNotice.customer_no)))


def test_all_that_was_told_and_wanted_is_given_out(people_here: list[Told], tmp_path: Path) -> None:
    one = people_here[0]
    proven(one, one.phone)
    tell_due()
    sent()
    export(one.number, tmp_path / "data", "customer")
    index = json.loads((tmp_path / "data" / "index.json").read_text())
    assert [(each["kind"], each["about"]) for each in index["notices"]["told"]] == [("new_invoice", one.invoice)]
    assert [each["phone"] for each in index["notices"]["phones"]] == [one.phone]
    texts = [(tmp_path / "data" / each["file"]).read_text() for each in index["invoice_messages"]]
    assert len(texts) == 2 and not any("wylacz/" in text for text in texts), "no link that switches off"


def test_who_is_erased_takes_with_him_what_he_was_told(people: list[Told]) -> None:
    tell_due()
    sent()
    erase(people[0].number, "cli")
    assert told() == sorted(one.number for one in people[1:])
    assert people[0].number not in {one.customer_no for one in messages()} and len(messages()) == 4


def test_it_is_kept_long_enough_that_nothing_is_told_twice(people: list[Told], at: SetClock) -> None:
    tell_due()
    sent()
    at("2027-05-01 10:00")
    with transaction() as session:
        assert erase_before(session, now(), 100) == 0, "whatever the setting says"
    at("2027-08-01 10:00")
    with transaction() as session:
        assert erase_before(session, now() - timedelta(days=1), 100) == 3
        assert session.scalars(select(Message)).all() == []
    assert told() == []


def test_what_has_not_left_stays(people_here: list[Told], at: SetClock) -> None:
    tell_due()
    at("2027-08-01 10:00")
    with transaction() as session:
        assert erase_before(session, now(), 100) == 0
    assert len(told()) == 3
