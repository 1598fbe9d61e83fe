"""Customers are told of invoices and payment dates: once, in time, and only what they want."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select, update

from billing.tables import INVOICES, PAYMENTS, BillingDelivery
from confirmations.outbox import deliver
from confirmations.restored import hold_back
from confirmations.stopped_addresses import stop
from confirmations.tables import Medium, MessageState
from customers.tables import Account, AccountNumber, Customer
from database.engine import transaction
from environment.clock import now
from notices import due
from notices.choices import Switch, choose
from notices.due import tell_due
from notices.judging import judge
from notices.kinds import NoticeKind
from notices.people import people_about
from notices.tables import ToldNotice
from notices.unsubscribing import address_for
from portal.closing import close_account
from tests.billing.delivered import accepts
from tests.clocks import SetClock
from tests.confirmations.recorder import Killed, Recorder
from tests.confirmations.samples import let_time_pass
from tests.notices.conftest import Told, messages, pays, sent, states

SetSettings = Callable[..., None]


def written() -> dict[str, int]:
    return {f"{kind}-{medium}": number for kind, counts in tell_due().items() for medium, number in counts.items()}


def test_a_new_invoice_is_told_once_by_each_way_that_was_agreed_to(people: list[Told]) -> None:
    assert written() == {"new_invoice-sms": 3, "new_invoice-email": 3}
    assert written() == {}
    assert sent() == sorted([one.login for one in people] + [one.phone for one in people])
    assert written() == {}
    assert not [one for one in messages() if one.tracking or one.role != "notice"]


def test_who_is_not_known_to_be_the_customer_is_told_nothing_of_his_bills(people_here: list[Told]) -> None:
    stranger = people_here[0]
    with transaction() as session:
        session.execute(update(Account).where(Account.customer_no == stranger.number).values(vouched_at=None))
    assert written() == {"new_invoice-sms": 2, "new_invoice-email": 2}
    assert not {stranger.login, stranger.phone} & set(sent())


def test_who_is_killed_while_he_writes_is_gone_on_with(people: list[Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "_BUNDLE", 1)
    monkeypatch.setattr(due, "_LEAST", 1)
    count, real = {"left": 2}, due.tell

    def dying(*args: object) -> object:
        found = real(*args)  # type: ignore[arg-type]
        count["left"] -= 1
        if count["left"] == 0:
            raise Killed
        return found

    with monkeypatch.context() as patch:
        patch.setattr(due, "tell", dying)
        with pytest.raises(Killed):
            tell_due()
    assert len(messages()) == 2, "the first customer's; the second one's went with his transaction"
    assert written() == {"new_invoice-sms": 2, "new_invoice-email": 2}
    assert len({one.key for one in messages()}) == len(messages()) == 6


def test_who_is_killed_while_he_sends_sends_nothing_twice(people: list[Told]) -> None:
    tell_due()
    killed = Recorder(after=Killed())
    with pytest.raises(Killed):
        deliver(channels=killed, judge=judge)
    let_time_pass()
    going_on = Recorder()
    deliver(channels=going_on, judge=judge)
    deliver(channels=going_on, judge=judge)
    assert len(set(killed.sent) | set(going_on.sent)) == len(killed.sent) + len(going_on.sent) == 6
    assert states().count(MessageState.UNCERTAIN) == len(killed.sent)


def test_without_a_first_day_nobody_is_told_and_before_it_neither(
    people_here: list[Told], set_settings: SetSettings
) -> None:
    set_settings(notices_from="")
    assert written() == {}
    set_settings(notices_from="2026-11-01")
    assert written() == {}


def test_without_a_judge_no_notice_leaves(people_here: list[Told]) -> None:
    tell_due()
    assert deliver(channels=Recorder()) == []
    assert set(states()) == {"pending"}


def test_a_date_is_told_so_many_days_before_as_its_customer_chose(people: list[Told], at: SetClock) -> None:
    with transaction() as session:
        for one, days in zip(people, (3, 7, 7), strict=True):
            account = session.query(Account).filter(Account.customer_no == one.number).one()
            choose(session, account, {NoticeKind.DATE_NEAR: Switch(by_sms=True, by_email=False, days=days)})
    pays(people[2])
    at("2026-11-06 10:00")
    assert "date_near-sms" not in written()
    at("2026-11-07 10:00")
    assert written()["date_near-sms"] == 1, "seven days before; the third has paid"
    at("2026-11-13 10:00")
    assert written() == {"date_near-sms": 1}, "the run did not go for days: better late than never"
    at("2026-11-14 10:00")
    assert written() == {}


def test_a_date_that_passed_is_told_after_some_days_once_and_once_more_where_it_is_set(
    people_here: list[Told], at: SetClock, set_settings: SetSettings
) -> None:
    at("2026-11-16 10:00")
    assert "date_passed-sms" not in written()
    at("2026-11-17 10:00")
    assert written() == {"date_passed-sms": 3, "date_passed-email": 3}
    at("2026-12-01 10:00")
    assert written() == {}
    set_settings(notices_passed_again_days="14")
    assert written() == {"passed_again-sms": 3, "passed_again-email": 3}
    assert written() == {}
    assert len(sent()) == 12


def paid_until(day: date | None) -> None:
    with transaction() as session:
        session.execute(update(BillingDelivery).values(paid_until=day))


def test_nobody_is_said_to_be_late_before_billing_has_told_the_payments_of_these_days(
    people_here: list[Told], at: SetClock
) -> None:
    at("2026-11-24 10:00")
    for day in (None, date(2026, 10, 31), date(2026, 11, 15)):
        paid_until(day)
        assert "date_passed-sms" not in written()
    pays(people_here[0])
    paid_until(date(2026, 11, 16))
    assert written() == {"date_passed-sms": 2, "date_passed-email": 2}, "three days after, as far as is known"


def test_what_leaves_speaks_of_what_is_open_still_and_not_of_what_was_paid_meanwhile(
    people_here: list[Told], at: SetClock
) -> None:
    one = people_here[0]
    with transaction() as session:
        first = session.execute(select(INVOICES).where(INVOICES.c.invoice_no == one.invoice)).mappings().one()
        later = {"invoice_no": "FV/LATER", "due_on": date(2026, 11, 16), "gross": Decimal(50), "net": Decimal(50)}
        session.execute(insert(INVOICES).values({**first, **later, "vat": Decimal(0), "content": "0" * 32}))
        others = Account.customer_no != one.number
        session.execute(update(Account).where(others).values(notify_sms=False, notify_email=False))
        account = session.query(Account).filter(Account.customer_no == one.number).one()
        choose(session, account, {NoticeKind.DATE_NEAR: Switch(by_sms=True, by_email=False, days=7)})
    at("2026-11-10 10:00")
    assert written() == {"date_near-sms": 1}
    with transaction() as session:
        paid = {"payment_no": "W", "customer_no": one.number, "paid_on": date(2026, 11, 10), "invoice_no": one.invoice}
        kept = {"amount": first["gross"], "content": "0" * 32, "since": first["since"]}
        session.execute(insert(PAYMENTS).values(**paid, **kept))
    assert sent() == [one.phone]
    (message,) = messages()
    assert (message.context["count"], message.context["due_on"]) == (1, "2026-11-16")


def test_a_correction_that_asks_for_more_is_told_like_an_invoice_and_makes_no_paid_one_late(
    people_here: list[Told], at: SetClock
) -> None:
    one = people_here[0]
    with transaction() as session:
        of_him = INVOICES.c.invoice_no == one.invoice
        first = session.execute(select(INVOICES).where(of_him)).mappings().one()
        more = {"invoice_no": "K", "kind": "correction", "corrects": one.invoice, "due_on": date(2026, 12, 10)}
        more |= {"gross": Decimal(50), "net": Decimal(50), "vat": Decimal(0), "content": "0" * 32}
        session.execute(insert(INVOICES).values({**first, **more, "issued_on": date(2026, 11, 16)}))
        paid = {"payment_no": "W", "customer_no": one.number, "paid_on": date(2026, 11, 10), "invoice_no": one.invoice}
        kept = {"amount": first["gross"], "content": "0" * 32, "since": first["since"]}
        session.execute(insert(PAYMENTS).values(**paid, **kept))
        others = Account.customer_no != one.number
        session.execute(update(Account).where(others).values(notify_sms=False, notify_email=False))
    at("2026-11-17 10:00")
    assert written() == {"new_invoice-sms": 1, "new_invoice-email": 1}, "and nothing of a date that passed"


def test_nothing_leaves_after_payment_though_it_was_written_before(people: list[Told], at: SetClock) -> None:
    at("2026-11-11 10:00")
    assert written()["date_near-sms"] == 3
    pays(people[0])
    assert people[0].login not in sent()
    closed = [one for one in messages() if one.state == MessageState.CLOSED.value]
    assert {one.customer_no for one in closed} == {people[0].number} and len(closed) == 2
    assert {one.closing for one in closed} == {"Niepotrzebne: faktura jest już zapłacona albo skorygowana."}


def test_what_is_not_known_to_be_owed_is_not_asked_for(people_here: list[Told], at: SetClock) -> None:
    with transaction() as session:
        session.execute(update(due.INVOICES).values(issued_on=date(2026, 10, 30)))
        session.connection().exec_driver_sql("DELETE FROM billing_settlements")
    assert set(written()) == {"new_invoice-sms", "new_invoice-email"}
    at("2026-11-17 10:00")
    assert written() == {}


def test_what_has_waited_too_long_ends_and_is_not_sent_late(people_here: list[Told], at: SetClock) -> None:
    at("2026-11-14 20:59:30")
    assert written()["date_near-sms"] == 3, "written in the last minute of the last day"
    assert sent() == []
    at("2026-11-15 10:00")
    let_time_pass()
    assert sent() == []
    assert {(one.state, one.closing) for one in messages()} == {("closed", "Niepotrzebne: jest już za późno.")}


def test_that_a_date_passed_is_not_said_of_one_that_was_put_off_since(people_here: list[Told], at: SetClock) -> None:
    at("2026-11-17 21:30")
    assert written()["date_passed-sms"] == 3
    first, second, _ = people_here
    with transaction() as session:
        for one, day in ((first, date(2026, 12, 1)), (second, date(2026, 11, 18))):
            session.execute(update(INVOICES).where(INVOICES.c.invoice_no == one.invoice).values(due_on=day))
    at("2026-11-18 10:00")
    assert first.phone not in sent() and second.phone not in sent() and people_here[2].phone in sent()
    told = {one.closing for one in messages() if one.customer_no in (first.number, second.number)}
    assert told == {"Niepotrzebne: termin płatności zmieniono i jeszcze nie minął."}


def test_what_another_account_is_told_is_switched_off_of_that_account(people_here: list[Told]) -> None:
    """The second account is closed between the writing and the sending, and its number has become the first one's."""
    tell_due()
    first, second, _ = people_here
    with transaction() as session:
        gone = session.query(Account).filter(Account.customer_no == second.number).one()
        account = session.query(Account).filter(Account.customer_no == first.number).one()
        further = {"customer_no": second.number, "state": "active", "agreed": "", "asked_at": account.created_at}
        session.add(AccountNumber(account_id=account.id, **further))
        session.delete(gone)
        wanted = address_for(account.id, NoticeKind.NEW_INVOICE)
    assert sent().count(first.login) == 2
    of_first = [one for one in messages() if one.recipient == first.login]
    assert [one.context["unsubscribe"] for one in of_first] == [wanted, wanted]


