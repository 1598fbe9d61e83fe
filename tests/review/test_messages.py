"""What a clerk decides of a message: again, to the right address, as a letter, or not at all; each only once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from audit.tables import AuditEntry
from benchmarks import office
from confirmations import outbox
from confirmations.allowance import take_room
from confirmations.overview import messages_of
from confirmations.stopped_addresses import stop
from confirmations.tables import Medium, Message, MessageState
from customers.caller_check import Caller
from customers.proofs import ProofError
from customers.proving import check, prove
from customers.tables import Account, Change, Consent, Customer, Proof
from database.engine import transaction
from documents import loading
from documents.states import State
from documents.tables import Document
from documents.values import submission_of
from environment.settings import get_settings
from forms.form import Problem
from review import messages
from review.decisions import RefusedError
from review.queue import Clerk

EWA = Clerk("ewa")
RIGHT = "wlasciwy@example.com"


@pytest.fixture(autouse=True)
def _office(sqlite_database: str) -> None:
    office.fill_register()


def _caller(person: int = 0, answer: str | None = None) -> Caller:
    row = office.people()[person]
    return Caller(row["customer_no"], "pesel", row["pesel"][-4:] if answer is None else answer)


def _bounced(code: str = "einvoice_acceptance", person: int = 0, **state: Any) -> tuple[str, str]:
    """A form carried out whose last message came back; its tracking number and the key of the message."""
    tracking = office.online(code, person)
    office.worked_off(tracking)
    told = {"state": MessageState.BOUNCED.value, "last_error": "unknown_user: Takiego adresu nie ma.", **state}
    with transaction() as session:
        key = session.scalars(select(Message.key).where(Message.tracking == tracking).order_by(Message.id)).first()
        session.execute(update(Message).where(Message.key == key).values(**told))
    assert key is not None
    return tracking, key


def _correct(key: str, caller: Caller | None = None, email: str = RIGHT) -> Sequence[Problem]:
    with transaction() as session:
        return messages.correct_address(session, key, EWA, caller or _caller(), email)


def _told(tracking: str) -> list[dict[str, Any]]:
    with transaction() as session:
        return messages_of(session, tracking)


def _audited(tracking: str) -> list[tuple[str, Any]]:
    with transaction() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.subject == tracking).order_by(AuditEntry.id))
        return [(row.action, row.detail) for row in rows if row.actor == "clerk:ewa"]


def test_a_link_goes_to_the_corrected_address_and_the_old_one_ends() -> None:
    tracking, key = _bounced()
    old = office.link_to(0).rpartition("/")[2]
    assert _correct(key) == []
    outbox.deliver()
    assert len(office.mails_to(RIGHT)) == 1
    with pytest.raises(ProofError) as refused, transaction() as session:
        check(session, old)
    assert refused.value.code == "redirected"
    first, second, notice = _told(tracking)
    assert (first["state"], second["state"], notice["state"]) == ("closed", "sent", "sent")
    assert "poprawiono" in first["closing"]
    assert first["sendings"][0]["recipient"] != second["sendings"][0]["recipient"]
    with transaction() as session:
        document = loading.load(session, tracking)
        assert submission_of(session, document).text("email") == RIGHT
        assert session.scalars(select(Consent.email).where(Consent.tracking == tracking)).all() == [RIGHT]
        assert session.scalars(select(Change)).one().detail["facts"]["email"] == RIGHT
    assert _audited(tracking) == [
        ("corrected", {"field": "email"}),
        ("address_corrected", {"message": key, "asked": "pesel"}),
    ]


def test_a_corrected_address_proves_nothing_until_its_owner_uses_the_link() -> None:
    _, key = _bounced()
    assert _correct(key) == []
    number = office.people()[0]["customer_no"]
    with transaction() as session:
        assert session.get_one(Customer, number).invoice_delivery == "paper"
    outbox.deliver()
    with transaction() as session:
        prove(session, _token(RIGHT))
        assert session.get_one(Customer, number).invoice_email == RIGHT


def _token(address: str) -> str:
    body = office.mails_to(address)[-1].get_body(("plain",))
    assert body is not None
    return str(body.get_content()).partition("/potwierdzenie/")[2].split()[0]


def test_the_login_of_an_account_that_waits_is_corrected_unless_it_is_anothers() -> None:
    other, _ = _bounced("ebok_signup", 1)
    tracking, key = _bounced("ebok_signup")
    with transaction() as session:
        taken = session.scalars(select(Account.login).where(Account.tracking == other)).one()
    with pytest.raises(RefusedError) as refused:
        _correct(key, email=taken)
    assert [problem.code for problem in refused.value.problems] == ["unfit"]
    assert _correct(key) == []
    with transaction() as session:
        assert session.scalars(select(Account.login).where(Account.tracking == tracking)).one() == RIGHT
        assert session.scalars(select(Proof.email).where(Proof.void.is_(None), Proof.tracking == tracking)).all() == [
            RIGHT
        ]


def test_of_a_change_of_address_the_new_one_is_corrected_and_the_warning_to_the_old_one_is_not() -> None:
    office.on_einvoice(0)
    old = office.people()[0]["email"]
    tracking = office.online("einvoice_email_change", email_current=old, email_new="pomylony@example.com")
    office.worked_off(tracking)
    link, warning = _told(tracking)
    assert (link["correctable"], warning["correctable"]) == (True, False)
    with pytest.raises(RefusedError):
        _correct(warning["key"])
    with pytest.raises(RefusedError) as refused:
        _correct(link["key"], email=old)
    assert [problem.code for problem in refused.value.problems] == ["unfit"]
    assert _correct(link["key"]) == []
    with transaction() as session:
        assert session.scalars(select(Consent.email)).one() == old
        assert submission_of(session, loading.load(session, tracking)).text("email_new") == RIGHT
        assert session.get_one(Customer, office.people()[0]["customer_no"]).invoice_email == old


def test_another_message_goes_to_the_told_address_as_to_one_that_nobody_has_proven() -> None:
    office.on_einvoice(0)
    tracking, key = _bounced("einvoice_withdrawal")
    before = _register_email()
    assert _correct(key) == []
    outbox.deliver()
    (mail,) = office.mails_to(RIGHT)
    said = "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
    assert office.people()[0]["customer_no"][-3:] not in said.replace(tracking, "")
    assert _register_email() == before
    told, notice = _told(tracking)
    assert (told["state"], len(told["sendings"])) == ("sent", 2)
    assert (told["correctable"], notice["correctable"]) == (False, False)


def _register_email() -> str | None:
    with transaction() as session:
        return session.get_one(Customer, office.people()[0]["customer_no"]).email


def test_who_does_not_know_two_things_changes_nothing_and_is_counted() -> None:
    tracking, key = _bounced()
    wrong = _caller(answer="0000") if office.people()[0]["pesel"][-4:] != "0000" else _caller(answer="1111")
    for _ in range(get_settings().case_tries):
        assert [problem.code for problem in _correct(key, wrong)] == ["caller_unknown"]
    with pytest.raises(RefusedError) as refused:
        _correct(key)
    assert [problem.code for problem in refused.value.problems] == ["too_many_tries"]
    assert [one["state"] for one in _told(tracking)] == ["bounced"]
    assert {action for action, _ in _audited(tracking)} == {"caller_unknown"}
    with transaction() as session:
        assert session.scalars(select(Proof.void)).all() == [None]


def test_wrong_answers_count_in_all_cases_of_a_customer_together_and_in_no_other_customers() -> None:
    cases = [_bounced("einvoice_acceptance"), _bounced("ebok_signup")]
    wrong = _caller(answer="0000") if office.people()[0]["pesel"][-4:] != "0000" else _caller(answer="1111")
    for number in range(get_settings().case_tries):
        assert [problem.code for problem in _correct(cases[number % 2][1], wrong)] == ["caller_unknown"]
    for _, key in cases:
        with pytest.raises(RefusedError) as refused:
            _correct(key)
        assert [problem.code for problem in refused.value.problems] == ["too_many_tries"]
    _, other = _bounced(person=1)
    assert _correct(other, _caller(1)) == []


@pytest.mark.parametrize("code", ["einvoice_acceptance", "ebok_signup"])
def test_the_address_before_is_told_of_every_correction_by_telephone(code: str) -> None:
    tracking, key = _bounced(code, state=MessageState.SENT.value, last_error=None)
    before = str(office.values(code)["email"])
    assert _correct(key) == []
    outbox.deliver()
    assert _correct(_told(tracking)[-2]["key"], email="trzeci@example.com") == []
    outbox.deliver()
    told = [office.mails_to(address)[-1] for address in (before, RIGHT)]
    for mail in told:
        body = mail.get_body(("plain",))
        assert body is not None
        said = str(body.get_content()).replace("\N{NO-BREAK SPACE}", " ")
        assert tracking in said and get_settings().company_phones[0] in said and "prosił ktoś inny" in said
        assert "/potwierdzenie/" not in said
        row = office.people()[0]
        assert not [one for one in ("trzeci", row["customer_no"], row["pesel"]) if one in said]
    assert len(office.mails_to("trzeci@example.com")) == 1, "only the link"


def test_an_address_that_takes_no_mail_is_not_told() -> None:
    tracking, key = _bounced()
    with transaction() as session:
        stop(session, str(office.values("einvoice_acceptance")["email"]), "unknown_user")
    assert _correct(key) == []
    assert [one["template"] for one in _told(tracking)] == ["einvoice_link", "einvoice_link"]


def test_of_a_customer_with_neither_pesel_nor_telephone_nothing_is_asked() -> None:
    tracking, key = _bounced()
    with transaction() as session:
        customer = session.get_one(Customer, office.people()[0]["customer_no"])
        customer.pesel = customer.phone = None
    with pytest.raises(RefusedError) as refused:
        _correct(key, _caller(answer=""))
    (problem,) = refused.value.problems
    assert (problem.code, "formularz" in problem.message) == ("nothing_to_ask", True)
    assert _audited(tracking) == []


def test_an_address_that_has_no_room_today_is_told_to_the_clerk_before_anything_is_corrected() -> None:
    tracking, key = _bounced()
    with transaction() as session:
        for _ in range(get_settings().unproven_mails_per_day):
            assert take_room(session, RIGHT)
    assert [problem.code for problem in _correct(key)] == ["no_room_today"]
    assert [one["state"] for one in _told(tracking)] == ["bounced"]
    assert _correct(key, email="inny@example.com") == []


def test_the_number_of_another_customer_is_a_wrong_answer() -> None:
    _, key = _bounced()
    assert [problem.code for problem in _correct(key, _caller(1))] == ["caller_unknown"]


@pytest.mark.parametrize(("email", "code"), [("", "email_missing"), ("nie adres", "bad_email")])
def test_an_address_that_is_none_is_told_before_anything_is_counted(email: str, code: str) -> None:
    tracking, key = _bounced()
    problems = _correct(key, _caller(answer="x"), email)
    assert [problem.field for problem in problems] == ["email"]
    assert problems[0].code == code or code == "bad_email"
    assert _audited(tracking) == []


def test_the_same_address_and_one_that_takes_no_mail_are_refused() -> None:
    _, key = _bounced()
    given = office.values("einvoice_acceptance")["email"]
    assert [problem.code for problem in _correct(key, email=str(given))] == ["same_address"]
    with transaction() as session:
        stop(session, RIGHT, "unknown_user")
    assert [problem.code for problem in _correct(key)] == ["address_stopped"]


def test_a_link_that_was_used_needs_no_other_address() -> None:
    tracking, key = _bounced()
    token = office.link_to(0).rpartition("/")[2]
    with transaction() as session:
        prove(session, token)
    assert _told(tracking)[0]["correctable"] is False
    with pytest.raises(RefusedError):
        _correct(key)


def test_an_address_is_corrected_though_its_message_was_taken_for_sent() -> None:
    tracking, key = _bounced(state=MessageState.SENT.value, last_error=None)
    assert _correct(key) == []
    assert [one["state"] for one in _told(tracking)] == ["sent", "pending", "pending"]


def test_of_a_link_that_does_not_arrive_a_letter_tells_the_number_of_the_case_and_never_the_link() -> None:
    tracking, key = _bounced()
    token = office.link_to(0).rpartition("/")[2]
    with transaction() as session:
        messages.print_message(session, key, EWA)
    with pytest.raises(RefusedError), transaction() as session:
        messages.print_message(session, key, EWA)
    (sent,) = outbox.deliver()
    assert (sent.template, sent.channel.value) == ("link_undelivered", "letter")
    first, letter = _told(tracking)
    assert (first["state"], letter["state"], first["correctable"]) == ("closed", "sent", True)
    (pdf,) = get_settings().outgoing.glob("letters/*.pdf")
    assert token.encode() not in pdf.read_bytes()
    assert _correct(key) == [], "he has called"
    outbox.deliver()
    assert len(office.mails_to(RIGHT)) == 1


def test_without_a_whole_address_no_letter_takes_the_place_of_a_message() -> None:
    tracking, key = _bounced()
    with transaction() as session:
        session.execute(update(Customer).values(house=None))
    with pytest.raises(RefusedError) as refused, transaction() as session:
        messages.print_message(session, key, EWA)
    assert [problem.code for problem in refused.value.problems] == ["no_address"]
    assert [one["state"] for one in _told(tracking)] == ["bounced"]


def test_the_reason_for_which_a_message_is_closed_stays_with_it_whatever_its_document_is() -> None:
    tracking, key = _bounced()
    assert _state(tracking) is State.CONFIRMED
    with transaction() as session:
        messages.close_message(session, key, EWA, "Powiedziano mu przez telefon.")
    (told,) = _told(tracking)
    assert (told["state"], told["closing"]) == ("closed", "Powiedziano mu przez telefon.")


def test_without_a_reason_no_message_is_closed() -> None:
    tracking, key = _bounced()
    with transaction() as session, pytest.raises(RefusedError) as refused:
        messages.close_message(session, key, EWA, " \n")
    assert [problem.code for problem in refused.value.problems] == ["reason_missing"]
    assert [one["state"] for one in _told(tracking)] == ["bounced"]


def test_the_reason_of_a_message_that_is_closed_may_hold_no_pesel() -> None:
    tracking, key = _bounced()
    with transaction() as session, pytest.raises(RefusedError):
        messages.close_message(session, key, EWA, f"Dzwonił, PESEL {office.people()[0]['pesel']}")
    assert [one["state"] for one in _told(tracking)] == ["bounced"]


def test_a_case_is_settled_only_when_its_last_message_has_ended() -> None:
    tracking, key = _bounced()
    with transaction() as session:
        session.execute(update(Document).where(Document.tracking == tracking).values(state=State.APPLIED.value))
        outbox.enqueue(
            session,
            key=f"{tracking}-another",
            tracking=tracking,
            channel=Medium.SMS,
            recipient="600700800",
            template="received",
            context={},
        )
        messages.close_message(session, key, EWA, "Powiedziano mu przez telefon.")
    assert _state(tracking) is State.APPLIED


def _state(tracking: str) -> State:
    with transaction() as session:
        return loading.load(session, tracking).at


def test_a_message_that_was_read_of_nobody_has_no_address_to_correct() -> None:
    with pytest.raises(RefusedError):
        _correct("no such message")
