"""The checker of the kills: it finds whatever is lost, doubled or wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from benchmarks.kills.mail import AcceptedMail
from benchmarks.kills.outcome import Finding, check, taken_as
from benchmarks.kills.scenes import PEOPLE, Ending, Filled, Handed, Way
from confirmations.tables import Message, Sending
from customers.customer_list import read_customers
from customers.importing import import_customers
from customers.tables import Change
from database.engine import Session, transaction
from documents.intake import receive_values
from documents.states import IntakeChannel, State
from documents.tables import Document, Transition
from environment import clock
from environment.settings import get_settings
from flows import steps
from forms.catalogue import form_by_code
from forms.submission import Submission, submission_from_values
from specimens.people import write_customers
from tests.stored import original_path

SIGN_UP = Handed("sign-up", Way.API, (Filled("ebok_signup", 1),), (Ending(State.CONFIRMED, "done", ("account_link",)),))
NO_MAIL = AcceptedMail(())


@pytest.fixture
def tracking(home: Path, sqlite_database: str) -> str:
    """A sign-up that was taken to its end; its message is a file."""
    with transaction() as session:
        import_customers(session, read_customers(write_customers(PEOPLE, home / "customers.csv")).records)
    submission, _ = submission_from_values(form_by_code("ebok_signup"), json.loads(SIGN_UP.content), clock.today())
    get_settings().inbox.mkdir()
    number = _received(submission)
    steps._match(number)
    steps._apply(number)
    steps._deliver(number, "a test")
    return number


def _received(submission: Submission) -> str:
    with transaction() as session:
        return receive_values(session, submission, channel=IntakeChannel.API, raw=SIGN_UP.content).tracking


def _found(*handed: Handed, taken: AcceptedMail = NO_MAIL) -> Sequence[Finding]:
    return check(handed or (SIGN_UP,), taken).judged(most_uncertain=0)


def test_nothing_is_found_where_all_is_well(tracking: str) -> None:
    assert _found() == ()


def _original_is_gone(_: Session, __: str) -> None:
    original_path(SIGN_UP.sha256).unlink()


def _original_is_spoilt(_: Session, __: str) -> None:
    original_path(SIGN_UP.sha256).chmod(0o600)
    original_path(SIGN_UP.sha256).write_bytes(b"something else")


def _file_stays_in_the_folder(_: Session, __: str) -> None:
    (get_settings().inbox / "skan.pdf").write_bytes(b"%PDF")


def _came_a_second_time(session: Session, _: str) -> None:
    submission, _ = submission_from_values(form_by_code("ebok_signup"), json.loads(SIGN_UP.content), clock.today())
    receive_values(session, submission, channel=IntakeChannel.API, raw=SIGN_UP.content)


def _stranger_came(session: Session, _: str) -> None:
    submission, _ = submission_from_values(form_by_code("ebok_signup"), json.loads(SIGN_UP.content), clock.today())
    receive_values(session, submission, channel=IntakeChannel.API, raw=b"{}")


def _effect_is_gone(session: Session, _: str) -> None:
    session.execute(delete(Change))


def _message_is_gone(session: Session, _: str) -> None:
    session.execute(delete(Sending))
    session.execute(delete(Message))


def _message_waits(session: Session, _: str) -> None:
    session.execute(update(Message).values(state="pending"))


def _message_is_uncertain(session: Session, _: str) -> None:
    session.execute(update(Message).values(state="uncertain"))


def _message_has_failed(session: Session, _: str) -> None:
    session.execute(update(Message).values(state="failed"))


def _message_is_told_as_mailed(session: Session, _: str) -> None:
    session.execute(update(Message).values(transport="smtp"))


def _file_of_message_is_gone(_: Session, __: str) -> None:
    for file in get_settings().outgoing.rglob("*.eml"):
        file.unlink()


def _strange_file_is_there(_: Session, __: str) -> None:
    (get_settings().outgoing / "more.eml").write_text("")


def _state_is_another(session: Session, _: str) -> None:
    session.execute(update(Document).values(state="in_review"))


def _was_applied_twice(session: Session, _: str) -> None:
    session.execute(update(Transition).values(to_state="applied"))


def _held_still(session: Session, _: str) -> None:
    session.execute(update(Document).values(lease_owner="somebody", lease_until=clock.now() + timedelta(hours=1)))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_original_is_gone, "lost: the original of sign-up is not in the store"),
        (_original_is_spoilt, "lost: the original of sign-up is not in the store"),
        (_file_stays_in_the_folder, "wrong: 1 files are still in the scan folder"),
        (_came_a_second_time, "doubled: sign-up became 2 documents instead of 1"),
        (_stranger_came, "doubled: a document is of nothing that was handed in"),
        (_effect_is_gone, "wrong: sign-up ended as"),
        (_message_is_gone, "wrong: sign-up ended as"),
        (_message_waits, "lost: account_link of sign-up 1 has not left: pending"),
        (_message_is_uncertain, "wrong: 1 messages are uncertain, 0 may be"),
        (_message_has_failed, "wrong: 1 messages are failed, 0 may be"),
        (_message_is_told_as_mailed, "lost: account_link of sign-up 1 is told as sent, no mail server has it"),
        (_file_of_message_is_gone, "lost: the files of 1 messages are not there"),
        (_strange_file_is_there, "doubled: 1 messages lie among the files"),
        (_state_is_another, "wrong: the steps of sign-up 1 do not follow each other"),
        (_was_applied_twice, "doubled: sign-up 1 was applied"),
        (_held_still, "wrong: somebody still holds sign-up"),
    ],
)
def test_what_is_lost_doubled_or_wrong_is_found(
    tracking: str, damage: Callable[[Session, str], None], told: str
) -> None:
    with transaction() as session:
        damage(session, tracking)
    assert [str(finding) for finding in _found() if told in str(finding)], _found()


def test_a_mail_that_the_outbox_does_not_know_or_that_came_twice_is_found(tracking: str) -> None:
    with transaction() as session:
        _file_of_message_is_gone(session, tracking)
        session.execute(update(Message).values(transport="smtp"))
        message = session.scalars(select(Message)).one()
        mail = taken_as(message)
    assert _found(taken=AcceptedMail((mail,))) == ()
    (twice,) = _found(taken=AcceptedMail((mail, mail)))
    assert str(twice) == "doubled: a mail server took account_link of sign-up 1 2 times"
    (strange,) = _found(taken=AcceptedMail((mail, ("<other@example>", "a@example"))))
    assert strange.told == "mail servers took 1 messages that the outbox does not know"


def test_what_was_handed_in_and_became_nothing_is_lost(tracking: str) -> None:
    more = replace(SIGN_UP, name="more", way=Way.FOLDER)
    assert "more became 0 documents instead of 1" in [finding.told for finding in _found(SIGN_UP, more)]