def test_two_invoices_are_one_message(people_here: list[Told]) -> None:
    with transaction() as session:
        of_second = INVOICES.c.invoice_no == people_here[1].invoice
        session.execute(update(INVOICES).where(of_second).values(customer_no=people_here[0].number))
    assert written() == {"new_invoice-sms": 2, "new_invoice-email": 2}
    assert written() == {}
    both = next(one for one in messages() if one.customer_no == people_here[0].number)
    assert both.context["count"] == 2 and len(both.context["subjects"]) == 2


def test_who_gets_his_invoice_by_email_gets_no_second_one_about_it(people_here: list[Told]) -> None:
    accepts(people_here[0].number, ("faktury@example.com", date(2026, 9, 2)))
    assert written() == {"new_invoice-sms": 3, "new_invoice-email": 2}


def test_who_accepted_emails_is_told_of_an_invoice_that_goes_on_paper_for_want_of_a_picture(
    people_here: list[Told], set_settings: SetSettings
) -> None:
    set_settings(invoice_delivery_from="2026-10-01")
    accepts(people_here[0].number, ("faktury@example.com", date(2026, 9, 2)))
    assert written() == {"new_invoice-sms": 3, "new_invoice-email": 3}


def test_an_unproven_number_and_a_stopped_address_are_not_written_to(people: list[Told]) -> None:
    with transaction() as session:
        session.execute(update(Customer).where(Customer.customer_no == people[0].number).values(phone="600111222"))
        stop(session, people[1].login, "unknown_user")
        stop(session, people[1].phone, "number_refused")
    assert written() == {"new_invoice-sms": 1, "new_invoice-email": 2}
    with transaction() as session:
        stop(session, people[2].phone, "number_refused")
    assert sent() == sorted([people[0].login, people[2].login]), "stopped after it was written"


