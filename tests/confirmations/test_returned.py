"""E-mails that come back end as such, or are sent again later; an address that does not exist gets no more mail."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from confirmations.outbox import as_letter, close, deliver, send_again
from confirmations.overview import problems_of
from confirmations.returned import returned_waits, take_returned
from confirmations.stopped_addresses import why_stopped
from confirmations.tables import Medium, MessageState
from database.engine import transaction
from tests.confirmations.conftest import Mailbox
from tests.confirmations.reports import BOUNCES, dsn
from tests.confirmations.samples import RECIPIENT, let_time_pass, put, stored


@pytest.fixture
def returned(tmp_path: Path, database: str, mailbox: Mailbox, set_settings: Callable[..., None]) -> Path:
    """The folder of returned mail, with a mail server that takes what is sent."""
    folder = tmp_path / "returned"
    folder.mkdir()
    set_settings(bounces_dir=folder, bounce_address=BOUNCES)
    return folder


def _put_in(folder: Path, data: bytes, name: str = "1.eml") -> Path:
    path = folder / name
    path.write_bytes(data)
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))
    return path


def _sent(key: str = "one") -> str:
    """A message that has left; gives the address to which it would come back."""
    put(key=key)
    assert [one.state for one in deliver()] == [MessageState.SENT]
    return f"zwroty+{stored(key).return_token}@mzk.example"


def test_a_message_leaves_with_a_return_address_of_its_own(returned: Path, mailbox: Mailbox) -> None:
    addresses = {_sent("one"), _sent("two")}
    assert set(mailbox.senders) == addresses
    assert len(addresses) == 2


def test_an_address_that_does_not_exist_makes_a_task_and_gets_no_more_mail(returned: Path, mailbox: Mailbox) -> None:
    report = _put_in(returned, dsn("5.1.1", to=_sent()))
    assert returned_waits()
    assert take_returned() == {"unknown_user": 1}
    assert not report.exists()
    with transaction() as session:
        (problem,) = problems_of(session)
    assert (problem["state"], problem["error"].partition(":")[0]) == ("bounced", "unknown_user")
    put(key="two")
    assert deliver() == []
    assert (stored("two").state, (stored("two").last_error or "").partition(":")[0]) == ("failed", "address_stopped")
    assert len(mailbox.mails) == 1


def test_a_human_may_send_to_a_stopped_address_again(returned: Path, mailbox: Mailbox) -> None:
    _put_in(returned, dsn("5.1.1", to=_sent()))
    take_returned()
    with transaction() as session:
        assert send_again(session, "one")
    assert [one.state for one in deliver()] == [MessageState.SENT]
    with transaction() as session:
        assert why_stopped(session, RECIPIENT[Medium.EMAIL]) is None
    assert len(mailbox.mails) == 2


def test_a_full_mailbox_is_tried_three_times_more_and_is_then_a_clerks(returned: Path, mailbox: Mailbox) -> None:
    address = _sent()
    for time_round in range(3):
        _put_in(returned, dsn("5.2.2", to=address))
        assert take_returned() == {"mailbox_full": 1}
        assert (stored().state, stored().bounces, deliver()) == ("pending", time_round + 1, [])
        let_time_pass()
        assert [one.state for one in deliver()] == [MessageState.SENT]
    _put_in(returned, dsn("5.2.2", to=address))
    take_returned()
    assert stored().state == "bounced"
    with transaction() as session:
        assert why_stopped(session, RECIPIENT[Medium.EMAIL]) is None, "it exists"


def test_a_message_is_known_by_its_message_id_alone(returned: Path) -> None:
    _sent()
    _put_in(returned, dsn("5.7.1", message_id=str(stored().reference)))
    assert take_returned() == {"refused_as_spam": 1}
    assert stored().state == "bounced"


def test_a_message_that_is_late_stays_sent_and_says_so(returned: Path) -> None:
    _put_in(returned, dsn("4.4.1", action="delayed", to=_sent()))
    assert take_returned() == {"delayed": 1}
    assert (stored().state, (stored().last_error or "").partition(":")[0]) == ("sent", "delayed")


def test_what_is_no_report_of_ours_is_put_aside_for_the_administrator(returned: Path) -> None:
    _sent()
    _put_in(returned, dsn("5.1.1", to="zwroty+00000000000000000000@mzk.example"))
    _put_in(returned, b"Subject: hello\r\n\r\nhello", "2.eml")
    assert take_returned() == {"other": 2}
    assert sorted(path.name for path in (returned / "inne").iterdir()) == ["1.eml", "2.eml"]
    assert (stored().state, returned_waits()) == ("sent", False)


def test_the_same_report_twice_changes_nothing_more(returned: Path) -> None:
    address = _sent()
    for name in ("1.eml", "2.eml"):
        _put_in(returned, dsn("5.2.2", to=address), name)
    assert take_returned() == {"mailbox_full": 2}
    assert (stored().state, stored().bounces) == ("pending", 1)


def test_a_file_that_is_still_written_is_left(returned: Path) -> None:
    path = _put_in(returned, dsn("5.1.1", to=_sent()))
    os.utime(path)
    assert take_returned() == {}
    assert path.exists()


@pytest.mark.parametrize("folder", [None, "missing"])
def test_an_installation_without_such_a_folder_reads_none(
    tmp_path: Path, database: str, set_settings: Callable[..., None], folder: str | None
) -> None:
    if folder:
        set_settings(bounces_dir=tmp_path / folder)
    assert (take_returned(), returned_waits()) == ({}, False)


def test_a_message_that_came_back_is_printed_as_a_letter_or_closed(returned: Path) -> None:
    for key in ("one", "two"):
        _put_in(returned, dsn("5.7.1", to=_sent(key)))
        take_returned()
    with transaction() as session:
        assert as_letter(session, "one", RECIPIENT[Medium.LETTER])
        assert close(session, "two")
        assert not close(session, "two")
        assert not as_letter(session, "two", RECIPIENT[Medium.LETTER])
    (letter,) = deliver()
    assert (letter.key, letter.channel, letter.state) == ("one", Medium.LETTER, MessageState.SENT)
    with transaction() as session:
        assert problems_of(session) == []
