"""Who is known to be the customer, on both databases: by his address, an invoice, or a code that came by letter."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks import office
from billing.dispatch_tables import DeliveredInvoice
from billing.statement import invoices_of
from confirmations.archive import HIDDEN, kept_message, text_of
from confirmations.polish import long_date
from confirmations.rendering import as_text
from confirmations.tables import Message
from customers.tables import Account, Authority, Consent, Customer, LetterCode
from database.engine import reading, transaction
from environment import clock
from environment.settings import get_settings
from portal import sessions, vouching
from portal.vouching import Answer, Letters

STRANGE = "sasiad@example.com"


@pytest.fixture
def number(database: str) -> str:
    """A customer to whom an account with a strange address was opened."""
    office.fill_register()
    number = office.people()[0]["customer_no"]
    office.open_account(number, STRANGE, vouched=False)
    return number


def is_known(number: str) -> bool:
    """Whether a session that begins now is one of somebody known."""
    token = office.account_session(number)
    with reading() as session:
        found = sessions.who(session, token)
    assert found is not None
    return found.vouched


def letter() -> Message | None:
    with reading() as session:
        return session.query(Message).where(Message.template == "letter_code").order_by(Message.id.desc()).first()


def send(number: str) -> str:
    """Ask for a letter; gives the code in it."""
    with transaction() as session:
        assert vouching.send_letter(session, number)
    sent = letter()
    assert sent is not None
    return str(sent.context["code"])


def typed(number: str, code: str) -> Answer:
    with transaction() as session:
        return vouching.by_code(session, number, code)


def state(number: str) -> Letters:
    with reading() as session:
        return vouching.letters(session, number)


def test_whose_address_the_register_has_is_known_once_he_signs_in_and_stays_so(number: str) -> None:
    assert not is_known(number)
    with transaction() as session:
        session.get_one(Customer, number).email = STRANGE.upper()
    assert is_known(number)
    with transaction() as session:
        session.get_one(Customer, number).email = None
        account = session.query(Account).one()
        assert account.vouched_by == "register"
        account.login = "inny@example.com"
    assert is_known(number)


@pytest.fixture
def accepted(database: str) -> tuple[str, str]:
    """A customer without an address in the register, for whom somebody accepted e-invoices with his own mailbox."""
    office.fill_register()
    office.on_einvoice(3)
    person = office.people()[3]
    with transaction() as session:
        session.get_one(Customer, person["customer_no"]).email = None
    return person["customer_no"], str(person["email"])


def invoice_arrives(customer_no: str) -> None:
    with transaction() as session:
        sent = session.query(Message).where(Message.state == "sent").first()
        assert sent is not None
        day = clock.today()
        session.add(
            DeliveredInvoice(
                invoice_no="FV/1", customer_no=customer_no, issued_on=day, decided_at=clock.now(), message_key=sent.key
            )
        )


def test_the_address_of_e_invoices_is_known_once_one_arrived_there(accepted: tuple[str, str]) -> None:
    number, address = accepted
    office.open_account(number, address, vouched=False)
    assert not is_known(number), "whoever knows number and name may accept, with a mailbox of his own"
    invoice_arrives(number)
    assert is_known(number)


def test_an_address_that_was_changed_to_is_not_known_by_an_invoice_that_still_went_to_the_one_before(
    accepted: tuple[str, str],
) -> None:
    """That of a day before the change goes to the address before, whenever it leaves."""
    number, address = accepted
    invoice_arrives(number)
    with transaction() as session:
        session.query(Consent).filter(Consent.customer_no == number).update({"email": "sasiad@example.com"})
    with reading() as session:
        assert not vouching.is_his_address(session, number, "sasiad@example.com")
        assert not vouching.is_his_address(session, number, address), "and the one before is his no more"


def test_an_agent_who_gets_the_invoices_is_not_the_customer(accepted: tuple[str, str]) -> None:
    number, address = accepted
    with transaction() as session:
        given_at = clock.now()
        authority = Authority(customer_no=number, email=address, scope="einvoices", given_by="ewa", given_at=given_at)
        authority.until, authority.link_ends = clock.today(), given_at
        session.add(authority)
    invoice_arrives(number)
    with reading() as session:
        assert not vouching.is_his_address(session, number, address)


def test_who_is_not_asked_is_known(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_ACCOUNT_LETTER_CODE", "false")
    get_settings.cache_clear()
    assert is_known(number)


def test_the_code_goes_by_letter_to_the_address_of_the_register_and_nothing_else_has_it(number: str) -> None:
    code = send(number)
    sent = letter()
    assert sent is not None
    person = office.people()[0]
    assert sent.channel == "letter"
    assert sent.recipient.splitlines()[0] == person["name"]
    assert str(person["postcode"]) in sent.recipient
    assert code.replace(" ", "") not in sent.key
    told = text_of(kept_message(sent))
    assert code not in as_text(told), "staff do not see it"
    assert HIDDEN in as_text(told)
    with reading() as session:
        kept: Any = session.execute(text("SELECT * FROM letter_codes")).all()
    assert code.replace(" ", "") not in str(kept)
    assert typed(number, code.replace(" ", "-")) is Answer.RIGHT
    assert is_known(number)
    with reading() as session:
        assert session.query(LetterCode).count() == 0
    with transaction() as session:
        assert not vouching.send_letter(session, number), "there is nothing left to show"


def test_a_code_is_of_one_account_and_ends(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, other = send(number), office.people()[1]["customer_no"]
    office.open_account(other, "inna@example.com", vouched=False)
    assert typed(other, code) is Answer.WRONG
    end = clock.now() + timedelta(days=get_settings().letter_code_days)
    monkeypatch.setattr(clock, "now", lambda: end)
    assert typed(number, code) is Answer.WRONG
    assert state(number).sent_at is None
    with transaction() as session:
        assert vouching.sweep_away(session) == 1


def test_another_letter_goes_after_some_days_and_both_codes_count(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = send(number)
    with transaction() as session:
        assert not vouching.send_letter(session, number)
    later = clock.now() + timedelta(days=get_settings().letter_code_again_days)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert state(number).next_at is None
    assert send(number) != first
    assert typed(number, first) is Answer.RIGHT


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_a_day_that_is_told_counts_from_its_first_minute_to_its_last(
    number: str, monkeypatch: pytest.MonkeyPatch, hour: int
) -> None:
    zone = get_settings().zone
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 9, 28, hour, 30, tzinfo=zone).astimezone(UTC))  # DST ends
    code, told = send(number), state(number)
    assert told.until is not None and told.next_at is not None
    last, again, sent = clock.last_day(told.until), clock.local_day(told.next_at), letter()
    assert sent is not None and sent.context["until"] == long_date(last)

    def at(day: date, moment: time) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.combine(day, moment, tzinfo=zone).astimezone(UTC))

    at(again - timedelta(days=1), time(23, 59, 59))
    assert state(number).next_at == told.next_at
    at(again, time())
    assert state(number).next_at is None
    at(last, time(23, 59, 59))
    assert typed(number, code) is Answer.RIGHT


def test_guesses_are_few_a_day_and_few_in_all(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, begun = send(number), clock.now()
    wrong = "".join(str((int(sign) + 1) % 10) for sign in code if sign != " ")
    for day in range(4):
        monkeypatch.setattr(clock, "now", lambda day=day: begun + timedelta(days=day, minutes=day))
        assert [typed(number, wrong) for _ in range(6)] == [Answer.WRONG] * 5 + [Answer.TOO_MANY]
    assert typed(number, code) is Answer.TOO_MANY
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(days=6))
    assert typed(number, code) is Answer.WRONG, "after twenty wrong ones it counts no more"


def test_no_letter_goes_to_half_an_address(number: str) -> None:
    with transaction() as session:
        session.get_one(Customer, number).postcode = None
    assert not state(number).reachable
    with transaction() as session:
        assert not vouching.send_letter(session, number)
    assert letter() is None


def test_number_and_amount_of_one_of_the_last_invoices_are_enough(sqlite_database: str) -> None:
    (number, _), (other, _) = office.billed_accounts(2, months=5)
    with transaction() as session:
        for account in session.query(Account):
            account.vouched_at = account.vouched_by = None
        last, theirs = invoices_of(session, number), invoices_of(session, other)[0]

    def given(row: Any, amount: str = "") -> Answer:
        with transaction() as session:
            return vouching.by_invoice(session, number, f" {row['invoice_no'].lower()} ", amount or str(row["gross"]))

    newest = last[0]
    assert given(newest, str(newest["gross"] + 1)) is Answer.WRONG
    assert given(theirs) is Answer.WRONG
    assert given(last[3]) is Answer.WRONG, "an old one"
    assert given(newest, "sNaN") is Answer.WRONG
    assert not is_known(number)
    assert given(newest, f"{newest['gross']:,} zł".replace(",", " ").replace(".", ",")) is Answer.RIGHT
    assert is_known(number)