def test_a_customer_whose_account_is_gone_gets_nothing_more(people: list[Told]) -> None:
    tell_due()
    with transaction() as session:
        close_account(session, people[0].number, date(2026, 11, 2))
    assert not {people[0].phone} & set(sent())
    closed = {one.closing for one in messages() if one.state == MessageState.CLOSED.value}
    assert closed == {"Klient nie ma już konta w eBOK."}
    with transaction() as session:
        assert people_about(session, [people[0].number]) == []
        assert session.query(ToldNotice).count() == 3


def test_what_was_owed_before_a_restore_is_not_told_a_second_time(people: list[Told], at: SetClock) -> None:
    tell_due()
    with transaction() as session:
        hold_back(session, at=now(), backup_at=now() - timedelta(hours=1))
    assert set(states()) == {"closed"}, "what waited may have left"
    with transaction() as session:
        session.query(ToldNotice).delete()
    assert written() == {}, "and so may what the backup knows nothing of"
    at("2026-11-11 10:00")
    assert written()["date_near-sms"] == 3


def test_further_numbers_of_an_account_are_told_to_its_owner(people: list[Told]) -> None:
    """The third has no account; the second has one of his own, which is the one that is told."""
    first, second, third = people
    with transaction() as session:
        session.execute(delete(Account).where(Account.customer_no == third.number))
        account = session.query(Account).filter(Account.customer_no == first.number).one()
        for one in (second, third):
            further = {"customer_no": one.number, "state": "active", "agreed": "", "asked_at": account.created_at}
            session.add(AccountNumber(account_id=account.id, **further))
    assert written() == {"new_invoice-sms": 3, "new_invoice-email": 3}
    assert sent() == sorted([first.login, first.login, first.phone, first.phone, second.login, second.phone])


def test_switched_off_meanwhile_means_not_sent(people_here: list[Told]) -> None:
    tell_due()
    with transaction() as session:
        account = session.query(Account).filter(Account.customer_no == people_here[0].number).one()
        choose(session, account, {NoticeKind.NEW_INVOICE: Switch(by_sms=False, by_email=True)})
    left = sent()
    assert people_here[0].phone not in left and people_here[0].login in left


def test_the_way_of_messages_counts_the_media(people_here: list[Told]) -> None:
    assert tell_due()[NoticeKind.NEW_INVOICE] == {Medium.SMS: 3, Medium.EMAIL: 3}
