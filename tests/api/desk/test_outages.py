"""The desk tells customers of an outage: looked at first, sent by who may, told to be over."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update

from access.roles import Role
from benchmarks import office
from confirmations.tables import Message
from customers.tables import Account, Customer
from database.engine import reading, transaction
from notices.choices import Switch, choose
from notices.kinds import NoticeKind
from notices.tables import Outage
from tests.api.desk.staff import Desk

PAGE = "/biuro/przerwy"
TYPED = {"street": "Wymyślona", "begins_at": "2099-12-01T08:00", "ends_at": "2099-12-01T14:00", "parity": "all"}


def with_accounts() -> list[str]:
    """Two customers of one street, the first of whom wants e-mails about outages."""
    office.fill_register()
    numbers = [str(row["customer_no"]) for row in office.people()[:2]]
    for place, number in enumerate(numbers):
        office.open_account(number, f"o{place}@example.com")
        with transaction() as session:
            session.execute(update(Customer).where(Customer.customer_no == number).values(street="Wymyślona"))
            account = session.scalars(select(Account).where(Account.customer_no == number)).one()
            choose(session, account, {NoticeKind.OUTAGE: Switch(by_sms=False, by_email=place == 0)})
    return numbers


def messages() -> list[str]:
    with reading() as session:
        found = session.scalars(select(Message).where(Message.role == "notice").order_by(Message.id))
        return [f"{one.template} {one.recipient}" for one in found]


def outage() -> Outage:
    with reading() as session:
        return session.scalars(select(Outage)).one()


def test_it_is_shown_before_it_is_sent_and_goes_once(desk: Callable[..., Desk]) -> None:
    with_accounts()
    jan = desk("jan", Role.SUPERVISOR)
    shown = jan.post(PAGE, **TYPED, remark="Woda w beczkowozie.").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "<dt>Klientów pod tymi numerami</dt><dd>2</dd>" in shown and "<dt>Tylko e-mail</dt><dd>1</dd>" in shown
    assert "Woda w beczkowozie." in shown and "części: 1" in shown and messages() == []
    here = f"{PAGE}/{outage().number}"
    for _ in range(2):
        assert "idą do klientów" in jan.post(f"{here}/wyslij").text.replace("\N{NO-BREAK SPACE}", " ")
    assert messages() == ["notice_outage o0@example.com"]
    assert "<dt>E-maili</dt><dd>1</dd>" in jan.browser.get(here).text
    jan.post(f"{here}/usun")
    assert outage().announced_at is not None, "what was sent stays"
    for _ in range(2):
        jan.post(f"{here}/przywrocono")
    assert messages()[1:] == ["notice_restored o0@example.com"]
    assert "woda przywrócona" in jan.browser.get(PAGE).text.replace("\N{NO-BREAK SPACE}", " ")


def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(desk: Callable[..., Desk]) -> None:
    with_accounts()
    jan = desk("jan", Role.SUPERVISOR)
    answer = jan.post(PAGE, **{**TYPED, "street": "Nieznana"})
    assert answer.status_code == 422
    assert (
        'id="street-error"' in answer.text and 'value="Nieznana"' in answer.text and "2099-12-01T14:00" in answer.text
    )
    assert '<option value="Wymyślona">' not in answer.text, "the index of streets is made by imports"
    assert jan.browser.get(f"{PAGE}/77").status_code == 404
    assert jan.post(f"{PAGE}/77/wyslij").status_code == 404


def test_one_that_was_only_prepared_can_be_deleted(desk: Callable[..., Desk]) -> None:
    with_accounts()
    jan = desk("jan", Role.SUPERVISOR)
    jan.post(PAGE, **TYPED)
    assert "Nikt niczego nie dostał" in jan.post(f"{PAGE}/{outage().number}/usun").text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    with reading() as session:
        assert session.scalars(select(Outage)).all() == []


def test_a_clerk_may_not(desk: Callable[..., Desk]) -> None:
    ola = desk("ola", Role.CLERK)
    assert ola.browser.get(PAGE).status_code == 403 and "Brak wody" not in ola.browser.get("/biuro/").text
