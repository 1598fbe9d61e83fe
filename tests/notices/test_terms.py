"""Whoever agreed to a Regulamin is told of a new version in time: once, by day, where his address is proven."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from confirmations.outbox import deliver
from confirmations.overview import is_printable
from confirmations.restored import hold_back
from confirmations.settling import as_letter
from confirmations.stopped_addresses import stop
from confirmations.tables import Message, MessageState
from customers.agents import open_agent_account
from customers.tables import Account, Consent, Customer, Proof
from database.engine import get_engine, reading, transaction
from environment import clock
from forms.terms import REGULAMINS, text_of, versions
from integrity.checking import check, no_original
from notices import terms
from notices.due import tell_due
from notices.erasing import erase_before, erase_terms_before
from notices.judging import judge
from notices.tables import ToldNotice
from notices.terms import judge_terms, tell_changes
from portal.closing import close_account
from retention.erasure import erase
from tests.billing.delivered import accepts
from tests.clocks import SetClock
from tests.confirmations.recorder import Killed, Recorder
from tests.confirmations.samples import let_time_pass
from tests.integrity.at_once import at_once
from tests.notices.conftest import Told, messages, sent
from tests.own_terms import own_terms

__all__ = ["at_once"]

IN_TIME = "2026-12-08 10:00"
"""The first day on which the version of 1 January 2027 is told: fourteen days, and ten to spare."""


def accounts_of(*numbers: str) -> Any:
    return Account.customer_no.in_(numbers)


@pytest.fixture
def agreed(people: list[Told], at: SetClock) -> list[Told]:
    """They agreed to the first version; it is the first day on which the next one is told."""
    return _agreed(people, at)


@pytest.fixture
def agreed_here(people_here: list[Told], at: SetClock) -> list[Told]:
    """The same, where the kind of database does not matter."""
    return _agreed(people_here, at)


def _agreed(people: list[Told], at: SetClock) -> list[Told]:
    with transaction() as session:
        session.execute(update(Account).values(terms_version="1", notify_sms=False, notify_email=False))
    at(IN_TIME)
    return people


def written() -> dict[str, int]:
    return {f"{one.key} {one.version}": number for one, number in tell_changes().items()}


def rows() -> list[tuple[str, str]]:
    with reading() as session:
        of_terms = select(ToldNotice.customer_no, ToldNotice.subject).where(ToldNotice.kind == "terms")
        return sorted(session.execute(of_terms).tuples().all())


def test_every_open_account_is_told_once_by_its_login_whatever_it_switched_off(agreed: list[Told]) -> None:
    with transaction() as session:
        open_agent_account(session, "zarzadca@example.com", "x", "1")
        session.execute(update(Account).where(accounts_of(agreed[0].number)).values(vouched_at=None))
    assert written() == {"ebok 2": 4, "einvoice 2": 0}
    assert written() == {"ebok 2": 0, "einvoice 2": 0}
    assert sent() == sorted([*(one.login for one in agreed), "zarzadca@example.com"])
    said = {(one.template, one.context["version"], one.role, one.tracking) for one in messages()}
    assert said == {("terms_ebok", "2", "notice", "")}


@pytest.mark.parametrize(
    ("moment", "tells"),
    [("2026-12-07 23:59", False), ("2026-12-08 00:00", True), ("2027-01-15 12:00", True), ("2027-01-16 00:00", False)],
)
def test_it_is_told_from_ten_days_before_the_promised_day_until_it_is_no_news(
    agreed_here: list[Told], at: SetClock, moment: str, tells: bool
) -> None:
    at(moment)
    assert written() == ({"ebok 2": 3, "einvoice 2": 0} if tells else {})


def test_who_closed_his_account_never_had_one_that_works_or_has_accepted_it_already_is_not_told(
    agreed_here: list[Told],
) -> None:
    closed, pending, newer = agreed_here
    with transaction() as session:
        close_account(session, closed.number, date(2026, 12, 8))
        session.execute(update(Account).where(accounts_of(pending.number)).values(state="pending"))
        session.execute(update(Account).where(accounts_of(newer.number)).values(terms_version="2"))
    assert written() == {"ebok 2": 0, "einvoice 2": 0}
    assert rows() == []


def test_who_has_accepted_einvoices_is_told_of_theirs_with_an_account_or_without(agreed: list[Told]) -> None:
    first, second, third = agreed
    with transaction() as session:
        session.execute(update(Account).values(state="closed"))
    accepts(first.number, ("faktury@example.com", date(2026, 9, 2)))
    accepts(second.number, ("nowy@example.com", None), since=None, tracking="K7M4-PX9A")
    accepts(third.number, ("koniec@example.com", date(2026, 9, 2)), until=date(2026, 12, 31), tracking="K7M4-PX9B")
    assert written() == {"ebok 2": 0, "einvoice 2": 1}
    assert sent() == ["faktury@example.com"]


def test_one_mailbox_of_several_customers_gets_one_message(
    agreed: list[Told], monkeypatch: pytest.MonkeyPatch, at: SetClock
) -> None:
    monkeypatch.setattr(terms, "_BUNDLE", 1)
    monkeypatch.setattr(terms, "_LEAST", 1)
    for place, one in enumerate(agreed):
        accepts(one.number, ("wspolny@example.com", date(2026, 9, 2)), tracking=f"K7M4-PX9{place}")
    assert written()["einvoice 2"] == 1
    assert [subject for _, subject in rows()].count("einvoice 2 2027-01-01") == 3
    with transaction() as session:
        of_first = Consent.customer_no == agreed[0].number
        session.execute(update(Consent).where(of_first).values(effective_to=date(2026, 12, 9), withdrawn=True))
    assert sent().count("wspolny@example.com") == 1, "two of them are concerned still"
    with transaction() as session:
        session.execute(update(Account).values(state="closed"))
        session.execute(update(Consent).values(effective_to=date(2026, 12, 9), withdrawn=True))
    erase(agreed[0].number, "cli")
    with reading() as session:
        keys = set(session.scalars(select(Message.key)))
        left = set(session.scalars(select(ToldNotice.email_key)))
    assert left <= keys, "what others are told by stays"


def test_who_moved_from_a_mailbox_in_common_is_told_at_his_own(agreed_here: list[Told]) -> None:
    for place, one in enumerate(agreed_here[:2]):
        accepts(one.number, ("wspolny@example.com", date(2026, 9, 2)), tracking=f"K7M4-PX9{place}")
    assert written()["einvoice 2"] == 1
    moved = agreed_here[0].number
    with transaction() as session:
        (consent,) = session.scalars(select(Consent).where(Consent.customer_no == moved))
        session.execute(update(Consent).where(Consent.id == consent.id).values(email="wlasny@example.com"))
        session.execute(update(Proof).where(Proof.consent_id == consent.id).values(email="wlasny@example.com"))
    sent()
    left = sent()
    assert left.count("wspolny@example.com") == left.count("wlasny@example.com") == 1
    assert [one for one in rows() if one[1].startswith("einvoice")] == [
        (number, "einvoice 2 2027-01-01") for number in sorted(one.number for one in agreed_here[:2])
    ]


def test_who_changed_his_login_or_left_meanwhile_is_looked_for_when_it_leaves(agreed_here: list[Told]) -> None:
    moved, closed, accepted = agreed_here
    assert written()["ebok 2"] == 3
    with transaction() as session:
        session.execute(update(Account).where(accounts_of(moved.number)).values(login="inny@example.com"))
        close_account(session, closed.number, date(2026, 12, 8))
        session.execute(update(Account).where(accounts_of(accepted.number)).values(terms_version="2"))
    sent()
    left = [one.recipient for one in messages() if one.template == "terms_ebok" and one.state == "sent"]
    assert left == ["inny@example.com"]
    over = [one.closing for one in messages() if one.template == "terms_ebok" and one.state == "closed"]
    assert over == [terms._OVER, terms._OVER]


def test_it_never_leaves_at_night(agreed_here: list[Told], at: SetClock) -> None:
    at("2026-12-08 21:30")
    assert written()["ebok 2"] == 3
    assert sent() == []
    at("2026-12-09 07:59")
    assert sent() == []
    at("2026-12-09 08:00")
    assert len(sent()) == 3


def test_it_depends_on_no_setting_of_other_notices(agreed_here: list[Told], set_settings: Callable[..., None]) -> None:
    set_settings(notices_from="")
    assert tell_due() == {}
    assert written()["ebok 2"] == 3


def test_two_runs_at_once_write_each_message_once(agreed: list[Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_BUNDLE", 1)
    monkeypatch.setattr(terms, "_LEAST", 1)
    for place, one in enumerate(agreed):
        accepts(one.number, (f"f{place // 2}@example.com", date(2026, 9, 2)), tracking=f"K7M4-PX9{place}")
    barrier, faults = Barrier(2), list[BaseException]()

    def work() -> None:
        barrier.wait()
        try:
            tell_changes()
        except BaseException as fault:
            faults.append(fault)

    runs = [Thread(target=work) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert faults == []
    assert len(messages()) == len({one.key for one in messages()}) == 5
    assert len(sent()) == 5 and len(rows()) == 6


def test_who_is_killed_while_he_writes_or_sends_is_gone_on_with(
    agreed: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "_BUNDLE", 1)
    monkeypatch.setattr(terms, "_LEAST", 1)
    left, real = [2], terms._write

    def dying(*args: Any) -> int:
        found = real(*args)
        left[0] -= 1
        if not left[0]:
            raise Killed
        return found

    with monkeypatch.context() as patch:
        patch.setattr(terms, "_write", dying)
        with pytest.raises(Killed):
            tell_changes()
    assert len(messages()) == 1
    assert written()["ebok 2"] == 2
    killed, going_on = Recorder(after=Killed()), Recorder()
    with pytest.raises(Killed):
        deliver(channels=killed, judge=judge)
    let_time_pass()
    for _ in range(2):
        deliver(channels=going_on, judge=judge)
    assert len({*killed.sent, *going_on.sent}) == len(killed.sent) + len(going_on.sent) == 3


def test_an_address_that_takes_no_mail_is_a_clerks_who_has_a_letter_printed(agreed_here: list[Told]) -> None:
    with transaction() as session:
        stop(session, agreed_here[0].login, "unknown_user")
    assert written()["ebok 2"] == 3
    assert agreed_here[0].login not in sent()
    (failed,) = [one for one in messages() if one.state == MessageState.FAILED.value]
    assert (failed.last_error or "").startswith("address_stopped") and is_printable(failed)
    address = "Jan Testowy\nul. Leśna 1\n66-400 Gorzów"
    with transaction() as session:
        assert as_letter(session, failed.key, address)
    assert address in sent(), "nobody looks for another recipient any more"


def test_what_was_promised_leaves_after_a_restore_though_it_may_come_twice(agreed_here: list[Told]) -> None:
    assert written()["ebok 2"] == 3
    with transaction() as session:
        hold_back(session, at=clock.now(), backup_at=clock.now() - timedelta(hours=1))
    assert len(sent()) == 3


def test_a_version_that_comes_too_soon_is_told_at_once_and_the_administrator_learns_of_it(
    agreed_here: list[Told], at: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    def differences() -> list[str]:
        found = check(no_original, moments=()).differences
        return [f"{one.subject} ({one.detail})" for one in found if one.kind.code == "terms_told_late"]

    at("2026-12-18 10:00")
    assert differences() == [], "the last day is not over"
    both = (("ebok", "1", "2026-01-01"), ("einvoice", "1", "2026-01-01"))
    own_terms(tmp_path / "terms", monkeypatch, *both, ("ebok", "3", "2026-12-20"))
    late = ["Regulamin eBOK, wersja 3 (najpóźniej 06.12.2026)"]
    assert differences() == late
    assert written() == {"ebok 3": 3}
    assert differences() == late
    with transaction() as session:
        opened = clock.now() - timedelta(days=1)
        session.execute(update(Account).values(activated_at=opened))
    assert differences() == [], "who came afterwards was promised nothing of it"
    at("2027-01-05 10:00")
    assert differences() == []


def test_who_was_told_in_time_makes_no_version_late(agreed_here: list[Told], at: SetClock) -> None:
    assert written()["ebok 2"] == 3
    at("2026-12-28 10:00")
    with reading() as session:
        assert terms.late(session) == []


def test_the_record_is_kept_as_long_as_the_proof_of_a_consent(agreed_here: list[Told], at: SetClock) -> None:
    number = agreed_here[0].number
    accepts(number, ("faktury@example.com", date(2026, 9, 2)))
    assert written() == {"ebok 2": 3, "einvoice 2": 1}
    sent()
    erase(number, "cli")
    assert (number, "einvoice 2 2027-01-01") in rows(), "his consent is in force, and he would be told again"
    assert (number, "ebok 2 2027-01-01") not in rows(), "his account is not"
    assert written() == {"ebok 2": 0, "einvoice 2": 0}
    at("2029-01-01 10:00")
    with transaction() as session:
        assert erase_before(session, clock.now(), 100) == 0
        assert erase_terms_before(session, clock.now(), 100) == 3
        assert session.scalars(select(Message)).all() == []


def test_a_version_that_the_texts_have_no_more_is_not_told_of(
    agreed_here: list[Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert written()["ebok 2"] == 3
    own_terms(tmp_path / "terms", monkeypatch, ("ebok", "1", "2026-01-01"), ("einvoice", "1", "2026-01-01"))
    with transaction() as session:
        assert judge_terms(session, messages()[0]) == terms._OVER


def test_a_day_that_is_moved_is_told_anew_and_what_waits_of_the_one_before_never_leaves(
    agreed_here: list[Told], at: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = (("ebok", "1", "2026-01-01"), ("einvoice", "1", "2026-01-01"))
    own_terms(tmp_path / "terms", monkeypatch, *both, ("ebok", "2", "2026-12-10"))
    assert written() == {"ebok 2": 3}
    own_terms(tmp_path / "moved", monkeypatch, *both, ("ebok", "2", "2026-12-28"))
    assert sent() == []
    assert written() == {"ebok 2": 3}
    assert len(sent()) == 3 and {one.context["in_force_from"] for one in messages() if one.state == "sent"} == {
        "2026-12-28"
    }
    with reading() as session:
        assert terms.late(session) == []


def test_a_hundred_customers_take_few_questions(agreed_here: list[Told]) -> None:
    with transaction() as session:
        account = session.scalars(select(Account)).first()
        customer = session.scalars(select(Customer)).first()
        assert account is not None and customer is not None
        of_customer = {one.name: getattr(customer, one.key) for one in Customer.__table__.columns}
        of_account = {one.name: getattr(account, one.key) for one in Account.__table__.columns if one.name != "id"}
        numbers = [f"9{place:07d}" for place in range(100)]
        session.execute(insert(Customer), [{**of_customer, "customer_no": number} for number in numbers])
        said = ({"customer_no": each, "login": f"{each}@example.com", "tracking": each} for each in numbers)
        session.execute(insert(Account), [{**of_account, **one} for one in said])
    statements = list[str]()

    def hear(*args: Any) -> None:
        statements.append(str(args[2]))

    event.listen(get_engine(), "before_cursor_execute", hear)
    try:
        assert written()["ebok 2"] == 103
    finally:
        event.remove(get_engine(), "before_cursor_execute", hear)
    assert len(statements) < 40, len(statements)


def test_the_shipped_texts_promise_what_the_setting_says() -> None:
    for key in REGULAMINS:
        for one in versions(key):
            assert "pocztą elektroniczną co najmniej 14 dni przed" in text_of(one)
